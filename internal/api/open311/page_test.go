package open311_test

import (
	"bytes"
	"html"
	"image"
	"image/jpeg"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/web"
	"juli/internal/web/public"
)

var (
	sample = regexp.MustCompile(`(?s)<pre[^>]*>(.*?)</pre>`)
	word   = regexp.MustCompile(`(?:"[^"]*"|[^\s"])+`)
)

// request is what curl would send for a command of the page.
func (w *world) request(command string) *http.Request {
	w.t.Helper()
	var address string
	form := url.Values{}
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	parts := 0
	words := word.FindAllString(command, -1)
	for i := range words {
		words[i] = strings.ReplaceAll(words[i], `"`, "")
	}
	for i := 1; i < len(words); i++ {
		switch words[i] {
		case "-d", "--data-urlencode":
			i++
			name, value, _ := strings.Cut(words[i], "=")
			form.Add(name, value)
		case "-F":
			i++
			parts++
			name, value, _ := strings.Cut(words[i], "=")
			file, ok := strings.CutPrefix(value, "@")
			if !ok {
				w.ok(m.WriteField(name, value))
				continue
			}
			part, err := m.CreateFormFile(name, file)
			w.ok(err)
			w.ok(jpeg.Encode(part, image.NewGray(image.Rect(0, 0, 8, 8)), nil))
		default:
			address = words[i]
		}
	}
	w.ok(m.Close())
	at, err := url.Parse(address)
	w.ok(err)
	switch {
	case parts > 0:
		r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, at.RequestURI(), &b)
		r.Header.Set("Content-Type", m.FormDataContentType())
		return r
	case len(form) > 0:
		r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, at.RequestURI(), strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	return httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, at.RequestURI(), nil)
}

func TestTheExamplesOfThePageWorkAsTheyStand(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		mux := http.NewServeMux()
		(&public.Desk{DB: w.DB, City: "2301", CityName: "哈尔滨市", Reports: w.reports, Cache: &web.Cache{}, Jurisdiction: "hrb.gov.cn"}).Routes(web.NewGates(mux))
		page := (&web.Site{City: "哈尔滨市", DB: w.DB, Log: slog.New(slog.DiscardHandler)}).Handler(mux)
		rec := httptest.NewRecorder()
		page.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/open311", nil))
		a := answer{rec.Code, rec.Header(), rec.Body.Bytes()}
		if a.status != http.StatusOK || !strings.HasPrefix(a.head.Get("Content-Type"), "text/html") {
			t.Fatalf("the page: %d %s", a.status, a.body)
		}
		for _, part := range []string{"/open311/discovery.json", "hrb.gov.cn", "系统管理员发放", "address_id", "media_url", ">door<"} {
			if !strings.Contains(string(a.body), part) {
				t.Errorf("the page does not say %s", part)
			}
		}
		own := map[string]string{"KEY": w.key, "PROJECT": string(w.Projects[0].Code)}
		list := sample.FindAllSubmatch(a.body, -1)
		if len(list) < 7 {
			t.Fatalf("%d examples", len(list))
		}
		for _, one := range list {
			command := os.Expand(html.UnescapeString(string(one[1])), func(name string) string { return own[name] })
			r := w.request(command)
			got := w.do(r)
			if got.status != http.StatusOK && got.status != http.StatusCreated {
				t.Errorf("%s\n= %d %s", command, got.status, got.body)
				continue
			}
			rows := client{w, "json"}.read(got)
			if len(rows) == 0 {
				t.Errorf("%s gives nothing", command)
				continue
			}
			if r.Method == http.MethodPost && rows[0]["service_request_id"] != "" {
				own["NUMBER"] = rows[0]["service_request_id"]
			}
		}
		if n := w.count(); n != 2 {
			t.Errorf("the examples made %d reports", n)
		}
	})
}
