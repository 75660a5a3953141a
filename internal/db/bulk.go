package db

import (
	"context"
	"fmt"
	"iter"
	"strings"
)

// bulkRows is how many rows one multi-row insert carries on SQLite, which takes
// at most 32,766 parameters.
const (
	bulkRows   = 128
	bulkParams = 32_000
)

// Bulk inserts rows, each with a value per column, and tells how many. It is
// COPY on PostgreSQL and prepared multi-row inserts on SQLite. A row's slice may
// be used again by the caller once the next one is asked for.
func (tx *Tx) Bulk(ctx context.Context, table string, cols []string, rows iter.Seq[[]any]) (int64, error) {
	if tx.reading {
		return 0, errReading
	}
	tx.wrote(table)
	pull, stop := iter.Pull(rows)
	defer stop()
	next := func() ([]any, bool) {
		row, ok := pull()
		if ok && len(row) != len(cols) {
			panic(fmt.Sprintf("bulk %s: %d values for %d columns", table, len(row), len(cols)))
		}
		return plain(row), ok
	}
	n, err := tx.d.engine.bulk(ctx, tx, table, cols, next)
	if err != nil {
		return 0, fmt.Errorf("bulk %s: %w", table, err)
	}
	return n, nil
}

// insertRows is INSERT … VALUES (?, …), (…) for n rows, for SQLite alone. The
// parameters have no names: SQLite looks named ones such as $1 up in a list from
// its beginning, once for each, so that a statement of thousands costs their square.
func insertRows(table string, cols []string, n int) string {
	row := ",(?" + strings.Repeat(",?", len(cols)-1) + ")"
	return "INSERT INTO " + table + " (" + strings.Join(cols, ", ") + ") VALUES " + strings.Repeat(row, n)[1:]
}
