package deed

import (
	"context"
	"slices"
	"sync"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/rulebook"
)

const (
	kindName  = "deed"
	choiceMax = 60
)

// A Choice is a word of the ledger with its code.
type Choice struct{ Code, Title string }

// A Book is the ledger's rulebook.
type Book struct {
	*rulebook.Document
	Banner string

	Accept, Plan, Sign, Callback, Close, Month, KeepNames day.Term

	ReportDay int   // of the month, the last for that month's progress
	CallsMin  int64 // people to be called back
	Solved    int64 // percent of those called
	BeforeMin int64 // pictures
	AfterMin  int64

	Categories, Sources, Hows, Programmes []Choice
}

// Title is the word for a code of a list, the code itself if the list lacks it.
func Title(list []Choice, code string) string {
	i := slices.IndexFunc(list, func(c Choice) bool { return c.Code == code })
	if i < 0 {
		return code
	}
	return list[i].Title
}

func has(list []Choice, code string) bool {
	return slices.ContainsFunc(list, func(c Choice) bool { return c.Code == code })
}

// Parse reads a rulebook of the ledger; every problem is reported with its line.
func Parse(text []byte) (*Book, error) {
	doc, err := rulebook.Read(text)
	if err != nil {
		return nil, err
	}
	return fromDocument(doc)
}

func fromDocument(doc *rulebook.Document) (*Book, error) {
	b, o := &Book{Document: doc}, doc.Root()
	if doc.Kind != kindName {
		o.Get("kind").Fail("这不是实事台账规则")
	}
	b.Banner = o.Get("banner").Text()
	t := o.Need("terms").Object()
	for key, into := range map[string]*day.Term{"accept": &b.Accept, "plan": &b.Plan, "sign": &b.Sign, "callback": &b.Callback, "close": &b.Close, "month": &b.Month} {
		v := t.Need(key)
		if *into = v.Term(); into.IsZero() {
			v.Fail("期限应大于零")
		}
	}
	b.KeepNames = o.Need("keep_names").Term()
	b.ReportDay = o.Need("report_day").Int(1, 28)
	b.CallsMin = int64(o.Need("calls_min").Int(1, 1000))
	b.Solved = int64(o.Need("solved_percent").Int(0, 100))
	b.BeforeMin = int64(o.Need("before_min").Int(0, 10))
	b.AfterMin = int64(o.Need("after_min").Int(0, 10))
	b.Categories, b.Sources = choices(o.Need("categories")), choices(o.Need("sources_of_deeds"))
	b.Hows, b.Programmes = choices(o.Need("counted_how")), choices(o.Need("programmes"))
	return b, doc.Finish()
}

// choices reads {mark, list: [{code, title}]}.
func choices(v rulebook.Value) (out []Choice) {
	list := v.Object().Need("list")
	for _, e := range list.List() {
		o := e.Object()
		c := Choice{o.Need("code").Text(), o.Need("title").Text()}
		if c.Code == "" || c.Title == "" || has(out, c.Code) {
			e.Fail("代码“%s”为空或重复", c.Code)
		}
		out = append(out, c)
	}
	if len(out) == 0 || len(out) > choiceMax {
		list.Fail("这里应有 1 到 %d 项", choiceMax)
	}
	return out
}

// Kind is the ledger's kind of rulebooks.
func Kind() rulebook.Kind {
	return rulebook.Kind{
		Name: kindName, Title: "实事台账",
		Words: map[string]string{
			"terms": "期限", "accept": "受理", "plan": "排定", "sign": "签批", "callback": "回访", "close": "销号", "month": "月报", "report_day": "每月报告日",
			"calls_min": "最少回访人数", "solved_percent": "确认已解决的最低比例", "before_min": "办理前照片", "after_min": "办理后照片", "keep_names": "回访名单保留时间",
			"categories": "类别", "sources_of_deeds": "来源", "counted_how": "人数统计口径", "programmes": "专项", "list": "选项",
		},
		Check: func(doc *rulebook.Document) error { _, err := fromDocument(doc); return err },
	}
}

// Books reads the city's stored rulebooks of the ledger and keeps them parsed.
type Books struct {
	City code.Division

	parsed sync.Map // digest → *Book
}

// InForce is the book in force on a day.
func (s *Books) InForce(ctx context.Context, tx *db.Tx, on day.Date) (*Book, error) {
	v, err := rulebook.InForce(ctx, tx, kindName, s.City, on)
	if err != nil {
		return nil, err
	}
	if b, done := s.parsed.Load(v.Digest); done {
		return b.(*Book), nil
	}
	text, err := rulebook.TextOf(ctx, tx, v.ID)
	if err != nil {
		return nil, err
	}
	b, err := Parse(text)
	if err == nil {
		s.parsed.Store(v.Digest, b)
	}
	return b, err
}
