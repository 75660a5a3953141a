package credit

import (
	"cmp"
	"slices"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/money"
)

// distribution counts standings of one kind by grade or status, in no order.
func distribution(all []Standing, kind SubjectKind, at func(*Standing) bool) []Share {
	index := map[[2]string]int{}
	var out []Share
	for i := range all {
		s := &all[i]
		if !sameKind(s.Subject.Kind, kind) || at != nil && !at(s) {
			continue
		}
		key := [2]string{s.Grade, ""}
		if s.Grade == "" {
			key[1] = s.Status
		}
		n, known := index[key]
		if !known {
			n = len(out)
			index[key] = n
			out = append(out, Share{Grade: key[0], Status: key[1]})
		}
		out[n].Count++
		out[n].Projects += s.Projects
		out[n].Area += s.Area
	}
	return out
}

// SortShares puts a distribution into the order of the book's grades, best
// first; statuses come last.
func SortShares(b *Book, kind SubjectKind, list []Share) []Share {
	order := b.gradeCodes(kind)
	place := func(s Share) int {
		if i := slices.Index(order, s.Grade); i >= 0 && s.Grade != "" {
			return i
		}
		return len(order) + boolInt(s.Grade == "")
	}
	slices.SortStableFunc(list, func(x, y Share) int {
		return cmp.Or(cmp.Compare(place(x), place(y)), cmp.Compare(x.Grade, y.Grade), cmp.Compare(x.Status, y.Status))
	})
	return list
}

// sameKind treats a branch that is its own unit as an enterprise.
func sameKind(a, b SubjectKind) bool {
	if a == Branch {
		a = Enterprise
	}
	if b == Branch {
		b = Enterprise
	}
	return a == b
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// A Move is a subject whose grade or status differs between two runs.
type Move struct {
	Subject    Subject
	Enterprise db.ID
	District   code.Division
	Area       money.Area
	Before     Standing
	After      Standing
	Causes     []Cause // what changed between the two scores, largest first
}

// A Cause is an item, class or adjustment whose points differ between two runs.
type Cause struct {
	Item   string // item code, or the kind of line
	Title  string
	Before money.Points
	After  money.Points
}

// A Comparison sets two runs side by side: who moves between grades, and the
// distribution before and after, in all, by district and by size.
type Comparison struct {
	Before, After Evaluation
	Moves         []Move
	Total         SidesOf
	Districts     []SidesOf
	Sizes         []SidesOf
}

// SidesOf is the distribution of one group before and after.
type SidesOf struct {
	Key           string
	Title         string
	Before, After []Share
}

// sizeBands group enterprises by managed area, for comparing like with like.
var sizeBands = []struct {
	title string
	below money.Area
}{
	{"10 万㎡以下", 100_000_00}, {"10–50 万㎡", 500_000_00}, {"50–100 万㎡", 1_000_000_00}, {"100–200 万㎡", 2_000_000_00}, {"200 万㎡及以上", 0},
}

// SizeBand is the number and title of the size group of an area.
func SizeBand(a money.Area) (int, string) {
	for i, b := range sizeBands {
		if b.below == 0 || a < b.below {
			return i, b.title
		}
	}
	return 0, ""
}

// Compare sets two runs side by side for one kind of subject. district names a
// division for the reader.
func Compare(before, after *Trial, kind SubjectKind, district func(code.Division) string) Comparison {
	c := Comparison{Before: before.Evaluation, After: after.Evaluation}
	was := make(map[db.ID]*Standing, len(before.Standings))
	for i := range before.Standings {
		if s := &before.Standings[i]; sameKind(s.Subject.Kind, kind) {
			was[s.Subject.ID] = s
		}
	}
	for i := range after.Standings {
		s := &after.Standings[i]
		if !sameKind(s.Subject.Kind, kind) {
			continue
		}
		b, known := was[s.Subject.ID]
		if !known {
			b = &Standing{Subject: s.Subject}
		}
		if b.Grade != s.Grade || b.Status != s.Status {
			c.Moves = append(c.Moves, Move{Subject: s.Subject, Enterprise: s.Enterprise, District: districtOf(s.Division), Area: s.Area, Before: *b, After: *s})
		}
	}
	slices.SortFunc(c.Moves, func(a, b Move) int {
		return cmp.Or(cmp.Compare(a.After.Score-a.Before.Score, b.After.Score-b.Before.Score), cmp.Compare(a.Subject.ID, b.Subject.ID))
	})
	for i := range c.Moves {
		m := &c.Moves[i]
		x, okX := before.Outcome(m.Enterprise, m.Subject)
		y, okY := after.Outcome(m.Enterprise, m.Subject)
		if okX && okY {
			m.Causes = Causes(&x, &y, before.Book, after.Book)
		}
	}
	sides := func(key, title string, at func(*Standing) bool) SidesOf {
		return SidesOf{key, title, before.Distribution(kind, at), after.Distribution(kind, at)}
	}
	c.Total = sides("", "全市", nil)
	for _, d := range districtsIn(before.Standings, after.Standings) {
		c.Districts = append(c.Districts, sides(string(d), district(d), func(s *Standing) bool { return districtOf(s.Division) == d }))
	}
	for i, b := range sizeBands {
		c.Sizes = append(c.Sizes, sides(b.title, b.title, func(s *Standing) bool { n, _ := SizeBand(s.Area); return n == i }))
	}
	return c
}

func districtsIn(lists ...[]Standing) []code.Division {
	var out []code.Division
	for _, l := range lists {
		for i := range l {
			out = append(out, districtOf(l[i].Division))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Causes explains a move: the items and adjustments whose points differ
// between two outcomes of the same subject, largest difference first.
func Causes(before, after *Outcome, bookBefore, bookAfter *Book) []Cause {
	sums := map[string]*Cause{}
	var order []string
	add := func(o *Outcome, b *Book, side func(*Cause) *money.Points) {
		for i := range o.Lines {
			l := &o.Lines[i]
			key, title := l.Kind.Key(), l.Kind.String()
			if it := b.Item(l.Item); it != nil {
				key, title = it.Code, it.Title
			}
			if sums[key] == nil {
				sums[key] = &Cause{Item: key, Title: title}
				order = append(order, key)
			}
			*side(sums[key]) += l.Points
		}
	}
	add(before, bookBefore, func(c *Cause) *money.Points { return &c.Before })
	add(after, bookAfter, func(c *Cause) *money.Points { return &c.After })
	var out []Cause
	for _, key := range order {
		if c := sums[key]; c.Before != c.After {
			out = append(out, *c)
		}
	}
	slices.SortStableFunc(out, func(a, b Cause) int { return cmp.Compare(size(b.After-b.Before), size(a.After-a.Before)) })
	return out
}
