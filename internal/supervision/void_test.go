package supervision_test

import (
	"context"
	"strings"
	"testing"

	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/supervision"
)

// punished leads a dangerous case to the points that two persons decided on.
func (w *world) punished(id db.ID) supervision.Measure {
	w.t.Helper()
	var m db.ID
	w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) (err error) {
		m, err = s.ProposeMeasureIn(ctx, tx, w.first, id, supervision.Wish{Kind: supervision.Deduct, Reason: "拒不整改。"})
		return err
	})
	w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
		return s.DecideMeasureIn(ctx, tx, w.tn.Fresh(w.second), w.takeMeasure(ctx, tx, m, ""))
	})
	list := w.state(id).Measures
	return list[len(list)-1]
}

// TestADeductionFollowsItsRecord: nobody takes back alone what two persons decided;
// a record that comes to nothing makes the measure void, in public too, and the fact
// may be punished anew.
func TestADeductionFollowsItsRecord(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, on := w.danger()
		w.must(on, func(context.Context, *db.Tx, *supervision.Cases) error { return nil })
		m := w.punished(id)
		take := func(ctx context.Context, tx *db.Tx) credit.Take {
			c, err := casework.Find(ctx, tx, credit.RecordMachine, m.Record)
			if err != nil {
				t.Fatal(err)
			}
			return credit.Take{Record: m.Record, Version: c.Version, Note: "证据不足。"}
		}
		w.refused("credit.owned", on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.Records.WithdrawIn(ctx, tx, w.third, take(ctx, tx))
		})
		if m.Void() || m.StateTitle() != "已执行" {
			t.Errorf("before its record ends: %s", m.StateTitle())
		}
		w.must(on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.Records.RefuseIn(ctx, tx, w.third, take(ctx, tx))
		})
		w.must(on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			p, err := s.PublicCase(ctx, tx, id)
			if err != nil || len(p.Measures) != 1 || !strings.Contains(p.Measures[0].StateTitle(), "已失效") {
				t.Errorf("in public: %+v, %v", p.Measures, err)
			}
			return err
		})
		if again := w.punished(id); again.ID == m.ID || again.Void() || again.Record == m.Record {
			t.Errorf("decided anew: %+v", again)
		}
	})
}
