//go:build browser && !postgres

package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"juli/internal/web/webtest"
)

// SES-2: before a session ends, a question stands in front of the page; it has
// the focus, Enter extends the session, and what was typed stays.
func TestTheEndOfASessionIsAnnounced(t *testing.T) {
	tn := newTown(t)
	account := tn.actor(t, "nangang1").Account
	token := strings.Repeat("T", 43)
	id := tn.session(t, account, token)
	later := func(minutes int) {
		t.Helper()
		tn.exec(t, `UPDATE identity_session SET seen_real = seen_real - $2 WHERE id = $1`, id, minutes*60_000)
	}
	alive := func() bool {
		return newClient(tn.site, "juli", token).get(t.Context(), "/bureau/").status == http.StatusOK
	}

	b := webtest.Open(t, tn.site)
	b.Width(320)
	b.Cookie("juli", token)
	b.Go("/bureau/records/new?item=HRB-V01")
	b.Fill("summary", "写到一半")
	pass := func(minutes string) { // by the page's clock
		webtest.Run(b, chromedp.Evaluate[any](`(() => { const now = Date.now; Date.now = () => now() + `+minutes+` * 60000 })()`))
	}
	pass("11.9")
	if webtest.Run(b, chromedp.Evaluate[bool](`document.getElementById("session").open`)) {
		t.Error("the warning comes before its time")
	}
	pass("0.5")
	b.Do(chromedp.WaitVisible(chromedp.CSS("#session[open] button")))
	b.Check()
	if text := b.Text("#session"); !strings.Contains(text, "3 分钟") {
		t.Errorf("the warning says %s", text)
	}
	later(13)
	b.TabTo("#session button")
	b.Do(webtest.Key(kb.Enter), chromedp.WaitNotVisible(chromedp.CSS("#session")))
	if focus := webtest.Run(b, chromedp.Evaluate[string]("document.activeElement.name + document.activeElement.value")); focus != "summary写到一半" {
		t.Errorf("after the warning the focus is on %q", focus)
	}
	if later(14); !alive() {
		t.Error("the session was not extended")
	}

	// Whoever puts the question aside is not asked again at once, and the session ends.
	pass("12.5")
	b.Do(chromedp.WaitVisible(chromedp.CSS("#session[open] button")), webtest.Key(kb.Escape), chromedp.WaitNotVisible(chromedp.CSS("#session")))
	webtest.Run(b, chromedp.Evaluate[any](`new Promise(done => setTimeout(done, 1500))`, chromedp.EvalAwaitPromise))
	if webtest.Run(b, chromedp.Evaluate[bool](`document.getElementById("session").open`)) {
		t.Error("the warning comes back at once")
	}
	if later(16); alive() {
		t.Error("a session lives on that nobody extended")
	}
}
