package sheet

import (
	"bytes"
	"context"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// An encoding is how a csv file writes its characters.
type encoding string

const (
	utf8Text    encoding = "UTF-8"
	gb18030Text encoding = "GB18030"
	utf16Text   encoding = "UTF-16"
)

var (
	bomUTF8 = []byte{0xEF, 0xBB, 0xBF}
	bomLE   = []byte{0xFF, 0xFE}
	bomBE   = []byte{0xFE, 0xFF}
)

// detect reads the whole text once and tells its encoding: what is valid UTF-8
// is UTF-8, else it can only be GB18030, what Excel and WPS save in China.
func detect(ctx context.Context, r io.Reader) (encoding, error) {
	buf := make([]byte, 64<<10)
	kept, valid, first := 0, true, true
	for {
		if ctx.Err() != nil {
			return "", timeout(ctx)
		}
		n, err := io.ReadFull(r, buf[kept:])
		chunk := buf[:kept+n]
		if first {
			first = false
			if bytes.HasPrefix(chunk, bomLE) || bytes.HasPrefix(chunk, bomBE) {
				return utf16Text, nil
			}
		}
		if bytes.IndexByte(chunk[kept:], 0) >= 0 {
			return "", invalid("sheet.format", "这不是表格文件，请上传 .xlsx 或 .csv 文件。")
		}
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return "", err
		}
		kept = 0
		if valid {
			rest := tail(chunk)
			if last {
				rest = 0
			}
			valid = utf8.Valid(chunk[:len(chunk)-rest])
			kept = copy(buf, chunk[len(chunk)-rest:])
		}
		if last {
			break
		}
	}
	if valid {
		return utf8Text, nil
	}
	return gb18030Text, nil
}

// tail is how many bytes at the end begin a character that goes on.
func tail(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		b := p[len(p)-n]
		if utf8.RuneStart(b) {
			if utf8.FullRune(p[len(p)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}

// decode makes UTF-8 of a text without its byte order mark.
func decode(r io.Reader, e encoding) io.Reader {
	switch e {
	case gb18030Text:
		return transform.NewReader(r, simplifiedchinese.GB18030.NewDecoder())
	case utf16Text:
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder())
	}
	return transform.NewReader(r, unicode.UTF8BOM.NewDecoder())
}
