package credit

import (
	"slices"

	"juli/internal/money"
)

// factRows adds the items that need no record: computed from facts (PC-16,
// PC-18, PC-25) or triggered by rank (PC-27).
func (e *Evaluator) factRows() {
	unit := e.unitKind()
	for _, no := range e.book.byFacts[unit] {
		e.factRow(no, 0)
	}
	if items := e.book.byFacts[Project]; len(items) > 0 {
		for i := range e.bundle.Projects {
			if e.inScope[i] {
				for _, no := range items {
					e.factRow(no, int32(1+i))
				}
			}
		}
	}
	for i := range e.bundle.Persons {
		for _, no := range e.book.byFacts[e.bundle.Persons[i].Kind] {
			e.factRow(no, int32(1+len(e.bundle.Projects)+i))
		}
	}
}

func (e *Evaluator) factRow(no ItemNo, slot int32) {
	it := &e.book.Items[no]
	out := row{key: rowKey(slot, it.Class, no), rec: -1, src: slot, kind: FactLine, date: e.opt.AsOf}
	if it.Rank != nil {
		e.rankRows(no, it, out)
		return
	}
	if it.When != nil {
		e.names.slot, e.names.rec, e.names.item, e.names.out = slot, nil, it, nil
		if ok, err := it.When.Bool(&e.names); err != nil || !ok {
			if out.reason = ConditionFalse; err != nil {
				out.reason = ExpressionFailed
			}
			e.rows = append(e.rows, out)
			return
		}
	}
	switch {
	case it.Over != OneSubject:
		out.points, out.reason = e.quantified(it)
	default:
		v, has := e.factsOf(slot)[it.Fact]
		if !has {
			out.reason = NoValue
			break
		}
		out.points, out.reason = it.measured(e.book.asPoints(it.Fact, v))
	}
	e.rows = append(e.rows, out)
}

// quantified sums a fact over the projects held: each, any, or a share (PC-18).
func (e *Evaluator) quantified(it *Item) (money.Points, Reason) {
	all, yes := int64(0), int64(0)
	for i := range e.bundle.Projects {
		if !e.inScope[i] || !e.held[i] {
			continue
		}
		all++
		if e.bundle.Projects[i].Facts[it.Fact] != 0 {
			yes++
		}
	}
	holds := false
	switch {
	case all == 0:
		holds = it.NoProject
	case it.Over == EveryProject:
		holds = yes == all
	case it.Over == AnyProject:
		holds = yes > 0
	case it.Over == ShareOfProjects:
		pts, err := money.MulDiv(int64(it.Points), yes, all, money.HalfUp)
		if err != nil {
			return 0, ExpressionFailed
		}
		return money.Points(pts), Counted
	}
	if !holds {
		return 0, ConditionFalse
	}
	return it.Points, Counted
}

// Findings are records that the system itself proposes (PC-25): items whose
// "found" condition holds for a subject that has no record of the item in effect.
func (e *Evaluator) Findings(b *Bundle) []Finding {
	e.reset(b)
	var out []Finding
	for no := range e.book.Items {
		it := &e.book.Items[no]
		if it.Found == nil {
			continue
		}
		for slot := range int32(len(e.next)) {
			if !it.fits(e.kindOf(slot), e.unitKind()) || slot > 0 && int(slot) <= len(e.held) && (!e.inScope[slot-1] || !e.held[slot-1]) {
				continue
			}
			if e.standing(ItemNo(no), slot) {
				continue
			}
			e.names.slot, e.names.rec, e.names.item, e.names.out = slot, nil, it, nil
			if ok, err := it.Found.Bool(&e.names); err == nil && ok {
				out = append(out, Finding{Item: ItemNo(no), Subject: e.subjectOf(slot), On: e.opt.AsOf, Why: it.Found.Source})
			}
		}
	}
	return out
}

// standing says whether an open record of the item stands against the subject.
func (e *Evaluator) standing(no ItemNo, slot int32) bool {
	return slices.ContainsFunc(e.bundle.Records, func(r Record) bool {
		return r.Item == no && e.slotOf(r.Subject) == slot && r.Annulled == 0 && (r.Rectified == 0 || r.Rectified > e.opt.AsOf)
	})
}
