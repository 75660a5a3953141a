package open311_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"juli/internal/api/open311"
	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/city/town"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/resident"
	"juli/internal/rulebook"
	"juli/internal/supervision"
	"juli/internal/web"
)

// A world is a town whose interface is open to one client with a key.
type world struct {
	*town.Town
	t       *testing.T
	reports *resident.Reports
	site    http.Handler
	key     string
	keyID   db.ID
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{Town: town.New(t, d), t: t}
	books := &rulebook.Service{DB: w.DB, Kinds: rulebook.KindsOf(resident.Kind(), supervision.Kind(), credit.Kind())}
	for _, name := range []string{"resident/harbin", "supervision/harbin", "credit/harbin-2021"} {
		text, err := os.ReadFile("../../../rulebooks/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := books.InstallIn(ctx, tx, authz.System("test"), text)
			return err
		})
	}
	files, err := blob.At(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.Close() })
	w.reports = &resident.Reports{DB: w.DB, Keys: w.Keys, City: "2301", Books: &resident.Books{City: "2301"}, Registry: w.Registry, Files: files}
	w.keyID, w.key = w.newKey("城市随手拍")
	mux := http.NewServeMux()
	(&open311.API{DB: w.DB, Keys: w.Keys, Reports: w.reports, Files: files, Jurisdiction: "hrb.gov.cn", CityName: "哈尔滨市"}).Routes(web.NewGates(mux))
	w.site = (&web.Site{City: "哈尔滨市", DB: w.DB, Log: slog.New(slog.DiscardHandler), Sessions: web.SessionsFunc(func(context.Context, string) (authz.Actor, error) {
		t.Error("the interface asks for a session")
		return authz.Anonymous, nil
	})}).Handler(mux)
	return w
}

func (w *world) newKey(name string) (id db.ID, key string) {
	w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
		id, key, err = w.reports.MakeKeyIn(ctx, tx, authz.System("test"), resident.KeyAsk{Channel: resident.Open311, Name: name})
		return err
	})
	return id, key
}

// An answer is what a client gets.
type answer struct {
	status int
	head   http.Header
	body   []byte
}

func (w *world) do(r *http.Request) answer {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return answer{rec.Code, rec.Header(), rec.Body.Bytes()}
}

func (w *world) get(path string) answer {
	w.t.Helper()
	return w.do(httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, "/open311/"+path, nil))
}

// post sends a form as the specification's curl examples do.
func (w *world) post(path string, v url.Values, head ...string) answer {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/open311/v2/"+path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	return w.do(r)
}

// upload sends a form with one file.
func (w *world) upload(path string, v url.Values, name string, content []byte) answer {
	w.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for field, values := range v {
		for _, one := range values {
			w.ok(m.WriteField(field, one))
		}
	}
	part, err := m.CreateFormFile("media", name)
	w.ok(err)
	_, err = part.Write(content)
	w.ok(err)
	w.ok(m.Close())
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/open311/v2/"+path, io.Reader(&b))
	r.Header.Set("Content-Type", m.FormDataContentType())
	return w.do(r)
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// door is a report of a broken door, as the specification's example of a POST
// words one of a broken pavement.
func (w *world) door(more ...string) url.Values {
	v := url.Values{
		"api_key": {w.key}, "jurisdiction_id": {"hrb.gov.cn"}, "service_code": {"door"}, "lat": {"45.757"}, "long": {"126.6425"}, "address_id": {string(w.Projects[0].Code)},
		"email": {"smit333@sfgov.edu"}, "device_id": {"tt222111"}, "account_id": {"123456"}, "first_name": {"John"}, "last_name": {"Smith"}, "phone": {"+86 138-0000-0001"},
		"description": {"二号楼单元门关不上，晚上很冷"}, "media_url": {"http://farm3.static.flickr.com/2002/2212426634_5ed477a060.jpg"}, "attribute[building]": {"2"},
	}
	for i := 0; i+1 < len(more); i += 2 {
		if v.Set(more[i], more[i+1]); more[i+1] == "" {
			v.Del(more[i])
		}
	}
	return v
}

func (w *world) count() (n int64) {
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM resident_report`)
		return err
	})
	return n
}

func (w *world) report(number string) (r *resident.Report) {
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = resident.ByNumber(ctx, tx, number)
		return err
	})
	return r
}
