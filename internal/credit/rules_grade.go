package credit

import (
	"slices"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
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
		holds := false
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

// names resolves the names of expressions for one subject.
type names struct {
	e    *Evaluator
	slot int32
	rec  *Record
	item *Item
	out  *Outcome
}

// ResolveName gives the value of a name, see [builtins].
func (n *names) ResolveName(name string) (any, bool) {
	if f := n.e.book.Fact(trimHas(name)); f != nil {
		v, has := n.e.factsOf(n.slot)[f.Name]
		switch {
		case name != f.Name:
			return has, true
		case f.Type == BoolFact:
			return v != 0, true
		}
		return v, true
	}
	if v, ok := n.registerName(name); ok {
		return v, true
	}
	if n.out != nil {
		return n.scoreName(name)
	}
	return n.recordName(name)
}

func trimHas(name string) string {
	if len(name) > 4 && name[:4] == "has_" {
		return name[4:]
	}
	return name
}

func (n *names) registerName(name string) (any, bool) {
	e, u := n.e, &n.e.bundle.Unit
	switch name {
	case "today":
		return int64(e.opt.AsOf), true
	case "period_from":
		return int64(e.period.From), true
	case "since":
		return int64(u.Since), true
	case "last_service":
		return int64(e.lastService()), true
	case "projects", "projects_all", "area":
		return e.projectFigure(name), true
	case "registered":
		return u.Registered, true
	case "working":
		return u.Working, true
	case "form":
		return u.Form.Key(), true
	case "subject":
		return e.kindOf(n.slot).Key(), true
	case "project_kind":
		if n.slot > 0 && int(n.slot) <= len(e.bundle.Projects) {
			return e.bundle.Projects[n.slot-1].Kind, true
		}
		return "", true
	}
	return nil, false
}

// lastService is the last day on which the enterprise held a project in scope.
func (e *Evaluator) lastService() day.Date {
	last := day.Date(0)
	for i := range e.bundle.Projects {
		if !e.inScope[i] {
			continue
		}
		for _, s := range e.bundle.Projects[i].Held {
			to := s.To
			if to == 0 || to > e.opt.AsOf {
				to = e.opt.AsOf
			}
			if s.From <= e.opt.AsOf {
				last = max(last, to)
			}
		}
	}
	return last
}

func (e *Evaluator) projectFigure(name string) int64 {
	n := int64(0)
	for i := range e.bundle.Projects {
		switch {
		case !e.held[i], name != "projects_all" && !e.inScope[i]:
		case name == "area":
			n += int64(e.bundle.Projects[i].Area)
		default:
			n++
		}
	}
	return n
}

func (n *names) scoreName(name string) (any, bool) {
	switch name {
	case "score":
		return int64(n.out.graded), true
	case "unrectified":
		return int64(n.e.open[n.slot]), true
	case "vetoed":
		return slices.ContainsFunc(n.e.holds, func(h hold) bool { return h.slot == n.slot && !h.black }), true
	case "listed":
		return slices.ContainsFunc(n.e.bundle.Listed, func(x Listing) bool { return x.Subject.ID == n.out.Subject.ID }), true
	}
	for i := range n.e.book.Classes {
		switch code := n.e.book.Classes[i].Code; name {
		case "sum_" + code:
			return int64(n.out.Sums[i].Capped), true
		case "count_" + code:
			return n.e.countClass(n.slot, int16(i)), true
		}
	}
	return nil, false
}

// countClass counts the records of a class that count for a subject; for the
// enterprise with those on its projects in scope, each once.
func (e *Evaluator) countClass(slot int32, class int16) int64 {
	last, n := slot, int64(0)
	if slot == 0 {
		last = int32(len(e.bundle.Projects))
	}
	for s := slot; s <= last; s++ {
		for i := e.spans[s][0]; i < e.spans[s][1]; i++ {
			if r := &e.rows[i]; r.reason.Counts() && r.class() == class && (r.kind != DerivedLine || slot != 0) {
				n++
			}
		}
	}
	return n
}

func (n *names) recordName(name string) (any, bool) {
	r := n.rec
	if r == nil {
		r = &Record{}
	}
	switch name {
	case "value":
		return int64(r.Value), true
	case "level":
		if r.Level > 0 && int(r.Level) <= len(n.item.Levels) {
			return n.item.Levels[r.Level-1].Code, true
		}
		return "", true
	case "evidence":
		if r.Evidence > 0 && int(r.Evidence) <= len(n.e.book.Evidence) {
			return n.e.book.Evidence[r.Evidence-1].Code, true
		}
		return "", true
	case "event":
		return int64(r.date(ByEvent)), true
	case "decision":
		return int64(r.date(ByDecision)), true
	case "identified":
		return int64(r.date(ByIdentified)), true
	case "due":
		return int64(r.Due), true
	case "rectified":
		return r.Rectified != 0 && r.Rectified <= n.e.opt.AsOf, true
	case "overdue":
		return r.Due != 0 && n.e.opt.AsOf > r.Due && (r.Rectified == 0 || r.Rectified > r.Due), true
	}
	return nil, false
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
