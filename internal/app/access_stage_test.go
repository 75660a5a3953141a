//go:build !postgres

package app_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/code"
	reports "juli/internal/resident"
)

// A stage is a town in the middle of its work.
type stage struct {
	story
	starts   map[string][]string // where each person's way begins
	proposed string              // the record that a walk proposed
}

// newStage is a town in which something of every kind is going on, so that every
// page of every desk has something to show: a draft, a record that may be objected
// to, one that may be repaired, a filing, an import, a request, a run.
func newStage(t *testing.T) *stage {
	t.Helper()
	tn := newTown(t)
	firm, district := tn.firmAndDistrict(t)
	inspector := district[0]
	logins := []string{inspector, "city2"}
	for _, p := range everyone {
		if p.login != "" {
			logins = append(logins, p.login)
		}
	}
	s := &stage{story: story{clerk: newClerk(t, tn, logins...)}, starts: map[string][]string{}}
	s.on("2021-08-02")
	for _, p := range everyone {
		s.starts[p.login] = p.starts
	}
	s.sends("", "/enterprise-account", "")
	columns, _, _ := strings.Cut(s.sends("city1", "/bureau/import", ""), "?")
	s.sends("city1", "/bureau/rulebooks", "")
	filing := s.sends("firm1", "/enterprise/filings/new", "")
	desk := "/bureau" + strings.TrimPrefix(filing, "/enterprise")
	s.does(inspector, desk, desk, "act", "return", "note", "请补充盖章页")
	s.sends("firm1", "/enterprise/filings/new", "")
	begun := s.sends("firm1", "/enterprise/records/new", "?item=HRB-G05", "do", "draft")
	plea := s.sends("firm1", "/enterprise/records/new", "?item=HRB-G05", "do", "submit")
	draft := s.sends("nangang1", "/bureau/records/new", "?item=HRB-V01", "then", "draft")
	record := s.does(inspector, "/bureau/records/new?item=HRB-V01", "/bureau/records/new",
		"enterprise", string(firm), "event", "2021-07-28", "summary", "撤离小区时未办理交接", "then", "propose",
		"document_number", "哈住建认〔2021〕77号", "document_issuer", "哈尔滨市住房和城乡建设局", "document_date", "2021-07-30")
	record = strings.TrimSuffix(record, "/edit")
	s.does("city1", record, record, "act", "identify", "note", "证据充分")
	s.settle()
	run := s.does("city1", "/bureau/evaluations", "/bureau/evaluations", "purpose", "trial", "on", "2021-08-01")
	s.starts["city1"] = append(s.starts["city1"], columns, strings.TrimSuffix(columns, "/columns"), run)
	s.starts["nangang1"] = append(s.starts["nangang1"], draft)
	report, follow, mine := s.reported()
	s.starts[""] = append(s.starts[""], report, follow, mine, "/reports/ratings")
	s.starts["firm1"] = append(s.starts["firm1"], filing+"/edit", begun, strings.TrimSuffix(plea, "/edit")+"/repair", strings.TrimSuffix(plea, "/edit")+"/withdraw")
	s.starts["nangang1"] = append(s.starts["nangang1"], tn.visit(t, "nangang1"))
	s.starts["firm1"] = append(s.starts["firm1"], s.ownEntry("firm1")+"/repair")
	slips := s.prints("/bureau/surveys/", "survey")
	s.starts["community1"] = append(s.starts["community1"], slips, strings.TrimSuffix(slips, "/slips")+"/check", s.prints("/bureau/volunteer-calls/", "volunteer_call"))
	return s
}

// prints has the community print the slips of something that is open, and gives
// their page.
func (s *stage) prints(at, table string) string {
	s.t.Helper()
	page := at + s.where(`SELECT x.id FROM `+table+` x JOIN identity_grant g ON g.division = x.division JOIN identity_account a ON a.id = g.account_id
		WHERE a.login = 'community1' AND x.state = 'open' ORDER BY x.id LIMIT 1`).String()
	return s.does("community1", page, page, "act", "print")
}

// sends fills a form in as the clerk would, and tells where that led.
func (s *stage) sends(login, page, query string, fill ...string) string {
	t := s.t
	t.Helper()
	x := &trial{clerk: s.clerk, done: map[string]int{}}
	for _, f := range forms(page+query, s.as(login).get(t.Context(), page+query).body) {
		if at, _, _ := strings.Cut(f.action, "?"); at != page {
			continue
		}
		values := maps.Clone(x.fixed(page, login))
		if values == nil {
			values = map[string]string{}
		}
		for i := 0; i+1 < len(fill); i += 2 {
			values[fill[i]] = fill[i+1]
		}
		sent := x.fill(f, 0, values)
		x.prepare(page, &sent)
		a := s.as(login).send(t, sent)
		if a.status != http.StatusSeeOther {
			t.Fatalf("%s: POST %s: %d %s", login, page, a.status, complaint(a.body))
		}
		return a.to()
	}
	t.Fatalf("%s: %s has no form of its own", login, page)
	return ""
}

// reported has a visitor report something that waits for its code, and another
// whose report can be followed, and found again by telephone.
func (s *stage) reported() (confirm, follow, mine string) {
	s.t.Helper()
	x := &trial{clerk: s.clerk}
	project := x.anyProject()
	page := "/report/new/" + project + "/door"
	confirm = s.sends("", page, "", "building", "", "phone", "13911112222")
	out, err := s.Reports.Submit(s.t.Context(), authz.Anonymous, reports.Submission{
		Channel: reports.Web, Topic: "door", Project: code.ProjectCode(project), Body: "单元门关不上", Phone: "13911113333",
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return confirm, "/report/follow/" + out.Follow, s.confirmed("/report/find", "/report/find", "phone", "13911113333")
}
