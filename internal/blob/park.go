package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"

	"juli/internal/fault"
)

// Park writes a picture aside as it came, after a look at its header: for forms
// that many send at once, which would not be quick if every picture were decoded.
// What was parked is not shown to anybody; a job reads it and keeps what Receive
// makes of it. Who parks for strangers limits how much of it may lie about.
func (s *Store) Park(ctx context.Context, name string, r io.Reader) (*Upload, error) {
	name, kind, err := named(name)
	if err != nil {
		return nil, err
	}
	if !kind.picture {
		return nil, fault.New(fault.Invalid, "blob.type", "这里只能上传照片（JPG、PNG、WebP）。")
	}
	u := &Upload{File: File{Name: name, Type: kind.media}, store: s, tmp: tmpDir + "/" + rand.Text()}
	if err := u.park(ctx, kind, r); err != nil {
		return nil, errors.Join(err, u.Close())
	}
	return u, nil
}

func (u *Upload) park(ctx context.Context, kind kind, r io.Reader) error {
	f, err := u.store.root.OpenFile(u.tmp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("park: %w", err)
	}
	defer f.Close()
	n, err := io.Copy(f, io.LimitReader(r, SizeMax+1))
	switch {
	case err != nil:
		return fmt.Errorf("park: %w", err)
	case ctx.Err() != nil:
		return ctx.Err()
	case n > SizeMax:
		return fault.New(fault.TooLarge, "blob.too-large", "文件超过20MB，请压缩或分开上传。")
	}
	bad := mismatch("可识别的图片")
	c := codecs[kind.media]
	var head [16]byte
	if m, err := f.ReadAt(head[:], 0); err != nil || m < len(head) || !c.magic(head[:]) {
		return bad
	}
	if err := c.measured(f, bad); err != nil {
		return err
	}
	return u.finish(f)
}
