package credit

import (
	"juli/internal/day"
)

// record turns one record into a row: does it count on the day, and what is it worth.
func (e *Evaluator) record(i int32) {
	r := &e.bundle.Records[i]
	slot := e.slotOf(r.Subject)
	it := e.book.Item(r.Item)
	out := row{id: r.ID, rec: i, kind: RecordLine, src: slot, date: r.Effective}
	switch {
	case it == nil:
		out.key, out.reason = rowKey(max(slot, 0), -1, NoItem), UnknownItem
	case slot < 0 || !it.fits(r.Subject.Kind, e.unitKind()):
		out.key, out.reason = rowKey(max(slot, 0), it.Class, r.Item), WrongSubject
	default:
		out.key = rowKey(slot, it.Class, r.Item)
		if out.reason = e.alive(r, it, slot); out.reason == Counted {
			e.noteHolds(r, it, slot)
			out.reason = e.timely(r, it, slot, &out)
		}
		if out.reason == Counted {
			out.points, out.reason = e.pointsOf(r, it)
		}
	}
	e.rows = append(e.rows, out)
}

func (it *Item) fits(k, unit SubjectKind) bool {
	if k == Enterprise || k == Branch {
		return it.For(unit) || it.For(Enterprise)
	}
	return it.For(k)
}

// alive says whether a record is in effect at all, apart from its validity.
func (e *Evaluator) alive(r *Record, it *Item, slot int32) Reason {
	asOf := e.opt.AsOf
	switch {
	case r.Annulled != 0 && (e.opt.Known == 0 || r.Annulled <= e.opt.Known):
		return AnnulledVoid // from the start, whatever the day (PC-49)
	case r.Effective == 0 || r.Effective > asOf || e.opt.Known != 0 && r.Effective > e.opt.Known:
		e.soon(slot, r.Effective)
		return NotEffective
	case r.Contested && e.book.Objection.Suspends:
		return ContestedVoid
	case it.Proof != 0 && it.Proof&(1<<r.Evidence) == 0:
		return WrongEvidence
	case slot > 0 && int(slot) <= len(e.inScope) && !e.inScope[slot-1]:
		return OutOfScope
	}
	if it.Overdue && (r.Due != 0 || r.Order == 0) { // else the order's day decides, see onOrders
		// PC-22: fires only when the order's day has passed unrectified.
		if r.Due != 0 && r.Due >= asOf {
			e.soon(slot, r.Due.AddDays(1))
		}
		if r.Due == 0 || asOf <= r.Due || r.Rectified != 0 && r.Rectified <= r.Due {
			return NotDue
		}
	}
	if it.When != nil {
		e.names.slot, e.names.rec, e.names.item, e.names.out = slot, r, it, nil
		ok, err := it.When.Bool(&e.names)
		if err != nil {
			return ExpressionFailed
		}
		if !ok {
			return ConditionFalse
		}
	}
	return Counted
}

// timely says whether a record in effect counts on the day: period, validity,
// repair, holder.
func (e *Evaluator) timely(r *Record, it *Item, slot int32, out *row) Reason {
	asOf := e.opt.AsOf
	out.date = r.date(it.Placed)
	if out.date > asOf || e.book.Cycle.Reset && out.date > e.period.To {
		e.soon(slot, out.date)
		return AfterCutoff
	}
	if e.book.Compose.Records == "holder" && slot > 0 && int(slot) <= len(e.held) && !heldOn(e.bundle.Projects[slot-1].Held, r.date(ByEvent)) {
		return NotHolder
	}
	if repaired := e.repaired(r); repaired && e.book.Repair.Effect != "reduce" {
		return RepairedVoid
	}
	if e.book.Cycle.Reset && out.date < e.period.From {
		if !e.carried(r, it, slot) {
			return EarlierPeriod
		}
		return Counted // its validity is "until corrected" now (PC-09)
	}
	return e.valid(r, it, slot, out)
}

// repaired says whether a repair is seen on the day. One that removes the
// record is void from the start and seen on any day (PC-48).
func (e *Evaluator) repaired(r *Record) bool {
	if r.Repaired == 0 || e.opt.Known != 0 && r.Repaired > e.opt.Known {
		return false
	}
	return r.Repaired <= e.opt.AsOf || e.book.Repair.Effect == "remove"
}

// carried says whether an uncorrected record passes the period's reset (PC-09).
func (e *Evaluator) carried(r *Record, it *Item, slot int32) bool {
	for _, c := range e.book.Cycle.CarryOver {
		if c != it.Class || r.Rectified != 0 && r.Rectified <= e.opt.AsOf {
			continue
		}
		left := e.book.Cycle.CarryUntil == "left" && slot > 0 && int(slot) <= len(e.held) && !e.held[slot-1]
		return !left
	}
	return false
}

// valid applies the item's validity (PC-44) and notes the last day.
func (e *Evaluator) valid(r *Record, it *Item, slot int32, out *row) Reason {
	v, asOf := &it.Valid, e.opt.AsOf
	start := r.date(v.From)
	term := v.Term
	if r.Level > 0 && int(r.Level) <= len(it.Levels) && it.Levels[r.Level-1].Term.N > 0 {
		term = it.Levels[r.Level-1].Term
	}
	until := day.Date(0)
	switch v.Kind {
	case ValidTerm:
		until = addTerm(start, term)
	case ValidDocument:
		if until = r.Expires; until == 0 && term.N > 0 {
			until = addTerm(start, term)
		}
	case ValidRectified:
		if r.Rectified != 0 && r.Rectified <= asOf {
			return RectifiedVoid
		}
		until = r.Expires
	case ValidNext:
		if at, has := e.factsOf(slot)[v.Next]; v.Next != "" && has && day.Date(at) > start {
			return Superseded
		}
	case ValidSeason:
		until = e.book.Cycle.season(r.date(ByEvent)).To
	case ValidPeriod:
		p := e.book.PublicationPeriod(out.date)
		if until = p.To; p.Cutoff > until && asOf <= p.Cutoff {
			until = p.Cutoff
		}
	case ValidParent, ValidOpen:
	}
	if until == 0 {
		return Counted
	}
	if !e.book.Cycle.LastDay && v.Kind != ValidPeriod {
		until--
	}
	out.until = until
	if asOf > until {
		return Expired
	}
	e.soon(slot, until.AddDays(1))
	return Counted
}

// date is the chosen date of a record; one that isn't known falls back on the
// day on which the record took effect.
func (r *Record) date(c DateChoice) day.Date {
	d := r.Effective
	switch c {
	case ByEvent:
		d = r.Event
	case ByDecision:
		d = r.Decision
	case ByIdentified:
		d = r.Identified
	case ByEffective:
	}
	if d == 0 {
		return r.Effective
	}
	return d
}
