package app_test

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var rateLink = regexp.MustCompile(`<a[^>]* href="(/bureau/reports\?[^"]+|/reports/ratings\?[^"]+)"[^>]*>\s*([0-9,]+)\s*</a>`)

// The officials' page of rates counts what lies in their own area, by district,
// street and enterprise, and each count leads to just those rows.
func TestRatesOfAnAreaLeadToTheirRows(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), "city1", "nangang1", "street1")}
	s.on("2021-10-08") // the quarter of the town's last weeks is over
	for _, login := range []string{"city1", "nangang1", "street1"} {
		if !strings.Contains(s.reads(login, "/bureau/reports"), `href="/bureau/reports/rates"`) {
			t.Errorf("%s finds no way to the rates", login)
		}
		checked := 0
		for _, by := range []string{"", "?by=street", "?by=enterprise"} {
			page := s.reads(login, "/bureau/reports/rates"+by)
			if strings.Contains(page, "没有符合条件的记录") {
				t.Errorf("%s: the page%s says that nothing is there", login, by)
			}
			for i, m := range rateLink.FindAllStringSubmatch(page, -1) {
				if i > 24 { // the others are like these
					break
				}
				want, err := strconv.Atoi(strings.ReplaceAll(m[2], ",", ""))
				s.must(err)
				href := html.UnescapeString(m[1])
				if got := strings.Count(strings.TrimSpace(s.reads(login, href+"&format=csv")), "\n"); got != want && want > 0 {
					t.Errorf("%s: %d leads to %s with %d rows", login, want, href, got)
				}
				checked++
			}
		}
		if checked < 10 {
			t.Errorf("%s: only %d counts", login, checked)
		}
	}
	for _, other := range []string{"230102", "239999"} {
		if a := s.as("nangang1").get(t.Context(), "/bureau/reports/rates?district="+other); a.status != 400 {
			t.Errorf("another district's rates: %d", a.status)
		}
	}
}
