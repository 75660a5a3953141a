package credit

import (
	"fmt"

	"juli/internal/day"
	"juli/internal/rulebook"
)

// naturalTerm reads a term of days, months or years.
func (p *parser) naturalTerm(v rulebook.Value) day.Term {
	t := v.Term()
	if t.Unit == day.Workdays || t.Unit == day.Hours {
		v.Fail("这里的期限应为日（d）、月（m）或年（y）")
	}
	return t
}

func (p *parser) readCycle(o *rulebook.Object) {
	c := &p.Cycle
	c.Unit = cycleUnit(o.Need("unit").Choice(cycleKeys[:]...))
	c.PublishUnit = c.Unit
	if o.Has("publish_unit") {
		c.PublishUnit = cycleUnit(o.Get("publish_unit").Choice(cycleKeys[:]...))
	}
	c.CutoffAfter = o.Get("cutoff_after").Int(0, 366)
	c.Cutoffs = map[string]day.Date{}
	cuts := o.Get("cutoffs").Object()
	for _, name := range cuts.Keys() {
		c.Cutoffs[name] = cuts.Get(name).Date()
	}
	c.PublishBy = p.naturalTerm(o.Get("publish_by"))
	c.Placed = DateChoice(o.Need("record_date").Choice(dateKeys[:]...))
	c.Reset = o.Need("accrual").Word("rolling", "rolling", "reset") == "reset"
	if c.Reset && c.Unit == realTime {
		o.Get("accrual").Fail("实时评价没有周期，不能按期重新起算（reset）")
	}
	if co := o.Get("carry_over"); co.Present() {
		coo := co.Object()
		c.CarryOver, c.CarryUntil = p.classes(coo.Need("classes")), coo.Need("until").Word("rectified", "rectified", "left")
	}
	if t := o.Get("trial"); t.Present() {
		to := t.Object()
		c.Trial, c.TrialHalf = Span{to.Get("from").Date(), to.Get("to").Date()}, to.Get("first_half").Bool()
	}
	c.LastDay = o.Get("last_day").Word("counts", "counts", "excluded") == "counts"
	c.SeasonFrom, c.SeasonTo = [2]int{1, 1}, [2]int{12, 31}
	if s := o.Get("season"); s.Present() {
		so := s.Object()
		c.SeasonFrom, c.SeasonTo = monthDay(so.Need("from")), monthDay(so.Need("to"))
	}
}

func monthDay(v rulebook.Value) [2]int {
	var m, d int
	if n, err := fmt.Sscanf(v.Text(), "%d-%d", &m, &d); n != 2 || err != nil || m < 1 || m > 12 || d < 1 || d > 28 {
		v.Fail("日期应写成 \"10-20\"（月-日，日不超过 28）")
		return [2]int{1, 1}
	}
	return [2]int{m, d}
}

func (p *parser) validity(v rulebook.Value) Validity {
	val := p.def
	if !v.Present() {
		return val
	}
	o := v.Object()
	val.Kind = ValidKind(o.Need("kind").Choice(validKeys[:]...))
	if o.Has("term") {
		val.Term = p.naturalTerm(o.Get("term"))
	}
	if o.Has("from") {
		val.From = DateChoice(o.Get("from").Choice(dateKeys[:]...))
	}
	val.Next = p.fact(o.Get("next"))
	return val
}
