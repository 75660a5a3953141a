package listing

import (
	"juli/internal/authz"
	"juli/internal/casework"
)

// The states of a batch.
const (
	Collecting = "collecting"
	ScoredAll  = "scored"
	Reviewing  = "district_review"
	Replying   = "company_reply"
	Approved   = "city_approved"
	Published  = "published"
	Corrected  = "corrected"
	Expired    = "expired"
	Abandoned  = "abandoned"
)

// The acts on a batch.
const (
	actOpen     = "open"
	ActScore    = "score"
	ActBack     = "back"
	ActSend     = "send"
	actReviewed = "reviewed"
	actReplied  = "replied"
	ActApprove  = "approve"
	ActReturn   = "return"
	ActWithhold = "withhold"
	ActUncover  = "uncover"
	ActPublish  = "publish"
	actCorrect  = "correct"
	actExpire   = "expire"
	ActAbandon  = "abandon"
)

// BatchMachine is the way of a batch. It waits for the city but while districts
// look and enterprises answer; who approves does not publish.
var BatchMachine = casework.Must(casework.Machine{
	Name: "listing_batch", Title: "红黑榜批次", Basis: "物业服务企业信用评价办法；政府信息公开条例第十九条；各步期限由红黑榜规则规定",
	States: []casework.State{
		{Name: Collecting, Title: "收集候选"},
		{Name: ScoredAll, Title: "已评分选定"},
		{Name: Reviewing, Title: "区县复核中"},
		{Name: Replying, Title: "企业陈述申辩中"},
		{Name: Approved, Title: "已审定待公布"},
		{Name: Published, Title: "已公布"},
		{Name: Corrected, Title: "已公布有更正"},
		{Name: Expired, Title: "期满下榜", Final: true},
		{Name: Abandoned, Title: "已终止", Final: true},
	},
	Acts: []casework.Act{
		{Name: actOpen, Title: "开始一批", From: []string{casework.Start}, To: Collecting, May: authz.ListPropose, Holder: authz.CityBureau},
		{Name: ActScore, Title: "完成评分选定", From: []string{Collecting}, To: ScoredAll, May: authz.ListPropose, ByHolder: true, Holder: authz.CityBureau},
		{Name: ActBack, Title: "退回收集", From: []string{ScoredAll}, To: Collecting, May: authz.ListPropose, ByHolder: true, Holder: authz.CityBureau},
		{Name: ActSend, Title: "送区县复核", From: []string{ScoredAll}, To: Reviewing, May: authz.ListPropose, ByHolder: true},
		{Name: actReviewed, Title: "区县复核完毕", From: []string{Reviewing}, To: Replying},
		{Name: actReplied, Title: "陈述申辩结束", From: []string{Replying}, To: casework.Same, Holder: authz.CityBureau},
		{Name: ActApprove, Title: "审定", From: []string{Replying}, To: Approved, May: authz.ListPropose, ByHolder: true, Holder: authz.CityBureau},
		{Name: ActReturn, Title: "不同意公布，退回", From: []string{Approved}, To: Replying, May: authz.ListPublish, ByHolder: true, NeedsNote: true, Not: []string{ActApprove}, Holder: authz.CityBureau},
		{Name: ActWithhold, Title: "隐去申辩中的个人信息", From: []string{Approved}, To: casework.Same, May: authz.ListPublish, ByHolder: true, Not: []string{ActApprove}},
		{Name: ActUncover, Title: "恢复公开申辩原文", From: []string{Approved}, To: casework.Same, May: authz.ListPublish, ByHolder: true, Not: []string{ActApprove}},
		{Name: ActPublish, Title: "公布", From: []string{Approved}, To: Published, May: authz.ListPublish, ByHolder: true, Not: []string{ActApprove}},
		{Name: actCorrect, Title: "有条目更正", From: []string{Published}, To: Corrected},
		{Name: actExpire, Title: "全部下榜", From: []string{Published, Corrected}, To: Expired},
		{Name: ActAbandon, Title: "终止", From: []string{Collecting, ScoredAll, Replying}, To: Abandoned, May: authz.ListPropose, ByHolder: true, NeedsNote: true},
	},
})
