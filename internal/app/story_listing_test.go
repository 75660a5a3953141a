//go:build !postgres

package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"juli/internal/city"
	"juli/internal/db"
)

// A list from a new batch to the public page, by forms alone and led by the to-do
// lists: rules and a nomination find the candidates, another person of the district
// looks, the enterprise answers, one official approves, another publishes with a
// fresh second factor; the reply stands beside the entry; the entry is corrected by
// two persons, and the one before it is taken off by repair.
func TestAListGoesFromItsCandidatesToThePublicPage(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), everybody...)}
	s.on("2021-08-02")
	at, entry := s.batchOfAProject()
	s.reviews(at, entry)
	public := "/lists/entries/" + strings.TrimPrefix(entry, "/bureau/list-entries/")
	if s.as("").get(t.Context(), public).status != http.StatusNotFound {
		t.Error("an entry on its way has a public page")
	}
	s.answers(entry)
	s.publishes(at, public)
	s.again()
	s.mends(entry, public)
}

// batchOfAProject begins a batch for which a district names a project of firm1.
func (s *story) batchOfAProject() (at, entry string) {
	t := s.t
	at = s.does("city1", "/bureau/lists/new", "/bureau/lists/new", "sides", "BOTH", "theme", "DAILY", "from", "2021-06-01", "to", s.now.DB.Now().Format("2006-01-02"), "media", "哈尔滨日报")
	project := s.homeOf("firm1", "nangang1", "daoli1")
	namer := project.login
	if bad := s.fills(namer, at+"/nominate", at+"/nominate", "side", "BLACK", "kind", "PROJECT", "subject", project.code, "reason", "请致电 13812345678"); bad.status != http.StatusUnprocessableEntity {
		t.Errorf("a reason with a telephone number: %d", bad.status)
	}
	if a := s.attaches(namer, at+"/nominate", at+"/nominate", "side", "BLACK", "kind", "PROJECT", "subject", project.code, "reason", "绿化带堆放垃圾"); a.status != http.StatusSeeOther {
		t.Fatalf("nominating: %d %s", a.status, complaint(a.body))
	}
	id := s.where(`SELECT MAX(id) FROM listing_entry WHERE origin = 'NOMINATION'`)
	if !strings.Contains(s.reads("city1", at+"/candidates?side=BLACK"), id.String()) {
		t.Fatal("the nomination is not among the candidates")
	}
	s.narrows(at+"/candidates", id)
	s.does("city1", at+"/candidates", at+"/candidates", "entry", id.String())
	s.does("city1", at, at, "act", "score")
	if !strings.Contains(s.reads("city1", "/bureau/?machine=listing_batch"), at) {
		t.Error("the batch is not on the city's to-do list")
	}
	s.does("city1", at, at, "act", "send")
	return at, "/bureau/list-entries/" + id.String()
}

// again has the same project named in the next batch: the district finds on its
// to-do list what that calls for, and says what came of it.
func (s *story) again() {
	t := s.t
	s.on("2021-08-30")
	at, entry := s.batchOfAProject()
	s.reviews(at, entry)
	s.on("2021-09-08") // nobody answered within the term
	if _, err := s.now.Listing.Advance(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.does("city1", at, at, "act", "approve")
	s.does("city2", at, at+"/publish", "decision", "publish")
	h := s.homeOf("firm1", "nangang1", "daoli1")
	follow := s.one(s.reads(h.login, "/bureau/?machine=listing_followup"), `href="(/bureau/list-followups/[0-9A-Z]{13})"`)
	if page := s.reads(h.login, follow); !strings.Contains(page, "连续 2 批列入黑榜") {
		t.Error("the follow-up does not say why")
	}
	s.does(h.login, follow, follow, "note", "已约谈企业负责人，承诺一周内整改。")
	if strings.Contains(s.reads(h.login, "/bureau/?machine=listing_followup"), follow) {
		t.Error("what was done still waits")
	}
	if list := s.reads(h.login, "/bureau/list-followups?state=done"); !strings.Contains(list, "承诺一周内整改") {
		t.Error("the result is not on the list")
	}
}

// A home is a project with somebody of its district.
type home struct{ code, login, colleague string }

// homeOf is a project of an enterprise in one of the districts of some officials.
func (s *story) homeOf(firm string, officials ...string) (h home) {
	s.t.Helper()
	uscc := string(s.actor(s.t, firm).Grants[0].Scope.Enterprise)
	for _, login := range officials {
		at := string(s.actor(s.t, login).Grants[0].Scope.Division)
		err := s.DB.Read(s.t.Context(), func(tx *db.Tx) (err error) {
			h.code, err = db.Value[string](s.t.Context(), tx, `SELECT COALESCE(MIN(code), '') FROM project WHERE enterprise = $1 AND division >= $2 AND division < $3
				AND NOT EXISTS (SELECT 1 FROM supervision_case c WHERE c.project = project.code)`, uscc, at, at+":")
			return err
		})
		s.must(err)
		if h.code != "" {
			h.login, h.colleague = login, strings.TrimSuffix(login, "1")+"2"
			return h
		}
	}
	s.t.Fatal("the enterprise has no project there without a case")
	return h
}

func (s *story) reviews(at, entry string) {
	t := s.t
	h := s.homeOf("firm1", "nangang1", "daoli1")
	if a := s.fills(h.login, entry, entry, "act", "confirm"); a.status != http.StatusForbidden {
		t.Errorf("who nominated reviews: %d", a.status)
	}
	if !strings.Contains(s.reads(h.colleague, "/bureau/?machine=listing_entry"), entry) {
		t.Error("the entry is not on the district's to-do list")
	}
	s.does(h.colleague, entry, entry, "act", "confirm")
	if page := s.reads("city1", at); !strings.Contains(page, "企业陈述申辩中") {
		t.Error("the batch does not wait for replies")
	}
}

func (s *story) answers(entry string) {
	t := s.t
	own := "/enterprise/lists/" + strings.TrimPrefix(entry, "/bureau/list-entries/")
	if !strings.Contains(s.reads("firm1", "/enterprise/"), own) {
		t.Error("the entry is not on the enterprise's to-do list")
	}
	if s.as("firm2").get(t.Context(), own).status != http.StatusNotFound {
		t.Error("another enterprise sees what is to be published")
	}
	if page := s.reads("firm1", own); !strings.Contains(page, "2021-08-09") { // five working days from the Monday
		t.Error("the page does not tell the last day")
	}
	if a := s.attaches("firm1", own+"/reply", own+"/reply", "text", "垃圾当天已清运，并约谈了领班，保洁人员已增加。"); a.status != http.StatusSeeOther {
		t.Fatalf("replying: %d %s", a.status, complaint(a.body))
	}
	file := regexp.MustCompile(regexp.QuoteMeta(own) + `/files/[0-9A-Z]+`).FindString(s.reads("firm1", own))
	if file == "" || s.as("firm1").get(t.Context(), file).status != http.StatusOK {
		t.Errorf("the enterprise cannot read what it handed in: %q", file)
	}
	if s.as("firm2").get(t.Context(), own+"/files/"+file[strings.LastIndex(file, "/")+1:]).status != http.StatusNotFound {
		t.Error("another enterprise reads it too")
	}
}

// TestAnEstatesPageLeadsToWhatIsSaidOfIt: it begins with the way to report, and its
// figures lead to the lists of just what they count.
func TestAnEstatesPageLeadsToWhatIsSaidOfIt(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t))}
	var code, firm string
	s.must(s.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		if code, err = db.Value[string](t.Context(), tx, `SELECT project FROM supervision_case WHERE verified IS NOT NULL ORDER BY id LIMIT 1`); err != nil {
			return err
		}
		firm, err = db.Value[string](t.Context(), tx, `SELECT enterprise FROM supervision_case WHERE project = $1 AND verified IS NOT NULL ORDER BY id LIMIT 1`, code)
		return err
	}))
	for page, ask := range map[string]string{"/projects/" + code: "?project=" + code, "/enterprises/" + firm: "?enterprise=" + firm} {
		body := s.reads("", page)
		for _, list := range []string{"/cases", "/reports", "/lists/entries"} {
			if !strings.Contains(body, `href="`+list+ask+`"`) {
				t.Errorf("%s does not lead to %s", page, list+ask)
			}
		}
		if rows := strings.Count(s.reads("", "/cases"+ask), `href="/cases/`); rows == 0 {
			t.Errorf("the cases of %s are an empty list", page)
		}
	}
	if !strings.Contains(s.reads("", "/projects/"+code), `href="/report/new/`+code+`"`) {
		t.Error("the estate's page does not lead to reporting")
	}
}

func (s *story) publishes(at, public string) {
	t := s.t
	if a := s.fills("city1", at, at, "act", "approve"); a.status == http.StatusSeeOther || !strings.Contains(a.body, "还没有写明采纳或不采纳") {
		t.Errorf("approved with a reply of which nobody said what becomes of it: %d", a.status)
	}
	entry := "/bureau/list-entries/" + strings.TrimPrefix(public, "/lists/entries/")
	s.does("city1", entry, entry, "act", "adopt", "text", "经复查属实，公布时写明已清运。")
	s.does("city1", at, at, "act", "approve")
	if page := s.reads("city1", at); strings.Contains(page, at+"/publish") {
		t.Error("who approved may publish")
	}
	s.withholds(at, public)
	s.settle()
	page := s.reads("", public)
	for _, want := range []string{"绿化带堆放垃圾", "垃圾当天已清运", "采纳。经复查属实，公布时写明已清运。", "在榜至", "评分样表"} {
		if !strings.Contains(page, want) && !strings.Contains(s.reads("", "/lists/entries"), want) {
			t.Errorf("the public page does not say %s", want)
		}
	}
	if strings.Contains(page, "整改照片") {
		t.Error("the enterprise's papers are public")
	}
	if list := s.reads("", "/lists/entries?side=BLACK&counted=1"); !strings.Contains(list, public) {
		t.Error("the entry is not on the public list")
	}
	if log := s.reads("", "/log"); !strings.Contains(log, "公布红黑榜") {
		t.Error("the public log does not tell of the batch")
	}
	h := s.homeOf("firm1", "nangang1", "daoli1")
	if page := s.reads("", "/projects/"+h.code); !strings.Contains(page, "列入黑榜") {
		t.Error("the project's page does not show the listing")
	}
	for _, format := range []string{"csv", "xlsx"} {
		if a := s.as("").get(t.Context(), "/lists/entries?format="+format); a.status != http.StatusOK || len(a.body) < 100 {
			t.Errorf("the list as %s: %d, %d bytes", format, a.status, len(a.body))
		}
	}
	if open := s.as("").get(t.Context(), "/open-data/lists.csv"); open.status != http.StatusOK || !strings.Contains(open.body, "绿化带堆放垃圾") {
		t.Errorf("the open data: %d", open.status)
	}
}

// withholds has the second person read the reply before everybody does, keep a name
// in it from the public, and publish.
func (s *story) withholds(at, public string) {
	t := s.t
	page := s.reads("city2", at)
	if !strings.Contains(page, "垃圾当天已清运") || !strings.Contains(page, "逐条看过将公开的 1 条申辩") {
		t.Fatal("who publishes does not read what will be public")
	}
	if strings.Contains(s.reads("city1", at), at+"/withhold") {
		t.Error("who approved may withhold")
	}
	word := s.where(`SELECT MAX(id) FROM listing_word WHERE kind = 'REPLY'`).String()
	if a := s.fills("city2", at, at+"/withhold", "word", word, "passage", "没有这段", "why", "NAME"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "这条申辩里没有这段文字") {
		t.Errorf("a passage that is not there: %d", a.status)
	}
	s.does("city2", at, at+"/withhold", "word", word, "passage", "垃圾", "why", "OTHER")
	s.does("city2", at, at+"/uncover", "word", word)
	s.does("city2", at, at+"/withhold", "word", word, "passage", "并约谈了领班", "why", "OTHER")
	if a := s.fills("city2", at, at+"/publish", "decision", "publish"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "逐条看过将公开的申辩后，请勾选确认") {
		t.Errorf("publishing unseen: %d", a.status)
	}
	s.does("city2", at, at+"/publish", "decision", "publish", "seen", "1")
	if page := s.reads("", public); strings.Contains(page, "领班") || !strings.Contains(page, "此处6字涉及个人信息（其他个人信息），不公开") {
		t.Error("the public reads what was withheld, or not that something was")
	}
	own := "/enterprise/lists/" + strings.TrimPrefix(public, "/lists/entries/")
	if page := s.reads("firm1", own); !strings.Contains(page, "并约谈了领班") || !strings.Contains(page, "公开页隐去 6 字") {
		t.Error("the enterprise does not read what is withheld of its reply")
	}
}

// mends has an enterprise apply for repair, and two officials correct the entry.
func (s *story) mends(entry, public string) {
	t := s.t
	s.on("2021-11-01")
	own := "/enterprise/lists/" + strings.TrimPrefix(entry, "/bureau/list-entries/")
	if a := s.attaches("firm1", own+"/repair", own+"/repair", "text", "已整改并请社区确认，申请移出。"); a.status != http.StatusSeeOther {
		t.Fatalf("applying for repair: %d %s", a.status, complaint(a.body))
	}
	if page := s.reads("city1", entry); strings.Contains(page, `value="grant-repair"`) {
		t.Error("who took the entry in decides the repair")
	}
	s.does("city2", entry, entry, "act", "deny-repair", "text", "复查时仍有垃圾堆放，不予移出。")
	s.does("city1", entry, entry, "act", "ask-correct", "text", "检查记录写错了楼号")
	if page := s.reads("city1", entry); strings.Contains(page, entry+"/correct") {
		t.Error("who asked for the correction decides it")
	} else if !strings.Contains(page, "须由另一人办理：您已办理“提请更正”") {
		t.Error("who asked for the correction is not told why another person decides")
	}
	if page := s.reads("city2", entry); !strings.Contains(page, "要决定的更正") || !strings.Contains(page, "检查记录写错了楼号") || !strings.Contains(page, "保留并标明撤销") {
		t.Error("who decides the correction does not read why it is asked for and what it changes")
	}
	s.does("city2", entry, entry+"/correct", "decision", "annul", "text", "经核对，检查记录写错，予以撤销。")
	s.settle()
	if page := s.reads("", public); !strings.Contains(page, "更正撤销") || !strings.Contains(page, "绿化带堆放垃圾") {
		t.Error("the corrected entry is not shown as corrected")
	}
	if list := s.reads("", "/lists/entries?side=BLACK&counted=1"); strings.Contains(list, public) {
		t.Error("the corrected entry is counted")
	}
	log := html.UnescapeString(s.reads("", "/log"))
	if !strings.Contains(log, "更正撤销红黑榜条目") {
		t.Error("the public log does not tell of the correction")
	}
	proof := regexp.MustCompile(`href="(/log/entries/[0-9]+/proof)"`).FindStringSubmatch(log)
	key := strings.TrimSpace(s.reads("", "/log/key"))
	if proof == nil || s.as("").get(t.Context(), proof[1]).status != http.StatusOK || !strings.Contains(log, "juli verify --key '"+key+"' juli-") {
		t.Errorf("the public log does not say how one checks an entry oneself: %v, key %q", proof, key)
	}
	for _, doubled := range []string{"区区县", "居委会社区居委会"} {
		if strings.Contains(log, doubled) {
			t.Errorf("the log names a body %s", doubled)
		}
	}
}

// TestTheListsOfTheDemoCityAreCounted: the story's batches stand as records, each
// figure leads to a list of just what it counted, and somebody has work to do.
func TestTheListsOfTheDemoCityAreCounted(t *testing.T) {
	if city.Small.Projects != 60 {
		t.Fatal("another small city")
	}
	s := &story{clerk: newClerk(t, newTown(t), "city1", "firm1")}
	s.on("2021-07-31")
	figures, err := s.now.Figures(t.Context(), 0)
	s.must(err)
	n := map[string]string{}
	for _, f := range figures {
		n[f.Key] = string(f.Value)
		if strings.HasSuffix(f.Key, "_entries") {
			page := s.reads("", f.Records)
			if got := strings.Count(page, `href="/lists/entries/`); n[f.Key] == "0" || strconv.Itoa(got) != n[f.Key] {
				t.Errorf("%s is %s, its list shows %d", f.Key, n[f.Key], got)
			}
		}
	}
	if n["list_batches"] != "4" { // the fifth is not published yet
		t.Errorf("%s batches", n["list_batches"])
	}
	if !strings.Contains(s.reads("firm1", "/enterprise/"), "/enterprise/lists/") {
		t.Error("the largest enterprise has nothing to answer")
	}
	if !strings.Contains(s.reads("city1", "/bureau/"), "/bureau/lists/") {
		t.Error("the city has no batch to look after")
	}
}

// ownEntry is an entry that an enterprise was told of.
func (s *story) ownEntry(firm string) string {
	s.t.Helper()
	uscc := string(s.actor(s.t, firm).Grants[0].Scope.Enterprise)
	return "/enterprise/lists/" + s.where(`SELECT COALESCE(MIN(id), 0) FROM listing_entry WHERE notified_on IS NOT NULL AND enterprise = '`+uscc+`'`).String()
}

// narrows finds a candidate by name and district; a form sent without a choice
// comes back with the same side, name and district.
func (s *story) narrows(at string, id db.ID) {
	s.t.Helper()
	name := s.word(`SELECT name FROM listing_entry WHERE id = $1`, id)
	district := s.word(`SELECT division FROM listing_entry WHERE id = $1`, id)[:6]
	narrow := at + "?" + url.Values{"district": {district}, "q": {name}, "side": {"BLACK"}}.Encode()
	if page := s.reads("city1", narrow); !strings.Contains(page, id.String()) {
		s.t.Errorf("%s is not found by its name and district", name)
	}
	for _, other := range []url.Values{{"q": {"没有这个名称"}}, {"side": {"RED"}}, {"district": {"230111"}, "q": {name}}} {
		if page := s.reads("city1", at+"?"+other.Encode()); strings.Contains(page, id.String()) {
			s.t.Errorf("%s is among the candidates of %v", name, other)
		}
	}
	refused := s.fills("city1", narrow, narrow)
	if refused.status != http.StatusUnprocessableEntity || !strings.Contains(refused.body, id.String()) || !strings.Contains(refused.body, `value="`+name+`"`) {
		s.t.Errorf("a form without a choice: %d, and what was searched for is lost", refused.status)
	}
	on := slices.DeleteFunc(nodesOf(refused.body, "a", "chip"), func(x *html.Node) bool { return !current(x) })
	if len(on) == 0 || !strings.Contains(textOf(on[0]), "黑榜") {
		s.t.Error("a form without a choice falls back to both sides")
	}
}

func current(n *html.Node) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "aria-current" })
}

// word reads one text.
func (s *story) word(query string, args ...any) (out string) {
	s.t.Helper()
	s.must(s.DB.Read(s.t.Context(), func(tx *db.Tx) (err error) {
		out, err = db.Value[string](s.t.Context(), tx, query, args...)
		return err
	}))
	return out
}
