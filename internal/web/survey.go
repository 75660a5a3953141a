package web

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/money"
	"juli/internal/survey"
)

// SurveyFields are the questions of a survey, for the page that a home answers on
// and for paper that is entered.
func SurveyFields(b *survey.Book) []Field {
	var out []Field
	for _, q := range b.Questions {
		f := Field{Name: "q-" + q.Code, Label: q.Title, Kind: Radio, Required: true}
		for _, c := range b.Choices {
			f.Options = append(f.Options, Option{Value: c.Code, Text: c.Title})
		}
		out = append(out, f)
	}
	return out
}

// SurveyChoices are the answers of a form in the questions' order.
func SurveyChoices(f *Form, b *survey.Book) string {
	var out strings.Builder
	for _, q := range b.Questions {
		out.WriteString(f.Str("q-" + q.Code))
	}
	return out.String()
}

// SurveyResult shows what was counted: each share with its numerator, denominator
// and interval, how it was counted, and a warning where it is little.
func SurveyResult(r survey.Result) templ.Component {
	low, high := survey.Interval(r.Satisfied, r.Rated, r.Book.Z)
	parts := []templ.Component{Figures("结果", resultFigures(r, low, high))}
	switch {
	case r.Rated < r.Book.Small:
		parts = append(parts, Notice(Warn, "答卷太少", "有评价的只有 "+Count(r.Rated)+" 户，少于 "+Count(r.Book.Small)+" 户，结果只能参考，不能与其他项目比较。"))
	case !r.SampleOK():
		parts = append(parts, Notice(Warn, "样本不足", "有评价的 "+Count(r.Rated)+" 户，少于误差要求的 "+Count(r.Needed)+" 户，区间比要求的宽。"))
	}
	if r.Book.Doubtful(r.Reread) {
		text := RereadWords(r)
		if r.Despite != "" {
			text += "仍公布的理由：" + r.Despite
		}
		parts = append(parts, Notice(Warn, "纸质答卷复核不一致过多", text))
	}
	if covered, may := r.Book.Dismissal(r.Homes, r.Tally); r.Renovated {
		text := "答卷覆盖 " + Percent(r.Answered, r.Homes) + "（" + Ratio(r.Answered, r.Homes) + " 户），"
		switch {
		case may:
			text += "满意的占答卷的 " + Percent(r.Satisfied, r.Answered) + "，居委会可以提议召开业主大会讨论解聘。"
		case covered:
			text += "满意的占答卷的 " + Percent(r.Satisfied, r.Answered) + "，没有低于可以提议解聘的比例。"
		default:
			text += "没有达到总户数的一半，不能据此提议解聘。"
		}
		parts = append(parts, Notice(Info, "老旧小区改造项目", text))
	}
	if r.Answered < r.Book.Small { // few answers would tell on those who gave them (PI-3)
		parts = append(parts, Quiet("答卷少于 "+Count(r.Book.Small)+" 份，为保护答卷的住户，不逐题公布。"))
	} else {
		parts = append(parts, TableView(questionTable(r)))
	}
	return Words(append(parts, Quiet(surveyMethod(r)))...)
}

// RereadWords says what the second reading of the paper answers came to.
func RereadWords(r survey.Result) string {
	switch {
	case r.Checked == 0:
		return "没有纸质答卷的复核。"
	case r.Differed == 0:
		return "纸质 " + Count(r.Paper) + " 份，另一人复核 " + Count(r.Checked) + " 份，全部一致。"
	}
	return "纸质 " + Count(r.Paper) + " 份，另一人复核 " + Count(r.Checked) + " 份，与录入不一致 " + Count(r.Differed) + " 份；对照答卷核定后，其中录入有错 " + Count(r.Mended) + " 份。"
}

func resultFigures(r survey.Result, low, high money.Points) []Figure {
	return []Figure{
		{Label: "满意率", Value: strings.TrimSuffix(Percent(r.Satisfied, r.Rated), "%"), Unit: "%", Of: Ratio(r.Satisfied, r.Rated) + " 户满意；" + r.Book.Confidence + "% 置信区间 " + tenth(low, money.Down) + "%–" + tenth(high, money.Up) + "%"},
		{Label: "综合得分", Value: r.Score.String(), Unit: "分", Of: "满分 100 分，" + Count(int64(len(r.Book.Questions))) + " 题按权重合成"},
		{Label: "答卷", Value: Count(r.Answered), Unit: "户", Of: Ratio(r.Answered, r.Drawn) + " 户抽中，答复率 " + Percent(r.Answered, r.Drawn)},
	}
}

func tenth(p money.Points, mode money.Mode) string { return p.Round(1, mode).String() }

func questionTable(r survey.Result) Table {
	t := Table{Caption: "每题的答案（户）", Cols: []Col{{Name: "问题"}, {Name: "权重", Num: true}}, Scroll: true}
	for _, c := range r.Book.Choices {
		t.Cols = append(t.Cols, Col{Name: c.Title + "（户）", Num: true})
	}
	t.Cols = append(t.Cols, Col{Name: "满意率", Num: true})
	for q, question := range r.Book.Questions {
		row := []Cell{T(question.Title), T(Percent(int64(question.Weight), int64(money.Point)))}
		var good, all int64
		for c, n := range r.Counts[q] {
			row = append(row, N(n, ""))
			if !r.Book.Choices[c].None {
				if all += n; c < r.Book.Satisfied {
					good += n
				}
			}
		}
		t.Rows = append(t.Rows, Row{Cells: append(row, Cell{Text: Percent(good, all), Sub: Ratio(good, all) + " 户"})})
	}
	return t
}

// surveyMethod says how it was counted.
func surveyMethod(r survey.Result) string {
	var good []string
	for _, c := range r.Book.Choices[:r.Book.Satisfied] {
		good = append(good, "“"+c.Title+"”")
	}
	return "算法：每户一份、一户一权；满意率是第一题选" + strings.Join(good, "和") + "的户数除以有评价的户数，“不了解”不计入；综合得分是各题平均分按权重合成；" +
		"置信区间按 Wilson 公式计算、向外取整，没有按总户数修正。抽中没有答的住户不计，可能使结果偏高或偏低。"
}

// Slip is what is left with somebody: where and with what code to answer, and what
// can be answered on paper.
func Slip(title, to, code, text string, lines ...string) templ.Component {
	parts := []templ.Component{Para(title)}
	if !strings.HasPrefix(to, "/") { // on paper a path alone leads nowhere
		parts = append(parts, QRCode(to, "网址的二维码"))
	}
	parts = append(parts, Facts([]Fact{{Name: "网址", Text: to, Href: pathOf(to)}, {Name: "码", Text: code}}), Quiet(text))
	for _, line := range lines {
		parts = append(parts, Quiet(line))
	}
	return Words(parts...)
}

// pathOf is the path of an address of ours.
func pathOf(to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return ""
	}
	return u.Path
}

// SurveyLines are the questions of a survey with boxes to tick on paper.
func SurveyLines(b *survey.Book) []string {
	var out []string
	for i, q := range b.Questions {
		line := Count(int64(i+1)) + ". " + q.Title
		for _, c := range b.Choices {
			line += "　□ " + c.Title
		}
		out = append(out, line)
	}
	return out
}
