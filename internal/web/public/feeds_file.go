package public

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/feed"
	"juli/internal/web"
)

// The forms of a feed, by the end of its name.
var feedForms = map[string]struct {
	kind  string
	dates bool
	write func(c feed.Channel, w *bytes.Buffer) error
}{
	"rss":  {"application/rss+xml; charset=utf-8", false, func(c feed.Channel, w *bytes.Buffer) error { return c.RSS(w) }},
	"atom": {"application/atom+xml; charset=utf-8", false, func(c feed.Channel, w *bytes.Buffer) error { return c.Atom(w) }},
	"ics":  {"text/calendar; charset=utf-8", true, func(c feed.Channel, w *bytes.Buffer) error { return c.Calendar(w) }},
}

// allKinds is the name of the feed that holds every kind.
const allKinds = "all"

// feedFile is one feed or calendar: /feeds/reports.rss?place=230103&topic=…
func (d *Desk) feedFile(w http.ResponseWriter, r *http.Request) error {
	kind, end, _ := strings.Cut(r.PathValue("file"), ".")
	form, ok := feedForms[end]
	if !ok || kind != allKinds && feed.Kind(kind).Title() == "" {
		return fault.New(fault.NotFound, "page.none", "没有这个订阅地址。请从“订阅”页面重新选择。")
	}
	s, err := feedScope(r, kind)
	if err != nil {
		return err
	}
	ctx := r.Context()
	c := feed.Channel{Base: strings.TrimSuffix(d.address(r, "/"), "/"), City: d.City}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if err := d.Feeds.Check(ctx, tx, &s); err != nil {
			return err
		}
		words, err := d.Feeds.Describe(ctx, tx, s)
		if err != nil {
			return err
		}
		c.Title = d.CityName + " · " + words
		if form.dates {
			c.Items, err = d.Feeds.Dates(ctx, tx, s)
		} else {
			c.Items, err = d.Feeds.News(ctx, tx, s)
		}
		return err
	})
	if err != nil {
		return err
	}
	c.Self, c.Home = c.Base+feedPath(s, end), c.Base+feedsPage(s)
	var b bytes.Buffer
	if err := form.write(c, &b); err != nil {
		return err
	}
	sum := sha256.Sum256(b.Bytes())
	tag := hex.EncodeToString(sum[:16])
	h := w.Header()
	h.Set("Content-Type", form.kind)
	h.Set("ETag", `"`+tag+`"`)
	h.Set("Cache-Control", "no-cache") // keep, but ask first
	http.ServeContent(w, r, "", d.changed.since(c.Self, tag), bytes.NewReader(b.Bytes()))
	return nil
}

// feedScope reads the address; what a feed does not know is refused.
func feedScope(r *http.Request, kind string) (s feed.Scope, err error) {
	if kind != allKinds && kind != "" {
		s.Kinds = []feed.Kind{feed.Kind(kind)}
	}
	for name, values := range r.URL.Query() {
		v := values[0]
		switch {
		case len(values) > 1:
			return s, unknownFeed(name)
		case v == "":
		case name == "place":
			if s.Division, err = code.ParseDivision(v); err != nil {
				return s, unknownFeed(name)
			}
		case name == "project":
			if s.Project, err = code.ParseProjectCode(v); err != nil {
				return s, unknownFeed(name)
			}
		case name == "topic":
			s.Topic = v
		case name == "kind" && kind == "":
			if feed.Kind(v).Title() == "" {
				return s, unknownFeed(name)
			}
			s.Kinds = []feed.Kind{feed.Kind(v)}
		default:
			return s, unknownFeed(name)
		}
	}
	return s, nil
}

var feedLabels = map[string]string{"place": "地区", "project": "项目", "topic": "诉求类别", "kind": "内容"}

func unknownFeed(name string) error {
	label := feedLabels[name]
	if label == "" {
		label = "其他"
	}
	return fault.New(fault.Invalid, "list.unknown", "网址里的条件“%s”不能识别。请从“订阅”页面重新选择。", label)
}

// feedPath is the address of a feed; feedsPage that of the page about it.
func feedPath(s feed.Scope, end string) string {
	kind := allKinds
	if len(s.Kinds) == 1 {
		kind = string(s.Kinds[0])
	}
	return "/feeds/" + kind + "." + end + feedQuery(s, false)
}

func feedsPage(s feed.Scope) string { return "/feeds" + feedQuery(s, true) }

func feedQuery(s feed.Scope, kind bool) string {
	q := url.Values{}
	set := func(name, v string) {
		if v != "" {
			q.Set(name, v)
		}
	}
	set("place", string(s.Division))
	set("project", string(s.Project))
	set("topic", s.Topic)
	if kind && len(s.Kinds) == 1 {
		set("kind", string(s.Kinds[0]))
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// address is a whole address of ours: as the operator set it, else as the visitor
// calls us where that can be believed, else the path alone.
func (d *Desk) address(r *http.Request, path string) string {
	if d.Base != "" {
		return d.Base + path
	}
	return web.Address(r, path)
}

const changedMax = 4096 // feeds whose last change is remembered

// changes remembers since when each feed has said what it says, for who asks by
// date: never earlier than the change, and never the same second for two texts.
type changes struct {
	mu   sync.Mutex
	seen map[string]change
}

type change struct {
	tag string
	at  time.Time
}

func (c *changes) since(name, tag string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, ok := c.seen[name]
	if ok && old.tag == tag {
		return old.at
	}
	at := time.Now().Truncate(time.Second)
	if ok && !at.After(old.at) {
		at = old.at.Add(time.Second)
	}
	if c.seen == nil || len(c.seen) >= changedMax {
		c.seen = map[string]change{}
	}
	c.seen[name] = change{tag, at}
	return at
}

// feedLinks tell readers on which page which feeds stand.
func feedLinks(s feed.Scope, title string) []web.FeedLink {
	return []web.FeedLink{
		{Title: title, Kind: "application/rss+xml", Href: feedPath(s, "rss")},
		{Title: title, Kind: "application/atom+xml", Href: feedPath(s, "atom")},
		{Title: title + "日历", Kind: "text/calendar", Href: feedPath(s, "ics")},
	}
}
