package app_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
)

// A route is a pattern that some desk registers.
type route struct{ method, path string }

var pattern = regexp.MustCompile(`^(GET|POST) (/[^ ]*)$`)

// routes reads every pattern from the desks' sources, so that no page can be
// forgotten here.
func routes(t *testing.T) (list []route) {
	t.Helper()
	fset := token.NewFileSet()
	err := filepath.WalkDir("../web", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			s, _ := strconv.Unquote(lit.Value)
			if m := pattern.FindStringSubmatch(s); m != nil {
				list = append(list, route{m[1], m[2]})
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(list, func(a, b route) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return slices.Compact(list)
}

// open lists what a visitor may reach; every other route leads to the sign-in
// page or is refused. A new public page is added here on purpose (AZ-1).
var open = regexp.MustCompile(`^(/|/\{\$\}|/enterprises.*|/projects.*|/records/.*|/reports?/.*|/reports?|/lists.*|/deeds.*|/campaigns.*|/cases|/cases/[^/]*|/surveys.*|/s|/s/[^/]*|/volunteers.*|/league|/rulebooks|/rulebooks/[^/]*|/duties.*|/log.*|/open-data.*|/help|/accessibility|/feeds.*|/search|/login.*|/logout|/join.*|/view|/design.*|/assets/.*|/api.*|/open311|/openapi\.json|/session/keep|/enterprise-account.*|/statistics.*|/healthz|/readyz)$`)

var placeholders = regexp.MustCompile(`\{[^}]*\}`)

// somewhere is an address of a pattern; nothing is there.
func somewhere(pattern string) string {
	return placeholders.ReplaceAllString(strings.ReplaceAll(pattern, "{$}", ""), "0000000000001")
}

func (tn town) get(t *testing.T, h http.Handler, r route, token string) *http.Response {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), r.method, somewhere(r.path), nil)
	if r.method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		req.AddCookie(&http.Cookie{Name: "juli", Value: token})
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w.Result()
}

// TestRoutes walks every route of every desk in one small city.
func TestRoutes(t *testing.T) {
	tn := newTown(t)
	t.Run("AZ-1 every route has its act", tn.tabled)
	t.Run("AZ-1 every role, every route: as the matrix says", tn.byMatrix)
	t.Run("AZ-1 visitors reach only what is public", tn.visitors)
	t.Run("AUT-2 a password alone opens no staff page", tn.halfSignedIn)
	t.Run("INP-7 forms without a token change nothing", tn.forgedForms)
}

// visitors: every route that is not listed as open sends a visitor to the
// sign-in page or refuses, and no route fails.
func (tn town) visitors(t *testing.T) {
	list := routes(t)
	if len(list) < 30 {
		t.Fatalf("only %d routes found", len(list))
	}
	for _, r := range list {
		res := tn.get(t, tn.site, r, "")
		body, _ := io.ReadAll(res.Body)
		name := r.method + " " + r.path
		if res.StatusCode >= 500 {
			t.Errorf("%s: %d for a visitor", name, res.StatusCode)
		}
		if open.MatchString(r.path) {
			continue
		}
		signIn := res.StatusCode == http.StatusSeeOther && strings.HasPrefix(res.Header.Get("Location"), "/login")
		if !signIn && res.StatusCode < 400 {
			t.Errorf("%s: %d for a visitor, %d bytes", name, res.StatusCode, len(body))
		}
	}
}

// halfSignedIn: half a sign-in reaches no page of a desk, a whole one never fails.
func (tn town) halfSignedIn(t *testing.T) {
	list := routes(t)
	for _, login := range []string{"city1", "nangang1", "street1", "community1", "association1", "firm1", "committee1", "sysadmin", "secadmin1", "auditadmin"} {
		who := tn.actor(t, login)
		for _, second := range []bool{false, true} {
			who.Second = second
			h := tn.HandlerAs(func(_ context.Context, token string) (authz.Actor, error) { return who, nil })
			for _, r := range list {
				if r.method != "GET" {
					continue
				}
				res := tn.get(t, h, r, "t")
				name := fmt.Sprintf("%s %s (second factor: %v)", login, r.path, second)
				if res.StatusCode >= 500 {
					t.Errorf("%s: %d", name, res.StatusCode)
				}
				desk := strings.HasPrefix(r.path, "/bureau") || strings.HasPrefix(r.path, "/admin") || strings.HasPrefix(r.path, "/enterprise/") || strings.HasPrefix(r.path, "/committee/")
				if second && desk && !theirs(who, r.path) && res.StatusCode == http.StatusOK {
					t.Errorf("%s: opened for a role whose desk it is not", name)
				}
				if !second && desk && res.StatusCode == http.StatusOK {
					t.Errorf("%s: opened by a password alone", name)
				}
			}
		}
	}
}

// theirs says whether a desk belongs to somebody's roles.
func theirs(who authz.Actor, path string) bool {
	switch {
	case strings.HasPrefix(path, "/bureau"):
		for _, g := range who.Grants {
			if g.Role.Official() && !g.Role.Admin() || g.Role == authz.Association {
				return true
			}
		}
		return false
	case strings.HasPrefix(path, "/enterprise/"):
		return who.Has(authz.Enterprise) || who.Has(authz.ProjectManager)
	case strings.HasPrefix(path, "/committee/"):
		return who.Has(authz.Committee)
	}
	return true
}

// forgedForms posts to every route without a token.
func (tn town) forgedForms(t *testing.T) {
	who := tn.actor(t, "city1")
	who.Second = true
	h := tn.HandlerAs(func(context.Context, string) (authz.Actor, error) { return who, nil })
	before := tn.events(t)
	for _, r := range routes(t) {
		if r.method != "POST" {
			continue
		}
		if res := tn.get(t, h, r, "t"); res.StatusCode != http.StatusForbidden && res.StatusCode != http.StatusBadRequest {
			t.Errorf("POST %s without a token: %d", r.path, res.StatusCode)
		}
	}
	if after := tn.events(t); after != before {
		t.Errorf("%d audit events before, %d after", before, after)
	}
}

func (tn town) events(t *testing.T) (n int64) {
	t.Helper()
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM audit_event WHERE outcome = 'done'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// texts are the first column of a query, each behind a prefix.
func (tn town) texts(t *testing.T, prefix, query string) (list []string) {
	t.Helper()
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		list, err = db.All(t.Context(), tx, func(row db.Scanner) (s string, err error) { err = row.Scan(&s); return prefix + s, err }, query)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
