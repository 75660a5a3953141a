package resident

import (
	"fmt"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/money"
	"juli/internal/rulebook"
)

const (
	kindName  = "resident"
	topicsMax = 200
)

// offices may answer, sign or review; residents and administrators never.
var offices = []string{
	string(authz.Enterprise), string(authz.Community), string(authz.Subdistrict), string(authz.DistrictBureau), string(authz.CityBureau), "none",
}

// answering may also be a committee, whose projects have it or not.
var answering = append([]string{string(authz.Committee)}, offices...)

// Kind is the kind of these rulebooks for [rulebook.Kinds].
func Kind() rulebook.Kind {
	return rulebook.Kind{
		Name: kindName, Title: "居民诉求", Words: keyWords,
		Check: func(doc *rulebook.Document) error { _, err := FromDocument(doc); return err },
		Test: func(doc *rulebook.Document) ([]rulebook.ExampleResult, error) {
			b, err := FromDocument(doc)
			if err != nil {
				return nil, err
			}
			return RunExamples(b), nil
		},
	}
}

var keyWords = map[string]string{
	"classes": "工单类型", "topics": "问题类别", "routes": "分派", "sign": "签收", "dispatch": "派单期限", "review": "审核期限", "rate": "评价期限",
	"again": "重办期限", "reopen_max": "重办次数", "reopen": "办结后可重办期", "urge": "督办期限", "extend": "延期", "supervised": "立案后期限", "merge_days": "合并建议天数",
	"weights": "综合权重", "credit": "计入信用", "answer": "答复期限", "to": "承办单位", "department": "协办部门", "direct": "直接派单", "absent": "没有业委会时",
	"managed": "有物业企业", "violation": "违规事项", "parent": "上级类别", "term": "期限", "by": "签收单位", "banner": "提示",
	"keep": "个人信息保留", "contacts": "联系方式保留（月）", "words": "诉求内容保留（月）、识别词", "small": "公布评价的最少人次", "daily": "账号每天反映的件数", "order_days": "工单受理日期最早几天前",
}

// Parse reads a rulebook of reports.
func Parse(text []byte) (*Book, error) {
	doc, err := rulebook.Read(text)
	if err != nil {
		return nil, err
	}
	return FromDocument(doc)
}

// FromDocument reads the part of a document behind its envelope.
func FromDocument(doc *rulebook.Document) (*Book, error) {
	b := &Book{Document: doc}
	o := doc.Root()
	if doc.Kind != kindName {
		o.Get("kind").Fail("这不是居民诉求规则")
	}
	b.Banner = o.Get("banner").Text()
	b.readClasses(o.Need("classes"))
	b.readTopics(o.Need("topics"))
	b.readRoutes(o.Need("routes"))
	b.readTerms(o)
	b.readExamples(o.Get("examples"))
	if err := doc.Finish(); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *Book) readClasses(v rulebook.Value) {
	for _, e := range v.List() {
		o := e.Object()
		c := Class{Code: o.Need("code").Text(), Title: o.Need("title").Text(), Answer: answerTerm(o.Need("answer"))}
		c.Mark = b.MarkOf(o.Get("answer").Path()).Mark
		if _, twice := b.Class(c.Code); twice {
			e.Fail("类型“%s”重复", c.Code)
		}
		b.Classes = append(b.Classes, c)
	}
}

// answerTerm is a term of days: what is due has a last day.
func answerTerm(v rulebook.Value) day.Term {
	t := v.Term()
	if v.Present() && (t.N == 0 || t.Unit != day.Days && t.Unit != day.Workdays) {
		v.Fail("期限应是若干日或工作日")
	}
	return t
}

func (b *Book) readTopics(v rulebook.Value) {
	list := v.List()
	if len(list) > topicsMax {
		v.Fail("类别最多 %d 个", topicsMax)
	}
	for _, e := range list {
		o := e.Object()
		t := Topic{Code: o.Need("code").Text(), Title: o.Need("title").Text(), Parent: o.Get("parent").Text(), Words: o.Get("words").Texts(), Violation: o.Get("violation").Text()}
		if _, twice := b.Topic(t.Code); twice {
			e.Fail("类别“%s”重复", t.Code)
		}
		if _, known := b.Topic(t.Parent); t.Parent != "" && !known {
			o.Get("parent").Fail("前面没有类别“%s”", t.Parent)
		}
		b.Topics = append(b.Topics, t)
	}
}

func (b *Book) readRoutes(v rulebook.Value) {
	list := v.List()
	for i, e := range list {
		o := e.Object()
		r := Route{
			Code: o.Need("code").Text(), Topics: o.Get("topics").Texts(), Classes: o.Get("classes").Texts(), Managed: o.Get("managed").Bool(),
			To: office(o.Need("to"), answering...), Absent: office(o.Get("absent"), offices...), Department: o.Get("department").Text(), Review: office(o.Need("review"), offices...), Direct: o.Get("direct").Bool(),
		}
		if o.Has("answer") {
			r.Answer = answerTerm(o.Get("answer"))
		}
		r.Mark = b.MarkOf(o.Path()).Mark
		if r.To == "" {
			o.Get("to").Fail("要写明由谁答复")
		}
		if r.To == authz.Enterprise && !r.Managed {
			e.Fail("派给物业企业的分派要写 managed: true")
		}
		if (r.To == authz.Committee) != (r.Absent != "") || r.Absent == authz.Enterprise && !r.Managed {
			e.Fail("派给业委会的分派要用 absent 写明没有业委会时由谁答复，其他分派不写")
		}
		if slices.ContainsFunc(r.Topics, func(t string) bool { _, ok := b.Topic(t); return !ok }) {
			o.Get("topics").Fail("有 topics 中没有的类别")
		}
		if slices.ContainsFunc(r.Classes, func(c string) bool { _, ok := b.Class(c); return !ok }) {
			o.Get("classes").Fail("有 classes 中没有的类型")
		}
		if i == len(list)-1 && (len(r.Topics) > 0 || len(r.Classes) > 0 || r.Managed) {
			e.Fail("最后一条分派要适用于一切诉求")
		}
		b.Routes = append(b.Routes, r)
	}
}

func office(v rulebook.Value, words ...string) authz.Role {
	if word := v.Word("none", words...); word != "none" {
		return authz.Role(word)
	}
	return ""
}

func (b *Book) readTerms(o *rulebook.Object) {
	sign := o.Need("sign").Object()
	b.SignBy, b.Sign = office(sign.Need("by"), offices...), answerTerm(sign.Need("term"))
	if b.SignBy == "" || b.SignBy == authz.Enterprise {
		sign.Get("by").Fail("签收单位应是社区、街道、区县或市级部门")
	}
	for key, term := range map[string]*day.Term{
		"dispatch": &b.Dispatch, "review": &b.Review, "rate": &b.Rate, "again": &b.Again, "urge": &b.Urge, "extend": &b.Extend, "supervised": &b.Supervised,
	} {
		*term = answerTerm(o.Need(key))
	}
	if v := o.Get("reopen"); v.Present() {
		b.Reopen = answerTerm(v)
	}
	b.ReopenMax, b.MergeDays = o.Need("reopen_max").Int(0, 10), o.Need("merge_days").Int(1, 365)
	w := o.Need("weights").Object()
	b.Weights = Weights{w.Need("response").Points(), w.Need("solution").Points(), w.Need("satisfaction").Points()}
	if sum := b.Weights.Response + b.Weights.Solution + b.Weights.Satisfaction; sum != money.Point {
		w.Fail("三项权重之和应为 1，现在是 %s", sum)
	}
	b.readKeep(o)
	c := o.Need("credit").Object()
	b.Credit = CreditRule{Input: c.Need("input").Text(), Classes: c.Need("classes").Texts(), Months: c.Need("months").Int(1, 24)}
}

const (
	smallShipped = 5 // PI-3
	dailyShipped = 5
	orderShipped = 92 // a quarter
)

// readKeep reads what protects the residents; a book may leave it to the program.
func (b *Book) readKeep(o *rulebook.Object) {
	b.Keep, b.Small, b.Daily, b.OrderDays = keepShipped, smallShipped, dailyShipped, orderShipped
	if o.Has("keep") {
		k := o.Get("keep").Object()
		b.Keep = KeepRule{Contacts: k.Need("contacts").Int(contactsFloor, 600), Words: k.Need("words").Int(wordsFloor, 1200)}
		if b.Keep.Words < b.Keep.Contacts {
			k.Get("words").Fail("内容的保留期限不能短于联系方式的")
		}
	}
	if o.Has("small") {
		b.Small = int64(o.Get("small").Int(smallShipped, 100))
	}
	if o.Has("order_days") {
		b.OrderDays = o.Get("order_days").Int(1, 366)
	}
	if o.Has("daily") {
		b.Daily = int64(o.Get("daily").Int(1, 100))
	}
}

// An Example is a worked example: days that terms end on, or rates of counts.
type Example struct {
	ID, Title string
	Line      int
	Mark      rulebook.Mark
	Received  day.Date
	Terms     []day.Term
	Due       []day.Date
	Counts    Rates
	Want      []string // response, solution, satisfaction in percent
}

func (b *Book) readExamples(v rulebook.Value) {
	for _, e := range v.List() {
		o := e.Object()
		x := Example{ID: o.Need("id").Text(), Title: o.Need("title").Text(), Line: e.Line()}
		if o.Has("received") {
			x.Received = o.Get("received").Date()
			for _, t := range o.Need("terms").List() {
				x.Terms = append(x.Terms, t.Term())
			}
			for _, d := range o.Need("due").List() {
				x.Due = append(x.Due, d.Date())
			}
		} else {
			c := o.Need("counts").Object()
			n := func(key string) int64 { return int64(c.Need(key).Int(0, 1_000_000_000)) }
			x.Counts = Rates{Received: n("received"), InTime: n("in_time"), Called: n("called"), Solved: n("solved"), Satisfied: n("satisfied")}
			x.Want = o.Need("rates").Texts()
		}
		x.Mark = b.MarkOf(o.Path()).Mark
		b.Examples = append(b.Examples, x)
	}
}

// RunExamples works the examples of a book out.
func RunExamples(b *Book) []rulebook.ExampleResult {
	var out []rulebook.ExampleResult
	for _, x := range b.Examples {
		var got, want []string
		for _, d := range x.Due {
			want = append(want, d.String())
		}
		for _, t := range x.Terms {
			due, _ := day.DefaultCalendar().Due(x.Received, t)
			got = append(got, due.String())
		}
		if x.Received == 0 {
			want = x.Want
			r := x.Counts
			for _, s := range []Share{r.Response(), r.Solution(), r.Satisfaction()} {
				got = append(got, s.Percent(1))
			}
		}
		res := rulebook.ExampleResult{ID: x.ID, Title: x.Title, Line: x.Line, Mark: x.Mark, Expected: strings.Join(want, " / "), Got: strings.Join(got, " / ")}
		res.OK = res.Expected == res.Got
		res.Trace = []string{fmt.Sprintf("应为 %s，算得 %s", res.Expected, res.Got)}
		out = append(out, res)
	}
	return out
}
