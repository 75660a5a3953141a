package resident_test

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/supervision"
)

// TestTheResidentsOwnAnswerConfirmsTheCaseOfTheReport: what an office heard from
// him does not.
func TestTheResidentsOwnAnswerConfirmsTheCaseOfTheReport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.report("door", anna)
		late := w.on("2021-06-10")
		w.must(late.Advance(t.Context()))
		take := late.take(a.Report, "")
		w.must(late.act(func(ctx context.Context, tx *db.Tx) error { return late.CaseIn(ctx, tx, w.district, take) }))
		late.answer(a.Report)
		late.pass(a.Report, false)
		id := late.see(a.Report).Supervised
		program := authz.System("test")
		state := func() (c supervision.Dossier) {
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				c, err = late.Cases.CaseFor(ctx, tx, program, id)
				return err
			})
			return c
		}
		w.must(late.rate(a.Follow, true, true))
		if c := state(); c.State != supervision.Registered {
			t.Fatalf("before it was found mended the case is %s", c.State)
		}
		w.must(late.act(func(ctx context.Context, tx *db.Tx) error {
			for _, act := range []func() error{
				func() error {
					return late.Cases.VerifyIn(ctx, tx, program, now(ctx, tx, id), supervision.Finding{Violation: "Q03"})
				},
				func() error { return late.Cases.ConfirmIn(ctx, tx, program, now(ctx, tx, id)) },
				func() error {
					return late.Cases.OrderIn(ctx, tx, program, now(ctx, tx, id), supervision.Order{Class: "deadline"})
				},
				func() error { return late.Cases.ReportIn(ctx, tx, program, now(ctx, tx, id)) },
				func() error { return late.Cases.PassIn(ctx, tx, program, now(ctx, tx, id)) },
			} {
				if err := act(); err != nil {
					return err
				}
			}
			return nil
		}))
		w.must(late.rate(a.Follow, true, true))
		if c := state(); c.State != supervision.Closed || c.Fixed != supervision.FixedConfirmed {
			t.Errorf("after the resident's answer the case is %s, %q", c.State, c.Fixed)
		}
	})
}

func now(ctx context.Context, tx *db.Tx, id db.ID) supervision.Take {
	c, _ := casework.Find(ctx, tx, supervision.CaseMachine, id)
	return supervision.Take{ID: id, Version: c.Version, Note: "现场看过。"}
}
