package listing

import (
	"slices"
	"strings"

	"juli/internal/money"
	"juli/internal/rulebook"
)

const kindName = "listing"

// bounds of a rulebook's numbers.
const (
	countMax = 10_000
	cycleMax = 8
)

var words = map[string]string{
	"series": "文号序列", "themes": "主题", "terms": "期限", "review": "区县复核", "reply": "陈述申辩", "repair": "修复", "correct": "更正", "red": "红榜", "black": "黑榜",
	"window": "累计时间窗", "warnings": "提示", "homes": "户数", "inspections": "检查次数", "projects": "项目数", "balance": "区县均衡", "balance_entries": "均衡提示起点",
	"triggers": "列入条件", "red_line": "红线案件", "side": "榜别", "subject": "对象", "grades": "等级", "cycles": "期数", "rank": "名次", "percent": "百分比", "items": "信用项目", "classes": "信用类别",
	"at_least": "至少", "without": "不得有", "cases": "查实案件", "late": "逾期案件", "exposed": "媒体曝光", "left": "已不再服务的项目", "next": "下一批", "every": "间隔", "sides": "榜别", "theme": "主题", "inspection_from": "检查得分不低于", "inspection_below": "检查得分低于", "sheet": "评分表", "lines": "评分项",
	"of": "取数", "points": "分值", "cap": "上限", "base": "基础分", "effects": "结果运用", "action": "措施", "factor": "倍数", "followups": "后续措施", "counter": "计数",
	"at": "达到", "term": "期限", "after": "最短在榜", "open_cases": "可有未结案件", "times": "次数", "credit": "信用", "list": "信用名单", "record": "信用信息",
}

// Kind is the kind of rulebook that this room reads.
func Kind() rulebook.Kind {
	return rulebook.Kind{Name: kindName, Title: "红黑榜", Words: words, Check: func(doc *rulebook.Document) error {
		_, err := FromDocument(doc)
		return err
	}}
}

// Parse reads a rulebook's text.
func Parse(text []byte) (*Book, error) {
	doc, err := rulebook.Read(text)
	if err != nil {
		return nil, err
	}
	return FromDocument(doc)
}

// FromDocument reads what the envelope does not.
func FromDocument(doc *rulebook.Document) (*Book, error) {
	b, root := &Book{Document: doc, Credit: map[Side]CreditLink{}}, doc.Root()
	b.Banner, b.Series = root.Get("banner").Text(), root.Need("series").Text()
	for _, v := range root.Need("themes").List() {
		b.Themes = append(b.Themes, named(v.Object()))
	}
	b.readTerms(root.Need("terms").Object())
	w := root.Need("warnings").Object()
	b.Warn = Warnings{
		Homes: count(w.Need("homes")), Inspections: count(w.Need("inspections")), Projects: count(w.Need("projects")),
		Balance: w.Need("balance").Points(), BalanceEntries: count(w.Need("balance_entries")),
	}
	for _, v := range root.Need("triggers").List() {
		b.Triggers = append(b.Triggers, b.trigger(v))
	}
	b.RedLine = root.Need("red_line").Texts()
	b.readSheet(root.Need("sheet").Object())
	for _, v := range root.Get("effects").List() {
		o := v.Object()
		b.Effects = append(b.Effects, Effect{
			Named: named(o), Side: side(o.Need("side")), Action: o.Need("action").Word("award", "award", "inspection", "tender"),
			Factor: o.Get("factor").Points(), Basis: o.Get("basis").Text(), Note: o.Get("note").Text(), Path: v.Path(),
		})
	}
	for _, v := range root.Get("followups").List() {
		o := v.Object()
		b.FollowUps = append(b.FollowUps, FollowUp{
			Named: named(o), Counter: o.Need("counter").Word(ConsecutiveBlack, ConsecutiveBlack, BlackInWindow), At: o.Need("at").Int(1, countMax), Term: o.Need("term").Term(), Path: v.Path(),
		})
	}
	r := root.Need("repair").Object()
	b.Repair = Repair{After: r.Need("after").Term(), OpenCases: r.Get("open_cases").Bool(), Times: r.Need("times").Int(1, countMax)}
	b.readNext(root.Get("next"))
	c := root.Need("credit").Object()
	for key, s := range map[string]Side{"red": Red, "black": Black} {
		o := c.Need(key).Object()
		b.Credit[s] = CreditLink{List: o.Get("list").Text(), Item: o.Get("record").Text()}
	}
	return b, doc.Finish()
}

func (b *Book) readNext(v rulebook.Value) {
	if !v.Present() {
		return
	}
	o := v.Object()
	b.Next = Next{o.Need("every").Term(), Side(o.Need("sides").Word(string(Both), string(Both), string(Red), string(Black))), o.Need("theme").Text()}
	if b.Next.Every.N <= 0 {
		o.Get("every").Fail("间隔应大于零")
	}
	if !slices.ContainsFunc(b.Themes, func(n Named) bool { return n.Code == b.Next.Theme }) {
		o.Get("theme").Fail("没有主题“%s”", b.Next.Theme)
	}
}

func named(o *rulebook.Object) Named { return Named{o.Need("code").Text(), o.Need("title").Text()} }

func count(v rulebook.Value) int64 { return int64(v.Int(0, countMax)) }

func side(v rulebook.Value) Side { return Side(v.Word(string(Red), string(Red), string(Black))) }

func (b *Book) readTerms(o *rulebook.Object) {
	b.Terms = Terms{
		Review: o.Need("review").Term(), Reply: o.Need("reply").Term(), Repair: o.Need("repair").Term(), Correct: o.Need("correct").Term(),
		Red: o.Need("red").Term(), Black: o.Need("black").Term(), Window: o.Need("window").Term(),
	}
	for _, key := range []string{"review", "reply", "repair", "correct", "red", "black", "window"} {
		if o.Get(key).Present() && o.Get(key).Term().N <= 0 {
			o.Get(key).Fail("期限应大于零")
		}
	}
}

func (b *Book) trigger(v rulebook.Value) Trigger {
	o := v.Object()
	t := Trigger{
		Named: named(o), Side: side(o.Need("side")), Subject: SubjectKind(strings.ToUpper(o.Need("subject").Word("project", "project", "enterprise"))),
		Themes: o.Get("themes").Texts(), Grades: o.Get("grades").Texts(), Items: o.Get("items").Texts(), Classes: o.Get("classes").Texts(), Without: o.Get("without").Texts(),
		Rank: o.Get("rank").Word("", "top", "bottom"), InspectionFrom: o.Get("inspection_from").Points(), InspectionBelow: o.Get("inspection_below").Points(), Path: v.Path(),
	}
	for key, into := range map[string]*int{"cycles": &t.Cycles, "percent": &t.Percent, "at_least": &t.AtLeast, "cases": &t.Cases, "late": &t.Late, "exposed": &t.Exposed} {
		most := map[string]int{"cycles": cycleMax, "percent": 100}[key]
		if most == 0 {
			most = countMax
		}
		if o.Has(key) {
			*into = o.Get(key).Int(1, most)
		}
	}
	for _, theme := range t.Themes {
		if !slices.ContainsFunc(b.Themes, func(n Named) bool { return n.Code == theme }) {
			o.Get("themes").Fail("没有主题“%s”", theme)
		}
	}
	t.Left = o.Get("left").Bool()
	switch {
	case t.Left && (t.Subject != OfEnterprise || t.Cases+t.Late+t.Exposed == 0):
		v.Fail("left 只用于企业的案件条件")
	case (len(t.Grades) > 0) != (t.Cycles > 0):
		v.Fail("grades 和 cycles 应一起写")
	case (t.Rank != "") != (t.Percent > 0):
		v.Fail("rank 和 percent 应一起写")
	case (len(t.Items)+len(t.Classes) > 0) != (t.AtLeast > 0):
		v.Fail("items 或 classes 应和 at_least 一起写")
	case len(t.Grades) == 0 && t.Rank == "" && t.AtLeast == 0 && t.Cases+t.Late+t.Exposed == 0 && t.InspectionFrom == 0 && t.InspectionBelow == 0:
		v.Fail("列入条件是空的")
	}
	return t
}

func (b *Book) readSheet(o *rulebook.Object) {
	b.Sheet = Sheet{Base: o.Need("base").Points(), Min: o.Need("min").Points(), Max: o.Need("max").Points()}
	if b.Sheet.Min >= b.Sheet.Max {
		o.Get("max").Fail("最高分应大于最低分")
	}
	for _, v := range o.Need("lines").List() {
		l := v.Object()
		b.Sheet.Lines = append(b.Sheet.Lines, Line{
			Named: named(l), Of: l.Need("of").Word("cases_found", "cases_found", "cases_open", "records_bad", "records_good", "inspection_gap"),
			Points: l.Need("points").Points(), Cap: max(l.Get("cap").Points(), money.Points(0)), Path: v.Path(),
		})
	}
}
