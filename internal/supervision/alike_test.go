package supervision_test

import (
	"context"
	"slices"
	"testing"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/supervision"
)

func TestCasesOfAnotherViolationAreNotOfferedAsTheSameFault(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		register := func(violation string) (id db.ID) {
			w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) (err error) {
				f := w.fault()
				f.Violation = violation
				id, err = s.RegisterIn(ctx, tx, w.first, f)
				return err
			})
			return id
		}
		door, unknown, dirt, again := register("Q03"), register(""), register("Q02"), register("Q03")
		offered := func(id db.ID) (list []db.ID) {
			for _, c := range w.state(id).Alike {
				if list = append(list, c.ID); c.Violation != "" && c.ViolationTitle == "" {
					t.Errorf("%s is offered without its violation", c.No)
				}
			}
			return list
		}
		if got := offered(again); !slices.Equal(got, []db.ID{door, unknown}) {
			t.Errorf("beside another broken door are offered %v, not the door %s and the unknown %s", got, door, unknown)
		}
		if got := offered(unknown); len(got) != 3 || !slices.Contains(got, dirt) {
			t.Errorf("beside one whose violation is not known are offered %v", got)
		}
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.MergeIn(ctx, tx, w.first, w.take(ctx, tx, again, ""), door)
		})
		into, from := w.state(door), w.state(again)
		if from.Into != door || from.IntoNo != into.No || len(into.Merged) != 1 || into.Merged[0].ID != again || into.Merged[0].ViolationTitle == "" {
			t.Errorf("merged: it leads to %q, which names %v", from.IntoNo, into.Merged)
		}
	})
}
