package credit

import (
	"fmt"
	"slices"
	"strings"

	"juli/internal/rulebook"
)

// An Example is a worked example that a rulebook carries. It is run as a test.
type Example struct {
	ID, Title   string
	Line        int
	Mark        rulebook.Mark
	Constructed bool // made up to show a bound, not from a published text
	Input       Input
	Expect      Expect
}

// Expect is what an example must give; empty fields are not compared.
type Expect struct {
	Subject                       Subject // zero: the enterprise
	Score, ByScore, Grade, Status string
	NoScore                       bool
	Blacklisted, Provisional      *bool
	Lists                         []string // codes of the lists it should enter
	Sums                          map[string]string
}

// Kind is the credit kind for [rulebook.Kinds].
func Kind() rulebook.Kind {
	return rulebook.Kind{
		Name: kindName, Title: "信用评价", Words: keyWords,
		Check: func(doc *rulebook.Document) error {
			_, err := FromDocument(doc)
			return err
		},
		Test: func(doc *rulebook.Document) ([]rulebook.ExampleResult, error) {
			book, err := FromDocument(doc)
			if err != nil {
				return nil, err
			}
			return RunExamples(book), nil
		},
	}
}

// RunExamples runs the worked examples of a book.
func RunExamples(b *Book) []rulebook.ExampleResult {
	out := make([]rulebook.ExampleResult, 0, len(b.Examples))
	for i := range b.Examples {
		out = append(out, b.runExample(&b.Examples[i]))
	}
	return out
}

func (b *Book) runExample(x *Example) rulebook.ExampleResult {
	r := rulebook.ExampleResult{ID: x.ID, Title: x.Title, Line: x.Line, Constructed: x.Constructed, Mark: b.MarkOf(fmt.Sprintf("examples[%s]", x.ID)).Mark}
	results, err := b.Evaluate(x.Input)
	if err != nil || len(results) == 0 {
		r.Got = fmt.Sprint("无法计算：", err)
		return r
	}
	out := results[0].find(x.Expect.Subject)
	if out == nil {
		r.Got = "没有该对象的结果"
		return r
	}
	r.OK, r.Expected, r.Got = x.Expect.compare(out)
	if !r.OK {
		r.Trace = b.Trace(out)
	}
	return r
}

// find is the outcome of a subject of the bundle; the zero Subject is the enterprise.
func (r *Result) find(s Subject) *Outcome {
	if s.ID == 0 || s.ID == r.Enterprise.Subject.ID && (s.Kind == Enterprise || s.Kind == Branch) {
		return &r.Enterprise
	}
	for _, list := range [][]Outcome{r.Projects, r.Persons} {
		for i := range list {
			if list[i].Subject == s {
				return &list[i]
			}
		}
	}
	return nil
}

// compare tells in words what was expected and what came out.
func (x *Expect) compare(out *Outcome) (ok bool, expected, got string) {
	var want, have []string
	field := func(name, w, h string) {
		if w != "" {
			want, have = append(want, name+" "+w), append(have, name+" "+h)
		}
	}
	score := "无"
	if out.Scored {
		score = out.Score.String()
	}
	if x.NoScore {
		field("得分", "无", score)
	}
	field("得分", x.Score, score)
	field("按分定级", x.ByScore, out.ByScore)
	field("等级", x.Grade, out.Grade)
	field("状态", x.Status, out.Status)
	if x.Blacklisted != nil {
		field("黑名单", fmt.Sprint(*x.Blacklisted), fmt.Sprint(out.Blacklisted))
	}
	if x.Provisional != nil {
		field("暂定", fmt.Sprint(*x.Provisional), fmt.Sprint(out.Provisional))
	}
	if len(x.Lists) > 0 {
		var enter []string
		for _, s := range out.Signals {
			if !s.Leave {
				enter = append(enter, s.List)
			}
		}
		slices.Sort(enter)
		lists := slices.Sorted(slices.Values(x.Lists))
		field("列入名单", strings.Join(lists, "、"), strings.Join(enter, "、"))
	}
	for _, s := range out.Sums {
		field(s.Class+" 合计", x.Sums[s.Class], s.Capped.String())
	}
	expected, got = strings.Join(want, "，"), strings.Join(have, "，")
	return expected == got, expected, got
}

// Trace writes an outcome line by line, for people.
func (b *Book) Trace(out *Outcome) []string {
	var lines []string
	for i := range out.Lines {
		lines = append(lines, b.LineText(&out.Lines[i]))
	}
	for _, p := range out.Parts {
		text := fmt.Sprintf("其中项目 %d：得分 %s，权重 %d", p.Project, p.Score, p.Weight)
		if p.Missing {
			text = fmt.Sprintf("其中项目 %d：未报送", p.Project)
		}
		lines = append(lines, text)
	}
	for _, r := range slices.Concat(out.Restraints, out.Blacklist) {
		lines = append(lines, fmt.Sprintf("限制：%s（%s）", r.Grade, r.Path))
	}
	total := "不计分"
	if out.Scored {
		total = "得分 " + out.Score.String()
	}
	return append(lines, strings.TrimSpace(fmt.Sprintf("%s，等级 %s %s %s", total, out.Grade, out.Status, out.Why)))
}

// LineText writes one line: points, what it is, why it counts or not, where it stands.
func (b *Book) LineText(l *Line) string {
	what := l.Kind.String()
	if it := b.Item(l.Item); it != nil {
		what = it.Code + " " + it.Title
	} else if l.Class >= 0 && int(l.Class) < len(b.Classes) {
		what += "（" + b.Classes[l.Class].Title + "）"
	}
	if !l.Reason.Counts() || l.Reason == PartlyCounted {
		what += "：" + l.Reason.String()
	}
	return fmt.Sprintf("%8s  %s  [%s]", signed(l.Points.String()), what, l.Path)
}

func signed(s string) string {
	if s == "" || s[0] == '-' || s == "0" {
		return s
	}
	return "+" + s
}
