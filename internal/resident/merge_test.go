package resident_test

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
)

// TestAReportIsNotMergedIntoAnAnswerThatWasGivenBefore: what came after the answer is
// owed one of its own.
func TestAReportIsNotMergedIntoAnAnswerThatWasGivenBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		old := w.report("door", anna)
		w.answer(old.Report)
		fresh := w.on("2021-06-04").report("door", bob)
		merge := func() error {
			take := w.take(fresh.Report, "")
			return w.act(func(ctx context.Context, tx *db.Tx) error { return w.MergeIn(ctx, tx, w.street, take, old.Report) })
		}
		wantRule(t, merge(), "resident.merge-answered")
		w.pass(old.Report, true)
		wantRule(t, merge(), "resident.merge-answered")
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			alike, err := w.Alike(ctx, tx, w.see(fresh.Report))
			if err != nil || len(alike) != 0 {
				t.Errorf("proposed all the same: %v, %v", alike, err)
			}
			return nil
		})
	})
}

// TestWhoOwesTheAnswerDoesNotMergeItAway: an office cannot take its own reports out of
// its rates; who signed them, or who stands above, decides.
func TestWhoOwesTheAnswerDoesNotMergeItAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		first, second := w.report("committee", anna), w.report("committee", bob)
		r := w.see(second.Report)
		var own, other authz.Actor
		switch r.Office {
		case authz.Community:
			own, other = w.community, w.street
		case authz.Subdistrict:
			own, other = w.street, w.District(r.Division)
		default:
			t.Fatalf("%s answers", r.Office)
		}
		merge := func(who authz.Actor) error {
			take := w.take(second.Report, "")
			return w.act(func(ctx context.Context, tx *db.Tx) error { return w.MergeIn(ctx, tx, who, take, first.Report) })
		}
		wantRule(t, merge(own), "resident.merge-own")
		wantRule(t, merge(other), "")
	})
}
