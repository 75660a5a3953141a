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
//
// Telephones name pictures as they please, and who is refused for that loses the
// photo: the format is told by the content, and the name's ending follows it.
func (s *Store) Park(ctx context.Context, name string, r io.Reader) (*Upload, error) {
	u := &Upload{File: File{Name: cleaned(name)}, store: s, tmp: tmpDir + "/" + rand.Text()}
	if err := u.park(ctx, r); err != nil {
		return nil, errors.Join(err, u.Close())
	}
	return u, nil
}

func (u *Upload) park(ctx context.Context, r io.Reader) error {
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
	bad := fault.New(fault.Invalid, "blob.content", "这里只能上传照片（JPG、PNG、WebP），这个文件不是，或已损坏。")
	var head [16]byte
	if m, err := f.ReadAt(head[:], 0); err != nil || m < len(head) {
		return bad
	}
	ext, media := pictured(head[:])
	if ext == "" {
		return bad
	}
	if err := codecs[media].measured(f, bad); err != nil {
		return err
	}
	u.Name, u.Type = stemOf(u.Name)+ext, media
	return u.finish(f)
}

// pictured tells a picture's format from its first bytes, "" none that is taken.
func pictured(head []byte) (ext, media string) {
	for ext, k := range kinds {
		if k.picture && codecs[k.media].magic(head) {
			return ext, k.media
		}
	}
	return "", ""
}
