package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"juli/internal/db"
	"juli/internal/fault"
)

// SizeMax is the largest upload, in bytes (INP-1).
const SizeMax = 20 << 20

const (
	tmpDir   = "tmp"
	filesMax = 200 // files that one page may ask for
)

// A Store is a folder of files.
type Store struct {
	// Scan, where set, looks at every upload before it is kept: the hook for a
	// virus scanner. Its error refuses the file.
	Scan func(ctx context.Context, content io.Reader) error

	root *os.Root
}

// A File is a kept upload.
type File struct {
	ID      db.ID
	SHA256  string // of the content, in hexadecimal
	Name    string // as the uploader called it, cleaned; may name a person
	Type    string // media type, such as "image/jpeg"
	Size    int64
	Created time.Time
}

// At opens the folder of a store, making it where it is missing.
func At(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	if err := root.MkdirAll(tmpDir, 0o700); err != nil {
		root.Close()
		return nil, fmt.Errorf("files: %w", err)
	}
	return &Store{root: root}, nil
}

// Close closes the folder.
func (s *Store) Close() error { return s.root.Close() }

// An Upload is a file that passed the checks and lies aside. Keep makes it stay;
// Close drops what wasn't kept.
type Upload struct {
	File
	store *Store
	tmp   string
}

// Receive checks an upload and writes it aside. It opens no transaction, so a
// slow upload or a large picture holds up nobody.
func (s *Store) Receive(ctx context.Context, name string, r io.Reader) (*Upload, error) {
	name, kind, err := named(name)
	if err != nil {
		return nil, err
	}
	u := &Upload{File: File{Name: name, Type: kind.media}, store: s, tmp: tmpDir + "/" + rand.Text()}
	if err := u.receive(ctx, kind, r); err != nil {
		return nil, errors.Join(err, u.Close())
	}
	return u, nil
}

func (u *Upload) receive(ctx context.Context, kind kind, r io.Reader) error {
	f, err := u.store.root.OpenFile(u.tmp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	defer f.Close()
	n, err := io.Copy(f, io.LimitReader(r, SizeMax+1))
	switch {
	case err != nil:
		return fmt.Errorf("receive: %w", err)
	case n > SizeMax:
		return fault.New(fault.TooLarge, "blob.too-large", "文件超过20MB，请压缩或分开上传。")
	case n == 0:
		return fault.New(fault.Invalid, "blob.empty", "文件是空的，请重新选择。")
	}
	if kind.picture {
		err = u.repaint(ctx, f, kind)
	} else {
		err = kind.check(f, n)
	}
	if err != nil {
		return err
	}
	if u.store.Scan != nil {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		if err := u.store.Scan(ctx, f); err != nil {
			return fault.Wrap(err, fault.Invalid, "blob.scan", "文件未通过安全检查，不能上传。")
		}
	}
	return u.finish(f)
}

// finish hashes the file and brings it to the disk.
func (u *Upload) finish(f *os.File) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err := errors.Join(err, f.Sync()); err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	u.Size, u.SHA256 = n, hex.EncodeToString(h.Sum(nil))
	return nil
}

// Keep gives the upload its name and its row in the caller's transaction. A
// transaction that is retried may call it again.
func (u *Upload) Keep(ctx context.Context, tx *db.Tx) (File, error) {
	if err := tx.Lock(ctx, "blob", u.SHA256); err != nil { // Collect waits, or we do
		return File{}, err
	}
	if err := u.settle(); err != nil {
		return File{}, fmt.Errorf("keep: %w", err)
	}
	f := u.File
	f.ID, f.Created = tx.NewID(), tx.Now.Truncate(time.Millisecond)
	_, err := tx.Exec(ctx, `
		INSERT INTO blob_file (id, sha256, name, type, size, created_ms)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		f.ID, f.SHA256, f.Name, f.Type, f.Size, db.Millis(f.Created))
	return f, err
}

// settle puts the file under its final name, unless the same content is there.
func (u *Upload) settle() error {
	root, path := u.store.root, pathOf(u.SHA256)
	if _, err := root.Stat(path); err == nil {
		return nil
	}
	if err := root.Mkdir(u.SHA256[:2], 0o700); err == nil {
		if err := u.store.syncDir("."); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := root.Rename(u.tmp, path); err != nil {
		return err
	}
	return u.store.syncDir(u.SHA256[:2])
}

// Close drops the upload if it wasn't kept.
func (u *Upload) Close() error {
	if err := u.store.root.Remove(u.tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("drop upload: %w", err)
	}
	return nil
}

// Put is Receive and Keep at once, for small files and imports. Where people
// upload, Receive before the transaction.
func (s *Store) Put(ctx context.Context, tx *db.Tx, name string, r io.Reader) (File, error) {
	u, err := s.Receive(ctx, name, r)
	if err != nil {
		return File{}, err
	}
	f, err := u.Keep(ctx, tx)
	return f, errors.Join(err, u.Close())
}

// Open opens a kept file for reading; the caller closes it. Permission is the
// caller's to ask: a file belongs to whatever names it.
func (s *Store) Open(ctx context.Context, tx *db.Tx, id db.ID) (io.ReadSeekCloser, File, error) {
	files, err := Files(ctx, tx, id)
	if err != nil {
		return nil, File{}, err
	}
	f, found := files[id]
	if !found {
		return nil, File{}, fault.New(fault.NotFound, "blob.not-found", "没有找到这个文件。")
	}
	content, err := s.root.Open(pathOf(f.SHA256))
	if err != nil {
		return nil, File{}, fault.Wrap(err, fault.Internal, "blob.lost", "文件暂时无法读取，请联系管理员。")
	}
	return content, f, nil
}

// Verify reads a kept file whole and compares it with its name (CRY-3).
func (s *Store) Verify(ctx context.Context, tx *db.Tx, id db.ID) error {
	content, f, err := s.Open(ctx, tx, id)
	if err != nil {
		return err
	}
	defer content.Close()
	h := sha256.New()
	if _, err := io.Copy(h, content); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if hex.EncodeToString(h.Sum(nil)) != f.SHA256 {
		return fault.New(fault.Internal, "blob.changed", "文件内容与登记的摘要不符，可能被改动。")
	}
	return nil
}

// Files describes files by id, those that exist, in one query.
func Files(ctx context.Context, tx *db.Tx, ids ...db.ID) (map[db.ID]File, error) {
	found := map[db.ID]File{}
	if len(ids) == 0 {
		return found, nil
	}
	if len(ids) > filesMax {
		return nil, fault.New(fault.Internal, "blob.too-many", "一次查询的文件过多。")
	}
	args, marks := make([]any, len(ids)), make([]string, len(ids))
	for i, id := range ids {
		args[i], marks[i] = int64(id), fmt.Sprint("$", i+1)
	}
	for f, err := range db.Rows(ctx, tx, scanFile, `
		SELECT id, sha256, name, type, size, created_ms FROM blob_file
		WHERE id IN (`+strings.Join(marks, ", ")+`) ORDER BY id`, args...) {
		if err != nil {
			return nil, err
		}
		found[f.ID] = f
	}
	return found, nil
}

func scanFile(row db.Scanner) (f File, err error) {
	var created int64
	err = row.Scan(&f.ID, &f.SHA256, &f.Name, &f.Type, &f.Size, &created)
	f.Created = db.FromMillis(created)
	return f, err
}

// Delete removes a file's row; Collect removes its content once no other row
// names it.
func Delete(ctx context.Context, tx *db.Tx, id db.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM blob_file WHERE id = $1`, id)
	return err
}

func pathOf(sha string) string { return sha[:2] + "/" + sha }

func (s *Store) syncDir(name string) error {
	d, err := s.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
