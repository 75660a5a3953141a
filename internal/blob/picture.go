package blob

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strings"

	"golang.org/x/image/webp"

	"juli/internal/fault"
)

const (
	pixelsMax = 40_000_000
	quality   = 90
)

// painting lets one picture at a time into memory, since a small file may hold
// forty million pixels.
var painting = make(chan struct{}, 1)

// A codec reads one format of pictures.
type codec struct {
	magic  func(head []byte) bool
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var codecs = map[string]codec{
	"image/jpeg": {func(b []byte) bool { return bytes.HasPrefix(b, []byte("\xFF\xD8\xFF")) }, jpeg.DecodeConfig, jpeg.Decode},
	"image/png":  {func(b []byte) bool { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1A\n")) }, png.DecodeConfig, png.Decode},
	"image/webp": {func(b []byte) bool {
		return bytes.HasPrefix(b, []byte("RIFF")) && bytes.HasPrefix(b[8:], []byte("WEBP"))
	}, webp.DecodeConfig, webp.Decode},
}

// measured reads how large a picture says that it is, and refuses what says
// nothing or too much.
func (c codec) measured(f io.ReaderAt, bad error) error {
	size, err := c.config(io.NewSectionReader(f, 0, SizeMax))
	switch {
	case err != nil:
		return bad
	case size.Width <= 0 || size.Height <= 0 || int64(size.Width)*int64(size.Height) > pixelsMax:
		return fault.New(fault.Invalid, "blob.pixels", "图片像素过多（上限4000万），请缩小后上传。")
	}
	return nil
}

// repaint replaces a picture by its pixels alone: no place, no device, no
// script hidden behind them survives. Its turn (EXIF) is applied. WebP becomes
// JPEG, or PNG where it may be transparent.
func (u *Upload) repaint(ctx context.Context, f *os.File, k kind) error {
	c := codecs[k.media]
	bad := mismatch("可识别的" + strings.ToUpper(u.Name[strings.LastIndexByte(u.Name, '.')+1:]) + "图片")
	var head [64 << 10]byte
	n, err := f.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) || n < 16 || !c.magic(head[:]) {
		return bad
	}
	if err := c.measured(f, bad); err != nil {
		return err
	}
	select {
	case painting <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-painting }()
	picture, err := c.decode(io.NewSectionReader(f, 0, SizeMax))
	if err != nil {
		return bad
	}
	if k.media == "image/webp" {
		u.fromWebP(picture)
	}
	if turn := orientation(head[:n]); u.Type == "image/jpeg" && turn > 1 {
		picture = turned{picture, turn}
	}
	return u.paint(f, picture)
}

// fromWebP renames a WebP picture to the format that it is kept in.
func (u *Upload) fromWebP(picture image.Image) {
	ext := ".png"
	if u.Type = "image/png"; picture.ColorModel() == color.YCbCrModel {
		u.Type, ext = "image/jpeg", ".jpg"
	}
	u.Name = strings.TrimSuffix(u.Name, ".webp") + ext
}

// paint overwrites the file with the picture.
func (u *Upload) paint(f *os.File, picture image.Image) error {
	_, err := f.Seek(0, io.SeekStart)
	if err = errors.Join(err, f.Truncate(0)); err != nil {
		return fmt.Errorf("repaint: %w", err)
	}
	if u.Type == "image/jpeg" {
		err = jpeg.Encode(f, picture, &jpeg.Options{Quality: quality})
	} else {
		err = png.Encode(f, picture)
	}
	if err != nil {
		return fmt.Errorf("repaint: %w", err)
	}
	return nil
}

// turned is a picture seen as its EXIF orientation (2 to 8) wants it.
type turned struct {
	image.Image
	turn int
}

// Bounds are those of the turned picture.
func (t turned) Bounds() image.Rectangle {
	b := t.Image.Bounds()
	if t.turn >= 5 {
		return image.Rect(0, 0, b.Dy(), b.Dx())
	}
	return image.Rect(0, 0, b.Dx(), b.Dy())
}

// At is the pixel that comes to stand at (x, y).
func (t turned) At(x, y int) color.Color {
	b := t.Image.Bounds()
	right, bottom := b.Dx()-1, b.Dy()-1
	switch t.turn {
	case 2:
		x = right - x
	case 3:
		x, y = right-x, bottom-y
	case 4:
		y = bottom - y
	case 5:
		x, y = y, x
	case 6:
		x, y = y, bottom-x
	case 7:
		x, y = right-y, bottom-x
	case 8:
		x, y = right-y, x
	}
	return t.Image.At(b.Min.X+x, b.Min.Y+y)
}

// orientation reads tag 0x0112 of a JPEG's EXIF part; 1 is upright and also the
// answer to whatever can't be read.
func orientation(b []byte) int {
	for i := 2; i+4 <= len(b) && b[i] == 0xFF; {
		marker, size := b[i+1], int(binary.BigEndian.Uint16(b[i+2:]))
		if marker == 0xDA || size < 2 || i+2+size > len(b) {
			return 1
		}
		if exif, ok := bytes.CutPrefix(b[i+4:i+2+size], []byte("Exif\x00\x00")); marker == 0xE1 && ok {
			return tiffOrientation(exif)
		}
		i += 2 + size
	}
	return 1
}

func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(b[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return 1
	}
	entries := b[at+2:]
	for range order.Uint16(b[at:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			if v := int(order.Uint16(entries[8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}
