package credit

import (
	"slices"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
)

// The states of a subject's duty to mend what a record was made for.
const (
	MendOwed     = "owed"
	MendReported = "reported"
	MendDone     = "done"
	mendOver     = "over"
)

// The acts on it.
const (
	mendOwe       = "owe"
	ActReportMend = "report-mend"
	ActReturnMend = "return-mend"
	mendSettle    = "settle"
	mendAgain     = "owe-again"
	mendClose     = "close"
)

// reportMost is how often the same mending can be reported.
const reportMost = 20

// mendCheck is how long the district has to look at what was reported, an assumed
// value: the measures name no term.
var mendCheck = day.MustTerm("5wd")

// MendMachine is the duty to mend beside the way of a record, with a clock of its
// own: it waits on the subject's desk from the notice on, whatever becomes of an
// objection, and with the district once it is reported.
var MendMachine = casework.Must(casework.Machine{
	Name: "credit_mend", Title: "信用信息的整改", Basis: "物业服务企业信用评价办法；整改期限由评价规则规定，确认期限为设定值",
	States: []casework.State{
		{Name: MendOwed, Title: "须整改并报告"},
		{Name: MendReported, Title: "已报告，待区县住建局确认"},
		{Name: MendDone, Title: "整改已确认"},
		{Name: mendOver, Title: "不再需要整改", Final: true},
	},
	Acts: []casework.Act{
		{Name: mendOwe, Title: "告知整改", From: []string{casework.Start}, To: MendOwed, Holder: authz.Enterprise},
		{Name: ActReportMend, Title: "报告整改完成", From: []string{casework.Start, MendOwed}, To: MendReported, May: authz.CreditAnswer, NeedsNote: true, Most: reportMost, Holder: authz.DistrictBureau, Term: mendCheck},
		{Name: ActReturnMend, Title: "退回整改报告", From: []string{MendReported}, To: MendOwed, May: authz.CreditCheck, NeedsNote: true, Not: []string{ActReportMend}, Holder: authz.Enterprise},
		{Name: mendSettle, Title: "确认整改", From: []string{MendOwed, MendReported}, To: MendDone},
		{Name: mendAgain, Title: "问题复发，重新整改", From: []string{MendDone}, To: MendOwed, Holder: authz.Enterprise},
		{Name: mendClose, Title: "信用信息已失效或修复", From: []string{MendOwed, MendReported, MendDone}, To: mendOver},
	},
})

// mendable are the states of a record in which its subject can say that it mended.
var mendable = []string{RecordNoticed, RecordObjected, RecordEffective, RecordRepairing}

// reportable says whether the mending of a record can be reported: it is against its
// subject, who knows of it, nobody has confirmed it yet, and no case follows it.
func (o *opened) reportable() bool {
	return o.bad() && !o.owned && o.c.Rectified == 0 && slices.Contains(mendable, o.c.State)
}

// owed says whether its subject was given a day to mend it by.
func (o *opened) owed() bool { return o.reportable() && o.c.Due != 0 }

// mendStep is what keeps a duty in step with its record; "" for nothing.
func (o *opened) mendStep(m casework.Case, known bool) string {
	live := slices.Contains(mendable, o.c.State)
	switch {
	case !known && o.owed():
		return mendOwe
	case !known || m.Closed:
		return ""
	case !live:
		return mendClose
	case o.c.Rectified != 0 && m.State != MendDone:
		return mendSettle
	case o.c.Rectified == 0 && m.State == MendDone:
		return mendAgain
	}
	return ""
}
