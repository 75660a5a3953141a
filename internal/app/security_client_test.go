package app_test

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"juli/internal/code"
)

// A client is a browser without scripts: cookies, pages, forms.
type client struct {
	h    http.Handler
	jar  map[string]string
	addr string
}

func newClient(h http.Handler, cookies ...string) *client {
	c := &client{h: h, jar: map[string]string{}, addr: "203.0.113.7"}
	for i := 0; i+1 < len(cookies); i += 2 {
		c.jar[cookies[i]] = cookies[i+1]
	}
	return c
}

// An answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) to() string { return a.header.Get("Location") }

func (c *client) do(ctx context.Context, method, path, kind string, body []byte) answer {
	req := httptest.NewRequestWithContext(ctx, method, path, bytes.NewReader(body))
	req.RemoteAddr = c.addr + ":4000"
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for name, value := range c.jar {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, req)
	res := w.Result()
	defer res.Body.Close()
	for _, k := range res.Cookies() {
		if c.jar[k.Name] = k.Value; k.MaxAge < 0 {
			delete(c.jar, k.Name)
		}
	}
	return answer{res.StatusCode, res.Header, w.Body.String()}
}

func (c *client) get(ctx context.Context, path string) answer { return c.do(ctx, "GET", path, "", nil) }

// A control is one thing of a form that a person can fill in.
type control struct {
	name, kind, value, accept string
	options                   []string
	required, checked         bool
}

// A htmlForm is a form as it stands on a page.
type htmlForm struct {
	action   string
	upload   bool
	controls []control
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// forms reads the posting forms of a page; at is its address.
func forms(at, page string) (list []htmlForm) {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || !strings.EqualFold(attr(n, "method"), "post") {
			continue
		}
		f := htmlForm{action: attr(n, "action"), upload: attr(n, "enctype") != ""}
		if f.action == "" {
			f.action = at
		}
		for k := range n.Descendants() {
			if k.Type == html.ElementNode && attr(k, "name") != "" {
				f.add(k)
			}
		}
		list = append(list, f)
	}
	return list
}

func (f *htmlForm) add(n *html.Node) {
	c := control{name: attr(n, "name"), kind: n.Data, value: attr(n, "value"), accept: attr(n, "accept"), checked: has(n, "checked")}
	c.required = attr(n, "aria-required") == "true" || has(n, "required")
	switch n.Data {
	case "input":
		c.kind = attr(n, "type")
	case "textarea":
		if n.FirstChild != nil {
			c.value = n.FirstChild.Data
		}
	case "select":
		for o := range n.Descendants() {
			if o.Data == "option" {
				c.options = append(c.options, attr(o, "value"))
				if has(o, "selected") {
					c.value = attr(o, "value")
				}
			}
		}
	default:
		return
	}
	if c.kind == "radio" || c.kind == "checkbox" {
		for i := range f.controls {
			if old := &f.controls[i]; old.name == c.name && old.kind == c.kind {
				old.options = append(old.options, c.value)
				if c.checked {
					old.value, old.checked = c.value, true
				}
				return
			}
		}
		c.options = []string{c.value}
	}
	f.controls = append(f.controls, c)
}

// A file is what a form takes along.
type file struct {
	field, name string
	body        []byte
}

// A sending is a form filled in.
type sending struct {
	action string
	values url.Values
	files  []file
	upload bool
}

// encode is the body as a browser sends it.
func (s sending) encode(t *testing.T) (kind string, body []byte) {
	t.Helper()
	if !s.upload {
		return "application/x-www-form-urlencoded", []byte(s.values.Encode())
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, values := range s.values {
		for _, v := range values {
			if err := w.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, f := range s.files {
		part, err := w.CreateFormFile(f.field, f.name)
		if err == nil {
			_, err = part.Write(f.body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	return w.FormDataContentType(), b.Bytes()
}

func (c *client) send(t *testing.T, s sending) answer {
	t.Helper()
	kind, body := s.encode(t)
	return c.do(t.Context(), "POST", s.action, kind, body)
}

// links are the addresses on a page that stay on the site.
func links(page string) (list []string) {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "a" {
			continue
		}
		to, _, _ := strings.Cut(attr(n, "href"), "#")
		if strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") && !slices.Contains(list, to) {
			list = append(list, to)
		}
	}
	return list
}

// form finds the form on a page whose action ends so, with its fields as they
// stand there, and fills others in.
func (c *client) form(t *testing.T, page, action string, fill ...string) sending {
	t.Helper()
	res := c.get(t.Context(), page)
	for _, f := range forms(page, res.body) {
		if !strings.HasSuffix(f.action, action) {
			continue
		}
		s := sending{action: f.action, values: url.Values{}, upload: f.upload}
		for _, k := range f.controls {
			if k.kind != "file" && (k.kind != "checkbox" && k.kind != "radio" || k.checked) {
				s.values.Set(k.name, k.value)
			}
		}
		for i := 0; i+1 < len(fill); i += 2 {
			s.values.Set(fill[i], fill[i+1])
		}
		return s
	}
	t.Fatalf("%s: %d, no form %s", page, res.status, action)
	return sending{}
}

func (s sending) with(name, value string) sending {
	v := url.Values{}
	for k, list := range s.values {
		v[k] = slices.Clone(list)
	}
	v.Set(name, value)
	s.values = v
	return s
}

func (s sending) String() string { return fmt.Sprintf("POST %s %v", s.action, s.values) }

// complaint is what a page says is wrong.
func complaint(page string) string {
	for _, mark := range []string{`data-errors>`, `<h1`} {
		if _, rest, ok := strings.Cut(page, mark); ok {
			return strings.Join(strings.Fields(tags.ReplaceAllString(rest[:min(len(rest), 900)], " ")), " ")
		}
	}
	return ""
}

// spareUSCC is a valid code that nobody has.
func spareUSCC(n int) string {
	for last := range 36 {
		try := fmt.Sprintf("91230199MA%07d", n%9999999) + string("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[last])
		if _, err := code.ParseUSCC(try); err == nil {
			return try
		}
	}
	return ""
}
