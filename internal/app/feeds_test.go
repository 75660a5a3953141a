package app_test

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	ical "github.com/emersion/go-ical"

	"juli/internal/db"
)

// entries are the titles and addresses of what a feed or calendar holds.
func entries(t *testing.T, path string, a answer) (titles, links []string) {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, a.status, complaint(a.body))
	}
	switch kind := a.header.Get("Content-Type"); kind {
	case "application/rss+xml; charset=utf-8":
		var doc struct {
			Items []struct {
				Title string `xml:"title"`
				Link  string `xml:"link"`
			} `xml:"channel>item"`
		}
		if err := xml.Unmarshal([]byte(a.body), &doc); err != nil {
			t.Fatal(path, err)
		}
		for _, it := range doc.Items {
			titles, links = append(titles, it.Title), append(links, it.Link)
		}
	case "application/atom+xml; charset=utf-8":
		var doc struct {
			Entries []struct {
				Title string `xml:"title"`
				Link  struct {
					Href string `xml:"href,attr"`
				} `xml:"link"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal([]byte(a.body), &doc); err != nil {
			t.Fatal(path, err)
		}
		for _, it := range doc.Entries {
			titles, links = append(titles, it.Title), append(links, it.Link.Href)
		}
	case "text/calendar; charset=utf-8":
		cal, err := ical.NewDecoder(strings.NewReader(a.body)).Decode()
		if err != nil {
			t.Fatal(path, err)
		}
		for _, e := range cal.Events() {
			title, err1 := e.Props.Text(ical.PropSummary)
			link, err2 := e.Props.URI(ical.PropURL)
			if err1 != nil || err2 != nil || link == nil {
				t.Fatalf("%s: an event %v without title or address: %v, %v", path, e.Props, err1, err2)
			}
			titles, links = append(titles, title), append(links, link.String())
		}
	default:
		t.Fatalf("%s is %s", path, kind)
	}
	return titles, links
}

// Every kind of news is there in each form, and leads to pages that a visitor may
// open: what a feed tells, the site tells too.
func TestFeedsTellWhatTheSiteTells(t *testing.T) {
	t.Setenv("JULI_BASE", "https://wuye.example.cn")
	tn := newTown(t)
	visitor := newClient(tn.site)
	get := func(path string) answer { return visitor.get(t.Context(), path) }
	opened := map[string]bool{}
	for _, kind := range []string{"all", "reports", "cases", "lists", "volunteers", "campaigns", "surveys"} {
		for _, end := range []string{"rss", "atom", "ics"} {
			path := "/feeds/" + kind + "." + end
			titles, links := entries(t, path, get(path))
			if len(titles) == 0 && (end != "ics" || kind != "surveys") {
				t.Errorf("%s is empty", path)
			}
			if most := map[bool]int{false: 50, true: 300}[end == "ics"]; len(titles) > most {
				t.Errorf("%s has %d items", path, len(titles))
			}
			for _, link := range links {
				own, ours := strings.CutPrefix(link, "https://wuye.example.cn")
				if !ours {
					t.Fatalf("%s leads to %s", path, link)
				}
				if opened[own] {
					continue
				}
				opened[own] = true
				if a := get(own); a.status != http.StatusOK {
					t.Errorf("%s leads to %s: %d", path, own, a.status)
				}
			}
		}
	}
	if len(opened) < 60 {
		t.Errorf("only %d pages opened", len(opened))
	}
}

// A feed of a project, a street or a kind of report holds what the list, narrowed
// alike, holds.
func TestAFeedIsNarrowedLikeItsList(t *testing.T) {
	tn := newTown(t)
	visitor := newClient(tn.site)
	get := func(path string) string { return visitor.get(t.Context(), path).body }
	numbers := regexp.MustCompile(`/reports/([0-9A-Z-]*\d)"`)
	number := regexp.MustCompile(`/reports/([0-9A-Z-]*\d)<`)
	all := func(re *regexp.Regexp, text string) (list []string) {
		for _, m := range re.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(list, m[1]) {
				list = append(list, m[1])
			}
		}
		slices.Sort(list)
		return list
	}
	street, project := tn.busiest(t, "SUBSTR(division, 1, 9)"), tn.busiest(t, "project")
	topic := tn.busiest(t, "topic of the street")
	for _, tt := range []struct{ feed, list string }{
		{"?project=" + project, "?project=" + project},
		{"?place=" + street + "&topic=" + topic, "?district=" + street + "&topic=" + topic},
		{"?place=" + street, "?district=" + street},
	} {
		got, want := all(number, get("/feeds/reports.rss"+tt.feed)), all(numbers, get("/reports"+tt.list))
		if len(want) == 0 || len(want) >= 20 || !slices.Equal(got, want) {
			t.Errorf("%s: the feed has %q, the list %q", tt.feed, got, want)
		}
	}
	whole := all(number, get("/feeds/reports.rss"))
	if part := all(number, get("/feeds/reports.rss?project="+project)); slices.Equal(whole, part) {
		t.Error("a project's feed is the city's")
	}
}

// busiest is the value of a column that most reports have.
func (tn town) busiest(t *testing.T, column string) (v string) {
	t.Helper()
	query := map[string]string{
		"SUBSTR(division, 1, 9)": `SELECT SUBSTR(division, 1, 9) FROM resident_report GROUP BY 1 ORDER BY COUNT(*) DESC, 1 LIMIT 1`,
		"project":                `SELECT project FROM resident_report GROUP BY 1 ORDER BY COUNT(*) DESC, 1 LIMIT 1`,
		"topic of the street": `SELECT topic FROM resident_report WHERE SUBSTR(division, 1, 9) =
			(SELECT SUBSTR(division, 1, 9) FROM resident_report GROUP BY 1 ORDER BY COUNT(*) DESC, 1 LIMIT 1) GROUP BY 1 ORDER BY COUNT(*) DESC, 1 LIMIT 1`,
	}[column]
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		v, err = db.Value[string](t.Context(), tx, query)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAReaderAsksOnlyForWhatChanged(t *testing.T) {
	tn := newTown(t)
	ask := func(path string, header ...string) *httptest.ResponseRecorder {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		res := httptest.NewRecorder()
		tn.site.ServeHTTP(res, req)
		return res
	}
	for _, path := range []string{"/feeds/all.rss", "/feeds/volunteers.atom", "/feeds/all.ics"} {
		first := ask(path).Result()
		tag, at := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
		if first.StatusCode != http.StatusOK || tag == "" || at == "" {
			t.Fatalf("%s: %d, %q, %q", path, first.StatusCode, tag, at)
		}
		for _, h := range [][]string{{"If-None-Match", tag}, {"If-None-Match", `"other", ` + tag}, {"If-Modified-Since", at}} {
			if res := ask(path, h...); res.Code != http.StatusNotModified || res.Body.Len() != 0 {
				t.Errorf("%s with %q: %d, %d bytes", path, h, res.Code, res.Body.Len())
			}
		}
		if res := ask(path, "If-None-Match", `"other"`); res.Code != http.StatusOK {
			t.Errorf("%s with another tag: %d", path, res.Code)
		}
	}
	path := "/feeds/volunteers.rss"
	before := ask(path).Result().Header
	if err := tn.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE volunteer_call SET title = '今天新来的' WHERE id = (SELECT id FROM volunteer_call ORDER BY on_day DESC, id DESC LIMIT 1)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, h := range [][]string{{"If-None-Match", before.Get("ETag")}, {"If-Modified-Since", before.Get("Last-Modified")}} {
		if res := ask(path, h...); res.Code != http.StatusOK || !strings.Contains(res.Body.String(), "今天新来的") {
			t.Errorf("after a change, with %s: %d", h[0], res.Code)
		}
	}
}

func TestFeedsRefuseWhatTheyDoNotKnow(t *testing.T) {
	visitor := newClient(newTown(t).site)
	for path, want := range map[string]int{
		"/feeds/secrets.rss": 404, "/feeds/all": 404, "/feeds/all.pdf": 404, "/feeds/.rss": 404, "/feeds/all.rss.xml": 404,
		"/feeds/all.rss?x=1": 400, "/feeds/all.rss?place=1&place=2": 400, "/feeds/all.rss?place=abc": 400, "/feeds/all.rss?project=abc": 400, "/feeds/all.rss?kind=reports": 400, "/feeds?kind=secrets": 400, "/feeds?x=1": 400,
		"/feeds/all.rss?place=230199": 422, "/feeds/all.rss?project=2301030010030999": 422, "/feeds/reports.rss?topic=none": 422, "/feeds/cases.rss?topic=door": 422,
	} {
		if a := visitor.get(t.Context(), path); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
}

var alternates = regexp.MustCompile(`<link rel="alternate" type="([a-z/+]+)" title="([^"]+)" href="([^"]+)"`)

// Where news stand, the page leads to its feeds, for people and for programs.
func TestPagesLeadToTheirFeeds(t *testing.T) {
	tn := newTown(t)
	visitor := newClient(tn.site)
	project, street := tn.busiest(t, "project"), tn.busiest(t, "SUBSTR(division, 1, 9)")
	for page, want := range map[string]string{
		"/projects/" + project:           "/feeds?project=" + project,
		"/projects?district=" + street:   "/feeds?place=" + street,
		"/reports?district=" + street:    "/feeds?kind=reports&amp;place=" + street,
		"/reports?topic=door":            "/feeds?kind=reports&amp;topic=door",
		"/volunteers":                    "/feeds?kind=volunteers",
		"/volunteers/calls":              "/feeds?kind=volunteers",
		"/cases?project=" + project:      "/feeds?kind=cases&amp;project=" + project,
		"/lists":                         "/feeds?kind=lists",
		"/campaigns":                     "/feeds?kind=campaigns",
		"/surveys":                       "/feeds?kind=surveys",
		"/feeds?place=" + street:         "",
		"/feeds?kind=reports&topic=door": "",
	} {
		a := visitor.get(t.Context(), page)
		if want != "" && !strings.Contains(a.body, `href="`+want+`"`) {
			t.Errorf("%s (%d) does not lead to %s", page, a.status, want)
		}
		links := alternates.FindAllStringSubmatch(a.body, -1)
		if len(links) != 3 {
			t.Errorf("%s names %d feeds", page, len(links))
		}
		for _, l := range links {
			href := strings.ReplaceAll(l[3], "&amp;", "&")
			if b := visitor.get(t.Context(), href); !strings.HasPrefix(b.header.Get("Content-Type"), l[1]) || b.status != http.StatusOK {
				t.Errorf("%s names %s: %d %s", page, href, b.status, b.header.Get("Content-Type"))
			}
		}
	}
}
