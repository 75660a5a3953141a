package app_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
	reports "juli/internal/resident"
)

// An estate is a project of the town with somebody of each of its bodies.
type estate struct {
	story
	project registry.Project
}

func newEstate(t *testing.T) *estate {
	t.Helper()
	tn := newTown(t)
	e := &estate{story: story{clerk: newClerk(t, tn)}}
	e.on("2021-08-02")
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) error {
		quiet, err := db.Value[string](t.Context(), tx, `SELECT MIN(code) FROM project WHERE enterprise IS NOT NULL AND NOT EXISTS (SELECT 1 FROM supervision_case c WHERE c.project = project.code)
			AND NOT EXISTS (SELECT 1 FROM credit_record r WHERE r.project = project.code)`)
		if err == nil {
			e.project, err = tn.Registry.Project(t.Context(), tx, code.ProjectCode(quiet))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	at := e.project.Division
	for i, g := range []struct {
		login string
		role  authz.Role
		scope authz.Scope
	}{
		{"the firm", authz.Enterprise, authz.Scope{Enterprise: e.project.Enterprise}},
		{"the community", authz.Community, authz.Scope{Division: at}},
		{"the street", authz.Subdistrict, authz.Scope{Division: at.Up(code.Street)}},
		{"the district", authz.DistrictBureau, authz.Scope{Division: at.Up(code.District)}},
	} {
		id := db.ID(9_000_000 + i)
		e.people[g.login] = authz.Actor{
			Account: id, Person: id + 100, Name: g.login, Second: true, StepUp: tn.DB.Real(),
			Grants: []authz.Grant{{ID: id, Role: g.role, Scope: g.scope, From: e.today().AddDays(-900), To: e.today().AddDays(900)}},
		}
	}
	return e
}

var (
	shownCode      = regexp.MustCompile(`验证码是 (\d{6})`)
	reportNumbered = regexp.MustCompile(`\d{4}-\d{6}-\d`)
)

// handsIn reports as a visitor does, and tells the page to follow the report.
func (e *estate) handsIn(topic, phone string) (follow string) {
	e.t.Helper()
	return e.confirmed("/report/new/"+string(e.project.Code)+"/"+topic, "/"+topic, "body", "单元门坏了三天，请尽快修理", "phone", phone, "spot", "二单元")
}

// confirmed sends a form that wants a code, reads the code off the next page, as
// a demonstration shows it, and sends that.
func (e *story) confirmed(page, action string, fill ...string) string {
	e.t.Helper()
	c := e.as("") // one browser: what is announced stands in its cookie
	sent := c.send(e.t, c.form(e.t, page, action, fill...))
	if sent.status != http.StatusSeeOther {
		e.t.Fatalf("%s: %d %s", page, sent.status, complaint(sent.body))
	}
	found := shownCode.FindStringSubmatch(c.get(e.t.Context(), sent.to()).body)
	if found == nil {
		e.t.Fatalf("%s shows no code", sent.to())
	}
	sent = c.send(e.t, c.form(e.t, sent.to(), "/report/confirm", "code", found[1]))
	if sent.status != http.StatusSeeOther {
		e.t.Fatalf("the code: %d %s", sent.status, complaint(sent.body))
	}
	return sent.to()
}

func (e *estate) reportOf(follow string) (r *reports.Report) {
	e.t.Helper()
	e.must(e.DB.Read(e.t.Context(), func(tx *db.Tx) error {
		f, err := e.Reports.Follow(e.t.Context(), tx, strings.TrimPrefix(follow, "/report/follow/"))
		r = f.Report
		return err
	}))
	return r
}
