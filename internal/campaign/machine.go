package campaign

import (
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
)

// The states of a campaign.
const (
	Drafted   = "drafted"
	Approved  = "approved"
	DrawnUp   = "drawn"
	Running   = "running"
	Concluded = "concluded"
	Cancelled = "cancelled"
)

// The acts on a campaign.
const (
	actDraft    = "draft"
	ActApprove  = "approve"
	ActSeed     = "seed"
	ActDraw     = "draw"
	ActStart    = "start"
	ActConclude = "conclude"
	ActCancel   = "cancel"
)

// Machine is the procedure of a campaign: one drafts it, another approves it,
// which freezes the pool; then the draw, where a public number was agreed by two
// persons who each enter it; then the inspections. Terms are those of
// the rulebook.
var Machine = casework.Must(casework.Machine{
	Name:  "campaign",
	Title: "专项检查",
	Basis: "国办发〔2015〕58号（双随机、一公开）；期限为本系统默认值，以检查规则为准",
	States: []casework.State{
		{Name: Drafted, Title: "待批准"},
		{Name: Approved, Title: "待抽取"},
		{Name: DrawnUp, Title: "待开始"},
		{Name: Running, Title: "检查中"},
		{Name: Concluded, Title: "已总结", Final: true},
		{Name: Cancelled, Title: "已取消", Final: true},
	},
	Acts: []casework.Act{
		{Name: actDraft, Title: "起草", From: []string{casework.Start}, To: Drafted, May: authz.CampaignDraft, Holder: authz.CityBureau, Term: day.MustTerm("5wd")},
		{Name: ActApprove, Title: "批准并封存名单", From: []string{Drafted}, To: Approved, May: authz.CampaignApprove, ByHolder: true, Not: []string{actDraft}, Holder: authz.CityBureau, Term: day.MustTerm("5wd")},
		{Name: ActSeed, Title: "登记公布的数字", From: []string{Approved}, To: casework.Same, May: authz.CampaignDraw, ByHolder: true, Most: 10},
		{Name: ActDraw, Title: "抽取", From: []string{Approved}, To: DrawnUp, May: authz.CampaignDraw, ByHolder: true, Not: []string{ActSeed}, Holder: authz.CityBureau, Term: day.MustTerm("3wd")},
		{Name: ActStart, Title: "开始检查", From: []string{DrawnUp}, To: Running, May: authz.CampaignDraw, ByHolder: true, Holder: authz.CityBureau, Term: day.MustTerm("30d")},
		{Name: ActConclude, Title: "总结并公布", From: []string{Running}, To: Concluded, May: authz.CampaignConclude, ByHolder: true},
		{Name: ActCancel, Title: "取消", From: []string{Drafted, Approved, DrawnUp}, To: Cancelled, May: authz.CampaignConclude, ByHolder: true, NeedsNote: true},
	},
})

// The states of an inspection.
const (
	Assigned   = "assigned"
	Confirming = "confirming"
	Mending    = "mending"
	Mended     = "mended"
	Done       = "done"
	Dropped    = "dropped"
)

// The acts on an inspection.
const (
	actAssign  = "assign"
	ActSubmit  = "submit"
	ActRecuse  = "recuse"
	ActConfirm = "confirm"
	ActSettle  = "settle"
	ActReturn  = "return"
	ActReport  = "report"
	ActRecheck = "recheck"
	ActAgain   = "again"
	actDrop    = "drop"
)

// InspectionMachine is the procedure of one inspection by two persons: the first keeps
// the record, whatever was found, and the second confirms it. Nothing counts before
// that. Findings that lead to points become cases; what only has to be mended is ordered
// to be, and the second looks again.
var InspectionMachine = casework.Must(casework.Machine{
	Name:  "inspection",
	Title: "现场检查",
	Basis: "国办发〔2015〕58号；行政处罚法第42条（两人以上）；期限为本系统默认值，以检查规则为准",

	Personal: true, // the lot names who goes

	States: []casework.State{
		{Name: Assigned, Title: "待检查"},
		{Name: Confirming, Title: "待第二人确认"},
		{Name: Mending, Title: "限期整改"},
		{Name: Mended, Title: "待复查"},
		{Name: Done, Title: "已完成", Final: true},
		{Name: Dropped, Title: "未检查", Final: true},
	},
	Acts: []casework.Act{
		{Name: actAssign, Title: "派出", From: []string{casework.Start}, To: Assigned, May: authz.CampaignDraw, Holder: authz.DistrictBureau, Term: day.MustTerm("15d")},
		{Name: ActRecuse, Title: "回避", From: []string{Assigned}, To: Assigned, May: authz.InspectionDo, ByHolder: true, NeedsNote: true, Holder: authz.DistrictBureau, Most: 5},
		{Name: ActSubmit, Title: "提交检查记录", From: []string{Assigned}, To: Confirming, May: authz.InspectionDo, ByHolder: true, Holder: authz.DistrictBureau, Term: day.MustTerm("3wd")},
		{Name: ActConfirm, Title: "确认，责令整改", From: []string{Confirming}, To: Mending, May: authz.InspectionConfirm, ByHolder: true, Not: []string{ActSubmit}, Holder: authz.Enterprise, Term: day.MustTerm("30d")},
		{Name: ActSettle, Title: "确认检查结果", From: []string{Confirming}, To: Done, May: authz.InspectionConfirm, ByHolder: true, Not: []string{ActSubmit}},
		{Name: ActReturn, Title: "退回重查", From: []string{Confirming}, To: Assigned, May: authz.InspectionConfirm, ByHolder: true, Not: []string{ActSubmit}, NeedsNote: true, Holder: authz.DistrictBureau, Term: day.MustTerm("15d")},
		{Name: ActReport, Title: "报告整改完成", From: []string{Mending}, To: Mended, May: authz.InspectionMend, ByHolder: true, NeedsNote: true, Holder: authz.DistrictBureau, Term: day.MustTerm("3wd")},
		{Name: ActRecheck, Title: "复查通过", From: []string{Mended}, To: Done, May: authz.InspectionConfirm, ByHolder: true, Not: []string{ActSubmit}},
		{Name: ActAgain, Title: "复查未通过", From: []string{Mended}, To: Mending, May: authz.InspectionConfirm, ByHolder: true, Not: []string{ActSubmit}, NeedsNote: true, Holder: authz.Enterprise},
		{Name: actDrop, Title: "期满未检查", From: []string{Assigned}, To: Dropped},
	},
})
