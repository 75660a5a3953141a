package supervision

import (
	"context"
	"slices"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
)

// A MeasureDossier is all that one measure's page shows.
type MeasureDossier struct {
	Measure
	Case      Case
	Title     string
	Flow      casework.Case
	Steps     []casework.Step
	Allowed   []casework.Act
	Barred    []casework.Barred // only for another person
	BookTitle string
	Rule      Violation
	Ground    string    // of a supervised exit, in words
	Skipped   []Step    // milder ones that it passes over
	Earlier   []Measure // of the same project and violation within the book's window
	Repeated  int       // found cases of these
	Window    day.Term  // the book's
}

// MeasureFor reads a measure for who may read its case.
func (s *Cases) MeasureFor(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (d MeasureDossier, err error) {
	m, ok, err := measureByID(ctx, tx, id)
	if err != nil {
		return d, err
	}
	if !ok {
		return d, missing()
	}
	o, err := s.load(ctx, tx, who, m.Case)
	if err != nil {
		return d, err
	}
	firms, err := registry.EnterpriseNames(ctx, tx, []code.USCC{o.Enterprise})
	if err != nil {
		return d, err
	}
	projects, err := registry.ProjectNames(ctx, tx, []code.ProjectCode{o.Project})
	if err != nil {
		return d, err
	}
	o.EnterpriseName, o.ProjectName = firms[o.Enterprise], projects[o.Project]
	step, _ := o.book.Step(m.Kind)
	d = MeasureDossier{Measure: m, Case: o.Case, Title: step.Title, BookTitle: o.book.Title, Window: o.book.Window}
	d.Rule, _ = o.book.Violation(o.Violation)
	d.Ground = titleOf(o.book.ExitCodes, m.Ground)
	st, err := s.standing(ctx, tx, o)
	if err != nil {
		return d, err
	}
	st.Taken = slices.DeleteFunc(st.Taken, func(x Measure) bool { return x.ID >= m.ID || !x.open() })
	d.Skipped, d.Earlier, d.Repeated = o.book.Skipped(m.Kind, st), st.Taken, st.Repeated
	if d.Flow, err = casework.Find(ctx, tx, MeasureMachine, id); err != nil {
		return d, err
	}
	if d.Steps, err = casework.History(ctx, tx, d.Flow); err != nil {
		return d, err
	}
	d.Barred = casework.BarredFor(who, d.Flow, d.Steps)
	for _, a := range casework.AllowedBy(who, d.Flow, d.Steps) {
		outside := m.Kind == Referral || m.Kind == Penalty
		if a.Name == ActSend && !outside || a.Name == ActList && m.Kind != Referral || a.Name == ActCarry && outside && m.State == MeasureDecided {
			continue
		}
		if a.Name == ActBack && !proposedBy(d.Steps, who) {
			continue
		}
		d.Allowed = append(d.Allowed, a)
	}
	return d, nil
}

// proposedBy says whether a measure is the actor's own proposal.
func proposedBy(steps []casework.Step, who authz.Actor) bool {
	return who.Person != 0 && slices.ContainsFunc(steps, func(x casework.Step) bool { return x.Act == ActPropose && x.Person == who.Person })
}

// ownProposal refuses to take back what somebody else proposed: that is for who
// decides to refuse, with a reason.
func (s *Cases) ownProposal(ctx context.Context, tx *db.Tx, who authz.Actor, m *Measure) error {
	flow, err := casework.Find(ctx, tx, MeasureMachine, m.ID)
	if err != nil {
		return err
	}
	steps, err := casework.History(ctx, tx, flow)
	if err == nil && !proposedBy(steps, who) {
		return fault.New(fault.Forbidden, "supervision.not-own", "只有提出的人可以撤回提议；您可以决定不予采取。")
	}
	return err
}
