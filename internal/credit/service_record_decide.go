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
	"juli/internal/money"
)

// An opened record is held by this transaction, with the rulebook that governs it.
type opened struct {
	f    Filed
	c    Condition
	b    *Book
	proc Procedure

	owned bool // a case made it: its mending is the case's
}

func (o *opened) item() *Item { return o.b.Item(o.b.ItemNo(o.f.Item)) }

// bad says whether the record counts against its subject.
func (o *opened) bad() bool {
	it := o.item()
	return it != nil && (o.b.Classes[it.Class].Sign < 0 || it.pointsOrZero(o.f.Level) < 0)
}

func (o *opened) record() Record { return o.f.record(o.b, o.c) }

// open locks and reads a record for an act. To whom it is not shown it isn't there.
func (s *Records) open(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (*opened, error) {
	if err := tx.Lock(ctx, "case", id); err != nil {
		return nil, err
	}
	return s.load(ctx, tx, who, id)
}

func (s *Records) load(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (*opened, error) {
	missing := fault.New(fault.NotFound, "credit.no-record", "没有找到这条信用信息。")
	o := &opened{}
	var ok bool
	var err error
	if o.c, ok, err = conditionOf(ctx, tx, id); err != nil || !ok {
		return nil, orMissing(err, missing)
	}
	if o.f, ok, err = filedByID(ctx, tx, id); err != nil {
		return nil, err
	}
	if !ok { // a draft, or one that was never handed in
		if o.f, err = draftFiled(ctx, tx, id); err != nil {
			return nil, err
		}
	}
	if !sees(who, o.f.Place(), o.c.State, o.f.Body) {
		return nil, missing
	}
	if _, o.owned, err = OwnerOf(ctx, tx, id); err != nil {
		return nil, err
	}
	on := o.f.Opened
	if on == 0 {
		on = tx.Today()
	}
	if o.b, err = s.Books(ctx, tx, on); err != nil {
		return nil, err
	}
	if ok {
		o.proc, _ = procedureOf(o.b, &o.f) // imported records need none
	}
	return o, nil
}

func orMissing(err, missing error) error {
	if err != nil {
		return err
	}
	return missing
}

// move takes an act, changes the condition and keeps tables, scoring and audit in step.
func (s *Records) move(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, t Take, w casework.Way, event string, change func(*Condition)) (casework.Case, error) {
	w.Note, w.Calendar = t.Note, s.Calendar
	before := o.c
	c, err := casework.Do(ctx, tx, who, RecordMachine, casework.Move{Case: o.f.ID, Version: t.Version, Way: w})
	if err != nil {
		return casework.Case{}, err
	}
	o.c.Version, o.c.State, o.c.At = c.Version, c.State, tx.Now
	if change != nil {
		change(&o.c)
	}
	if err := saveCondition(ctx, tx, &o.f, o.c); err != nil {
		return casework.Case{}, err
	}
	if err := s.keepMend(ctx, tx, o); err != nil {
		return casework.Case{}, err
	}
	a, _ := RecordMachine.Act(w.Act)
	return c, audit.Append(ctx, tx, who, event, o.f.Object(), audit.Change{
		Act: a.May, At: o.f.Place(), Before: before, After: o.c,
		Detail: map[string]any{"item": o.f.Item, "enterprise": o.f.Enterprise, "project": o.f.Project, "from": before.State, "to": o.c.State},
	})
}

// follow takes an act that the procedure takes by itself.
func (s *Records) follow(ctx context.Context, tx *db.Tx, o *opened, w casework.Way, event string, change func(*Condition)) error {
	_, err := s.move(ctx, tx, robot, o, Take{Record: o.f.ID}, w, event, change)
	return err
}

// CheckIn passes a proposal on to the body that identifies it (审核).
func (s *Records) CheckIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	step, _ := o.proc.Step(StepIdentify)
	way, err := s.way(ActCheck, StepIdentify, step, o.f.Place())
	if err != nil {
		return err
	}
	_, err = s.move(ctx, tx, who, o, t, way, "credit.checked", nil)
	return err
}

// RefuseIn ends a proposal with a reason: at the check, or instead of identifying it.
func (s *Records) RefuseIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	act := ActRefuse
	if o.c.State == RecordProposed {
		act = ActRefuseCheck
	}
	_, err = s.move(ctx, tx, who, o, t, casework.Way{Act: act}, "credit.refused", nil)
	return err
}

// A Discretion is what the identifying body chooses within an item's range, and
// why (PC-17). Items with fixed points need none.
type Discretion struct {
	Points money.Points
	Reason string
}

// IdentifyIn establishes the record (认定). The notice to its subject and, where
// the procedure knows no objection, the effect follow at once.
func (s *Records) IdentifyIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, d Discretion) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	it := o.item()
	discretion := it != nil && it.Mode == discretionPoints
	if discretion && o.c.State == RecordChecked && authz.May(who, authz.CreditIdentify, o.f.Place()) {
		if _, ok := bodyAs(who, authz.CreditIdentify, o.f.Place(), it.Deciders); !ok && who.SystemName() == "" {
			return fault.New(fault.Forbidden, "credit.not-decider", "这个项目的裁量分值不由您所在的单位决定。")
		}
		if d.Points, err = o.b.MayDecidePoints(o.b.ItemNo(o.f.Item), d.Points, d.Reason); err != nil {
			return err
		}
	}
	if t.Note == "" {
		t.Note = d.Reason
	}
	step, noticed := o.proc.Step(StepNotice)
	way, err := s.way(ActIdentify, StepNotice, step, o.f.Place())
	if own, ok := bodyAs(who, authz.CreditIdentify, o.f.Place(), nil); ok && (err != nil || len(step.Roles) == 0) {
		way.Holder, err = &own, nil // the notice is the system's, or who identifies sends it
	}
	if err != nil {
		return err
	}
	_, err = s.move(ctx, tx, who, o, t, way, "credit.identified", func(c *Condition) {
		c.Identified = tx.Today()
		if discretion {
			c.Points, c.Reasoned = d.Points, d.Reason != ""
		}
	})
	switch {
	case err != nil:
		return err
	case !noticed:
		return s.effect(ctx, tx, o, tx.Today())
	case step.Term.N > 0:
		return nil // somebody sends it within the term
	}
	return s.notice(ctx, tx, robot, o, Take{Record: t.Record})
}

// NotifyIn sends the notice where the procedure leaves time for it.
func (s *Records) NotifyIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	return s.notice(ctx, tx, who, o, t)
}

// effect makes the record count from a day.
func (s *Records) effect(ctx context.Context, tx *db.Tx, o *opened, on day.Date) error {
	return s.follow(ctx, tx, o, casework.Way{Act: ActEffect}, "credit.effective", func(c *Condition) {
		c.Effective = on
		c.Until = o.b.Until(o.f.record(o.b, *c))
	})
}

func (s *Records) attach(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, purpose string, files []FileRef) error {
	known, err := knownFiles(ctx, tx, files)
	if err != nil || len(known) == 0 {
		return err
	}
	return addFiles(ctx, tx, o.f.ID, purpose, who.Account, known)
}

// ManyIn takes the same act on many records, with a result for each: check,
// identify, refuse or notify. Items with discretion are decided one by one.
func (s *Records) ManyIn(ctx context.Context, tx *db.Tx, who authz.Actor, act string, takes []Take) ([]casework.Result, error) {
	ids := make([]db.ID, len(takes))
	for i, t := range takes {
		ids[i] = t.Record
	}
	return casework.Bulk(ctx, tx, ids, func(id db.ID) error {
		t := takes[slices.Index(ids, id)]
		switch act {
		case ActCheck:
			return s.CheckIn(ctx, tx, who, t)
		case ActIdentify:
			return s.IdentifyIn(ctx, tx, who, t, Discretion{})
		case ActRefuse:
			return s.RefuseIn(ctx, tx, who, t)
		case ActNotify:
			return s.NotifyIn(ctx, tx, who, t)
		}
		return fault.New(fault.Invalid, "credit.bulk", "这项操作不能批量办理。")
	})
}
