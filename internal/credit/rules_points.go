package credit

import (
	"math"

	"juli/internal/money"
	"juli/internal/rulebook"
)

// pointsOf is what a record that counts is worth.
func (e *Evaluator) pointsOf(r *Record, it *Item) (money.Points, Reason) {
	pts, reason := it.Points, Counted
	switch it.Mode {
	case levelPoints:
		if r.Level == 0 || int(r.Level) > len(it.Levels) {
			return 0, NoLevel
		}
		pts = it.Levels[r.Level-1].Points
	case discretionPoints:
		pts, reason = e.discretion(r, it)
	case bandPoints, ratioPoints, unitPoints:
		value := r.Value
		if it.Mode == unitPoints && value == 0 {
			value = money.Point
		}
		pts, reason = it.measured(value)
	case fixedPoints, parentPoints:
	}
	if reason == Counted && e.repaired(r) { // the effect is "reduce"
		pts = share(pts, e.book.Repair.Share)
	}
	return pts, reason
}

// discretion takes the points that the identifying body chose (PC-17).
func (e *Evaluator) discretion(r *Record, it *Item) (money.Points, Reason) {
	pts := r.Points
	sign := e.book.Classes[it.Class].Sign
	if sign != 0 && pts < 0 {
		pts = -pts
	}
	switch {
	case it.NeedReason && !r.Reasoned:
		return 0, NoReasonGiven
	case pts < it.Min || pts > it.Max:
		return 0, OutOfRange
	case sign < 0:
		return -pts, Counted
	}
	return pts, Counted
}

// measured gives points for a measure: by band, ratio or unit (PC-16, PC-20).
func (it *Item) measured(v money.Points) (money.Points, Reason) {
	switch it.Mode {
	case bandPoints:
		for i := range it.Bands {
			if b := &it.Bands[i]; b.Bounds.holds(v, b.MinOpen, b.MaxOpen) {
				return b.Points, Counted
			}
		}
		return 0, NoLevel
	case ratioPoints:
		return share(it.Points, min(max(v, 0), money.Point)), Counted
	case unitPoints:
		return share(it.Points, max(v, 0)), Counted
	case levelPoints:
		if n := int(v / money.Point); n >= 1 && n <= len(it.Levels) {
			return it.Levels[n-1].Points, Counted
		}
		return 0, NoLevel
	case fixedPoints, discretionPoints, parentPoints:
		if v == 0 {
			return 0, ConditionFalse
		}
	}
	return it.Points, Counted
}

// share is points × a share of one, rounded half up to 0.0001 and bounded.
func share(p, of money.Points) money.Points {
	n, err := money.MulDiv(int64(p), int64(of), int64(money.Point), money.HalfUp)
	if err != nil { // beyond the type
		n = math.MaxInt64
		if (p < 0) != (of < 0) {
			n = -n
		}
	}
	return bounded(money.Points(n))
}

// bounded keeps what enters a sum within the bound of a rulebook's own points:
// a term is at most 10¹⁰ units, so that a sum turns over only beyond 9 × 10⁸
// terms, more than an enterprise's rows in memory can be.
func bounded(p money.Points) money.Points {
	return min(max(p, -rulebook.PointsMax), rulebook.PointsMax)
}
