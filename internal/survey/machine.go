package survey

import (
	"juli/internal/authz"
	"juli/internal/casework"
)

// The states of a survey.
const (
	Planned   = "planned"
	Open      = "open"
	Closed    = "closed"
	Proposed  = "proposed"
	Published = "published"
	Cancelled = "cancelled"
)

// The acts on a survey.
const (
	ActPlan    = "plan"
	ActOpen    = "open"
	ActPrint   = "print"
	ActClose   = "close"
	ActPropose = "propose"
	ActReturn  = "return"
	ActPublish = "publish"
	ActCancel  = "cancel"
)

// Machine is the way of a survey. Terms come from its rulebook. Whoever printed the
// slips saw every code and could have answered by them, so that person neither ends
// the asking nor proposes or publishes the result. Who proposed a result does not
// publish it; a survey is called off by another body than the one
// that runs it, with its reason, and stays on the public list.
var Machine = casework.Must(casework.Machine{
	Name: "survey", Title: "满意度调查", Basis: "黑龙江省住宅物业管理条例；期限由满意度调查规则规定（未查到法规条文）",
	States: []casework.State{
		{Name: Planned, Title: "待开始"},
		{Name: Open, Title: "正在调查"},
		{Name: Closed, Title: "待汇总"},
		{Name: Proposed, Title: "待公布"},
		{Name: Published, Title: "已公布", Final: true},
		{Name: Cancelled, Title: "已取消", Final: true},
	},
	Acts: []casework.Act{
		{Name: ActPlan, Title: "安排调查", From: []string{casework.Start}, To: Planned, May: authz.SurveyPlan, Holder: authz.Community},
		{Name: ActOpen, Title: "抽取住户并开始", From: []string{Planned}, To: Open, May: authz.SurveyRun, Holder: authz.Community},
		{Name: ActPrint, Title: "打印答卷单", From: []string{Open}, To: casework.Same, May: authz.SurveySlips},
		{Name: ActClose, Title: "结束调查", From: []string{Open}, To: Closed, May: authz.SurveyRun, Holder: authz.Community, Not: []string{ActPrint}},
		{Name: ActPropose, Title: "提请公布", From: []string{Closed}, To: Proposed, May: authz.SurveyRun, Holder: authz.DistrictBureau, Not: []string{ActPrint}},
		{Name: ActReturn, Title: "退回核对", From: []string{Proposed}, To: Closed, May: authz.SurveyPublish, NeedsNote: true, Holder: authz.Community, Not: []string{ActPropose}},
		{Name: ActPublish, Title: "公布结果", From: []string{Proposed}, To: Published, May: authz.SurveyPublish, Not: []string{ActPropose, ActPrint}},
		{Name: ActCancel, Title: "取消调查", From: []string{Planned, Open, Closed}, To: Cancelled, May: authz.SurveyCancel, NeedsNote: true},
	},
})
