package volunteer

import (
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
)

// The states of a volunteer.
const (
	Applied = "applied"
	Active  = "active"
	Refused = "refused"
	Left    = "left"
)

// The states of a call.
const (
	Open      = "open"
	Held      = "held"
	Confirmed = "confirmed"
	Cancelled = "cancelled"
)

// The acts.
const (
	ActApply   = "apply"
	ActEnter   = "enter"
	ActAccept  = "accept"
	ActRefuse  = "refuse"
	ActExpire  = "expire"
	ActLeave   = "leave"
	ActQuit    = "quit"
	ActPublish = "publish"
	ActPrint   = "print"
	ActHold    = "hold"
	ActConfirm = "confirm"
	ActServed  = "served"
	ActReturn  = "return"
	ActCancel  = "cancel"
)

// RosterMachine is the way of a volunteer. No text found sets the term; the rulebook may set another.
var RosterMachine = casework.Must(casework.Machine{
	Name: "volunteer", Title: "志愿者登记", Basis: "志愿服务条例；办理期限为本系统默认值",
	States: []casework.State{
		{Name: Applied, Title: "待确认"},
		{Name: Active, Title: "在册"},
		{Name: Refused, Title: "未登记", Final: true},
		{Name: Left, Title: "已退出", Final: true},
	},
	Acts: []casework.Act{
		{Name: ActApply, Title: "报名", From: []string{casework.Start}, To: Applied, May: authz.VolunteerPublic, Holder: authz.Community, Term: day.MustTerm("5wd")},
		{Name: ActEnter, Title: "登记志愿者", From: []string{casework.Start}, To: Active, May: authz.VolunteerEnter},
		{Name: ActAccept, Title: "确认登记", From: []string{Applied}, To: Active, May: authz.VolunteerEnter},
		{Name: ActRefuse, Title: "不予登记", From: []string{Applied}, To: Refused, May: authz.VolunteerEnter, NeedsNote: true},
		{Name: ActExpire, Title: "期满未确认", From: []string{Applied}, To: Refused},
		{Name: ActLeave, Title: "退出", From: []string{Applied, Active}, To: Left, May: authz.VolunteerEnter},
		{Name: ActQuit, Title: "本人退出", From: []string{Applied, Active}, To: Left, May: authz.VolunteerPublic},
	},
})

// CallMachine is the way of a call: who notes the hours does not confirm them, and
// never holds the slip by which who was served confirms them.
var CallMachine = casework.Must(casework.Machine{
	Name: "volunteer_call", Title: "志愿服务", Basis: "志愿服务条例第十九条（记录志愿服务信息；一般知识）；办理期限为本系统默认值",
	States: []casework.State{
		{Name: Open, Title: "招募中"},
		{Name: Held, Title: "待确认时长"},
		{Name: Confirmed, Title: "已确认", Final: true},
		{Name: Cancelled, Title: "已取消", Final: true},
	},
	Acts: []casework.Act{
		{Name: ActPublish, Title: "发布招募", From: []string{casework.Start}, To: Open, May: authz.VolunteerCall, Holder: authz.Community},
		{Name: ActPrint, Title: "打印服务对象确认单", From: []string{Open}, To: casework.Same, May: authz.VolunteerCall, Not: []string{ActHold}},
		{Name: ActHold, Title: "登记到场和时长", From: []string{Open}, To: Held, May: authz.VolunteerCall, Holder: authz.Community, Not: []string{ActPrint}, Term: day.MustTerm("5wd")},
		{Name: ActConfirm, Title: "确认时长", From: []string{Held}, To: Confirmed, May: authz.VolunteerConfirm, Not: []string{ActHold}},
		{Name: ActServed, Title: "服务对象确认时长", From: []string{Held}, To: Confirmed, May: authz.VolunteerServed, Not: []string{ActHold}},
		{Name: ActReturn, Title: "退回重新登记", From: []string{Held}, To: Open, May: authz.VolunteerConfirm, NeedsNote: true, Holder: authz.Community, Not: []string{ActHold}, Term: day.MustTerm("5wd")},
		{Name: ActCancel, Title: "取消", From: []string{Open}, To: Cancelled, May: authz.VolunteerCall, NeedsNote: true},
	},
})
