package credit_test

import (
	"context"
	"testing"

	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
)

// TestARecordIsNotedOnTheDayItTookEffect: decided after the end of the period of its
// event, it counts in the next one, and in that one alone.
func TestARecordIsNotedOnTheDayItTookEffect(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-07-20")
		id := w.effective("哈物罚〔2021〕7号")
		x := w.dossier(city, id)
		event, effective := x.Event, x.Effective
		if effective <= event {
			t.Fatalf("event %s, in effect %s", event, effective)
		}
		noted := func(from, to day.Date) (n int) {
			t.Helper()
			w.write(func(ctx context.Context, tx *db.Tx) error {
				list, err := credit.NotedIn(ctx, tx, from, to)
				if err != nil {
					return err
				}
				n = len(list)
				of, err := credit.NotedOf(ctx, tx, x.Enterprise, string(x.Project), from, to, 10)
				if len(of) != n {
					t.Errorf("%d cited of %d", len(of), n)
				}
				return err
			})
			return n
		}
		if n := noted(event.AddMonths(-2), effective.AddDays(-1)); n != 0 {
			t.Errorf("before it was decided %d are counted", n)
		}
		if n := noted(effective, effective.AddMonths(2)); n != 1 {
			t.Errorf("the period in which it took effect counts %d", n)
		}
	})
}
