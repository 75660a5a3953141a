package web

import (
	"encoding/json"
	"strings"
)

// A ChartKind is the shape of a chart.
type ChartKind string

// The shapes. Bars lie, one a row, and are their own table: for comparing many
// named things. Columns, Lines and Stack run over time or a few classes.
const (
	Bars    ChartKind = "bars"
	Columns ChartKind = "columns"
	Lines   ChartKind = "lines"
	Stack   ChartKind = "stack"
)

// A Chart shows whole numbers in units of 10^-Places. It is drawn on the server
// as SVG without script and always has its table; where the chart script is
// there it answers to the pointer, too.
type Chart struct {
	Kind   ChartKind
	Title  string
	Unit   string // "%", "分", "家"
	Places int    // 2 means that 9135 is 91.35
	Labels []string
	Hrefs  []string // per label, the records behind it
	Notes  []string // per label, at the end of a bar: "231 / 420"
	Series []Series // at most six
	Goal   *Goal
	From   int64 // where the value axis begins; 0 but for lines that need a closer look
}

// A Series is one value per label.
type Series struct {
	Name   string
	Values []int64
}

// A Goal is a line to be reached.
type Goal struct {
	Value int64
	Text  string
}

func (c Chart) text(v int64) string {
	sign := ""
	if v < 0 {
		sign, v = "−", -v
	}
	scale := int64(1)
	for range c.Places {
		scale *= 10
	}
	s := sign + group(v/scale)
	if c.Places > 0 {
		frac := num(v%scale + scale)
		s += "." + frac[1:]
	}
	return s
}

// top is the end of the value axis: a round number above all values.
func (c Chart) top() int64 {
	most := c.From + 1
	for i := range c.Labels {
		var sum int64
		for _, s := range c.Series {
			v := s.at(i)
			if c.Kind == Stack {
				sum += v
				v = sum
			}
			most = max(most, v)
		}
	}
	if c.Goal != nil {
		most = max(most, c.Goal.Value)
	}
	return c.From + roundUp(most-c.From)
}

func (s Series) at(i int) int64 {
	if i < len(s.Values) {
		return s.Values[i]
	}
	return 0
}

// roundUp is the next of 1, 2, 2.5, 4, 5, 8 times a power of ten.
func roundUp(n int64) int64 {
	unit := int64(1)
	for unit*10 < n {
		unit *= 10
	}
	for _, tenths := range []int64{10, 20, 25, 40, 50, 80, 100} {
		if top := (unit*tenths + 9) / 10; top >= n {
			return top
		}
	}
	return n
}

// drawing is a chart in a box of so many units.
type drawing struct {
	Chart
	W, H        int64
	left, right int64
	foot        int64
	max         int64
}

// Three sizes are drawn and the stylesheet shows the one that fits, so that
// letters stay letters on a phone and on a wall.
func (c Chart) broad() drawing { return c.draw(1100, 280) }
func (c Chart) wide() drawing  { return c.draw(640, 260) }
func (c Chart) thin() drawing  { return c.draw(330, 230) }

func (c Chart) draw(w, h int64) drawing {
	d := drawing{Chart: c, W: w, H: h, right: 12, foot: 26, max: c.top()}
	d.left = 12 + 8*int64(max(len(c.text(d.max)), len(c.text(c.From))))
	return d
}

func (d drawing) box() string { return "0 0 " + num(d.W) + " " + num(d.H) }

// y is where a value stands.
func (d drawing) y(v int64) int64 {
	span := d.H - d.foot - 16
	return d.H - d.foot - (min(max(v, d.From), d.max)-d.From)*span/(d.max-d.From)
}

// x is the middle of the label's place.
func (d drawing) x(i int) int64 {
	room := d.W - d.left - d.right
	return d.left + room*int64(2*i+1)/int64(2*max(len(d.Labels), 1))
}

// slot is how wide a label's place is.
func (d drawing) slot() int64 { return (d.W - d.left - d.right) / int64(max(len(d.Labels), 1)) }

// ticks are the values written at the axis.
func (d drawing) ticks() []int64 {
	step := (d.max - d.From) / 4
	if step == 0 || (d.max-d.From)%4 != 0 {
		return []int64{d.From, d.max}
	}
	return []int64{d.From, d.From + step, d.From + 2*step, d.From + 3*step, d.max}
}

// named says whether there is room for the label.
func (d drawing) named(i int) bool {
	longest := 1
	for _, l := range d.Labels {
		longest = max(longest, len([]rune(l)))
	}
	every := int64(longest*13+8)/max(d.slot(), 1) + 1
	return int64(i)%every == 0
}

// A block is one rectangle of columns or stacks.
type block struct {
	x, y, w, h int64
	class      string
	label      string
}

func (d drawing) blocks() []block {
	var all []block
	n := int64(len(d.Series))
	for i := range d.Labels {
		w := min(d.slot()*7/10, 64)
		x, sum := d.x(i)-w/2, d.From
		for s, series := range d.Series {
			v := series.at(i)
			b := block{class: fill(s), label: d.Labels[i] + " " + series.Name + " " + d.text(v) + d.Unit}
			if d.Kind == Stack {
				b.x, b.w, b.y = x, w, d.y(sum+v)
				b.h = d.y(sum) - b.y
				sum += v
				if b.h > 2 {
					b.h-- // a gap that colour is not needed to see
				}
			} else {
				b.w = max(w/n-1, 2)
				b.x, b.y = x+int64(s)*w/n, d.y(v)
				b.h = d.H - d.foot - b.y
			}
			all = append(all, b)
		}
	}
	return all
}

func (d drawing) points(s Series) string {
	var b strings.Builder
	for i := range d.Labels {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(num(d.x(i)) + "," + num(d.y(s.at(i))))
	}
	return b.String()
}

func fill(i int) string   { return "f" + itoa(i%6+1) }
func stroke(i int) string { return "k" + itoa(i%6+1) }

// share is a bar's length in thousandths.
func (c Chart) share(v int64) string {
	return num(max(v-c.From, 0) * 1000 / (c.top() - c.From))
}

func (c Chart) href(i int) string {
	if i < len(c.Hrefs) {
		return c.Hrefs[i]
	}
	return ""
}

func (c Chart) note(i int) string {
	if i < len(c.Notes) {
		return c.Notes[i]
	}
	return ""
}

// said is the chart in words, for those who don't see it.
func (c Chart) said() string {
	var b strings.Builder
	b.WriteString(c.Title + "。")
	for _, s := range c.Series {
		b.WriteString(s.Name + "：")
		for i, l := range c.Labels {
			if i > 0 {
				b.WriteString("，")
			}
			b.WriteString(l + " " + c.text(s.at(i)) + c.Unit)
		}
		b.WriteString("。")
	}
	return b.String()
}

// table is the chart's figures in rows.
func (c Chart) table() Table {
	t := Table{Caption: c.Title + "（表）", Scroll: true, Cols: []Col{{Name: "项目"}}}
	for _, s := range c.Series {
		name := orDash(s.Name)
		if c.Unit != "" {
			name += "（" + c.Unit + "）"
		}
		t.Cols = append(t.Cols, Col{Name: name, Num: true})
	}
	for i, l := range c.Labels {
		row := Row{Cells: []Cell{L(l, c.href(i))}}
		for _, s := range c.Series {
			row.Cells = append(row.Cells, T(c.text(s.at(i))))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// data is what the chart script reads.
func (c Chart) data() string {
	raw, _ := json.Marshal(map[string]any{
		"kind": c.Kind, "title": c.Title, "unit": c.Unit, "places": c.Places,
		"labels": c.Labels, "series": c.Series, "goal": c.Goal, "from": c.From,
	})
	return string(raw)
}
