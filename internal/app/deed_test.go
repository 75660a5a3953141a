package app_test

import (
	"encoding/csv"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"juli/internal/db"
	"juli/internal/deed"
)

var codeOnSheet = regexp.MustCompile(`\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b`)

// TestThoseServedConfirmByTheirCode: an official who did not work on the deed
// names people and prints the sheet; who has a code answers without an account,
// once; the page that everybody sees counts the answer and names nobody.
func TestThoseServedConfirmByTheirCode(t *testing.T) {
	tn := newTown(t)
	s := &story{clerk: newClerk(t, tn, "daoli1", "nangang1")}
	var id db.ID
	s.must(tn.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		id, err = db.Value[db.ID](t.Context(), tx, `SELECT id FROM deed WHERE state = $1 AND district = '230102' ORDER BY id DESC LIMIT 1`, deed.Done)
		return err
	}))
	page := "/bureau/deeds/" + id.String()
	if home := s.reads("daoli1", "/bureau/"); !strings.Contains(home, page) || !strings.Contains(home, "回访：") {
		t.Error("the to-do list does not lead to the call-back")
	}
	s.does("daoli1", page, page+"/names", "names", "王试验 13912340001\n李试验，0451-82345678")
	if told := s.reads("daoli1", page); strings.Contains(told, "王试验") || strings.Contains(told, "13912340001") {
		t.Error("the page shows names and numbers in clear")
	}
	sheet := s.reads("daoli1", page+"/sheet")
	codes := codeOnSheet.FindAllString(sheet, -1)
	if len(codes) != 2 || !strings.Contains(sheet, "王试验") || !strings.Contains(sheet, "13912340001") {
		t.Fatalf("the sheet: %d codes", len(codes))
	}
	if a := s.as("nangang1").get(t.Context(), page+"/sheet"); a.status != http.StatusNotFound {
		t.Errorf("another district reads the sheet: %d", a.status)
	}
	visitor := s.as("")
	send := func(code string) answer {
		return visitor.send(t, visitor.form(t, "/deeds/confirm", "/deeds/confirm", "slip", code, "solved", "yes", "satisfied", "no"))
	}
	if a := send("0000-0000-0000"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "核对回访单") {
		t.Errorf("no code: %d", a.status)
	}
	if a := send(strings.ToLower(codes[0])); a.status != http.StatusSeeOther || a.to() != "/deeds/"+id.String() {
		t.Fatalf("the code: %d %s", a.status, complaint(a.body))
	}
	if a := send(codes[0]); a.status != http.StatusUnprocessableEntity {
		t.Errorf("the same code again: %d", a.status)
	}
	told := s.reads("", "/deeds/"+id.String())
	if !strings.Contains(told, "已有 1 位受益群众答复（回访名单 2 位）：1 位说已解决，0 位满意") || strings.Contains(told, "试验") {
		t.Error("the public page does not count the answer, or names somebody")
	}
	if n := strings.Count(told, "<img "); n != 2 {
		t.Errorf("%d pictures of before and after", n)
	}
	src := regexp.MustCompile(`<img src="([^"]+)"`).FindStringSubmatch(told)
	if a := visitor.get(t.Context(), src[1]); a.status != http.StatusOK || a.header.Get("Content-Type") != "image/png" {
		t.Errorf("a picture: %d %s", a.status, a.header.Get("Content-Type"))
	}
	s.does("daoli1", page, page+"/publish", "open", "")
	if a := visitor.get(t.Context(), src[1]); a.status != http.StatusNotFound {
		t.Errorf("a picture of a deed that is not open: %d", a.status)
	}
	if a := visitor.get(t.Context(), "/deeds/"+id.String()); a.status != http.StatusNotFound {
		t.Errorf("a deed that is not open: %d", a.status)
	}
}

// TestPeopleServedAreTheSumOfTheList: the figure of people, the list it leads to,
// the districts' lines and the programmes' come out of the same rows.
func TestPeopleServedAreTheSumOfTheList(t *testing.T) {
	tn := newTown(t)
	s := &story{clerk: newClerk(t, tn, "city1")}
	figures, err := tn.Figures(t.Context(), 0)
	s.must(err)
	want := map[string]string{}
	for _, f := range figures {
		want[f.Key] = f.Value.String()
		if f.Key == "people_served" || f.Key == "deeds_solved" {
			rows, people := s.sum("city1", f.Records, "受益人数（人）")
			if got := map[string]int64{"people_served": people, "deeds_solved": rows}[f.Key]; strconv.FormatInt(got, 10) != f.Value.String() || got == 0 {
				t.Errorf("%s is %s, its list says %d", f.Key, f.Value, got)
			}
		}
	}
	rows, people := s.sum("", "/deeds?state=closed", "受益人数（人）")
	if strconv.FormatInt(rows, 10) != want["deeds_solved"] || strconv.FormatInt(people, 10) != want["people_served"] {
		t.Errorf("the public counts %d and %d, the city %s and %s", rows, people, want["deeds_solved"], want["people_served"])
	}
	home := s.reads("", "/")
	if figure := regexp.MustCompile(`(?s)实事受益.*?<b>\s*([0-9,]+)`).FindStringSubmatch(home); figure == nil || strings.ReplaceAll(figure[1], ",", "") != want["people_served"] {
		t.Errorf("the front page says %v, not %s", figure, want["people_served"])
	}
	for _, list := range []struct{ login, path string }{{"", "/deeds"}, {"city1", "/bureau/deeds"}} {
		page := s.reads(list.login, list.path)
		figure := regexp.MustCompile(`(?s)<a class="figure[^"]*" href="([^"]+)">\s*<span class="label">受益人数.*?<b>\s*([0-9,]+)`).FindStringSubmatch(page)
		if figure == nil || strings.ReplaceAll(figure[2], ",", "") != want["people_served"] || !strings.Contains(figure[1], "state=closed") {
			t.Errorf("%s says %v, the front page %s", list.path, figure, want["people_served"])
		}
	}
	whole := s.reads("", "/deeds/districts")
	total := regexp.MustCompile(`(?s)全市.*?>([0-9,]+)</a>.*?>([0-9,]+)</a>`).FindStringSubmatch(whole[strings.Index(whole, "<tfoot"):])
	if total == nil || strings.ReplaceAll(total[2], ",", "") != want["people_served"] {
		t.Errorf("the districts add up to %v", total)
	}
}

// sum reads a list as a file: how many rows, and what a column adds up to.
func (s *story) sum(login, path, column string) (rows, total int64) {
	s.t.Helper()
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(s.reads(login, path+sep+"format=csv"), "\ufeff"))).ReadAll()
	s.must(err)
	at := -1
	for i, head := range all[0] {
		if head == column {
			at = i
		}
	}
	for _, row := range all[1:] {
		n, err := strconv.ParseInt(row[at], 10, 64)
		s.must(err)
		rows++
		total += n
	}
	return rows, total
}
