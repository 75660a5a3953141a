// Package dbtest gives each test a migrated database of its own, on both
// engines. There is no other way to get one in a test, so no query can work on
// only one of them.
//
// SQLite copies a file that was migrated once per schema. PostgreSQL clones a
// template database on the server that JULI_TEST_PG names. JULI_TEST_ENGINE
// (sqlite or postgres) narrows a run to one engine. Nothing is synced to disk:
// crash tests open their databases themselves.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"juli/internal/day"
	"juli/internal/db"
)

// Each runs fn on every engine that the run has, each with an empty, migrated database.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	only := os.Getenv("JULI_TEST_ENGINE")
	if only != "postgres" {
		t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t)) })
	}
	if os.Getenv("JULI_TEST_PG") != "" && only != "sqlite" {
		t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t)) })
	}
}

// SQLite is an empty, migrated database in the test's own folder.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	must(t, copyFile(path, sqliteTemplate(t)))
	return open(t, "sqlite://"+path)
}

// Postgres is an empty, migrated database on the test server.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return open(t, PostgresURL(t))
}

// PostgresURL is the address of such a database, dropped when the test ends.
func PostgresURL(t testing.TB) string {
	t.Helper()
	address, drop := clone(t, postgresTemplate(t))
	t.Cleanup(func() { must(t, drop()) })
	return address
}

// PostgresModel is the address of such a database that outlives the test, for others
// to be copied from; whoever asked for it drops it.
func PostgresModel(t testing.TB) (address string, drop func() error) {
	t.Helper()
	return clone(t, postgresTemplate(t))
}

// PostgresCopy is the address of a copy of a database to which nobody is connected,
// dropped when the test ends.
func PostgresCopy(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	copied, drop := clone(t, strings.TrimPrefix(u.Path, "/"))
	t.Cleanup(func() { must(t, drop()) })
	return copied
}

func clone(t testing.TB, template string) (address string, drop func() error) {
	t.Helper()
	name := fmt.Sprintf("juli_test_%d_%d", os.Getpid(), time.Now().UnixNano())
	must(t, admin(`CREATE DATABASE `+name+` TEMPLATE `+template))
	return withDatabase(t, name), func() error { return admin(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`) }
}

// Clock is d on a city calendar that stands at noon (Shanghai) of date.
func Clock(d *db.DB, date string) *db.DB {
	at := day.MustParse(date).Time().Add(12 * time.Hour)
	return d.WithClock(func() time.Time { return at })
}

func open(t testing.TB, address string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), address, db.Unsafe())
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	return d
}

var sqliteOnce = sync.OnceValues(func() (string, error) {
	hash, err := db.SchemaHash()
	if err != nil {
		return "", err
	}
	final := filepath.Join(os.TempDir(), "juli-schema-"+hash+".db")
	if _, err := os.Stat(final); err == nil {
		return final, nil
	}
	dir, err := os.MkdirTemp("", "juli-schema")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "t.db")
	ctx := context.Background() // shared by the tests of this process
	d, err := db.Open(ctx, "sqlite://"+path, db.Unsafe())
	if err != nil {
		return "", err
	}
	if err := d.Migrate(ctx); err != nil {
		d.Close()
		return "", err
	}
	if err := d.Close(); err != nil {
		return "", err
	}
	return final, os.Rename(path, final)
})

func sqliteTemplate(t testing.TB) string {
	t.Helper()
	path, err := sqliteOnce()
	must(t, err)
	return path
}

// postgresTemplate makes the migrated template once per schema, whichever
// process comes first.
func postgresTemplate(t testing.TB) string {
	t.Helper()
	hash, err := db.SchemaHash()
	must(t, err)
	name := "juli_template_" + hash
	pool, err := sql.Open("pgx", os.Getenv("JULI_TEST_PG"))
	must(t, err)
	defer pool.Close()
	conn, err := pool.Conn(t.Context())
	must(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(t.Context(), `SELECT pg_advisory_lock(7541)`)
	must(t, err)
	defer func() {
		_, _ = conn.ExecContext(context.WithoutCancel(t.Context()), `SELECT pg_advisory_unlock(7541)`) // closing the connection unlocks, too
	}()
	var n int
	must(t, conn.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM pg_database WHERE datname = $1`, name).Scan(&n))
	if n > 0 {
		return name
	}
	building := name + "_new"
	must(t, admin(`DROP DATABASE IF EXISTS `+building))
	must(t, admin(`CREATE DATABASE `+building+` TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`))
	d, err := db.Open(t.Context(), withDatabase(t, building), db.Unsafe())
	must(t, err)
	err = d.Migrate(t.Context())
	must(t, d.Close())
	must(t, err)
	must(t, admin(`ALTER DATABASE `+building+` RENAME TO `+name))
	return name
}

func admin(statement string) error {
	pool, err := sql.Open("pgx", os.Getenv("JULI_TEST_PG"))
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = pool.ExecContext(context.Background(), statement) // also when the test has ended
	return err
}

func withDatabase(t testing.TB, name string) string {
	t.Helper()
	u, err := url.Parse(os.Getenv("JULI_TEST_PG"))
	must(t, err)
	u.Path = "/" + name
	return u.String()
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
