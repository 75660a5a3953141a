package credit

import (
	"slices"

	"juli/internal/code"
)

// gradeOf gives the grade that the score alone earns (PC-36, PC-37), then by
// rank (PC-38). The first band whose bounds and condition hold is it.
func (e *Evaluator) gradeOf(slot int32, rule *SubjectRule, out *Outcome) {
	for i := range rule.Grades {
		b := &rule.Grades[i]
		if !b.Bounds.holds(out.graded, b.MinOpen, b.MaxOpen) {
			continue
		}
		if b.When != nil {
			e.names.slot, e.names.rec, e.names.item, e.names.out = slot, nil, nil, out
			if ok, err := b.When.Bool(&e.names); err != nil || !ok {
				continue
			}
		}
		out.Grade, out.Status = b.Code, b.Status
		if b.Status != "" {
			out.Why = b.Title
			e.statusGrade(out)
			for _, s := range e.book.Statuses {
				if s.Code == b.Status {
					out.Scored = s.ShowScore
				}
			}
		}
		break
	}
	if e.ranks != nil && rule.Ranks != nil {
		if g, has := e.ranks.grades[out.Subject]; has {
			out.Grade = e.worse(out.Subject.Kind, out.Grade, g)
		}
	}
	out.ByScore = out.Grade
}

// worse is the lower of two grades of a subject kind; "" yields.
func (e *Evaluator) worse(k SubjectKind, a, b string) string {
	codes := e.codesOf(k)
	i, j := slices.Index(codes, a), slices.Index(codes, b)
	if i < 0 || j > i {
		return b
	}
	return a
}

func (e *Evaluator) codesOf(k SubjectKind) []string {
	if e.book.codes[k] == nil {
		return e.book.gradeCodes(k)
	}
	return e.book.codes[k]
}

// consequences applies vetoes, ceilings and the blacklist to the grade, and
// adds measures, signals and uses. The score stays as it was computed, so that
// lifting a veto restores the grade (trap 10). In a trial there are none (PC-10).
func (e *Evaluator) consequences(slot int32, out *Outcome) {
	if slot > 0 {
		out.Trial = e.book.trialOn(e.opt.AsOf, e.bundle.Unit.Since)
	}
	e.restraints(slot, out)
	if out.Trial {
		return
	}
	for i := range out.Restraints {
		r := &out.Restraints[i]
		if r.Set {
			out.Grade = r.Grade
			out.Status, out.Provisional = "", false
		}
	}
	for i := range out.Restraints {
		if out.Status == "" && out.Grade != "" {
			out.Grade = e.worse(out.Subject.Kind, out.Grade, out.Restraints[i].Grade)
		}
	}
	if out.Blacklisted = len(out.Blacklist) > 0; out.Blacklisted && e.book.Blacklist.Instead {
		out.Grade = e.book.Blacklist.Code
	}
	e.ladder(slot, out)
	e.signals(slot, out)
	e.uses(out)
}

// restraints lists the vetoes (PC-39), blacklist entries (PC-40) and ceilings
// (PC-41) that hold on the day.
func (e *Evaluator) restraints(slot int32, out *Outcome) {
	for i := range e.holds {
		switch h := &e.holds[i]; {
		case h.slot != slot:
		case h.black:
			out.Blacklist = append(out.Blacklist, h.Restraint)
		default:
			out.Restraints = append(out.Restraints, h.Restraint)
		}
	}
	own := uint8(1) << out.Subject.Kind
	if out.Subject.Kind == Branch {
		own |= 1 << Enterprise
	}
	for i := range e.book.Ceilings {
		c := &e.book.Ceilings[i]
		if c.Subjects&own == 0 {
			continue
		}
		var holds bool
		if c.When != nil {
			e.names.slot, e.names.rec, e.names.item, e.names.out = slot, nil, nil, out
			ok, err := c.When.Bool(&e.names)
			holds = ok || err != nil // a bound that can't be judged holds
		} else {
			holds = e.anyCounted(slot, c.Items)
		}
		if holds {
			out.Restraints = append(out.Restraints, Restraint{Item: NoItem, Grade: c.Grade, Path: c.Path})
		}
	}
}

// anyCounted says whether a record of one of the items counts for the subject;
// for the enterprise also on one of its projects.
func (e *Evaluator) anyCounted(slot int32, items []ItemNo) bool {
	last := slot
	if slot == 0 {
		last = int32(len(e.bundle.Projects))
	}
	for s := slot; s <= last; s++ {
		for i := e.spans[s][0]; i < e.spans[s][1]; i++ {
			if r := &e.rows[i]; r.reason.Counts() && slices.Contains(items, r.item()) {
				return true
			}
		}
	}
	return slices.ContainsFunc(e.holds, func(h hold) bool { return h.slot == slot && slices.Contains(items, h.Item) })
}

// peerGroup is the group in which a bundle's subjects are ranked.
func peerGroup(by string, b *Bundle, district code.Division) string {
	switch by {
	case "district":
		return string(district)
	case "form":
		return b.Unit.Form.Key()
	}
	return ""
}
