package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"juli/internal/fault"
)

const sqliteReaders = 8

type sqliteEngine struct{}

func (c *core) openSQLite(ctx context.Context, path string, o options) error {
	path, query, _ := strings.Cut(path, "?")
	if query != "" {
		return fault.New(fault.Invalid, "db.url", "SQLite 地址不能带参数。")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return err
	}
	if f, err := os.OpenFile(abs, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return fmt.Errorf("database file: %w", err)
	} else if err := f.Close(); err != nil {
		return err
	}
	c.engine, c.path = translator{sqliteEngine{}}, abs
	c.write, c.read = sqlitePool(abs, o, true), sqlitePool(abs, o, false)
	if o.unsafe {
		return c.write.PingContext(ctx)
	}
	var mode string
	var sync int
	if err := c.write.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode); err != nil {
		return fmt.Errorf("open %s: %w", abs, err)
	}
	if err := c.write.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&sync); err != nil {
		return err
	}
	if mode != "wal" || sync < 2 {
		return fault.New(fault.Invalid, "db.unsafe", "数据库设置不安全（journal_mode=%s，synchronous=%d），断电可能丢失已确认的内容。", mode, sync)
	}
	return nil
}

// sqlitePool opens the one writing connection or the reading ones. The pragmas
// stand in the DSN, so that every pooled connection gets them, busy_timeout first.
// Without recursive_triggers a REPLACE would delete past the triggers of
// append-only tables.
func sqlitePool(path string, o options, write bool) *sql.DB {
	sync := "synchronous(FULL)"
	if o.unsafe {
		sync = "synchronous(OFF)"
	}
	q := url.Values{}
	for _, p := range []string{"busy_timeout(20000)", "journal_mode(WAL)", sync, "foreign_keys(1)", "recursive_triggers(1)", "temp_store(MEMORY)", "cache_size(-16000)"} {
		q.Add("_pragma", p)
	}
	if write {
		q.Set("_txlock", "immediate")
	} else {
		q.Add("_pragma", "query_only(1)")
	}
	pool := sql.OpenDB(sqliteOpener{dsn: "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()})
	n := sqliteReaders
	if write {
		n = 1
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	return pool
}

func (sqliteEngine) name() string                            { return "sqlite" }
func (sqliteEngine) lock(context.Context, *Tx, string) error { return nil }
func (sqliteEngine) retry(error) bool                        { return false }

func (sqliteEngine) hasTable(ctx context.Context, tx *Tx, table string) (bool, error) {
	n, err := Value[int64](ctx, tx, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1`, table)
	return n > 0, err
}

func (sqliteEngine) bulk(ctx context.Context, tx *Tx, table string, cols []string, next func() ([]any, bool)) (int64, error) {
	s, ok := tx.s.(*sqliteSession)
	if !ok {
		return 0, fmt.Errorf("not a SQLite transaction: %T", tx.s)
	}
	per := max(1, min(bulkRows, bulkParams/len(cols)))
	var err error
	var full string // the text of a whole batch
	var args []any
	var total int64
	for {
		row, ok := next()
		if ok {
			args = append(args, row...)
			total++
		}
		switch {
		case ok && len(args) == per*len(cols):
			if full == "" {
				full = insertRows(table, cols, per)
			}
			err = s.insert(ctx, full, args)
		case !ok && len(args) > 0:
			err = s.insert(ctx, insertRows(table, cols, len(args)/len(cols)), args)
		case ok:
			continue
		}
		if err != nil || !ok {
			return total, err
		}
		args = args[:0]
	}
}

func sqliteCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return 0
}

func (sqliteEngine) unique(err error) bool {
	c := sqliteCode(err)
	return c == sqlite3.SQLITE_CONSTRAINT_UNIQUE || c == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

func (sqliteEngine) full(err error) bool {
	return sqliteCode(err)&0xff == sqlite3.SQLITE_FULL || errors.Is(err, syscall.ENOSPC)
}

func (sqliteEngine) gone(err error) bool { return sqliteCode(err)&0xff == sqlite3.SQLITE_BUSY }

var (
	sqliteTypes = strings.NewReplacer(" BIGINT", " INTEGER", " BOOLEAN", " INTEGER", " BYTEA", " BLOB")
	tableEnd    = regexp.MustCompile(`(?m)^\);$`)
	clustered   = regexp.MustCompile(`(?m)^\); -- juli:clustered$`)
)

// adapt writes a migration for SQLite: its three types, STRICT tables, tables
// that lie in the order of their key (juli:clustered), and the append-only
// directive as triggers.
func (sqliteEngine) adapt(schema string) string {
	schema = clustered.ReplaceAllString(sqliteTypes.Replace(schema), ") STRICT, WITHOUT ROWID;")
	schema = tableEnd.ReplaceAllString(schema, ") STRICT;")
	return withTriggers(schema, `
-- +goose StatementBegin
CREATE TRIGGER ${1}_no_update BEFORE UPDATE ON $1 WHEN $2 BEGIN SELECT RAISE(ABORT, 'append-only: $1'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ${1}_no_delete BEFORE DELETE ON $1
WHEN NOT EXISTS (SELECT 1 FROM retention_pass WHERE table_name = '$1')
BEGIN SELECT RAISE(ABORT, 'append-only: $1'); END;
-- +goose StatementEnd
`)
}
