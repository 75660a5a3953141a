package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"juli/internal/db"
	"juli/internal/db/dbtest"
)

func text(row db.Scanner) (s string, err error) { return s, row.Scan(&s) }

func write(t *testing.T, d *db.DB, fn func(*db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// A statement that is kept prepared follows the schema: another connection
// changes a table between two uses of the same text.
func TestKeptStatementsFollowTheSchema(t *testing.T) {
	d := dbtest.SQLite(t)
	do := func(query string) {
		t.Helper()
		write(t, d, func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), query); return err })
	}
	read := func() (got string, err error) {
		err = d.Read(t.Context(), func(tx *db.Tx) error {
			got, _, err = db.One(t.Context(), tx, text, `SELECT b FROM shape`)
			return err
		})
		return got, err
	}
	do(`CREATE TABLE shape (a TEXT, b TEXT)`)
	do(`INSERT INTO shape (a, b) VALUES ('first', 'second')`)
	for range 2 {
		if got, err := read(); err != nil || got != "second" {
			t.Fatal(got, err)
		}
	}
	do(`ALTER TABLE shape DROP COLUMN a`)
	do(`ALTER TABLE shape ADD COLUMN c TEXT`)
	if got, err := read(); err != nil || got != "second" {
		t.Fatal(got, err)
	}
	do(`DROP TABLE shape`)
	if _, err := read(); err == nil || !strings.Contains(err.Error(), "no such table") {
		t.Fatal(err)
	}
}

// More texts than a connection keeps, each used twice, in one transaction and
// over several; a text that is being read is not given out again.
func TestMoreStatementsThanAreKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for round := range 2 {
			err := d.Read(t.Context(), func(tx *db.Tx) error {
				for i := range 300 {
					got, err := db.Value[int64](t.Context(), tx, fmt.Sprintf(`SELECT CAST($1 AS BIGINT) + %d`, i), int64(round))
					if err != nil || got != int64(i+round) {
						return fmt.Errorf("%d: %d %w", i, got, err)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A transaction whose request has gone away is undone, and its connection
// serves the next one.
func TestAGoneRequestUndoesItsTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ('gone', '1')`)
			cancel()
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		err = d.Read(t.Context(), func(tx *db.Tx) error {
			n, err := db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM meta WHERE key = 'gone'`)
			if n != 0 {
				t.Error("half an act stayed")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		write(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO meta (key, value) VALUES ('gone', '2')`)
			return err
		})
	})
}

// A query that would never end is ended with its request.
func TestAnEndlessQueryEndsWithItsRequest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := d.Read(ctx, func(tx *db.Tx) error {
			_, err := db.Value[int64](ctx, tx, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n`)
			return err
		})
		if err == nil || ctx.Err() == nil {
			t.Fatal(err)
		}
		if err := d.Read(t.Context(), func(tx *db.Tx) error { _, err := db.Value[int64](t.Context(), tx, `SELECT 1`); return err }); err != nil {
			t.Fatal(err)
		}
	})
}

// A failed statement, a failed commit and a panic leave no transaction behind.
func TestNothingIsLeftOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		insert := `INSERT INTO node_lease (node, holder, until_ms) VALUES (1, $1, 0)`
		for range 20 { // more than there are connections
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				if _, err := tx.Exec(t.Context(), `INSERT INTO meta (key, value) VALUES ('open', '1')`); err != nil {
					return err
				}
				_, err := tx.Exec(t.Context(), insert, nil) // NOT NULL
				return err
			})
			if err == nil {
				t.Fatal("a missing value was taken")
			}
			func() {
				defer func() { _ = recover() }()
				_ = d.Read(t.Context(), func(tx *db.Tx) error {
					_, _, err := db.One(t.Context(), tx, func(db.Scanner) (string, error) {
						panic("in the middle of the rows")
					}, `SELECT holder FROM node_lease UNION ALL SELECT 'x'`)
					return err
				})
			}()
		}
		write(t, d, func(tx *db.Tx) error {
			n, err := db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM meta WHERE key = 'open'`)
			if n != 0 {
				t.Error("half an act stayed")
			}
			return err
		})
	})
}

// A transaction's first statement is sent together with its beginning: it may
// fail, as often as it likes, and it may not write where only reading is allowed.
func TestTheFirstStatementOfATransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 20 { // more than there are connections
			for _, query := range []string{
				`SELECT nothing FROM meta`,
				`SELECT 1 WHERE 'a' = CAST($1 AS BIGINT)`,
				`INSERT INTO meta (key, value) VALUES ('first', $1) RETURNING value`,
			} {
				err := d.Read(t.Context(), func(tx *db.Tx) error {
					_, _, err := db.One(t.Context(), tx, text, query, "x")
					return err
				})
				if err == nil && strings.HasPrefix(query, "INSERT") {
					t.Fatal("a reading transaction wrote")
				}
			}
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				if _, err := db.Value[string](t.Context(), tx, `INSERT INTO meta (key, value) VALUES ('first', $1) RETURNING value`, "x"); err != nil {
					return err
				}
				return errors.New("thought better of it")
			})
			if err == nil || !strings.Contains(err.Error(), "thought better") {
				t.Fatal(err)
			}
		}
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			n, err := db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM meta WHERE key = 'first'`)
			if n != 0 {
				t.Error("half an act stayed")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Read(t.Context(), func(*db.Tx) error { return nil }); err != nil { // nothing was asked, nothing is sent
			t.Fatal(err)
		}
	})
}

// What a column holds arrives the same on both engines, in every type that our
// rows are read into.
func TestColumnsIntoTypes(t *testing.T) {
	type name string
	type count int
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var s, digits string
		var n name
		var c count
		var i int64
		var flag bool
		var raw []byte
		var some, none *string
		var id db.ID
		var anything any
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			_, _, err := db.One(t.Context(), tx, func(row db.Scanner) (struct{}, error) {
				return struct{}{}, row.Scan(&s, &n, &c, &i, &flag, &some, &none, &id, &anything, &digits)
			}, `SELECT 'a', '名', CAST(7 AS BIGINT), CAST(8 AS BIGINT), CAST($1 AS BOOLEAN), 'b', NULL, CAST(9 AS BIGINT), CAST(10 AS BIGINT), CAST(11 AS BIGINT)`, true)
			if err != nil {
				return err
			}
			raw, err = db.Value[[]byte](t.Context(), tx, `SELECT content FROM (SELECT value AS content FROM meta UNION ALL SELECT 'bytes') x LIMIT 1`)
			if err != nil {
				return err
			}
			for _, bad := range []any{new(string), new(int64), new(name), new(bool), s, nil} {
				if _, _, err := db.One(t.Context(), tx, func(row db.Scanner) (struct{}, error) { return struct{}{}, row.Scan(bad) }, `SELECT NULL`); err == nil {
					t.Errorf("nothing was stored in %T", bad)
				}
			}
			if _, err := db.Value[int64](t.Context(), tx, `SELECT 'twelve'`); err == nil {
				t.Error("a word was read as a number")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(s, n, c, i, flag, *some, none == nil, id, anything, digits, string(raw))
		if want := "a名 7 8 trueb true " + db.ID(9).String() + " 10 11bytes"; strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Fatalf("%q, want %q", got, want)
		}
	})
}

// What one program wrote the other reads at once, with statements that both keep.
func TestTwoProgramsOnOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "two.db")
	open := func() *db.DB {
		d, err := db.Open(t.Context(), "sqlite://"+path, db.Unsafe())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		return d
	}
	one, two := open(), open()
	if err := one.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		from, other := one, two
		if i%2 == 1 {
			from, other = two, one
		}
		want := fmt.Sprint(i)
		write(t, from, func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO meta (key, value) VALUES ('turn', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, want)
			return err
		})
		err := other.Read(t.Context(), func(tx *db.Tx) error {
			got, _, err := db.One(t.Context(), tx, text, `SELECT value FROM meta WHERE key = 'turn'`)
			if got != want {
				t.Fatalf("turn %s is read as %s", want, got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
