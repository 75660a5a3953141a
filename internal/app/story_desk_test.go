package app_test

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"juli/internal/credit"
	"juli/rulebooks"
)

// fills sends a form and says with which status and page it was answered.
func (s *story) fills(login, page, action string, fill ...string) answer {
	s.t.Helper()
	c := s.as(login)
	return c.send(s.t, c.form(s.t, page, action, fill...))
}

// What looks like a record that is there already stays a draft; its writer looks
// at the other one, if it is theirs to see, and says that it is another event.
func TestWhatLooksAlikeIsProposedAfterALook(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), "nangang1", "nangang2", "daoli1")}
	s.on("2021-08-02")
	firm, homes := s.homesOf("nangang1")
	other, theirs := s.homesOf("daoli1")
	const form = "/bureau/records/new?item=HRB-N10"
	order := func(firm, project string) []string {
		return []string{
			"enterprise", firm, "project", project, "event", "2021-07-28", "summary", "擅自停水停电", "then", "propose",
			"document_number", "哈住建改〔2021〕88号", "document_issuer", "区住建局", "document_date", "2021-07-29",
		}
	}
	first := s.does("nangang1", form, "/bureau/records/new", order(firm, homes[0])...)

	draft := s.does("nangang2", form, "/bureau/records/new", order(firm, homes[1])...)
	if page := s.reads("nangang2", draft); !strings.Contains(page, `href="`+first+`"`) {
		t.Error("the draft does not lead to the record that it looks like")
	}
	if a := s.fills("nangang2", draft, draft, "act", credit.ActPropose); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `name="known"`) {
		t.Errorf("proposed without a look: %d %s", a.status, complaint(a.body))
	}
	s.does("nangang2", draft, draft, "act", credit.ActPropose, "known", "1")

	draft = s.does("daoli1", form, "/bureau/records/new", order(other, theirs[0])...)
	if page := s.reads("daoli1", draft); strings.Contains(page, first) || !strings.Contains(page, "您不能查看") || !strings.Contains(page, `name="known"`) {
		t.Error("a draft like another district's record shows it, or does not ask")
	}
	edit := draft + "/edit"
	if to := s.does("daoli1", edit, edit, "summary", "停电三日，未预先告知", "then", "propose"); to != draft {
		t.Errorf("changed without a look, it leads to %s", to)
	}
	if page := s.reads("daoli1", draft); !strings.Contains(page, "停电三日") {
		t.Error("what was changed is lost")
	}
	s.does("daoli1", edit, edit, "known", "1", "then", "propose")
	if page := s.reads("daoli1", draft); strings.Contains(page, edit) {
		t.Error("it is a draft still")
	}
	if a := s.fills("nangang1", form, "/bureau/records/new", order(firm, homes[0])...); a.status != http.StatusSeeOther {
		t.Fatalf("the same again: %d %s", a.status, complaint(a.body))
	} else if draft = a.to(); draft == first {
		t.Fatal("the same again is taken for the first")
	}
	if a := s.fills("nangang1", draft+"/edit", draft+"/edit", "known", "1", "summary", "同一件事"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "同一件事") || !strings.Contains(a.body, "不能重复录入") {
		t.Errorf("the same record twice: %d %s", a.status, complaint(a.body))
	}
}

// A project of another district and one that is nowhere are refused at their
// field in the same words, and what was typed stays.
func TestWhatLiesElsewhereIsRefusedAtItsField(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), "nangang1", "daoli1")}
	s.on("2021-08-02")
	_, theirs := s.homesOf("daoli1")
	words := func(field, value string) string {
		t.Helper()
		a := s.fills("nangang1", "/bureau/records/new?item=HRB-N10", "/bureau/records/new", field, value, "event", "2021-07-28", "summary", "擅自停水停电", "then", "draft")
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "擅自停水停电") {
			t.Fatalf("%s %s: %d %s", field, value, a.status, complaint(a.body))
		}
		return strings.ReplaceAll(complaint(a.body), value, "")
	}
	nowhere := theirs[0][:12] + "9999"
	if a, b := words("project", theirs[0]), words("project", nowhere); a != b || !strings.Contains(a, "您的辖区内没有") {
		t.Errorf("a project elsewhere: %q, nowhere: %q", a, b)
	}
}

// What one person proposed stands on the to-do list of those who may decide it,
// not on the maker's own: a publication, and a draft rulebook once its comment
// period is over. Until then nobody is offered its adoption.
func TestWhatWantsASecondPersonStandsOnTheirList(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), "city1", "city2", "nangang1")}
	s.on("2021-10-08")
	run := s.does("city1", "/bureau/evaluations", "/bureau/evaluations", "purpose", credit.ForCycle, "on", "2021-09-30")
	s.settle()
	result := s.as("city1").get(t.Context(), run).to()
	s.does("city1", result, result+"/propose")
	listed := func(href string, want ...string) {
		t.Helper()
		for _, login := range []string{"city1", "city2", "nangang1"} {
			home := s.reads(login, "/bureau/")
			if has := strings.Contains(home, `href="`+href+`"`); has != slices.Contains(want, login) {
				t.Errorf("%s finds %s on the list: %v", login, href, has)
			}
		}
	}
	listed(result, "city2")
	if page := s.reads("city2", "/bureau/?machine=publication"); !strings.Contains(page, `href="`+result+`"`) {
		t.Error("the filter of publications hides it")
	}
	if page := s.reads("city2", "/bureau/?machine=rulebook"); strings.Contains(page, `href="`+result+`"`) {
		t.Error("the filter of rulebooks shows a publication")
	}
	s.approves(result)
	listed(result)

	text, err := rulebooks.Files.ReadFile("credit/harbin-2021.yaml")
	s.must(err)
	v, err := s.now.Rulebooks.Upload(t.Context(), s.people["city1"], []byte(strings.Replace(string(text), `version: "2021`, `version: "2022-01-01-draft-2021`, 1)))
	s.must(err)
	book := "/bureau/rulebooks/" + v.ID.String()
	if page := s.reads("city1", book); strings.Contains(page, "选填") {
		t.Error("the last day of comment is said to be optional")
	}
	if a := s.fills("city2", book, book, "act", "comment"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "征求意见截止日期") {
		t.Errorf("comment without a last day: %d %s", a.status, complaint(a.body))
	}
	s.does("city1", book, book, "act", "comment", "until", "2021-10-31")
	if page := s.reads("city2", book); strings.Contains(page, `value="adopt"`) || !strings.Contains(page, "2021-10-31") || !strings.Contains(page, "之后由上传人以外的人批准施行") {
		t.Error("adoption is offered while comments come in, or nothing says until when")
	}
	listed(book)
	s.on("2021-11-01")
	listed(book, "city2")
	if page := s.reads("city2", book); !strings.Contains(page, "批准后的变化 1 处") || !strings.Contains(page, "2022-01-01-draft") {
		t.Error("who adopts the draft does not read what it changes")
	}
	if page := s.reads("city1", book); !strings.Contains(page, "您上传了这份草案") {
		t.Error("who uploaded the draft is not told why another person adopts it")
	}
	s.does("city2", book, book, "act", "adopt")
	listed(book)
}

var counted = regexp.MustCompile(`(?s)<a class="figure[^"]*" href="([^"]+)">.*?<b>\s*([0-9,.]+).*?</b>(.*?)</a>|<a[^>]* href="((?:/league|/bureau/records)\?[^"]+)"[^>]*>\s*([0-9,]+)\s*</a>`)

// Every figure of the overview, the to-do lists and the home page leads to the
// list of just what it counted.
func TestEveryFigureLeadsToWhatItCounted(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), "city1", "nangang1", "street1", "community1")}
	rows := map[string]int{}
	for _, page := range []struct {
		login, path string
		least       int
	}{{"city1", "/bureau/overview", 12}, {"city1", "/bureau/", 4}, {"nangang1", "/bureau/", 4}, {"street1", "/bureau/", 1}, {"community1", "/bureau/", 1}, {"", "/", 6}} {
		found := 0
		for _, m := range counted.FindAllStringSubmatch(s.reads(page.login, page.path), -1) {
			href, n, of := html.UnescapeString(m[1]+m[4]), m[2]+m[5], ratio.FindStringSubmatch(m[3])
			if of != nil {
				n = of[1]
			}
			if strings.Contains(m[0], "万㎡") || strings.Contains(m[0], "<i>人</i>") {
				continue // of the projects, of the deeds: counted beside it, and added up in TestPeopleServedAreTheSumOfTheList
			}
			found++
			want, err := strconv.Atoi(strings.ReplaceAll(n, ",", ""))
			if err != nil {
				t.Errorf("%s of %q: %q", page.path, page.login, m[0])
				continue
			}
			if want == 0 {
				continue
			}
			key := page.login + href
			if _, read := rows[key]; !read {
				sep := "&"
				if !strings.Contains(href, "?") {
					sep = "?"
				}
				rows[key] = strings.Count(strings.TrimSpace(s.reads(page.login, href+sep+"format=csv")), "\n")
			}
			if rows[key] != want {
				t.Errorf("%s of %q: %d leads to %s with %d rows", page.path, page.login, want, href, rows[key])
			}
		}
		if found < page.least {
			t.Errorf("%s of %q has %d figures", page.path, page.login, found)
		}
	}
}

var ratio = regexp.MustCompile(`class="of">\s*([0-9,]+)\s*/`)

// A correction wants its reason and a published period no second evaluation: both
// are said in the form, before anything runs.
func TestAnEvaluationInVainIsRefusedInItsForm(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), "city1", "city2")}
	s.on("2021-10-08")
	s.evaluates(credit.ForCycle, "2021-09-30")
	for _, tt := range []struct{ purpose, why, want string }{
		{credit.ForCorrection, "", "请写明更正的原因"},
		{credit.ForCycle, "再来一次", "已经公布"},
	} {
		a := s.fills("city1", "/bureau/evaluations", "/bureau/evaluations", "purpose", tt.purpose, "on", "2021-09-30", "why", tt.why)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, tt.want) || !strings.Contains(a.body, `value="2021-09-30"`) {
			t.Errorf("%s: %d %s", tt.purpose, a.status, complaint(a.body))
		}
	}
	s.does("city1", "/bureau/evaluations", "/bureau/evaluations", "purpose", credit.ForCorrection, "on", "2021-09-30", "why", "法院判决")
}

// A draft shows the files that it was saved with, and hands them out.
func TestADraftShowsItsFiles(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), "nangang1", "daoli1")}
	s.on("2021-08-02")
	firm, homes := s.homesOf("nangang1")
	c := s.as("nangang1")
	f := c.form(t, "/bureau/records/new?item=HRB-N10", "/bureau/records/new", "enterprise", firm, "project", homes[0], "event", "2021-07-28", "summary", "擅自停水停电", "then", "draft")
	f.files = []file{{"files", "现场.pdf", []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\n%%EOF\n")}}
	sent := c.send(t, f)
	if sent.status != http.StatusSeeOther {
		t.Fatalf("the draft: %d %s", sent.status, complaint(sent.body))
	}
	draft := sent.to()
	page := s.reads("nangang1", draft)
	at := regexp.MustCompile(`href="(` + draft + `/files/[^"]+)"`).FindStringSubmatch(page)
	if at == nil || !strings.Contains(page, "现场.pdf") || strings.Contains(page, "没有上传材料") {
		t.Fatal("the draft does not show its file")
	}
	if body := s.reads("nangang1", at[1]); !strings.HasPrefix(body, "%PDF") {
		t.Error("the file is not handed out")
	}
	if a := s.as("daoli1").get(t.Context(), at[1]); a.status != http.StatusNotFound {
		t.Errorf("another district reads a draft's file: %d", a.status)
	}
}
