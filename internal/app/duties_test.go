package app_test

import (
	"regexp"
	"strings"
	"testing"

	"juli/internal/db"
	reports "juli/internal/resident"
)

// TestAResidentIsToldWhoAnswersForWhat: the page says of every topic what the
// rulebook would do with a report of it, and which days hold.
func TestAResidentIsToldWhoAnswersForWhat(t *testing.T) {
	tn := newTown(t)
	var book *reports.Book
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		book, err = tn.Reports.Books.InForce(t.Context(), tx, tx.Today())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(tn.site)
	body := c.get(t.Context(), "/duties").body
	rows := map[string]string{} // title → the row's words
	for _, m := range regexp.MustCompile(`(?s)<tr role="row"><th role="rowheader"[^>]*>(.*?)</th>(.*?)</tr>`).FindAllStringSubmatch(body, -1) {
		title, _, _ := strings.Cut(m[1], "<")
		rows[strings.TrimSpace(title)] = m[2]
	}
	for _, x := range book.Topics {
		to := book.RouteOf("HELP", x.Code, true)
		want := []string{to.To.Title(), to.Department, to.Review.Title(), "见下"}
		if !to.Answer.IsZero() {
			want[3] = to.Answer.Chinese()
		}
		for _, words := range want {
			if !strings.Contains(rows[x.Title], words) {
				t.Errorf("%s: the page says %q, not %q", x.Title, rows[x.Title], words)
			}
		}
		if bare := book.RouteOf("HELP", x.Code, false); bare.Code != to.Code && !regexp.MustCompile(`没有物业企业的小区：[^<]*`+x.Title+`[^<]*由`+bare.To.Title()+`答复`).MatchString(body) {
			t.Errorf("%s: who answers without an enterprise isn't said", x.Title)
		}
	}
	for _, x := range book.Classes {
		if !strings.Contains(rows[x.Title], x.Answer.Chinese()) {
			t.Errorf("%s: the page says %q, not %s", x.Title, rows[x.Title], x.Answer.Chinese())
		}
	}
	if a := c.get(t.Context(), "/duties/matrix"); a.status != 200 || !strings.Contains(a.body, "办事权限") || !strings.Contains(body, `href="/duties/matrix"`) {
		t.Errorf("%d: the duty matrix isn't reached", a.status)
	}
}
