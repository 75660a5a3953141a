package resident_test

import (
	"context"
	"testing"

	"juli/internal/db"
	"juli/internal/db/dbtest"
)

func TestWordsWrittenOnOlderPublicWordsAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.report("door", "13900000001").Report
		first, second := w.take(id, ""), w.take(id, "") // both officials have the same page open
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			return w.ReleaseIn(ctx, tx, w.street, first, "单元门损坏", "", false)
		}))
		wantRule(t, w.act(func(ctx context.Context, tx *db.Tx) error {
			return w.ReleaseIn(ctx, tx, w.street, second, "门坏了", "", false)
		}), "resident.release-stale")
		if r := w.see(id); r.PublicBody != "单元门损坏" || r.Release != 1 {
			t.Errorf("public is %q, written %d times", r.PublicBody, r.Release)
		}
		second.Release = 1 // having read what stands now
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			return w.ReleaseIn(ctx, tx, w.street, second, "单元门损坏，关不上", "", false)
		}))
		if r := w.see(id); r.PublicBody != "单元门损坏，关不上" {
			t.Errorf("public is %q", r.PublicBody)
		}
	})
}
