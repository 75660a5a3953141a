package credit

import (
	"juli/internal/day"
	"juli/internal/money"
	"juli/internal/rulebook"
)

// A Book is a parsed credit rulebook: one version of one city's measure. It is
// read-only after [Parse] and safe for concurrent use.
type Book struct {
	*rulebook.Document
	Banner string // shown on every screen that uses the book

	Subjects [subjectKinds]*SubjectRule // nil: not evaluated
	Branches [forms]Attribution         // PC-02
	Kinds    []string                   // project kinds in scope, empty = all (PC-05)

	FactDecls   []FactDecl
	Eligibility []EligibilityRule // PC-03
	Statuses    []Status          // PC-04
	Cycle       Cycle             // PC-06 … PC-10
	Compose     Compose           // PC-30, PC-35
	Blocks      []Block           // PC-31
	Districts   Districts         // PC-34
	Newcomer    *Newcomer         // PC-42
	Classes     []Class           // PC-28
	Items       []Item            // PC-12
	Derive      []DeriveRule      // PC-23
	Ceilings    []Ceiling         // PC-41
	Blacklist   *BlacklistRule    // PC-40
	Ladders     []Ladder          // PC-43
	Lists       []ListRule        // PC-52, PC-53
	Uses        []Use             // PC-54, PC-55
	Evidence    []Named           // proof types, e.g. HLJ-N1 … HLJ-N5
	Roles       []Named           // who may appear in procedures
	Procedures  []Procedure       // PC-45
	Notice      Notice            // PC-46
	Objection   Objection         // PC-47
	Repair      Repair            // PC-48
	Reversal    Reversal          // PC-49
	Publication Publication       // PC-50
	Examples    []Example

	index     map[string]ItemNo
	codes     [subjectKinds][]string // grades of each kind, best first
	byFacts   [subjectKinds][]ItemNo // items computed from facts or ranks, no record needed
	needOrder bool                   // some item hangs on its order record
	needGroup bool                   // some item looks at its other records
	needVoid  bool                   // some item takes others back
	needRanks bool
}

// A Named is a code with its Chinese name.
type Named struct{ Code, Title string }

// A SubjectRule says how one kind of subject is scored (PC-01, PC-13, PC-29, PC-32, PC-33).
type SubjectRule struct {
	Base      money.Points
	BaseInput string // the base is this input, e.g. the score that a district reports
	Clamp     Bounds
	Order     []Step
	Places    int
	Mode      money.Mode
	Grades    []Band
	Ranks     *RankGrades
	Path      string
}

// Bounds are an optional minimum and maximum.
type Bounds struct {
	Min, Max       money.Points
	HasMin, HasMax bool
}

// A Step is one operation of the order of operations (PC-32).
type Step uint8

// The steps of a score.
const (
	StepBase     Step = iota // base score
	StepProjects             // composite project score
	StepItems                // own items
	StepCaps                 // class caps and floors
	StepBlocks               // weighted blocks
	StepClamp
	StepRound
	StepGrade
	steps
)

var stepKeys = [steps]string{"base", "projects", "items", "caps", "blocks", "clamp", "round", "grade"}

// A Band is one grade with its bounds and its extra condition (PC-36, PC-37).
type Band struct {
	Code, Title      string
	Bounds           Bounds
	MinOpen, MaxOpen bool   // the bound itself lies outside
	Status           string // a band without a grade: below the scale (PC-04)
	When             *rulebook.Expression
	Path             string
}

// RankGrades grade by place among peers (PC-38).
type RankGrades struct {
	Peers string // "city", "district", "form"
	Tie   string // "better": equal scores share the better place; "worse"
	Mode  money.Mode
	Bands []RankBand
	Path  string
}

// A RankBand gives a grade to the top Percent of the peers; the last band has 100.
type RankBand struct {
	Code     string
	Percent  money.Points // cumulative share, in percent
	MinScore money.Points
	HasMin   bool
}

// An Attribution says where a branch's records go (PC-02).
type Attribution uint8

// The attributions.
const (
	OwnUnit Attribution = iota // the branch is a unit of its own
	ToHead                     // they count under the head office
	AtPlace                    // a unit of its own where the project is
	attributions
)

var attributionKeys = [attributions]string{"own", "head", "place"}

// Key is the word for the attribution in rulebooks.
func (a Attribution) Key() string { return nameAt(attributionKeys[:], int(a)) }

// A FactType is the unit of a declared fact.
type FactType uint8

// The types of facts.
const (
	IntFact FactType = iota
	BoolFact
	DateFact
	PointsFact // a decimal in 0.0001: scores, ratios, percentages
	factTypes
)

var factTypeKeys = [factTypes]string{"int", "bool", "date", "points"}

// A FactDecl declares a fact or an input of another module (PC-26).
type FactDecl struct {
	Name, Title string
	Type        FactType
	Subject     SubjectKind
	Module      string // who supplies it; "" = the register
}

// An EligibilityRule takes a subject out of the rating, with its reason (PC-03).
type EligibilityRule struct {
	When   *rulebook.Expression
	Status string
	Why    string
	Path   string
}

// A Status is a grade without a score (PC-04).
type Status struct {
	Code, Grade, Title string
	ShowScore          bool
}

// Compose says how project scores become the enterprise's (PC-30, PC-35).
type Compose struct {
	Method    string // "area", "mean", "sum", "min", "none"
	Moved     string // "cutoff": whoever holds it at the cut-off; "time": by days held
	Records   string // "project": records stay with the project; "holder": with whoever held it then
	NoProject string // "not_rated", "zero", "base"
	BaseScore money.Points
	ZeroArea  string // "mean", "not_rated"
	Path      string
}

// A Block is one weighted part of a score or one scorer's share (PC-31).
type Block struct {
	Code, Title string
	Scorer      string
	Weight      money.Points // share of one: 0.4 = 4000
	Input       string       // the score that the scorer reports, or
	Projects    bool         // the composite project score, or
	Classes     []int16      // the sum of these classes, on
	Base        money.Points
	Clamp       Bounds
	Missing     string // "await", "reweight", "zero", "full"
	Full        money.Points
	Path        string
}

// Districts say what happens until every district has reported (PC-34).
type Districts struct {
	Required bool
	Missing  string // "await" or "flag"
}

// A Newcomer is the rule for new entrants (PC-42).
type Newcomer struct {
	Observe day.Term
	Grade   string // default grade, or
	Status  string // a status instead
	Path    string
}

// A Class is a category of items with its cap and floor (PC-28).
type Class struct {
	Code, Title string
	Sign        int // +1 good, -1 bad, 0 basic or mixed
	Bounds      Bounds
	Path        string
}

// ItemNo is the number of an item's code, [NoItem] if the book doesn't know it.
func (b *Book) ItemNo(code string) ItemNo {
	if no, known := b.index[code]; known {
		return no
	}
	return NoItem
}

// EvidenceNo is the number of a proof type's code for [Record.Evidence], 0 if there is none.
func (b *Book) EvidenceNo(code string) uint8 {
	for i := range b.Evidence {
		if b.Evidence[i].Code == code {
			return uint8(i + 1)
		}
	}
	return 0
}

// Attribute says where the records of an enterprise of this form go (PC-02).
func (b *Book) Attribute(f Form) Attribution {
	if f >= forms {
		return OwnUnit
	}
	return b.Branches[f]
}
