package credit

import (
	"context"

	"juli/internal/authz"
	"juli/internal/db"
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
