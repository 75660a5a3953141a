package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"

	"juli/internal/fault"
)

// A Scanner is a row that can be read once.
type Scanner interface{ Scan(dest ...any) error }

var errReading = fault.New(fault.Internal, "db.nested-query", "读取未结束时不能执行其他语句。")

// Exec runs a statement and tells how many rows it changed.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if tx.reading {
		return 0, errReading
	}
	tx.wroteBy(query)
	n, err := tx.s.exec(ctx, query, plain(args))
	if err != nil {
		return 0, fmt.Errorf("exec: %w", err)
	}
	return n, nil
}

// Rows yields the rows of a query, one at a time. Iteration stops at the first
// error, which is yielded last. No other statement may run meanwhile, since
// PostgreSQL could not run it: it is refused on both engines.
func Rows[T any](ctx context.Context, tx *Tx, scan func(Scanner) (T, error), query string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		if tx.reading {
			yield(zero, errReading)
			return
		}
		tx.wroteBy(query)
		rows, err := tx.s.query(ctx, query, plain(args))
		if err != nil {
			yield(zero, fmt.Errorf("query: %w", err))
			return
		}
		tx.reading = true
		defer func() { rows.Close(); tx.reading = false }()
		for rows.Next() {
			if v, err := scan(rows); !yield(v, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(zero, fmt.Errorf("read rows: %w", err))
		}
	}
}

// All reads every row of a query; the query bounds their number.
func All[T any](ctx context.Context, tx *Tx, scan func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	var all []T
	for v, err := range Rows(ctx, tx, scan, query, args...) {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// One reads the first row; false means that there is none.
func One[T any](ctx context.Context, tx *Tx, scan func(Scanner) (T, error), query string, args ...any) (T, bool, error) {
	for v, err := range Rows(ctx, tx, scan, query, args...) {
		return v, err == nil, err
	}
	var zero T
	return zero, false, nil
}

// Value reads one column of one row: a count, a sum, the RETURNING of an upsert.
// No row is NotFound "db.no-row".
func Value[T any](ctx context.Context, tx *Tx, query string, args ...any) (T, error) {
	v, ok, err := One(ctx, tx, scanOf[T], query, args...)
	if err == nil && !ok {
		err = fault.Wrap(sql.ErrNoRows, fault.NotFound, "db.no-row", "没有找到对应的记录。")
	}
	return v, err
}

func scanOf[T any](row Scanner) (v T, err error) { return v, row.Scan(&v) }

func scanString(row Scanner) (string, error) { return scanOf[string](row) }

// plain turns arguments that know their stored form into it, so that both
// drivers see the same types.
func plain(args []any) []any {
	for i, a := range args {
		switch v := a.(type) {
		case int64, string, bool, []byte, nil:
		case int:
			args[i] = int64(v)
		case driver.Valuer:
			if p, err := v.Value(); err == nil || !errors.Is(err, driver.ErrSkip) {
				args[i] = p
			}
		default:
			if p, err := driver.DefaultParameterConverter.ConvertValue(a); err == nil {
				args[i] = p
			}
		}
	}
	return args
}
