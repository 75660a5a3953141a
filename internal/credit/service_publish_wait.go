package credit

import (
	"context"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

// Undecided lists the proposed publications that the actor may decide, newest
// first: those of others (AZ-5).
func (s *Evaluations) Undecided(ctx context.Context, tx *db.Tx, who authz.Actor) (list []Release, err error) {
	if !authz.Can(who, authz.CreditPublishApprove) && !authz.Can(who, authz.CreditCorrect) {
		return nil, nil
	}
	all, err := s.Publications(ctx, tx, PublishProposed)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		act := authz.CreditPublishApprove
		if p.Corrects != 0 {
			act = authz.CreditCorrect
		}
		if !authz.May(who, act, s.place()) || who.Account != 0 && who.Account == p.ProposedBy {
			continue
		}
		maker, err := proposedBy(ctx, tx, p)
		if err != nil {
			return nil, err
		}
		if authz.RequireOther(who, act, maker) == nil {
			list = append(list, p)
		}
	}
	return list, nil
}

// An Awaited is a period that has ended without a result on its way.
type Awaited struct {
	Period
	Run db.ID // the newest evaluation of it; 0: none was run
}

// Awaited is the period that ended last, if its result was neither published nor
// proposed, for who may evaluate the city; false: nothing is awaited.
func (s *Evaluations) Awaited(ctx context.Context, tx *db.Tx, who authz.Actor) (a Awaited, ok bool, err error) {
	if !authz.May(who, authz.CreditPublishPropose, s.place()) {
		return a, false, nil
	}
	b, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return a, false, withoutBook(err)
	}
	a.Period = b.PublicationPeriod(b.PublicationPeriod(tx.Today()).From.AddDays(-1))
	if a.From == a.To || tx.Today() <= a.Cutoff { // published every day, or information still comes in
		return a, false, nil
	}
	if _, err = s.Books.InForce(ctx, tx, a.To); err != nil {
		return a, false, withoutBook(err)
	}
	open, err := db.Value[bool](ctx, tx, `
		SELECT EXISTS (SELECT 1 FROM credit_record) AND NOT EXISTS (SELECT 1 FROM credit_publication WHERE period = $1 AND state IN ('proposed', 'published'))`, a.Name)
	if err != nil || !open {
		return a, false, err
	}
	a.Run, err = db.Value[db.ID](ctx, tx, `SELECT COALESCE(MAX(id), 0) FROM credit_evaluation WHERE period = $1 AND purpose = $2`, a.Name, ForCycle)
	return a, true, err
}

// withoutBook forgives that a city has no rulebook yet.
func withoutBook(err error) error {
	if f := fault.From(err); f != nil && f.Kind == fault.NotFound {
		return nil
	}
	return err
}
