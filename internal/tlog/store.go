package tlog

import (
	"context"
	"fmt"
	"iter"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"juli/internal/db"
)

// A Checkpoint is the tree's signed head at one size.
type Checkpoint struct {
	Size int64
	Note string    // signed, as it is served
	Real time.Time // when it was signed, by the real clock
}

// Latest is the newest checkpoint; false before the first entry.
func Latest(ctx context.Context, tx *db.Tx) (Checkpoint, bool, error) {
	return checkpointAt(ctx, tx, -1)
}

// checkpointAt is the checkpoint of a size, or the newest one for -1.
func checkpointAt(ctx context.Context, tx *db.Tx, size int64) (Checkpoint, bool, error) {
	return db.One(ctx, tx, func(row db.Scanner) (c Checkpoint, err error) {
		var at int64
		err = row.Scan(&c.Size, &c.Note, &at)
		c.Real = db.FromMillis(at)
		return c, err
	}, `SELECT size, note, at_real FROM tlog_checkpoint WHERE size = $1 OR $1 < 0 ORDER BY size DESC LIMIT 1`, size)
}

// hashes reads stored hashes of the tree, first from those of the batch that is
// being added.
type hashes struct {
	ctx   context.Context
	tx    *db.Tx
	fresh map[int64]tlog.Hash
}

func (h *hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if hash, ok := h.fresh[index]; ok {
			out[i] = hash
			continue
		}
		b, ok, err := db.One(h.ctx, h.tx, func(row db.Scanner) (b []byte, err error) {
			return b, row.Scan(&b)
		}, `SELECT hash FROM tlog_hash WHERE number = $1`, index)
		if err != nil {
			return nil, err
		}
		if !ok || len(b) != tlog.HashSize {
			return nil, fmt.Errorf("public log: hash %d is missing", index)
		}
		out[i] = tlog.Hash(b)
	}
	return out, nil
}

// An Entry is one act in the log.
type Entry struct {
	Number int64 // from 0, its place in the tree
	Body   []byte
	Act
}

const entrySelect = `SELECT number, body FROM tlog_entry `

func scanEntry(row db.Scanner) (e Entry, err error) {
	if err = row.Scan(&e.Number, &e.Body); err != nil {
		return e, err
	}
	e.Act, err = Decode(e.Body)
	return e, err
}

// EntryAt is the entry at a place; false where the log hasn't got that far.
func EntryAt(ctx context.Context, tx *db.Tx, number int64) (Entry, bool, error) {
	return db.One(ctx, tx, scanEntry, entrySelect+`WHERE number = $1`, number)
}

// Entries lists entries before a place, the newest first; before 0 is from the
// end. kind "" is every kind.
func Entries(ctx context.Context, tx *db.Tx, kind string, before int64, limit int) ([]Entry, error) {
	if before <= 0 {
		before = 1 << 62
	}
	if kind == "" {
		return db.All(ctx, tx, scanEntry, entrySelect+`WHERE number < $1 ORDER BY number DESC LIMIT $2`, before, limit)
	}
	return db.All(ctx, tx, scanEntry, entrySelect+`WHERE kind = $1 AND number < $2 ORDER BY number DESC LIMIT $3`, kind, before, limit)
}

// All yields every entry of the log, the oldest first.
func All(ctx context.Context, tx *db.Tx) iter.Seq2[Entry, error] {
	return db.Rows(ctx, tx, scanEntry, entrySelect+`ORDER BY number`)
}

// Of lists the entries about one object, the oldest first.
func Of(ctx context.Context, tx *db.Tx, object string) ([]Entry, error) {
	return db.All(ctx, tx, scanEntry, entrySelect+`WHERE object = $1 ORDER BY number LIMIT 100`, object)
}
