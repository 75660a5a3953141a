package backup

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"juli/internal/db"
	"juli/internal/seal"
)

const dataMax = 1 << 20 // bytes of a stored file in one frame

// passing names tables whose rows mean nothing in a restored city.
var passing = []string{"node_lease"}

// A Place is where a city lives: its database, and the directory of its stored
// files, nil where it has none.
type Place struct {
	DB    *db.DB
	Files *os.Root
}

// A Manifest says what a backup holds.
type Manifest struct {
	Taken  string           `json:"taken"` // RFC 3339, real time
	City   string           `json:"city"`  // RFC 3339, city time
	Engine string           `json:"engine"`
	Schema int64            `json:"schema"`
	Rows   map[string]int64 `json:"rows,omitempty"` // by table; known at the end
	Files  int64            `json:"files,omitempty"`
	Bytes  int64            `json:"bytes,omitempty"`  // of the stored files
	Digest string           `json:"digest,omitempty"` // SHA-256 of the frames before the end
}

type tableFrame struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

type fileFrame struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

// CreateFile writes a backup to path: complete under its name, or not at all.
func CreateFile(ctx context.Context, from Place, keys *seal.Masters, path string) (m Manifest, err error) {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	defer os.Remove(part) // gone after the rename
	defer f.Close()
	if m, err = Create(ctx, from, keys, f); err != nil {
		return m, err
	}
	if err := errors.Join(f.Sync(), f.Close(), os.Rename(part, path)); err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	defer dir.Close()
	return m, dir.Sync()
}

// Create writes a backup of the city as it is at this instant.
func Create(ctx context.Context, from Place, keys *seal.Masters, out io.Writer) (Manifest, error) {
	schema, _, err := from.DB.SchemaVersion(ctx)
	if err != nil {
		return Manifest{}, fmt.Errorf("backup: %w", err)
	}
	s, err := newSealer(keys, out)
	if err != nil {
		return Manifest{}, fmt.Errorf("backup: %w", err)
	}
	packed, err := gzip.NewWriterLevel(s, gzip.BestSpeed)
	if err != nil {
		return Manifest{}, err
	}
	w := writer{
		frames: frames{bufio.NewWriterSize(packed, pieceSize), sha256.New()},
		m: Manifest{
			Taken: from.DB.Real().Format("2006-01-02T15:04:05Z07:00"), City: from.DB.Now().Format("2006-01-02T15:04:05Z07:00"),
			Engine: from.DB.Engine(), Schema: schema,
		},
	}
	if err := w.writeJSON(frameManifest, w.m); err != nil {
		return Manifest{}, err
	}
	w.m.Rows = map[string]int64{}
	err = from.DB.Read(ctx, func(tx *db.Tx) error {
		if err := w.tables(ctx, tx); err != nil {
			return err
		}
		return w.files(ctx, from.Files)
	})
	if err != nil {
		return Manifest{}, fmt.Errorf("backup: %w", err)
	}
	w.m.Digest = hex.EncodeToString(w.digest.Sum(nil))
	err = errors.Join(w.writeJSON(frameEnd, w.m), w.out.Flush(), packed.Close(), s.Close())
	return w.m, err
}

// writer counts what it writes.
type writer struct {
	frames
	m Manifest
}

func (w *writer) tables(ctx context.Context, tx *db.Tx) error {
	tables, err := tx.Tables(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if slices.Contains(passing, t.Name) {
			continue
		}
		if err := w.table(ctx, tx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return nil
}

func (w *writer) table(ctx context.Context, tx *db.Tx, t db.Table) error {
	head := tableFrame{Name: t.Name}
	for _, c := range t.Columns {
		head.Columns = append(head.Columns, c.Name)
	}
	if err := w.writeJSON(frameTable, head); err != nil {
		return err
	}
	row := make([]any, len(t.Columns))
	into := make([]any, len(t.Columns))
	for i := range row {
		into[i] = &row[i]
	}
	scan := func(s db.Scanner) ([]any, error) { return row, s.Scan(into...) }
	var b []byte
	n := int64(0)
	query := "SELECT " + strings.Join(quoted(head.Columns), ", ") + " FROM " + t.Name
	for row, err := range db.Rows(ctx, tx, scan, query) {
		if err != nil {
			return err
		}
		if b, err = appendRow(b[:0], row); err != nil {
			return err
		}
		if err := w.write(frameRow, b); err != nil {
			return err
		}
		n++
	}
	w.m.Rows[t.Name] = n
	return nil
}

// quoted guards column names that are words of SQL.
func quoted(names []string) []string {
	q := make([]string, len(names))
	for i, name := range names {
		q[i] = `"` + name + `"`
	}
	return q
}

func (w *writer) files(ctx context.Context, root *os.Root) error {
	if root == nil {
		return nil
	}
	return fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if e.IsDir() && e.Name() == "tmp" {
			return fs.SkipDir // uploads that nobody keeps yet
		}
		if !e.Type().IsRegular() || unfinished(name) {
			return nil
		}
		return w.file(root, name)
	})
}

// unfinished names a file that its writer has not yet renamed: no row knows it.
func unfinished(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, ".") || strings.HasSuffix(base, ".part")
}

func (w *writer) file(root *os.Root, name string) error {
	f, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // an orphan, collected since it was listed
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := w.writeJSON(frameFile, fileFrame{Name: name, Size: info.Size()}); err != nil {
		return err
	}
	buf := make([]byte, dataMax)
	for left := info.Size(); left > 0; {
		n := min(left, dataMax)
		if _, err := io.ReadFull(f, buf[:n]); err != nil {
			return fmt.Errorf("file %s: %w", name, err)
		}
		if err := w.write(frameData, buf[:n]); err != nil {
			return err
		}
		left -= n
	}
	w.m.Files++
	w.m.Bytes += info.Size()
	return nil
}
