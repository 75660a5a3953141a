package credit

import (
	"juli/internal/day"
)

// noteHolds notes the vetoes and blacklist entries of a record in effect
// (PC-39, PC-40). They run by their own terms, whatever the points do.
func (e *Evaluator) noteHolds(r *Record, it *Item, slot int32) {
	if it.Veto == nil && it.Blacklist == nil || e.opt.AsOf < r.date(ByIdentified) {
		return
	}
	if e.repaired(r) && e.book.Repair.Effect == "remove" {
		return
	}
	if v := it.Veto; v != nil {
		if until, holds := e.holdUntil(r, it, v.Term, v.Until, slot); holds {
			h := Restraint{Item: r.Item, Record: r.ID, Grade: v.Grade, Set: v.Set, Until: until, Path: v.Path}
			e.hold(r, slot, v.Subjects, h)
		}
	}
	if t := it.Blacklist; t != nil {
		mode := "term"
		if t.N == 0 {
			mode = "repaired"
		}
		if until, holds := e.holdUntil(r, it, *t, mode, slot); holds {
			e.holds = append(e.holds, hold{slot, true, Restraint{Item: r.Item, Record: r.ID, Grade: e.book.Blacklist.Code, Set: true, Until: until, Path: it.Path}})
		}
	}
}

// holdUntil is the last day of a veto or blacklist entry.
func (e *Evaluator) holdUntil(r *Record, it *Item, term day.Term, mode string, slot int32) (day.Date, bool) {
	until := day.Date(0)
	if term.N > 0 {
		until = addTerm(r.date(ByIdentified), term)
		if !e.book.Cycle.LastDay {
			until--
		}
	}
	switch mode {
	case "repaired": // at least the term, and until repaired
		if r.Repaired == 0 || r.Repaired > e.opt.AsOf {
			until = 0
		} else {
			until = max(until, r.Repaired.AddDays(-1))
		}
	case "validity":
		var out row
		return 0, e.timely(r, it, slot, &out) == Counted
	default:
		if e.repaired(r) && e.book.Repair.Effect != "reduce" {
			return 0, false
		}
	}
	if until != 0 && e.opt.AsOf > until {
		return 0, false
	}
	e.soon(slot, until.AddDays(1))
	return until, true
}

// hold puts a restraint on every subject that the veto names.
func (e *Evaluator) hold(r *Record, slot int32, subjects uint8, h Restraint) {
	own := e.kindOf(slot)
	if subjects&(1<<own) != 0 || own == Branch && subjects&(1<<Enterprise) != 0 {
		e.holds = append(e.holds, hold{slot, false, h})
	}
	if slot > 0 && subjects&(1<<Enterprise|1<<Branch) != 0 {
		e.holds = append(e.holds, hold{0, false, h})
	}
	if subjects&(1<<Manager) != 0 && own != Manager {
		e.eachManager(r, slot, func(to int32) { e.holds = append(e.holds, hold{to, false, h}) })
	}
}

// eachManager finds who answers for a record: the person it names, else whoever
// was in charge of the project on the day of the event (trap 7).
func (e *Evaluator) eachManager(r *Record, slot int32, fn func(int32)) {
	if r.Person != 0 {
		for _, k := range []SubjectKind{Manager, Staff} {
			if to, known := e.slots[Subject{k, r.Person}]; known {
				fn(to)
				return
			}
		}
		return
	}
	if slot < 1 || int(slot) > len(e.bundle.Projects) {
		return
	}
	project, on := e.bundle.Projects[slot-1].ID, r.date(ByEvent)
	for i := range e.bundle.Persons {
		p := &e.bundle.Persons[i]
		if p.Kind != Manager {
			continue
		}
		for _, t := range p.Terms {
			if t.Project == project && t.Covers(on) {
				fn(int32(1 + len(e.bundle.Projects) + i))
				break
			}
		}
	}
}
