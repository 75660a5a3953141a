package web_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/web"
)

var weightyFields = []web.Field{
	{Name: "title", Label: "标题", Required: true, Max: 10},
	{Name: "note", Label: "说明", Kind: web.Long},
	{Name: "grade", Label: "等级", Kind: web.Select, Options: []web.Option{{Value: "a", Text: "甲"}, {Value: "b", Text: "乙"}}},
	{Name: "rows", Label: "各行", Kind: web.Checks},
	{Name: "password", Label: "密码", Kind: web.Password},
	{Name: "file", Label: "文件", Kind: web.File},
}

// weighty is a site whose form wants a fresh second factor, which changes the
// session's token. What was done is told by title.
func weighty(t *testing.T, d *db.DB) (w *world, done func() string) {
	last := ""
	w = &world{t: t}
	w.site = &web.Site{City: "哈尔滨市", DB: d, Sessions: web.SessionsFunc(func(_ context.Context, token string) (authz.Actor, error) {
		who := authz.Actor{Account: 7, Name: "李敏"}
		if token == "token-of-li-anew" {
			who.StepUp = d.Now()
		}
		return who, nil
	})}
	w.site.Desks = []web.Desk{
		{Key: "public", Name: "公众", Home: "/"},
		{Key: "admin", Name: "管理", Home: "/admin/", For: func(who authz.Actor) bool { return who.Account == 7 }, Menu: func(who authz.Actor) []web.Link { return []web.Link{{Text: who.Name + "的菜单", Href: "/admin/"}} }},
	}
	mux := http.NewServeMux()
	page := func(f *web.Form) templ.Component { return web.AskAll(f, web.FormBox{Submit: "提交"}) }
	mux.Handle("GET /form", web.Handler(func(rw http.ResponseWriter, r *http.Request) error {
		return web.Show(rw, r, http.StatusOK, page(web.NewForm(weightyFields...)))
	}))
	mux.Handle("POST /form", web.Handler(func(rw http.ResponseWriter, r *http.Request) error {
		f, err := web.ReadForm(r, weightyFields...)
		if err != nil {
			return err
		}
		return web.Submit(rw, r, d, f, func(context.Context, *db.Tx) (string, error) {
			if web.Actor(r).StepUp.IsZero() {
				return "", fault.New(fault.StepUp, "authz.step-up", "请再次验证。")
			}
			last = f.Str("title") + f.Str("note") + f.Str("grade") + strings.Join(f.All("rows"), "")
			return "/form", nil
		}, func() templ.Component { return page(f) })
	}))
	mux.Handle("POST /stepup", web.Handler(func(rw http.ResponseWriter, r *http.Request) error {
		f, err := web.ReadStepUp(r)
		if err != nil {
			return err
		}
		if f.Str("code") != "123456" {
			f.Refuse("code", "动态码不对。")
			return web.Show(rw, r, http.StatusUnprocessableEntity, web.StepUpPage(f))
		}
		return web.SteppedUp(rw, r, f, "token-of-li-anew")
	}))
	w.Server = httptest.NewServer(w.site.Handler(mux))
	t.Cleanup(w.Close)
	return w, func() string { return last }
}

// sendPage posts what the page's form with this action holds, with changes, as a
// browser does from our own page.
func (w *world) sendPage(c *http.Client, page, action string, change url.Values, file string) (int, string) {
	w.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	field := func(name, value string) {
		if v, ok := change[name]; ok {
			value = strings.Join(v, "")
		}
		_ = m.WriteField(name, value)
	}
	for n := range parse(w.t, strings.NewReader(page)).Descendants() {
		if n.Data != "form" || attr(n, "action") != action {
			continue
		}
		for in := range n.Descendants() {
			switch name := attr(in, "name"); {
			case in.Data == "input" && name != "" && attr(in, "type") != "file":
				field(name, attr(in, "value"))
			case in.Data == "textarea":
				field(name, inner(in))
			case in.Data == "select":
				field(name, selected(in))
			}
		}
	}
	if file != "" {
		part, _ := m.CreateFormFile("file", file)
		_, _ = io.WriteString(part, "内容")
	}
	m.Close()
	if action == "" {
		action = "/form"
	}
	r, _ := http.NewRequest("POST", w.URL+action, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return w.send(c, r)
}

func inner(n *html.Node) string {
	if n.FirstChild == nil {
		return ""
	}
	return n.FirstChild.Data
}

func selected(n *html.Node) string {
	for o := range n.Descendants() {
		for _, a := range o.Attr {
			if a.Key == "selected" {
				return attr(o, "value")
			}
		}
	}
	return ""
}

// TestWhatWasTypedSurvivesAStepUp follows a form over a wrong code and the right
// one to the act, with everything that was typed but the secrets and the file.
func TestWhatWasTypedSurvivesAStepUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, done := weighty(t, d)
		c := w.client("token-of-li")
		res, err := c.Get(w.URL + "/form")
		if err != nil {
			t.Fatal(err)
		}
		first, _ := io.ReadAll(res.Body)
		res.Body.Close()
		drawn := strings.Replace(string(first), `</form>`, `<input name="rows" value="r1"/></form>`, 1)
		status, text := w.sendPage(c, drawn, "", url.Values{"title": {"积雪清理"}, "note": {"第一行\n  第二行"}, "grade": {"b"}, "password": {"不可说出"}}, "证据.pdf")
		if status != 403 || !strings.Contains(text, "已保留") || !strings.Contains(text, "需要重新选择") || strings.Contains(text, "不可说出") {
			t.Fatalf("refused for the second factor: %d %s", status, text)
		}
		if !strings.Contains(text, "哈尔滨市 · 管理") || !strings.Contains(text, "李敏的菜单") {
			t.Error("the page is not at the person's own desk")
		}
		status, text = w.sendPage(c, text, "/stepup", url.Values{"code": {"000000"}}, "")
		if status != 422 || !strings.Contains(text, "已保留") {
			t.Fatalf("a wrong code: %d %s", status, text)
		}
		status, text = w.sendPage(c, text, "/stepup", url.Values{"code": {"123456"}}, "")
		if status != 200 || !strings.Contains(text, "请重新选择文件") || !strings.Contains(text, `value="积雪清理"`) || done() != "" {
			t.Fatalf("the right code: %d, done %q: %s", status, done(), text)
		}
		status, text = w.sendPage(c, text, "/form", nil, "")
		if want := "积雪清理第一行\n  第二行br1"; status != 303 || done() != want {
			t.Errorf("sent again: %d, done %q, want %q: %s", status, done(), want, text)
		}
	})
}

// TestAStepUpEchoesNothingFromElsewhere: only what our own page sent is kept, and
// a form with nothing typed into it leads back to its page.
func TestAStepUpEchoesNothingFromElsewhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, _ := weighty(t, d)
		c := w.client("token-of-li")
		v := w.hidden(c)
		v.Set("title", "积雪清理")
		if status, to := location(t, w, c, v); status != 303 || !strings.HasPrefix(to, "/stepup?to=") {
			t.Errorf("status %d to %q", status, to)
		}
	})
}

// TestALostFileIsToldAtItsField: a form that comes back says that its file is gone.
func TestALostFileIsToldAtItsField(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, _ := weighty(t, d)
		c := w.client("token-of-li")
		res, err := c.Get(w.URL + "/form")
		if err != nil {
			t.Fatal(err)
		}
		first, _ := io.ReadAll(res.Body)
		res.Body.Close()
		for file, told := range map[string]bool{"证据.pdf": true, "": false} {
			status, text := w.sendPage(c, string(first), "", nil, file)
			if status != 422 || strings.Contains(text, "请重新选择文件") != told {
				t.Errorf("file %q: status %d, told %v: %s", file, status, !told, text)
			}
		}
	})
}

// TestAnErrorPageStandsAtThePersonsOwnDesk: header and menu stay as they were.
func TestAnErrorPageStandsAtThePersonsOwnDesk(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, _ := weighty(t, d)
		for token, header := range map[string]string{"token-of-li": "哈尔滨市 · 管理", "": "哈尔滨市 · 公众"} {
			res, err := w.client(token).Get(w.URL + "/admin/nothing")
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(res.Body)
			res.Body.Close()
			if res.StatusCode != 404 || !strings.Contains(string(text), header) || strings.Contains(string(text), "的菜单") != (token != "") {
				t.Errorf("token %q: %d, want header %q: %s", token, res.StatusCode, header, text)
			}
		}
	})
}
