package app_test

import (
	"net/http"
	"strings"
	"testing"

	"juli/internal/db"
)

// What an office re-checked is “复查合格”; “居民已确认” is the committee's word, and
// an official's page offers nothing of the kind.
func TestACommitteeConfirmsWhatWasMendedInItsEstate(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), "committee1", "community1", "nangang1")}
	list := s.reads("committee1", "/committee/cases?state=passed")
	_, rest, ok := strings.Cut(list, `href="/committee/cases/`)
	if !ok {
		t.Fatal("no case waits for the committee")
	}
	id, _, _ := strings.Cut(rest, `"`)
	at := "/committee/cases/" + id
	if page := s.reads("community1", "/bureau/cases/"+id); strings.Contains(page, `value="agree"`) || !strings.Contains(page, `value="call"`) {
		t.Error("the office is asked for the residents' word, or may not note its call")
	}
	s.does("committee1", at, at, "act", "agree", "note", "业委会两名成员到现场看过，已经修好。")
	if page := s.reads("", "/cases/"+id); !strings.Contains(page, "居民已确认") || strings.Contains(page, "两名成员") {
		t.Error("the public page does not say who confirmed it, or says too much")
	}
	var other string
	s.must(s.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		this, err := db.ParseID(id)
		if err != nil {
			return err
		}
		n, err := db.Value[db.ID](t.Context(), tx, `SELECT MIN(id) FROM supervision_case WHERE verified IS NOT NULL AND project <> (SELECT project FROM supervision_case WHERE id = $1)`, this)
		other = n.String()
		return err
	}))
	if a := s.as("committee1").get(t.Context(), "/committee/cases/"+other); a.status != http.StatusNotFound {
		t.Errorf("another estate's case: %d", a.status)
	}
}
