package credit

import (
	"juli/internal/day"
	"juli/internal/money"
	"juli/internal/rulebook"
)

// A ValidKind says how long a record counts (PC-44).
type ValidKind uint8

// The kinds of validity.
const (
	ValidTerm      ValidKind = iota // a fixed term
	ValidDocument                   // as the document says, else the term
	ValidRectified                  // until rectified (or no longer so)
	ValidNext                       // until the next assessment
	ValidSeason                     // to the end of the season
	ValidPeriod                     // in its period only
	ValidParent                     // as the order it hangs on
	ValidOpen                       // without limit
	validKinds
)

var validKeys = [validKinds]string{"term", "document", "until_rectified", "until_next", "season", "period", "parent", "open"}

// A Validity is the rule of one item.
type Validity struct {
	Kind ValidKind
	Term day.Term
	From DateChoice
	Next string // fact with the day of the newest assessment
}

// A Quantifier sums a fact over projects (PC-18).
type Quantifier uint8

// The quantifiers.
const (
	OneSubject Quantifier = iota
	EveryProject
	AnyProject
	ShareOfProjects
	quantifiers
)

var quantifierKeys = [quantifiers]string{"", "all", "any", "share"}

// A PointsBand gives points for a measure between two bounds (PC-16).
type PointsBand struct {
	Bounds           Bounds
	MinOpen, MaxOpen bool
	Points           money.Points
}

// A Level is one row of a level table (PC-15).
type Level struct {
	Code, Title string
	Points      money.Points
	Term        day.Term // own validity, zero = the item's
}

// A PointsMode says where an item's points come from.
type PointsMode uint8

const (
	fixedPoints PointsMode = iota
	levelPoints
	bandPoints
	ratioPoints
	discretionPoints
	parentPoints
	unitPoints // points × measure, per event unit
)

// A Max limits one item within a window (PC-20).
type Max struct {
	Points    money.Points
	HasPoints bool
	Count     int
	Per       string // "period", "month", "quarter", "half_year", "year", "season", "life"
}

// A Repeat says what the second, third … record within a window gives (PC-21).
type Repeat struct {
	Kind    string // "add", "once", "factors"
	Window  day.Term
	Factors []money.Points
}

// A Rank triggers an item by place among peers (PC-27).
type Rank struct {
	By      string // input or fact; "" = the subject's own score
	Of      SubjectKind
	Top     int
	Bottom  int
	Percent money.Points // instead of a number, share of the peers in percent
	Peers   string
}

// An Also is another subject that the same event scores (PC-23, PC-24).
type Also struct {
	Subject SubjectKind
	Points  money.Points
	Share   money.Points // of the record's points; 0 = Points or Levels hold
	Levels  []money.Points
	Class   int16
	Path    string
}

// A DeriveRule hands every counted record of some classes on to another subject (PC-23).
type DeriveRule struct {
	From, To SubjectKind
	Classes  []int16
	Sign     int // only plus or minus points, 0 all
	Share    money.Points
	ToClass  int16 // -1: the record's own
	Placed   DateChoice
	Path     string
}

// An Item is one line of the scoring table (PC-12).
type Item struct {
	Code, Title string
	Class       int16
	Subjects    uint8 // set of SubjectKinds
	Mode        PointsMode
	Points      money.Points
	Levels      []Level
	Bands       []PointsBand
	Min, Max    money.Points // discretion (PC-17)
	NeedReason  bool
	Deciders    []string // who may use the discretion
	Limit       *Max
	Repeat      *Repeat
	Overdue     bool     // fires only when its order is past due and not rectified (PC-22)
	Voids       []int16  // classes of the record that it takes back: had by false material
	Orders      []string // the items of the orders it may hang on
	Dedup       int32    // group of de-duplication, 0 none (PC-19)
	DedupName   string
	Valid       Validity
	Placed      DateChoice
	Proof       uint64 // set of evidence types, 0 = any
	When        *rulebook.Expression
	Fact        string // computed from this fact without a record (PC-16, PC-25)
	Over        Quantifier
	NoProject   bool // value of a quantifier over no project
	Found       *rulebook.Expression
	Rank        *Rank
	Also        []Also
	Veto        *Veto
	Blacklist   *day.Term
	Procedure   string
	Proposes    []string
	Checks      []string
	Identifies  []string
	Basis       string
	Unrepair    bool // never repaired (PC-48)
	Mark        rulebook.Mark
	Path        string
}

// grouped says whether the item looks at other records of its subject.
func (it *Item) grouped() bool {
	return it.Limit != nil || it.Repeat != nil || it.Dedup > 0 || it.Valid.Kind == ValidNext || it.linked()
}

// linked says whether the item hangs on an order record.
func (it *Item) linked() bool {
	return it.Mode == parentPoints || it.Valid.Kind == ValidParent || len(it.Orders) > 0
}

// A Veto sets or bounds the grade for a term, the score is still computed (PC-39).
type Veto struct {
	Grade    string
	Set      bool
	Term     day.Term
	Until    string // "term", "repaired", "validity"
	Subjects uint8
	Path     string
}

// Item is the item with a number, nil for none.
func (b *Book) Item(no ItemNo) *Item {
	if no < 0 || int(no) >= len(b.Items) {
		return nil
	}
	return &b.Items[no]
}

// LevelNo is the number of a level's code for [Record.Level], 0 if there is none.
func (it *Item) LevelNo(code string) uint8 {
	for i := range it.Levels {
		if it.Levels[i].Code == code {
			return uint8(i + 1)
		}
	}
	return 0
}

// For says whether the item is about subjects of kind k.
func (it *Item) For(k SubjectKind) bool { return it.Subjects&(1<<k) != 0 }
