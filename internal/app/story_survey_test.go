//go:build !postgres

package app_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"juli/internal/db"
)

// one is the first text that a pattern finds in a page.
func (s *story) one(page, pattern string) string {
	s.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(page)
	if m == nil {
		s.t.Fatalf("the page has no %s", pattern)
	}
	return m[1]
}

// where is an id that the tables hold.
func (s *story) where(query string) (id db.ID) {
	s.t.Helper()
	s.must(s.DB.Read(s.t.Context(), func(tx *db.Tx) (err error) { id, err = db.Value[db.ID](s.t.Context(), tx, query); return err }))
	return id
}

var slipCode = regexp.MustCompile(`<dd[^>]*>\s*([0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5})\s*</dd>`)

// A survey from the to-do list of the community to the public page, by forms alone:
// a home answers once by the code of its slip, on a page that an old phone loads; the
// code is in no address and no log; another person reads the papers again; the
// district publishes, and the credit evaluation hears of it.
func TestASurveyGoesFromItsSlipToThePublicPage(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), "community1", "street1", "daoli1", "daoli2", "city1", "firm1")}
	log := logged(t)
	s.on("2021-07-31")
	id := s.where(`SELECT s.id FROM survey s JOIN casework_case c ON c.id = s.id JOIN identity_grant g ON c.holder = 'community@' || g.division JOIN identity_account a ON a.id = g.account_id
		WHERE a.login = 'community1' AND s.state = 'open'`).String()
	desk, public := "/bureau/surveys/"+id, "/s/"+id
	if todo := s.reads("community1", "/bureau/"); !strings.Contains(todo, desk) {
		t.Fatal("the survey is not on the community's to-do list")
	}
	if early := s.as("street1").get(t.Context(), desk+"/slips"); early.status != http.StatusConflict {
		t.Errorf("slips before anybody answers for printing them: %d", early.status)
	}
	if to := s.does("street1", desk, desk, "act", "print"); to != desk+"/slips" {
		t.Fatalf("printing leads to %s", to)
	}
	lost := slipCode.FindStringSubmatch(s.reads("street1", desk+"/slips"))[1]
	s.does("street1", desk+"/slips", desk+"/slips") // new codes for all
	if strings.Contains(s.reads("street1", desk+"/slips"), lost) {
		t.Error("a lost code is still good")
	}
	codes := slipCode.FindAllStringSubmatch(s.reads("street1", desk+"/slips"), -1)
	if len(codes) < 40 {
		t.Fatalf("only %d slips", len(codes))
	}
	questions := []string{"q-overall", "5", "q-clean", "4", "q-order", "4", "q-repair", "3", "q-manner", "5", "q-open", "0"}
	page := s.as("").get(t.Context(), public)
	if page.status != http.StatusOK || len(page.body) > 50_000 || strings.Contains(page.body, "<script>") {
		t.Errorf("the page to answer on: %d, %d bytes", page.status, len(page.body))
	}
	first := codes[0][1]
	found := s.fills("", "/s", "/s", "code", strings.ToLower(first))
	if found.status != http.StatusOK || !strings.Contains(found.body, `action="`+public+`"`) {
		t.Fatalf("the code alone: %d %s", found.status, complaint(found.body))
	}
	if bad := s.fills("", "/s", "/s", "code", "AAAAA-AAAAA"); bad.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: %d", bad.status)
	}
	if a := s.fills("", public, public, append(questions[:10:10], "code", first)...); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a question left out: %d", a.status)
	}
	for _, c := range codes[:30] {
		s.does("", public, public, append(questions[:12:12], "code", c[1])...)
	}
	if again := s.fills("", public, public, append(questions[:12:12], "code", first)...); again.status != http.StatusUnprocessableEntity || !strings.Contains(again.body, "只能答一次") {
		t.Errorf("a second answer: %d", again.status)
	}
	for _, c := range codes {
		if strings.Contains(log.String(), c[1]) || strings.Contains(log.String(), strings.ReplaceAll(c[1], "-", "")) {
			t.Fatal("a code stands in the log")
		}
	}
	asked := s.reads("", "/surveys/"+id)
	if strings.Contains(asked, "置信区间") || strings.Contains(asked, "答卷来源") {
		t.Error("a running survey has a result")
	}
	if strings.Contains(asked, "随机种子</dt>") || !strings.Contains(asked, "种子摘要") {
		t.Error("the seed is public while homes are asked")
	}
	if own := s.reads("street1", desk); strings.Contains(own, `value="close"`) || !strings.Contains(s.reads("community1", desk), `value="close"`) {
		t.Error("who printed the slips may end the asking, or nobody may")
	}
	s.on("2021-08-27")
	s.must(s.now.Surveys.Advance(t.Context()))
	all := []string{"q-overall", "5", "q-clean", "5", "q-order", "5", "q-repair", "5", "q-manner", "5", "q-open", "5"}
	settled := 0
	for n := 0; n < 20; n++ {
		page := s.reads("community1", desk+"/check")
		switch {
		case strings.Contains(page, desk+"/settle"): // made up: the two readings are shown, and one says what the paper says
			if !strings.Contains(page, "录入：") || !strings.Contains(page, "；复核：很满意") {
				t.Fatal("the two readings are not shown beside one another")
			}
			var fill []string
			for i := 0; i < len(all); i += 2 {
				if strings.Contains(page, `name="`+all[i]+`"`) {
					fill = append(fill, all[i], "4")
				}
			}
			s.does("community1", desk+"/check", desk+"/settle", fill...)
			settled++
		case strings.Contains(page, "q-overall"):
			s.does("community1", desk+"/check", desk+"/check", all...)
		}
	}
	if settled == 0 {
		t.Fatal("nothing differed")
	}
	s.does("community1", desk, desk, "act", "propose")
	if a := s.fills("daoli1", desk, desk+"/publish", "act", "publish"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "写明为什么仍然可信") {
		t.Errorf("published without a reason although much differs: %d", a.status)
	}
	s.does("daoli1", desk, desk+"/publish", "act", "publish", "note", "已当面核对全部答卷")
	s.settle()
	result := s.reads("", "/surveys/"+id)
	for _, want := range []string{"置信区间", "户抽中", "随机种子", "Wilson", "样本不足", "与录入不一致", "仍公布的理由：已当面核对全部答卷"} {
		if !strings.Contains(result, want) {
			t.Errorf("the public page does not say %s", want)
		}
	}
	if list := s.reads("", "/surveys?state=published"); !strings.Contains(list, "/surveys/"+id) {
		t.Error("the result is not on the public list")
	}
	if log := s.reads("", "/log"); !strings.Contains(log, "公布满意度调查结果") || !strings.Contains(log, "满意度调查抽取住户") {
		t.Error("the public log does not tell of the draw and the result")
	}
	s.must(s.DB.Read(t.Context(), func(tx *db.Tx) error {
		n, err := db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM credit_input WHERE module = 'survey' AND on_day = '2021-08-27'`)
		if n != 3 {
			t.Errorf("credit was told %d things, want 3", n)
		}
		return err
	}))
}

// Somebody joins by the public page without an account, serves, and who was served
// confirms the hours by the slip; then the volunteer leaves in as few steps.
func TestAVolunteerJoinsServesAndLeaves(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), "community1", "street1")}
	s.on("2021-08-02")
	community := string(s.actor(t, "community1").Grants[0].Scope.Division)
	join := "/volunteers/join?area=" + community[:9]
	if first := s.reads("", "/volunteers/join"); !strings.Contains(first, "/volunteers/join?area="+community[:6]) {
		t.Error("the page does not lead to the district")
	}
	if short := s.fills("", join, join, "division", community, "name", "逄小兰", "phone", "13912345678"); short.status != http.StatusUnprocessableEntity {
		t.Errorf("joining without consent: %d", short.status)
	}
	s.does("", join, join, "division", community, "name", "逄小兰", "phone", "13912345678", "consent", "1", "open", "1")
	if !strings.Contains(s.reads("community1", "/bureau/"), "确认登记：志愿者 逄**") {
		t.Fatal("the community's to-do list does not show who joined")
	}
	who := "/bureau/volunteers/" + s.where(`SELECT MAX(id) FROM volunteer`).String()
	s.does("community1", who, who, "act", "accept")
	call := s.does("community1", "/bureau/volunteer-calls/new", "/bureau/volunteer-calls/new", "division", community, "title", "陪老人体检", "task", "接送和排队", "place", "社区服务站", "on", "2021-08-05", "at", "08:30", "minutes", "180", "places", "2")
	public := "/volunteers/calls/" + strings.TrimPrefix(call, "/bureau/volunteer-calls/")
	s.does("", public, public, "name", "逄小兰", "phone", "139-1234-5678", "consent", "1")
	s.does("street1", call, call, "act", "print")
	slip := s.one(s.reads("street1", call+"/slip"), `<dd[^>]*>\s*([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})\s*</dd>`)
	s.on("2021-08-05")
	field := s.one(s.reads("community1", call), `name="(m-[0-9A-Z]{13})"`)
	s.does("community1", call, call+"/hours", field, "150")
	if own := s.reads("community1", call); strings.Contains(own, `value="confirm"`) {
		t.Error("who noted the hours may confirm them")
	}
	if wrong := s.fills("", "/volunteers/served", "/volunteers/served", "code", "0000-0000-0000"); wrong.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: %d", wrong.status)
	}
	s.does("", "/volunteers/served", "/volunteers/served", "code", strings.ToLower(slip))
	if page := s.reads("", public); !strings.Contains(page, "2.5 小时") || !strings.Contains(page, "1 人") {
		t.Error("the public page does not show the confirmed hours")
	}
	if people := s.reads("", "/volunteers/people"); !strings.Contains(people, "逄**") || strings.Contains(people, "逄小兰") {
		t.Error("who agreed to be named is not there, or in full")
	}
	leave := "/volunteers/leave?area=" + community[:9]
	s.does("", leave, leave, "division", community, "name", "逄小兰", "phone", "13912345678")
	if people := s.reads("", "/volunteers/people?after="); strings.Contains(people, "逄**") {
		t.Error("who left is still named")
	}
}
