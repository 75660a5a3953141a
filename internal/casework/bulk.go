package casework

import (
	"context"
	"errors"
	"slices"

	"juli/internal/db"
	"juli/internal/fault"
)

// BulkMax is how many rows one bulk act takes.
const BulkMax = 500

// A Result is what became of one row of a bulk act: Err nil, or why it was refused.
type Result struct {
	ID  db.ID
	Err *fault.Error
}

// Bulk takes one act on many objects in one transaction. A refused row leaves no
// trace and does not hinder the others; a failure of ours undoes them all.
func Bulk(ctx context.Context, tx *db.Tx, ids []db.ID, act func(id db.ID) error) ([]Result, error) {
	if len(ids) == 0 || len(ids) > BulkMax {
		return nil, fault.New(fault.Invalid, "casework.bulk", "请选择1至%d条记录。", BulkMax)
	}
	for _, id := range slices.Sorted(slices.Values(ids)) { // two bulk acts never wait for each other
		if err := tx.Lock(ctx, "case", id); err != nil {
			return nil, err
		}
	}
	out := make([]Result, 0, len(ids))
	seen := map[db.ID]bool{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		err := tx.Try(ctx, func() error { return act(id) })
		refusal, ok := errors.AsType[*fault.Error](err)
		if err != nil && (!ok || refusal.Kind == fault.Internal || refusal.Kind == fault.Unavailable) {
			return nil, err
		}
		out = append(out, Result{id, refusal})
	}
	return out, nil
}
