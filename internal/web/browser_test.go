//go:build browser

package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"juli/internal/web/webtest"
)

func TestDesignPageInABrowser(t *testing.T) {
	b := webtest.Open(t, site().Handler(http.NewServeMux()))
	for _, view := range []string{"", "dark", "large.0", "large.2.dark"} {
		if view != "" {
			b.Cookie("juli-view", view)
		}
		for _, width := range []int{320, 360, 768, 1280, 1920} {
			b.Width(width)
			b.Go("/design")
			b.Check()
			b.Shot(fmt.Sprintf("design-%s-%d.png", view, width))
		}
	}
}

// The script improves what works without it: dialogs, lists, errors, charts.
func TestTheScriptImprovesThePage(t *testing.T) {
	b := webtest.Open(t, site().Handler(http.NewServeMux()))
	b.Go("/design")

	b.Do(chromedp.Click(chromedp.CSS("a[data-dialog=withdraw]")), chromedp.WaitVisible(chromedp.CSS("#withdraw[open]")))
	b.Check()
	b.Do(chromedp.Click(chromedp.CSS("#withdraw [data-close]")), chromedp.WaitNotVisible(chromedp.CSS("#withdraw")))

	b.Do(chromedp.Click(chromedp.CSS("#list a[rel=next]")), chromedp.WaitVisible(chromedp.CSS("#list a[rel=prev]")))
	if at := b.Where(); !strings.Contains(at, "after=") {
		t.Errorf("the list's address is %s", at)
	}
	if text := b.Text("#list .pager [role=status]"); text != "第 4–5 条，共 5 条" {
		t.Errorf("the list says %s", text)
	}

	b.Expect("422")
	b.Do(chromedp.Click(chromedp.CSS("form.ask button[type=submit]")), chromedp.WaitVisible(chromedp.CSS("#f-item-err")))
	if focus := webtest.Run(b, chromedp.Evaluate[string]("document.activeElement.className")); focus != "errors" {
		t.Errorf("after a refusal the focus is on %q", focus)
	}
	b.Check()

	b.Go("/design")
	if n := webtest.Run(b, chromedp.Evaluate[int](`document.querySelectorAll(".plot.improved .live svg").length`)); n != 4 {
		t.Errorf("%d charts answer to the pointer, want 4", n)
	}
	b.Check()
}

// ACC-6: the elderly edition's sizes are what the standard asks for.
func TestTheElderlyEditionIsLarge(t *testing.T) {
	b := webtest.Open(t, site().Handler(http.NewServeMux()))
	for _, width := range []int{360, 1280} {
		b.Width(width)
		b.Cookie("juli-view", "large.0")
		b.Go("/design")
		b.Large(44)
	}
}
