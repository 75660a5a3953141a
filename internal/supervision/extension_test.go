package supervision_test

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/supervision"
)

// asks asks for time until a day; grants decides it, 0 for what was asked.
func (w *world) asks(id db.ID, until day.Date) func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
	return func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
		t := w.take(ctx, tx, id, "配件未到。")
		t.Until = until
		return s.AskIn(ctx, tx, w.firm, t)
	}
}

func (w *world) grants(id db.ID, who authz.Actor, until day.Date) func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
	return func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
		t := w.take(ctx, tx, id, "")
		t.Until = until
		return s.GrantIn(ctx, tx, who, t)
	}
}

func TestMoreTimeIsAskedForAndGrantedUntilADayWithinTheRulebooksTerm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.ordered()
		c := w.state(id)
		first, most := c.Deadline, c.ExtendTo
		if most != first.AddDays(7) {
			t.Fatalf("the deadline %s can be extended to %s", first, most)
		}
		for _, until := range []day.Date{0, first, most.AddDays(1)} {
			w.refused("supervision.extension", w.on, w.asks(id, until))
		}
		w.must(w.on, w.asks(id, first.AddDays(5)))
		if c := w.state(id); c.State != supervision.Asking || c.AskedUntil != first.AddDays(5) || c.Deadline != first || c.ExtendTo != most {
			t.Errorf("asked: %s until %s of %s, deadline %s", c.State, c.AskedUntil, c.ExtendTo, c.Deadline)
		}
		w.refused("supervision.extension", w.on, w.grants(id, w.first, most.AddDays(1)))
		w.refused("supervision.extension", w.on, w.grants(id, w.first, first))
		w.must(w.on, w.grants(id, w.first, 0))
		if c := w.state(id); c.Deadline != first.AddDays(5) || c.Flow.Due != c.Deadline || !c.Extended {
			t.Errorf("granted as asked: deadline %s, due %s", c.Deadline, c.Flow.Due)
		}

		other := w.ordered()
		w.must(w.on, w.asks(other, most))
		w.must(w.on, w.grants(other, w.first, first.AddDays(2)))
		if c := w.state(other); c.Deadline != first.AddDays(2) || c.AskedUntil != most {
			t.Errorf("granted for less: deadline %s, asked %s", c.Deadline, c.AskedUntil)
		}
	})
}
