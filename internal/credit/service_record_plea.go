package credit

import (
	"context"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

const pleaMax = 4000 // characters

// A Plain is what the subject says: an answer, an objection, an application.
type Plain struct {
	Ground string // of the rulebook's grounds, for an objection
	Text   string
	Files  []FileRef
}

func (p Plain) check() error {
	if n := len([]rune(strings.TrimSpace(p.Text))); n == 0 || n > pleaMax {
		return fault.New(fault.Invalid, "credit.plea", "请写明内容，不超过%d字。", pleaMax).With("text", "请写明内容。")
	}
	return nil
}

// refuse makes a fault of a verdict that says no.
func (v Verdict) refuse() error {
	if v.OK {
		return nil
	}
	return fault.New(fault.Conflict, v.Rule, "%s", strings.Join(v.Reasons, ""))
}

// AnswerIn adds the subject's answer to a notice; it changes no state.
func (s *Records) AnswerIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, p Plain) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	t.Note = p.Text
	if _, err := s.move(ctx, tx, who, o, t, casework.Way{Act: ActAnswer}, "credit.answered", nil); err != nil {
		return err
	}
	return s.attach(ctx, tx, who, o, "answer", p.Files)
}

// ObjectIn contests a record: within the term, on a ground that the rulebook
// knows, and no more often than it allows (PC-47). While it is decided the
// record does not count if the rulebook says so.
func (s *Records) ObjectIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, p Plain) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	if err := authz.Require(who, authz.CreditObject, o.f.Place()); err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	v, err := s.mayObject(ctx, tx, o, p.Ground)
	if err != nil {
		return err
	}
	if err := v.refuse(); err != nil && objectable(o.c.State) {
		return err
	}
	way, err := s.decides(ctx, tx, o, ActObject, StepDecide, o.b.Objection.Decides, o.b.Objection.Decide)
	if err != nil {
		return err
	}
	if _, err := s.move(ctx, tx, who, o, t, way, "credit.objected", func(c *Condition) { c.Contested = true }); err != nil {
		return err
	}
	plea := Plea{ID: tx.NewID(), Record: o.f.ID, Ground: p.Ground, Text: strings.TrimSpace(p.Text), Account: who.Account, At: tx.Now}
	if err := insertPlea(ctx, tx, plea); err != nil {
		return err
	}
	return s.attach(ctx, tx, who, o, "objection", p.Files)
}

func objectable(state string) bool { return state == RecordNoticed || state == RecordEffective }

// decides is the way to the body that decides a plea: of the roles that the rules
// name the first that doesn't stand below whoever identified the record.
func (s *Records) decides(ctx context.Context, tx *db.Tx, o *opened, act, step string, roles []string, term day.Term) (casework.Way, error) {
	if own, ok := o.proc.Step(step); ok && step == StepDecide {
		if len(own.Roles) > 0 {
			roles = own.Roles
		}
		if own.Term.N > 0 {
			term = own.Term
		}
	}
	by, err := identifiedBy(ctx, tx, o.f.ID)
	if err != nil {
		return casework.Way{}, err
	}
	if fit := notBelow(roles, by); len(fit) > 0 {
		roles = fit
	}
	return s.way(act, step, ProcedureStep{Step: step, Roles: roles, Term: term}, o.f.Place())
}

func (s *Records) mayObject(ctx context.Context, tx *db.Tx, o *opened, ground string) (Verdict, error) {
	pleas, err := pleasOf(ctx, tx, o.f.ID)
	if err != nil {
		return Verdict{}, err
	}
	noticed, err := noticedOn(ctx, tx, o.f.ID)
	if err != nil {
		return Verdict{}, err
	}
	if noticed == 0 {
		noticed = o.c.Identified
	}
	before := 0
	for _, p := range pleas {
		if !p.Repair {
			before++
		}
	}
	return o.b.MayObject(s.calendar(), ground, before, noticed, tx.Today()), nil
}

// DecideObjectionIn decides an objection, by another person than who identified
// the record. Upheld, the record is void from the start, and if it had counted
// already the periods are run again; dismissed, it takes effect.
func (s *Records) DecideObjectionIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, uphold bool) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	counted := o.c.Effective != 0
	act, event, verdict := ActDismiss, "credit.objection-dismissed", "经复核，异议不成立，该信息继续有效。"
	change := func(c *Condition) {
		c.Contested = false
		if c.Effective == 0 {
			c.Effective = tx.Today()
		}
		c.Until = o.b.Until(o.f.record(o.b, *c))
	}
	if uphold {
		act, event, verdict = ActUphold, "credit.objection-upheld", "经复核，异议成立，该信息不计入信用评价。"
		change = func(c *Condition) { c.Contested, c.Annulled = false, tx.Today() }
	}
	if uphold && counted {
		event = "credit.annulled"
	}
	if _, err := s.move(ctx, tx, who, o, t, casework.Way{Act: act}, event, change); err != nil {
		return err
	}
	return s.decided(ctx, tx, who, o, t, false, uphold, letter{kind: "credit.objection-decided", title: "信用信息异议复核决定书", verdict: verdict, reason: t.Note})
}

// decided records the decision on the open plea and tells the subject.
func (s *Records) decided(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, t Take, repair, granted bool, l letter) error {
	pleas, err := pleasOf(ctx, tx, o.f.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(pleas, func(p Plea) bool { return p.Repair == repair && !p.Decided })
	if i < 0 {
		return fault.New(fault.Internal, "credit.no-plea", "没有待决定的申请。")
	}
	if l.number, err = o.number(ctx, tx); err != nil {
		return err
	}
	p := pleas[i]
	p.Granted, p.Reason, p.Number, p.By, p.On = granted, t.Note, l.number, who.Account, tx.Now
	if err := insertDecision(ctx, tx, p); err != nil {
		return err
	}
	return s.tell(ctx, tx, who, o, l)
}

// ApplyRepairIn asks for the repair of bad information (信用修复): rectified, old
// enough, without relapse, as the rulebook wants (PC-48).
func (s *Records) ApplyRepairIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, p Plain) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	if err := authz.Require(who, authz.CreditApplyRepair, o.f.Place()); err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	v, err := s.mayRepair(ctx, tx, o)
	if err != nil {
		return err
	}
	if err := v.refuse(); err != nil && o.c.State == RecordEffective {
		return err
	}
	way, err := s.decides(ctx, tx, o, ActApplyRepair, "repair", o.b.Repair.Decides, o.b.Repair.Within)
	if err != nil {
		return err
	}
	if _, err := s.move(ctx, tx, who, o, t, way, "credit.repair-applied", nil); err != nil {
		return err
	}
	plea := Plea{ID: tx.NewID(), Record: o.f.ID, Repair: true, Text: strings.TrimSpace(p.Text), Account: who.Account, At: tx.Now}
	if err := insertPlea(ctx, tx, plea); err != nil {
		return err
	}
	return s.attach(ctx, tx, who, o, "repair", p.Files)
}

func (s *Records) mayRepair(ctx context.Context, tx *db.Tx, o *opened) (Verdict, error) {
	if !o.bad() {
		v := Verdict{OK: true}
		v.no("credit.repair-good", "只有不良信息可以申请信用修复。")
		return v, nil
	}
	v := Verdict{OK: true}
	for _, subject := range o.f.Subjects {
		others, err := othersOf(ctx, tx, o.b, subject.Subject, o.f.Item)
		if err != nil {
			return v, err
		}
		r := o.record()
		r.Subject = subject.Subject
		if v = o.b.MayRepair(r, others, tx.Today()); !v.OK {
			return v, nil
		}
	}
	return v, nil
}

// DecideRepairIn grants or refuses a repair; its effect (remove, reduce, stop
// counting) is the rulebook's.
func (s *Records) DecideRepairIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, grant bool) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	act, event, verdict := ActRefuseRepair, "credit.repair-refused", "经审查，不予信用修复。"
	var change func(*Condition)
	if grant {
		act, event, verdict = ActGrantRepair, "credit.repair-granted", "经审查，准予信用修复，"+repairEffects[o.b.Repair.Effect]
		change = func(c *Condition) { c.Repaired = tx.Today() }
	}
	if _, err := s.move(ctx, tx, who, o, t, casework.Way{Act: act}, event, change); err != nil {
		return err
	}
	return s.decided(ctx, tx, who, o, t, true, grant, letter{kind: "credit.repair-decided", title: "信用修复决定书", verdict: verdict, reason: t.Note})
}

var repairEffects = map[string]string{
	"remove": "该信息自始不再计分。", "reduce": "该信息自今日起减轻计分。", "stop": "该信息自今日起不再计分。",
}
