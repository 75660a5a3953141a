package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"juli/internal/web"
)

// A long navigation stays two rows on a phone: the rest is folded, without script,
// and the fold says which of its pages is open.
func TestALongNavigationIsFolded(t *testing.T) {
	for _, tt := range []struct {
		entries, at, open int
		fold              string
	}{
		{9, 8, 9, ""},
		{10, 0, 8, "更多"},
		{10, 9, 8, "更多 · 第9页"},
	} {
		s := site()
		nav := make([]web.Link, tt.entries)
		for i := range nav {
			nav[i] = web.Link{Text: fmt.Sprintf("第%d页", i), Href: fmt.Sprintf("/page%d", i)}
		}
		nav[tt.at].Href = "/design"
		s.Desks[0].Nav = nav
		_, text, _ := get(t, s.Handler(http.NewServeMux()), "/design")
		shown, folded, fold := 0, 0, ""
		for n := range parse(t, strings.NewReader(text)).Descendants() {
			switch {
			case n.Type != html.ElementNode || !within(n, "主导航"):
			case n.Data == "summary":
				fold = said(n)
			case n.Data == "a" && inDetails(n):
				folded++
			case n.Data == "a":
				shown++
			}
		}
		if shown != tt.open || folded != tt.entries-tt.open || fold != tt.fold {
			t.Errorf("%d entries: %d in the open, %d under %q", tt.entries, shown, folded, fold)
		}
	}
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
