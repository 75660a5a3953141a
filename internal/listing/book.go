package listing

import (
	"slices"
	"strings"

	"juli/internal/day"
	"juli/internal/money"
	"juli/internal/rulebook"
)

// A Side is one of the two lists.
type Side string

// The sides; Both is a batch that has the two.
const (
	Red   Side = "RED"
	Black Side = "BLACK"
	Both  Side = "BOTH"
)

// Title is the side in Chinese.
func (s Side) Title() string {
	return map[Side]string{Red: "红榜", Black: "黑榜", Both: "红黑榜"}[s]
}

// Has says whether a batch of these sides has an entry's side.
func (s Side) Has(entry Side) bool { return s == Both || s == entry }

// A SubjectKind says what stands on a list.
type SubjectKind string

// The kinds of subjects.
const (
	OfProject    SubjectKind = "PROJECT"
	OfEnterprise SubjectKind = "ENTERPRISE"
)

// Title is the kind in Chinese.
func (k SubjectKind) Title() string {
	return map[SubjectKind]string{OfProject: "项目", OfEnterprise: "企业"}[k]
}

// A Named is a code with its title.
type Named struct{ Code, Title string }

// A Trigger proposes candidates: every condition that is set must hold.
type Trigger struct {
	Named
	Side    Side
	Subject SubjectKind
	Themes  []string // only in batches of these themes; none: in all

	Grades  []string // one of these grades …
	Cycles  int      // … in each of the newest published cycles
	Rank    string   // "top" or "bottom" …
	Percent int      // … of the subjects with a score
	Items   []string // credit information of these items …
	Classes []string // … or of these classes …
	AtLeast int      // … so many in the period
	Without []string // no credit information of these classes in the period
	Cases   int      // so many cases found true in the period
	Late    int      // so many whose term to be mended ran out in the period
	Exposed int      // so many exposures decided in the period
	Left    bool     // of an enterprise: cases at projects that it no longer serves alone

	InspectionFrom  money.Points // a mean inspection score not below; 0: not asked
	InspectionBelow money.Points // a mean inspection score below; 0: not asked

	Path string
}

// A Line is one line of the scoring sheet.
type Line struct {
	Named
	Of     string // cases_found, cases_open, records_bad, records_good, inspection_gap
	Points money.Points
	Cap    money.Points // most that the line takes or gives; 0: no bound
	Path   string
}

// A Sheet scores a candidate.
type Sheet struct {
	Base, Min, Max money.Points
	Lines          []Line
}

// An Effect is what follows from standing on a list.
type Effect struct {
	Named
	Side   Side
	Action string       // award, inspection, tender
	Factor money.Points // of an inspection frequency; 0: none
	Basis  string
	Note   string
	Path   string
}

// A FollowUp is what a district has to do when a counter is reached.
type FollowUp struct {
	Named
	Counter string // consecutive_black or black_in_window
	At      int
	Term    day.Term
	Path    string
}

// Terms are the terms of the procedure and of the lists.
type Terms struct {
	Review, Reply, Repair, Correct day.Term
	Red, Black                     day.Term // how long an entry stands
	Window                         day.Term // in which black entries are counted
}

// Warnings are the bounds below which numbers say little, and how uneven the
// districts may be.
type Warnings struct {
	Homes, Inspections, Projects int64
	Balance                      money.Points // share of entries ÷ share of projects
	BalanceEntries               int64        // below so many entries of a district nothing is said
}

// Repair says when a black entry may be taken off before its term.
type Repair struct {
	After     day.Term // this long after the listing
	OpenCases bool     // true: open cases do not hinder it
	Times     int      // applications for one entry
}

// Next says when the program begins the next batch by itself: so long after the
// end of the last one's period. Without a term people begin each batch.
type Next struct {
	Every day.Term
	Sides Side
	Theme string
}

// A CreditLink is what a side means for the credit evaluation.
type CreditLink struct {
	List string // of the credit rulebook; "" none
	Item string // credit information that publication proposes; "" none
}

// A Book is the rulebook of the lists.
type Book struct {
	*rulebook.Document
	Banner    string
	Series    string // of document numbers
	Themes    []Named
	Terms     Terms
	Warn      Warnings
	RedLine   []string // severities of cases: an open one keeps its subject off the red list
	Triggers  []Trigger
	Sheet     Sheet
	Effects   []Effect
	FollowUps []FollowUp
	Repair    Repair
	Next      Next
	Credit    map[Side]CreditLink
}

// ThemeTitle is a theme in Chinese.
func (b *Book) ThemeTitle(code string) string {
	i := slices.IndexFunc(b.Themes, func(n Named) bool { return n.Code == code })
	if i < 0 {
		return code
	}
	return b.Themes[i].Title
}

// ThemeWords says what the theme of a batch has to do with who is in it: only the
// conditions that name it ask for it.
func (b *Book) ThemeWords(code string) string {
	var own []string
	for _, t := range b.Triggers {
		if slices.Contains(t.Themes, code) {
			own = append(own, "“"+t.Title+"”")
		}
	}
	if len(own) == 0 {
		return b.ThemeTitle(code) + "（说明本批的重点，不是列入条件）"
	}
	return b.ThemeTitle(code) + "（只有条件" + strings.Join(own, "、") + "与主题有关，其余条件与主题无关）"
}

// Origin says in words by what an entry came into its batch.
func (b *Book) Origin(e Entry) string {
	if e.Origin == ByNomination {
		return "提名"
	}
	return "规则条件：" + b.TriggerTitle(e.Rule) + "（" + e.Rule + "）"
}

// TriggerTitle is a trigger in Chinese; "" for a nomination.
func (b *Book) TriggerTitle(code string) string {
	i := slices.IndexFunc(b.Triggers, func(t Trigger) bool { return t.Code == code })
	if i < 0 {
		return ""
	}
	return b.Triggers[i].Title
}

// EffectsOf lists what standing on a side leads to.
func (b *Book) EffectsOf(s Side) []Effect {
	return slices.DeleteFunc(slices.Clone(b.Effects), func(e Effect) bool { return e.Side != s })
}

// Stands is how long an entry of a side stands.
func (t Terms) Stands(s Side) day.Term {
	if s == Red {
		return t.Red
	}
	return t.Black
}
