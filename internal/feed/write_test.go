package feed_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ical "github.com/emersion/go-ical"

	"juli/internal/day"
	"juli/internal/feed"
)

// nasty is what a text may hold that some form could stumble over.
const nasty = "二号楼 <b>\"积雪\"</b> & 'a'; \\n, b\r\nBEGIN:VEVENT\r\nSUMMARY:x\x00\x1b]]> 𠮷 " + "很长的一句话很长的一句话很长的一句话很长的一句话很长的一句话"

func channel() feed.Channel {
	at := time.Date(2021, 6, 3, 1, 2, 3, 0, time.UTC)
	return feed.Channel{
		Title: "哈尔滨市 · 全市物业监管动态", Self: "https://wuye.example.cn/feeds/all.rss", Home: "https://wuye.example.cn/feeds?a=1&b=2", Base: "https://wuye.example.cn", City: "2301",
		Items: []feed.Item{
			{
				Kind: feed.Volunteers, ID: 7, Title: nasty, Summary: nasty, State: "招募中", Path: "/volunteers/calls/7?x=1&y=2", Published: at, Updated: at.Add(time.Hour),
				Date: &feed.Date{Title: nasty, From: day.MustParse("2021-06-10"), To: day.MustParse("2021-06-10"), At: "09:30", Minutes: 120, Where: "花园小区;3号楼,门前"},
			},
			{
				Kind: feed.Surveys, ID: 8, Title: "满意度调查", State: "正在调查", Path: "/surveys", Published: at, Updated: at,
				Date: &feed.Date{Title: "满意度调查", From: day.MustParse("2021-06-10"), To: day.MustParse("2021-06-20")},
			},
			{Kind: feed.Cases, ID: 8, Title: "没有期限的", State: "已查实", Path: "/cases", Published: at, Updated: at},
		},
	}
}

func written(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// An element is a parsed document: strictly, and of everything that stands there.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e element) all(name string) (list []element) {
	for _, c := range e.Children {
		if c.XMLName.Local == name {
			list = append(list, c)
		}
	}
	return list
}

func (e element) one(t *testing.T, name string) element {
	t.Helper()
	list := e.all(name)
	if len(list) != 1 {
		t.Fatalf("<%s> has %d <%s>, want one", e.XMLName.Local, len(list), name)
	}
	return list[0]
}

func (e element) attr(name string) string {
	i := slices.IndexFunc(e.Attrs, func(a xml.Attr) bool { return a.Name.Local == name })
	if i < 0 {
		return ""
	}
	return e.Attrs[i].Value
}

func parsed(t *testing.T, text string) (e element) {
	t.Helper()
	if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x1b") {
		t.Fatal("not the text of a document")
	}
	if err := xml.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return e
}

func absolute(t *testing.T, address string) {
	t.Helper()
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host != "wuye.example.cn" {
		t.Errorf("%q is no whole address of ours", address)
	}
}

// rssNames are what RSS 2.0 lets an item and a channel have, of what we use.
var (
	rssChannelNames = []string{"title", "link", "description", "language", "lastBuildDate", "ttl", "item"}
	rssItemNames    = []string{"title", "link", "description", "category", "guid", "pubDate"}
	uuidURN         = regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
)

func TestRSSIsWhatTheSpecificationAsksFor(t *testing.T) {
	c := channel()
	root := parsed(t, written(t, c.RSS))
	if root.XMLName.Local != "rss" || root.attr("version") != "2.0" {
		t.Fatalf("root <%s version=%q>", root.XMLName.Local, root.attr("version"))
	}
	ch := root.one(t, "channel")
	for _, name := range []string{"title", "description", "language"} {
		if ch.one(t, name).Text == "" {
			t.Errorf("the channel has no %s", name)
		}
	}
	for _, e := range ch.Children {
		if e.XMLName.Space == "http://www.w3.org/2005/Atom" {
			if e.XMLName.Local != "link" || e.attr("rel") != "self" || e.attr("type") != "application/rss+xml" || e.attr("href") != c.Self {
				t.Errorf("link to itself: %+v", e)
			}
		} else if e.XMLName.Space != "" || !slices.Contains(rssChannelNames, e.XMLName.Local) {
			t.Errorf("a channel has no <%s>", e.XMLName.Local)
		}
	}
	if built, err := mail.ParseDate(ch.one(t, "lastBuildDate").Text); err != nil || !built.Equal(c.Items[0].Updated) {
		t.Errorf("built %v, %v", built, err)
	}
	items, seen := ch.all("item"), map[string]bool{}
	if len(items) != 3 {
		t.Fatalf("%d items", len(items))
	}
	for i, it := range items {
		for _, e := range it.Children {
			if !slices.Contains(rssItemNames, e.XMLName.Local) {
				t.Errorf("an item has no <%s>", e.XMLName.Local)
			}
		}
		absolute(t, it.one(t, "link").Text)
		guid := it.one(t, "guid")
		if guid.attr("isPermaLink") != "false" || !uuidURN.MatchString(guid.Text) || seen[guid.Text] {
			t.Errorf("guid %+v", guid)
		}
		seen[guid.Text] = true
		if at, err := mail.ParseDate(it.one(t, "pubDate").Text); err != nil || !at.Equal(c.Items[i].Published) {
			t.Errorf("published %v, %v", at, err)
		}
	}
	if title := items[0].one(t, "title").Text; !strings.Contains(title, `<b>"积雪"</b> & 'a'; \n, b BEGIN:VEVENT SUMMARY:x ]]> 𠮷`) || strings.ContainsAny(title, "\r\n") {
		t.Errorf("the title came back as %q", title)
	}
}

func TestAtomIsWhatTheSpecificationAsksFor(t *testing.T) {
	c := channel()
	root := parsed(t, written(t, c.Atom))
	if root.XMLName.Local != "feed" || root.XMLName.Space != "http://www.w3.org/2005/Atom" {
		t.Fatalf("root %v", root.XMLName)
	}
	ids := map[string]bool{}
	for i, e := range append([]element{root}, root.all("entry")...) {
		id := e.one(t, "id").Text
		if !uuidURN.MatchString(id) || ids[id] {
			t.Errorf("id %q", id)
		}
		ids[id] = true
		if e.one(t, "title").Text == "" {
			t.Error("no title")
		}
		want := c.Updated()
		if i > 0 {
			want = c.Items[i-1].Updated
			absolute(t, e.one(t, "link").attr("href"))
		}
		if at, err := time.Parse(time.RFC3339, e.one(t, "updated").Text); err != nil || !at.Equal(want) {
			t.Errorf("updated %v, want %v, %v", at, want, err)
		}
	}
	if len(ids) != 4 || root.one(t, "author").one(t, "name").Text == "" {
		t.Errorf("%d ids; author %v", len(ids), root.all("author"))
	}
	rels := []string{}
	for _, l := range root.all("link") {
		rels = append(rels, l.attr("rel"))
	}
	if fmt.Sprint(rels) != "[self alternate]" {
		t.Errorf("links %v", rels)
	}
}

func TestACalendarIsReadByAnotherProgram(t *testing.T) {
	text := written(t, channel().Calendar)
	for _, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n\x00") || !utf8.ValidString(line) {
			t.Errorf("line %q: %d bytes", line, len(line))
		}
		head, _, _ := strings.Cut(line, ":")
		if params := strings.Split(head, ";")[1:]; !strings.HasPrefix(line, " ") && len(params) != len(slices.Compact(slices.Sorted(slices.Values(params)))) {
			t.Errorf("%q says a parameter twice", line)
		}
	}
	cal, err := ical.NewDecoder(strings.NewReader(text)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	// its encoder refuses a calendar that lacks what RFC 5545 wants
	if err := ical.NewEncoder(io.Discard).Encode(cal); err != nil {
		t.Error(err)
	}
	events := cal.Events()
	if len(events) != 2 {
		t.Fatalf("%d events, want those with dates alone", len(events))
	}
	call, days := events[0], events[1]
	start, err1 := call.DateTimeStart(time.UTC)
	end, err2 := call.DateTimeEnd(time.UTC)
	if err1 != nil || err2 != nil || !start.Equal(time.Date(2021, 6, 10, 1, 30, 0, 0, time.UTC)) || end.Sub(start) != 2*time.Hour {
		t.Errorf("from %v to %v, %v, %v: want 09:30 in Harbin, for two hours", start, end, err1, err2)
	}
	where, err := call.Props.Text(ical.PropLocation)
	if err != nil || where != "花园小区;3号楼,门前" {
		t.Errorf("where %q, %v", where, err)
	}
	title, err := call.Props.Text(ical.PropSummary)
	if err != nil || !strings.HasPrefix(title, `二号楼 <b>"积雪"</b> & 'a'; \n, b BEGIN:VEVENT SUMMARY:x ]]> 𠮷`) {
		t.Errorf("summary %q, %v", title, err)
	}
	if v := days.Props.Get(ical.PropDateTimeStart); v.Value != "20210610" || v.ValueType() != ical.ValueDate {
		t.Errorf("begins %+v", v)
	}
	if v := days.Props.Get(ical.PropDateTimeEnd); v.Value != "20210621" || v.ValueType() != ical.ValueDate {
		t.Errorf("ends %+v, want the day after the last", v)
	}
	if a, _ := call.Props.Text(ical.PropUID); !uuidURN.MatchString("urn:uuid:" + a) {
		t.Errorf("uid %q", a)
	}
}

func TestTheSameNewsAreTheSameBytes(t *testing.T) {
	for name, write := range map[string]func(feed.Channel) func(io.Writer) error{
		"rss":  func(c feed.Channel) func(io.Writer) error { return c.RSS },
		"atom": func(c feed.Channel) func(io.Writer) error { return c.Atom },
		"ics":  func(c feed.Channel) func(io.Writer) error { return c.Calendar },
	} {
		one, two := written(t, write(channel())), written(t, write(channel()))
		if one != two {
			t.Errorf("%s differs between two readings", name)
		}
		none := channel()
		none.Items = nil
		if empty := written(t, write(none)); empty == one || strings.Contains(empty, "0001-01-01") {
			t.Errorf("%s without items: %s", name, empty)
		}
	}
}

// What an item is called stays, whatever address the platform has.
func TestNamesOfItemsStay(t *testing.T) {
	it := feed.Item{Kind: feed.Reports, ID: 42}
	if got := it.UID("2301"); got != it.UID("2301") || got == it.UID("2302") || got == (feed.Item{Kind: feed.Cases, ID: 42}).UID("2301") {
		t.Errorf("uid %s is not the item's own", got)
	}
}
