package listing

import (
	"juli/internal/authz"
	"juli/internal/casework"
)

// Candidate is a row that nobody has taken yet: it has no case.
const Candidate = "candidate"

// The states of an entry.
const (
	Taken     = "taken"
	InReview  = "review"
	Confirmed = "confirmed"
	InReply   = "reply"
	Answered  = "answered"
	Listed    = "listed"
	Repairing = "repairing"
	Disputed  = "correcting"
	Repaired  = "repaired"
	Ended     = "ended"
	Annulled  = "annulled"
	Dropped   = "dropped"
)

// The acts on an entry.
const (
	actTake        = "take"
	actAskReview   = "ask-review"
	ActConfirm     = "confirm"
	ActReject      = "reject"
	actNotify      = "notify"
	ActReply       = "reply"
	actSilent      = "silent"
	ActWeigh       = "weigh"
	ActDrop        = "drop"
	actList        = "list"
	ActApplyRepair = "apply-repair"
	ActGrantRepair = "grant-repair"
	ActDenyRepair  = "deny-repair"
	ActAskCorrect  = "ask-correct"
	ActCorrect     = "correct"
	ActKeep        = "keep"
	actEnd         = "end"
	ActDropLate    = "drop-late"
	actAbandoned   = "abandon"
)

// EntryMachine is the way of one entry: its district looks, its enterprise
// answers, and once it is public it ends by term, by repair or by a correction.
var EntryMachine = casework.Must(casework.Machine{
	Name: "listing_entry", Title: "红黑榜条目", Basis: "物业服务企业信用评价办法；陈述申辩和修复期限由红黑榜规则规定",
	States: []casework.State{
		{Name: Taken, Title: "已选定"},
		{Name: InReview, Title: "待区县复核"},
		{Name: Confirmed, Title: "区县已确认"},
		{Name: InReply, Title: "待陈述申辩"},
		{Name: Answered, Title: "待市级审定"},
		{Name: Listed, Title: "在榜"},
		{Name: Repairing, Title: "修复审查中"},
		{Name: Disputed, Title: "更正审查中"},
		{Name: Repaired, Title: "已修复移出", Final: true},
		{Name: Ended, Title: "已期满移出", Final: true},
		{Name: Annulled, Title: "已更正撤销", Final: true},
		{Name: Dropped, Title: "未列入", Final: true},
	},
	Acts: []casework.Act{
		{Name: actTake, Title: "选定", From: []string{casework.Start}, To: Taken, May: authz.ListPropose},
		{Name: actAskReview, Title: "送区县复核", From: []string{Taken}, To: InReview, Holder: authz.DistrictBureau},
		{Name: ActConfirm, Title: "确认属实", From: []string{InReview}, To: Confirmed, May: authz.ListReview, ByHolder: true, Not: []string{actTake}},
		{Name: ActReject, Title: "不同意列入", From: []string{InReview}, To: Dropped, May: authz.ListReview, ByHolder: true, NeedsNote: true, Not: []string{actTake}},
		{Name: actNotify, Title: "告知企业", From: []string{Confirmed}, To: InReply, Holder: authz.Enterprise},
		{Name: ActReply, Title: "陈述申辩", From: []string{InReply}, To: Answered, May: authz.ListReply, ByHolder: true},
		{Name: actSilent, Title: "期满未申辩", From: []string{InReply}, To: Answered},
		{Name: ActWeigh, Title: "处理申辩", From: []string{Answered}, To: casework.Same, May: authz.ListPropose},
		{Name: ActDrop, Title: "不予列入", From: []string{Taken, Answered}, To: Dropped, May: authz.ListPropose, NeedsNote: true},
		{Name: ActDropLate, Title: "区县逾期未复核，不予列入", From: []string{InReview}, To: Dropped, May: authz.ListPropose, NeedsNote: true},
		{Name: actAbandoned, Title: "本批终止", From: []string{Taken, InReview, Confirmed, Answered}, To: Dropped},
		{Name: actList, Title: "公布列入", From: []string{Answered}, To: Listed},
		{Name: ActApplyRepair, Title: "申请修复", From: []string{Listed}, To: Repairing, May: authz.ListRepair, Holder: authz.CityBureau},
		{Name: ActGrantRepair, Title: "准予移出", From: []string{Repairing}, To: Repaired, May: authz.ListDecide, ByHolder: true, Not: []string{actTake, ActApplyRepair}},
		{Name: ActDenyRepair, Title: "不予移出", From: []string{Repairing}, To: Listed, May: authz.ListDecide, ByHolder: true, NeedsNote: true, Not: []string{ActApplyRepair}},
		{Name: ActAskCorrect, Title: "提请更正", From: []string{Listed}, To: Disputed, May: authz.ListPropose, NeedsNote: true, Holder: authz.CityBureau},
		{Name: ActCorrect, Title: "更正撤销", From: []string{Disputed}, To: Annulled, May: authz.ListCorrect, ByHolder: true, NeedsNote: true, Not: []string{ActAskCorrect}},
		{Name: ActKeep, Title: "维持列入", From: []string{Disputed}, To: Listed, May: authz.ListCorrect, ByHolder: true, NeedsNote: true, Not: []string{ActAskCorrect}},
		{Name: actEnd, Title: "期满移出", From: []string{Listed, Repairing, Disputed}, To: Ended},
	},
})
