package credit

import (
	"context"

	"juli/internal/casework"
	"juli/internal/db"
)

// advanceMax is how many records one call moves, so that no transaction is long.
const advanceMax = 500

// AdvanceIn lets time do its work: a record whose objection term ran out takes
// effect on the day after it, one past its validity expires. It tells how many
// records moved and whether more wait; a job calls it every day until none does.
func (s *Records) AdvanceIn(ctx context.Context, tx *db.Tx) (moved int, more bool, err error) {
	cases, err := casework.PastDue(ctx, tx, RecordMachine, RecordNoticed, tx.Today(), casework.Cursor{}, advanceMax)
	if err != nil {
		return 0, false, err
	}
	for _, c := range cases {
		o, err := s.open(ctx, tx, robot, c.ID)
		if err != nil {
			return moved, false, err
		}
		if err := s.effect(ctx, tx, o, c.Due.AddDays(1)); err != nil {
			return moved, false, err
		}
		moved++
	}
	expired, err := expiredOn(ctx, tx, advanceMax)
	if err != nil {
		return moved, false, err
	}
	for _, id := range expired {
		o, err := s.open(ctx, tx, robot, id)
		if err != nil {
			return moved, false, err
		}
		if err := s.expire(ctx, tx, o); err != nil {
			return moved, false, err
		}
		moved++
	}
	return moved, len(cases) == advanceMax || len(expired) == advanceMax, nil
}

// Advance is AdvanceIn, a transaction at a time, until nothing waits; then duties to
// mend that are missing are put on the desks.
func (s *Records) Advance(ctx context.Context) (moved int, err error) {
	for more := true; more; {
		err = s.DB.Write(ctx, func(tx *db.Tx) error {
			var n int
			n, more, err = s.AdvanceIn(ctx, tx)
			moved += n
			return err
		})
		if err != nil {
			return moved, err
		}
	}
	return moved, s.OweMissing(ctx)
}

func (s *Records) expire(ctx context.Context, tx *db.Tx, o *opened) error {
	return s.follow(ctx, tx, o, casework.Way{Act: ActExpire}, "credit.expired", nil)
}
