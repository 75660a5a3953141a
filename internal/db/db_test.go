package db_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
)

func scanPair(row db.Scanner) (p [2]string, err error) { return p, row.Scan(&p[0], &p[1]) }

func put(t *testing.T, d *db.DB, key, value string) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO meta (key, value) VALUES ($1, $2)`, key, value)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWriteIsAllOrNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		refusal := fault.New(fault.Invalid, "test.no", "不行。")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `INSERT INTO meta (key, value) VALUES ('a', 'b')`); err != nil {
				return err
			}
			return refusal
		})
		if !errors.Is(err, refusal) {
			t.Fatalf("Write = %v, want the refusal", err)
		}
		if n := count(t, d); n != 0 {
			t.Errorf("%d rows are left of a refused write", n)
		}
	})
}

func count(t *testing.T, d *db.DB) (n int64) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM meta`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRefusals(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d, "a", "1")
		put(t, d, "b", "2")
		t.Run("a second row of one key is a unique violation", func(t *testing.T) {
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `INSERT INTO meta (key, value) VALUES ('a', 'b')`)
				return err
			})
			if !db.IsUnique(err) {
				t.Errorf("IsUnique(%v) is false", err)
			}
		})
		t.Run("reading writes nothing", func(t *testing.T) {
			err := d.Read(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `DELETE FROM meta`)
				return err
			})
			if err == nil {
				t.Error("a read transaction deleted rows")
			}
		})
		t.Run("no statement while rows are read", func(t *testing.T) {
			err := d.Read(t.Context(), func(tx *db.Tx) error {
				for _, err := range db.Rows(t.Context(), tx, scanPair, `SELECT key, value FROM meta ORDER BY key`) {
					if err != nil {
						return err
					}
					if _, err := db.Value[int64](t.Context(), tx, `SELECT 1`); err != nil {
						return err
					}
				}
				return nil
			})
			if !fault.Is(err, "db.nested-query") {
				t.Errorf("nested query = %v, want db.nested-query", err)
			}
		})
		t.Run("no row is not found", func(t *testing.T) {
			err := d.Read(t.Context(), func(tx *db.Tx) error {
				_, err := db.Value[string](t.Context(), tx, `SELECT value FROM meta WHERE key = 'none'`)
				return err
			})
			if !fault.Is(err, "db.no-row") {
				t.Errorf("no row = %v", err)
			}
		})
	})
}

func TestWriteInsideWriteIsRefusedNotHung(t *testing.T) {
	d := dbtest.SQLite(t)
	err := d.Write(t.Context(), func(*db.Tx) error {
		return d.Write(t.Context(), func(*db.Tx) error { return nil })
	})
	if !fault.Is(err, "db.nested") {
		t.Errorf("nested Write = %v, want db.nested", err)
	}
}

func TestBulkInsertsWhatItIsGiven(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, n := range []int{0, 1, 127, 128, 129, 1000} {
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				if _, err := tx.Exec(t.Context(), `DELETE FROM node_lease WHERE node >= 5000`); err != nil {
					return err
				}
				got, err := tx.Bulk(t.Context(), "node_lease", []string{"node", "holder", "until_ms"}, func(yield func([]any) bool) {
					row := make([]any, 3)
					for i := range n {
						row[0], row[1], row[2] = db.ID(5000+i), "持有者", i
						if !yield(row) {
							return
						}
					}
				})
				if err != nil || got != int64(n) {
					t.Errorf("Bulk = %d, %v, want %d", got, err, n)
				}
				have, err := db.Value[int64](t.Context(), tx, `SELECT COUNT(DISTINCT node) FROM node_lease WHERE node >= 5000 AND holder = '持有者'`)
				if err == nil && have != int64(n) {
					t.Errorf("%d rows are there, want %d", have, n)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestLockSerialisesAnAggregate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d, "sum", "")
		const writers, acts = 8, 5
		errs := make(chan error, writers)
		for range writers {
			go func() {
				var err error
				for range acts {
					err = errors.Join(err, d.Write(t.Context(), func(tx *db.Tx) error { return appendX(t.Context(), tx) }))
				}
				errs <- err
			}()
		}
		for range writers {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		_ = d.Read(t.Context(), func(tx *db.Tx) error {
			got, err := db.Value[string](t.Context(), tx, `SELECT value FROM meta WHERE key = 'sum'`)
			if err != nil || got != strings.Repeat("x", writers*acts) {
				t.Errorf("value has %d marks, %v; want %d", len(got), err, writers*acts)
			}
			return err
		})
	})
}

func appendX(ctx context.Context, tx *db.Tx) error {
	if err := tx.Lock(ctx, "sum", 1); err != nil {
		return err
	}
	v, err := db.Value[string](ctx, tx, `SELECT value FROM meta WHERE key = 'sum'`)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE meta SET value = $1 WHERE key = 'sum'`, v+"x")
	return err
}

func TestIDs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		d = dbtest.Clock(d, "2021-06-01")
		var ids []db.ID
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			for range 10_000 { // more than two milliseconds hold
				ids = append(ids, tx.NewID())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
			t.Error("ids repeat or go back")
		}
		if got := ids[0].Time().Sub(d.Real()); got < -time.Minute || got > time.Minute {
			t.Errorf("the id's time is %v off the real time", got)
		}
		for _, id := range ids[:100] {
			if back, err := db.ParseID(strings.ToLower(id.String())); err != nil || back != id {
				t.Fatalf("ParseID(%s) = %v, %v", id, back, err)
			}
		}
	})
	for _, bad := range []string{"", "0", "8000000000000", "000000000000U", "中文000000000"} {
		if _, err := db.ParseID(bad); !fault.Is(err, "db.id") {
			t.Errorf("ParseID(%q) = %v, want db.id", bad, err)
		}
	}
}

// A demo city is filled on a simulated calendar and then served by another
// process whose calendar lies years back: what it makes must sort later.
func TestIDsDoNotFollowTheCalendar(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		made := func(d *db.DB) (id db.ID) {
			if err := d.Write(t.Context(), func(tx *db.Tx) error { id = tx.NewID(); return nil }); err != nil {
				t.Fatal(err)
			}
			return id
		}
		before := d.Real().Truncate(time.Millisecond)
		for _, today := range []string{"2021-06-01", "2031-01-01", "2020-01-01"} {
			at := made(dbtest.Clock(d, today)).Time()
			if at.Before(before) || at.Sub(before) > time.Minute {
				t.Errorf("on %s the id's time is %v, the real time %v", today, at, before)
			}
		}
	})
}

func TestOnlyADemoDatabaseHasACalendar(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		then := time.Date(2021, 12, 31, 4, 0, 0, 0, time.UTC)
		if err := d.SetCityOffset(t.Context(), then); !fault.Is(err, "db.demo") {
			t.Errorf("a real city's calendar was moved: %v", err)
		}
		put(t, d, "demo", "1")
		if err := d.SetCityOffset(t.Context(), then); err != nil {
			t.Fatal(err)
		}
		if got := d.Now().Sub(then); got < 0 || got > time.Minute {
			t.Errorf("city time is %v off", got)
		}
		if err := d.SetCityOffset(t.Context(), then); !fault.Is(err, "db.demo") {
			t.Errorf("the calendar was moved twice: %v", err)
		}
	})
}

func TestADemoCalendarOnlyGoesForward(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		nothing := func(*db.Tx) error { return nil }
		if err := d.ForwardCity(t.Context(), time.Hour, nothing); !fault.Is(err, "db.demo") {
			t.Errorf("a real city's calendar was moved: %v", err)
		}
		put(t, d, "demo", "1")
		then := time.Date(2021, 12, 31, 4, 0, 0, 0, time.UTC)
		if err := d.SetCityOffset(t.Context(), then); err != nil {
			t.Fatal(err)
		}
		for _, by := range []time.Duration{0, -time.Hour} {
			if err := d.ForwardCity(t.Context(), by, nothing); !fault.Is(err, "db.demo") {
				t.Errorf("the calendar was moved by %v: %v", by, err)
			}
		}
		broken := errors.New("broken")
		if err := d.ForwardCity(t.Context(), time.Hour, func(*db.Tx) error { return broken }); !errors.Is(err, broken) {
			t.Errorf("what went along failed: %v", err)
		}
		if got := d.Now().Sub(then); got > time.Minute {
			t.Errorf("the calendar moved by %v with what failed", got)
		}
		if err := d.ForwardCity(t.Context(), 48*time.Hour, nothing); err != nil {
			t.Fatal(err)
		}
		if got := d.Now().Sub(then) - 48*time.Hour; got < 0 || got > time.Minute {
			t.Errorf("two days on, the calendar is %v off", got)
		}
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			text, err := db.Value[string](t.Context(), tx, `SELECT value FROM meta WHERE key = 'city_offset_ms'`)
			if err == nil && text != strconv.FormatInt(d.Offset().Milliseconds(), 10) {
				t.Errorf("the database keeps %s ms, this process knows %v", text, d.Offset())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
