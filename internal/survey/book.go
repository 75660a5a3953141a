package survey

import (
	"context"
	"sync"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
	"juli/internal/rulebook"
)

const (
	kindName     = "survey"
	questionsMax = 20
	choicesMax   = 9

	doubtAssumed = money.Point / 5 // where a rulebook says nothing; our assumption
)

// A Book is one rulebook of surveys.
type Book struct {
	*rulebook.Document
	Banner string

	Margin     money.Points // half the width of the interval at one half, 0.1 for ten percent
	Confidence string       // "95"
	Z          money.Points // its quantile of the normal distribution, 1.96
	Response   money.Points // the share of the drawn that is expected to answer
	Small      int64        // with fewer answers a result is marked as small

	Questions []Question
	Choices   []Choice
	Satisfied int // so many of the choices, from the best, count as satisfied

	Days                 int64 // open for so long
	Open, Close, Publish day.Term
	CheckShare           money.Points // of the paper answers are read by another person
	CheckLeast           int64
	Tolerance            money.Points // a larger share of differences, and all are read again
	Doubt                money.Points // a larger one, and who publishes says why

	Credit bool // results go to the credit evaluation

	Coverage, Below money.Points // the guidance for renovated estates: asked share, satisfied share
}

// A Question is asked of every home.
type Question struct {
	Code, Title string
	Weight      money.Points
}

// A Choice is one answer; the best first. The last is no opinion and counts nowhere.
type Choice struct {
	Code, Title string
	Points      money.Points
	None        bool
}

// Kind is the survey kind for [rulebook.Kinds].
func Kind() rulebook.Kind {
	return rulebook.Kind{
		Name: kindName, Title: "满意度调查",
		Words: map[string]string{
			"sampling": "抽样", "margin": "误差", "confidence": "置信水平", "z": "分位数", "response": "预计答复率", "small": "小样本界限", "choices": "选项", "satisfied": "计为满意的选项数",
			"questions": "问题", "weight": "权重", "points": "分值", "none": "不计入", "days": "开放天数", "open": "开始期限", "close": "汇总期限", "publish": "公布期限", "paper": "纸质答卷",
			"share": "复核比例", "least": "至少复核份数", "tolerance": "允许差错率", "doubt": "须说明理由的不一致比例", "credit": "用于信用评价", "feeds": "是否报送", "renovated": "老旧小区改造项目", "coverage": "调查覆盖率", "below": "满意率低于",
		},
		Check: func(doc *rulebook.Document) error { _, err := fromDocument(doc); return err },
	}
}

// Parse reads a rulebook of surveys.
func Parse(text []byte) (*Book, error) {
	doc, err := rulebook.Read(text)
	if err != nil {
		return nil, err
	}
	return fromDocument(doc)
}

func fromDocument(doc *rulebook.Document) (*Book, error) {
	b := &Book{Document: doc}
	o := doc.Root()
	if doc.Kind != kindName {
		o.Get("kind").Fail("这不是满意度调查规则")
	}
	b.Banner = o.Get("banner").Text()
	s := o.Need("sampling").Object()
	b.Margin, b.Z, b.Response = share(s.Need("margin")), s.Need("z").Points(), share(s.Need("response"))
	b.Confidence, b.Small = s.Need("confidence").Text(), int64(s.Need("small").Int(1, 10_000))
	if z := s.Get("z"); z.Present() && (b.Z < money.Point || b.Z > 5*money.Point) {
		z.Fail("分位数应在 1 到 5 之间，95%% 置信水平为 1.96")
	}
	b.readChoices(o)
	b.readQuestions(o.Need("questions"))
	b.Days = int64(o.Need("days").Int(1, 366))
	t := o.Need("terms").Object()
	b.Open, b.Close, b.Publish = t.Need("open").Term(), t.Need("close").Term(), t.Need("publish").Term()
	p := o.Need("paper").Object()
	b.CheckShare, b.CheckLeast, b.Tolerance = share(p.Need("share")), int64(p.Need("least").Int(1, 10_000)), share(p.Need("tolerance"))
	if b.Doubt = doubtAssumed; p.Has("doubt") {
		b.Doubt = share(p.Need("doubt"))
	}
	c := o.Need("credit").Object()
	b.Credit = c.Need("feeds").Bool()
	r := o.Need("renovated").Object()
	b.Coverage, b.Below = share(r.Need("coverage")), share(r.Need("below"))
	return b, doc.Finish()
}

// share reads a part of a whole, above 0 and at most 1.
func share(v rulebook.Value) money.Points {
	p := v.Points()
	if v.Present() && (p <= 0 || p > money.Point) {
		v.Fail("应大于 0、不大于 1，例如 0.05 表示百分之五")
	}
	return p
}

func (b *Book) readChoices(o *rulebook.Object) {
	list := o.Need("choices")
	seen := map[string]bool{}
	for _, v := range list.List() {
		c := v.Object()
		x := Choice{Code: c.Need("code").Text(), Title: c.Need("title").Text(), Points: c.Get("points").Points(), None: c.Get("none").Bool() && c.Has("none")}
		if len(x.Code) != 1 || x.Code[0] < '0' || x.Code[0] > '9' || seen[x.Code] {
			v.Fail("选项代码应为一位数字，且不重复")
		}
		if n := len(b.Choices); n > 0 && !x.None && (b.Choices[n-1].None || b.Choices[n-1].Points <= x.Points) {
			v.Fail("选项应按分值从高到低排列，“不计入”的放在最后")
		}
		if x.Points < 0 || x.Points > 100*money.Point {
			v.Fail("分值应在 0 到 100 之间")
		}
		seen[x.Code] = true
		b.Choices = append(b.Choices, x)
	}
	if len(b.Choices) < 2 || len(b.Choices) > choicesMax {
		list.Fail("选项应有 2 到 %d 个", choicesMax)
	}
	b.Satisfied = o.Need("satisfied").Int(1, choicesMax)
	if b.Satisfied >= len(b.Choices) {
		o.Get("satisfied").Fail("计为满意的选项数应少于选项数")
	}
}

func (b *Book) readQuestions(list rulebook.Value) {
	var sum money.Points
	seen := map[string]bool{}
	for _, v := range list.List() {
		q := v.Object()
		x := Question{q.Need("code").Text(), q.Need("title").Text(), share(q.Need("weight"))}
		if seen[x.Code] {
			v.Fail("问题代码“%s”重复", x.Code)
		}
		seen[x.Code] = true
		sum += x.Weight
		b.Questions = append(b.Questions, x)
	}
	switch n := len(b.Questions); {
	case n == 0 || n > questionsMax:
		list.Fail("问题应有 1 到 %d 个", questionsMax)
	case sum != money.Point:
		list.Fail("各题权重合计应为 1，现在是 %s", sum)
	}
}

// choice is the place of a choice by its code, -1 for none.
func (b *Book) choice(c byte) int {
	for i := range b.Choices {
		if b.Choices[i].Code[0] == c {
			return i
		}
	}
	return -1
}

// Books reads a city's stored rulebooks of surveys and keeps them parsed.
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
	return s.ByDigest(ctx, tx, v.Digest)
}

// ByDigest is the book under which a survey was planned.
func (s *Books) ByDigest(ctx context.Context, tx *db.Tx, digest string) (*Book, error) {
	if b, done := s.parsed.Load(digest); done {
		return b.(*Book), nil
	}
	v, err := rulebook.ByDigest(ctx, tx, digest)
	if err != nil {
		return nil, err
	}
	text, err := rulebook.TextOf(ctx, tx, v.ID)
	if err != nil {
		return nil, err
	}
	b, err := Parse(text)
	if err == nil {
		s.parsed.Store(digest, b)
	}
	return b, err
}
