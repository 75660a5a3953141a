package web

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/day"
)

// A Tone is what colour means; without one there is none.
type Tone string

// The tones.
const (
	Plain Tone = ""
	Good  Tone = "good"
	Warn  Tone = "warn"
	Bad   Tone = "bad"
	Info  Tone = "info"
)

// A Link is a text that leads somewhere.
type Link struct {
	Text, Href string
	Count      string // behind the text: waiting to-dos
	Main       bool   // among buttons: the one that is meant
}

// A Page is what the layout needs besides the page's own content.
type Page struct {
	Title  string     // the h1, and with the city's name the window's title
	Lead   string     // one quiet line below
	Desk   string     // key of the Site's desk; "" is the public's
	Own    bool       // whoever looks sees it at their own desk: errors, the own account
	Nav    []Link     // instead of the desk's own, for instance with counts
	Crumbs []Link     // the way here, without the page itself
	Grade  string     // a credit grade before the title
	Tags   []Mark     // behind the title
	Acts   []Link     // buttons at the right of the title
	Feeds  []FeedLink // what tells of the same, for readers and calendars
	Charts bool       // the page has a chart worth loading the chart script for
	Script string     // an asset of ours that improves this page alone: "inspect.js"
	Narrow bool       // one column of reading width: forms, votes
	Headed bool       // the content brings its own heading: printed documents
	Bare   bool       // no search, desks or navigation: sign-in, errors
}

// A FeedLink is a feed or calendar that tells of what a page shows.
type FeedLink struct{ Title, Kind, Href string }

// A Mark is a small label.
type Mark struct {
	Text string
	Tone Tone
}

// A Box is a card: a titled section of a page.
type Box struct {
	Title string
	ID    string
	Tags  []Mark
	Chips []Chip
	More  Link // at the right of the title
	Cols  int  // of twelve, inside Cols; 0 is all
}

// A Chip is one quick choice in a row of choices.
type Chip struct {
	Text, Href, Count string
	On                bool
}

// A Figure is a key figure; it leads to the records it was counted from and says
// what it is a part of.
type Figure struct {
	Label, Value, Unit string
	Of                 string // "188 / 406，目标 60%"
	Href               string
	Tone               Tone
}

// A Fact is one pair of a description list.
type Fact struct {
	Name, Text string
	Href       string
	Body       templ.Component // instead of Text
	Wide       bool
}

// A Todo is one line of work: what, by when, and the act one tap away.
type Todo struct {
	Title, Href string
	Detail      string
	Due         Due
	Act         string // the button's word: "复查"
	ActHref     string // "" means Href
}

// A Due is a deadline in people's words.
type Due struct {
	Text string // "逾期 1 天"
	Sub  string // "12-30 到期"
	Tone Tone   // Bad when late, Warn today
}

// DueOf words a deadline as seen today.
func DueOf(due, today day.Date) Due {
	if due == 0 {
		return Due{Text: "不限期"}
	}
	d := Due{Sub: due.String()[5:] + " 到期"}
	if due.Year() != today.Year() {
		d.Sub = due.String() + " 到期"
	}
	switch n := int(due - today); {
	case n < 0:
		d.Text, d.Tone = "逾期 "+itoa(-n)+" 天", Bad
	case n == 0:
		d.Text, d.Tone = "今天", Warn
	default:
		d.Text = "还有 " + itoa(n) + " 天"
	}
	return d
}

// A Step is one state of a case on its way.
type Step struct {
	Name  string
	When  string // "12-13 · 限 7 天"
	Place StepPlace
}

// StepPlace says where a step lies from here.
type StepPlace string

// The places.
const (
	StepDone    StepPlace = "done"
	StepNow     StepPlace = "now"
	StepLate    StepPlace = "late" // now, and overdue
	StepAhead   StepPlace = "ahead"
	StepSkipped StepPlace = "skipped"
)

func (p StepPlace) words() string {
	return map[StepPlace]string{StepDone: "已完成", StepNow: "进行中", StepLate: "已逾期", StepAhead: "未到", StepSkipped: "已跳过"}[p]
}

// An Event is one entry of a timeline.
type Event struct {
	When   string // "2021-12-13 09:20"
	Title  string
	Who    string
	Detail string
	Href   string
	Tone   Tone
	Proof  []Proof
}

// A Proof is a document that something rests on.
type Proof struct {
	Name, Href  string
	Kind        string // "照片", "PDF"
	Size        string // "1.2 MB"
	When        string
	SHA256      string // in hex; its first 12 characters are shown
	Issuer      string
	NotVerified bool
}

// A Picture is a view that a page shows.
type Picture struct {
	Href, Text string // Text stands below
	Alt        string // what is seen, for who cannot see it
}

// A Job is how far long work has come. A page of it is refreshed by script while
// it runs; without script the link does it.
type Job struct {
	ID, Title   string
	Done, Of    int64
	Unit        string // "行"
	State       string // "running", "done", "failed", "waiting"
	Detail      string
	Href        string // where the state is shown
	Cancel      string // action of the form that stops it; "" if it can't be stopped
	Failed, Bad int64
}

// A Gauge is a share that is to reach a threshold: a vote's turnout.
type Gauge struct {
	Label, Text      string // "766 / 1,204 人，需 803 人"
	Value, Need, All int64
}

// Nothing is what an empty place says: why it is empty and what to do next.
type Nothing struct {
	Text string
	Act  Link
}

// Words joins components one after the other.
func Words(parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for _, p := range parts {
			if err := p.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// gradeTone colours a credit grade: what begins with A but A itself is good.
func gradeTone(grade string) Tone {
	switch {
	case strings.HasPrefix(grade, "AA"):
		return Good
	case grade == "A":
		return Info
	case strings.HasPrefix(grade, "B"):
		return Warn
	case strings.HasPrefix(grade, "C"), strings.HasPrefix(grade, "D"), strings.HasPrefix(grade, "E"):
		return Bad
	}
	return Plain
}

// AssumedText says what the numbers of some rules are worth; rules is their
// banner or title.
func AssumedText(rules string) string {
	return strings.TrimRight(rules, "。") + "。部分数值为假设，尚未与正式文本核对，不能作为执法或公示依据。"
}
