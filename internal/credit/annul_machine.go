package credit

import (
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
)

// The states of a request to annul a record.
const (
	AnnulAsked   = "asked"
	AnnulAgreed  = "agreed"
	AnnulRefused = "refused"
)

// The acts on it.
const (
	ActAskAnnul    = "ask-annul"
	ActAgreeAnnul  = "agree-annul"
	ActRefuseAnnul = "refuse-annul"
)

// AnnulMachine is the way of taking a record back that several persons established:
// one asks with the paper that sets its basis aside, another agrees.
var AnnulMachine = casework.Must(casework.Machine{
	Name: "credit_annulment", Title: "撤销信用信息", Basis: "已认定的信用信息须由两人办理并附撤销依据；期限为系统的内控要求，非法规条文",
	States: []casework.State{
		{Name: AnnulAsked, Title: "待决定是否撤销"},
		{Name: AnnulAgreed, Title: "已撤销", Final: true},
		{Name: AnnulRefused, Title: "不予撤销"},
	},
	Acts: []casework.Act{
		{Name: ActAskAnnul, Title: "提请撤销", From: []string{casework.Start, AnnulRefused}, To: AnnulAsked, May: authz.CreditAnnul, NeedsNote: true, Most: sayMost, Term: day.MustTerm("5wd")},
		{Name: ActAgreeAnnul, Title: "同意撤销", From: []string{AnnulAsked}, To: AnnulAgreed, May: authz.CreditAnnul, ByHolder: true, Not: []string{ActAskAnnul}},
		{Name: ActRefuseAnnul, Title: "不同意撤销", From: []string{AnnulAsked}, To: AnnulRefused, May: authz.CreditAnnul, ByHolder: true, NeedsNote: true, Not: []string{ActAskAnnul}},
	},
})
