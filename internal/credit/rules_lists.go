package credit

import (
	"slices"

	"juli/internal/db"
	"juli/internal/money"
)

// ladder lists the measures that the accumulated demerits have reached (PC-43).
func (e *Evaluator) ladder(slot int32, out *Outcome) {
	for i := range e.book.Ladders {
		l := &e.book.Ladders[i]
		if l.Subject != out.Subject.Kind && (l.Subject != Enterprise || out.Subject.Kind != Branch) {
			continue
		}
		var demerits money.Points
		for n := e.spans[slot][0]; n < e.spans[slot][1]; n++ {
			r := &e.rows[n]
			if r.reason.Counts() && r.points < 0 && (len(l.Classes) == 0 || slices.Contains(l.Classes, r.class())) {
				demerits -= r.points
			}
		}
		for _, m := range l.Steps {
			if demerits >= m.At {
				out.Measures = append(out.Measures, m)
			}
		}
	}
}

// signals tells who should enter or leave a list (PC-52, PC-53).
func (e *Evaluator) signals(slot int32, out *Outcome) {
	own := uint8(1) << out.Subject.Kind
	if out.Subject.Kind == Branch {
		own |= 1 << Enterprise
	}
	for i := range e.book.Lists {
		l := &e.book.Lists[i]
		if l.Subjects&own == 0 {
			continue
		}
		why, record, path := e.enters(slot, out, l)
		at := slices.IndexFunc(e.bundle.Listed, func(x Listing) bool {
			return x.List == l.Code && x.Subject.ID == out.Subject.ID && x.Since <= e.opt.AsOf
		})
		if at < 0 {
			if why != "" {
				out.Signals = append(out.Signals, Signal{List: l.Code, Title: l.Title, Why: why, Record: record, Path: path})
			}
			continue
		}
		if reason := e.leaves(&e.bundle.Listed[at], l, why != ""); reason != "" {
			out.Signals = append(out.Signals, Signal{List: l.Code, Title: l.Title, Leave: true, Why: reason, Path: l.Path + ".leave"})
		}
	}
}

// enters gives the reason for entering a list, "" for none.
func (e *Evaluator) enters(slot int32, out *Outcome, l *ListRule) (why string, record db.ID, path string) {
	for i := range l.Enter {
		en := &l.Enter[i]
		if len(en.Grades) > 0 && slices.Contains(en.Grades, gradeWord(out)) && e.consecutive(out, en) {
			return "信用等级达到列入条件", 0, en.Path
		}
		for _, no := range en.Items {
			if e.anyCounted(slot, []ItemNo{no}) {
				return "发生列入情形：" + e.book.Items[no].Title, e.recordOf(slot, no), en.Path
			}
		}
		if en.When != nil {
			e.names.slot, e.names.rec, e.names.item, e.names.out = slot, nil, nil, out
			if ok, err := en.When.Bool(&e.names); err == nil && ok {
				return "符合列入条件", 0, en.Path
			}
		}
	}
	return "", 0, ""
}

// gradeWord is the grade by which lists and uses know an outcome: the grade,
// or the status where there is none.
func gradeWord(out *Outcome) string {
	if out.Grade == "" {
		return out.Status
	}
	return out.Grade
}

// recordOf is the first record of an item that counts, for the signal.
func (e *Evaluator) recordOf(slot int32, no ItemNo) db.ID {
	for i := range e.rows {
		if r := &e.rows[i]; r.item() == no && r.reason.Counts() && (r.slot() == slot || slot == 0) {
			return r.id
		}
	}
	for i := range e.holds {
		if h := &e.holds[i]; h.slot == slot && h.Item == no {
			return h.Record
		}
	}
	return 0
}

// consecutive says whether the grades of the periods before fulfil the entry too.
func (e *Evaluator) consecutive(out *Outcome, en *ListEntry) bool {
	left := en.Periods - 1
	for i := range e.bundle.Past {
		if left <= 0 {
			break
		}
		if p := &e.bundle.Past[i]; p.Subject.ID == out.Subject.ID {
			if !slices.Contains(en.Grades, p.Grade) {
				return false
			}
			left--
		}
	}
	return left <= 0
}

// leaves gives the reason for leaving a list, "" to stay.
func (e *Evaluator) leaves(x *Listing, l *ListRule, still bool) string {
	switch {
	case l.LeaveRepair && x.Repair != 0 && x.Repair <= e.opt.AsOf:
		return "信用修复"
	case still:
		return ""
	case l.LeaveTerm.N > 0 && addTerm(x.Since, l.LeaveTerm) < e.opt.AsOf:
		return "列入期限届满"
	case l.LeaveRating:
		return "本期评价不再符合列入条件"
	}
	return ""
}

// uses lists the uses of the outcome (PC-54, PC-55).
func (e *Evaluator) uses(out *Outcome) {
	own := uint8(1) << out.Subject.Kind
	if out.Subject.Kind == Branch {
		own |= 1 << Enterprise
	}
	for i := range e.book.Uses {
		u := &e.book.Uses[i]
		if u.Subjects&own == 0 {
			continue
		}
		listed := slices.ContainsFunc(e.bundle.Listed, func(x Listing) bool {
			return x.Subject.ID == out.Subject.ID && x.Since <= e.opt.AsOf && slices.Contains(u.Lists, x.List)
		})
		black := out.Blacklisted && slices.Contains(u.Lists, e.book.Blacklist.Code)
		if listed || black || slices.Contains(u.Grades, gradeWord(out)) {
			out.Uses = append(out.Uses, u.UseResult)
		}
	}
}
