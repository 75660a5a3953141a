package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	validator "github.com/pb33f/libopenapi-validator"

	"juli/internal/api"
	"juli/internal/app"
	"juli/internal/authz"
	"juli/internal/city/town"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/rulebook"
	"juli/internal/web"
	"juli/rulebooks"
)

// A world is a town whose first half-year is published.
type world struct {
	*town.Town
	site  http.Handler
	valid validator.Validator
	book  *credit.Book
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{Town: town.New(t, d).On("2021-10-08")}
	_, w.valid = described(t)
	text, err := rulebooks.Files.ReadFile("credit/harbin-2021.yaml")
	if err != nil {
		t.Fatal(err)
	}
	books := &credit.Books{City: "2301"}
	records := &credit.Records{DB: w.DB, Calendar: day.DefaultCalendar(), Books: books.InForce}
	evaluations := &credit.Evaluations{DB: w.DB, City: "2301"}
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		if _, err := (&rulebook.Service{DB: w.DB, Kinds: app.Kinds()}).InstallIn(ctx, tx, w.Program, text); err != nil {
			return err
		}
		if w.book, err = books.InForce(ctx, tx, tx.Today()); err != nil {
			return err
		}
		on := day.MustParse("2021-08-01")
		_, _, err := records.ImportIn(ctx, tx, w.Program, credit.Proposal{
			Item: "HRB-N04", Project: w.Projects[0].Code, Event: on, Summary: "限期整改",
			Document: credit.Document{Type: "HLJ-N3", Number: "整改〔2021〕1号", Issuer: "南岗区住建局", Date: on},
		}, credit.PastRecord{Identified: on})
		if err != nil {
			return err
		}
		e, err := evaluations.EvaluateIn(ctx, tx, w.Program, credit.Request{Book: w.book, Purpose: credit.ForCycle, Period: w.book.Period(day.MustParse("2021-09-30"))})
		if err != nil {
			return err
		}
		p, err := evaluations.ProposePublication(ctx, tx, w.Program, e.ID, "")
		if err != nil {
			return err
		}
		_, err = evaluations.DecidePublication(ctx, tx, w.Fresh(w.City()), p.ID, true, "")
		return err
	})
	mux := http.NewServeMux()
	(&api.API{DB: w.DB, City: "2301", CityName: "哈尔滨市", Registry: w.Registry, Evaluations: evaluations, Books: books}).Routes(web.NewGates(mux))
	w.site = (&web.Site{City: "哈尔滨市", DB: w.DB, Log: slog.New(slog.DiscardHandler), Sessions: web.SessionsFunc(func(context.Context, string) (authz.Actor, error) {
		t.Error("the API asks for a session")
		return authz.Anonymous, nil
	})}).Handler(mux)
	return w
}

// get asks, checks the answer against the description and gives it back.
func (w *world) get(t *testing.T, path string, head ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	resp := rec.Result()
	body := rec.Body.Bytes()
	if resp.StatusCode == http.StatusOK && strings.HasPrefix(path, "/api/v1/") {
		resp.Body = io.NopCloser(bytes.NewReader(body))
		if ok, errs := w.valid.ValidateHttpResponse(r, resp); !ok {
			for _, e := range errs {
				t.Errorf("%s: %s: %s %v", path, e.Message, e.Reason, e.SchemaValidationErrors)
			}
		}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp
}

// value finds a place in a JSON answer, e.g. items.0.name.
func value(t *testing.T, body io.Reader, at string) any {
	t.Helper()
	var v any
	if err := json.NewDecoder(body).Decode(&v); err != nil {
		t.Fatal(err)
	}
	for key := range strings.SplitSeq(at, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			if n := int(key[0] - '0'); n < len(x) {
				v = x[n]
			} else {
				return nil
			}
		default:
			return nil
		}
	}
	return v
}

func TestOperations(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		jia, home := "/api/v1/enterprises/"+string(w.Jia.USCC), string(w.Projects[0].Code)
		for _, tt := range []struct {
			path   string
			status int
			at     string
			want   any
		}{
			{"/api/v1/figures", 200, "items.0.value", "3"},
			{"/api/v1/figures?division=230102", 200, "items.1.value", "2"},
			{"/api/v1/figures?as_of=yesterday", 422, "errors.0.where", "query.as_of"},
			{"/api/v1/divisions", 200, "items.0.parent", "2301"},
			{"/api/v1/divisions?parent=230103", 200, "items.0.parent", "230103"},
			{"/api/v1/divisions/230103", 200, "name", "南岗区"},
			{"/api/v1/divisions/999999", 404, "rule", "registry.division"},
			{"/api/v1/enterprises", 200, "total", 3.0},
			{"/api/v1/enterprises?sort=-area&limit=1", 200, "items.0.managed_area", "120000.00"},
			{"/api/v1/enterprises?kind=OUTSIDE_BRANCH", 200, "items.0.name", "丙物业哈尔滨分公司"},
			{"/api/v1/enterprises?district=230103", 200, "total", 2.0},
			{"/api/v1/enterprises?limit=0", 422, "errors.0.message", "不能小于 1"},
			{"/api/v1/enterprises?colour=red", 422, "errors.0.where", "query.colour"},
			{"/api/v1/enterprises?after=nonsense", 422, "rule", "registry.cursor"},
			{jia, 200, "result.lines.0.kind", "projects"},
			{"/api/v1/enterprises/91230103MA000000XX", 422, "title", "参数不正确"},
			{"/api/v1/projects?enterprise=" + string(w.Jia.USCC), 200, "total", 3.0},
			{"/api/v1/projects?q=%E8%8A%B1%E5%9B%AD", 200, "items.0.area", "30000.00"},
			{"/api/v1/projects/" + home, 200, "holders.0.name", "甲物业服务有限公司"},
			{"/api/v1/projects/2301030010039999", 404, "status", 404.0},
			{"/api/v1/results", 200, "items.0.enterprises", 3.0},
			{"/api/v1/results/latest", 200, "items.0.rank", 1.0},
			{"/api/v1/results/latest?kind=project&limit=2", 200, "items.1.rank", 1.0},
			{"/api/v1/results/1999", 404, "rule", "api.no-period"},
			{"/api/v1/results/latest/grades", 200, "items.0.projects", 5.0},
			{"/api/v1/results/latest/subjects/" + home, 200, "period", w.book.Period(day.MustParse("2021-09-30")).Name},
			{"/api/v1/rulebooks", 200, "items.0.digest", w.book.Digest},
			{"/api/v1/rulebooks/" + w.book.Digest, 200, "state", "adopted"},
			{"/api/v1/duties", 200, "items.0.roles.0.role", "public"},
			{"/api/v1/nothing", 404, "rule", "api.none"},
			{"/openapi.json", 200, "openapi", "3.1.0"},
		} {
			resp := w.get(t, tt.path)
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if got := value(t, bytes.NewReader(body), tt.at); resp.StatusCode != tt.status || got != tt.want {
				t.Errorf("%s = %d, %s %v, want %d %v\n%.600s", tt.path, resp.StatusCode, tt.at, got, tt.status, tt.want, body)
			}
			if resp.Header.Get("X-Request-Id") == "" {
				t.Errorf("%s has no request id", tt.path)
			}
		}
	})
}

func TestLinesAddUpAndNameTheRecord(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	var r struct {
		Score string
		Lines []struct{ Item, Record, Identified, Points string }
	}
	resp := w.get(t, "/api/v1/results/latest/subjects/"+string(w.Projects[0].Code))
	if err := json.NewDecoder(resp.Body).Decode(&r); err != nil {
		t.Fatal(err)
	}
	for _, l := range r.Lines {
		if l.Item == "HRB-N04" {
			if _, err := db.ParseID(l.Record); err != nil || l.Identified != "2021-08-01" || !strings.HasPrefix(l.Points, "-3") {
				t.Errorf("line = %+v, %v", l, err)
			}
			return
		}
	}
	t.Errorf("the record is in no line: %+v", r)
}

func TestPagesByCursorGiveEveryRowOnce(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for _, list := range []struct {
		path string
		want int
	}{{"/api/v1/projects?sort=-area", 5}, {"/api/v1/enterprises?sort=name", 3}, {"/api/v1/results/latest?kind=enterprise", 3}} {
		seen, after := map[string]bool{}, ""
		for range list.want + 2 {
			var page struct {
				Items []struct{ USCC, Code string }
				Next  string
			}
			resp := w.get(t, list.path+"&limit=1&after="+url.QueryEscape(after))
			if err := json.NewDecoder(resp.Body).Decode(&page); err != nil {
				t.Fatal(err)
			}
			for _, x := range page.Items {
				seen[x.USCC+x.Code] = true
			}
			if after = page.Next; after == "" {
				break
			}
		}
		if len(seen) != list.want || after != "" {
			t.Errorf("%s: %d rows, want %d, cursor %q", list.path, len(seen), list.want, after)
		}
	}
}

func TestEdge(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	first := w.get(t, "/api/v1/duties")
	tag := first.Header.Get("ETag")
	if tag == "" || first.Header.Get("Cache-Control") != "public, max-age=60" || len(first.Cookies()) > 0 {
		t.Errorf("headers = %v", first.Header)
	}
	if again := w.get(t, "/api/v1/duties", "If-None-Match", "W/"+tag, "Cookie", "__Host-juli=x"); again.StatusCode != http.StatusNotModified {
		t.Errorf("unchanged = %d", again.StatusCode)
	}
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/duties", nil))
	if rec.Code != http.StatusMethodNotAllowed || rec.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("POST = %d %s", rec.Code, rec.Body)
	}
	if page := w.get(t, "/api"); page.StatusCode != http.StatusOK || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
		t.Errorf("page = %d", page.StatusCode)
	}
	last := 0
	for range 200 {
		if last = w.get(t, "/api/v1/none").StatusCode; last == http.StatusTooManyRequests {
			break
		}
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("two hundred requests at once: %d", last)
	}
}
