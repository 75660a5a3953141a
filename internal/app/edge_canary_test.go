//go:build browser && !postgres

package app_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"juli/internal/web/webtest"
)

// canary counts calls of what the payloads call, and breaches of our policy, in
// every page from its first moment on.
const canary = `window.called = []; window.breaches = [];
window.xss7 = n => { window.called.push(String(n)) };
document.addEventListener("securitypolicyviolation", e => window.breaches.push(e.violatedDirective + " " + e.blockedURI + " " + e.sourceFile));`

// stirred does what a visitor may do to every element at once, and waits until
// the page has had time to answer to it.
const stirred = `(async () => {
	for (const e of document.querySelectorAll("body, body *")) for (const k of ["mouseover", "focus", "toggle", "pointerenter", "error", "load"]) e.dispatchEvent(new Event(k));
	for (const d of document.querySelectorAll("details")) d.open = true;
	await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
	return JSON.stringify({called, breaches});
})()`

var numbered = regexp.MustCompile(`xss7\((\d+)\)`)

// INP-6: more than five hundred payloads stand in every text that people write,
// and Chromium opens pages of every role: none is called, and the policy has
// nothing to report, as it would if a payload had been markup.
func TestPayloadsNeverRunInABrowser(t *testing.T) {
	tn := newTown(t)
	columns := tn.poison(t)
	logins := slices.Sorted(maps.Keys(doors)) // the visitor first, without a cookie
	k := newClerk(t, tn, logins[1:]...)
	k.wide = true
	b := webtest.Open(t, k.h)
	b.Before(canary)
	b.Expect("404")
	b.Expect("Password forms should have") // a recommendation of Chromium's
	shown, pages := map[string]bool{}, 0
	for _, login := range logins {
		if login != "" {
			b.Cookie("juli", login)
		}
		for _, path := range k.shown(login, doors[login], shown) {
			b.Go(path)
			if said := webtest.Run(b, chromedp.Evaluate[string](stirred, chromedp.EvalAwaitPromise)); said != `{"called":[],"breaches":[]}` {
				t.Errorf("%s as %q: %s", path, login, said)
			}
			b.Quiet()
			pages++
		}
	}
	t.Logf("%d different payloads in %d columns shown on %d pages", len(shown), columns, pages)
	if len(shown) < 500 || pages < 100 {
		t.Errorf("%d payloads on %d pages: too few", len(shown), pages)
	}
	canarySings(t)
}

// shown are pages that hold payloads, those with the most new ones first.
func (k *clerk) shown(login string, starts []string, seen map[string]bool) (paths []string) {
	type page struct {
		path    string
		numbers [][]string
	}
	var all []page
	k.walk(login, 2, starts, func(path string, a answer) {
		if a.status == http.StatusOK && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && !strings.Contains(path, "format=") {
			all = append(all, page{path, numbered.FindAllStringSubmatch(a.body, -1)})
		}
	})
	for len(paths) < pagesEach && len(all) > 0 {
		best, most := 0, -1
		for i, p := range all {
			fresh := 0
			for _, m := range p.numbers {
				if !seen[m[1]] {
					fresh++
				}
			}
			if fresh > most {
				best, most = i, fresh
			}
		}
		paths = append(paths, all[best].path)
		for _, m := range all[best].numbers {
			seen[m[1]] = true
		}
		all = slices.Delete(all, best, best+1)
	}
	return paths
}

// pagesEach bounds the pages that one role's browser opens.
const pagesEach = 16

// canarySings shows that the canary is heard: a page with the payload as markup
// and without a policy calls it, and one with our policy reports it.
func canarySings(t *testing.T) {
	t.Helper()
	b := webtest.Open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/policy" {
			w.Header().Set("Content-Security-Policy", policyWanted)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><title>x</title><body>" + payloads[0]))
	}))
	b.Before(canary)
	b.Expect("")
	for path, want := range map[string]string{"/": `"called":["1"]`, "/policy": "script-src-elem inline"} {
		b.Go(path)
		if said := webtest.Run(b, chromedp.Evaluate[string](stirred, chromedp.EvalAwaitPromise)); !strings.Contains(said, want) {
			t.Errorf("%s with a payload as markup: %s", path, said)
		}
	}
}
