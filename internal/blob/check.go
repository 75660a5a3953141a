package blob

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	xunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"juli/internal/fault"
)

const nameMax = 120 // characters of a file's name

// A kind is a sort of file that may come in.
type kind struct {
	media   string
	picture bool
	check   func(f io.ReaderAt, size int64) error
}

// kinds is the allow-list, by extension (INP-2).
var kinds = map[string]kind{
	".pdf":  {media: "application/pdf", check: checkPDF},
	".jpg":  {media: "image/jpeg", picture: true},
	".png":  {media: "image/png", picture: true},
	".webp": {media: "image/webp", picture: true},
	".csv":  {media: "text/csv", check: checkCSV},
	".xlsx": {media: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", check: checkXLSX},
	".docx": {media: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", check: checkDOCX},
}

// Accept is the value of a file field's accept attribute.
const Accept = ".pdf,.jpg,.jpeg,.png,.webp,.xlsx,.docx,.csv"

// named cleans an uploader's file name and finds the kind of its extension.
func named(raw string) (string, kind, error) {
	name := cleaned(raw)
	ext := strings.ToLower(path.Ext(name))
	if ext == ".jpeg" {
		ext = ".jpg"
	}
	k, allowed := kinds[ext]
	if !allowed {
		return "", kind{}, fault.New(fault.Invalid, "blob.type",
			"不能上传这种文件，只接受PDF、JPG、PNG、WebP、Excel（xlsx）、Word（docx）和CSV。")
	}
	return stemOf(name) + ext, k, nil
}

// cleaned is an uploader's file name without folders and deceiving characters.
func cleaned(raw string) string {
	name := norm.NFC.String(strings.ToValidUTF8(raw, ""))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>:"|?*`, r) {
			return -1 // among them the marks that turn the reading direction
		}
		return r
	}, name)
}

// stemOf is a clean name without its ending, not too long and not empty.
func stemOf(name string) string {
	stem := strings.Trim(strings.TrimSuffix(name, path.Ext(name)), " .")
	if r := []rune(stem); len(r) > nameMax {
		stem = string(r[:nameMax])
	}
	if stem == "" {
		return "附件"
	}
	return stem
}

// mismatch refuses a file that isn't what its extension says.
func mismatch(what string) error {
	return fault.New(fault.Invalid, "blob.content", "文件内容不是%s，或已损坏，请检查后重新上传。", what)
}

// checkPDF wants the head and the tail of a PDF, without scripts or programs to
// start.
func checkPDF(f io.ReaderAt, size int64) error {
	r := bufio.NewReaderSize(io.NewSectionReader(f, 0, size), 64<<10)
	if head, err := r.Peek(5); err != nil || string(head) != "%PDF-" {
		return mismatch("PDF")
	}
	tail := make([]byte, min(size, 2048))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return mismatch("PDF")
	}
	if !bytes.Contains(tail, []byte("%%EOF")) {
		return mismatch("PDF")
	}
	active, err := contains(r, "/JavaScript", "/Launch")
	if err != nil {
		return mismatch("PDF")
	}
	if active {
		return fault.New(fault.Invalid, "blob.active", "PDF中含有脚本或可启动的程序，请另存为普通PDF后上传。")
	}
	return nil
}

// escaped is a letter of a PDF's name in its other spelling: /J#61vaScript.
var escaped = regexp.MustCompile(`#[0-9A-Fa-f]{2}`)

// contains looks for any of the words in a stream, in either spelling, also
// across its pieces.
func contains(r io.Reader, words ...string) (bool, error) {
	const overlap = 64 // longer than a word with every letter escaped
	buf := make([]byte, 0, 64<<10)
	for {
		n, err := io.ReadFull(r, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		plain := escaped.ReplaceAllFunc(buf, func(hex []byte) []byte {
			letter, _ := strconv.ParseUint(string(hex[1:]), 16, 8)
			return []byte{byte(letter)}
		})
		for _, w := range words {
			if bytes.Contains(plain, []byte(w)) || bytes.Contains(buf, []byte(w)) {
				return true, nil
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		buf = append(buf[:0], buf[len(buf)-overlap:]...)
	}
}

// checkCSV wants text in UTF-8, UTF-16 with its mark, or GB18030, that is no
// page or picture in disguise.
func checkCSV(f io.ReaderAt, size int64) error {
	var mark [3]byte
	if n, err := f.ReadAt(mark[:], 0); n < 3 && err != nil && !errors.Is(err, io.EOF) {
		return mismatch("CSV文本")
	}
	read := func(e encoding.Encoding) error {
		r := io.NewSectionReader(f, 0, size)
		if e == nil {
			return checkText(r)
		}
		return checkText(transform.NewReader(r, e.NewDecoder()))
	}
	if bytes.HasPrefix(mark[:], []byte{0xFF, 0xFE}) || bytes.HasPrefix(mark[:], []byte{0xFE, 0xFF}) {
		return read(xunicode.UTF16(xunicode.LittleEndian, xunicode.UseBOM))
	}
	if err := read(nil); err == nil {
		return nil
	}
	return read(simplifiedchinese.GB18030)
}

// checkText refuses broken characters, control characters and markup at the start.
func checkText(r io.Reader) error {
	in, started := bufio.NewReaderSize(r, 64<<10), false
	for {
		c, _, err := in.ReadRune()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil || c == utf8.RuneError || unicode.IsControl(c) && !strings.ContainsRune("\t\r\n", c) {
			return mismatch("CSV文本")
		}
		if started || unicode.IsSpace(c) || c == '\uFEFF' {
			continue
		}
		if started = true; c == '<' {
			return mismatch("CSV文本")
		}
	}
}
