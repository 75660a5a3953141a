package resident

import (
	"testing"

	"juli/internal/day"
)

// PI-3: the times of which ratings are published share no day, so none is the
// difference of two others.
func TestTheTimesThatArePublishedShareNoDay(t *testing.T) {
	list := Quarters(day.MustParse("2021-11-30"))
	if list[0].String() != "2021Q4" || list[0].Title() != "2021年第四季度" || list[0].First() != day.MustParse("2021-10-01") || list[0].Last() != day.MustParse("2021-12-31") {
		t.Errorf("the running quarter is %v, %v to %v", list[0], list[0].First(), list[0].Last())
	}
	for i, q := range list {
		if i > 0 && q.Last().AddDays(1) != list[i-1].First() {
			t.Errorf("%v ends on %v, the next begins on %v", q, q.Last(), list[i-1].First())
		}
		for d := q.First(); d <= q.Last(); d = d.AddDays(1) {
			if QuarterOf(d) != q {
				t.Errorf("%v lies in %v and in %v", d, q, QuarterOf(d))
			}
		}
		if again, ok := ParseQuarter(q.String()); !ok || again != q {
			t.Errorf("%v is read as %v", q, again)
		}
		if q.Ended(q.Last()) || !q.Ended(q.Last().AddDays(1)) {
			t.Errorf("%v ends on another day than its last", q)
		}
	}
	for _, junk := range []string{"", "2021", "2021Q0", "2021Q5", "2021-10", "1021Q1", "2021Q1x"} {
		if q, ok := ParseQuarter(junk); ok {
			t.Errorf("%q is read as %v", junk, q)
		}
	}
}
