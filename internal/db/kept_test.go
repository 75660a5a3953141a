package db_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"juli/internal/db"
	"juli/internal/db/dbtest"
)

// places counts divisions, keeping the number until the table changes.
var places = db.NewKept[string, int64](2, "division")

// countPlaces gives the number and says whether it was read or had been kept.
func countPlaces(t *testing.T, tx *db.Tx, key string) (n int64, read bool) {
	t.Helper()
	n, err := places.Get(t.Context(), tx, key, func() (int64, error) {
		read = true
		return db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM division`)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, read
}

func lookPlaces(t *testing.T, d *db.DB, key string, want int64, wantRead bool) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		if n, read := countPlaces(t, tx, key); n != want || read != wantRead {
			t.Errorf("%d places, read %v; want %d, %v", n, read, want, wantRead)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func addPlace(ctx context.Context, tx *db.Tx, code string) error {
	_, err := tx.Exec(ctx, `INSERT INTO division (code, name, kind, valid_from) VALUES ($1, $1, 'district', '2020-01-01')`, code)
	return err
}

// What is kept is what the tables say: after every way of writing, by this
// program or another one on the same database; a failed act changes nothing.
func TestKeptUntilTheTableChanges(t *testing.T) {
	twice := func(t *testing.T, address string) (one, two *db.DB) {
		open := func() *db.DB {
			d, err := db.Open(t.Context(), address, db.Unsafe())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { d.Close() })
			return d
		}
		return open(), open()
	}
	check := func(t *testing.T, one, two *db.DB) {
		if err := one.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		lookPlaces(t, one, "", 0, true)
		lookPlaces(t, one, "", 0, false)
		write(t, one, func(tx *db.Tx) error { // nothing to do with it
			_, err := tx.Exec(t.Context(), `INSERT INTO meta (key, value) VALUES ('other', '1')`)
			return err
		})
		lookPlaces(t, one, "", 0, false)
		write(t, one, func(tx *db.Tx) error {
			if err := addPlace(t.Context(), tx, "230101"); err != nil {
				return err
			}
			if n, read := countPlaces(t, tx, ""); n != 1 || !read {
				t.Errorf("the writer sees %d places, read %v", n, read)
			}
			return nil
		})
		lookPlaces(t, one, "", 1, true)
		lookPlaces(t, two, "", 1, true)
		lookPlaces(t, two, "", 1, false)
		ways := []func(tx *db.Tx) error{
			func(tx *db.Tx) error { return addPlace(t.Context(), tx, "230102") },
			func(tx *db.Tx) error {
				_, err := tx.Bulk(t.Context(), "division", []string{"code", "name", "kind", "valid_from"}, func(yield func([]any) bool) {
					yield([]any{"230103", "三", "district", "2020-01-01"})
				})
				return err
			},
			func(tx *db.Tx) error {
				_, err := db.Value[string](t.Context(), tx, `
					INSERT INTO division (code, name, kind, valid_from) VALUES ('230104', '四', 'district', '2020-01-01') RETURNING code`)
				return err
			},
			func(tx *db.Tx) error {
				return tx.Try(t.Context(), func() error { return addPlace(t.Context(), tx, "230105") })
			},
		}
		for i, way := range ways {
			write(t, two, way)
			lookPlaces(t, one, "", int64(i+2), true)
			lookPlaces(t, one, "", int64(i+2), false)
		}
		write(t, one, func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE division SET name = 'x' WHERE code = '230101'`)
			return err
		})
		lookPlaces(t, two, "", 5, true)
		if err := one.Write(t.Context(), func(tx *db.Tx) error {
			return fmt.Errorf("refused: %w", addPlace(t.Context(), tx, "230106"))
		}); err == nil {
			t.Fatal("no refusal")
		}
		lookPlaces(t, two, "", 5, false)
	}
	t.Run("sqlite", func(t *testing.T) {
		one, two := twice(t, "sqlite://"+filepath.Join(t.TempDir(), "two.db"))
		check(t, one, two)
	})
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if d.Engine() == "postgres" {
			one, two := twice(t, dbtest.PostgresURL(t))
			check(t, one, two)
		}
	})
}

// A reader on an older snapshot neither gets what is newer nor leaves what is
// older to others; no more is kept than may be.
func TestKeptBySnapshot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		lookPlaces(t, d, "", 0, true)
		err := d.Read(t.Context(), func(old *db.Tx) error {
			if n, _ := countPlaces(t, old, ""); n != 0 {
				t.Error(n)
			}
			done := make(chan error)
			go func() {
				done <- d.Write(t.Context(), func(tx *db.Tx) error { return addPlace(t.Context(), tx, "230101") })
			}()
			if err := <-done; err != nil {
				return err
			}
			lookPlaces(t, d, "", 1, true)
			if n, read := countPlaces(t, old, ""); n != 0 || !read {
				t.Errorf("the older snapshot sees %d, read %v", n, read)
			}
			lookPlaces(t, d, "", 1, false)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"a", "b", "c"} {
			lookPlaces(t, d, key, 1, true)
		}
		lookPlaces(t, d, "c", 1, false)
		lookPlaces(t, d, "", 1, true) // had to make room
	})
}

// Many writers count their changes without waiting for each other in circles,
// and no reader ever sees an older number than one it has seen.
func TestKeptUnderManyWriters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var all sync.WaitGroup
		for w := range 8 {
			all.Go(func() {
				for i := range 10 {
					err := d.Write(t.Context(), func(tx *db.Tx) error { return addPlace(t.Context(), tx, fmt.Sprintf("23%02d%02d", w+10, i+10)) })
					if err != nil {
						t.Error(err)
					}
				}
			})
			all.Go(func() {
				var last int64
				for range 30 {
					err := d.Read(t.Context(), func(tx *db.Tx) error {
						kept, _ := countPlaces(t, tx, "")
						is, err := db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM division`)
						if kept != is || kept < last {
							t.Errorf("kept %d, there are %d, seen before %d", kept, is, last)
						}
						last = kept
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			if n, _ := countPlaces(t, tx, ""); n != 80 {
				t.Errorf("%d places at the end", n)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}
