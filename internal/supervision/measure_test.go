package supervision_test

import (
	"context"
	"testing"

	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/supervision"
)

// danger leads a case that endangers people past the enterprise's term for a reply.
func (w *world) danger() (id db.ID, on day.Date) {
	w.t.Helper()
	w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) (err error) {
		f := w.fault()
		f.Violation, f.Facts = "S01", "消防通道被车辆堵塞。"
		if id, err = s.RegisterIn(ctx, tx, w.first, f); err != nil {
			return err
		}
		if err = s.VerifyIn(ctx, tx, w.first, w.take(ctx, tx, id, "现场看到。"), supervision.Finding{Violation: "S01"}); err != nil {
			return err
		}
		if err = s.ConfirmIn(ctx, tx, w.second, w.take(ctx, tx, id, "")); err != nil {
			return err
		}
		return s.OrderIn(ctx, tx, w.first, w.take(ctx, tx, id, ""), supervision.Order{Class: "now"})
	})
	return id, w.state(id).ReplyDue.AddDays(1)
}

func TestASupervisedExitNamesItsGroundAndWhoDecidesReadsWhatItSkips(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, on := w.danger()
		propose := func(x supervision.Wish) func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
				_, err := s.ProposeMeasureIn(ctx, tx, w.first, id, x)
				return err
			}
		}
		w.refused("supervision.ground", on, propose(supervision.Wish{Kind: supervision.Exit, Reason: "拒不整改。"}))
		w.refused("supervision.ground", on, propose(supervision.Wish{Kind: supervision.Exit, Ground: "X99", Reason: "拒不整改。"}))
		w.refused("supervision.ground", on, propose(supervision.Wish{Kind: supervision.Deduct, Ground: "X9", Reason: "拒不整改。"}))
		w.must(on, propose(supervision.Wish{Kind: supervision.Summons, Reason: "拒不整改。"}))
		for _, p := range w.state(id).Possible {
			if p.Kind == supervision.Exit && (!p.OK || len(p.Skipped) != 4) {
				t.Errorf("exit: %v %q, skips %v; a proposed summons is not a taken one", p.OK, p.Why, p.Skipped)
			}
		}
		summons := w.state(id).Measures[0].ID
		w.must(on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.DecideMeasureIn(ctx, tx, w.tn.Fresh(w.second), w.takeMeasure(ctx, tx, summons, ""))
		})
		w.must(on, propose(supervision.Wish{Kind: supervision.Exit, Ground: "X9", Reason: "拒不整改。"}))
		exit := w.state(id).Measures[1].ID
		w.must(on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			m, err := s.MeasureFor(ctx, tx, w.second, exit)
			if err != nil {
				return err
			}
			if m.Case.ProjectName == "" || m.Case.EnterpriseName == "" || m.Case.Facts == "" || m.Rule.Title == "" || m.Ground == "" || m.Repeated != 1 || m.Window != day.MustTerm("12m") {
				t.Errorf("who decides reads %q, %q, %q, %q, %q, found %d times", m.Case.ProjectName, m.Case.EnterpriseName, m.Case.Facts, m.Rule.Title, m.Ground, m.Repeated)
			}
			if len(m.Skipped) != 3 || len(m.Earlier) != 1 || m.Earlier[0].Kind != supervision.Summons {
				t.Errorf("skips %v after %v", m.Skipped, m.Earlier)
			}
			return nil
		})
	})
}

func TestOnlyWhoProposedAMeasureTakesItBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, on := w.danger()
		wish := supervision.Wish{Kind: supervision.Summons, Reason: "拒不整改。"}
		var m db.ID
		w.must(on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) (err error) {
			m, err = s.ProposeMeasureIn(ctx, tx, w.first, id, wish)
			return err
		})
		w.must(on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			own, err := s.MeasureFor(ctx, tx, w.first, m)
			if err != nil {
				return err
			}
			others, err := s.MeasureFor(ctx, tx, w.second, m)
			if !offers(own.Allowed) || offers(others.Allowed) {
				t.Errorf("taking back is offered to the proposer %v, to another person %v", offers(own.Allowed), offers(others.Allowed))
			}
			return err
		})
		w.refused("supervision.not-own", on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.CarryMeasureIn(ctx, tx, w.second, w.takeMeasure(ctx, tx, m, "提错了。"), supervision.ActBack, supervision.Outcome{})
		})
		w.must(on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.CarryMeasureIn(ctx, tx, w.first, w.takeMeasure(ctx, tx, m, "提错了。"), supervision.ActBack, supervision.Outcome{})
		})
		c := w.state(id)
		if c.Measures[0].State != supervision.MeasureBack {
			t.Errorf("taken back: %s", c.Measures[0].State)
		}
		w.refused("casework.state", on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.CarryMeasureIn(ctx, tx, w.tn.Fresh(w.second), w.takeMeasure(ctx, tx, m, "不采取。"), supervision.ActRefuse, supervision.Outcome{})
		})
		w.must(on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error { // nothing bars a better one
			_, err := s.ProposeMeasureIn(ctx, tx, w.first, id, wish)
			return err
		})
	})
}

func offers(acts []casework.Act) bool {
	for _, a := range acts {
		if a.Name == supervision.ActBack {
			return true
		}
	}
	return false
}

func TestTheRightToBeHeardWaitsOnTheEnterprisesDesk(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		waits := func() (due day.Date) {
			w.must(w.on, func(ctx context.Context, tx *db.Tx, _ *supervision.Cases) error {
				list, _, err := casework.Todos(ctx, tx, w.firm, []*casework.Machine{supervision.PleaMachine}, casework.Filter{Machine: supervision.PleaMachine.Name}, casework.Cursor{}, 5)
				for _, x := range list {
					due = x.Due
				}
				return err
			})
			return due
		}
		pass := func(on day.Date) {
			w.must(on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
				_, _, err := s.AdvanceIn(ctx, tx)
				return err
			})
		}
		said, _ := w.danger()
		if due := waits(); due != w.state(said).ReplyDue {
			t.Fatalf("the enterprise reads %s, the term ends on %s", due, w.state(said).ReplyDue)
		}
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.ReplyIn(ctx, tx, w.firm, w.take(ctx, tx, said, "车辆不是我们的。"))
		})
		if due := waits(); due != 0 {
			t.Errorf("who was heard is still asked, until %s", due)
		}
		_, after := w.danger()
		pass(after.AddDays(-1))
		if due := waits(); due != w.on {
			t.Errorf("on the last day the enterprise reads %s", due)
		}
		pass(after)
		if due := waits(); due != 0 {
			t.Errorf("after the term it still waits, until %s", due)
		}
	})
}
