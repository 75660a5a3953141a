package credit

import (
	"juli/internal/day"
)

// A Unit of the cycle.
type cycleUnit uint8

const (
	realTime cycleUnit = iota
	monthly
	quarterly
	halfYearly
	yearly
	cycleUnits
)

var cycleKeys = [cycleUnits]string{"real_time", "month", "quarter", "half_year", "year"}

// A DateChoice names one of a record's dates (PC-07, PC-44).
type DateChoice uint8

// The dates of a record.
const (
	ByIdentified DateChoice = iota
	ByEvent
	ByDecision
	ByEffective
	dateChoices
)

var dateKeys = [dateChoices]string{"identified", "event", "decision", "effective"}

// Key is the word for the date in rulebooks.
func (c DateChoice) Key() string { return nameAt(dateKeys[:], int(c)) }

// A Cycle says when results are made and which records a period sees.
type Cycle struct {
	Unit        cycleUnit
	PublishUnit cycleUnit // real-time books still publish, e.g. each quarter
	CutoffAfter int       // days from the period's end to the cut-off
	Cutoffs     map[string]day.Date
	PublishBy   day.Term
	Placed      DateChoice // PC-07
	Reset       bool       // PC-08: points start again each period
	CarryOver   []int16    // classes whose uncorrected records pass a reset (PC-09)
	CarryUntil  string     // "rectified" or "left"
	Trial       Span       // PC-10
	TrialHalf   bool       // the first half of the period in which a subject starts is a trial
	SeasonFrom  [2]int     // month, day
	SeasonTo    [2]int
	LastDay     bool // the last day of validity still counts
}
