package resident_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/once"
	"juli/internal/resident"
)

// TestSubmissionsAtOnceAreNeitherLostNorDoubled: many clients, each sending every
// report twice under its key (issue 3 §6; `juli bench --only reports` measures 1,000).
func TestSubmissionsAtOnceAreNeitherLostNorDoubled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const clients, each = 8, 10
		w := newWorld(t, d)
		var mu sync.Mutex
		numbers := map[string]string{} // by key
		var all sync.WaitGroup
		for c := range clients {
			all.Go(func() {
				for i := range 2 * each {
					key := fmt.Sprintf("client-%02d-report-%02d", c, i/2)
					var number string
					err := w.Town.DB.Write(t.Context(), func(tx *db.Tx) error {
						_, kept, _, err := once.Do(t.Context(), tx, "test", key, nil, func() (int, []byte, error) {
							out, err := w.SubmitIn(t.Context(), tx, authz.Anonymous, w.submission("door", fmt.Sprintf("138%08d", c*each+i/2)))
							return 200, []byte(out.Number), err
						})
						number = string(kept)
						return err
					})
					mu.Lock()
					if before, again := numbers[key]; err != nil || again && before != number {
						t.Errorf("%s: %q then %q, %v", key, before, number, err)
					}
					numbers[key] = number
					mu.Unlock()
				}
			})
		}
		all.Wait()
		seen := map[string]bool{}
		for _, n := range numbers {
			seen[n] = true
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			n, err := resident.Count(ctx, tx, resident.Query{Public: true})
			if err != nil || n != clients*each || len(seen) != clients*each {
				t.Errorf("%d reports, %d numbers, want %d; %v", n, len(seen), clients*each, err)
			}
			last, err := db.Value[int64](ctx, tx, `SELECT last FROM resident_serial`)
			if err != nil || last != clients*each {
				t.Errorf("the last serial is %d, %v: a number was lost", last, err)
			}
			return nil
		})
	})
}
