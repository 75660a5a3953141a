package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"juli/internal/fault"
)

// body is what a form sent: texts in NFC and files.
type body struct {
	values url.Values
	files  map[string][]*multipart.FileHeader
	spool  *multipart.Form
}

func (b *body) close() {
	if b.spool != nil {
		_ = b.spool.RemoveAll()
	}
}

// readBody reads a posted form within the limits of INP-1. A body that is no
// form is left unread; it carries no token and will be refused, unless the
// token came in a header.
func readBody(r *http.Request) (*body, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/x-www-form-urlencoded":
		return readURLEncoded(r)
	case "multipart/form-data":
		return readMultipart(r)
	}
	return &body{values: url.Values{}}, nil
}

func readURLEncoded(r *http.Request) (*body, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, unreadable(err)
	}
	if bytes.Count(raw, []byte("&")) >= fieldsMax {
		return nil, tooLarge()
	}
	values, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "form.encoding", "提交的内容无法识别。")
	}
	return clean(&body{values: values})
}

func unreadable(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if slow(err) {
		return fault.Wrap(err, fault.Invalid, "request.slow", "提交的内容传得太慢，连接已断开。请在网络好一些时重新提交。")
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || errors.Is(err, multipart.ErrMessageTooLarge) {
		return tooLarge()
	}
	return fault.Wrap(err, fault.Invalid, "form.encoding", "提交的内容无法识别。")
}

// clean refuses what is no text and writes the rest in one form (INP-10).
func clean(b *body) (*body, error) {
	for name, values := range b.values {
		for i, v := range values {
			if !utf8.ValidString(name) || !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				b.close()
				return nil, fault.New(fault.Invalid, "form.encoding", "提交的内容不是正确的文字编码（UTF-8）。")
			}
			v = strings.ReplaceAll(v, "\r\n", "\n")
			values[i] = norm.NFC.String(v)
		}
	}
	return b, nil
}

// digest stands for everything that was sent, so that the same key with other
// content is noticed (MON-3).
func (b *body) digest() ([]byte, error) {
	h := sha256.New()
	write := func(s string) {
		_ = binary.Write(h, binary.BigEndian, uint64(len(s)))
		_, _ = io.WriteString(h, s)
	}
	for _, name := range slices.Sorted(maps.Keys(b.values)) {
		if name == onceField {
			continue
		}
		write(name)
		for _, v := range b.values[name] {
			write(v)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		write(name)
		for _, f := range b.files[name] {
			file, err := f.Open()
			if err != nil {
				return nil, err
			}
			_, err = io.Copy(h, file)
			file.Close()
			if err != nil {
				return nil, err
			}
		}
	}
	return h.Sum(nil), nil
}
