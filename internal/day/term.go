package day

import (
	"regexp"
	"strconv"
	"time"

	"juli/internal/fault"
)

// A Unit is what a term is counted in.
type Unit int

// The units.
const (
	Days     Unit = iota // natural days (日、自然日)
	Workdays             // working days (工作日)
	Months               // calendar months
	Years                // calendar years
	Hours                // hours, which run through holidays
)

// A Term is a length of time that a regulation grants: "10wd", "7d", "6m".
type Term struct {
	N    int
	Unit Unit
}

// units holds each unit's suffix and Chinese name.
var units = map[Unit]struct{ suffix, name string }{
	Days:     {"d", "日"},
	Workdays: {"wd", "个工作日"},
	Months:   {"m", "个月"},
	Years:    {"y", "年"},
	Hours:    {"h", "小时"},
}

var termForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,3})(wd|d|m|y|h)$`)

// ParseTerm reads "10wd" (working days), "7d" (days), "6m" (months), "2y"
// (years) or "24h" (hours).
func ParseTerm(s string) (Term, error) {
	m := termForm.FindStringSubmatch(s)
	if m == nil {
		return Term{}, fault.New(fault.Invalid, "day.term",
			"期限格式不对，应为10wd（工作日）、7d（日）、6m（月）、2y（年）或24h（小时）。")
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return Term{}, fault.Wrap(err, fault.Invalid, "day.term", "期限格式不对。")
	}
	for unit, u := range units {
		if u.suffix == m[2] {
			return Term{n, unit}, nil
		}
	}
	return Term{}, fault.New(fault.Invalid, "day.term", "期限单位不对。")
}

// MustTerm is ParseTerm for terms written in the program; it panics on a bad one.
func MustTerm(s string) Term {
	t, err := ParseTerm(s)
	if err != nil {
		panic("day: " + strconv.Quote(s) + " is no term")
	}
	return t
}

// String writes the term as ParseTerm reads it.
func (t Term) String() string { return strconv.Itoa(t.N) + units[t.Unit].suffix }

// Chinese writes the term for people: 10个工作日.
func (t Term) Chinese() string { return strconv.Itoa(t.N) + units[t.Unit].name }

// IsZero tells that the term has no length.
func (t Term) IsZero() bool { return t.N == 0 }

// MarshalText writes the term as ParseTerm reads it, for JSON and YAML.
func (t Term) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (t *Term) UnmarshalText(b []byte) error {
	parsed, err := ParseTerm(string(b))
	if err != nil {
		return err
	}
	*t = parsed
	return nil
}

// Due returns the last day of a term that starts on the day start: that day
// isn't counted (art. 201), and a last day that isn't worked moves to the next
// working day (art. 203). Terms of hours are Until's and don't move; here they
// count as the days that they begin. assumed tells that the result rests on a
// year without a decree.
func (c *Calendar) Due(start Date, t Term) (due Date, assumed bool) {
	due, assumed = c.End(start, t)
	if t.Unit == Workdays || t.Unit == Hours {
		return due, assumed
	}
	return c.NextWorkday(due)
}

// End is Due without the move past holidays, for periods of validity and for
// what parties agreed otherwise (art. 204).
func (c *Calendar) End(start Date, t Term) (end Date, assumed bool) {
	switch t.Unit {
	case Workdays:
		return c.AddWorkdays(start, t.N)
	case Months:
		return start.AddMonths(t.N), false
	case Years:
		return start.AddYears(t.N), false
	case Hours:
		return start.AddDays((t.N + 23) / 24), false
	default:
		return start.AddDays(t.N), false
	}
}

// Until returns the instant at which a term that starts at an instant is over:
// 24:00 of its last day (art. 203), or exactly so many hours later (art. 201).
func (c *Calendar) Until(start time.Time, t Term) (end time.Time, assumed bool) {
	if t.Unit == Hours {
		return start.Add(time.Duration(t.N) * time.Hour), false
	}
	due, assumed := c.Due(FromTime(start), t)
	return due.AddDays(1).Time(), assumed
}
