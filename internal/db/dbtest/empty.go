package dbtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"juli/internal/db"
)

// Empty is a database without a schema on the named engine: what a restore or a
// migration starts from.
func Empty(t testing.TB, engine string) *db.DB {
	t.Helper()
	if engine == "sqlite" {
		return open(t, "sqlite://"+filepath.Join(t.TempDir(), "empty.db"))
	}
	name := fmt.Sprintf("juli_empty_%d_%d", os.Getpid(), time.Now().UnixNano())
	must(t, admin(`CREATE DATABASE `+name+` TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`))
	t.Cleanup(func() { must(t, admin(`DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`)) })
	return open(t, withDatabase(t, name))
}

// Any is an empty, migrated database on one engine, that of the run: for tests
// of something above the engines, which one of them proves.
func Any(t testing.TB) *db.DB {
	t.Helper()
	if os.Getenv("JULI_TEST_ENGINE") == "postgres" {
		return Postgres(t)
	}
	return SQLite(t)
}
