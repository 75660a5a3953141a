package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"time"

	"juli/internal/db"
)

// shaName is what a content's file is called; nothing else is ever removed.
var shaName = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Collect removes what acts that failed left behind: uploads aside and contents
// without a row, when they are older than age. It tells how many.
func (s *Store) Collect(ctx context.Context, d *db.DB, age time.Duration) (removed int, err error) {
	before := d.Real().Add(-age)
	dirs, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return 0, fmt.Errorf("collect: %w", err)
	}
	for _, dir := range dirs {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		if !dir.IsDir() {
			continue
		}
		n, err := s.collectDir(ctx, d, dir.Name(), before)
		removed += n
		if err != nil {
			return removed, fmt.Errorf("collect %s: %w", dir.Name(), err)
		}
	}
	return removed, nil
}

func (s *Store) collectDir(ctx context.Context, d *db.DB, dir string, before time.Time) (removed int, err error) {
	files, err := fs.ReadDir(s.root.FS(), dir)
	if err != nil {
		return 0, err
	}
	known, err := knownIn(ctx, d, dir)
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || !info.Mode().IsRegular() || info.ModTime().After(before) || known[f.Name()] {
			continue // gone meanwhile, young, or needed
		}
		path := dir + "/" + f.Name()
		switch {
		case dir == tmpDir:
			err = s.root.Remove(path)
		case shaName.MatchString(f.Name()):
			err = s.removeOrphan(ctx, d, f.Name())
		default:
			continue
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// knownIn lists the contents of a folder that rows name, in one query.
func knownIn(ctx context.Context, d *db.DB, dir string) (map[string]bool, error) {
	known := map[string]bool{}
	err := d.Read(ctx, func(tx *db.Tx) error {
		for sha, err := range db.Rows(ctx, tx, func(row db.Scanner) (sha string, err error) {
			return sha, row.Scan(&sha)
		}, `SELECT DISTINCT sha256 FROM blob_file WHERE sha256 >= $1 AND sha256 < $2`, dir, dir+"g") {
			if err != nil {
				return err
			}
			known[sha] = true
		}
		return nil
	})
	return known, err
}

// removeOrphan removes a content, unless an upload of the same content has just
// been kept: both hold its lock until they have committed.
func (s *Store) removeOrphan(ctx context.Context, d *db.DB, sha string) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Lock(ctx, "blob", sha); err != nil {
			return err
		}
		rows, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM blob_file WHERE sha256 = $1`, sha)
		if err != nil || rows > 0 {
			return err
		}
		return s.root.Remove(pathOf(sha))
	})
}
