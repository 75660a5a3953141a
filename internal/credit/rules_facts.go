package credit

import (
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
)

// A SubjectKind says who is evaluated (PC-01).
type SubjectKind uint8

// The kinds of subjects. A Branch is a branch that the rulebook treats as a unit of its own.
const (
	Enterprise SubjectKind = iota
	Branch
	Project
	Manager
	Staff
	subjectKinds
)

var (
	subjectKeys   = [subjectKinds]string{"enterprise", "branch", "project", "manager", "staff"}
	subjectTitles = [subjectKinds]string{"企业", "分支机构", "项目", "项目经理", "从业人员"}
)

// Key is the word for the kind in rulebooks and addresses.
func (k SubjectKind) Key() string { return nameAt(subjectKeys[:], int(k)) }

// String is the Chinese name of the kind.
func (k SubjectKind) String() string { return nameAt(subjectTitles[:], int(k)) }

func nameAt(names []string, i int) string {
	if i < 0 || i >= len(names) {
		return ""
	}
	return names[i]
}

// A Subject is one thing that is evaluated: an enterprise, a project, a person.
type Subject struct {
	Kind SubjectKind
	ID   db.ID
}

// A Form is the legal form of an enterprise for the attribution of branches (PC-02).
type Form uint8

// The forms: 黑龙江 tells branches of firms of the province from those of outside firms.
const (
	Independent   Form = iota // 独立法人
	LocalBranch               // 省内企业的分支机构
	OutsideBranch             // 省外企业的分支机构
	forms
)

var formKeys = [forms]string{"independent", "local_branch", "outside_branch"}

// Key is the word for the form in rulebooks and expressions.
func (f Form) Key() string { return nameAt(formKeys[:], int(f)) }

// Facts are the declared facts and inputs of other modules by name (PC-26), in
// the unit that the rulebook declares: points and decimals in 0.0001, dates as
// day numbers, bools as 0 and 1. An absent name means "not reported".
type Facts map[string]int64

// A Span is a stretch of days; To is its last day, 0 while it lasts.
type Span struct{ From, To day.Date }

// Covers says whether d lies in the span.
func (s Span) Covers(d day.Date) bool { return s.From <= d && (s.To == 0 || d <= s.To) }

// A Unit is the enterprise, or branch, that a bundle is about.
type Unit struct {
	ID         db.ID
	Form       Form
	Head       db.ID         // the head office's unit, for branches
	Division   code.Division // its district, for peer groups
	Registered bool          // filed with the authority
	Working    bool          // really giving services
	Since      day.Date      // first day of business here: new entrants (PC-42)
	Facts      Facts
}

// A ProjectFact is a project with the days on which this bundle's enterprise held it.
// A project never held (Held empty) is there only for the records that a
// manager earned on it.
type ProjectFact struct {
	ID       db.ID
	Kind     string // "residential", "office", … (PC-05)
	Area     money.Area
	District code.Division
	Held     []Span
	Facts    Facts
}

// A Term says when a person was in charge of a project (PC-23).
type Term struct {
	Project db.ID
	Span
}

// A Person is a project manager or another member of staff.
type Person struct {
	ID    db.ID
	Kind  SubjectKind // Manager or Staff
	Terms []Term
	Facts Facts
}

// An ItemNo is the place of an item in its book, see [Book.ItemNo].
type ItemNo int32

// NoItem is the number of an item that a book doesn't know.
const NoItem ItemNo = -1

// A Record is one piece of identified credit information, reduced to what the
// rules need. Zero dates are unknown or "not yet".
type Record struct {
	ID      db.ID
	Item    ItemNo
	Level   uint8 // place in the item's level table counted from 1, 0 none: [Item.LevelNo]
	Subject Subject
	Person  db.ID // the person answerable when the record names one

	Event      day.Date // it happened
	Decision   day.Date // the proving document was made
	Identified day.Date // 认定
	Effective  day.Date // it counts from this day: after notice and objection
	Expires    day.Date // last day stated by the document itself
	Due        day.Date // last day for rectification
	Rectified  day.Date
	Repaired   day.Date // 信用修复 granted
	Annulled   day.Date // the basis was set aside (PC-49)

	Points    money.Points // by discretion (PC-17), without sign
	Value     money.Points // measure, count or ratio (PC-16, PC-20); 0 counts as one event
	Order     db.ID        // the order record that this one hangs on (PC-22)
	Document  db.ID
	Key       string // de-duplication key (PC-19)
	Evidence  uint8  // place in the book's evidence types counted from 1, 0 unknown
	Reasoned  bool   // a reason was written down for the discretion
	Contested bool   // an objection is pending
}

// A Past is what an earlier period gave a subject, for rules on consecutive periods.
type Past struct {
	Subject Subject
	Period  Period
	Score   money.Points
	Scored  bool
	Grade   string
}

// A Listing is a subject's place on a red or black list (PC-53).
type Listing struct {
	Subject Subject
	List    string
	Since   day.Date
	Repair  day.Date // repair granted, 0 no
}

// A Bundle is all that the rules see of one enterprise: they evaluate one
// bundle at a time, so that a city streams through.
type Bundle struct {
	Unit     Unit
	Projects []ProjectFact
	Persons  []Person
	Records  []Record
	Past     []Past // newest first
	Listed   []Listing
}

// Options say when and how to evaluate.
type Options struct {
	AsOf      day.Date               // cut-off: the last day that is seen
	Known     day.Date               // what was learnt later is ignored; 0 = all that is known (PC-49, PC-50)
	Reporting map[code.Division]bool // districts that have reported; nil = all (PC-34)
	Quiet     bool                   // no lines for records that don't count
}

// An Input is a whole evaluation in memory, for examples and small cities.
type Input struct {
	Options
	Bundles []Bundle
}
