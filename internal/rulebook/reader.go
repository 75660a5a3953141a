package rulebook

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"juli/internal/day"
	"juli/internal/fault"
	"juli/internal/money"
)

const (
	textMax     = 1 << 20 // bytes of a rulebook
	depthMax    = 24      // nesting
	nodesMax    = 60_000
	problemsMax = 50
)

// PointsMax bounds every decimal of a rulebook: points, caps, bounds, weights
// and factors. What is computed of them then stays far from the limit of the
// type, and no sum can turn over.
const PointsMax = 1_000_000 * money.Point

// A Problem is one thing wrong in a rulebook, with its line.
type Problem struct {
	Line int
	Path string
	Text string
}

// String shows the problem as 第 12 行 items[N04].points：….
func (p Problem) String() string {
	if p.Path == "" {
		return fmt.Sprintf("第 %d 行：%s", p.Line, p.Text)
	}
	return fmt.Sprintf("第 %d 行 %s：%s", p.Line, p.Path, p.Text)
}

// A reader gathers what one pass over a file finds.
type reader struct {
	problems    []Problem
	marks       []Marked
	objects     []*Object
	read        map[*yaml.Node]*Object // mappings read before: their faults are told once
	expressions int                    // read so far
	cost        uint64                 // of all of them, as estimated
}

func (r *reader) fail(line int, path, format string, args ...any) {
	if len(r.problems) <= problemsMax {
		r.problems = append(r.problems, Problem{max(line, 1), path, fmt.Sprintf(format, args...)})
	}
}

// A Value is one YAML node with its place. The zero Value is an absent one: it
// reads as zero and reports nothing.
type Value struct {
	r    *reader
	node *yaml.Node
	path string
	near int  // line of what would hold it
	told bool // its absence was reported
}

// Present says whether the file holds the value.
func (v Value) Present() bool { return v.node != nil }

// Path is the value's place, such as items[HRB-N04].points.
func (v Value) Path() string { return v.path }

// Line is the value's line in the file; if it is absent, that of what lacks it.
func (v Value) Line() int {
	if v.node == nil {
		return v.near
	}
	return v.node.Line
}

// Fail reports a problem at the value's line; the text is Chinese.
func (v Value) Fail(format string, args ...any) {
	if v.r != nil && !v.told {
		v.r.fail(v.Line(), v.path, format, args...)
	}
}

// plain unwraps {value: …, mark: …, source: …} and keeps the mark.
func (v Value) plain() Value {
	if v.node == nil || v.node.Kind != yaml.MappingNode {
		return v
	}
	o := v.Object()
	inner := o.Get("value")
	if !inner.Present() && o.mark != Unknown {
		v.Fail("这里应写一个值，或写成 {value: 值, mark: 标注, source: 来源}")
	}
	inner.path = v.path
	return inner
}

func (v Value) scalar(what string) (string, bool) {
	v = v.plain()
	if v.node == nil {
		return "", false
	}
	if v.node.Kind != yaml.ScalarNode || v.node.ShortTag() == "!!null" {
		v.Fail("这里应写%s", what)
		return "", false
	}
	return v.node.Value, true
}

// Text reads a text; a number is taken as written.
func (v Value) Text() string {
	s, _ := v.scalar("文字")
	return strings.TrimSpace(s)
}

// Points reads a decimal with at most four places, exactly, no further from
// zero than [PointsMax].
func (v Value) Points() money.Points {
	s, ok := v.scalar("数字")
	if !ok {
		return 0
	}
	p, err := money.ParsePoints(s)
	switch {
	case fault.Is(err, "money.range"), p > PointsMax, p < -PointsMax:
		v.Fail("“%s”超出范围，应在 -%s 到 %s 之间", s, PointsMax, PointsMax)
		return 0
	case err != nil:
		v.Fail("“%s”不是最多四位小数的数字", s)
	}
	return p
}

// Int reads a whole number between lo and hi.
func (v Value) Int(lo, hi int) int {
	s, ok := v.scalar("整数")
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < lo || n > hi {
		v.Fail("“%s”不是 %d 到 %d 之间的整数", s, lo, hi)
		return 0
	}
	return n
}

// Bool reads true or false.
func (v Value) Bool() bool {
	s, ok := v.scalar("true 或 false")
	if ok && s != "true" && s != "false" {
		v.Fail("“%s”应为 true 或 false", s)
	}
	return s == "true"
}

// Date reads a day as 2021-04-15.
func (v Value) Date() day.Date {
	s, ok := v.scalar("日期")
	if !ok {
		return 0
	}
	d, err := day.Parse(s)
	if err != nil {
		v.Fail("“%s”不是日期，应写成 2021-04-15", s)
	}
	return d
}

// Term reads a term: 7d natural days, 5wd working days, 6m months, 2y years.
func (v Value) Term() day.Term {
	s, ok := v.scalar("期限")
	if !ok {
		return day.Term{}
	}
	t, err := day.ParseTerm(s)
	if err != nil {
		v.Fail("“%s”不是期限，应写成 7d（日）、5wd（工作日）、6m（月）或 2y（年）", s)
	}
	return t
}

// Choice reads one of the allowed words and returns its place, 0 if absent.
func (v Value) Choice(words ...string) int {
	s, ok := v.scalar("下列之一：" + strings.Join(words, "、"))
	if !ok {
		return 0
	}
	i := slices.Index(words, s)
	if i < 0 {
		v.Fail("“%s”不在允许的取值中：%s", s, strings.Join(words, "、"))
		return 0
	}
	return i
}

// Word reads one of the allowed words; def if absent.
func (v Value) Word(def string, words ...string) string {
	if !v.Present() {
		return def
	}
	return words[v.Choice(words...)]
}

// List reads a list; a single scalar is a list of one.
func (v Value) List() []Value {
	if v.node == nil {
		return nil
	}
	if v.node.Kind == yaml.ScalarNode && v.node.ShortTag() != "!!null" {
		return []Value{v}
	}
	if v.node.Kind == yaml.MappingNode {
		inner := v.plain()
		if inner.node == nil || inner.node.Kind == yaml.MappingNode {
			return nil
		}
		return inner.List()
	}
	if v.node.Kind != yaml.SequenceNode {
		v.Fail("这里应写一个列表")
		return nil
	}
	list := make([]Value, len(v.node.Content))
	for i, n := range v.node.Content {
		list[i] = Value{r: v.r, node: n, path: v.path + "[" + nodeName(n, i) + "]"}
	}
	return list
}

// nodeName names a list element by its code, so that paths survive reordering.
func nodeName(n *yaml.Node, i int) string {
	if n.Kind == yaml.MappingNode {
		for _, key := range []string{"code", "id"} {
			for k := 0; k+1 < len(n.Content); k += 2 {
				if n.Content[k].Value == key && n.Content[k+1].Kind == yaml.ScalarNode {
					return n.Content[k+1].Value
				}
			}
		}
	}
	return strconv.Itoa(i + 1)
}

// Texts reads a list of texts.
func (v Value) Texts() []string {
	var out []string
	for _, e := range v.List() {
		out = append(out, e.Text())
	}
	return out
}
