//go:build !postgres

package app_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// A page is one page of one route, as one person reaches it by links.
type page struct {
	login, route, path string
	body               string
	first              bool // nobody before this person opened a page of the route
}

func (p page) String() string { return p.path + " as " + strings.TrimSpace(p.login+" ") }

// everyone are the people whose pages are looked at: one of each kind of body,
// each with the pages where the way through the desks begins.
var everyone = []struct {
	login  string
	starts []string
}{
	{"", []string{"/", "/search?q=%E7%89%A9%E4%B8%9A", "/login", "/join", "/enterprise-account", "/log", "/design"}},
	{"city1", []string{"/bureau/", "/account", "/stepup", "/bureau/simulate"}},
	{"nangang1", []string{"/bureau/", "/admin/", "/account"}},
	{"street1", []string{"/bureau/", "/account"}},
	{"community1", []string{"/bureau/", "/account"}},
	{"association1", []string{"/bureau/", "/account"}},
	{"firm1", []string{"/enterprise/", "/admin/", "/account"}},
	{"committee1", []string{"/committee/", "/account"}},
	{"secadmin1", []string{"/admin/", "/account"}},
	{"sysadmin", []string{"/admin/", "/account"}},
	{"auditadmin", []string{"/admin/", "/account"}},
}

// files are the routes that answer with a file, or lead on at once.
var files = []string{
	"/admin/people-file/template", "/admin/people-invite/template", "/admin/requests/{id}/proof", "/bureau/exports/{file}", "/bureau/import-templates/{kind}",
	"/bureau/import/{id}/annotated", "/bureau/records/{id}/files/{file}", "/bureau/list-entries/{id}/files/{file}", "/bureau/cases/{id}/files/{file}", "/bureau/deeds/{id}/files/{file}", "/bureau/deeds/{id}/sheet", "/deeds/{id}/pictures/{file}", "/bureau/inspections/{id}/files/{file}", "/bureau/inspections/worker.js", "/campaigns/{id}/draw.json", "/enterprise/inspections/{id}/files/{file}", "/enterprise/lists/{id}/files/{file}", "/bureau/reports/{id}/photos/{photo}", "/enterprise/reports/{id}/photos/{photo}", "/committee/reports/{id}/photos/{photo}", "/reports/{number}/photos/{photo}", "/report/follow/{secret}/photos/{photo}", "/enterprise/cases/{id}/files/{file}", "/enterprise/records/{id}/files/{file}", "/feeds/{file}", "/log/checkpoint", "/log/entries/{number}/proof",
	"/log/key", "/log/tile/{path...}", "/open-data/{file}", "/view",
}

// pages are every page of every role, one of each route, found by following
// links. A route that nobody reaches fails the test (ACC-1).
func (s *stage) pages(t *testing.T) (list []page) {
	t.Helper()
	mux := http.NewServeMux()
	missing := map[string]bool{}
	for _, r := range routes(t) {
		if r.method == "GET" {
			mux.Handle("GET "+r.path, http.NotFoundHandler())
			missing[r.path] = !slices.Contains(files, r.path)
		}
	}
	for _, p := range everyone {
		seen := map[string]bool{}
		visit(t, s.as(p.login), 3, s.starts[p.login], func(path string, a answer) {
			if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
				return
			}
			_, route := mux.Handler(httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
			route = strings.TrimPrefix(route, "GET ")
			if seen[route] {
				return
			}
			usual := s.as(p.login).get(t.Context(), path).body // the walk passes by /view, too
			list = append(list, page{p.login, route, path, usual, missing[route]})
			seen[route], missing[route] = true, false
		})
	}
	for route, none := range missing {
		if none {
			t.Errorf("no walk reaches GET %s: lead somebody there, or name it among the files", route)
		}
	}
	if len(list) < 300 {
		t.Errorf("only %d pages", len(list))
	}
	return list
}
