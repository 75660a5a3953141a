package web

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Dated is a text in which every date stands in a <time>, so that it is read out
// as a date and not broken over two lines (ACC-7).
func Dated(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		if !strings.Contains(text, "-") {
			_, err := io.WriteString(w, templ.EscapeString(text))
			return err
		}
		var b bytes.Buffer
		dated(&b, text)
		_, err := w.Write(b.Bytes())
		return err
	})
}

// dated writes a text with its dates marked.
func dated(b *bytes.Buffer, s string) {
	done := 0
	for i := 0; i < len(s); {
		n := dateAt(s, i)
		if n == 0 {
			i++
			continue
		}
		esc(b, s[done:i])
		b.WriteString("<time>")
		b.WriteString(s[i : i+n])
		b.WriteString("</time>")
		i += n
		done = i
	}
	esc(b, s[done:])
}

// The shapes of a date and of a moment; 0 stands for any digit.
const (
	dateShape   = "0000-00-00"
	momentShape = dateShape + " 00:00"
)

// dateAt is how long the date is that begins there, 0 if none does.
func dateAt(s string, i int) int {
	if i > 0 && wordly(s[i-1]) {
		return 0
	}
	for _, shape := range []string{momentShape, dateShape} {
		if end := i + len(shape); shaped(s[i:], shape) && (end == len(s) || !wordly(s[end])) {
			return len(shape)
		}
	}
	return 0
}

func shaped(s, shape string) bool {
	if len(s) < len(shape) || s[0] != '1' && s[0] != '2' {
		return false
	}
	for i := range len(shape) {
		if digit := '0' <= s[i] && s[i] <= '9'; digit != (shape[i] == '0') || !digit && s[i] != shape[i] {
			return false
		}
	}
	return s[5] <= '1' && s[8] <= '3' // a month, a day
}

// wordly characters make a name of a date: 2021-07-31T, t8-2021.
func wordly(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-' || c == '_'
}
