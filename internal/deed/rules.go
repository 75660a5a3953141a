package deed

import (
	"fmt"
	"regexp"
	"strings"

	"juli/internal/day"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/notify"
)

const (
	titleMax      = 80
	textMax       = 2000
	shortMax      = 100
	milestonesMax = 10
	peopleMax     = 20_000_000
	namesMax      = 30
	filesMax      = 30
)

// A Draft is what somebody asks for.
type Draft struct {
	Title, Category, Source, SourceRef string
	Order                              string // number of a 12345 order that asks for the same
	Case                               string // id of a supervision case about the same
	Division, Project                  string // codes; with a project the division is its community's
	Detail                             string
}

var linkForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z-]{3,39}$`)

// Link names the one order or case that a deed is about, so that it is counted
// once; "" for none.
func Link(order, caseID string) (string, error) {
	order, caseID = strings.ToUpper(strings.TrimSpace(order)), strings.ToUpper(strings.TrimSpace(caseID))
	refused := fault.New(fault.Invalid, "deed.link", "关联的工单或案件编号不正确。")
	if order != "" && !linkForm.MatchString(order) {
		refused.With("order", "工单号是 4 到 40 位字母、数字或横线。")
	}
	if caseID != "" && !linkForm.MatchString(caseID) {
		refused.With("case", "案件编号是 4 到 40 位字母、数字或横线。")
	}
	if order != "" && caseID != "" {
		refused.With("case", "工单和案件只关联其中一个。")
	}
	switch {
	case refused.OrNil() != nil:
		return "", refused
	case order != "":
		return "12345:" + order, nil
	case caseID != "":
		return "case:" + caseID, nil
	}
	return "", nil
}

// CheckDraft says what a draft lacks.
func (b *Book) CheckDraft(d Draft) error {
	refused := fault.New(fault.Invalid, "deed.draft", "请修改标出的内容。")
	bounded(refused, "title", d.Title, titleMax, true)
	bounded(refused, "detail", d.Detail, textMax, true)
	bounded(refused, "source_ref", d.SourceRef, shortMax, false)
	if !has(b.Categories, d.Category) {
		refused.With("category", "请从台账规则的类别中选择。")
	}
	if !has(b.Sources, d.Source) {
		refused.With("source", "请从台账规则的来源中选择。")
	}
	if notify.Personal(d.Title) {
		refused.With("title", "标题会对外公开，不能写电话、证件号码、银行账号或邮箱。")
	}
	return refused.OrNil()
}

func bounded(refused *fault.Error, field, text string, most int, must bool) {
	switch n := len([]rune(strings.TrimSpace(text))); {
	case n == 0 && must:
		refused.With(field, "请填写这一项。")
	case n > most:
		refused.With(field, fmt.Sprintf("不能超过 %d 个字。", most))
	}
}

// A Milestone is a step of the work with its last day.
type Milestone struct {
	Seq     int64
	Title   string
	Due     day.Date
	Reached day.Date
}

// A Plan is what is promised: the measure, the days, the milestones.
type Plan struct {
	Promise          string
	Starts, Deadline day.Date
	Milestones       []Milestone
}

// Check says what is wrong with a plan made today.
func (p Plan) Check(today day.Date) error {
	refused := fault.New(fault.Invalid, "deed.plan", "请修改标出的内容。")
	bounded(refused, "promise", p.Promise, textMax, true)
	if notify.Personal(p.Promise) {
		refused.With("promise", "承诺会对外公开，不能写电话、证件号码、银行账号或邮箱。")
	}
	switch {
	case p.Starts == 0:
		refused.With("starts", "请填写开始日期。")
	case p.Starts < today.AddDays(-31):
		refused.With("starts", "开始日期不能早于今天一个月以上。")
	}
	switch {
	case p.Deadline == 0:
		refused.With("deadline", "请填写完成期限。")
	case p.Deadline < today || p.Deadline < p.Starts:
		refused.With("deadline", "完成期限不能早于今天和开始日期。")
	}
	if len(p.Milestones) == 0 || len(p.Milestones) > milestonesMax {
		refused.With("milestones", fmt.Sprintf("请填写 1 到 %d 个节点。", milestonesMax))
	}
	for _, m := range p.Milestones {
		if n := len([]rune(m.Title)); n == 0 || n > shortMax || m.Due < p.Starts || m.Due > p.Deadline {
			refused.With("milestones", "每个节点要有名称，日期在开始日期和完成期限之间。")
		}
	}
	return refused.OrNil()
}

// ParseMilestones reads a line for each: 2021-06-30 完成管道更换.
func ParseMilestones(text string) ([]Milestone, error) {
	var out []Milestone
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		date, title, _ := strings.Cut(strings.ReplaceAll(line, "　", " "), " ")
		due, err := day.Parse(date)
		if err != nil || strings.TrimSpace(title) == "" {
			return nil, fault.New(fault.Invalid, "deed.milestones", "请修改标出的内容。").With("milestones", "每行一个节点，写成“2021-06-30 完成管道更换”。")
		}
		out = append(out, Milestone{Seq: int64(len(out) + 1), Title: strings.TrimSpace(title), Due: due})
	}
	return out, nil
}

// NextReport is the next last day for a progress report: this month's, or next
// month's once this month is reported or its day has passed.
func (b *Book) NextReport(today day.Date, reported bool) day.Date {
	due := day.Of(today.Year(), today.Month(), b.ReportDay)
	if reported || today > due {
		due = due.AddMonths(1)
	}
	return due
}

// Waits is by when a deed under way wants its people: the report or the end,
// whichever is first.
func (b *Book) Waits(today, deadline day.Date, reported bool) day.Date {
	return min(b.NextReport(today, reported), deadline)
}

// Totals are sums of rows of the ledger.
type Totals struct {
	Matters, People, Households int64
	Spent                       money.Fen
	Underway, Late, Suspended   int64
}

// Add sums up.
func (t *Totals) Add(o Totals) {
	t.Matters += o.Matters
	t.People += o.People
	t.Households += o.Households
	t.Spent += o.Spent
	t.Underway += o.Underway
	t.Late += o.Late
	t.Suspended += o.Suspended
}

// PerMatter is how many people a matter serves on average, in tenths, rounded
// half up once; 0 without matters.
func (t Totals) PerMatter() int64 {
	if t.Matters == 0 {
		return 0
	}
	return (t.People*20/t.Matters + 1) / 2
}

var monthForm = regexp.MustCompile(`^20[0-9]{2}-(0[1-9]|1[0-2])$`)

// A Month is 2021-06.
type Month string

// MonthOf is the month of a day.
func MonthOf(d day.Date) Month { return Month(d.String()[:7]) }

// ParseMonth reads 2021-06.
func ParseMonth(s string) (Month, error) {
	if !monthForm.MatchString(s) {
		return "", fault.New(fault.NotFound, "deed.month", "没有这个月份，应写成 2021-06。")
	}
	return Month(s), nil
}

// First and Last are the month's days.
func (m Month) First() day.Date { return day.MustParse(string(m) + "-01") }

// Last is the month's last day.
func (m Month) Last() day.Date { return m.First().LastOfMonth() }

// Title is 2021年6月.
func (m Month) Title() string { return m.First().Time().Format("2006年1月") }

// before is the month before that of a day.
func before(today day.Date) Month {
	return MonthOf(day.Of(today.Year(), today.Month(), 1).AddDays(-1))
}
