package credit

import "juli/internal/money"

// What a form has to ask about an item.

// Measured says whether a record of the item states a measured value.
func (it *Item) Measured() bool {
	return it.Mode == bandPoints || it.Mode == ratioPoints || it.Mode == unitPoints
}

// Discretionary says whether who identifies a record chooses its points (PC-17).
func (it *Item) Discretionary() bool { return it.Mode == discretionPoints }

// Personal says whether only a person can be scored by the item.
func (it *Item) Personal() bool {
	return (it.For(Manager) || it.For(Staff)) && !it.For(Project) && !it.For(Enterprise) && !it.For(Branch)
}

// Hangs says whether a record of the item may name another one: the order that
// it follows, or what it takes back; must says that it has to.
func (it *Item) Hangs() (may, must bool) {
	return len(it.Orders) > 0 || len(it.Voids) > 0, it.linked() && len(it.Orders) > 0
}

// Effect says in words what a record of the item does where that is no number of
// points; "" where it is one.
func (it *Item) Effect() string {
	switch {
	case it.Mode == parentPoints && it.Points == money.Point:
		return "翻倍"
	case it.Mode == parentPoints:
		return "原记录分值的 " + it.Points.String() + " 倍"
	case it.Points != 0 || it.Mode != fixedPoints:
		return ""
	case it.Veto != nil:
		return "一票否决"
	case it.Blacklist != nil:
		return "列入黑名单"
	}
	return ""
}

// Rewards says whether a record of the item can be good for its subject.
func (b *Book) Rewards(it *Item) bool {
	if sign := b.Classes[it.Class].Sign; sign != 0 {
		return sign > 0
	}
	best := max(it.Points, it.Max)
	for _, l := range it.Levels {
		best = max(best, l.Points)
	}
	for _, x := range it.Bands {
		best = max(best, x.Points)
	}
	return best > 0
}
