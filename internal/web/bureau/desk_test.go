package bureau_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/web"
	"juli/internal/web/bureau"
)

// TestEveryRouteRefusesVisitors walks the desk's own list of routes (AZ-1).
func TestEveryRouteRefusesVisitors(t *testing.T) {
	source, err := os.ReadFile("desk.go")
	if err != nil {
		t.Fatal(err)
	}
	routes := regexp.MustCompile(`on\("(GET|POST) ([^"]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(routes) < 35 {
		t.Fatalf("only %d routes found", len(routes))
	}
	mux := http.NewServeMux()
	(&bureau.Desk{}).Routes(web.NewGates(mux))
	site := &web.Site{Desks: []web.Desk{{Key: "public", Home: "/"}, {Key: bureau.Key, Home: bureau.Home, Nav: bureau.Nav, For: bureau.For}}}
	h := site.Handler(mux)
	for _, route := range routes {
		method, path := route[1], strings.NewReplacer("{$}", "", "{id}", "0000000000001", "{file}", "0000000000002", "{uscc}", "91230100MA18ABCD1X", "{code}", "2301030160100001").Replace(route[2])
		t.Run(method+" "+path, func(t *testing.T) {
			r := httptest.NewRequest(method, path, strings.NewReader(""))
			if method == http.MethodPost {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			to := w.Header().Get("Location")
			switch {
			case method == http.MethodGet && (w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/login?to=")):
				t.Errorf("a visitor got %d to %q, want the way to sign in", w.Code, to)
			case method == http.MethodPost && w.Code != http.StatusForbidden && w.Code != http.StatusUnauthorized:
				t.Errorf("a visitor got %d, want 401 or 403", w.Code)
			}
		})
	}
}

// TestWhoseDeskItIs: officials and the association, nobody else.
func TestWhoseDeskItIs(t *testing.T) {
	for _, tt := range []struct {
		role  authz.Role
		scope authz.Scope
		want  bool
	}{
		{authz.CityBureau, authz.Scope{Division: "2301"}, true},
		{authz.DistrictBureau, authz.Scope{Division: "230103"}, true},
		{authz.Subdistrict, authz.Scope{Division: "230103001"}, true},
		{authz.Community, authz.Scope{Division: "230103001003"}, true},
		{authz.Association, authz.Scope{Division: "2301"}, true},
		{authz.Enterprise, authz.Scope{Enterprise: "91230100MA18ABCD1X"}, false},
		{authz.Committee, authz.Scope{Project: "2301030160100001"}, false},
		{authz.SysAdmin, authz.Scope{Division: "2301"}, false},
		{authz.AuditAdmin, authz.Scope{Division: "2301"}, false},
	} {
		t.Run(string(tt.role), func(t *testing.T) {
			who := authz.Actor{Account: 1, Grants: []authz.Grant{{ID: 1, Role: tt.role, Scope: tt.scope}}}
			if got := bureau.For(who); got != tt.want {
				t.Errorf("For = %v, want %v", got, tt.want)
			}
		})
	}
}
