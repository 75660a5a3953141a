package supervision

import (
	"fmt"
	"slices"

	"juli/internal/day"
)

// A Standing is what decides about measures: the case, and what happened before
// in the same project with the same violation.
type Standing struct {
	Case     *Case
	Taken    []Measure // of the same project and violation within the book's window, this case's own included
	Repeated int       // found cases of the same project and violation in the window, this one included
}

// open says whether a measure was taken or is on its way.
func (m *Measure) open() bool {
	return !slices.Contains([]string{MeasureRefused, MeasureDeclined, MeasureBack}, m.State)
}

// May judges whether a measure may be proposed on a day (domain: 监管整改 §4):
// after the fault is verified; where the step says so after the enterprise
// replied or could have; one rung after the other; no higher than the severity
// allows, a rung more for repetition; points once for one fact. Acts that endanger
// people may climb at once.
func (b *Book) May(kind string, s Standing, today day.Date) (ok bool, why string) {
	step, known := b.Step(kind)
	v, listed := b.Violation(s.Case.Violation)
	switch {
	case !known:
		return false, "规则中没有这项措施。"
	case !listed || s.Case.Verified == 0:
		return false, "问题查实以前不能采取措施。"
	case !s.Case.measurable():
		return false, "案件已经结束，不能再采取措施。"
	case step.AfterReply && s.Case.Replied == 0 && today <= s.Case.ReplyDue:
		return false, fmt.Sprintf("企业陈述申辩期到 %s，期满或企业答复后才能采取。", s.Case.ReplyDue)
	}
	for _, m := range s.Taken {
		if m.Kind == kind && m.Case == s.Case.ID && m.open() {
			return false, "本案已经提出这项措施。"
		}
		if kind == Deduct && m.Kind == Deduct && m.open() && m.overlaps(s.Case) {
			return false, "同一事实已经扣分，不重复扣分（" + m.CaseNo + "）。"
		}
	}
	if kind == Deduct && v.Items[s.Case.body().Role] == "" {
		return false, "信用评价规则没有与这项问题、由本级提出的扣分项目。"
	}
	if kind == Referral && (b.rank(v.Severity) < len(b.Severities)-1 || !s.fined()) {
		return false, "建议列入严重违法失信名单，须问题属于最重的程度，并已就本案决定移送行政处罚（市场监管总局令第44号：受到较重行政处罚，且性质恶劣、情节严重）。"
	}
	rung := b.rung(kind)
	if rung < 0 || v.Safety {
		return true, ""
	}
	sev, _ := b.severity(v.Severity)
	top := b.rung(sev.Highest) + (s.Repeated-1)/sev.Repeat
	if rung > top {
		return false, fmt.Sprintf("与问题的程度（%s，%s内查实%d次）不相称。", sev.Title, b.Window.Chinese(), s.Repeated)
	}
	if rung > 0 && !slices.ContainsFunc(s.Taken, func(m Measure) bool { return b.rung(m.Kind) >= rung-1 && m.decided() }) {
		return false, "应先采取“" + b.Ladder[rung-1].Title + "”。"
	}
	return true, ""
}

// fined says whether the case was handed on to be punished.
func (s Standing) fined() bool {
	return slices.ContainsFunc(s.Taken, func(m Measure) bool { return m.Kind == Penalty && m.Case == s.Case.ID && m.decided() })
}

// since is the first day of the book's window that ends on a day.
func (b *Book) since(today day.Date) day.Date {
	switch b.Window.Unit {
	case day.Years:
		return today.AddYears(-b.Window.N)
	case day.Months:
		return today.AddMonths(-b.Window.N)
	}
	return today.AddDays(-b.Window.N)
}

// Skipped lists the rungs below a measure that were not taken in the book's
// window. Only danger to people lets them be skipped; the proposer and who decides
// read which ones.
func (b *Book) Skipped(kind string, s Standing) (out []Step) {
	for _, below := range b.Ladder[:max(b.rung(kind), 0)] {
		if !slices.ContainsFunc(s.Taken, func(m Measure) bool { return m.Kind == below.Kind && m.decided() }) {
			out = append(out, below)
		}
	}
	return out
}

// ground judges the ground that a measure names: supervised exit stands on one of
// the rulebook's, no other measure has any (domain: 监管整改 §2.1).
func (b *Book) ground(kind, code string) bool {
	if kind != Exit {
		return code == ""
	}
	return titleOf(b.ExitCodes, code) != ""
}

func (m *Measure) decided() bool { return m.Decided != 0 && m.open() }

// overlaps says whether a measure's points are for the same fact: the same
// project and violation while its case was not closed yet.
func (m *Measure) overlaps(c *Case) bool { return m.Case != c.ID && m.Done >= c.FoundOn }

// measurable says whether a case may still have consequences.
func (c *Case) measurable() bool {
	return !slices.Contains([]string{NotFound, Merged, Handed, Archived}, c.State)
}

// reopenable says whether a closed case may be opened again on a day.
func (b *Book) reopenable(c *Case, today day.Date) bool {
	return c.State == Passed || c.State == Closed && today <= after(c.ClosedOn, b.Terms.Reopen)
}

// mayPlead says whether the enterprise may still be heard on a day: to the last day
// of its term, that day included, whatever else happened to the case.
func mayPlead(c *Case, today day.Date) bool { return c.Verified != 0 && today <= c.ReplyDue }

// after is the last day of a term that begins on a day, in natural days.
func after(from day.Date, t day.Term) day.Date {
	due, _ := day.DefaultCalendar().Due(from, t)
	return due
}
