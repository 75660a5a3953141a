package credit

import (
	"math"

	"juli/internal/money"
)

// A tally is the running computation of one subject's score.
type tally struct {
	e     *Evaluator
	slot  int32
	rule  *SubjectRule
	out   *Outcome
	total money.Points
	first int // first line
	sum   int // first class sum

	comp          money.Points // the composite, once asked for
	asked, compOK bool
}

// add moves the total and says why.
func (t *tally) add(pts money.Points, kind LineKind, class int16, path string) {
	if pts == 0 && kind != BaseLine && kind != ProjectsLine && kind != BlockLine {
		return
	}
	t.total += pts
	t.e.lines = append(t.e.lines, Line{Points: pts, Item: NoItem, Class: class, Kind: kind, Path: path})
}

// tally computes a subject's score in the book's order of operations (PC-32)
// and leaves sums and lines in the outcome. It reports false when the score
// must wait.
func (e *Evaluator) tally(slot int32, rule *SubjectRule, out *Outcome) bool {
	t := tally{e: e, slot: slot, rule: rule, out: out, first: len(e.lines), sum: len(e.sums)}
	for i := range e.book.Classes {
		e.sums = append(e.sums, ClassSum{Class: e.book.Classes[i].Code})
	}
	ready := true
	for _, s := range rule.Order {
		ready = t.step(s) && ready
	}
	out.Score = t.total
	out.Lines = e.lines[t.first:len(e.lines):len(e.lines)]
	out.Sums = e.sums[t.sum:len(e.sums):len(e.sums)]
	return ready
}

func (t *tally) step(s Step) bool {
	switch s {
	case StepBase:
		return t.base()
	case StepProjects:
		return t.projects()
	case StepItems:
		t.items()
	case StepCaps:
		t.capClasses()
	case StepBlocks:
		return t.blocks()
	case StepClamp:
		t.add(t.rule.Clamp.clamp(t.total)-t.total, ClampLine, -1, t.rule.Path+".clamp")
	case StepRound:
		t.add(t.total.Round(t.rule.Places, t.rule.Mode)-t.total, RoundLine, -1, t.rule.Path+".round")
	case StepGrade:
		t.out.graded = t.total
	case steps:
	}
	return true
}

// base is a number of the book or an input, e.g. a district's report (PC-13, PC-14, PC-26).
func (t *tally) base() bool {
	if t.rule.BaseInput == "" {
		if t.rule.Base != 0 {
			t.add(t.rule.Base, BaseLine, -1, t.rule.Path+".base")
		}
		return true
	}
	v, has := t.e.factsOf(t.slot)[t.rule.BaseInput]
	if !has {
		return false
	}
	t.add(bounded(t.e.book.asPoints(t.rule.BaseInput, v))+t.rule.Base, BaseLine, -1, t.rule.Path+".base_input")
	return true
}

// asPoints brings a fact to points: whole numbers and bools are counts. A count
// beyond the type is the most that it holds.
func (b *Book) asPoints(name string, v int64) money.Points {
	if f := b.Fact(name); f != nil && f.Type == PointsFact {
		return money.Points(v)
	}
	const most = math.MaxInt64 / int64(money.Point)
	return money.Points(min(max(v, -most), most)) * money.Point
}

// items adds the subject's own rows, one line each.
func (t *tally) items() {
	e := t.e
	sums := e.sums[t.sum:]
	span := e.spans[t.slot]
	for i := span[0]; i < span[1]; i++ {
		r := &e.rows[i]
		counts := r.reason.Counts()
		if !counts && e.opt.Quiet {
			continue
		}
		no := r.item()
		l := Line{Record: r.id, Points: r.points, Until: r.until, Item: no, Class: r.class(), Kind: r.kind, Reason: r.reason}
		switch {
		case r.via > 0:
			l.Path, l.From = e.book.Items[no].Also[r.via-1].Path, e.subjectOf(r.src)
		case r.via < 0:
			l.Path, l.From = e.book.Derive[-1-r.via].Path, e.subjectOf(r.src)
		case no >= 0:
			l.Path = e.book.Items[no].Path
			if r.src != t.slot {
				l.From = e.subjectOf(r.src)
			}
		}
		e.lines = append(e.lines, l)
		if counts && l.Class >= 0 {
			t.total += r.points
			sums[l.Class].Raw += r.points
			sums[l.Class].Capped += r.points
			sums[l.Class].Count++
		}
	}
}

// capClasses brings each class between its floor and cap (PC-28): cap first,
// whatever is subtracted afterwards.
func (t *tally) capClasses() {
	sums := t.e.sums[t.sum:]
	for i := range t.e.book.Classes {
		c := &t.e.book.Classes[i]
		sums[i].Capped = c.Bounds.clamp(sums[i].Raw)
		t.add(sums[i].Capped-sums[i].Raw, CapLine, int16(i), c.Path)
	}
}

// project scores one project of the bundle.
func (e *Evaluator) project(i int) {
	p, out, slot := &e.bundle.Projects[i], &e.res.Projects[i], int32(1+i)
	*out = Outcome{Subject: Subject{Project, p.ID}, Held: e.held[i]}
	rule := e.book.rule(Project)
	if rule == nil {
		return
	}
	ready := e.tally(slot, rule, out)
	e.openBad(slot, slot)
	out.NextChange = e.next[slot]
	switch {
	case !e.inScope[i]:
		out.Status, out.Why = "out_of_scope", "该类项目不在评价范围内。"
		out.Score = 0
	case !ready || !e.reported(p):
		out.Incomplete, out.Why = true, "所在区县尚未报送项目得分。"
		out.Status = "awaiting"
		out.Score = 0
	default:
		out.Scored = true
		e.gradeOf(slot, rule, out)
		e.consequences(slot, out)
	}
}

// reported says whether a project's district has reported (PC-34).
func (e *Evaluator) reported(p *ProjectFact) bool {
	return !e.book.Districts.Required || e.opt.Reporting == nil || e.opt.Reporting[p.District]
}

// person scores a manager or another member of staff.
func (e *Evaluator) person(i int) {
	p, out := &e.bundle.Persons[i], &e.res.Persons[i]
	*out = Outcome{Subject: Subject{p.Kind, p.ID}}
	rule := e.book.rule(p.Kind)
	if rule == nil {
		return
	}
	slot := int32(1 + len(e.bundle.Projects) + i)
	ready := e.tally(slot, rule, out)
	e.openBad(slot, slot)
	out.NextChange = e.next[slot]
	if !ready {
		out.Incomplete, out.Status, out.Why, out.Score = true, "awaiting", "评分数据尚未报送。", 0
		return
	}
	out.Scored = true
	e.gradeOf(slot, rule, out)
	e.consequences(slot, out)
}

// enterprise scores the unit itself, after its projects.
func (e *Evaluator) enterprise() {
	u, out := &e.bundle.Unit, &e.res.Enterprise
	kind := e.unitKind()
	*out = Outcome{Subject: Subject{kind, u.ID}}
	rule := e.book.rule(kind)
	ready := e.tally(0, rule, out)
	for slot := range e.next {
		if s := int32(slot); s <= int32(len(e.bundle.Projects)) {
			e.openBad(0, s)
			e.soon(0, e.next[s])
		}
	}
	out.Trial = e.book.trialOn(e.opt.AsOf, u.Since)
	e.newcomerSoon()
	out.NextChange = e.next[0]
	if e.notRated(out) {
		out.Scored, out.Score = false, 0
		return
	}
	if !ready {
		out.Score = 0
		if out.Status == "" {
			out.Status, out.Why, out.Incomplete = "awaiting", "尚有区县或评分方未报送，暂不计算。", true
		}
		e.statusGrade(out)
		return
	}
	out.Scored = true
	e.gradeOf(0, rule, out)
	e.newcomer(out)
	e.consequences(0, out)
}

// notRated applies branch attribution and the eligibility rules (PC-02 … PC-04).
func (e *Evaluator) notRated(out *Outcome) bool {
	u := &e.bundle.Unit
	if u.Form != Independent && e.book.Attribute(u.Form) == ToHead {
		out.Status, out.Why = "at_head", "分支机构的信用信息计入总部，不单独评价。"
		return true
	}
	for i := range e.book.Eligibility {
		rule := &e.book.Eligibility[i]
		e.names.slot, e.names.rec, e.names.item, e.names.out = 0, nil, nil, nil
		ok, err := rule.When.Bool(&e.names)
		if err != nil {
			out.Status, out.Why = rule.Status, "评价条件无法计算："+rule.Why
			e.statusGrade(out)
			return true // fails closed
		}
		if ok {
			out.Status, out.Why = rule.Status, rule.Why
			e.statusGrade(out)
			return true
		}
	}
	return false
}

// statusGrade gives the grade that goes with a status, such as C（缺失）.
func (e *Evaluator) statusGrade(out *Outcome) {
	for i := range e.book.Statuses {
		if s := &e.book.Statuses[i]; s.Code == out.Status {
			out.Grade = s.Grade
			return
		}
	}
}

// openBad counts the orders that slot from hasn't carried out, for the ceilings
// and conditions of slot into.
func (e *Evaluator) openBad(into, from int32) {
	for i := e.spans[from][0]; i < e.spans[from][1]; i++ {
		r := &e.rows[i]
		if r.rec < 0 || !r.reason.Counts() || r.kind == DerivedLine {
			continue
		}
		rec := &e.bundle.Records[r.rec]
		if rec.Due != 0 && (rec.Rectified == 0 || rec.Rectified > e.opt.AsOf) {
			e.open[into]++
		}
	}
}

// newcomer applies the rule for new entrants (PC-42).
func (e *Evaluator) newcomer(out *Outcome) {
	n, since := e.book.Newcomer, e.bundle.Unit.Since
	if n == nil || since == 0 || addTerm(since, n.Observe) <= e.opt.AsOf {
		return
	}
	out.Provisional = true
	if n.Status != "" {
		out.Status, out.Why = n.Status, "新进入企业，观察期未满。"
		e.statusGrade(out)
		out.Scored = false
		return
	}
	out.Grade, out.Why = n.Grade, "新进入企业，观察期内暂定等级。"
}

func (e *Evaluator) newcomerSoon() {
	if n, since := e.book.Newcomer, e.bundle.Unit.Since; n != nil && since != 0 {
		e.soon(0, addTerm(since, n.Observe))
	}
}
