package backup

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"maps"

	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/seal"
)

// A visitor is told what stands in a backup, in its order.
type visitor interface {
	table(head tableFrame, rows iter.Seq2[[]any, error]) error
	file(head fileFrame, content io.Reader) error
}

// reader walks through a backup and checks it against itself: counts, sizes and
// the digest of everything, besides what the seal already proves.
type reader struct {
	in      *bufio.Reader
	digest  hash.Hash
	kind    byte
	content []byte
}

// walk shows a backup to v, and fails where it is not whole.
func walk(ctx context.Context, keys *seal.Masters, in io.Reader, v visitor) (Manifest, error) {
	o, err := newOpener(keys, in)
	if err != nil {
		return Manifest{}, err
	}
	unpacked, err := gzip.NewReader(o)
	if err != nil {
		return Manifest{}, damaged(err)
	}
	unpacked.Multistream(false)
	r := &reader{in: bufio.NewReaderSize(unpacked, pieceSize), digest: sha256.New()}
	var found Manifest
	if err := r.next(); err != nil {
		return found, err
	}
	if r.kind != frameManifest || json.Unmarshal(r.content, &found) != nil {
		return found, damaged(errors.New("no manifest"))
	}
	found.Rows = map[string]int64{}
	if err := r.next(); err != nil {
		return found, err
	}
	for r.kind != frameEnd {
		if err := ctx.Err(); err != nil {
			return found, err
		}
		switch r.kind {
		case frameTable:
			err = r.table(v, &found)
		case frameFile:
			err = r.file(v, &found)
		default:
			err = damaged(fmt.Errorf("a frame of kind %q", r.kind))
		}
		if err != nil {
			return found, err
		}
	}
	return found, r.finish(o, &found)
}

// next reads the next frame. The digest covers every frame but the end.
func (r *reader) next() error {
	var err error
	if r.kind, r.content, err = readFrame(r.in); err != nil {
		if _, known := errors.AsType[*fault.Error](err); known {
			return err
		}
		return damaged(err)
	}
	if r.kind != frameEnd {
		r.digest.Write(binary.AppendUvarint([]byte{r.kind}, uint64(len(r.content))))
		r.digest.Write(r.content)
	}
	return nil
}

// table shows one table; the frame after it is then the present one.
func (r *reader) table(v visitor, found *Manifest) error {
	var head tableFrame
	if json.Unmarshal(r.content, &head) != nil {
		return damaged(errors.New("a malformed table"))
	}
	if _, twice := found.Rows[head.Name]; twice {
		return damaged(fmt.Errorf("table %s stands twice", head.Name))
	}
	var n int64
	var failure error
	rows := func(yield func([]any, error) bool) {
		for {
			if failure = r.next(); failure != nil {
				yield(nil, failure)
				return
			}
			if r.kind != frameRow {
				return
			}
			row, err := readRow(r.content, len(head.Columns))
			if err != nil {
				failure = damaged(err)
				yield(nil, failure)
				return
			}
			n++
			if !yield(row, nil) {
				failure = fmt.Errorf("table %s was left half read", head.Name)
				return
			}
		}
	}
	if err := errors.Join(v.table(head, rows), failure); err != nil {
		return err
	}
	found.Rows[head.Name] = n
	return nil
}

// file shows one stored file; the frame after it is then the present one.
func (r *reader) file(v visitor, found *Manifest) error {
	var head fileFrame
	if json.Unmarshal(r.content, &head) != nil || head.Size < 0 {
		return damaged(errors.New("a malformed file"))
	}
	content := &content{r: r, left: head.Size}
	if err := v.file(head, content); err != nil {
		return err
	}
	if content.left > 0 || len(content.rest) > 0 {
		return fmt.Errorf("file %s was left half read", head.Name)
	}
	found.Files++
	found.Bytes += head.Size
	return r.next()
}

// content reads the data frames of one file.
type content struct {
	r    *reader
	left int64
	rest []byte
}

// Read gives out the bytes of the file's data frames.
func (c *content) Read(b []byte) (int, error) {
	for len(c.rest) == 0 {
		if c.left == 0 {
			return 0, io.EOF
		}
		if err := c.r.next(); err != nil {
			return 0, err
		}
		if c.r.kind != frameData || int64(len(c.r.content)) > c.left {
			return 0, damaged(errors.New("a file's data does not fit its size"))
		}
		c.rest = c.r.content
		c.left -= int64(len(c.rest))
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// finish compares what was found with what the writer counted, and makes sure
// that nothing follows.
func (r *reader) finish(o *opener, found *Manifest) error {
	var end Manifest
	if json.Unmarshal(r.content, &end) != nil {
		return damaged(errors.New("a malformed end"))
	}
	found.Digest = hex.EncodeToString(r.digest.Sum(nil))
	same := end.Digest == found.Digest && end.Files == found.Files && end.Bytes == found.Bytes &&
		end.Schema == found.Schema && maps.Equal(end.Rows, found.Rows)
	if !same {
		return damaged(errors.New("the end does not fit what came before"))
	}
	for _, rest := range []io.Reader{r.in, o} {
		if n, err := io.Copy(io.Discard, rest); err != nil || n > 0 {
			return damaged(errors.Join(err, fmt.Errorf("%d bytes after the end", n)))
		}
	}
	return nil
}

// nothing only looks.
type nothing struct{}

func (nothing) table(_ tableFrame, rows iter.Seq2[[]any, error]) error {
	for _, err := range rows {
		if err != nil {
			return err
		}
	}
	return nil
}

func (nothing) file(_ fileFrame, content io.Reader) error {
	_, err := io.Copy(io.Discard, content)
	return err
}

// Check reads a whole backup and says what it holds, or that it is damaged.
func Check(ctx context.Context, keys *seal.Masters, in io.Reader) (Manifest, error) {
	return walk(ctx, keys, in, nothing{})
}

// Restore puts a backup into a place whose database is empty. The whole file is
// checked before anything is touched; the rows come back in one transaction, so
// they are all there or none is. Afterwards the schema is brought up to this
// program's.
func Restore(ctx context.Context, keys *seal.Masters, in io.ReadSeeker, to Place) (Manifest, error) {
	m, err := Check(ctx, keys, in)
	if err != nil {
		return m, err
	}
	have, want, err := to.DB.SchemaVersion(ctx)
	if err != nil {
		return m, err
	}
	switch {
	case have != 0:
		return m, fault.New(fault.Conflict, "backup.not-empty", "目标数据库不是空的，备份只能恢复到新建的数据库。")
	case m.Schema > want:
		return m, fault.New(fault.Invalid, "backup.newer", "备份的数据库版本 %d 比程序的 %d 新，请先升级程序。", m.Schema, want)
	case m.Files > 0 && to.Files == nil:
		return m, fault.New(fault.Invalid, "backup.no-files", "备份含有 %d 个文件，请给出存放文件的目录。", m.Files)
	}
	if err := to.DB.MigrateTo(ctx, m.Schema); err != nil {
		return m, err
	}
	err = to.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := in.Seek(0, io.SeekStart); err != nil {
			return err
		}
		p, err := newPutter(ctx, tx, to.Files)
		if err != nil {
			return err
		}
		_, err = walk(ctx, keys, in, p)
		return err
	})
	if err != nil {
		return m, fmt.Errorf("restore: %w", err)
	}
	return m, to.DB.Migrate(ctx)
}
