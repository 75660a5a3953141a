package credit

import (
	"slices"

	"juli/internal/day"
	"juli/internal/money"
)

// The steps a record may pass (PC-45). A procedure names those it needs, in order.
const (
	StepPropose   = "propose"   // 申报、采集
	StepCheck     = "check"     // 审核
	StepIdentify  = "identify"  // 认定
	StepNotice    = "notice"    // 告知
	StepObjection = "objection" // 异议
	StepDecide    = "decide"    // 异议复核
	StepEffective = "effective" // 生效
)

// ProcedureSteps are all steps in the order of the law with their Chinese names.
var ProcedureSteps = []Named{
	{StepPropose, "申报"},
	{StepCheck, "审核"},
	{StepIdentify, "认定"},
	{StepNotice, "告知"},
	{StepObjection, "异议"},
	{StepDecide, "异议复核"},
	{StepEffective, "生效"},
}

// A ProcedureStep is one step with who takes it and how long they have.
type ProcedureStep struct {
	Step  string
	Roles []string
	Term  day.Term // N 0: at once
}

// A Procedure is the way of a record from proposal to effect (PC-45).
type Procedure struct {
	Code, Title string
	Classes     []int16  // for records of these classes
	Levels      []string // and only at these levels, empty = all
	Steps       []ProcedureStep
	Path        string
}

// Step finds a step of the procedure by name.
func (p Procedure) Step(name string) (ProcedureStep, bool) {
	i := slices.IndexFunc(p.Steps, func(s ProcedureStep) bool { return s.Step == name })
	if i < 0 {
		return ProcedureStep{}, false
	}
	return p.Steps[i], true
}

// ProcedureOf is the procedure of an item at a level (0 = no level): the one the
// item names, else the first that fits its class and level. Roles that the item
// names itself replace those of the procedure.
func (b *Book) ProcedureOf(no ItemNo, level uint8) (Procedure, bool) {
	it := b.Item(no)
	if it == nil {
		return Procedure{}, false
	}
	word := ""
	if level > 0 && int(level) <= len(it.Levels) {
		word = it.Levels[level-1].Code
	}
	i := slices.IndexFunc(b.Procedures, func(p Procedure) bool {
		if it.Procedure != "" {
			return p.Code == it.Procedure
		}
		return slices.Contains(p.Classes, it.Class) && (len(p.Levels) == 0 || slices.Contains(p.Levels, word))
	})
	if i < 0 {
		return Procedure{}, false
	}
	p := b.Procedures[i]
	own := map[string][]string{StepPropose: it.Proposes, StepCheck: it.Checks, StepIdentify: it.Identifies}
	steps := make([]ProcedureStep, 0, len(p.Steps)+1)
	for _, s := range p.Steps {
		if roles := own[s.Step]; len(roles) > 0 {
			s.Roles = roles
		}
		if s.Step == StepCheck && len(s.Roles) == 0 {
			continue // an item without checkers goes straight to identification
		}
		steps = append(steps, s)
	}
	p.Steps = steps
	return p, true
}

// A Notice is the notice slip to the subject (PC-46): 告知单.
type Notice struct {
	Template  string
	Series    string // of the document number (文号)
	Rectify   day.Term
	Objection day.Term
	Copies    int
	To        []string
	Path      string
}

// An Objection is the right to contest a record (PC-47).
type Objection struct {
	Grounds  []Named
	PerItem  int // objections to one record, 0 = any number
	Suspends bool
	Within   day.Term
	Decide   day.Term
	Decides  []string
	Path     string
}

// A Verdict answers whether an act is allowed, with every reason against it.
type Verdict struct {
	OK      bool
	Rule    string   // stable name of the first rule broken
	Reasons []string // Chinese
	Due     day.Date // last day of the term looked at
	Assumed bool     // the calendar past its last decree was assumed
}

func (v *Verdict) no(rule, reason string) {
	if v.OK = false; v.Rule == "" {
		v.Rule = rule
	}
	v.Reasons = append(v.Reasons, reason)
}

// MayObject judges an objection to a record that the subject was told of on
// noticed: the ground, how many came before, the term (PC-47).
func (b *Book) MayObject(cal *day.Calendar, ground string, before int, noticed, on day.Date) Verdict {
	o := &b.Objection
	v := Verdict{OK: true}
	known := slices.ContainsFunc(o.Grounds, func(n Named) bool { return n.Code == ground })
	if len(o.Grounds) > 0 && !known {
		v.no("credit.objection-ground", "异议理由不在允许的范围内。")
	}
	if o.PerItem > 0 && before >= o.PerItem {
		v.no("credit.objection-again", "对同一条信息的异议次数已用完，不再受理。")
	}
	if o.Within.N > 0 {
		v.Due, v.Assumed = cal.Due(noticed, o.Within)
		if on > v.Due {
			v.no("credit.objection-late", "已超过提出异议的期限。")
		}
	}
	return v
}

// Repair says when bad information may be repaired and what that does (PC-48).
type Repair struct {
	Rectified bool
	MinAge    day.Term
	NoRelapse bool
	Decides   []string
	Within    day.Term
	Effect    string       // "remove", "reduce", "stop"
	Share     money.Points // of the points that stays after "reduce"
	Allowed   bool         // the measure knows repair at all
	Path      string
}

// MayRepair judges an application for repair of r on a day; others are the
// subject's further records (PC-48).
func (b *Book) MayRepair(r Record, others []Record, on day.Date) Verdict {
	p, it := &b.Repair, b.Item(r.Item)
	v := Verdict{OK: true}
	if !p.Allowed {
		v.no("credit.repair-none", "本办法没有规定信用修复。")
		return v
	}
	if it == nil || it.Unrepair {
		v.no("credit.repair-item", "该项目不允许信用修复。")
	}
	if p.Rectified && (r.Rectified == 0 || r.Rectified > on) {
		v.no("credit.repair-rectify", "尚未完成整改。")
	}
	if p.MinAge.N > 0 {
		if v.Due = addTerm(r.Identified, p.MinAge); on < v.Due {
			v.no("credit.repair-age", "距认定之日未满规定期限，"+v.Due.String()+" 起可以申请。")
		}
	}
	relapse := slices.ContainsFunc(others, func(o Record) bool {
		return o.ID != r.ID && o.Item == r.Item && o.Subject == r.Subject && o.Event > r.Event && o.Event <= on && o.Annulled == 0
	})
	if p.NoRelapse && relapse {
		v.no("credit.repair-relapse", "期间又发生同类失信行为。")
	}
	return v
}

// Reversal says what follows when a record's basis is set aside (PC-49).
type Reversal struct {
	Rerun     bool
	Republish string // "correction" or "next_period"
	Path      string
}

// Affected lists the published periods that an annulled record may have moved:
// those whose cut-off it could be seen at. They are run again (PC-49).
func (b *Book) Affected(r Record, published []Period) []Period {
	if !b.Reversal.Rerun {
		return nil
	}
	var out []Period
	for _, p := range published {
		if r.Effective != 0 && r.Effective <= p.Cutoff && (r.Annulled == 0 || r.Annulled >= r.Effective) {
			out = append(out, p)
		}
	}
	return out
}

// Publication says what a published result is (PC-50).
type Publication struct {
	Freeze bool     // a published result is a snapshot
	Late   string   // records that come later: "next_period" or "correction"
	Notice day.Term // days of publicity before it takes effect
	Path   string
}

// LateGoes says where a record identified after a period's cut-off goes: into
// the next period, into a correction notice, or "" when it isn't late or the
// result isn't frozen (PC-50).
func (b *Book) LateGoes(p Period, identified day.Date) string {
	if !b.Publication.Freeze || identified <= p.Cutoff {
		return ""
	}
	return b.Publication.Late
}
