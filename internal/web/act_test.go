package web_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/web"
)

// acting is a site whose form writes one row to meta per act.
func acting(t *testing.T, d *db.DB) *world {
	w := &world{t: t}
	w.site = &web.Site{City: "哈尔滨市", DB: d, Sessions: web.SessionsFunc(sessions), Log: slog.New(slog.DiscardHandler)}
	mux := http.NewServeMux()
	page := func(f *web.Form) templ.Component { return web.AskAll(f, web.FormBox{Submit: "提交"}) }
	mux.Handle("GET /form", web.Handler(func(rw http.ResponseWriter, r *http.Request) error {
		return web.Show(rw, r, http.StatusOK, page(web.NewForm(oneField...)))
	}))
	mux.Handle("POST /form", web.Handler(func(rw http.ResponseWriter, r *http.Request) error {
		f, err := web.ReadForm(r, oneField...)
		if err != nil {
			return err
		}
		return web.Submit(rw, r, d, f, func(ctx context.Context, tx *db.Tx) (string, error) {
			id := tx.NewID().String()
			if _, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ($1, $2)`, "act-"+id, f.Str("title")); err != nil {
				return "", err
			}
			if f.Str("title") == "重名" {
				return "", fault.New(fault.Invalid, "test.taken", "不能登记。").With("title", "这个标题已经有了。")
			}
			web.Say(r, "已登记。")
			switch f.Str("title") {
			case "大事":
				return "", fault.New(fault.StepUp, "authz.step-up", "请再次验证。")
			case "冲突":
				return "", fault.New(fault.Conflict, "test.changed", "情况已经变化。")
			}
			return "/form?id=" + id, nil
		}, func() templ.Component { return page(f) })
	}))
	w.Server = httptest.NewServer(w.site.Handler(mux))
	t.Cleanup(w.Close)
	return w
}

func acts(t *testing.T, d *db.DB) (n int64) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM meta WHERE key LIKE 'act-%'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func location(t *testing.T, w *world, c *http.Client, v url.Values) (status int, to string) {
	t.Helper()
	res, err := c.Do(urlencoded(w, v))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	return res.StatusCode, res.Header.Get("Location")
}

// MON-3 at the edge: a form acts once, however often and however quickly it is sent.
func TestAFormActsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := acting(t, d)
		c := w.client("token-of-li")
		v := w.hidden(c)
		v.Set("title", "积雪清理")

		var wait sync.WaitGroup
		led := make([]string, 8)
		for i := range led {
			wait.Go(func() {
				status, to := location(t, w, c, v)
				led[i] = fmt.Sprint(status, to)
			})
		}
		wait.Wait()
		for _, to := range led {
			if to != led[0] || !strings.HasPrefix(to, "303/form?id=") {
				t.Errorf("sent twice: led to %s and %s", led[0], to)
			}
		}
		if n := acts(t, d); n != 1 {
			t.Errorf("acted %d times, want once", n)
		}

		v.Set("title", "别的内容")
		if status, _ := location(t, w, c, v); status != 422 {
			t.Errorf("same key, other content: status %d, want 422", status)
		}
		other := w.hidden(c)
		other.Set("title", "积雪清理")
		if status, _ := location(t, w, c, other); status != 303 {
			t.Errorf("a new form: status %d, want 303", status)
		}
		if n := acts(t, d); n != 2 {
			t.Errorf("acted %d times, want twice", n)
		}
	})
}

func TestARefusedFormKeepsWhatWasTyped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := acting(t, d)
		c := w.client("token-of-li")
		for title, want := range map[string]string{
			"重名": "这个标题已经有了。",
			"":   "请填写标题。",
			"这个标题实在是太长太长了啊": "标题不能超过 10 个字",
		} {
			v := w.hidden(c)
			v.Set("title", title)
			status, text := w.post(c, v)
			if status != 422 || !strings.Contains(text, want) || !strings.Contains(text, `value="`+title+`"`) {
				t.Errorf("%q: status %d: %s", title, status, text)
			}
			if !strings.Contains(text, `href="#f-title"`) || !strings.Contains(text, `aria-invalid="true"`) {
				t.Errorf("%q: the error is not tied to its field: %s", title, text)
			}
		}
		if n := acts(t, d); n != 0 {
			t.Errorf("acted %d times; a refusal must roll back", n)
		}
		if status, text := w.post(c, func() url.Values {
			v := w.hidden(c)
			v.Set("title", "好")
			v.Del("_once")
			return v
		}()); status != 422 || !strings.Contains(text, "防重复标记") {
			t.Errorf("without a key: status %d: %s", status, text)
		}
	})
}

func TestWhatWasSaidIsShownOnce(t *testing.T) {
	d := dbtest.SQLite(t)
	w := acting(t, d)
	c := w.client("token-of-li")
	v := w.hidden(c)
	v.Set("title", "好")
	if status, _ := w.post(c, v); status != 303 {
		t.Fatalf("status %d", status)
	}
	for i, want := range []bool{true, false} {
		r, _ := http.NewRequest("GET", w.URL+"/nowhere", nil) // any page with the layout
		if _, text := w.send(c, r); strings.Contains(text, "已登记。") != want {
			t.Errorf("page %d after the act: said = %v, want %v", i+1, !want, want)
		}
	}
}

// TestWhatDidNotHappenIsNotAnnounced: an act that said so and was then refused has
// not happened, and no later page says it did.
func TestWhatDidNotHappenIsNotAnnounced(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := acting(t, d)
		for title, said := range map[string]bool{"积雪清理": true, "大事": false, "冲突": false} {
			c := w.client("token-of-li")
			v := w.hidden(c)
			v.Set("title", title)
			status, text := w.post(c, v)
			told := false
			u, _ := url.Parse(w.URL)
			for _, k := range c.Jar.Cookies(u) {
				told = told || k.Name == "juli-said"
			}
			if told != said || strings.Contains(text, "已登记") {
				t.Errorf("%s: status %d, announced %v, want %v", title, status, told, said)
			}
		}
	})
}
