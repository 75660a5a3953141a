package listing

import (
	"slices"
	"strconv"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/money"
)

// Done is what cases say of somebody in a batch's period.
type Done struct {
	CasesFound int64
	CasesOpen  int64
	CasesLate  int64
	Exposed    int64 // decisions that it be exposed
	RedLine    bool  // an open case that touches a red line
}

// Evidence is what is known of a subject in a batch's period.
type Evidence struct {
	Kind       SubjectKind
	ID         db.ID // of the enterprise or project
	Code       string
	Name       string
	Enterprise code.USCC
	Division   code.Division

	Homes    int64
	Area     money.Area
	Built    int64 // of an enterprise: the mean of its projects; 0 unknown
	Projects int64

	Inspections     int64
	InspectionScore money.Points // mean of them
	Done
	Left Done // of an enterprise: the part at projects that it no longer serves

	Items   map[string]int64 // credit information in effect by item
	Classes map[string]int64 // and by class
	Grades  []string         // in the published cycles, newest first
	Scored  bool
	Rank    int64 // among Ranked subjects of its kind, 1 the best
	Ranked  int64
}

// Bad and Good count the credit information by the classes of these names.
func (e *Evidence) Bad() int64 { return e.Classes["bad"] }

// Good counts good information.
func (e *Evidence) Good() int64 { return e.Classes["good"] }

// Enough says whether the law's minimum is there: a case found true, an
// inspection score, credit information or a published result.
func (e *Evidence) Enough() bool {
	return e.CasesFound+e.CasesLate+e.Exposed > 0 || e.Inspections > 0 || e.Bad()+e.Good() > 0 || len(e.Grades) > 0
}

// Fires says whether a trigger proposes the subject in a batch of a theme.
func (t *Trigger) Fires(e *Evidence, theme string) bool {
	d := e.Done
	if t.Left {
		d = e.Left
	}
	return t.Subject == e.Kind &&
		t.in(theme) &&
		t.graded(e) && t.ranked(e) && t.noted(e) && t.inspected(e) &&
		d.CasesFound >= int64(t.Cases) && d.CasesLate >= int64(t.Late) && d.Exposed >= int64(t.Exposed)
}

func (t *Trigger) graded(e *Evidence) bool {
	if t.Cycles == 0 {
		return true
	}
	if len(e.Grades) < t.Cycles {
		return false
	}
	for _, g := range e.Grades[:t.Cycles] {
		if !slices.Contains(t.Grades, g) {
			return false
		}
	}
	return true
}

// ranked takes the best, or the worst, percent of the subjects with a score. Equal
// scores share the better place, so those at the border stand or fall together.
func (t *Trigger) ranked(e *Evidence) bool {
	if t.Rank == "" {
		return true
	}
	most := (e.Ranked*int64(t.Percent) + 99) / 100
	place := e.Rank
	if t.Rank == "bottom" {
		place = e.Ranked - e.Rank + 1
	}
	return e.Scored && e.Rank > 0 && place <= most
}

func (t *Trigger) noted(e *Evidence) bool {
	var n int64
	for _, item := range t.Items {
		n += e.Items[item]
	}
	for _, class := range t.Classes {
		n += e.Classes[class]
	}
	for _, class := range t.Without {
		if e.Classes[class] > 0 {
			return false
		}
	}
	return n >= int64(t.AtLeast)
}

func (t *Trigger) inspected(e *Evidence) bool {
	switch {
	case t.InspectionFrom == 0 && t.InspectionBelow == 0:
		return true
	case e.Inspections == 0:
		return false
	}
	return (t.InspectionFrom == 0 || e.InspectionScore >= t.InspectionFrom) && (t.InspectionBelow == 0 || e.InspectionScore < t.InspectionBelow)
}

// A Scored is one line of a score with what it took or gave.
type Scored struct {
	Line   Line
	Count  money.Points
	Points money.Points
}

// Score scores a subject by the sheet; the lines and the base add up to the
// score before it is held between the sheet's bounds.
func (s *Sheet) Score(e *Evidence) (money.Points, []Scored) {
	sum := s.Base
	lines := make([]Scored, 0, len(s.Lines))
	for _, l := range s.Lines {
		n := quantity(l.Of, e)
		p := money.Points(int64(n) / int64(money.Point) * int64(l.Points))
		if frac := int64(n) % int64(money.Point); frac != 0 {
			p += money.Points(frac * int64(l.Points) / int64(money.Point))
		}
		if l.Cap > 0 {
			p = min(max(p, -l.Cap), l.Cap)
		}
		lines = append(lines, Scored{l, n, p})
		sum += p
	}
	return min(max(sum, s.Min), s.Max), lines
}

func quantity(of string, e *Evidence) money.Points {
	switch of {
	case "cases_found":
		return money.Points(e.CasesFound) * money.Point
	case "cases_open":
		return money.Points(e.CasesOpen) * money.Point
	case "records_bad":
		return money.Points(e.Bad()) * money.Point
	case "records_good":
		return money.Points(e.Good()) * money.Point
	case "inspection_gap":
		if e.Inspections > 0 {
			return max(100*money.Point-e.InspectionScore, 0)
		}
	}
	return 0
}

// Sum is the score of an entry line by line, from the numbers that it was scored
// with; money.Points of the lines and the base add up to the score, before it is
// held between the sheet's bounds.
func (b *Book) Sum(e Entry) []Scored {
	x := Evidence{
		Done: Done{CasesFound: e.CasesFound, CasesOpen: e.CasesOpen}, Inspections: e.Inspections, InspectionScore: e.InspectionScore,
		Classes: map[string]int64{"bad": e.Bad, "good": e.Good},
	}
	_, lines := b.Sheet.Score(&x)
	return lines
}

// Ties says what becomes of equal scores at the border of a trigger by place, ""
// for one that asks for no place: they stand or fall together, and in doubt for
// the subject.
func (b *Book) Ties(rule string) string {
	for _, t := range b.Triggers {
		switch {
		case t.Code != rule:
		case t.Rank == "top":
			return "同分并列同一名次：并列名次在前 " + strconv.Itoa(t.Percent) + "% 以内的全部算入，所以可能多于 " + strconv.Itoa(t.Percent) + "%"
		case t.Rank == "bottom":
			return "同分并列同一名次：并列的全部落在后 " + strconv.Itoa(t.Percent) + "% 以内才算入，否则全部不算入"
		}
	}
	return ""
}
