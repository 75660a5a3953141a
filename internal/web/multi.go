package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"juli/internal/fault"
)

// readMultipart reads a form with files. The library leaves out parts whose head
// it cannot read; nobody's file may vanish, so the parts are looked at beside it.
func readMultipart(r *http.Request) (*body, error) {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return nil, unreadable(errors.Join(err, http.ErrMissingBoundary))
	}
	copied, to := io.Pipe()
	looked := make(chan error, 1)
	go func() {
		looked <- checkParts(multipart.NewReader(copied, params["boundary"]))
		_, _ = io.Copy(io.Discard, copied)
	}()
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.TeeReader(r.Body, to), r.Body}
	err = r.ParseMultipartForm(bodyMax)
	to.CloseWithError(io.ErrUnexpectedEOF)
	if wrong := <-looked; wrong != nil {
		err = wrong
	}
	b := &body{values: map[string][]string{}}
	if r.MultipartForm != nil {
		b = &body{values: r.MultipartForm.Value, files: r.MultipartForm.File, spool: r.MultipartForm}
	}
	if err != nil {
		b.close()
		return nil, unreadable(err)
	}
	for _, files := range b.files {
		for _, f := range files {
			f.Filename = norm.NFC.String(f.Filename)
			if f.Size > uploadMax {
				b.close()
				return nil, tooLarge()
			}
		}
	}
	return clean(b)
}

// checkParts refuses a part that has no readable head, and more parts than a
// form may have. What ends too early is the other reader's to tell.
func checkParts(parts *multipart.Reader) error {
	for n := 1; ; n++ {
		p, err := parts.NextRawPart()
		if err != nil {
			return nil
		}
		if n > partsMax {
			return tooLarge()
		}
		disposition := p.Header.Get("Content-Disposition")
		kind, params, err := mime.ParseMediaType(disposition)
		for _, v := range params {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				err = errors.Join(err, errors.New("not UTF-8"))
			}
		}
		if err != nil || kind != "form-data" || params["name"] == "" {
			return fault.Wrap(err, fault.Invalid, "form.part", "上传内容的第 %d 部分写法不正确，没有保存任何内容。请检查文件名后重新提交：%s", n, plainly(disposition))
		}
	}
}

const shownMax = 80

// plainly is what somebody sent, fit to be shown in a sentence.
func plainly(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == utf8.RuneError {
			return '?'
		}
		return c
	}, strings.ToValidUTF8(s, "?"))
	if all := []rune(s); len(all) > shownMax {
		return string(all[:shownMax]) + "…"
	}
	return s
}
