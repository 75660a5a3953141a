package credit

import (
	"fmt"
	"time"

	"juli/internal/day"
)

// A Period is one cycle of evaluation (PC-06).
type Period struct {
	Name    string // "2021-Q3", "2021-H1", "2021", "2021-07" or the day
	From    day.Date
	To      day.Date
	Cutoff  day.Date // last day whose information is seen
	Publish day.Date // to be published by, 0 = not stated
}

// Period is the period of the cycle that holds d. A real-time book has none:
// its period is the day itself, open at the start.
func (b *Book) Period(d day.Date) Period {
	if b.Cycle.Unit == realTime {
		return Period{Name: d.String(), To: d, Cutoff: d}
	}
	return b.period(b.Cycle.Unit, d)
}

// PublicationPeriod is the period after which results are published: real-time
// books publish in a rhythm of their own (山东 each quarter).
func (b *Book) PublicationPeriod(d day.Date) Period {
	if b.Cycle.Unit != realTime {
		return b.Period(d)
	}
	if b.Cycle.PublishUnit == realTime {
		return Period{Name: d.String(), From: d, To: d, Cutoff: d, Publish: d}
	}
	return b.period(b.Cycle.PublishUnit, d)
}

// NextPeriod is the publication period after p.
func (b *Book) NextPeriod(p Period) Period { return b.PublicationPeriod(p.To.AddDays(1)) }

func (b *Book) period(unit cycleUnit, d day.Date) Period {
	p := calendarPeriod(unit, d)
	p.Cutoff = p.To.AddDays(b.Cycle.CutoffAfter)
	if c, set := b.Cycle.Cutoffs[p.Name]; set {
		p.Cutoff = c
	}
	if b.Cycle.PublishBy.N > 0 {
		p.Publish = addTerm(p.To, b.Cycle.PublishBy)
	}
	return p
}

// calendarPeriod is the month, quarter, half-year or year of d.
func calendarPeriod(unit cycleUnit, d day.Date) Period {
	y, m, _ := d.Time().Date()
	first, months, name := 1, 12, fmt.Sprintf("%04d", y)
	switch unit {
	case monthly:
		first, months, name = int(m), 1, fmt.Sprintf("%04d-%02d", y, m)
	case quarterly:
		first, months, name = (int(m)-1)/3*3+1, 3, fmt.Sprintf("%04d-Q%d", y, (m-1)/3+1)
	case halfYearly:
		first, months, name = (int(m)-1)/6*6+1, 6, fmt.Sprintf("%04d-H%d", y, (m-1)/6+1)
	}
	from := day.Of(y, time.Month(first), 1)
	return Period{Name: name, From: from, To: from.AddMonths(months).AddDays(-1)}
}

// season is the season that holds d, or the last one before it.
func (c *Cycle) season(d day.Date) Span {
	y := d.Time().Year()
	for year := y; ; year-- {
		from := day.Of(year, time.Month(c.SeasonFrom[0]), c.SeasonFrom[1])
		if from > d {
			continue
		}
		to := day.Of(year, time.Month(c.SeasonTo[0]), c.SeasonTo[1])
		if to < from {
			to = day.Of(year+1, time.Month(c.SeasonTo[0]), c.SeasonTo[1])
		}
		return Span{from, to}
	}
}

// windowStart is the first day of the window of a per-item maximum that holds d.
func (b *Book) windowStart(per string, d day.Date, period Period) day.Date {
	switch per {
	case "month":
		return calendarPeriod(monthly, d).From
	case "quarter":
		return calendarPeriod(quarterly, d).From
	case "half_year":
		return calendarPeriod(halfYearly, d).From
	case "year":
		return calendarPeriod(yearly, d).From
	case "season":
		return b.Cycle.season(d).From
	case "period":
		if b.Cycle.Unit != realTime {
			return b.Period(d).From
		}
		return period.From
	}
	return 0 // life
}

// addTerm adds a term of days, months or years; the start day isn't counted
// and the last day is the corresponding one (民法典 arts. 201, 202).
func addTerm(d day.Date, t day.Term) day.Date {
	switch t.Unit {
	case day.Months:
		return d.AddMonths(t.N)
	case day.Years:
		return d.AddMonths(12 * t.N)
	}
	return d.AddDays(t.N)
}

// trialOn says whether d lies in a trial period for a subject in business since then (PC-10).
func (b *Book) trialOn(d, since day.Date) bool {
	if b.Cycle.Trial.From != 0 && b.Cycle.Trial.Covers(d) {
		return true
	}
	if !b.Cycle.TrialHalf || since == 0 {
		return false
	}
	half := calendarPeriod(halfYearly, since)
	return d <= half.To
}
