package db

import (
	"context"
	"math/rand/v2" //nolint:depguard // spreads writers; no secret comes of it
	"slices"
	"strings"
)

// counted are the tables whose changes are counted, so that what was read from
// them may be kept ([Kept]). The list belongs to the schema: every program on a
// database counts the same.
var counted = [...]string{"credit_publication", "division", "enterprise", "project"}

// changeShards spreads the counters of one table on PostgreSQL, so that few
// commits wait for one another; SQLite has one writer.
const changeShards = 8

// changes reads how often each counted table has changed, once a transaction.
func (tx *Tx) changes(ctx context.Context) ([len(counted)]int64, error) {
	if tx.counts != nil {
		return *tx.counts, nil
	}
	type count struct {
		table string
		n     int64
	}
	var all [len(counted)]int64
	scan := func(row Scanner) (c count, err error) { return c, row.Scan(&c.table, &c.n) }
	for c, err := range Rows(ctx, tx, scan, `SELECT table_name, CAST(SUM(changes) AS BIGINT) FROM table_change GROUP BY table_name ORDER BY table_name`) {
		if err != nil {
			return all, err
		}
		if i := slices.Index(counted[:], c.table); i >= 0 {
			all[i] = c.n
		}
	}
	tx.counts = &all
	return all, nil
}

// wrote remembers that a table was written, if its changes are counted.
func (tx *Tx) wrote(table string) {
	if i := slices.Index(counted[:], table); i >= 0 {
		tx.changed[i] = true
	}
}

// wroteBy remembers what a statement writes.
func (tx *Tx) wroteBy(query string) {
	if !tx.write {
		return
	}
	table, unsure := target(query)
	if unsure {
		for i := range tx.changed {
			tx.changed[i] = true
		}
		return
	}
	tx.wrote(table)
}

// target is the table that a statement writes, "" for one that only reads; a
// statement that hides it behind others is unsure.
func target(query string) (table string, unsure bool) {
	verb, rest := firstWord(query)
	switch strings.ToUpper(verb) {
	case "INSERT", "DELETE": // INTO, FROM
		_, rest = firstWord(rest)
	case "UPDATE":
	case "SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK":
		return "", false
	default:
		return "", true
	}
	table, _ = firstWord(rest)
	return table, false
}

// firstWord cuts a word off a statement.
func firstWord(text string) (word, rest string) {
	text = strings.TrimLeft(text, " \t\r\n")
	end := strings.IndexAny(text, " \t\r\n(;")
	if end < 0 {
		return text, ""
	}
	return text[:end], text[end:]
}

// countChanges counts the written tables up. It is a transaction's last act, in
// the order of the names, so that nobody waits for a counter while holding what
// another needs.
func (tx *Tx) countChanges(ctx context.Context) error {
	shard := 0
	if tx.Engine() == "postgres" {
		shard = rand.IntN(changeShards)
	}
	for i, changed := range tx.changed {
		if !changed {
			continue
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO table_change (table_name, shard, changes) VALUES ($1, $2, 1)
			ON CONFLICT (table_name, shard) DO UPDATE SET changes = table_change.changes + 1`, counted[i], shard)
		if err != nil {
			return err
		}
	}
	return nil
}
