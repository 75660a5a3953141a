package credit

import (
	"juli/internal/day"
	"juli/internal/rulebook"
)

// A Ceiling bounds the grade while something holds (PC-41).
type Ceiling struct {
	Grade    string
	Items    []ItemNo
	When     *rulebook.Expression
	Why      string
	Subjects uint8
	Path     string
}

// A BlacklistRule is the state beside or instead of a grade (PC-40).
type BlacklistRule struct {
	Code, Title string
	Instead     bool
	Path        string
}

// A Ladder is a row of measures on accumulated demerits (PC-43).
type Ladder struct {
	Subject SubjectKind
	Classes []int16
	Steps   []Measure
	Path    string
}

// A ListRule says who enters and leaves a red or black list (PC-52, PC-53).
type ListRule struct {
	Code, Title string
	Subjects    uint8
	Enter       []ListEntry
	LeaveTerm   day.Term
	LeaveRepair bool
	LeaveRating bool // a rating that no longer fulfils the entry rule
	Hearing     bool
	NoticeTerm  day.Term
	Basis       string
	Path        string
}

// A ListEntry is one way onto a list.
type ListEntry struct {
	Grades  []string
	Periods int // in so many consecutive periods, 0 and 1: this one
	Items   []ItemNo
	When    *rulebook.Expression
	Path    string
}

// A Use is one consequence of a result (PC-54, PC-55).
type Use struct {
	UseResult
	Grades, Lists []string
	Sanction      bool
	Subjects      uint8
}
