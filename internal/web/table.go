package web

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/day"
	"juli/internal/money"
)

// A Table is rows under named columns. With a List it sorts, filters, pages and
// exports; without one it is just a table.
type Table struct {
	Caption string // what the rows are; screen readers hear it, Card titles show it
	Cols    []Col
	Rows    []Row
	Total   []Cell // a last row; its first cell spans what is left over
	List    *List
	None    Nothing // shown when there are no rows and no filter is on
	Scroll  bool    // on a phone: scroll sideways instead of one card a row; for figures to be compared
	Plain   bool    // no row hover, no zebra: for print sheets
}

// A Col is one column.
type Col struct {
	Name string
	Key  string // sort key; "" can't be sorted
	Num  bool   // figures: right-aligned, of one width; the unit stands in Name
}

// A Row is one line. The first cell names it.
type Row struct {
	Cells []Cell
	Off   bool // void: shown struck through, with its reason in a cell
	ID    string
}

// A Cell is a text, maybe a link, maybe a component.
type Cell struct {
	Text, Href string
	Sub        string // a second, quiet line
	Tone       Tone   // as a tag
	Sign       int    // -1 and +1 colour a figure
	Body       templ.Component
	Nowrap     bool
	Plain      string // what a file shows where Body is a component
	Value      any    // what a file holds instead: an exact number or a day

	tag, blank bool // a label even without a tone; no dash where nothing is
}

// T is a text cell. A word, such as a district's name, is not broken.
func T(text string) Cell { return Cell{Text: text, Nowrap: text != "" && len(text) <= 5*len("字")} }

// L is a linked cell.
func L(text, href string) Cell { return Cell{Text: text, Href: href} }

// C is a cell holding a component.
func C(body templ.Component) Cell { return Cell{Body: body} }

// Tagged is a cell with a label.
func Tagged(text string, tone Tone) Cell { return Cell{Text: text, Tone: tone, tag: true} }

// Grades is a cell with a credit grade.
func Grades(grade string) Cell { return Cell{Text: grade, Tone: gradeTone(grade), tag: true} }

// N is a whole number; with href it leads to the records it was counted from.
func N(n int64, href string) Cell { return Cell{Text: group(n), Href: href, Value: n} }

// D is a day.
func D(d day.Date) Cell { return Cell{Text: d.String(), Nowrap: true, Value: d} }

// F is an amount in 元; the column's name carries the unit.
func F(f money.Fen) Cell { return Cell{Text: f.Format(), Value: f} }

// A is an area in ㎡.
func A(a money.Area) Cell { return Cell{Text: a.Format(), Value: a} }

// P is points; sign colours what is added or taken.
func P(p money.Points, sign bool) Cell {
	c := Cell{Text: scoreText(p, sign), Value: p}
	if sign && p != 0 {
		c.Sign = 1
		if p < 0 {
			c.Sign = -1
		}
	}
	return c
}

func (c *Cell) class(col Col) string {
	if !col.Num && !c.Nowrap && c.Sign == 0 && !c.empty() {
		return ""
	}
	var words [4]string
	if col.Num {
		words[0] = "num"
	}
	if c.empty() {
		words[1] = "none" // a phone's card leaves it out
	}
	if c.Nowrap {
		words[2] = "nowrap"
	}
	switch c.Sign {
	case 1:
		words[3] = "plus"
	case -1:
		words[3] = "minus"
	}
	switch words { // what nearly every cell has
	case [4]string{"num"}:
		return "num"
	case [4]string{2: "nowrap"}:
		return "nowrap"
	}
	return strings.Join(strings.Fields(strings.Join(words[:], " ")), " ")
}

func (c *Cell) empty() bool { return c.Text == "" && c.Body == nil && c.Sub == "" }

func (t Table) col(i int) Col {
	if i < len(t.Cols) {
		return t.Cols[i]
	}
	return Col{}
}

// lead is how many columns the first cell of the total row spans.
func (t Table) lead() int { return max(len(t.Cols)-len(t.Total)+1, 1) }

func (t Table) class() string {
	s := "rows"
	if t.Scroll {
		s = "wide"
	}
	if t.Plain {
		s += " plain"
	}
	return s
}

// sort is aria-sort of a column, "" if it can't be sorted.
func (t Table) sort(c Col) string {
	switch {
	case t.List == nil || c.Key == "" || t.List.sortURL(c.Key) == "":
		return ""
	case t.List.Sort != c.Key:
		return "none"
	case t.List.Desc:
		return "descending"
	}
	return "ascending"
}

// where says which rows are seen: "第 51–100 条，共 2,891 条".
func (l *List) where() string {
	switch {
	case l.shown == 0 && !l.Narrowed():
		return "" // the table says why there is nothing, and what to do
	case l.shown == 0:
		return "没有符合条件的记录"
	case l.from == 0 && l.next == "" && l.after == "":
		return "共 " + group(int64(l.shown)) + " 条"
	}
	s := "第 " + group(l.from+1) + "–" + group(l.from+int64(l.shown)) + " 条"
	if l.total >= 0 {
		s += "，共 " + group(l.total) + " 条"
	}
	return s
}

// lifts are the filters that are on, each with the address without it.
func (l *List) lifts() []Chip {
	var on []Chip
	if l.Q != "" {
		on = append(on, Chip{Text: "“" + l.Q + "”", Href: l.With("q", "")})
	}
	for _, f := range l.Spec.Filters {
		v := l.picked[f.Name]
		if v == "" || f.Chips {
			continue
		}
		text := v
		for _, o := range f.Options {
			if o.Value == v {
				text = o.Text
			}
		}
		on = append(on, Chip{Text: f.Label + "：" + text, Href: l.With(f.Name, "")})
	}
	return on
}

func (l *List) chips(f Filter) []Chip {
	all := []Chip{{Text: "全部", Href: l.With(f.Name, ""), On: l.picked[f.Name] == ""}}
	for _, o := range f.Options {
		all = append(all, Chip{Text: o.Text, Count: o.Count, Href: l.With(f.Name, o.Value), On: l.picked[f.Name] == o.Value})
	}
	return all
}

// asked are the filters of the form: those in the open and, where there are many,
// those that are folded so that the rows come soon.
func (l *List) asked() (first, rest []Filter) {
	for _, f := range l.Spec.Filters {
		if !f.Chips {
			first = append(first, f)
		}
	}
	shown := 3
	if l.Spec.Search != "" {
		shown = 2
	}
	if len(first) > shown+1 {
		first, rest = first[:shown:shown], first[shown:]
	}
	return first, rest
}

// uses says whether one of the filters is on.
func (l *List) uses(filters []Filter) bool {
	return slices.ContainsFunc(filters, func(f Filter) bool { return l.picked[f.Name] != "" })
}

// asks says whether the list has a filter form to show.
func (l *List) asks() bool {
	first, _ := l.asked()
	return len(first) > 0 || l.Spec.Search != ""
}

// carried are the filters that the form does not show but must not lose.
func (l *List) carried() [][2]string {
	var kept [][2]string
	for _, f := range l.Spec.Filters {
		if f.Chips && l.picked[f.Name] != "" {
			kept = append(kept, [2]string{f.Name, l.picked[f.Name]})
		}
	}
	if len(l.Spec.Sorts) > 0 && signed(l.Sort, l.Desc) != l.Spec.Sorts[0] {
		kept = append(kept, [2]string{"sort", signed(l.Sort, l.Desc)})
	}
	return kept
}
