package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"runtime"
	"strconv"
	"time"

	"juli/internal/fault"
)

// An engine is what differs between the two databases.
type engine interface {
	name() string
	begin(ctx context.Context, pool *sql.DB, write bool) (session, error)
	lock(ctx context.Context, tx *Tx, key string) error
	hasTable(ctx context.Context, tx *Tx, table string) (bool, error)
	bulk(ctx context.Context, tx *Tx, table string, cols []string, next func() ([]any, bool)) (int64, error)
	retry(err error) bool
	unique(err error) bool
	full(err error) bool
	gone(err error) bool
	adapt(schema string) string
}

// A session is one transaction on one connection.
type session interface {
	exec(ctx context.Context, query string, args []any) (int64, error)
	query(ctx context.Context, query string, args []any) (cursor, error)
	commit(ctx context.Context) error
	end() // undoes what was not committed and gives the connection back
}

// A cursor is the rows of a query, as [sql.Rows] has them.
type cursor interface {
	Next() bool
	Scanner
	Err() error
	Close() error
}

// translator turns what the engines say of disks and connections into faults.
type translator struct{ engine }

func (t translator) translate(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	switch {
	case t.full(err):
		return fault.Wrap(err, fault.Unavailable, "db.full", "服务器磁盘已满，暂时不能保存，已有内容仍可查看。")
	case t.gone(err):
		return fault.Wrap(err, fault.Unavailable, "db.gone", "数据库暂时连接不上，请稍后再试。")
	}
	return err
}

// IsUnique says whether err is a violation of a unique or primary key.
func IsUnique(err error) bool {
	return sqliteEngine{}.unique(err) || postgresEngine{}.unique(err)
}

// Millis is an instant as it is stored: milliseconds UTC; the zero time is 0.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// FromMillis is the instant of a stored number; 0 is the zero time.
func FromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// goroutine is the number of the calling goroutine, used only to refuse a Write
// inside a Write instead of waiting for oneself.
func goroutine() uint64 {
	var buf [32]byte
	text := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	digits, _, _ := bytes.Cut(text, []byte(" "))
	n, _ := strconv.ParseUint(string(digits), 10, 64)
	return n
}
