package tlog

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"juli/internal/audit"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/seal"
)

// Consumer is the log's name in the outbox.
const Consumer = "tlog"

const batchMax = 256

// A Log sequences official acts. Describe says what the log tells of an event.
type Log struct {
	Keys     *seal.Keys
	City     code.Division
	Describe func(ctx context.Context, tx *db.Tx, e audit.Event) (Act, error)
}

// Sequence takes one batch of waiting acts into the log and signs the new head.
// It tells how many it took. Copies of the program may call it at once.
func (l *Log) Sequence(ctx context.Context, tx *db.Tx) (int, error) {
	if err := tx.Lock(ctx, "tlog", 0); err != nil {
		return 0, err
	}
	events, err := audit.Pending(ctx, tx, Consumer, batchMax)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	head, _, err := Latest(ctx, tx)
	if err != nil {
		return 0, err
	}
	key, err := keyOf(ctx, tx, l.Keys, l.City)
	if err != nil {
		return 0, err
	}
	tree := &hashes{ctx: ctx, tx: tx, fresh: map[int64]tlog.Hash{}}
	size := head.Size
	for _, e := range events {
		mine, err := audit.Take(ctx, tx, Consumer, e.ID)
		if err != nil {
			return 0, err
		}
		if !mine {
			continue
		}
		if err := l.add(ctx, tx, tree, size, e); err != nil {
			return 0, err
		}
		size++
	}
	if err := tree.store(); err != nil {
		return 0, err
	}
	return int(size - head.Size), sign(ctx, tx, tree, key, head, size)
}

// add appends one entry and computes the hashes that it completes.
func (l *Log) add(ctx context.Context, tx *db.Tx, tree *hashes, number int64, e audit.Event) error {
	act, err := l.Describe(ctx, tx, e)
	if err != nil {
		return fmt.Errorf("public log: %s %s: %w", e.Kind, e.Object, err)
	}
	body, err := act.Encode()
	if err != nil {
		return err
	}
	more, err := tlog.StoredHashes(number, body, tree)
	if err != nil {
		return err
	}
	first := tlog.StoredHashIndex(0, number)
	for i, h := range more {
		tree.fresh[first+int64(i)] = h
	}
	_, err = tx.Exec(ctx, `INSERT INTO tlog_entry (number, event, kind, object, at, body) VALUES ($1, $2, $3, $4, $5, $6)`,
		number, e.ID, act.Kind, act.Object, db.Millis(act.At), body)
	return err
}

// store keeps the fresh hashes.
func (h *hashes) store() error {
	indexes := slices.Sorted(maps.Keys(h.fresh))
	_, err := h.tx.Bulk(h.ctx, "tlog_hash", []string{"number", "hash"}, func(yield func([]any) bool) {
		for _, i := range indexes {
			hash := h.fresh[i]
			if !yield([]any{i, hash[:]}) {
				return
			}
		}
	})
	return err
}

// sign makes the checkpoint of a size, after it has checked that the tree still
// holds everything that the last checkpoint promised.
func sign(ctx context.Context, tx *db.Tx, tree *hashes, key Key, head Checkpoint, size int64) error {
	root, err := tlog.TreeHash(size, tree)
	if err != nil {
		return err
	}
	if head.Size > 0 {
		promised, err := openCheckpoint(head.Note, key.Verifier)
		if err != nil {
			return fmt.Errorf("public log: last checkpoint: %w", err)
		}
		proof, err := tlog.ProveTree(size, head.Size, tree)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, size, root, head.Size, promised.Hash); err != nil {
			return fmt.Errorf("public log: the tree contradicts its checkpoint of size %d, nothing is signed: %w", head.Size, err)
		}
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", key.Origin, size, root)
	signed, err := note.Sign(&note.Note{Text: text}, key.signer)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO tlog_checkpoint (size, note, at_real) VALUES ($1, $2, $3)`, size, string(signed), db.Millis(tx.Real))
	return err
}
