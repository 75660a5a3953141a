package supervision_test

import (
	"context"
	"testing"

	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/supervision"
)

// TestACaseThatLapsesAfterAPeriodIsLateInTheNext: verified on the last day of one
// period, it is found in that one; its term runs out in the next, which counts it as
// late, once, however often it is late again.
func TestACaseThatLapsesAfterAPeriodIsLateInTheNext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		counted := func(from, to day.Date) (sum supervision.Tally) {
			t.Helper()
			w.must(w.on, func(ctx context.Context, tx *db.Tx, _ *supervision.Cases) error {
				list, err := supervision.FoundOf(ctx, tx, "", from, to)
				for _, x := range list {
					sum.Found, sum.Late, sum.Open = sum.Found+x.Found, sum.Late+x.Late, sum.Open+x.Open
				}
				return err
			})
			return sum
		}
		id, end := w.ordered(), w.on
		w.passes(w.state(id).Deadline.AddDays(1))
		lapsed := w.on
		if x := counted(end.AddMonths(-2), end); x.Found != 1 || x.Late != 0 {
			t.Errorf("the period of its verification counts %+v", x)
		}
		if x := counted(end.AddDays(1), lapsed); x.Found != 0 || x.Late != 1 || x.Open != 1 {
			t.Errorf("the next period counts %+v", x)
		}
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.OrderIn(ctx, tx, w.third, w.take(ctx, tx, id, ""), supervision.Order{Class: "deadline"})
		})
		w.passes(w.state(id).Deadline.AddDays(1))
		if x := counted(lapsed.AddDays(1), w.on); x != (supervision.Tally{}) {
			t.Errorf("late again it counts %+v", x)
		}
	})
}
