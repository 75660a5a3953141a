package credit

import (
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/fault"
	"juli/internal/money"
)

// The states of a record (PC-45).
const (
	RecordDraft      = "draft"
	RecordProposed   = "proposed"   // waits for the check
	RecordChecked    = "checked"    // waits for identification
	RecordIdentified = "identified" // waits for the notice
	RecordNoticed    = "noticed"    // the subject may object
	RecordObjected   = "objected"
	RecordEffective  = "effective"
	RecordRepairing  = "repairing" // repair applied for
	RecordRepaired   = "repaired"
	RecordExpired    = "expired"
	RecordWithdrawn  = "withdrawn"
	RecordRefused    = "refused"
	RecordUpheld     = "upheld" // the objection was right: void
	RecordAnnulled   = "annulled"
)

// The acts on a record.
const (
	ActDraft        = "draft"
	ActEdit         = "edit"
	ActPropose      = "propose"
	ActSubmit       = "submit" // the procedure knows no check
	ActWithdraw     = "withdraw"
	ActCheck        = "check"
	ActRefuseCheck  = "refuse-check"
	ActIdentify     = "identify"
	ActRefuse       = "refuse"
	ActNotify       = "notify"
	ActAnswer       = "answer"
	ActObject       = "object"
	ActUphold       = "uphold"
	ActDismiss      = "dismiss"
	ActEffect       = "effect"
	ActRectify      = "rectify"
	ActRelapse      = "relapse"
	ActApplyRepair  = "apply-repair"
	ActGrantRepair  = "grant-repair"
	ActRefuseRepair = "refuse-repair"
	ActExpire       = "expire"
	ActAnnul        = "annul"
	ActImport       = "import"
)

// Whoever made a record does not judge it, and whoever spoke for one side or
// judged before does not decide the objection: persons, not accounts (AZ-5).
var (
	makers   = []string{ActDraft, ActEdit, ActPropose, ActSubmit}
	partial  = append(slices.Clone(makers), ActCheck, ActIdentify, ActAnswer, ActObject)
	editMost = 200
	sayMost  = 10 // answers to one notice
)

// RecordMachine is the way of a record. Who holds it at each step, and for how
// long, comes from the procedure in the rulebook (PC-45 … PC-49).
var RecordMachine = casework.Must(casework.Machine{
	Name: "credit_record", Title: "信用信息", Basis: "物业服务企业信用评价办法；各步骤的承办单位和期限由评价规则规定",
	States: []casework.State{
		{Name: RecordDraft, Title: "草稿"},
		{Name: RecordProposed, Title: "待审核"},
		{Name: RecordChecked, Title: "待认定"},
		{Name: RecordIdentified, Title: "待告知"},
		{Name: RecordNoticed, Title: "已告知"},
		{Name: RecordObjected, Title: "异议处理中"},
		{Name: RecordEffective, Title: "已生效"},
		{Name: RecordRepairing, Title: "修复审查中"},
		{Name: RecordRepaired, Title: "已修复"},
		{Name: RecordExpired, Title: "已到期"},
		{Name: RecordWithdrawn, Title: "已撤回", Final: true},
		{Name: RecordRefused, Title: "不予认定", Final: true},
		{Name: RecordUpheld, Title: "异议成立", Final: true},
		{Name: RecordAnnulled, Title: "已撤销", Final: true},
	},
	Acts: []casework.Act{
		{Name: ActDraft, Title: "起草", From: []string{casework.Start}, To: RecordDraft, May: authz.CreditPropose},
		{Name: ActEdit, Title: "修改草稿", From: []string{RecordDraft}, To: casework.Same, May: authz.CreditPropose, Most: editMost},
		{Name: ActPropose, Title: "提出", From: []string{casework.Start, RecordDraft}, To: RecordProposed, May: authz.CreditPropose},
		{Name: ActSubmit, Title: "提请认定", From: []string{casework.Start, RecordDraft}, To: RecordChecked, May: authz.CreditPropose},
		{Name: ActWithdraw, Title: "撤回", From: []string{RecordDraft, RecordProposed, RecordChecked}, To: RecordWithdrawn, May: authz.CreditWithdraw},
		{Name: ActCheck, Title: "审核通过", From: []string{RecordProposed}, To: RecordChecked, May: authz.CreditCheck, ByHolder: true, Not: makers},
		{Name: ActRefuseCheck, Title: "审核不通过", From: []string{RecordProposed}, To: RecordRefused, May: authz.CreditCheck, ByHolder: true, NeedsNote: true, Not: makers},
		{Name: ActIdentify, Title: "认定", From: []string{RecordChecked}, To: RecordIdentified, May: authz.CreditIdentify, ByHolder: true, Not: append(slices.Clone(makers), ActCheck)},
		{Name: ActRefuse, Title: "不予认定", From: []string{RecordChecked}, To: RecordRefused, May: authz.CreditIdentify, ByHolder: true, NeedsNote: true, Not: makers},
		{Name: ActNotify, Title: "告知", From: []string{RecordIdentified}, To: RecordNoticed, May: authz.CreditNotify, ByHolder: true},
		{Name: ActAnswer, Title: "答复", From: []string{RecordNoticed, RecordObjected, RecordEffective}, To: casework.Same, May: authz.CreditAnswer, NeedsNote: true, Most: sayMost},
		{Name: ActObject, Title: "提出异议", From: []string{RecordNoticed, RecordEffective}, To: RecordObjected, May: authz.CreditObject},
		{Name: ActUphold, Title: "异议成立", From: []string{RecordObjected}, To: RecordUpheld, May: authz.CreditDecideObjection, ByHolder: true, NeedsNote: true, Not: partial},
		{Name: ActDismiss, Title: "异议不成立", From: []string{RecordObjected}, To: RecordEffective, May: authz.CreditDecideObjection, ByHolder: true, NeedsNote: true, Not: partial},
		{Name: ActEffect, Title: "生效", From: []string{RecordIdentified, RecordNoticed}, To: RecordEffective},
		{Name: ActRectify, Title: "确认整改", From: []string{RecordProposed, RecordChecked, RecordIdentified, RecordNoticed, RecordObjected, RecordEffective, RecordRepairing}, To: casework.Same, May: authz.CreditCheck, NeedsNote: true, Not: makers},
		{Name: ActRelapse, Title: "问题复发，撤销整改确认", From: []string{RecordProposed, RecordChecked, RecordIdentified, RecordNoticed, RecordObjected, RecordEffective, RecordRepairing}, To: casework.Same},
		{Name: ActApplyRepair, Title: "申请修复", From: []string{RecordEffective}, To: RecordRepairing, May: authz.CreditApplyRepair},
		{Name: ActGrantRepair, Title: "准予修复", From: []string{RecordRepairing}, To: RecordRepaired, May: authz.CreditDecideRepair, ByHolder: true, Not: []string{ActIdentify, ActApplyRepair}},
		{Name: ActRefuseRepair, Title: "不予修复", From: []string{RecordRepairing}, To: RecordEffective, May: authz.CreditDecideRepair, ByHolder: true, NeedsNote: true, Not: []string{ActApplyRepair}},
		{Name: ActExpire, Title: "到期", From: []string{RecordEffective, RecordRepairing, RecordRepaired}, To: RecordExpired},
		{Name: ActAnnul, Title: "撤销", From: []string{RecordIdentified, RecordNoticed, RecordObjected, RecordEffective, RecordRepairing, RecordRepaired, RecordExpired}, To: RecordAnnulled, May: authz.CreditAnnul, NeedsNote: true, Not: []string{ActIdentify, ActImport}},
		{Name: ActImport, Title: "导入历史信息", From: []string{casework.Start}, To: RecordEffective, May: authz.CreditImport},
	},
})

// Until is the last day on which a record in effect counts by its item's
// validity (PC-44); 0: open, or until something else happens.
func (b *Book) Until(r Record) day.Date {
	it := b.Item(r.Item)
	if it == nil {
		return 0
	}
	v, until := &it.Valid, day.Date(0)
	term := v.Term
	if r.Level > 0 && int(r.Level) <= len(it.Levels) && it.Levels[r.Level-1].Term.N > 0 {
		term = it.Levels[r.Level-1].Term
	}
	switch v.Kind {
	case ValidTerm:
		until = addTerm(r.date(v.From), term)
	case ValidDocument:
		if until = r.Expires; until == 0 && term.N > 0 {
			until = addTerm(r.date(v.From), term)
		}
	case ValidRectified:
		if until = r.Expires; r.Rectified != 0 {
			return r.Rectified.AddDays(-1)
		}
	case ValidSeason:
		until = b.Cycle.season(r.date(ByEvent)).To
	case ValidPeriod:
		return b.PublicationPeriod(r.date(it.Placed)).To
	case ValidNext, ValidParent, ValidOpen:
	}
	if until != 0 && !b.Cycle.LastDay {
		until--
	}
	return until
}

const (
	summaryMax   = 2000 // characters
	fieldMax     = 200
	subjectsMax  = 200 // of one record
	filesMax     = 20
	eventAgesMax = 20 // years before today
)

// check refuses a proposal that its item or plain sense forbids.
func (b *Book) check(p *Proposal, today day.Date, system bool) error {
	f := fault.New(fault.Invalid, "credit.proposal", "请补正标出的内容。")
	it := b.Item(b.ItemNo(p.Item))
	if it == nil {
		return f.With("item", "现行评价规则中没有这个项目。")
	}
	switch {
	case p.Event == 0 || p.Event > today:
		f.With("event", "请填写发生日期，不能晚于今天。")
	case p.Event < today.AddYears(-eventAgesMax):
		f.With("event", "发生日期过早，请核对。")
	}
	if n := len([]rune(strings.TrimSpace(p.Summary))); n == 0 || n > summaryMax {
		f.With("summary", "请写明事实，不超过2000字。")
	}
	if it.Mode == levelPoints && it.LevelNo(p.Level) == 0 {
		f.With("level", "请选择级别。")
	}
	if (it.Mode == bandPoints || it.Mode == ratioPoints) && p.Value <= 0 || p.Value < 0 {
		f.With("value", "请填写计量值。")
	}
	if it.linked() && p.Parent == 0 && len(it.Orders) > 0 {
		f.With("parent", "请选择所依据的记录。")
	}
	if p.Due != 0 && p.Due < p.Event {
		f.With("due", "整改期限不能早于发生日期。")
	}
	if !system {
		b.checkDocument(f, it, p, today)
	}
	return f.OrNil()
}

func (b *Book) checkDocument(f *fault.Error, it *Item, p *Proposal, today day.Date) {
	d := p.Document
	no := b.EvidenceNo(d.Type)
	if it.Proof != 0 && it.Proof&(1<<no) == 0 || d.Type != "" && no == 0 {
		f.With("document_type", "该项目不能用这种证明文件。")
	}
	if d.Number == "" && len(p.Files) == 0 {
		f.With("files", "请上传证明材料，或填写文件的文号和制发机关。")
	}
	if d.Number != "" && d.Issuer == "" {
		f.With("document_issuer", "请填写制发机关。")
	}
	if d.Date > today {
		f.With("document_date", "文件日期不能晚于今天。")
	}
	if d.Expires != 0 && d.Expires < d.Date {
		f.With("document_expires", "失效日期不能早于文件日期。")
	}
	if len(p.Files) > filesMax {
		f.With("files", "证明材料最多20个。")
	}
	for _, s := range []string{d.Number, d.Issuer, p.Honour} {
		if len([]rune(s)) > fieldMax {
			f.With("document_number", "文号、机关和荣誉名称不超过200字。")
		}
	}
}

// MayDecidePoints judges the points that the identifying body chose within an
// item's range (PC-17).
// It gives them as they are recorded: without sign where the class has one.
func (b *Book) MayDecidePoints(no ItemNo, pts money.Points, reason string) (money.Points, error) {
	it := b.Item(no)
	if it == nil || it.Mode != discretionPoints {
		return 0, nil
	}
	f := fault.New(fault.Invalid, "credit.discretion", "请补正裁量内容。")
	if b.Classes[it.Class].Sign != 0 {
		pts = max(pts, -pts)
	}
	if pts < it.Min || pts > it.Max {
		f.With("points", "裁量分值应在"+it.Min.String()+"至"+it.Max.String()+"之间。")
	}
	if it.NeedReason && strings.TrimSpace(reason) == "" {
		f.With("reason", "请写明裁量理由。")
	}
	return pts, f.OrNil()
}
