package sheet

import (
	"context"
	"encoding/xml"
	"errors"
	"io"

	"juli/internal/fault"
)

// A feed hands an XML decoder its bytes and stops it where a limit is passed:
// the whole pass, the entry's ratio, the size of one token, or the time.
type feed struct {
	ctx     context.Context
	r       io.Reader
	limits  Limits
	buf     []byte
	at, end int
	used    *int64 // bytes of the whole pass
	entry   int64  // bytes of this entry
	dense   int64  // bytes that this entry may yield by its ratio
	token   int    // bytes since the last token
	failed  error
	xml     *xml.Decoder
}

func newFeed(ctx context.Context, r io.Reader, limits Limits, used *int64, dense int64) *feed {
	f := &feed{ctx: ctx, r: r, limits: limits, buf: make([]byte, 32<<10), used: used, dense: dense}
	f.xml = xml.NewDecoder(f)
	return f
}

// ReadByte is what encoding/xml reads by.
func (f *feed) ReadByte() (byte, error) {
	if f.at == f.end {
		if err := f.fill(); err != nil {
			return 0, err
		}
	}
	if f.token++; f.token > tokenMax {
		f.failed = tooLarge("sheet.text", "文件中有超过 1 MB 的单元格内容，不能读取。")
		return 0, f.failed
	}
	b := f.buf[f.at]
	f.at++
	return b, nil
}

// Read serves whoever doesn't want bytes one by one.
func (f *feed) Read(p []byte) (int, error) {
	if f.at == f.end {
		if err := f.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.buf[f.at:f.end])
	f.at += n
	return n, nil
}

func (f *feed) fill() error {
	if f.failed != nil {
		return f.failed
	}
	if f.ctx.Err() != nil {
		f.failed = timeout(f.ctx)
		return f.failed
	}
	n, err := f.r.Read(f.buf)
	f.at, f.end = 0, n
	f.entry += int64(n)
	*f.used += int64(n)
	switch {
	case *f.used > f.limits.Inflated:
		f.failed = tooInflated(f.limits)
	case f.entry > f.dense:
		f.failed = tooDense(f.limits)
	case n > 0:
		return nil
	case err == nil:
		f.failed = io.ErrNoProgress
	case errors.Is(err, io.EOF):
		f.failed = io.EOF
	default:
		f.failed = broken("inflate: %w", err)
	}
	f.end = 0
	return f.failed
}

// next is the next token, with the refusals of encoding/xml made readable.
// io.EOF is the entry's end.
func (f *feed) next() (xml.Token, error) {
	f.token = 0
	t, err := f.xml.RawToken()
	if err == nil {
		if _, is := t.(xml.Directive); is {
			return nil, broken("document type declared")
		}
		return t, nil
	}
	if f.failed != nil && !errors.Is(f.failed, io.EOF) {
		return nil, f.failed
	}
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if _, ours := errors.AsType[*fault.Error](err); ours {
		return nil, err
	}
	return nil, broken("xml: %w", err)
}

// rest reads the entry to its end, so that its checksum is verified.
func (f *feed) rest() error {
	f.at = f.end
	for {
		if err := f.fill(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// attr is the value of an attribute without a prefix, or "".
func attr(e xml.StartElement, name string) string {
	for i := range e.Attr {
		if e.Attr[i].Name.Local == name && e.Attr[i].Name.Space == "" {
			return e.Attr[i].Value
		}
	}
	return ""
}
