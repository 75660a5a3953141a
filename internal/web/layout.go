package web

import (
	"context"
	"net/url"
	"strings"
	"time"

	"juli/internal/day"
)

// frame is what the layout draws around a page, worked out once.
type frame struct {
	Page
	st     *state
	desk   Desk
	desks  []Desk
	nav    []Link
	said   string
	banner string
}

func frameOf(ctx context.Context, p Page) frame {
	st := stateOf(ctx)
	f := frame{Page: p, st: st, desk: st.site.desk(p.Desk), nav: p.Nav, said: st.takeSaid()}
	if p.Own {
		f.desk = st.ownDesk()
	}
	if f.nav == nil {
		f.nav = f.desk.nav(st.who)
	}
	for _, d := range st.site.Desks {
		if d.For == nil || d.For(st.who) {
			f.desks = append(f.desks, d)
		}
	}
	if db := st.site.DB; db != nil && db.Offset() != 0 {
		f.banner = "演示城市，内容均为虚构 · 今天是 " + day.FromTime(db.Now()).String()
	}
	return f
}

// ownDesk is the desk at which the person asks: the one whose page it is, if it is
// theirs, else their first; the public's for a visitor.
func (st *state) ownDesk() Desk {
	own := st.site.desk("")
	if st.who.Account == 0 {
		return own
	}
	found := false
	for _, d := range st.site.Desks {
		if d.For == nil || !d.For(st.who) {
			continue
		}
		if st.req != nil && strings.HasPrefix(st.req.URL.Path, d.Home) {
			return d
		}
		if !found {
			own, found = d, true
		}
	}
	return own
}

func (f frame) signed() bool { return f.st.who.Account != 0 }

func (f frame) title() string {
	name := f.st.site.City + "智慧物业 · 聚力"
	if f.Title == "" || f.Title == f.st.site.City+"智慧物业" {
		return name
	}
	return f.Title + " · " + name
}

// idle is how many seconds the session lives on without a request.
func (f frame) idle() string {
	if !f.signed() || f.st.site.Idle == nil {
		return ""
	}
	return itoa(int(f.st.site.Idle(f.st.who) / time.Second))
}

// current marks the navigation entry whose address is the longest beginning of
// the page's.
func (f frame) current(l Link) bool {
	if f.st.req == nil {
		return false
	}
	best, at := "", f.st.req.URL.Path
	for _, n := range f.nav {
		p := bare(n.Href)
		if (at == p || p != f.desk.Home && strings.HasPrefix(at, strings.TrimSuffix(p, "/")+"/")) && len(p) > len(best) {
			best = p
		}
	}
	return best != "" && bare(l.Href) == best
}

// navOpen is how many entries of the navigation stand in the open on a phone, in one
// row; navWide how many elsewhere. The others are folded.
const navOpen, navWide = 4, 8

// folds is the navigation in parts: always in the open, in the open but on a phone,
// and always folded.
type folds struct{ open, wide, rest []Link }

func (f frame) fold() folds {
	n := folds{open: f.nav}
	if len(f.nav) > navWide+1 {
		n.open, n.rest = f.nav[:navWide], f.nav[navWide:]
	}
	if len(n.open) > navOpen {
		n.open, n.wide = n.open[:navOpen], n.open[navOpen:]
	}
	return n
}

// more names the folded entries, by the one whose page this is if it is among them.
func (f frame) more(rest []Link) string {
	for _, l := range rest {
		if f.current(l) {
			return "更多 · " + l.Text
		}
	}
	return "更多"
}

func bare(href string) string {
	p, _, _ := strings.Cut(href, "?")
	return p
}

// view is the link that changes the edition or theme and comes back here.
func (f frame) view(name, value string) string {
	return "/view?" + name + "=" + value + "&to=" + url.QueryEscape(here(f.st.req))
}

func (f frame) signin() string { return "/login?to=" + url.QueryEscape(here(f.st.req)) }

func (f frame) class() string {
	c := "juli"
	if f.st.view.Large {
		c += " large"
		if z := f.st.view.Zoom; z > 0 {
			c += " zoom" + itoa(z)
		}
	}
	return c
}

// zooms are the sizes of type in the elderly edition.
var zooms = []string{"大", "更大", "最大"}

// query is what stands in the search box.
func (f frame) query() string {
	if f.st.req == nil || f.st.req.URL.Path != f.st.site.Search {
		return ""
	}
	return f.st.req.URL.Query().Get("q")
}
