package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"slices"

	"juli/internal/db"
)

// putter puts rows and files back; it is the visitor of a restore.
type putter struct {
	ctx    context.Context // of the one transaction that it lives in
	tx     *db.Tx
	files  *os.Root
	tables map[string]db.Table
}

func newPutter(ctx context.Context, tx *db.Tx, files *os.Root) (*putter, error) {
	p := &putter{ctx: ctx, tx: tx, files: files, tables: map[string]db.Table{}}
	tables, err := tx.Tables(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		p.tables[t.Name] = t
	}
	if tx.Engine() == "sqlite" { // rows that refer to later rows of their own table
		_, err = tx.Exec(ctx, "PRAGMA defer_foreign_keys = ON")
	}
	return p, err
}

func (p *putter) table(head tableFrame, rows iter.Seq2[[]any, error]) error {
	t, ok := p.tables[head.Name]
	if !ok {
		return fmt.Errorf("the schema has no table %q", head.Name)
	}
	var truths []int // columns that are 0 and 1 in the backup and truth values here
	for i, name := range head.Columns {
		at := slices.IndexFunc(t.Columns, func(c db.Column) bool { return c.Name == name })
		if at < 0 {
			return fmt.Errorf("table %s has no column %q", head.Name, name)
		}
		if t.Columns[at].Boolean() {
			truths = append(truths, i)
		}
	}
	if err := p.clear(head.Name); err != nil {
		return err
	}
	var failure error
	_, err := p.tx.Bulk(p.ctx, head.Name, head.Columns, func(yield func([]any) bool) {
		for row, err := range rows {
			if err != nil {
				failure = err
				return
			}
			for _, i := range truths {
				if n, ok := row[i].(int64); ok {
					row[i] = n != 0
				}
			}
			if !yield(row) {
				return
			}
		}
	})
	return errors.Join(failure, err)
}

// clear removes the rows that a migration put into a new table.
func (p *putter) clear(table string) error {
	n, err := db.Value[int64](p.ctx, p.tx, "SELECT COUNT(*) FROM "+table)
	if err == nil && n > 0 {
		_, err = p.tx.Exec(p.ctx, "DELETE FROM "+table)
	}
	return err
}

// file writes a stored file under a temporary name, syncs it and renames it. A
// file that is named by its content must have that content.
func (p *putter) file(head fileFrame, content io.Reader) error {
	if p.files == nil || !fs.ValidPath(head.Name) {
		return fmt.Errorf("no place for file %q", head.Name)
	}
	if err := p.files.MkdirAll(path.Dir(head.Name), 0o700); err != nil {
		return err
	}
	part := head.Name + ".part"
	f, err := p.files.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	digest := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, digest), content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("file %s: %w", head.Name, err)
	}
	if sum, err := hex.DecodeString(path.Base(head.Name)); err == nil && len(sum) == sha256.Size && !slices.Equal(sum, digest.Sum(nil)) {
		return damaged(fmt.Errorf("file %s does not have the content that it is named by", head.Name))
	}
	return p.files.Rename(part, head.Name)
}
