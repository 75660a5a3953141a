package resident

import (
	"context"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
)

const clockMax = 200 // cases of one state in one transaction

// Advance lets time do its work until nothing is due.
func (s *Reports) Advance(ctx context.Context) error {
	for more := true; more; {
		err := s.DB.Write(ctx, func(tx *db.Tx) (err error) { more, err = s.AdvanceIn(ctx, tx); return err })
		if err != nil {
			return err
		}
	}
	return nil
}

// AdvanceIn moves overdue answers to the district, and closes what nobody rated
// or rated and nobody contested; more tells that there was too much for one go.
func (s *Reports) AdvanceIn(ctx context.Context, tx *db.Tx) (more bool, err error) {
	for _, state := range []string{Dispatched, Reopened, ReviewBack, ReviewPassed, Rated} {
		late, err := casework.PastDue(ctx, tx, Machine, state, tx.Today(), casework.Cursor{}, clockMax)
		if err != nil {
			return false, err
		}
		more = more || len(late) == clockMax
		for _, c := range late {
			if err := s.expire(ctx, tx, c.ID); err != nil {
				return false, err
			}
		}
	}
	return more, nil
}

func (s *Reports) expire(ctx context.Context, tx *db.Tx, id db.ID) error {
	who := authz.System("resident")
	r, err := s.locked(ctx, tx, who, id, authz.ReportSign)
	if err != nil {
		return err
	}
	t := Take{r.ID, r.Case.Version, ""}
	if r.Rateable() {
		r.ClosedOn = tx.Today()
		return s.move(ctx, tx, who, r, t, casework.Way{Act: actClose}, "resident.closed")
	}
	book, err := s.Books.ByDigest(ctx, tx, r.Book)
	if err != nil {
		return err
	}
	r.Late = true
	return s.move(ctx, tx, who, r, t, casework.Way{Act: actOverdue, Term: &book.Urge}, "resident.overdue")
}

// GiveTimeIn lets the office of an overdue report have more time, with a reason.
func (s *Reports) GiveTimeIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	r, err := s.locked(ctx, tx, who, t.Report, authz.ReportUrge)
	if err != nil {
		return err
	}
	book, err := s.Books.ByDigest(ctx, tx, r.Book)
	if err != nil {
		return err
	}
	h, err := r.holder(r.Office)
	if err != nil {
		return err
	}
	return s.move(ctx, tx, who, r, t, casework.Way{Act: ActGiveTime, Holder: h, Term: &book.Extend}, "resident.time-given")
}
