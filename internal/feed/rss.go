package feed

import (
	"encoding/xml"
	"io"
	"time"
)

// What RSS 2.0 needs (rssboard.org/rss-specification), with the link to itself that
// readers look for.
type rssRoot struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language"`
	Built       string    `xml:"lastBuildDate,omitempty"`
	TTL         int       `xml:"ttl"`
	Self        rssSelf   `xml:"atom:link"`
	Items       []rssItem `xml:"item"`
}

type rssSelf struct {
	Href string `xml:"href,attr"`
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
}

type rssItem struct {
	Title       string   `xml:"title"`
	Link        string   `xml:"link"`
	Description string   `xml:"description"`
	Categories  []string `xml:"category"`
	GUID        rssGUID  `xml:"guid"`
	Published   string   `xml:"pubDate"`
}

type rssGUID struct {
	Permanent string `xml:"isPermaLink,attr"`
	Value     string `xml:",chardata"`
}

const everyMinutes = 60 // readers ask again

// RSS writes a channel as RSS 2.0. Its dates are those of the items, so that the
// same news are the same bytes.
func (c Channel) RSS(w io.Writer) error {
	ch := rssChannel{
		Title: plain(c.Title), Link: c.Home, Description: plain(c.Title), Language: "zh-CN", TTL: everyMinutes,
		Self: rssSelf{c.Self, "self", "application/rss+xml"},
	}
	if t := c.Updated(); !t.IsZero() {
		ch.Built = rssTime(t)
	}
	for _, it := range c.Items {
		ch.Items = append(ch.Items, rssItem{
			Title: plain(it.Title), Link: c.Base + it.Path, Description: plain(it.Summary), Categories: it.categories(),
			GUID: rssGUID{"false", "urn:uuid:" + it.UID(c.City)}, Published: rssTime(it.Published),
		})
	}
	return document(w, rssRoot{Version: "2.0", Atom: atomSpace, Channel: ch})
}

func (it Item) categories() []string { return []string{it.Kind.Title(), plain(it.State)} }

func rssTime(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }

func document(w io.Writer, v any) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	return e.Encode(v)
}
