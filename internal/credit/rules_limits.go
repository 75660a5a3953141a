package credit

import (
	"cmp"
	"slices"

	"juli/internal/day"
	"juli/internal/money"
)

// repeatAndMax applies the repeat rule, then the maximum, in the order of dates.
func (e *Evaluator) repeatAndMax(it *Item, rows []row) {
	if it.Repeat != nil && it.Repeat.Kind != "add" {
		repeated(it.Repeat, rows)
	}
	if it.Limit != nil {
		e.limited(it.Limit, rows)
	}
}

// repeated weighs the second, third … record within the window after the one
// before it (PC-21).
func repeated(rule *Repeat, rows []row) {
	nth, last := 0, day.Date(0)
	for i := range rows {
		r := &rows[i]
		if !r.reason.Counts() {
			continue
		}
		if nth > 0 && r.date > addTerm(last, rule.Window) {
			nth = 0
		}
		if nth == 0 || rule.Kind == "factors" {
			last = r.date
		}
		nth++
		if rule.Kind == "once" {
			if nth > 1 {
				r.drop(Repetition)
			}
			continue
		}
		r.points = share(r.points, rule.Factors[min(nth, len(rule.Factors))-1])
	}
}

// limited stops counting at the item's maximum within each window (PC-20). Of
// more records than may count the highest do, of equal ones the earlier; the
// record that passes the points counts in part, in the order of dates.
func (e *Evaluator) limited(m *Max, rows []row) {
	for lo := 0; lo < len(rows); {
		window, hi := e.book.windowStart(m.Per, rows[lo].date, e.period), lo+1
		for hi < len(rows) && e.book.windowStart(m.Per, rows[hi].date, e.period) == window {
			hi++
		}
		if m.Count > 0 {
			e.highestOnly(m.Count, rows[lo:hi])
		}
		if m.HasPoints {
			cutPoints(m.Points, rows[lo:hi])
		}
		lo = hi
	}
}

// highestOnly lets the n highest count.
func (e *Evaluator) highestOnly(n int, rows []row) {
	e.group = e.group[:0]
	for i := range rows {
		if rows[i].reason.Counts() {
			e.group = append(e.group, int32(i))
		}
	}
	if len(e.group) <= n {
		return
	}
	slices.SortStableFunc(e.group, func(x, y int32) int { return cmp.Compare(size(rows[y].points), size(rows[x].points)) })
	for _, i := range e.group[n:] {
		rows[i].drop(OverMax)
	}
}

// cutPoints lets rows count up to some points.
func cutPoints(most money.Points, rows []row) {
	var sum money.Points
	for i := range rows {
		r := &rows[i]
		if !r.reason.Counts() {
			continue
		}
		room := most - sum
		switch {
		case room <= 0:
			r.drop(OverMax)
		case size(r.points) > room:
			if r.points < 0 {
				room = -room
			}
			r.points, r.reason, sum = room, PartlyCounted, most
		default:
			sum += size(r.points)
		}
	}
}
