package credit

import (
	"context"
	"slices"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// Records leads credit information from the proposal to its end (PC-44 … PC-49).
// Who takes which step, and in how many days, is in the rulebook that was in
// force when the record was opened.
type Records struct {
	DB       *db.DB
	Calendar *day.Calendar // nil: the library's

	// Books gives the rulebook in force on a day.
	Books func(ctx context.Context, tx *db.Tx, on day.Date) (*Book, error)
}

// robot takes the steps that follow by themselves.
var robot = authz.System("credit")

func (s *Records) calendar() *day.Calendar {
	if s.Calendar == nil {
		return day.DefaultCalendar()
	}
	return s.Calendar
}

// Propose is ProposeIn in a transaction of its own.
func (s *Records) Propose(ctx context.Context, who authz.Actor, p Proposal) (id db.ID, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		id, err = s.ProposeIn(ctx, tx, who, p)
		return err
	})
	return id, err
}

// ProposeIn hands in one event with its evidence. What looks like a record that
// is there already is Conflict "credit.duplicate", until the proposal says that
// the likeness is known; the same item for the same subject by the same proof is
// refused altogether.
func (s *Records) ProposeIn(ctx context.Context, tx *db.Tx, who authz.Actor, p Proposal) (db.ID, error) {
	return s.propose(ctx, tx, who, Take{}, p)
}

// ProposeDraftIn hands in a draft as it was saved.
func (s *Records) ProposeDraftIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	p, err := s.DraftIn(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	_, err = s.propose(ctx, tx, who, t, p)
	return err
}

// propose files a proposal; t names the draft that it grew from.
func (s *Records) propose(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, p Proposal) (db.ID, error) {
	f, err := s.locate(ctx, lookUp(tx), p)
	if err != nil {
		return 0, err
	}
	if err := authz.Require(who, authz.CreditPropose, f.Place()); err != nil {
		return 0, err
	}
	b, err := s.Books(ctx, tx, tx.Today())
	if err != nil {
		return 0, err
	}
	system := who.SystemName() != ""
	if err := b.check(&f.Proposal, tx.Today(), system); err != nil {
		return 0, err
	}
	proc, err := procedureOf(b, &f)
	if err != nil {
		return 0, err
	}
	if f.Body, err = proposer(who, f.Place(), proc); err != nil {
		return 0, err
	}
	if err := s.complete(ctx, tx, b, &f); err != nil {
		return 0, err
	}
	if f.ID = t.Record; f.ID == 0 {
		f.ID = tx.NewID()
	}
	f.Book, f.Opened, f.Account, f.At, f.Source = b.Digest, tx.Today(), who.Account, tx.Now, "person"
	if system {
		f.Source = "system"
	}
	if err := s.refuseDuplicate(ctx, tx, &f); err != nil {
		return 0, err
	}
	return f.ID, s.hand(ctx, tx, who, t, b, proc, &f)
}

// hand stores the filed record and gives it to the body that checks it, or that
// identifies it when the procedure knows no check.
func (s *Records) hand(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, b *Book, proc Procedure, f *Filed) error {
	act, name := ActPropose, StepCheck
	step, ok := proc.Step(StepCheck)
	if !ok {
		act, name = ActSubmit, StepIdentify
		step, _ = proc.Step(StepIdentify)
	}
	way, err := s.way(act, name, step, f.Place())
	if err != nil {
		return err
	}
	way.Title = b.Item(b.ItemNo(f.Item)).Title
	var c casework.Case
	if t.Record == 0 {
		c, err = casework.Open(ctx, tx, who, RecordMachine, casework.Opening{ID: f.ID, Object: f.Object(), Title: way.Title, Place: f.Place(), Way: way})
	} else {
		place := f.Place()
		way.Place = &place
		c, err = casework.Do(ctx, tx, who, RecordMachine, casework.Move{Case: t.Record, Version: t.Version, Way: way})
	}
	if err != nil {
		return err
	}
	if err := dropDraft(ctx, tx, f.ID); err != nil {
		return err
	}
	if err := insertFiled(ctx, tx, f); err != nil {
		return err
	}
	cond := Condition{Version: c.Version, State: c.State, Due: f.Due, At: tx.Now}
	if err := saveCondition(ctx, tx, f, cond); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "credit.proposed", f.Object(), audit.Change{
		Act: authz.CreditPropose, At: f.Place(), After: f.Proposal, Detail: map[string]any{"item": f.Item, "enterprise": f.Enterprise, "project": f.Project},
	})
}

// way is the next step as the procedure has it.
func (s *Records) way(act, name string, step ProcedureStep, at authz.Place) (casework.Way, error) {
	w := casework.Way{Act: act, Term: &step.Term, Calendar: s.Calendar}
	h, ok := holderOf(step.Roles, at)
	if !ok && len(step.Roles) == 0 {
		h, ok = casework.HolderAt(authz.DistrictBureau, at)
	}
	if !ok {
		title := name
		if i := slices.IndexFunc(ProcedureSteps, func(n Named) bool { return n.Code == name }); i >= 0 {
			title = ProcedureSteps[i].Title
		}
		return w, fault.New(fault.Conflict, "credit.no-holder", "规则规定的“%s”单位在该区域不存在，请联系市住建局。", title)
	}
	w.Holder = &h
	return w, nil
}

func procedureOf(b *Book, f *Filed) (Procedure, error) {
	no := b.ItemNo(f.Item)
	it := b.Item(no)
	if it == nil {
		return Procedure{}, fault.New(fault.Conflict, "credit.no-item", "评价规则中没有项目%s。", f.Item)
	}
	proc, ok := b.ProcedureOf(no, it.LevelNo(f.Level))
	if !ok {
		return Procedure{}, fault.New(fault.Conflict, "credit.no-procedure", "评价规则没有规定这类信息的办理程序。")
	}
	return proc, nil
}

// proposer is the body for which the actor proposes, by the procedure's roles.
func proposer(who authz.Actor, at authz.Place, proc Procedure) (string, error) {
	if who.SystemName() != "" {
		return SystemRole, nil
	}
	step, _ := proc.Step(StepPropose)
	body, ok := bodyAs(who, authz.CreditPropose, at, step.Roles)
	if !ok {
		return "", fault.New(fault.Forbidden, "credit.not-proposer", "按现行评价规则，这个项目的信息不由您所在的单位提出。")
	}
	return body.Key(), nil
}
