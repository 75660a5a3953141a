package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"juli/internal/db"
)

// TestARequestGoesWhereTheRegisterHasTheFirm: whoever asks in a registered firm's
// name does not choose the district that decides, and gets no account beside the
// firm's own manager.
func TestARequestGoesWhereTheRegisterHasTheFirm(t *testing.T) {
	tn := newTown(t)
	k := newClerk(t, tn, "nangang1", "daoli1")
	uscc := tn.texts(t, "", `SELECT MIN(g.enterprise) FROM identity_grant g JOIN enterprise e ON e.uscc = g.enterprise
		WHERE g.manager AND g.state = 'active' AND e.division LIKE '230102%'`)[0] // in 道里, and nangang1 is 南岗's
	c := newClient(tn.site, "juli-form", "AVISITORSCOOKIE0123456789AB")
	if a := tn.applyAs(t, c, uscc, "冒名物业"); a.status != http.StatusSeeOther {
		t.Fatalf("asking: %d %s", a.status, complaint(a.body))
	}
	page := "/admin/requests/" + db.ID(tn.count(t, `SELECT MAX(id) FROM identity_request`)).String()
	if a := k.as("nangang1").get(t.Context(), page); a.status != http.StatusNotFound {
		t.Errorf("the district that was typed: %d", a.status)
	}
	a := k.as("daoli1").get(t.Context(), page)
	for _, says := range []string{"道里区", "与登记不一致", "企业已有管理员账号"} {
		if a.status != http.StatusOK || !strings.Contains(a.body, says) {
			t.Errorf("the firm's own district: %d without %q", a.status, says)
		}
	}
	if strings.Contains(a.body, page+"/confirm") {
		t.Error("the page offers to confirm")
	}
	s := k.as("daoli1").form(t, page, page+"/refuse")
	s.action = page + "/confirm"
	s.values.Del("reason")
	if a := k.as("daoli1").send(t, s.with("to", k.today().AddDays(30).String())); !strings.Contains(a.body, "不能再确认") {
		t.Errorf("confirming all the same: %d %s", a.status, complaint(a.body))
	}
	if a := k.as("daoli1/old").get(t.Context(), page); !strings.HasPrefix(a.to(), "/stepup") {
		t.Errorf("with an old second factor: %d to %q", a.status, a.to())
	}
}

// TestAForgedHostIsNotPrinted: the report's address is one of ours or a path.
func TestAForgedHostIsNotPrinted(t *testing.T) {
	tn := newTown(t)
	path := "/enterprises/" + tn.texts(t, "", `SELECT MIN(uscc) FROM enterprise`)[0] + "/report"
	for host, want := range map[string]string{"evil.example": "<code>" + path, "127.0.0.1:8080": "<code>http://127.0.0.1:8080" + path} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Host = host
		w := httptest.NewRecorder()
		tn.site.ServeHTTP(w, r)
		body := w.Body.String()
		if strings.Contains(body, "evil.example") || !strings.Contains(body, want) || strings.Contains(body, "核验二维码") != strings.Contains(want, "127.0.0.1") {
			t.Errorf("reached by %s: status %d, want %q", host, w.Code, want)
		}
	}
}
