package db

import (
	"context"
	"fmt"
)

// Try runs fn inside the transaction and undoes what it did, and only that, if
// it fails: for bulk acts with a result per row. Locks that it took stay. Tries
// may be nested.
func (tx *Tx) Try(ctx context.Context, fn func() error) error {
	after := len(tx.after)
	if _, err := tx.Exec(ctx, `SAVEPOINT juli_try`); err != nil {
		return err
	}
	if err := fn(); err != nil {
		tx.after = tx.after[:after]
		for _, undo := range []string{`ROLLBACK TO SAVEPOINT juli_try`, `RELEASE SAVEPOINT juli_try`} {
			if _, rollback := tx.Exec(ctx, undo); rollback != nil {
				return fmt.Errorf("%w (and %w)", rollback, err)
			}
		}
		return err
	}
	_, err := tx.Exec(ctx, `RELEASE SAVEPOINT juli_try`)
	return err
}
