package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"juli/internal/web"
)

// A long navigation stays one row, on a phone too: the rest is folded, without
// script, and the fold says which of its pages is open. Styles show one of the two
// places of an entry that is folded on phones alone.
func TestALongNavigationIsFolded(t *testing.T) {
	type look struct {
		open, folded int
		fold         string
	}
	for _, tt := range []struct {
		entries, at int
		wide, phone look
	}{
		{4, 3, look{4, 0, ""}, look{4, 0, ""}},
		{9, 8, look{9, 0, ""}, look{4, 5, "更多"}},
		{10, 0, look{8, 2, "更多"}, look{4, 6, "更多"}},
		{10, 9, look{8, 2, "更多 · 第9页"}, look{4, 6, "更多 · 第9页"}},
	} {
		s := site()
		nav := make([]web.Link, tt.entries)
		for i := range nav {
			nav[i] = web.Link{Text: fmt.Sprintf("第%d页", i), Href: fmt.Sprintf("/page%d", i)}
		}
		nav[tt.at].Href = "/design"
		s.Desks[0].Nav = nav
		_, text, _ := get(t, s.Handler(http.NewServeMux()), "/design")
		for _, screen := range []struct {
			hidden string
			want   look
		}{{"phone", tt.wide}, {"wide", tt.phone}} {
			var is look
			for n := range parse(t, strings.NewReader(text)).Descendants() {
				switch {
				case n.Type != html.ElementNode || !within(n, "主导航") || classed(n, screen.hidden):
				case n.Data == "summary":
					is.fold = said(n)
				case n.Data == "a" && inDetails(n):
					is.folded++
				case n.Data == "a":
					is.open++
				}
			}
			if is != screen.want {
				t.Errorf("%d entries without what is for a %s: %+v, want %+v", tt.entries, screen.hidden, is, screen.want)
			}
		}
	}
}

// classed says whether an element or what it stands in has a class.
func classed(n *html.Node, class string) bool {
	for p := n; p != nil; p = p.Parent {
		if slices.Contains(strings.Fields(attr(p, "class")), class) {
			return true
		}
	}
	return false
}

func within(n *html.Node, label string) bool {
	for p := range n.Ancestors() {
		if attr(p, "aria-label") == label {
			return true
		}
	}
	return false
}

func inDetails(n *html.Node) bool {
	for p := range n.Ancestors() {
		if p.Data == "details" {
			return true
		}
	}
	return false
}
