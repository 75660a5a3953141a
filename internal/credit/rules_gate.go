package credit

import (
	"juli/internal/day"
	"juli/internal/money"
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

// share is points × a share of one, rounded half up to 0.0001.
func share(p, of money.Points) money.Points {
	n, err := money.MulDiv(int64(p), int64(of), int64(money.Point), money.HalfUp)
	if err != nil {
		return 0
	}
	return money.Points(n)
}

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
