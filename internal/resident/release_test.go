package resident_test

import (
	"context"
	"testing"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
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

// TestTheResidentsOwnWordsArePublishedOnlyOnceTheyWereChecked: rewritten ones are the
// official's own.
func TestTheResidentsOwnWordsArePublishedOnlyOnceTheyWereChecked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.report("door", anna).Report
		for _, tt := range []struct {
			body    string
			checked bool
			rule    string
		}{
			{"二号楼单元门关不上，晚上很冷", false, "resident.form"}, {" 二号楼单元门关不上，晚上很冷\n", false, "resident.form"},
			{"二号楼单元门关不上", false, ""}, {"二号楼单元门关不上，晚上很冷", true, ""},
		} {
			take := w.take(id, "")
			take.Checked, take.Release = tt.checked, w.see(id).Release
			wantRule(t, w.act(func(ctx context.Context, tx *db.Tx) error {
				return w.ReleaseIn(ctx, tx, w.street, take, tt.body, "", false)
			}), tt.rule)
		}
	})
}

// TestAPhotoThatNobodyCouldSeeYetIsNotReleased: it waits to be painted anew, so whoever
// releases the others has not looked at it.
func TestAPhotoThatNobodyCouldSeeYetIsNotReleased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.report("door", anna).Report
		w.photographed(id)
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO resident_photo (id, report, side, file, state, released, added_at) VALUES ($1, $2, 'report', 1, 'raw', FALSE, 0)`, tx.NewID(), id)
			return err
		}))
		take := w.take(id, "")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			return w.ReleaseIn(ctx, tx, w.street, take, "单元门损坏", "", true)
		}))
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			list, err := resident.PhotosOf(ctx, tx, id)
			if err != nil || len(list) != 2 || !list[0].Released || list[1].Released {
				t.Errorf("released: %+v, %v", list, err)
			}
			return nil
		})
	})
}
