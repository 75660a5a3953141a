package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/seal"
)

// An Invariant is a sentence about a city that must hold; Check returns what
// breaks it.
type Invariant struct {
	Name  string
	Check func(ctx context.Context, tx *db.Tx) error
}

// Verify puts a backup back into a temporary place under dir ("" is the
// system's), asks the database about itself and then each invariant. Nothing of
// it stays.
func Verify(ctx context.Context, keys *seal.Masters, in io.ReadSeeker, dir string, invariants ...Invariant) (m Manifest, err error) {
	temp, err := os.MkdirTemp(dir, "juli-verify-")
	if err != nil {
		return m, fmt.Errorf("verify: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	files := filepath.Join(temp, "files")
	if err := os.Mkdir(files, 0o700); err != nil {
		return m, err
	}
	root, err := os.OpenRoot(files)
	if err != nil {
		return m, err
	}
	defer root.Close()
	d, err := db.Open(ctx, "sqlite://"+filepath.Join(temp, "city.db"), db.Unsafe())
	if err != nil {
		return m, err
	}
	defer d.Close()
	if m, err = Restore(ctx, keys, in, Place{DB: d, Files: root}); err != nil {
		return m, err
	}
	schema, _, err := d.SchemaVersion(ctx)
	if err != nil {
		return m, err
	}
	return m, d.Read(ctx, func(tx *db.Tx) error {
		if err := sound(ctx, tx, m, schema == m.Schema); err != nil {
			return err
		}
		if err := filesThere(ctx, tx, files); err != nil {
			return err
		}
		for _, inv := range invariants {
			if err := inv.Check(ctx, tx); err != nil {
				return fault.Wrap(err, fault.Conflict, "backup.invariant", "恢复出来的数据不满足“%s”。", inv.Name)
			}
		}
		return nil
	})
}

// sound asks the temporary database whether its pages and references are right,
// and its counts, unless the backup is of an older schema, which may have had
// other tables.
func sound(ctx context.Context, tx *db.Tx, m Manifest, same bool) error {
	said, err := db.Value[string](ctx, tx, "PRAGMA integrity_check")
	if err != nil {
		return err
	}
	broken, err := db.Value[int64](ctx, tx, "SELECT COUNT(*) FROM pragma_foreign_key_check")
	if err != nil {
		return err
	}
	if said != "ok" || broken > 0 {
		return fmt.Errorf("the restored database: %s, %d broken references", said, broken)
	}
	if !same {
		return nil
	}
	for table, want := range m.Rows {
		got, err := db.Value[int64](ctx, tx, "SELECT COUNT(*) FROM "+table)
		if err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
		if got != want {
			return fmt.Errorf("table %s has %d rows, the backup %d", table, got, want)
		}
	}
	return nil
}

// filesThere makes sure that every row's file came back with its content.
func filesThere(ctx context.Context, tx *db.Tx, dir string) error {
	store, err := blob.At(dir)
	if err != nil {
		return err
	}
	defer store.Close()
	last := db.ID(0)
	for {
		ids, err := db.All(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) },
			"SELECT id FROM blob_file WHERE id > $1 ORDER BY id LIMIT 1000", int64(last))
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			if err := store.Verify(ctx, tx, id); err != nil {
				return fmt.Errorf("file %s: %w", id, err)
			}
		}
		last = ids[len(ids)-1]
	}
}
