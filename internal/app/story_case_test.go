package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
)

// projectIn reads the first project of a division.
func (s *story) projectIn(division code.Division) (p registry.ProjectRow) {
	s.t.Helper()
	s.must(s.DB.Read(s.t.Context(), func(tx *db.Tx) error {
		rows, _, err := registry.ListProjects(s.t.Context(), tx, registry.ListQuery{Division: division, Sort: "name", Limit: 1})
		if len(rows) > 0 {
			p = rows[0]
		}
		return err
	}))
	if p.Code == "" {
		s.t.Fatalf("no project in %s", division)
	}
	return p
}

// An official finds the project by its name in the own area, without knowing its
// code; of another area's projects the search knows nothing.
func TestACaseIsRegisteredByTheNameOfItsProject(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), "nangang1", "daoli1")}
	s.on("2021-08-02")
	p := s.projectIn("230103")
	found := s.reads("nangang1", "/bureau/cases/new?q="+url.QueryEscape(p.Name))
	at := "/bureau/cases/new?project=" + string(p.Code)
	if !strings.Contains(found, at) {
		t.Fatalf("the search for %s does not lead to its form", p.Name)
	}
	form := s.reads("nangang1", at)
	if !strings.Contains(form, p.Name) || !strings.Contains(form, `value="`+string(p.Code)+`"`) {
		t.Error("the form does not say which project was chosen")
	}
	refused := s.fills("nangang1", at, "/bureau/cases/new", "channel", "SELF_FOUND", "facts", "")
	if refused.status != http.StatusUnprocessableEntity || !strings.Contains(refused.body, p.Name) {
		t.Errorf("a form with a mistake forgets the project: %d", refused.status)
	}
	made := s.does("nangang1", at, "/bureau/cases/new", "channel", "SELF_FOUND", "facts", "楼道照明损坏三处。")
	if !strings.Contains(s.reads("nangang1", made), p.Name) {
		t.Error("the case is not about the chosen project")
	}
	if page := s.reads("daoli1", "/bureau/cases/new?q="+url.QueryEscape(p.Name)); strings.Contains(page, string(p.Code)) {
		t.Error("another district's search finds the project")
	}
	if a := s.as("daoli1").get(t.Context(), at); a.status != http.StatusNotFound {
		t.Errorf("another district chooses the project: %d", a.status)
	}
}
