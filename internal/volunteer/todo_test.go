package volunteer_test

import (
	"context"
	"testing"

	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/volunteer"
)

func TestACallWaitsForItsCommunityFromTheDayOfTheService(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.call(3)
		for _, x := range []struct {
			on   string
			want int
		}{{"2021-06-09", 0}, {"2021-06-10", 1}} {
			w.on(w.On(x.on))
			w.Read(func(ctx context.Context, tx *db.Tx) error {
				list, _, err := casework.Todos(ctx, tx, w.community, []*casework.Machine{volunteer.CallMachine}, casework.Filter{}, casework.Cursor{}, 9)
				if len(list) != x.want {
					t.Errorf("%s: %d calls wait, want %d", x.on, len(list), x.want)
				}
				return err
			})
		}
	})
}
