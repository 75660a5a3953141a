package sheet

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// texts are the shared strings of a workbook, packed: chunks of bytes, and for
// each string one word that says where it lies.
type texts struct {
	chunks [][]byte
	places [][]uint64 // chunk<<40 | offset<<20 | length, in pages
	n      int
	bytes  int64
}

const (
	chunkSize = 1 << 20
	placePage = 1 << 16
)

// add keeps a string of at most chunkSize-1 bytes.
func (t *texts) add(s []byte) {
	last := len(t.chunks) - 1
	if last < 0 || len(t.chunks[last])+len(s) > chunkSize {
		t.chunks = append(t.chunks, make([]byte, 0, chunkSize))
		last++
	}
	if t.n%placePage == 0 {
		t.places = append(t.places, make([]uint64, placePage))
	}
	t.places[t.n/placePage][t.n%placePage] = uint64(last)<<40 | uint64(len(t.chunks[last]))<<20 | uint64(len(s))
	t.chunks[last] = append(t.chunks[last], s...)
	t.n++
	t.bytes += int64(len(s))
}

// at is the i-th string; false if there is none.
func (t *texts) at(i int) (string, bool) {
	if i < 0 || i >= t.n {
		return "", false
	}
	p := t.places[i/placePage][i%placePage]
	chunk, from, size := p>>40, p>>20&(1<<20-1), p&(1<<20-1)
	return string(t.chunks[chunk][from : from+size]), true
}

// readTexts reads the shared strings part. Phonetic guides (rPh) are not text.
func readTexts(ctx context.Context, c *container, name string, used *int64) (*texts, error) {
	f, closeEntry, err := c.feed(ctx, name, used)
	if err != nil {
		return nil, err
	}
	defer closeEntry()
	var (
		t              texts
		text           []byte
		from           int  // where in text the run begins
		inside, spoken bool // within t, within rPh
		in             bool // within si
		whole          bool // the table has ended
	)
	for {
		token, err := f.next()
		if errors.Is(err, io.EOF) {
			if !whole {
				return nil, broken("shared strings cut off")
			}
			return &t, nil
		}
		if err != nil {
			return nil, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "si":
				in, text = true, text[:0]
			case "rPh":
				spoken = true
			case "t":
				inside, from = in && !spoken, len(text)
			}
		case xml.CharData:
			if inside {
				if text = append(text, e...); len(text) >= chunkSize {
					return nil, tooLarge("sheet.text", "文件中有超过 1 MB 的单元格内容，不能读取。")
				}
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "t":
				if inside {
					text = unescape(text, from)
				}
				inside = false
			case "rPh":
				spoken = false
			case "si":
				in = false
				t.add(text)
				if t.n > stringsMax || t.bytes > c.limits.Strings {
					return nil, tooLarge("sheet.strings", "文件的文字总量超过 %d MB，请拆分后分批上传。", c.limits.Strings>>20)
				}
			case "sst":
				whole = true
			}
		}
	}
}

// unescape reads, in text behind from, the _xHHHH_ that Office writes for
// characters which XML forbids. Every run of a text is read by itself.
func unescape(text []byte, from int) []byte {
	if !bytes.Contains(text[from:], []byte("_x")) {
		return text
	}
	s := string(text[from:])
	text = text[:from]
	for {
		i := strings.Index(s, "_x")
		if i < 0 || len(s) < i+7 {
			return append(text, s...)
		}
		n, err := strconv.ParseUint(s[i+2:i+6], 16, 16)
		if err != nil || s[i+6] != '_' || utf16.IsSurrogate(rune(n)) {
			text = append(text, s[:i+2]...)
			s = s[i+2:]
			continue
		}
		text = utf8.AppendRune(append(text, s[:i]...), rune(n))
		s = s[i+7:]
	}
}
