package app_test

import (
	"net/http"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/registry"
)

// An evaluation is watched without any script, stopped by whoever may run one,
// asked for once, and leads to its result.
func TestAnEvaluationIsWatchedAndStopped(t *testing.T) {
	tn := newTown(t)
	s := &story{clerk: newClerk(t, tn, "city1", "city2", "nangang1")}
	s.on("2021-08-02")
	ask := func() string {
		return s.does("city1", "/bureau/evaluations", "/bureau/evaluations", "purpose", credit.ForTrial, "on", "2021-08-01")
	}
	run := ask()
	if again := ask(); again != run {
		t.Errorf("asked twice: %s and %s", run, again)
	}
	page := s.as("city2").get(t.Context(), run)
	if page.status != http.StatusOK || page.header.Get("Refresh") != "" || !strings.Contains(page.body, `href="`+run+`"`) || !strings.Contains(page.body, `action="`+run+`/stop"`) || !strings.Contains(page.body, "2021-08-01") {
		t.Errorf("a run that waits: %d, refresh %q", page.status, page.header.Get("Refresh"))
	}
	if other := s.as("nangang1").get(t.Context(), run); other.status == http.StatusOK {
		t.Error("a district watches the city's evaluation")
	}
	s.does("city2", run, run+"/stop")
	s.settle()
	page = s.as("city1").get(t.Context(), run)
	if page.status != http.StatusOK || page.header.Get("Refresh") != "" || !strings.Contains(page.body, "没有存下任何结果") || !strings.Contains(page.body, "重新运行评价") {
		t.Errorf("a run that was stopped: %d, %s", page.status, complaint(page.body))
	}
	if next := ask(); next == run {
		t.Error("a stopped run stands for the next")
	} else {
		s.settle()
		if to := s.as("city2").get(t.Context(), next).to(); !strings.HasPrefix(to, "/bureau/evaluations/") {
			t.Errorf("a run that is done leads to %q", to)
		} else if result := s.reads("city2", to); !strings.Contains(result, "试算") {
			t.Error("the result does not say what it is")
		}
	}
}

// The choice of items says what an item does; the forms ask for the record that
// it hangs on and for further projects; the dossier says whose turn it is next.
func TestFormsOfRecordsAskForWhatTheItemNeeds(t *testing.T) {
	tn := newTown(t)
	_, district := tn.firmAndDistrict(t)
	inspector := district[0]
	s := &story{clerk: newClerk(t, tn, "city1", "street1", inspector, "firm1")}
	s.on("2021-08-02")
	list := s.reads("city1", "/bureau/records/new") + s.reads(inspector, "/bureau/records/new") + s.reads("street1", "/bureau/records/new")
	for _, words := range []string{"翻倍", "一票否决"} {
		if !strings.Contains(list, words) {
			t.Errorf("no item says %q", words)
		}
	}
	asks := func(login, page string, names ...string) {
		t.Helper()
		body := s.reads(login, page)
		for _, n := range names {
			if !strings.Contains(body, `name="`+n+`"`) {
				t.Errorf("%s does not ask for %s", page, n)
			}
		}
	}
	asks("street1", "/bureau/records/new?item=HRB-N05", "projects")
	asks("street1", "/bureau/records/new?item=HRB-N06", "parent", "projects")
	asks(inspector, "/bureau/records/new?item=HRB-N15", "parent")
	asks("firm1", "/enterprise/records/new?item=HRB-G05", "project")

	if page := s.reads("street1", "/bureau/records/new?item=HRB-N05"); !strings.Contains(page, "提出时必填") {
		t.Error("the code of the project is said to be optional where the item scores projects")
	}
	firm, homes := s.homesOf("street1")
	to := s.does("street1", "/bureau/records/new?item=HRB-N05", "/bureau/records/new",
		"enterprise", firm, "project", homes[0], "projects", homes[1], "event", "2021-07-28", "summary", "两个小区楼道堆物", "then", "propose",
		"document_type", "HLJ-N3", "document_number", "哈街改〔2021〕701号", "document_issuer", "街道办事处", "document_date", "2021-07-29")
	page := s.reads("street1", strings.TrimSuffix(to, "/edit"))
	if !strings.Contains(page, `<span class="small">区县住建局</span>`) {
		t.Error("the dossier does not say whose turn it is next")
	}
	var subjects int64
	s.must(s.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		subjects, err = db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM credit_record_subject s JOIN credit_record r ON r.id = s.record WHERE r.document_number = '哈街改〔2021〕701号'`)
		return err
	}))
	if subjects != 2 {
		t.Errorf("the event scores %d projects, want both", subjects)
	}
}

// homesOf are two projects of one enterprise where somebody works: one of the
// town's, and one that is registered beside it.
func (s *story) homesOf(login string) (firm string, homes [2]string) {
	s.t.Helper()
	at := string(s.actor(s.t, login).Grants[0].Scope.Division)
	s.must(s.DB.Write(s.t.Context(), func(tx *db.Tx) error {
		text, err := db.Value[string](s.t.Context(), tx, `SELECT MIN(code) FROM project WHERE division >= $1 AND division < $2 AND enterprise <> '' AND state = 'ACTIVE'`, at, at+":")
		if err != nil {
			return err
		}
		p, err := s.Registry.Project(s.t.Context(), tx, code.ProjectCode(text))
		if err != nil {
			return err
		}
		next, err := s.Registry.PutProjectIn(s.t.Context(), tx, authz.System("test"), registry.Project{
			Name: p.Name + "二期", Division: p.Division, Use: p.Use, Area: p.Area, Enterprise: p.Enterprise, Entered: p.Entered,
		}, "建账")
		firm, homes = string(p.Enterprise), [2]string{text, string(next.Code)}
		return err
	}))
	return firm, homes
}
