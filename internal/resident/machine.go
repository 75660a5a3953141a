package resident

import (
	"juli/internal/authz"
	"juli/internal/casework"
)

// The states of a report.
const (
	Submitted    = "submitted"
	Signed       = "signed"
	Dispatched   = "dispatched"
	Returned     = "returned" // the wrong office
	Answered     = "answered"
	ReviewBack   = "review_back"
	ReviewPassed = "review_passed"
	Rated        = "rated"
	Reopened     = "reopened"
	Urged        = "urged" // overdue, with the district
	Supervised   = "supervised"
	Merged       = "merged"
	Closed       = "closed"   // may be opened again for a while
	Archived     = "archived" // for good
	Refused      = "refused"
)

// The acts on a report.
const (
	actSubmit     = "submit"
	ActSign       = "sign"
	ActDispatch   = "dispatch"
	actAuto       = "auto"
	ActRefuse     = "refuse"
	ActReturn     = "return"
	ActAnswer     = "answer"
	ActReviewBack = "review_back"
	ActPass       = "pass"
	actPassAuto   = "pass_auto"
	actRate       = "rate"
	actReopen     = "reopen"
	actClose      = "close"
	actArchive    = "archive"
	actOverdue    = "overdue"
	ActGiveTime   = "give_time"
	ActCase       = "case"
	ActExtend     = "extend"
	ActTopic      = "topic"
	ActMerge      = "merge"
	actUnmerge    = "unmerge_" // and the state it returns to
)

// answerable are the states in which an office owes an answer.
var answerable = []string{Dispatched, Reopened, ReviewBack, Urged, Supervised}

// mergeable are the states out of which a report may be merged into another.
var mergeable = []string{Submitted, Signed, Dispatched, Returned, Reopened, ReviewBack, Urged}

// Machine is the procedure of a report. Terms and holders come from the rulebook.
var Machine = casework.Must(casework.Machine{
	Name:  "resident_report",
	Title: "居民诉求",
	Basis: "物业管理条例第四十八条；政务服务便民热线工单办理规则；期限见诉求办理规则册",
	States: []casework.State{
		{Name: Submitted, Title: "待签收"},
		{Name: Signed, Title: "已签收"},
		{Name: Dispatched, Title: "办理中"},
		{Name: Returned, Title: "退回重派"},
		{Name: Answered, Title: "已答复待审核"},
		{Name: ReviewBack, Title: "审核退回"},
		{Name: ReviewPassed, Title: "待居民评价"},
		{Name: Rated, Title: "居民已评价"},
		{Name: Reopened, Title: "未解决，重新办理"},
		{Name: Urged, Title: "逾期待督办"},
		{Name: Supervised, Title: "已立案督办"},
		{Name: Merged, Title: "已并入其他诉求"},
		{Name: Closed, Title: "已办结"},
		{Name: Archived, Title: "已归档", Final: true},
		{Name: Refused, Title: "不予受理", Final: true},
	},
	Acts: append([]casework.Act{
		{Name: actSubmit, Title: "反映", From: []string{casework.Start}, To: Submitted, May: authz.ReportFile},
		{Name: ActSign, Title: "签收", From: []string{Submitted}, To: Signed, May: authz.ReportSign, ByHolder: true},
		{Name: ActDispatch, Title: "派单", From: []string{Signed, Returned}, To: Dispatched, May: authz.ReportSign, ByHolder: true},
		{Name: actAuto, Title: "按规则直接派单", From: []string{Submitted}, To: Dispatched},
		{Name: ActRefuse, Title: "不予受理", From: []string{Submitted, Signed}, To: Refused, May: authz.ReportSign, ByHolder: true, NeedsNote: true},
		{Name: ActReturn, Title: "退回（非本单位职责）", From: []string{Dispatched}, To: Returned, May: authz.ReportAnswer, ByHolder: true, NeedsNote: true, Most: 1},
		{Name: ActAnswer, Title: "答复", From: answerable, To: Answered, May: authz.ReportAnswer},
		{Name: ActReviewBack, Title: "审核退回", From: []string{Answered}, To: ReviewBack, May: authz.ReportReview, ByHolder: true, NeedsNote: true, Not: []string{ActAnswer}},
		{Name: ActPass, Title: "审核通过", From: []string{Answered}, To: ReviewPassed, May: authz.ReportReview, ByHolder: true, Not: []string{ActAnswer}},
		{Name: actPassAuto, Title: "无须审核", From: []string{Answered}, To: ReviewPassed},
		{Name: actRate, Title: "居民评价", From: []string{ReviewPassed}, To: Rated},
		{Name: actReopen, Title: "居民表示未解决", From: []string{ReviewPassed, Rated, Closed}, To: Reopened},
		{Name: actClose, Title: "办结", From: []string{ReviewPassed, Rated}, To: Closed},
		{Name: actArchive, Title: "归档", From: []string{Closed}, To: Archived},
		{Name: actOverdue, Title: "逾期", From: []string{Dispatched, Reopened, ReviewBack}, To: Urged, Holder: authz.DistrictBureau},
		{Name: ActGiveTime, Title: "准予延后", From: []string{Urged}, To: Dispatched, May: authz.ReportUrge, ByHolder: true, NeedsNote: true, Most: 1},
		{Name: ActCase, Title: "立案督办", From: []string{Urged}, To: Supervised, May: authz.ReportUrge, ByHolder: true},
		{Name: ActExtend, Title: "延期", From: []string{Dispatched, Reopened}, To: casework.Same, May: authz.ReportSign, NeedsNote: true, Most: 1},
		{Name: ActTopic, Title: "更正类别", From: []string{Submitted, Signed, Dispatched, Returned}, To: casework.Same, May: authz.ReportSign, NeedsNote: true, Most: 2},
		{Name: ActMerge, Title: "并入其他诉求", From: mergeable, To: Merged, May: authz.ReportMerge},
	}, unmerges()...),
})

// unmerges are the ways back out of a merger: to where the report stood.
func unmerges() []casework.Act {
	var acts []casework.Act
	for _, state := range mergeable {
		acts = append(acts, casework.Act{Name: actUnmerge + state, Title: "拆分（" + mergedFrom[state] + "）", From: []string{Merged}, To: state, May: authz.ReportMerge})
	}
	return acts
}

var mergedFrom = map[string]string{
	Submitted: "回到待签收", Signed: "回到已签收", Dispatched: "回到办理中", Returned: "回到重派", Reopened: "回到重新办理", ReviewBack: "回到审核退回", Urged: "回到待督办",
}

// SaidByResidents says whether a step is the residents' own word, which the log ties to nobody.
func SaidByResidents(s casework.Step) bool { return s.Act == actRate && s.Body == "" }
