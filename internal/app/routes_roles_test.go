package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/web"
	"juli/internal/web/admin"
	"juli/internal/web/bureau"
	"juli/internal/web/committee"
	"juli/internal/web/enterprise"
)

// audiences tells whose desk a route stands at.
var audiences = map[string]func(authz.Actor) bool{bureau.Key: bureau.For, enterprise.Key: enterprise.For, committee.Key: committee.For, admin.Key: admin.For}

// tabled: every pattern that stands in the sources stands in the table of routes,
// and the other way round, so that no page is without an act of the duty matrix.
func (tn town) tabled(t *testing.T) {
	written, made := map[string]bool{}, map[string]bool{}
	for _, r := range routes(t) {
		written[r.method+" "+r.path] = true
	}
	for _, r := range tn.Routes() {
		if made[r.Pattern] {
			t.Errorf("%s stands in the table twice", r.Pattern)
		}
		if made[r.Pattern] = true; strings.Contains(r.Pattern, " /") && !written[r.Pattern] && !strings.HasPrefix(r.Pattern, "GET /api") && r.Pattern != "GET /openapi.json" {
			t.Errorf("%s is in the table, not in the sources", r.Pattern)
		}
	}
	for pattern := range written {
		if !made[pattern] {
			t.Errorf("%s is in the sources, not in the table", pattern)
		}
	}
}

// inTheFlesh is one holder of each role, with both factors fresh.
func (tn town) inTheFlesh(t *testing.T) map[authz.Role]authz.Actor {
	firm := tn.actor(t, "firm1").Grants[0].Scope
	project := tn.actor(t, "committee1").Grants[0].Scope
	place := map[authz.Role]authz.Scope{
		authz.CityBureau: {Division: "2301"}, authz.DistrictBureau: {Division: "230103"}, authz.Association: {Division: "2301"},
		authz.Subdistrict: tn.actor(t, "street1").Grants[0].Scope, authz.Community: tn.actor(t, "community1").Grants[0].Scope,
		authz.Enterprise: firm, authz.ProjectManager: project, authz.Committee: project, authz.Owner: project,
	}
	people := map[authz.Role]authz.Actor{authz.Public: authz.Anonymous}
	for _, d := range authz.Roles() {
		if d.Role == authz.Public {
			continue
		}
		who := tn.actor(t, "city1")
		who.Second, who.StepUp = true, time.Now()
		scope, ok := place[d.Role]
		if !ok {
			scope = authz.Scope{Division: code.Division("2301")}
		}
		who.Grants = []authz.Grant{{ID: 1, Role: d.Role, Scope: scope, Manager: true}}
		people[d.Role] = who
	}
	return people
}

// byMatrix asks every route as every role: it opens where the duty matrix says so
// and the desk is theirs, and nowhere else. No leak, no false denial.
func (tn town) byMatrix(t *testing.T) {
	people := tn.inTheFlesh(t)
	h := tn.HandlerAs(func(_ context.Context, token string) (authz.Actor, error) { return people[authz.Role(token)], nil })
	opened, closed := 0, 0
	for _, d := range authz.Roles() {
		who := people[d.Role]
		c := newClient(h)
		if d.Role != authz.Public {
			c = newClient(h, "juli", string(d.Role))
		}
		token := csrfOf(t, c)
		for i, r := range tn.Routes() {
			method, path, ok := strings.Cut(r.Pattern, " ")
			if !ok {
				continue // what leads on to a table of its own: the API's, and the page of what isn't there
			}
			path = somewhere(path)
			if d.Role != authz.Public {
				c.jar["juli"] = string(d.Role) // signing out took it
			}
			mine := authz.Can(who, r.Act)
			if theirs := audiences[r.Desk]; theirs != nil {
				mine = mine && theirs(who)
			}
			var a answer
			if method == http.MethodGet {
				a = c.get(t.Context(), path)
			} else {
				a = c.send(t, sending{action: path, values: url.Values{"_csrf": {token}, "_once": {fmt.Sprintf("%020d", i)}}})
			}
			switch shut := turnedAway(a, r); {
			case a.status >= 500:
				t.Errorf("%s as %s: %d", r.Pattern, d.Title, a.status)
			case mine && shut:
				t.Errorf("%s is refused to %s, who may “%s”: %d %s", r.Pattern, d.Title, r.Act.Title(), a.status, complaint(a.body))
			case !mine && !shut:
				t.Errorf("%s opens for %s, who may not “%s”: %d", r.Pattern, d.Title, r.Act.Title(), a.status)
			case mine:
				opened++
			default:
				closed++
			}
		}
	}
	t.Logf("%d roles × %d routes: %d opened, %d refused", len(people), len(tn.Routes()), opened, closed)
	if opened < 500 || closed < 500 {
		t.Errorf("%d opened and %d refused: the test has lost its routes", opened, closed)
	}
}

// turnedAway says whether the gate itself refused: the way to the sign-in page,
// or that the role may not do the act of this very route.
func turnedAway(a answer, r web.Route) bool {
	switch a.status {
	case http.StatusSeeOther:
		return strings.HasPrefix(a.to(), "/login?") && r.Act != authz.AccountSignIn
	case http.StatusUnauthorized:
		return true
	case http.StatusForbidden:
		said := complaint(a.body)
		return strings.Contains(said, "您的角色不能使用") || strings.Contains(said, "您的角色没有“"+r.Act.Title()+"”的权限")
	}
	return false
}
