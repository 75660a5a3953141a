package deed

import (
	"juli/internal/authz"
	"juli/internal/casework"
)

// The states of a deed.
const (
	Collected  = "collected"
	Accepted   = "accepted"
	Scheduled  = "scheduled"
	Doing      = "doing"
	Done       = "done"
	Verified   = "verified"
	Closed     = "closed"
	Suspending = "suspending"
	Suspended  = "suspended"
	Declined   = "declined"
)

// The acts on a deed.
const (
	ActCollect = "collect"
	ActImport  = "import"
	ActAccept  = "accept"
	ActDecline = "decline"
	ActPlan    = "plan"
	ActBegin   = "begin"
	ActReport  = "report"
	ActFile    = "file"
	ActSuspend = "suspend"
	ActSign    = "sign"
	ActUnsign  = "unsign"
	ActResume  = "resume"
	ActDone    = "done"
	ActName    = "name"
	ActCall    = "call"
	ActVerify  = "verify"
	ActRedo    = "redo"
	ActClose   = "close"
	ActPublish = "publish"
)

// A refused suspension leaves a deed where it was.
const (
	actUnsignPlanned = "unsign_scheduled"
	actUnsignBegun   = "unsign_doing"
)

var unsigns = map[string]string{Accepted: ActUnsign, Scheduled: actUnsignPlanned, Doing: actUnsignBegun}

// workers are the acts of those who answer for a deed: none of them calls back.
var workers = []string{ActPlan, ActBegin, ActReport, ActDone}

// Machine is the procedure of a deed. The terms are the rulebook's.
var Machine = casework.Must(casework.Machine{
	Name: "deed", Title: "为群众办实事", Basis: "“我为群众办实事”实践活动台账做法；状态、期限为本系统默认值，期限见实事台账规则",
	States: []casework.State{
		{Name: Collected, Title: "待受理"},
		{Name: Accepted, Title: "待排定"},
		{Name: Scheduled, Title: "已排定"},
		{Name: Doing, Title: "办理中"},
		{Name: Done, Title: "待回访"},
		{Name: Verified, Title: "待销号"},
		{Name: Closed, Title: "已销号", Final: true},
		{Name: Suspending, Title: "暂缓待签批"},
		{Name: Suspended, Title: "已暂缓"},
		{Name: Declined, Title: "不予受理", Final: true},
	},
	Acts: []casework.Act{
		{Name: ActCollect, Title: "登记", From: []string{casework.Start}, To: Collected, May: authz.DeedCollect, Holder: authz.DistrictBureau},
		{Name: ActImport, Title: "导入往年实事", From: []string{casework.Start}, To: Closed, May: authz.DeedImport},
		{Name: ActAccept, Title: "受理", From: []string{Collected}, To: Accepted, May: authz.DeedAccept, ByHolder: true},
		{Name: ActDecline, Title: "不予受理", From: []string{Collected}, To: Declined, May: authz.DeedAccept, ByHolder: true, NeedsNote: true},
		{Name: ActPlan, Title: "排定措施和期限", From: []string{Accepted}, To: Scheduled, May: authz.DeedWork, ByHolder: true},
		{Name: ActBegin, Title: "开始办理", From: []string{Scheduled}, To: Doing, May: authz.DeedWork, ByHolder: true},
		{Name: ActReport, Title: "报告进展", From: []string{Doing}, To: casework.Same, May: authz.DeedWork, ByHolder: true},
		{Name: ActFile, Title: "上传照片材料", From: []string{Accepted, Scheduled, Doing}, To: casework.Same, May: authz.DeedWork, ByHolder: true},
		{Name: ActSuspend, Title: "提请暂缓", From: []string{Accepted, Scheduled, Doing}, To: Suspending, May: authz.DeedWork, ByHolder: true, NeedsNote: true, Holder: authz.DistrictBureau},
		{Name: ActSign, Title: "签批暂缓", From: []string{Suspending}, To: Suspended, May: authz.DeedSign, ByHolder: true, Not: []string{ActSuspend}, Holder: authz.DistrictBureau},
		{Name: ActUnsign, Title: "不同意暂缓，退回排定", From: []string{Suspending}, To: Accepted, May: authz.DeedSign, ByHolder: true, Not: []string{ActSuspend}, NeedsNote: true},
		{Name: actUnsignPlanned, Title: "不同意暂缓，按原计划开始", From: []string{Suspending}, To: Scheduled, May: authz.DeedSign, ByHolder: true, Not: []string{ActSuspend}, NeedsNote: true},
		{Name: actUnsignBegun, Title: "不同意暂缓，继续办理", From: []string{Suspending}, To: Doing, May: authz.DeedSign, ByHolder: true, Not: []string{ActSuspend}, NeedsNote: true},
		{Name: ActResume, Title: "恢复办理", From: []string{Suspended}, To: Accepted, May: authz.DeedAccept, ByHolder: true, Not: []string{ActSuspend}, NeedsNote: true},
		{Name: ActDone, Title: "办结", From: []string{Doing}, To: Done, May: authz.DeedWork, ByHolder: true, Holder: authz.DistrictBureau},
		{Name: ActName, Title: "登记回访对象", From: []string{Done}, To: casework.Same, May: authz.DeedVerify, ByHolder: true, Not: workers},
		{Name: ActCall, Title: "记录回访", From: []string{Done}, To: casework.Same, May: authz.DeedVerify, ByHolder: true, Not: workers},
		{Name: ActVerify, Title: "回访通过", From: []string{Done}, To: Verified, May: authz.DeedVerify, ByHolder: true, Not: workers, Holder: authz.DistrictBureau},
		{Name: ActRedo, Title: "退回继续办理", From: []string{Done}, To: Doing, May: authz.DeedVerify, ByHolder: true, Not: workers, NeedsNote: true},
		{Name: ActClose, Title: "销号", From: []string{Verified}, To: Closed, May: authz.DeedAccept, ByHolder: true, Not: []string{ActDone}},
		{Name: ActPublish, Title: "设置公开", From: []string{Accepted, Scheduled, Doing, Done, Verified, Closed, Suspended}, To: casework.Same, May: authz.DeedPublish},
	},
})

// The states and acts of a district's month.
const (
	MonthDue      = "due"
	MonthReported = "reported"
	ActOpenMonth  = "open"
	ActFreeze     = "freeze"
)

// MonthMachine is the monthly duty: the district looks at its totals and freezes
// them; the city is the sum of the districts.
var MonthMachine = casework.Must(casework.Machine{
	Name: "deed_month", Title: "实事台账月报", Basis: "“我为群众办实事”实践活动台账做法（按月报告）；期限为本系统默认值",
	States: []casework.State{{Name: MonthDue, Title: "待报送"}, {Name: MonthReported, Title: "已报送冻结", Final: true}},
	Acts: []casework.Act{
		{Name: ActOpenMonth, Title: "提示报送", From: []string{casework.Start}, To: MonthDue, Holder: authz.DistrictBureau},
		{Name: ActFreeze, Title: "报送并冻结", From: []string{MonthDue}, To: MonthReported, May: authz.DeedMonth, ByHolder: true},
	},
})
