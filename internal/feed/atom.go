package feed

import (
	"encoding/xml"
	"io"
	"time"
)

const atomSpace = "http://www.w3.org/2005/Atom"

// What Atom needs (RFC 4287).
type atomRoot struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Author  atomAuthor  `xml:"author"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Updated    string         `xml:"updated"`
	Published  string         `xml:"published"`
	Link       atomLink       `xml:"link"`
	Categories []atomCategory `xml:"category"`
	Summary    string         `xml:"summary"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

// Atom writes a channel as Atom. An empty one was last updated when its time
// begins, not now: the same news are the same bytes.
func (c Channel) Atom(w io.Writer) error {
	root := atomRoot{
		Lang: "zh-CN", ID: "urn:uuid:" + uid(c.City, "feed:"+c.Title), Title: plain(c.Title), Updated: atomTime(c.Updated()), Author: atomAuthor{"物业管理平台"},
		Links: []atomLink{{"self", "application/atom+xml", c.Self}, {"alternate", "text/html", c.Home}},
	}
	for _, it := range c.Items {
		e := atomEntry{
			ID: "urn:uuid:" + it.UID(c.City), Title: plain(it.Title), Updated: atomTime(it.Updated), Published: atomTime(it.Published),
			Link: atomLink{"alternate", "text/html", c.Base + it.Path}, Summary: plain(it.Summary),
		}
		for _, term := range it.categories() {
			e.Categories = append(e.Categories, atomCategory{term})
		}
		root.Entries = append(root.Entries, e)
	}
	return document(w, root)
}

func atomTime(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format(time.RFC3339)
}
