package supervision_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/supervision"
)

// desk is what waits for the enterprise about a case, by procedure and state.
func (w *world) desk(id db.ID) (out []casework.Todo) {
	w.t.Helper()
	w.must(w.on, func(ctx context.Context, tx *db.Tx, _ *supervision.Cases) error {
		machines := []*casework.Machine{supervision.CaseMachine, supervision.PleaMachine, supervision.MendMachine}
		list, _, err := casework.Todos(ctx, tx, w.firm, machines, casework.Filter{}, casework.Cursor{}, 50)
		for _, t := range list {
			if t.ID == id || t.Object == "supervision_case:"+id.String() {
				out = append(out, t)
			}
		}
		return err
	})
	return out
}

func (w *world) passes(on day.Date) {
	w.t.Helper()
	w.must(on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
		_, _, err := s.AdvanceIn(ctx, tx)
		return err
	})
}

func (w *world) reports(id db.ID) {
	w.t.Helper()
	w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
		take := w.take(ctx, tx, id, "修好了。")
		take.Files = w.photo(ctx, tx)
		return s.ReportIn(ctx, tx, w.firm, take)
	})
}

func TestWhatIsLateStillWaitsForTheEnterpriseWithTheDeadlineItMissed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.ordered()
		missed := w.state(id).Deadline
		w.passes(missed.AddDays(1))
		late := w.desk(id)
		if len(late) != 1 || late[0].Machine != supervision.MendMachine || late[0].Due != missed || !late[0].Late {
			t.Fatalf("after the deadline %s the enterprise reads %+v", missed, late)
		}
		if c := w.state(id); c.Flow.Holder.Key() == late[0].Holder.Key() {
			t.Error("the district lost the case that it decides about")
		}
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error { // ordered anew: the case itself waits again
			return s.OrderIn(ctx, tx, w.third, w.take(ctx, tx, id, ""), supervision.Order{Class: "deadline"})
		})
		if list := w.desk(id); len(list) != 1 || list[0].Machine != supervision.CaseMachine {
			t.Fatalf("ordered anew the enterprise reads %+v", list)
		}
		missed = w.state(id).Deadline
		w.passes(missed.AddDays(1))
		if list := w.desk(id); len(list) != 1 || list[0].Machine != supervision.MendMachine || list[0].Due != missed {
			t.Fatalf("late again the enterprise reads %+v", list)
		}
		w.reports(id)
		if list := w.desk(id); len(list) != 0 {
			t.Errorf("what was reported still waits: %+v", list)
		}
	})
}

func TestAPleaIsOpenToItsLastDayAndNotLonger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.ordered()
		offered := func() (form bool) {
			w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
				x, err := s.CaseFor(ctx, tx, w.firm, id)
				form = slices.ContainsFunc(x.Allowed, func(a casework.Act) bool { return a.Name == supervision.ActReply })
				return err
			})
			return form
		}
		waits := func() bool {
			return slices.ContainsFunc(w.desk(id), func(t casework.Todo) bool { return t.Machine == supervision.PleaMachine })
		}
		reply := func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.ReplyIn(ctx, tx, w.firm, w.take(ctx, tx, id, "门是搬家公司撞坏的。"))
		}
		last := w.state(id).ReplyDue
		w.reports(id)
		w.passes(last)
		if !offered() || !waits() {
			t.Errorf("on the last day, after the report: form %v, to-do %v", offered(), waits())
		}
		if err := w.at(last, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			if err := reply(ctx, tx, s); err != nil {
				return err
			}
			return errUndo
		}); !errors.Is(err, errUndo) {
			t.Errorf("on the last day: %v", err)
		}
		w.passes(last.AddDays(1))
		if offered() || waits() {
			t.Errorf("after the last day: form %v, to-do %v", offered(), waits())
		}
		w.refused("supervision.late-plea", w.on, reply)
	})
}

func TestAnOverdueCaseIsNotLateWhileAMeasureIsOnItsWay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.ordered()
		w.passes(w.state(id).Deadline.AddDays(1))
		first := w.state(id).Flow.Due
		w.must(first, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			_, err := s.ProposeMeasureIn(ctx, tx, w.first, id, supervision.Wish{Kind: supervision.Deduct, Reason: "逾期未整改。"})
			return err
		})
		c := w.state(id)
		if c.State != supervision.Overdue || c.Flow.Due <= first || c.Deadline >= first {
			t.Errorf("with a measure proposed on %s it is %s, due %s", first, c.State, c.Flow.Due)
		}
		told := func(c supervision.Dossier) bool {
			return slices.ContainsFunc(c.Steps, func(s casework.Step) bool { return s.Act == supervision.ActPress })
		}
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			x, err := s.CaseFor(ctx, tx, w.firm, id)
			if told(x) || !told(c) {
				t.Errorf("of a measure that is not decided the enterprise reads %v, the district %v", told(x), told(c))
			}
			return err
		})
		if list := w.desk(id); len(list) != 1 || list[0].Machine != supervision.MendMachine {
			t.Errorf("the enterprise's duty is %+v", list)
		}
	})
}
