package sheet

import (
	"archive/zip"
	"cmp"
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"juli/internal/fault"
)

// A container is a zip archive whose directory has been judged: how many
// entries, how large they say they are, and that no two share bytes. What an
// entry really yields is counted again while it is read.
type container struct {
	entries map[string]*zip.File // by lower-case clean name
	limits  Limits
}

// openContainer reads the directory of an archive and refuses bombs (INP-3).
func openContainer(r io.ReaderAt, size int64, limits Limits) (*container, error) {
	door := &doorkeeper{r: r, left: directoryMax}
	z, err := zip.NewReader(door, size)
	if errors.Is(err, errDirectory) {
		return nil, tooLarge("sheet.entries", "压缩包目录过大，不能读取。")
	}
	if err != nil {
		return nil, broken("open archive: %w", err)
	}
	door.open = true
	if len(z.File) > limits.Entries {
		return nil, tooLarge("sheet.entries", "文件内部条目超过 %d 个，不能读取。", limits.Entries)
	}
	c := &container{entries: make(map[string]*zip.File, len(z.File)), limits: limits}
	var total uint64
	for _, f := range z.File {
		if err := c.admit(f); err != nil {
			return nil, err
		}
		total += f.UncompressedSize64
		if total > uint64(limits.Inflated) {
			return nil, tooInflated(limits)
		}
	}
	return c, noOverlap(z.File)
}

// admit judges one entry by what the directory says of it.
func (c *container) admit(f *zip.File) error {
	name := entryName(f.Name)
	switch {
	case f.Flags&1 != 0:
		return invalid("sheet.password", "文件设有密码，请取消密码后再上传。")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return broken("entry %q: method %d", f.Name, f.Method)
	case strings.HasSuffix(name, "vbaproject.bin"):
		return invalid("sheet.macro", "文件含有宏，请另存为不含宏的 .xlsx 文件。")
	case c.entries[name] != nil:
		return broken("entry %q stands twice", f.Name)
	case f.UncompressedSize64 > uint64(c.limits.Inflated):
		return tooInflated(c.limits)
	case f.UncompressedSize64 > ratioFree && f.UncompressedSize64/uint64(c.limits.Ratio) > f.CompressedSize64:
		return tooDense(c.limits)
	}
	c.entries[name] = f
	return nil
}

// noOverlap refuses archives in which two entries unpack the same bytes.
func noOverlap(files []*zip.File) error {
	type span struct{ from, to int64 }
	spans := make([]span, 0, len(files))
	for _, f := range files {
		at, err := f.DataOffset()
		if err != nil {
			return broken("entry %q: %w", f.Name, err)
		}
		if f.CompressedSize64 > 0 {
			spans = append(spans, span{at, at + int64(f.CompressedSize64)})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to {
			return broken("entries overlap at %d", spans[i].from)
		}
	}
	return nil
}

// feed opens an entry for reading within the limits; used is what all entries
// of one pass have yielded so far.
func (c *container) feed(ctx context.Context, name string, used *int64) (*feed, func(), error) {
	f := c.entries[entryName(name)]
	if f == nil {
		return nil, nil, broken("no entry %q", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, nil, broken("entry %q: %w", name, err)
	}
	dense := max(ratioFree, c.limits.Ratio*int64(f.CompressedSize64))
	return newFeed(ctx, r, c.limits, used, dense), func() { _ = r.Close() }, nil
}

func (c *container) has(name string) bool { return c.entries[entryName(name)] != nil }

// entryName is how names of entries are compared: cleaned, in lower case.
func entryName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

func tooInflated(l Limits) error {
	return tooLarge("sheet.inflated", "文件展开后超过 %d MB，请拆分后分批上传。", l.Inflated>>20)
}

func tooDense(l Limits) error {
	return tooLarge("sheet.ratio", "文件压缩比超过 %d:1，不能读取，请用 Excel 或 WPS 重新保存。", l.Ratio)
}

var errDirectory = fault.New(fault.TooLarge, "sheet.entries", "压缩包目录过大，不能读取。")

// A doorkeeper bounds what is read while the directory is parsed, since the
// directory of an archive may claim to be small and go on for ever.
type doorkeeper struct {
	r    io.ReaderAt
	left int64
	open bool
}

// ReadAt reads, until the directory has cost too much.
func (d *doorkeeper) ReadAt(p []byte, off int64) (int, error) {
	if !d.open {
		if d.left -= int64(len(p)); d.left < 0 {
			return 0, errDirectory
		}
	}
	return d.r.ReadAt(p, off)
}
