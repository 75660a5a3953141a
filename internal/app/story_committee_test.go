package app_test

import (
	"net/http"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	reports "juli/internal/resident"
)

// A question about the owners' committee goes to the committee where somebody
// acts for it, led there by its to-do list, and to the street where nobody does;
// the committee sees nothing else of its estate.
func TestAQuestionAboutTheCommitteeWaitsForTheCommittee(t *testing.T) {
	d := &door{estate: newEstate(t)}
	without := d.handsIn("committee", anna)
	if r := d.reportOf(without); r.Office != authz.Subdistrict || !d.waits("the street", r.Number) {
		t.Errorf("without a committee %s answers", r.Office)
	}
	who := d.actor(t, "committee1")
	who.Second = true
	d.people["committee1"] = who
	err := d.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		d.project, err = d.Registry.Project(t.Context(), tx, code.ProjectCode(who.Grants[0].Scope.Project))
		return err
	})
	d.must(err)
	street := d.people["the street"]
	street.Grants = []authz.Grant{street.Grants[0]}
	street.Grants[0].Scope = authz.Scope{Division: d.project.Division.Up(code.Street)}
	d.people["the street"] = street

	other := d.reportOf(d.handsIn("door", bob))
	r := d.reportOf(d.handsIn("committee", anna))
	at := d.led("committee1", "答复", r.Number)
	if page := d.reads("committee1", "/committee/reports"); !strings.Contains(page, r.Number) || strings.Contains(page, other.Number) {
		t.Error("the committee's list is not what was sent to it")
	}
	if a := d.as("committee1").get(t.Context(), "/committee/reports/"+other.ID.String()); a.status != http.StatusNotFound {
		t.Errorf("the committee reads another body's report: %d", a.status)
	}
	if a := d.fills("committee1", at, at, "act", reports.ActAnswer, "answer", "", "version", "1"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an empty answer: %d", a.status)
	}
	d.takes("committee1", at, "act", reports.ActAnswer, "answer", "业委会每月15日公示收支，欢迎查阅。")
	if d.waits("committee1", r.Number) {
		t.Error("what was answered still waits")
	}
	d.takes("the street", d.led("the street", "审核答复", r.Number), "act", reports.ActPass)
	if page := d.reads("", "/reports/"+r.Number); !strings.Contains(page, "待居民评价") {
		t.Error("what the street passed does not wait for the resident")
	}
	given := d.reportOf(d.handsIn("committee", "13912340007"))
	at = d.led("committee1", given.Number)
	d.takes("committee1", at, "act", reports.ActReturn, "note", "属于街道职责")
	if !d.waits("the street", "重新派单", given.Number) {
		t.Error("what the committee gave back does not wait at the street")
	}
}
