package once_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/once"
)

type answer struct {
	status   int
	text     string
	replayed bool
}

// do runs one request that leaves a row behind as its effect.
func do(ctx context.Context, d *db.DB, scope, key, body string) (answer, error) {
	var a answer
	err := d.Write(ctx, func(tx *db.Tx) error {
		status, text, replayed, err := once.Do(ctx, tx, scope, key, []byte(body), func() (int, []byte, error) {
			_, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ($1, $2)
				ON CONFLICT (key) DO UPDATE SET value = meta.value || excluded.value`, "effect:"+scope+key, "x")
			return 201, []byte("answer to " + body), err
		})
		a = answer{status, string(text), replayed}
		return err
	})
	return a, err
}

func effects(t *testing.T, d *db.DB) (n int64, doubled int64) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		if n, err = db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM meta WHERE key LIKE 'effect:%'`); err != nil {
			return err
		}
		doubled, err = db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM meta WHERE key LIKE 'effect:%' AND value <> 'x'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, doubled
}

// TestSameKeySameAnswer is MON-3: the act runs once and answers alike.
func TestSameKeySameAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		first, err := do(t.Context(), d, "pay", "k1", "100.00")
		if err != nil || first != (answer{201, "answer to 100.00", false}) {
			t.Fatalf("first: %+v, %v", first, err)
		}
		again, err := do(t.Context(), d, "pay", "k1", "100.00")
		if err != nil || again != (answer{201, "answer to 100.00", true}) {
			t.Errorf("again: %+v, %v", again, err)
		}
		if _, err := do(t.Context(), d, "pay", "k1", "200.00"); !fault.Is(err, "once.mismatch") || fault.From(err).Kind != fault.Invalid {
			t.Errorf("another body under the same key: %v", err)
		}
		if other, err := do(t.Context(), d, "vote", "k1", "200.00"); err != nil || other.replayed {
			t.Errorf("the same key in another scope: %+v, %v", other, err)
		}
		if n, doubled := effects(t, d); n != 2 || doubled != 0 {
			t.Errorf("%d effects, %d of them doubled", n, doubled)
		}
	})
}

// TestAFailedActLeavesItsKeyFree is MON-3: what was refused may be tried again.
func TestAFailedActLeavesItsKeyFree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		refused := errors.New("refused")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, _, _, err := once.Do(t.Context(), tx, "pay", "k1", nil, func() (int, []byte, error) { return 0, nil, refused })
			return err
		})
		if !errors.Is(err, refused) {
			t.Fatalf("err = %v", err)
		}
		if got, err := do(t.Context(), d, "pay", "k1", ""); err != nil || got.replayed {
			t.Errorf("after a refusal: %+v, %v", got, err)
		}
	})
}

// TestConcurrentRequestsHaveOneEffect is MON-3: effects = distinct keys.
func TestConcurrentRequestsHaveOneEffect(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const keys, copies = 25, 8
		var fresh atomic.Int64
		var wg sync.WaitGroup
		for i := range keys * copies {
			wg.Go(func() {
				got, err := do(t.Context(), d, "pay", fmt.Sprint("k", i%keys), "100.00")
				if err != nil || got.status != 201 {
					t.Errorf("request %d: %+v, %v", i, got, err)
				}
				if !got.replayed {
					fresh.Add(1)
				}
			})
		}
		wg.Wait()
		if n, doubled := effects(t, d); n != keys || doubled != 0 || fresh.Load() != keys {
			t.Errorf("%d effects of %d keys, %d doubled, %d fresh answers", n, keys, doubled, fresh.Load())
		}
	})
}

func TestAnActInsideItselfIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			nothing := func() (int, []byte, error) { return 200, nil, nil }
			_, _, _, err := once.Do(t.Context(), tx, "pay", "k1", nil, func() (int, []byte, error) {
				_, _, _, err := once.Do(t.Context(), tx, "pay", "k1", nil, nothing)
				return 200, nil, err
			})
			return err
		})
		if !fault.Is(err, "once.in-flight") {
			t.Errorf("err = %v", err)
		}
	})
}

func TestKeysThatAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, key := range []string{"", " ", "a b", "键", "a\n", fmt.Sprintf("%201d", 1)} {
			if _, err := do(t.Context(), d, "pay", key, ""); !fault.Is(err, "once.key") {
				t.Errorf("key %q: %v", key, err)
			}
		}
	})
}

// TestKeysAreKeptForADay is MON-3: at least 24 hours, money and votes for ever.
func TestKeysAreKeptForADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		start := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
		at := func(after time.Duration) *db.DB {
			return d.WithRealClock(func() time.Time { return start.Add(after) })
		}
		for _, scope := range []string{"form", once.Forever("pay")} {
			if _, err := do(t.Context(), at(0), scope, "k1", ""); err != nil {
				t.Fatal(err)
			}
		}
		for _, tt := range []struct {
			after   time.Duration
			deleted int64
		}{{once.Keep, 0}, {once.Keep + time.Millisecond, 1}, {1000 * once.Keep, 0}} {
			var n int64
			err := at(tt.after).Write(t.Context(), func(tx *db.Tx) (err error) {
				n, err = once.Purge(t.Context(), tx, tx.Real.Add(time.Hour)) // asks for more than it may
				return err
			})
			if err != nil || n != tt.deleted {
				t.Errorf("after %v: %d keys deleted, %v, want %d", tt.after, n, err, tt.deleted)
			}
		}
		if got, err := do(t.Context(), d, once.Forever("pay"), "k1", ""); err != nil || !got.replayed {
			t.Errorf("a payment's key: %+v, %v", got, err)
		}
	})
}
