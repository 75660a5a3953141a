package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A part whose head cannot be read is refused by its number; nothing of the form
// is taken without it.
func TestAPartThatCannotBeReadIsNamed(t *testing.T) {
	w := newWorld(t, false)
	c := w.client("token-of-li")
	for _, head := range []string{
		"form-data; name=\"file\"; filename=\"a\"b.pdf\"", "form-data; name=\"file\"; filename=\"\xff.pdf\"",
		"form-data; filename=\"a.pdf\"", "form-data; name=\"\"; filename=\"a.pdf\"", "attachment; name=\"file\"; filename=\"a.pdf\"", "", "form-data; name=\"file\"; filename*=UTF-8''%zz.pdf; filename*=b",
	} {
		var b strings.Builder
		for name, values := range w.hidden(c) {
			fmt.Fprintf(&b, "--x\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", name, values[0])
		}
		fmt.Fprintf(&b, "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n好\r\n--x\r\nContent-Disposition: %s\r\n\r\n%%PDF\r\n--x--\r\n", head)
		r, _ := http.NewRequest("POST", w.URL+"/form", strings.NewReader(b.String()))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		if status, text := w.send(c, r); status != 400 || !strings.Contains(text, "第 4 部分") {
			t.Errorf("%q: status %d: %.100q", head, status, text[strings.Index(text, "<main")+1:])
		}
	}
	if w.done != 0 {
		t.Errorf("acted %d times", w.done)
	}
}
