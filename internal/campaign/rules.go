package campaign

import (
	"juli/internal/day"
	"juli/internal/fault"
	"juli/internal/money"
)

// A Verdict is how one item was found.
type Verdict string

// The verdicts.
const (
	Good          Verdict = "PASS"
	Bad           Verdict = "FAIL"
	NotApplicable Verdict = "NA"
)

// Title is the verdict in Chinese.
func (v Verdict) Title() string {
	return map[Verdict]string{Good: "合格", Bad: "不合格", NotApplicable: "不适用"}[v]
}

// An Answer is what an inspector noted of one item. Spot and Facts, the deadline
// and whether it is to lead to points matter where it failed.
type Answer struct {
	Item     string
	Verdict  Verdict
	Facts    string
	Deadline string // code of the book
	Points   bool
}

const factsMax = 500

// A Score is the sum of a checklist: what passed of what applied.
type Score struct {
	Got, Of money.Points // of the items that apply
	Score   money.Points // of a hundred, two places, half up
	Pass    bool
}

// ScoreOf adds a checklist up. Items that do not apply count on neither side;
// nothing at all that applies is no inspection. It passes at the mark, if no
// finding is to lead to points.
func ScoreOf(b *Book, list []Item, answers map[string]Answer) (Score, error) {
	var s Score
	graver := false
	for _, it := range list {
		switch a := answers[it.Code]; a.Verdict {
		case Good:
			s.Got += it.Points
			s.Of += it.Points
		case Bad:
			s.Of += it.Points
			graver = graver || a.Points
		}
	}
	if s.Of == 0 {
		return s, fault.New(fault.Invalid, "campaign.nothing", "至少要有一项适用的检查内容。")
	}
	s.Score = money.Points((int64(s.Got)*20_000/int64(s.Of) + 1) / 2 * 100)
	s.Pass = s.Score >= b.Pass && !graver
	return s, nil
}

// checkAnswers tells what is missing or wrong, by the form's fields: v-CODE,
// n-CODE, t-CODE.
func checkAnswers(b *Book, list []Item, answers map[string]Answer) error {
	f := fault.New(fault.Invalid, "campaign.answers", "检查记录还不完整，请补充标出的内容。")
	known := map[string]bool{}
	for _, it := range list {
		known[it.Code] = true
		a := answers[it.Code]
		switch a.Verdict {
		case Good, NotApplicable:
		case Bad:
			if a.Facts == "" {
				f.With("n-"+it.Code, "请写明“"+it.Title+"”不合格的部位和情况。")
			}
			if _, ok := b.Deadline(a.Deadline); !ok {
				f.With("t-"+it.Code, "请选择整改期限。")
			}
		default:
			f.With("v-"+it.Code, "请选择“"+it.Title+"”的检查结果。")
		}
		if len([]rune(a.Facts)) > factsMax {
			f.With("n-"+it.Code, "情况说明过长。")
		}
	}
	for code := range answers {
		if !known[code] {
			return fault.New(fault.Invalid, "campaign.unknown-item", "检查表里没有“%s”这一项。", code)
		}
	}
	return f.OrNil()
}

// A Tally is how a campaign went, all counted from its inspections.
type Tally struct {
	Planned   int64 // estates that were drawn
	Inspected int64 // result stands
	Passed    int64
	Failed    int64
	Rectified int64 // of the failed: everything mended in time
	Findings  int64
	Cases     int64
}

// PassRate is passed of inspected (supervision.md G1, G8).
func (t Tally) PassRate() (part, whole int64) { return t.Passed, t.Inspected }

// NotInspected is what was not looked at, of all (G1).
func (t Tally) NotInspected() (part, whole int64) { return t.Planned - t.Inspected, t.Planned }

// RectifiedRate is what was mended in time, of the failed (G8).
func (t Tally) RectifiedRate() (part, whole int64) { return t.Rectified, t.Failed }

// Tenths is a share in tenths of a percent, half up; 0 of 0 is 0.
func Tenths(part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	return (part*2000/whole + 1) / 2
}

// dueOf is the last day of a finding: a deadline of a book, from a day on.
func dueOf(cal *day.Calendar, d Deadline, from day.Date) day.Date {
	if d.Term.N == 0 {
		return from
	}
	due, _ := cal.Due(from, d.Term)
	return due
}
