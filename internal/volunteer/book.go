package volunteer

import (
	"context"
	"sync"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/rulebook"
)

const kindName = "volunteer"

// A Book is the rulebook of volunteers: what a city may set otherwise. What only
// keeps forms and rosters from abuse stays in the program.
type Book struct {
	Title, Banner string

	Accept  day.Term // for a community to decide on who joins
	Note    day.Term // after the day of a call, to note who came
	Confirm day.Term // after it was noted, for another person
	Again   day.Term // after it was sent back

	DayMinutes    int64 // of one person on one day, in all calls of it
	BeyondMinutes int64 // longer than a call was meant to take
	AheadDays     int   // how early a call may be published
}

// shipped holds for a city without a rulebook of volunteers; the shipped rulebook
// says the same.
var shipped = Book{
	Title: "社区志愿服务规则", Banner: "办理期限和服务时长上限为本系统默认值",
	Accept: day.MustTerm("5wd"), Note: day.MustTerm("5d"), Confirm: day.MustTerm("5wd"), Again: day.MustTerm("5wd"),
	DayMinutes: 720, BeyondMinutes: 60, AheadDays: 366,
}

// Parse reads a rulebook of volunteers; every problem is reported with its line.
func Parse(text []byte) (*Book, error) {
	doc, err := rulebook.Read(text)
	if err != nil {
		return nil, err
	}
	return fromDocument(doc)
}

func fromDocument(doc *rulebook.Document) (*Book, error) {
	b, o := &Book{Title: doc.Title}, doc.Root()
	if doc.Kind != kindName {
		o.Get("kind").Fail("这不是志愿服务规则")
	}
	b.Banner = o.Get("banner").Text()
	t := o.Need("terms").Object()
	for _, x := range []struct {
		key string
		to  *day.Term
	}{{"accept", &b.Accept}, {"note", &b.Note}, {"confirm", &b.Confirm}, {"again", &b.Again}} {
		v := t.Need(x.key)
		if *x.to = v.Term(); v.Present() && x.to.IsZero() {
			v.Fail("期限应大于零")
		}
	}
	b.DayMinutes = int64(o.Need("day_minutes").Int(1, 24*60))
	b.BeyondMinutes = int64(o.Need("beyond_minutes").Int(0, 24*60))
	b.AheadDays = o.Need("ahead_days").Int(1, 1000)
	return b, doc.Finish()
}

// Kind is the volunteers' kind of rulebooks.
func Kind() rulebook.Kind {
	return rulebook.Kind{
		Name: kindName, Title: "志愿服务",
		Words: map[string]string{
			"terms": "期限", "accept": "确认报名", "note": "登记时长", "confirm": "确认时长", "again": "重新登记",
			"day_minutes": "一人一天最多的分钟数", "beyond_minutes": "最多多记的分钟数", "ahead_days": "最早提前发布的天数",
		},
		Check: func(doc *rulebook.Document) error { _, err := fromDocument(doc); return err },
	}
}

// Books reads the city's stored rulebooks of volunteers and keeps them parsed.
type Books struct {
	City code.Division

	parsed sync.Map // digest → *Book
}

// InForce is the book in force on a day; a city without one has what the program
// ships.
func (s *Books) InForce(ctx context.Context, tx *db.Tx, on day.Date) (*Book, error) {
	v, err := rulebook.InForce(ctx, tx, kindName, s.City, on)
	if f := fault.From(err); err != nil && f.Kind == fault.NotFound {
		return &shipped, nil
	}
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
