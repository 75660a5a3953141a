package app_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"juli/internal/app"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/importing"
	"juli/internal/job"
	"juli/internal/registry"
)

// A story is a town whose people act on the pages alone, day after day.
type story struct {
	*clerk
	now *app.App
}

// on turns the town's calendar to a day; everything waiting happens first.
func (s *story) on(date string) {
	s.t.Helper()
	s.now = s.On(dbtest.Clock(s.DB, date))
	s.now.Jobs = job.NewRunner(s.now.DB)
	s.now.Jobs.Handle(credit.EvaluateJob, s.now.Evaluations.Handle)
	s.now.Jobs.Handle(importing.JobKind, s.now.Importing.Handle)
	s.h = s.now.HandlerAs(s.who)
	s.settle()
}

// settle does what the program does by itself: terms, jobs, reactions.
func (s *story) settle() {
	s.t.Helper()
	_, err := s.now.Records.Advance(s.t.Context())
	s.must(err)
	s.must(s.now.Settle(s.t.Context())) // reactions may ask for jobs, and jobs leave events
	s.must(s.now.Jobs.Drain(s.t.Context()))
	s.must(s.now.Settle(s.t.Context()))
}

func (s *story) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// does lets somebody fill in a form of a page and send it; it tells where that led.
func (s *story) does(login, page, action string, fill ...string) string {
	s.t.Helper()
	c := s.as(login)
	f := c.form(s.t, page, action, fill...)
	res := c.send(s.t, f)
	if res.status != http.StatusSeeOther {
		s.t.Fatalf("%s, %v: %d %s", login, f, res.status, complaint(res.body))
	}
	return res.to()
}

// reads is a page as somebody sees it.
func (s *story) reads(login, page string) string {
	s.t.Helper()
	res := s.as(login).get(s.t.Context(), page)
	if res.status != http.StatusOK {
		s.t.Fatalf("%s reads %s: %d", login, page, res.status)
	}
	return res.body
}

var letter = regexp.MustCompile(`信用等级 </span>([^<]+)<`)

// grade is the letter that the public page shows of an enterprise.
func (s *story) grade(firm code.USCC) string {
	s.t.Helper()
	m := letter.FindStringSubmatch(s.reads("", "/enterprises/"+string(firm)))
	if m == nil {
		s.t.Fatalf("no grade on the page of %s", firm)
	}
	return m[1]
}

// evaluates runs an evaluation at the desk, follows its job and has its result
// published by a second person.
func (s *story) evaluates(purpose, on string) {
	s.t.Helper()
	run := s.does("city1", "/bureau/evaluations", "/bureau/evaluations", "purpose", purpose, "on", on, "why", "按规定")
	s.reads("city1", run)
	s.settle()
	result := s.as("city1").get(s.t.Context(), run).to()
	if !strings.HasPrefix(result, "/bureau/evaluations/") {
		s.t.Fatalf("the run %s leads to %q", run, result)
	}
	s.does("city1", result, result+"/propose", "why", "本期结果")
	if own := s.reads("city1", result); strings.Contains(own, `action="/bureau/publications/`) {
		s.t.Error("who proposed may approve")
	}
	s.approves(result)
}

// approves publishes what was proposed, by a second person.
func (s *story) approves(result string) {
	s.t.Helper()
	page := s.reads("city2", result)
	at := regexp.MustCompile(`action="(/bureau/publications/[^"]+)"`).FindStringSubmatch(page)
	if at == nil {
		s.t.Fatalf("city2 sees no way to approve on %s", result)
	}
	s.does("city2", result, at[1], "decision", "publish")
	s.settle()
}

// One record goes from proposal to a changed published grade, the page says why,
// and its annulment brings the grade back by a correction.
func TestARecordChangesAPublishedGrade(t *testing.T) {
	tn := newTown(t)
	firm, district := tn.firmAndDistrict(t)
	inspector, colleague := district[0], district[1]
	s := &story{clerk: newClerk(t, tn, "city1", "city2", "city3", inspector, colleague, "firm1")}
	s.on("2021-08-02")
	before := s.grade(firm)
	if before == "C" {
		t.Fatalf("the firm begins with %s", before)
	}

	record := s.does(inspector, "/bureau/records/new?item=HRB-V01", "/bureau/records/new",
		"enterprise", string(firm), "event", "2021-07-28", "summary", "撤离小区时未办理交接", "then", "propose",
		"document_number", "哈住建认〔2021〕77号", "document_issuer", "哈尔滨市住房和城乡建设局", "document_date", "2021-07-30")
	record = strings.TrimSuffix(record, "/edit")
	s.does("city1", record, record, "act", credit.ActIdentify, "note", "证据充分")
	s.settle()
	id := record[strings.LastIndex(record, "/")+1:]
	own := "/enterprise/records/" + id
	s.does("firm1", own+"/object", own+"/object", "ground", "wrong_facts", "text", "交接是对方不到场")
	page := s.reads("city2", record)
	_, steps, _ := strings.Cut(page, `aria-label="办理进度"`)
	steps, _, _ = strings.Cut(steps, "基本事实")
	if _, ahead, ok := strings.Cut(steps, "异议处理中"); !ok || !strings.Contains(ahead, "已生效") || strings.Contains(ahead, "已跳过") || strings.Contains(ahead, "skipped") {
		t.Error("while an objection is looked at, taking effect is said to be left out")
	}
	s.on("2021-08-10")
	s.does("city2", record, record, "act", credit.ActDismiss, "note", "对方到场有签到表，异议不成立")
	s.on("2021-10-08")
	if got := s.grade(firm); got != before {
		t.Errorf("the published grade is %s before anything was published", got)
	}
	s.evaluates(credit.ForCycle, "2021-09-30")
	if got := s.grade(firm); got != "C" {
		t.Errorf("grade %s after a veto, want C", got)
	}
	page = s.reads("", "/enterprises/"+string(firm))
	if !strings.Contains(page, "/records/"+id) {
		t.Error("the page of the enterprise does not lead to the record")
	}
	for at, words := range map[string]string{
		"/enterprises/" + string(firm):             s.reads("", "/enterprises/"+string(firm)),
		"/enterprises/" + string(firm) + "/report": s.reads("firm1", "/enterprises/"+string(firm)+"/report"),
		"/enterprise/": s.reads("firm1", "/enterprise/"),
	} {
		if !strings.Contains(words, "一票否决，等级定为 C") || !strings.Contains(words, "未履行交接手续撤离或拒不交接（HRB-V01）") {
			t.Errorf("%s does not say what the veto is and where it comes from", at)
		}
		if at != "/enterprise/" && !strings.Contains(words, `href="/records/`+id+`"`) {
			t.Errorf("%s does not lead to the record of the veto", at)
		}
	}
	due := regexp.MustCompile(`按得分应为 ([A-Z]+)`).FindStringSubmatch(page)
	if due == nil {
		t.Fatal("the page does not say which grade the score alone would give")
	}
	if page := s.reads("", "/records/"+id); !strings.Contains(page, "未履行交接手续") {
		t.Error("the public record does not say what it is")
	}

	for _, number := range []string{"哈住建认〔2021〕77号", "哈住建认[2021]77"} {
		if found := s.reads("", "/search?q="+url.QueryEscape(number)); !strings.Contains(found, `href="/records/`+id+`"`) {
			t.Errorf("the public does not find the record by %s", number)
		}
	}
	number := regexp.MustCompile(`公布文号 ([^，<]+)`).FindStringSubmatch(page)
	if number == nil {
		t.Fatal("the page does not say under which number the result was published")
	}
	if found := s.reads("", "/search?q="+url.QueryEscape(number[1])); !strings.Contains(found, "信用评价结果") || !strings.Contains(found, "/league?period=") {
		t.Errorf("the publication is not found by %s", number[1])
	}

	s.on("2021-11-02")
	if a := s.fills("city3", record, record, "act", credit.ActAskAnnul, "note", "法院判决撤销原认定"); !strings.Contains(a.body, "请上传撤销依据") {
		t.Errorf("asked for without a paper: %d", a.status)
	}
	if a := s.attaches("city3", record, record, "act", credit.ActAskAnnul, "note", "法院判决撤销原认定"); a.status != http.StatusSeeOther {
		t.Errorf("asked for with the judgment: %d", a.status)
	}
	if own := s.reads("city3", record); strings.Contains(own, credit.ActAgreeAnnul) || !strings.Contains(own, "须由另一人办理") {
		t.Error("who asked may agree")
	}
	if desk := s.reads("city2", "/bureau/"); !strings.Contains(desk, `href="`+record+`"`) || !strings.Contains(desk, "决定是否撤销") {
		t.Error("the request waits on no other person's desk")
	}
	s.does("city2", record, record, "act", credit.ActAgreeAnnul)
	s.settle()
	s.approves(s.correctionOf(t))
	page = s.reads("", "/enterprises/"+string(firm))
	if got := s.grade(firm); got == "C" || got != due[1] && !strings.Contains(page, "等级不高于 "+got) {
		t.Errorf("grade %s after the annulment, want that of the score, %s, or a ceiling that the page names", got, due[1])
	}
	if !strings.Contains(page, "依据被撤销，自始无效") {
		t.Error("the annulled record does not stay visible with its reason")
	}
}

// correctionOf is the page of the correction that the annulment made.
func (s *story) correctionOf(t *testing.T) string {
	t.Helper()
	var id db.ID
	s.must(s.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		id, err = db.Value[db.ID](t.Context(), tx, `SELECT MAX(id) FROM credit_evaluation WHERE purpose = 'correction'`)
		return err
	}))
	if id == 0 {
		t.Fatal("the annulment made no correction")
	}
	return "/bureau/evaluations/" + id.String()
}

// firmAndDistrict are the enterprise of firm1 and two officials of its district.
func (tn town) firmAndDistrict(t *testing.T) (code.USCC, []string) {
	t.Helper()
	firm := tn.actor(t, "firm1").Grants[0].Scope.Enterprise
	var at code.Division
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) error {
		e, err := registry.PlaceOfEnterprise(t.Context(), tx, firm)
		at = e.Division
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var logins []string
	for login := range tn.accounts {
		for _, g := range tn.actor(t, login).Grants {
			if g.Role == authz.DistrictBureau && g.Scope.Division.Contains(at) {
				logins = append(logins, login)
			}
		}
	}
	if len(logins) < 2 {
		t.Fatalf("%d officials of %s sign in", len(logins), at)
	}
	slices.Sort(logins)
	return firm, logins
}

// attaches sends a form with a paper.
func (s *story) attaches(login, page, action string, fill ...string) answer {
	s.t.Helper()
	c := s.as(login)
	f := c.form(s.t, page, action, fill...)
	f.files = []file{{"files", "整改照片.png", photograph(s.t)}}
	return c.send(s.t, f)
}

// photograph is the smallest picture that is taken.
func photograph(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
