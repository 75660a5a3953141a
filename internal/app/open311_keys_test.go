//go:build !postgres

package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var (
	shownKey   = regexp.MustCompile(`open311-[A-Z2-7]{26}`)
	acceptedAs = regexp.MustCompile(`\d{4}-\d{6}-\d`)
)

// TestAKeyGoesFromItsPageToAReportAndItsEnd: the system administrator makes a key,
// which is shown this once; a client reports with it; the official who has the report
// sees masked who reported, and in full for a reason; the key ends, and with it the
// client's reports. The other two administrators have no part in it (AZ-4).
func TestAKeyGoesFromItsPageToAReportAndItsEnd(t *testing.T) {
	e := newEstate(t)
	for _, login := range []string{"sysadmin", "secadmin1", "auditadmin", "city1"} {
		who := e.actor(t, login)
		who.Second, who.StepUp = true, e.DB.Real()
		e.people[login] = who
	}
	const page = "/admin/open311-keys"
	for _, login := range []string{"secadmin1", "auditadmin", "city1"} {
		if res := e.as(login).get(t.Context(), page); res.status < 400 {
			t.Errorf("%s opens the page: %d", login, res.status)
		}
	}
	admin := e.as("sysadmin")
	wrong := admin.send(t, admin.form(t, page, page, "name", "城市随手拍", "division", "2301", "contact", "请打 13800000001"))
	if wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, "不填个人手机号") || !strings.Contains(wrong.body, "城市随手拍") {
		t.Errorf("somebody's own telephone: %d %s", wrong.status, complaint(wrong.body))
	}
	f := admin.form(t, page, page, "name", "城市随手拍", "division", "2301", "contact", "0451-84612345")
	made := admin.send(t, f)
	key := shownKey.FindString(made.body)
	if made.status != http.StatusOK || key == "" {
		t.Fatalf("a new key: %d %s", made.status, complaint(made.body))
	}
	if again := admin.send(t, f); again.status != http.StatusOK || shownKey.MatchString(again.body) || strings.Count(again.body, ">城市随手拍<") != 1 {
		t.Errorf("sent twice: %d, shows a key: %v", again.status, shownKey.MatchString(again.body))
	}
	list := e.reads("sysadmin", page)
	if shownKey.MatchString(list) || !strings.Contains(list, "0451-84612345") || !strings.Contains(list, "全市") {
		t.Error("the list shows the key again, or not whose it is")
	}
	sent := url.Values{
		"api_key": {key}, "service_code": {"door"}, "address_id": {string(e.project.Code)}, "description": {"单元门关不上"}, "first_name": {"小明"}, "last_name": {"王"}, "email": {"wang@example.cn"}, "phone": {"13912345678"},
	}
	post := func() answer {
		return e.as("").do(t.Context(), "POST", "/open311/v2/requests.json", "application/x-www-form-urlencoded", []byte(sent.Encode()))
	}
	got := post()
	number := acceptedAs.FindString(got.body)
	if got.status != http.StatusCreated || number == "" {
		t.Fatalf("a report: %d %s", got.status, got.body)
	}
	desk := regexp.MustCompile(`/bureau/reports/[0-9A-Z]{13}`).FindString(e.reads("the community", "/bureau/reports?q="+number))
	body := e.reads("the community", desk)
	if !strings.Contains(body, "139****5678") || !strings.Contains(body, "w***@example.cn") || strings.Contains(body, "13912345678") || strings.Contains(body, "王小明") {
		t.Error("the page does not mask who reported")
	}
	c := e.as("the community")
	if none := c.send(t, c.form(t, desk, "/phones", "reason", "")); none.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", none.status)
	}
	full := c.send(t, c.form(t, desk, "/phones", "reason", "联系入户维修"))
	if full.status != http.StatusOK || !strings.Contains(full.body, "13912345678") || !strings.Contains(full.body, "王小明") || !strings.Contains(full.body, "wang@example.cn") {
		t.Errorf("in full: %d %s", full.status, complaint(full.body))
	}
	e.does("sysadmin", page, "/end")
	sent.Set("description", "又坏了")
	if after := post(); after.status != http.StatusForbidden {
		t.Errorf("with an ended key: %d %s", after.status, after.body)
	}
}
