package web_test

import (
	"encoding/csv"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"juli/internal/web"
)

func get(t *testing.T, h http.Handler, path string) (int, string, http.Header) {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
	return rec.Code, rec.Body.String(), rec.Header()
}

// INP-8: what the list does not have never reaches a query.
func TestListsTakeOnlyWhatTheyDeclare(t *testing.T) {
	h := site().Handler(http.NewServeMux())
	for path, want := range map[string]int{
		"/design": 200, "/design?sort=area": 200, "/design?sort=-area": 200, "/design?q=学府": 200, "/design?body=yes": 200,
		"/design?district=230103&body=no": 200, "/design?district=": 200, "/design?row=3": 200,
		"/design?sort=homes": 400, "/design?sort=area;drop": 400, "/design?body=maybe": 400, "/design?owner=1": 400,
		"/design?q=a&q=b": 400, "/design?after=!!": 400, "/design?after=bnVsbA": 400, "/design?format=pdf": 400, "/design?row=-1": 400,
		"/design?q=" + strings.Repeat("a", 101): 400, "/design?q=%ff": 400,
	} {
		if status, _, _ := get(t, h, strings.ReplaceAll(path, "学府", "%E5%AD%A6%E5%BA%9C")); status != want {
			t.Errorf("%s: status %d, want %d", path, status, want)
		}
	}
}

func TestPagesOfAListMeet(t *testing.T) {
	h := site().Handler(http.NewServeMux())
	at, seen := "/design?sort=-area", []string{}
	for range 5 {
		_, text, _ := get(t, h, at)
		page := parse(t, strings.NewReader(text))
		next := ""
		for n := range page.Descendants() {
			if n.Data == "th" && attr(n, "role") == "rowheader" && attr(n, "colspan") == "" && inside(n, "list") {
				seen = append(seen, said(n))
			}
			if n.Data == "a" && attr(n, "rel") == "next" {
				next = attr(n, "href")
			}
		}
		if next == "" {
			break
		}
		at = next
	}
	want := "群力第五街区 松江雅园 学府里 和兴嘉园 平安里小区（改造后老旧小区）"
	if got := strings.Join(seen, " "); got != want {
		t.Errorf("the pages show %s, want %s", got, want)
	}
	_, text, _ := get(t, h, at)
	for n := range parse(t, strings.NewReader(text)).Descendants() {
		if n.Data == "a" && attr(n, "rel") == "prev" && attr(n, "href") != "/design?sort=-area" {
			t.Errorf("the second page leads back to %s", attr(n, "href"))
		}
	}
	if !strings.Contains(text, "第 4–5 条，共 5 条") {
		t.Error("the last page does not say where it is")
	}
}

func TestAListLeavesAsAFile(t *testing.T) {
	h := site().Handler(http.NewServeMux())
	status, text, head := get(t, h, "/design?sort=-area&format=csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if status != 200 || err != nil || len(rows) != 6 {
		t.Fatalf("status %d, %d rows, %v", status, len(rows), err)
	}
	if got := strings.Join(rows[1], "|"); got != "群力第五街区|群力街道|402118.72|3960|未成立|81|1.80" {
		t.Errorf("first row %s", got)
	}
	if d := head.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename*=UTF-8''") || !strings.HasSuffix(d, ".csv") {
		t.Errorf("Content-Disposition %q", d)
	}
	if status, text, _ := get(t, h, "/design?format=xlsx"); status != 200 || !strings.HasPrefix(text, "PK") {
		t.Errorf("xlsx: status %d", status)
	}
}

func TestTheCacheKeepsPagesApart(t *testing.T) {
	cache := web.NewCache(time.Hour)
	drawn := 0
	mux := http.NewServeMux()
	mux.Handle("GET /enterprises", cache.Page(func(w http.ResponseWriter, r *http.Request) error {
		drawn++
		return web.Show(w, r, http.StatusOK, web.Layout(web.Page{Title: "企业 " + r.URL.Query().Get("q")}))
	}))
	h := site().Handler(mux)
	ask := func(path string, change func(*http.Request)) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		if change != nil {
			change(r)
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		return rec
	}
	first := ask("/enterprises", nil)
	again := ask("/enterprises", nil)
	if drawn != 1 || first.Body.String() != again.Body.String() || first.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("drawn %d times, headers %v", drawn, first.Header())
	}
	same := ask("/enterprises", func(r *http.Request) { r.Header.Set("If-None-Match", first.Header().Get("ETag")) })
	if same.Code != http.StatusNotModified || same.Body.Len() != 0 {
		t.Errorf("asked again: %d", same.Code)
	}
	large := ask("/enterprises", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "juli-view", Value: "large.1"}) })
	if drawn != 2 || !strings.Contains(large.Body.String(), `class="juli large zoom1"`) {
		t.Errorf("the elderly edition: drawn %d times", drawn)
	}
	ask("/enterprises?q=1", nil)
	cache.Drop()
	ask("/enterprises", nil)
	if drawn != 4 {
		t.Errorf("drawn %d times, want 4", drawn)
	}
	zipped := ask("/enterprises", func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip") })
	if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Body.Len() >= first.Body.Len() {
		t.Error("a kept page is not sent compressed")
	}
}

func BenchmarkCachedPage(b *testing.B) {
	cache := web.NewCache(time.Hour)
	mux := http.NewServeMux()
	mux.Handle("GET /enterprises", cache.Page(func(w http.ResponseWriter, r *http.Request) error {
		return web.Show(w, r, http.StatusOK, web.Layout(web.Page{Title: "企业"}))
	}))
	h := site().Handler(mux)
	r := httptest.NewRequest("GET", "/enterprises", nil)
	w := &nowhere{h: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.h)
		h.ServeHTTP(w, r)
	}
}

func BenchmarkDesignPage(b *testing.B) {
	h := site().Handler(http.NewServeMux())
	r := httptest.NewRequest("GET", "/design", nil)
	w := &nowhere{h: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.h)
		h.ServeHTTP(w, r)
	}
}

type nowhere struct{ h http.Header }

func (w *nowhere) Header() http.Header         { return w.h }
func (w *nowhere) Write(p []byte) (int, error) { return io.Discard.Write(p) }
func (w *nowhere) WriteHeader(int)             {}

// BenchmarkListPage draws a page of fifty rows, without the query behind it.
func BenchmarkListPage(b *testing.B) {
	mux := http.NewServeMux()
	spec := web.ListSpec{Sorts: []string{"name", "area"}, Search: "名称"}
	mux.Handle("GET /projects", web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		l, err := web.ReadList(r, spec)
		if err != nil {
			return err
		}
		rows := web.Cut(l, make([]int64, 51), func(int64) []string { return []string{"松江雅园", "1"} })
		t := web.Table{Caption: "项目", List: l, Cols: []web.Col{
			{Name: "项目", Key: "name"},
			{Name: "街道"},
			{Name: "面积（㎡）", Key: "area", Num: true},
			{Name: "户数", Num: true},
			{Name: "业主组织"},
			{Name: "得分", Num: true},
			{Name: "物业费（元/㎡·月）", Num: true},
		}}
		for range rows {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L("松江雅园", "/projects/230103001003"), web.T("奋斗路街道"), web.A(312_480_65),
				web.N(2816, "/projects/230103001003/units"), web.Tagged("业委会 至 2024-05", web.Good), web.P(94_2000, false), web.F(160),
			}})
		}
		return web.Show(w, r, http.StatusOK, web.Words(web.Layout(web.Page{Title: "项目"}), web.TableView(t)))
	}))
	h := site().Handler(mux)
	r := httptest.NewRequest("GET", "/projects?sort=area", nil)
	w := &nowhere{h: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.h)
		h.ServeHTTP(w, r)
	}
}

// Many filters do not push the rows off a phone's screen: the first stand in the
// open, the others are folded, and unfolded while one of them is on.
func TestManyFiltersAreFolded(t *testing.T) {
	spec := web.ListSpec{Search: "名称"}
	for _, name := range []string{"a", "b", "c", "d"} {
		spec.Filters = append(spec.Filters, web.Filter{Name: name, Label: name, Options: []web.Option{{Value: "1", Text: "一"}}})
	}
	for _, tt := range []struct {
		path         string
		filters      int
		folded, open bool
	}{
		{"/x", 3, false, false}, {"/x", 4, true, false}, {"/x?a=1", 4, true, false}, {"/x?d=1", 4, true, true},
	} {
		few := spec
		few.Filters = spec.Filters[:tt.filters]
		l, err := web.ReadList(httptest.NewRequest("GET", tt.path, nil), few)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := web.TableView(web.Table{List: l}).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		page, selects, folded, open := parse(t, strings.NewReader(b.String())), 0, false, false
		for n := range page.Descendants() {
			switch n.Data {
			case "select":
				selects++
			case "details":
				folded = true
				for _, a := range n.Attr {
					open = open || a.Key == "open"
				}
			}
		}
		if selects != tt.filters || folded != tt.folded || open != tt.open {
			t.Errorf("%s with %d filters: %d shown, folded %v, open %v", tt.path, tt.filters, selects, folded, open)
		}
	}
}
