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

// says has the enterprise report on a day, and the community say no on another.
func (w *world) says(id db.ID, on day.Date) {
	w.t.Helper()
	w.on = on
	w.reports(id)
}

func (w *world) fails(id db.ID, on day.Date) {
	w.t.Helper()
	w.must(on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
		return s.FailIn(ctx, tx, w.community, w.take(ctx, tx, id, "门还是关不上。"))
	})
}

func TestAReportThatWasNotTrueStopsNoClock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		start := w.on
		id := w.ordered()
		last := w.state(id).Deadline
		w.says(id, last)
		w.fails(id, last.AddDays(1))
		if c := w.state(id); !c.Late || c.State != supervision.Ordered {
			t.Errorf("found unmended the day after its last day: late %v, %s", c.Late, c.State)
		}

		w.on = start
		id = w.ordered()
		w.says(id, start.AddDays(1))
		w.fails(id, start.AddDays(1))
		if c := w.state(id); c.Late || c.Deadline != last {
			t.Errorf("a report that failed early took time away: late %v, until %s, ordered until %s", c.Late, c.Deadline, last)
		}
		for range 4 { // the day of the last day is in time; every further round is not
			w.says(id, w.state(id).Deadline)
			w.fails(id, w.on)
		}
		if c := w.state(id); !c.Late {
			t.Errorf("after rounds until %s the case ordered until %s is in time", c.Deadline, last)
		}
	})
}

func TestWhatIsReportedAfterTheDeadlineIsLateEvenBeforeTheClockSaysSo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.ordered()
		w.says(id, w.state(id).Deadline.AddDays(3))
		if c := w.state(id); !c.Late || c.State != supervision.Reported {
			t.Errorf("three days after the deadline: late %v, %s", c.Late, c.State)
		}
	})
}

func TestAPhotoThatWasHandedInBeforeShowsNothingMended(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, other := w.ordered(), w.ordered()
		var before []db.ID
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			before = w.photo(ctx, tx)
			f := w.fault()
			f.Files = before
			return s.JoinIn(ctx, tx, w.first, id, f)
		})
		for _, x := range []db.ID{id, other} {
			w.refused("supervision.known-photo", w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
				take := w.take(ctx, tx, x, "修好了。")
				take.Files = before
				return s.ReportIn(ctx, tx, w.firm, take)
			})
		}
		w.reports(id)
	})
}

func TestMoreTimeThanTheRulebooksTakesAReasonAndASecondPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, _ := w.inState(supervision.Found)
		long := w.on.AddDays(100)
		x := supervision.Order{Class: "stages", Deadline: long}
		w.refused("supervision.order", w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.OrderIn(ctx, tx, w.first, w.take(ctx, tx, id, "须更换整部电梯。"), x)
		})
		w.refused("casework.note", w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.AskLongerIn(ctx, tx, w.first, w.take(ctx, tx, id, ""), x)
		})
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.AskLongerIn(ctx, tx, w.first, w.take(ctx, tx, id, "须更换整部电梯。"), x)
		})
		if c := w.state(id); c.Deadline != 0 || c.OrderNo != "" {
			t.Errorf("asked for, and it holds: %s %q", c.Deadline, c.OrderNo)
		}
		grant := func(who authz.Actor) func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
				return s.GrantLongerIn(ctx, tx, who, w.take(ctx, tx, id, ""))
			}
		}
		w.refused("authz.same-person", w.on, grant(w.first))
		w.must(w.on, grant(w.second))
		if c := w.state(id); c.State != supervision.Ordered || c.Deadline != long || c.OrderNo == "" || c.Wished != 0 {
			t.Errorf("granted: %s until %s, %q", c.State, c.Deadline, c.OrderNo)
		}

		id, _ = w.inState(supervision.Longer)
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.KeepIn(ctx, tx, w.second, w.take(ctx, tx, id, "三日内可以停用检修。"))
		})
		if c := w.state(id); c.State != supervision.Found || c.Wished != 0 {
			t.Errorf("refused: %s, still wished %s", c.State, c.Wished)
		}
	})
}
