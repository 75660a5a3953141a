//go:build browser && !postgres

package app_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"juli/internal/web/webtest"
)

// ACC-1: pages that refuse, that have nothing to show, or whose menu is open are
// held to the same rules as any other, light and dark, in either edition.
func TestStatesAreAccessible(t *testing.T) {
	s := newStage(t)
	b := webtest.Open(t, s.h)
	for _, status := range []string{"400", "403", "404", "422"} {
		b.Expect(status)
	}
	look := func() {
		t.Helper()
		for _, width := range []int{320, 1280} {
			b.Width(width)
			b.Check()
		}
		b.Media("prefers-color-scheme=dark")
		b.Contrast(", dark")
		b.Media()
	}
	for _, state := range []struct{ login, path, words string }{
		{"", "/nowhere", "没有这个页面"},
		{"", "/enterprises?unheard=of", "提交的内容"},
		{"", "/search?q=%E4%B8%8D%E5%AD%98%E5%9C%A8%E7%9A%84", "没有"},
		{"", "/enterprises?q=%E4%B8%8D%E5%AD%98%E5%9C%A8%E7%9A%84", "没有符合这些条件的记录"},
		{"", "/bureau/records", "登录"}, // a session that ended leads here
		{"firm1", "/bureau/records", ""},
		{"firm1", "/admin/audit", ""},
		{"community1", "/bureau/records/0000000000001", "没有找到"},
	} {
		hand{s, t, b, true}.be(state.login, state.path)
		hand{s, t, b, true}.sees(state.words)
		look()
		b.Cookie("juli-view", "large.0")
		b.Go(state.path)
		look()
		b.Forget("juli-view")
	}

	h := hand{s, t, b, true}
	h.be("firm1", "/enterprise/records/new?item=HRB-G05")
	b.Follow(submit(""), ".errors")
	look()
	h.be("firm1", "/enterprise/")
	b.TabTo("details.menu > summary")
	b.Do(webtest.Key(kb.Enter), chromedp.WaitVisible(chromedp.CSS(".drop")))
	look()
	b.Press(kb.Escape)
	if focus := webtest.Run(b, chromedp.Evaluate[string]("document.activeElement.tagName")); focus != "SUMMARY" {
		t.Errorf("after the menu closed the focus is on %s", focus)
	}
}
