package credit

import (
	"slices"

	"juli/internal/money"
)

// derive hands counted rows on to other subjects (PC-23, PC-24) and reports
// whether it added any.
func (e *Evaluator) derive() bool {
	n := len(e.rows)
	for i := range n {
		r := e.rows[i]
		it := e.book.Item(r.item())
		if it == nil || !r.reason.Counts() || r.kind == DerivedLine || len(it.Also) == 0 && len(e.book.Derive) == 0 {
			continue
		}
		for a := range it.Also {
			e.also(&r, it, a)
		}
		e.deriveByRule(&r, it)
	}
	return len(e.rows) > n
}

// also applies one "also" of an item: its own points or level table, or a share.
func (e *Evaluator) also(r *row, it *Item, n int) {
	a := &it.Also[n]
	pts := a.Points
	switch {
	case a.Share != 0:
		pts = share(r.points, a.Share)
	case len(a.Levels) > 0:
		level := uint8(0)
		if r.rec >= 0 {
			level = e.bundle.Records[r.rec].Level
		}
		if level == 0 || int(level) > len(a.Levels) {
			return
		}
		pts = a.Levels[level-1]
	}
	e.derived(r, a.Subject, ByEvent, a.Class, pts, int16(n+1))
}

func (e *Evaluator) deriveByRule(r *row, it *Item) {
	from := e.kindOf(r.slot())
	for n := range e.book.Derive {
		d := &e.book.Derive[n]
		fromFits := d.From == from || d.From == Enterprise && from == Branch
		classFits := len(d.Classes) == 0 || slices.Contains(d.Classes, it.Class)
		signFits := d.Sign == 0 || d.Sign > 0 && r.points > 0 || d.Sign < 0 && r.points < 0
		named := slices.ContainsFunc(it.Also, func(a Also) bool { return a.Subject == d.To })
		if !fromFits || !classFits || !signFits || named {
			continue // the item's own "also" goes before the general rule
		}
		class := d.ToClass
		if class < 0 {
			class = it.Class
		}
		e.derived(r, d.To, d.Placed, class, share(r.points, d.Share), int16(-1-n))
	}
}

// derived adds the row to whoever it goes to: the manager in charge on the day,
// the enterprise that held the project on the day.
func (e *Evaluator) derived(r *row, to SubjectKind, on DateChoice, class int16, pts money.Points, via int16) {
	add := func(slot int32) {
		d := *r
		d.key, d.points, d.via, d.src, d.kind = rowKey(slot, class, r.item()), pts, via, r.slot(), DerivedLine
		e.rows = append(e.rows, d)
	}
	when, slot := r.date, r.slot()
	var rec Record
	if r.rec >= 0 {
		rec = e.bundle.Records[r.rec]
		when = rec.date(on)
	}
	switch to {
	case Manager, Staff:
		rec.Event = when
		e.eachManager(&rec, slot, add)
	case Enterprise, Branch:
		if slot == 0 || int(slot) <= len(e.bundle.Projects) && !heldOn(e.bundle.Projects[slot-1].Held, when) {
			return
		}
		add(0)
	case Project:
	}
}
