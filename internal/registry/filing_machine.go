package registry

import (
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
)

// The states of a filing.
const (
	Draft     = "draft"
	Filed     = "filed"
	Returned  = "returned"
	Accepted  = "accepted"
	Withdrawn = "withdrawn"
)

// The acts on a filing.
const (
	actDraft    = "draft"
	actFile     = "file"
	ActAccept   = "accept"
	ActReturn   = "return"
	actWithdraw = "withdraw"
)

// FilingMachine is the procedure of a filing: the enterprise files, the district
// where the subject lies checks within 5 working days ([D]; the rulebook of
// deadlines may say otherwise) and registers or returns it with reasons.
var FilingMachine = casework.Must(casework.Machine{
	Name:  "registry_filing",
	Title: "登记备案",
	Basis: "物业管理条例；黑龙江省住宅物业管理条例；核对期限为本系统默认值",
	States: []casework.State{
		{Name: Draft, Title: "草稿"},
		{Name: Filed, Title: "待核对"},
		{Name: Returned, Title: "已退回"},
		{Name: Accepted, Title: "已登记", Final: true},
		{Name: Withdrawn, Title: "已撤回", Final: true},
	},
	Acts: []casework.Act{
		{Name: actDraft, Title: "起草", From: []string{casework.Start}, To: Draft, May: authz.RegistryFile, Holder: authz.Enterprise},
		{Name: actFile, Title: "提交备案", From: []string{Draft, Returned}, To: Filed, May: authz.RegistryFile, Holder: authz.DistrictBureau, Term: day.MustTerm("5wd")},
		{Name: ActAccept, Title: "核对登记", From: []string{Filed}, To: Accepted, May: authz.RegistryCheck, ByHolder: true, Not: []string{actFile}},
		{Name: ActReturn, Title: "退回", From: []string{Filed}, To: Returned, May: authz.RegistryCheck, ByHolder: true, Not: []string{actFile}, NeedsNote: true, Holder: authz.Enterprise},
		{Name: actWithdraw, Title: "撤回", From: []string{Draft, Filed, Returned}, To: Withdrawn, May: authz.RegistryFile},
	},
})
