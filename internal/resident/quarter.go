package resident

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"juli/internal/day"
)

// A Quarter is the only time for which ratings are published: two that differ
// have no day in common, so what one withholds is never the difference of two
// that are shown. A rating belongs to the quarter in which it was given, so the
// figures of one that is over are final (PI-3).
type Quarter struct{ first day.Date }

var quarterLike = regexp.MustCompile(`^(20[0-9]{2})Q([1-4])$`)

// QuarterOf is the quarter of a day.
func QuarterOf(d day.Date) Quarter {
	first := d.FirstOfMonth()
	return Quarter{first.AddMonths(-(int(first.Month()-time.January) % 3))}
}

// ParseQuarter reads 2021Q3.
func ParseQuarter(s string) (q Quarter, ok bool) {
	m := quarterLike.FindStringSubmatch(s)
	if m == nil {
		return q, false
	}
	n, _ := strconv.Atoi(m[2])
	first, err := day.Parse(fmt.Sprintf("%s-%02d-01", m[1], 3*n-2))
	return Quarter{first}, err == nil
}

// First is its first day.
func (q Quarter) First() day.Date { return q.first }

// Last is its last day.
func (q Quarter) Last() day.Date { return q.first.AddMonths(3).AddDays(-1) }

// Before is the quarter before.
func (q Quarter) Before() Quarter { return Quarter{q.first.AddMonths(-3)} }

// Ended says whether it is over: what grows every day gives each day's away.
func (q Quarter) Ended(today day.Date) bool { return q.Last() < today }

func (q Quarter) number() int { return (int(q.first.Month()) + 2) / 3 }

// String is 2021Q3.
func (q Quarter) String() string { return fmt.Sprintf("%dQ%d", q.first.Year(), q.number()) }

// Title is 2021年第三季度.
func (q Quarter) Title() string {
	return fmt.Sprintf("%d年第%s季度", q.first.Year(), []string{"一", "二", "三", "四"}[q.number()-1])
}

const quartersMax = 12

// Quarters are those that a page offers, the running one first.
func Quarters(today day.Date) (list []Quarter) {
	for q := QuarterOf(today); len(list) < quartersMax; q = q.Before() {
		list = append(list, q)
	}
	return list
}
