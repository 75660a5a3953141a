package credit

import (
	"slices"

	"juli/internal/db"
	"juli/internal/money"
)

// A Shift is a part of a score that differs from the result before: a line that is
// new, that went, or that adds another number of points.
type Shift struct {
	Kind   LineKind
	Item   *Item  // nil for lines without an item
	Class  string // the class's title, "" for lines without one
	Record db.ID  // 0 without a record
	From   Subject
	Reason Reason // of the line as it stands now; of the old one if it went
	Gone   bool   // the later result has no such line
	New    bool   // the earlier result has no such line

	Before, After money.Points
}

// Shifts compares two results of a subject, the greatest difference first. The
// differences add up to that of the scores, since a score is the sum of its lines.
func Shifts(was *Outcome, wasBook *Book, is *Outcome, isBook *Book) []Shift {
	type key struct {
		kind   LineKind
		item   string
		record db.ID
		from   Subject
		class  string
	}
	var order []key
	shifts := map[key]*Shift{}
	read := func(o *Outcome, b *Book, add func(m *Shift, l *Line)) {
		for i := range o.Lines {
			l := &o.Lines[i]
			k := key{kind: l.Kind, record: l.Record, from: l.From}
			it := b.Item(l.Item)
			if it != nil {
				k.item = it.Code
			}
			if l.Class >= 0 {
				k.class = b.Classes[l.Class].Code
			}
			m := shifts[k]
			if m == nil {
				m = &Shift{Kind: l.Kind, Record: l.Record, From: l.From, New: true, Gone: true}
				shifts[k], order = m, append(order, k)
			}
			m.Item, m.Reason = it, l.Reason
			if l.Class >= 0 {
				m.Class = b.Classes[l.Class].Title
			}
			add(m, l)
		}
	}
	read(was, wasBook, func(m *Shift, l *Line) { m.Before, m.New = m.Before+l.Points, false })
	read(is, isBook, func(m *Shift, l *Line) { m.After, m.Gone = m.After+l.Points, false })
	var out []Shift
	for _, k := range order {
		if m := shifts[k]; m.Before != m.After {
			out = append(out, *m)
		}
	}
	size := func(m Shift) money.Points { return max(m.After-m.Before, m.Before-m.After) }
	slices.SortStableFunc(out, func(a, b Shift) int { return int(size(b) - size(a)) })
	return out
}
