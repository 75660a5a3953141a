package supervision

import (
	"iter"
	"maps"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
)

// The kinds of measures, the ladder in its order; then what stands outside it.
const (
	Deduct   = "CREDIT_DEDUCT"
	Summons  = "SUMMONS"
	Circular = "CIRCULAR"
	Exposure = "EXPOSURE"
	Exit     = "EXIT_START"
	Penalty  = "PENALTY"
	Referral = "TRANSFER_SAMR"
)

// The states of a measure.
const (
	MeasureProposed = "proposed"
	MeasureDecided  = "decided"
	MeasureSent     = "sent"
	MeasureAccepted = "accepted"
	MeasureListed   = "listed"
	MeasureDone     = "done"
	MeasureRefused  = "refused"
	MeasureDeclined = "declined"
	MeasureRemoved  = "removed"
	MeasureBack     = "withdrawn"
)

// The acts on a measure.
const (
	ActPropose = "propose"
	ActDecide  = "decide"
	ActRefuse  = "refuse"
	ActCarry   = "carry"
	ActSend    = "send"
	ActAccept  = "accept"
	ActDecline = "decline"
	ActList    = "list"
	ActRemove  = "remove"
	ActBack    = "withdraw"
)

// MeasureMachine is the way of a measure: one person proposes, another decides.
// Who proposed it may take it back until then; who should decide learns why.
// A referral is the other authority's to judge; what it did is written down here
// with its document (市场监管总局令第44号).
var MeasureMachine = casework.Must(casework.Machine{
	Name: "supervision_measure", Title: "处置措施", Basis: "物业管理条例；市场监督管理严重违法失信名单管理办法（总局令第44号）",
	States: []casework.State{
		{Name: MeasureProposed, Title: "待决定"},
		{Name: MeasureDecided, Title: "已决定，待执行"},
		{Name: MeasureSent, Title: "已移送"},
		{Name: MeasureAccepted, Title: "已受理"},
		{Name: MeasureListed, Title: "已由市场监管部门列入"},
		{Name: MeasureDone, Title: "已执行", Final: true},
		{Name: MeasureRefused, Title: "不予采取", Final: true},
		{Name: MeasureDeclined, Title: "不予受理", Final: true},
		{Name: MeasureRemoved, Title: "已移出", Final: true},
		{Name: MeasureBack, Title: "已撤回", Final: true},
	},
	Acts: []casework.Act{
		{Name: ActPropose, Title: "提出措施", From: []string{casework.Start}, To: MeasureProposed, May: authz.SupervisionPropose, Term: day.MustTerm("5wd")},
		{Name: ActDecide, Title: "决定采取", From: []string{MeasureProposed}, To: MeasureDecided, May: authz.SupervisionDecide, ByHolder: true, Not: []string{ActPropose}, Term: day.MustTerm("10wd")},
		{Name: ActRefuse, Title: "不予采取", From: []string{MeasureProposed}, To: MeasureRefused, May: authz.SupervisionDecide, ByHolder: true, NeedsNote: true, Not: []string{ActPropose}},
		{Name: ActBack, Title: "撤回提议", From: []string{MeasureProposed}, To: MeasureBack, May: authz.SupervisionPropose, ByHolder: true, NeedsNote: true},
		{Name: ActCarry, Title: "记录执行", From: []string{MeasureDecided, MeasureAccepted}, To: MeasureDone, May: authz.SupervisionPropose, ByHolder: true, NeedsNote: true},
		{Name: ActSend, Title: "移送材料", From: []string{MeasureDecided}, To: MeasureSent, May: authz.SupervisionPropose, ByHolder: true, NeedsNote: true, Term: day.MustTerm("3m")},
		{Name: ActAccept, Title: "登记已受理", From: []string{MeasureSent}, To: MeasureAccepted, May: authz.SupervisionPropose, ByHolder: true, NeedsNote: true},
		{Name: ActDecline, Title: "登记不予受理", From: []string{MeasureSent}, To: MeasureDeclined, May: authz.SupervisionPropose, ByHolder: true, NeedsNote: true},
		{Name: ActList, Title: "登记已列入", From: []string{MeasureAccepted}, To: MeasureListed, May: authz.SupervisionPropose, ByHolder: true, NeedsNote: true},
		{Name: ActRemove, Title: "登记已移出", From: []string{MeasureListed}, To: MeasureRemoved, May: authz.SupervisionPropose, ByHolder: true, NeedsNote: true},
	},
})

var kindTitles = map[string]string{
	Deduct: "信用扣分", Summons: "约谈", Circular: "行业通报", Exposure: "媒体曝光", Exit: "启动监管退出", Penalty: "移送行政处罚", Referral: "建议列入严重违法失信名单",
}

// KindTitles yields every kind of measure with its name.
func KindTitles() iter.Seq2[string, string] { return maps.All(kindTitles) }

// KindTitle is the name of a kind of measure.
func KindTitle(kind string) string { return kindTitles[kind] }
