package listing

import (
	"cmp"
	"slices"

	"juli/internal/day"
)

// judges says whether a batch looks at all that the rulebook's automatic batch would:
// it has its sides, and every condition that would be asked there is asked here.
func (b *Book) judges(x Batch) bool {
	if b.Next.Sides == Both && x.Sides != Both || !x.Sides.Has(b.Next.Sides) {
		return false
	}
	return !slices.ContainsFunc(b.Triggers, func(t Trigger) bool { return t.in(b.Next.Theme) && !t.in(x.Theme) })
}

func (t *Trigger) in(theme string) bool {
	return len(t.Themes) == 0 || slices.Contains(t.Themes, theme)
}

// decided says whether a batch's period is judged: people have gone on from collecting,
// or the program began it and nobody ended it. What an official alone has opened, and
// left, takes no day from the lists.
func (b Batch) decided() bool {
	switch b.State {
	case Abandoned:
		return false
	case Collecting, ScoredAll:
		return b.Automatic
	}
	return true
}

// judged is the last day up to which every day since the first batch was judged, 0
// before there is one. The first one is people's, and it counts while it runs.
func (b *Book) judged(all []Batch) (last day.Date) {
	all = slices.DeleteFunc(slices.Clone(all), func(x Batch) bool { return x.State == Abandoned || !b.judges(x) })
	if len(all) == 0 {
		return 0
	}
	last = slices.MinFunc(all, func(x, y Batch) int { return cmp.Compare(x.ID, y.ID) }).To
	slices.SortFunc(all, func(x, y Batch) int { return cmp.Compare(x.From, y.From) })
	for _, x := range all {
		if x.decided() && x.From <= last.AddDays(1) {
			last = max(last, x.To)
		}
	}
	return last
}

// Due says which days the program's next batch judges, none while its turn has not come:
// from the first day that no batch has judged, once the rulebook's interval has passed
// since then, and since the program's batch before, to yesterday, since today is not over.
func (b *Book) Due(all []Batch, today day.Date, cal *day.Calendar) (from, to day.Date) {
	last := b.judged(all)
	if last == 0 || b.Next.Every.IsZero() {
		return 0, 0
	}
	since := last
	for _, x := range all {
		if x.Automatic {
			since = max(since, x.To)
		}
	}
	if due, _ := cal.End(since, b.Next.Every); today <= due {
		return 0, 0
	}
	return last.AddDays(1), today.AddDays(-1)
}
