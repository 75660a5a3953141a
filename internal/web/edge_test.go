package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"juli/internal/authz"
	"juli/internal/fault"
	"juli/internal/web"
)

// sessions knows two people by their tokens.
func sessions(_ context.Context, token string) (authz.Actor, error) {
	switch token {
	case "token-of-li":
		return authz.Actor{Account: 7, Name: "李敏"}, nil
	case "token-of-wang":
		return authz.Actor{Account: 8, Name: "王强"}, nil
	}
	return authz.Actor{}, web.NeedSignin()
}

var oneField = []web.Field{{Name: "title", Label: "标题", Required: true, Max: 10}, {Name: "file", Label: "文件", Kind: web.File}}

// world is a site with one form that counts what came through.
type world struct {
	*httptest.Server
	t    *testing.T
	done int
	site *web.Site
	log  bytes.Buffer
}

func newWorld(t *testing.T, secure bool) *world {
	w := &world{t: t}
	w.site = &web.Site{
		City: "哈尔滨市", Secure: secure, Sessions: web.SessionsFunc(sessions),
		Log: slog.New(slog.NewTextHandler(&w.log, nil)),
	}
	mux := http.NewServeMux()
	mux.Handle("GET /form", web.Handler(func(rw http.ResponseWriter, r *http.Request) error {
		return web.Show(rw, r, http.StatusOK, web.Ask(web.NewForm(oneField...), web.FormBox{Submit: "提交"}))
	}))
	mux.Handle("POST /form", web.Handler(func(rw http.ResponseWriter, r *http.Request) error {
		f, err := web.ReadForm(r, oneField...)
		if err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		w.done++
		return web.Redirect(rw, r, "/form")
	}))
	mux.Handle("GET /mine", web.SignedInOnly(func(rw http.ResponseWriter, _ *http.Request) error { return nil }))
	mux.Handle("GET /break", web.Handler(func(http.ResponseWriter, *http.Request) error { return errors.New("table credit_record is gone") }))
	mux.Handle("GET /panic", web.Handler(func(http.ResponseWriter, *http.Request) error { panic("secret") }))
	mux.Handle("GET /stepup-needed", web.Handler(func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.StepUp, "authz.step-up", "请再次验证。")
	}))
	w.Server = httptest.NewServer(w.site.Handler(mux))
	t.Cleanup(w.Close)
	return w
}

// client keeps cookies and follows nothing.
func (w *world) client(token string) *http.Client {
	jar, _ := cookiejar.New(nil)
	u, _ := url.Parse(w.URL)
	if token != "" {
		jar.SetCookies(u, []*http.Cookie{{Name: "juli", Value: token}})
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// hidden reads the tokens of the form that the client sees.
func (w *world) hidden(c *http.Client) url.Values {
	w.t.Helper()
	res, err := c.Get(w.URL + "/form")
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	values := url.Values{}
	for n := range parse(w.t, res.Body).Descendants() {
		if n.Data == "input" && attr(n, "type") == "hidden" {
			values.Set(attr(n, "name"), attr(n, "value"))
		}
	}
	return values
}

func parse(t *testing.T, r io.Reader) *html.Node {
	t.Helper()
	doc, err := html.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func (w *world) send(c *http.Client, req *http.Request) (status int, text string) {
	w.t.Helper()
	res, err := c.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func (w *world) post(c *http.Client, values url.Values) (int, string) {
	w.t.Helper()
	req, _ := http.NewRequest("POST", w.URL+"/form", strings.NewReader(values.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.send(c, req)
}

func TestEveryAnswerCarriesTheHeadersOfSafety(t *testing.T) {
	for _, secure := range []bool{false, true} {
		w := newWorld(t, secure)
		for _, path := range []string{"/form", "/nowhere", "/break", "/assets/juli.css", "/mine"} {
			res, err := w.client("").Get(w.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			h := res.Header
			for _, part := range []string{"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
				if !strings.Contains(h.Get("Content-Security-Policy"), part) {
					t.Errorf("%s: no %s in the policy %q", path, part, h.Get("Content-Security-Policy"))
				}
			}
			if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
				t.Errorf("%s: the policy allows something unsafe", path)
			}
			if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Request-Id") == "" {
				t.Errorf("%s: headers %v", path, h)
			}
			if got := h.Get("Strict-Transport-Security") != ""; got != secure {
				t.Errorf("%s: HSTS = %v, want %v", path, got, secure)
			}
			if !strings.HasPrefix(path, "/assets/") && h.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: Cache-Control %q", path, h.Get("Cache-Control"))
			}
			for _, c := range res.Cookies() {
				if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure != secure || secure != strings.HasPrefix(c.Name, "__Host-") {
					t.Errorf("%s: cookie %v", path, c)
				}
			}
		}
	}
}

// INP-7: nothing gets in without this session's token, whatever else comes with it.
func TestFormsNeedTheirOwnSessionsToken(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(w *world, r *http.Request, v url.Values) *http.Request
		status int
	}{
		{"as the page sends it", func(_ *world, r *http.Request, _ url.Values) *http.Request {
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			return r
		}, 303},
		{"without any origin header", func(_ *world, r *http.Request, _ url.Values) *http.Request { return r }, 303},
		{"no token", func(w *world, _ *http.Request, v url.Values) *http.Request { v.Del("_csrf"); return urlencoded(w, v) }, 403},
		{"an empty token", func(w *world, _ *http.Request, v url.Values) *http.Request {
			v.Set("_csrf", "")
			return urlencoded(w, v)
		}, 403},
		{"another person's token", func(w *world, _ *http.Request, v url.Values) *http.Request {
			v.Set("_csrf", w.hidden(w.client("token-of-wang")).Get("_csrf"))
			return urlencoded(w, v)
		}, 403},
		{"a visitor's token", func(w *world, _ *http.Request, v url.Values) *http.Request {
			v.Set("_csrf", w.hidden(w.client("")).Get("_csrf"))
			return urlencoded(w, v)
		}, 403},
		{"a changed token", func(w *world, _ *http.Request, v url.Values) *http.Request {
			v.Set("_csrf", strings.ToUpper(v.Get("_csrf")))
			return urlencoded(w, v)
		}, 403},
		{"from another site", func(_ *world, r *http.Request, _ url.Values) *http.Request {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			return r
		}, 403},
		{"a foreign origin", func(_ *world, r *http.Request, _ url.Values) *http.Request {
			r.Header.Set("Origin", "https://evil.example")
			return r
		}, 403},
		{"a null origin", func(_ *world, r *http.Request, _ url.Values) *http.Request {
			r.Header.Set("Origin", "null")
			return r
		}, 403},
		{"as plain text", func(_ *world, r *http.Request, _ url.Values) *http.Request {
			r.Header.Set("Content-Type", "text/plain")
			return r
		}, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, false)
			c := w.client("token-of-li")
			v := w.hidden(c)
			v.Set("title", "积雪清理")
			status, _ := w.send(c, tt.change(w, urlencoded(w, v), v))
			if status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
			if want := map[int]int{303: 1}[tt.status]; w.done != want {
				t.Errorf("acted %d times, want %d", w.done, want)
			}
		})
	}
}

func urlencoded(w *world, v url.Values) *http.Request {
	r, _ := http.NewRequest("POST", w.URL+"/form", strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func TestWhatWasTypedSurvivesALostSession(t *testing.T) {
	w := newWorld(t, false)
	v := w.hidden(w.client("token-of-li"))
	v.Set("title", "积雪清理")
	r := urlencoded(w, v)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	status, text := w.send(w.client("token-of-wang"), r)
	if status != 403 || !strings.Contains(text, "重新提交") || !strings.Contains(text, "积雪清理") || strings.Contains(text, "<dt>title<") {
		t.Errorf("status %d, page %s", status, text)
	}
	r = urlencoded(w, v)
	if _, text := w.send(w.client("token-of-wang"), r); strings.Contains(text, "积雪清理") {
		t.Error("what came without a sign of our own page is echoed")
	}
}

func TestFieldsThatTheFormDoesNotHaveAreRefused(t *testing.T) {
	w := newWorld(t, false)
	c := w.client("token-of-li")
	for _, name := range []string{"id", "role", "amount", "status", "owner_id", "community_id", "created_at", "Title", "title[]", "file"} {
		v := w.hidden(c)
		v.Set("title", "好")
		v.Set(name, "1")
		if status, _ := w.post(c, v); status != 400 {
			t.Errorf("field %q: status %d, want 400", name, status)
		}
	}
	v := w.hidden(c)
	v["title"] = []string{"一", "二"}
	if status, _ := w.post(c, v); status != 400 {
		t.Errorf("a field sent twice: status %d, want 400", status)
	}
	v["title"] = []string{"\xff\xfe"}
	if status, _ := w.post(c, v); status != 400 {
		t.Errorf("text in another encoding: status %d, want 400", status)
	}
	if w.done != 0 {
		t.Errorf("acted %d times", w.done)
	}
}

func TestAFileThatWasNotChosenIsNone(t *testing.T) {
	w := newWorld(t, false)
	c := w.client("token-of-li")
	hidden := w.hidden(c)
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name := range hidden {
		_ = m.WriteField(name, hidden.Get(name))
	}
	_ = m.WriteField("title", "好")
	_, _ = m.CreateFormFile("file", "") // as every browser sends it
	m.Close()
	r, _ := http.NewRequest("POST", w.URL+"/form", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	if status, text := w.send(c, r); status != 303 {
		t.Errorf("status %d: %s", status, text)
	}
}

// INP-1, each limit from both sides.
func TestLimits(t *testing.T) {
	w := newWorld(t, false)
	c := w.client("token-of-li")
	hidden := w.hidden(c)
	fields := func(n int) func() *http.Request {
		return func() *http.Request {
			return urlBody(w, hidden.Encode()+"&title=a"+strings.Repeat("&x=1", n-3))
		}
	}
	size := func(n int) func() *http.Request {
		return func() *http.Request {
			s := hidden.Encode() + "&title="
			return urlBody(w, s+strings.Repeat("a", n-len(s)))
		}
	}
	parts := func(n, file int) func() *http.Request {
		return func() *http.Request { return multi(t, w, hidden, n, file) }
	}
	query := func(n int) func() *http.Request {
		return func() *http.Request {
			r, _ := http.NewRequest("GET", w.URL+"/form?"+strings.TrimPrefix(strings.Repeat("&a", n), "&"), nil)
			return r
		}
	}
	for _, tt := range []struct {
		name   string
		make   func() *http.Request
		status int
	}{
		{"1,000 fields", fields(1000), 400}, // read, then refused for their names
		{"1,001 fields", fields(1001), 413},
		{"1 MB", size(1 << 20), 422}, // read, then too long for its field
		{"1 MB and a byte", size(1<<20 + 1), 413},
		{"50 parts", parts(50, 10), 400},
		{"51 parts", parts(51, 10), 413},
		{"a file of 20 MB", parts(4, 20<<20), 303},
		{"a file of 20 MB and a byte", parts(4, 20<<20+1), 413},
		{"1,000 parameters", query(1000), 200},
		{"1,001 parameters", query(1001), 413},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if status, _ := w.send(c, tt.make()); status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
		})
	}
}

func urlBody(w *world, body string) *http.Request {
	r, _ := http.NewRequest("POST", w.URL+"/form", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// multi is an upload of n parts: tokens, title, one file, and others to fill up.
func multi(t *testing.T, w *world, hidden url.Values, n, file int) *http.Request {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name := range hidden {
		_ = m.WriteField(name, hidden.Get(name))
	}
	_ = m.WriteField("title", "好")
	part, _ := m.CreateFormFile("file", "雪.pdf")
	_, _ = part.Write(make([]byte, file))
	for range n - 4 {
		_ = m.WriteField("more", "1")
	}
	m.Close()
	r, _ := http.NewRequest("POST", w.URL+"/form", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return r
}

func TestHeadersEndAt16KB(t *testing.T) {
	w := newWorld(t, false)
	server := web.Server("", w.Config.Handler, slog.New(slog.DiscardHandler))
	at := httptest.NewUnstartedServer(nil)
	at.Config = server
	at.Start()
	defer at.Close()
	r, _ := http.NewRequest("GET", at.URL+"/form", nil)
	var sent bytes.Buffer
	r.Header.Set("User-Agent", "test")
	r.Header.Set("X-Filler", "")
	r.Header.Set("Accept-Encoding", "gzip")
	if err := r.Write(&sent); err != nil {
		t.Fatal(err)
	}
	room := 16<<10 - sent.Len()
	for size, want := range map[int]int{room: 200, room + 1: 431, 64 << 10: 431} {
		r.Header.Set("X-Filler", strings.Repeat("a", size))
		if status, _ := w.send(w.client(""), r); status != want {
			t.Errorf("%d bytes of filler: status %d, want %d", size, status, want)
		}
	}
}

func TestMisshapenRequestsAreRefused(t *testing.T) {
	w := newWorld(t, false)
	w.site.Hosts = []string{"127.0.0.1"}
	for _, tt := range []struct {
		name   string
		change func(*http.Request)
		status int
	}{
		{"as it should be", func(*http.Request) {}, 200},
		{"TRACE", func(r *http.Request) { r.Method = "TRACE" }, 405},
		{"a made-up method", func(r *http.Request) { r.Method = "BREW" }, 405},
		{"another host", func(r *http.Request) { r.Host = "evil.example" }, 400},
		{"a header that nginx reads otherwise", func(r *http.Request) { r.Header["X_Forwarded_For"] = []string{"1.2.3.4"} }, 400},
	} {
		r, _ := http.NewRequest("GET", w.URL+"/form", nil)
		tt.change(r)
		if status, _ := w.send(w.client(""), r); status != tt.status {
			t.Errorf("%s: status %d, want %d", tt.name, status, tt.status)
		}
	}
}

func TestRedirectsStayHere(t *testing.T) {
	for to, want := range map[string]string{
		"/bureau/":                      "/bureau/",
		"/a?b=c&d=%E5%8D%97":            "/a?b=c&d=%E5%8D%97",
		"":                              "/",
		"bureau":                        "/",
		"https://evil.example/":         "/",
		"//evil.example":                "/",
		"///evil.example":               "/",
		"/\\evil.example":               "/",
		"/\t/evil.example":              "/",
		"\\/evil.example":               "/",
		"javascript:alert(1)":           "/",
		"/ok\r\nSet-Cookie: a=b":        "/",
		"/%2F%2Fevil.example":           "/",
		"/" + strings.Repeat("a", 3000): "/",
	} {
		if got := web.Local(to); got != want {
			t.Errorf("Local(%q) = %q, want %q", to, got, want)
		}
	}
	w := newWorld(t, false)
	res, err := w.client("").Get(w.URL + "/view?large=1&to=https%3A%2F%2Fevil.example")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if got := res.Header.Get("Location"); got != "/" {
		t.Errorf("the edition leads to %q", got)
	}
}

func TestErrorsTellPeopleAndHideTheRest(t *testing.T) {
	w := newWorld(t, false)
	for _, tt := range []struct {
		path   string
		status int
		says   string
		goes   string
	}{
		{"/nowhere", 404, "没有这个页面", ""},
		{"/break", 500, "请求编号", ""},
		{"/panic", 500, "请求编号", ""},
		{"/mine?a=1", 303, "", "/login?to=%2Fmine%3Fa%3D1"},
		{"/stepup-needed", 303, "", "/stepup?to=%2Fstepup-needed"},
	} {
		res, err := w.client("").Get(w.URL + tt.path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		id := res.Header.Get("X-Request-Id")
		if res.StatusCode != tt.status || !strings.Contains(string(body), tt.says) || res.Header.Get("Location") != tt.goes {
			t.Errorf("%s: %d to %q: %s", tt.path, res.StatusCode, res.Header.Get("Location"), body)
		}
		if strings.Contains(string(body), "credit_record") || strings.Contains(string(body), "secret") {
			t.Errorf("%s shows what is inside", tt.path)
		}
		if tt.status == 500 && (!strings.Contains(string(body), id) || !strings.Contains(w.log.String(), id)) {
			t.Errorf("%s: the id %s is not both on the page and in the log", tt.path, id)
		}
	}
}

func TestTheLogHoldsNoAddressAndNoName(t *testing.T) {
	w := newWorld(t, false)
	res, err := w.client("token-of-li").Get(w.URL + "/form?q=13800000000")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	for _, never := range []string{"13800000000", "李敏", "token-of-li"} {
		if strings.Contains(w.log.String(), never) {
			t.Errorf("the log holds %q: %s", never, w.log.String())
		}
	}
	if !strings.Contains(w.log.String(), "GET /form") {
		t.Errorf("the log lacks the route: %s", w.log.String())
	}
}
