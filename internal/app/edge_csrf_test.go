//go:build !postgres

package app_test

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A forgery is a way in which another site, or a program, sends a form in
// somebody's name. It starts from the form as its page would send it.
type forgery struct {
	name   string
	change func(r *http.Request, s *sending, tokens forged)
}

// forged are the tokens that a forger may hold: another person's, and what
// becomes of the victim's own on the way.
type forged struct{ own, another string }

func header(name, value string) func(*http.Request, *sending, forged) {
	return func(r *http.Request, _ *sending, _ forged) { r.Header.Set(name, value) }
}

func carrying(make func(forged) string) func(*http.Request, *sending, forged) {
	return func(_ *http.Request, s *sending, f forged) { s.values.Set("_csrf", make(f)) }
}

var forgeries = []forgery{
	{"no headers and no token", func(_ *http.Request, s *sending, _ forged) { s.values.Del("_csrf") }},
	{"an empty token", carrying(func(forged) string { return "" })},
	{"another person's token", carrying(func(f forged) string { return f.another })},
	{"a token cut short", carrying(func(f forged) string { return f.own[:len(f.own)-2] })},
	{"a token with another beginning", carrying(func(f forged) string { return f.another[:16] + f.own[16:] })},
	{"a made-up token", carrying(func(f forged) string { return strings.Repeat("A", len(f.own)) })},
	{"another person's token in a header", func(r *http.Request, s *sending, f forged) {
		s.values.Del("_csrf")
		r.Header.Set("X-Csrf-Token", f.another)
	}},
	{"the token in the address", func(r *http.Request, s *sending, f forged) {
		s.values.Del("_csrf")
		r.URL.RawQuery = "_csrf=" + url.QueryEscape(f.own)
	}},
	{"the token in a cookie", func(r *http.Request, s *sending, f forged) {
		s.values.Del("_csrf")
		r.AddCookie(&http.Cookie{Name: "_csrf", Value: f.own})
	}},
	{"a foreign Origin", header("Origin", "https://evil.example")},
	{"the same name by another scheme and port", header("Origin", "https://example.com:4443")},
	{"a null Origin", header("Origin", "null")},
	{"a cross-site request", header("Sec-Fetch-Site", "cross-site")},
	{"a request from a sister site", header("Sec-Fetch-Site", "same-site")},
	{"a made-up Sec-Fetch-Site", header("Sec-Fetch-Site", "nonsense")},
	{"a foreign Origin with the token in a header", func(r *http.Request, _ *sending, f forged) {
		r.Header.Set("Origin", "https://evil.example")
		r.Header.Set("X-Csrf-Token", f.own)
	}},
	{"the form as plain text", header("Content-Type", "text/plain")},
	{"the form as JSON", header("Content-Type", "application/json")},
	{"the form without a type", func(r *http.Request, _ *sending, _ forged) { r.Header.Del("Content-Type") }},
}

// overridden are other methods that might be taken for a POST.
var overridden = []string{"PUT", "PATCH", "DELETE", "OPTIONS"}

// unnamed are the parts of a route that stand for an id.
var unnamed = regexp.MustCompile(`\{[^}]*\}`)

// a target is a posting route with a form for it: as its page shows it, where
// somebody's page does, and a bare one everywhere else.
type target struct {
	login, route string
	form         sending
}

func (k *clerk) targets(t *testing.T) (list []target, shown int) {
	t.Helper()
	done := map[string]bool{}
	for _, login := range slices.Sorted(maps.Keys(doors)) {
		var all []htmlForm
		k.walk(login, 2, slices.Concat(doors[login], homes), func(path string, a answer) { all = append(all, forms(path, a.body)...) })
		for i, f := range all {
			p := k.pattern(f.action)
			if p == "" || done[p+login] {
				continue
			}
			done[p], done[p+login] = true, true
			list = append(list, target{login, p, k.fill(f, i, nil)})
			shown++
		}
	}
	for _, p := range k.post {
		if !done[p] {
			path := strings.NewReplacer("{uscc}", "91230102MAGPU0141Y", "{code}", "2301020150080001", "{kind}", "staff").Replace(p)
			list = append(list, target{"city1", p, sending{action: unnamed.ReplaceAllString(path, "0000000000001"), values: url.Values{"_once": {"0123456789ABCDEF0123"}}}})
		}
	}
	return list, shown
}

// INP-7: every posting route × every way of forging its form: refused, and not
// one byte of the database changes.
func TestForgedFormsChangeNothing(t *testing.T) {
	tn := newTown(t)
	var logins []string
	for login := range doors {
		if login != "" {
			logins = append(logins, login)
		}
	}
	k := newClerk(t, tn, append(logins, "city2")...)
	k.wide = true
	list, shown := k.targets(t)
	tokens := map[string]forged{}
	for _, login := range append(logins, "") {
		tokens[login] = forged{own: csrfOf(t, k.as(login)), another: csrfOf(t, k.as("city2"))}
	}
	before, sent := tn.digest(t), 0
	for _, x := range list {
		for _, f := range forgeries {
			if status, body := k.forge(t, x, f, tokens[x.login]); status != http.StatusForbidden || !strings.Contains(body, "来自其他网站") && !strings.Contains(body, "打开的时间太久") {
				t.Errorf("POST %s as %q with %s: %d %s", x.form.action, x.login, f.name, status, complaint(body))
			}
			sent++
		}
		for _, method := range overridden {
			if a := k.as(x.login).do(t.Context(), method, x.form.action, "application/x-www-form-urlencoded", []byte(x.form.values.Encode())); a.status < 400 {
				t.Errorf("%s %s as %q: %d", method, x.form.action, x.login, a.status)
			}
			sent++
		}
	}
	if list := changed(before, tn.digest(t)); len(list) > 0 {
		t.Errorf("forged forms changed %v", list)
	}
	for _, p := range k.post {
		if !slices.ContainsFunc(list, func(x target) bool { return x.route == p }) {
			t.Errorf("POST %s was not forged", p)
		}
	}
	if shown < 70 {
		t.Errorf("only %d forms found on pages", shown)
	}
	t.Logf("%d forms of %d routes, %d of them from pages, %d requests", len(list), len(k.post), shown, sent)
	k.honest(t, list, tokens)
}

// forge sends a form in one of the ways; all else is as its page would send it.
func (k *clerk) forge(t *testing.T, x target, f forgery, tokens forged) (int, string) {
	t.Helper()
	s := x.form.with("_csrf", tokens.own)
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, s.action, http.NoBody)
	req.Header.Set("Content-Type", "-")
	f.change(req, &s, tokens)
	kind, body := s.encode(t)
	if req.Header.Get("Content-Type") == "-" {
		req.Header.Set("Content-Type", kind)
	}
	whole := httptest.NewRequestWithContext(t.Context(), http.MethodPost, req.URL.String(), bytes.NewReader(body))
	whole.Header = req.Header
	for name, value := range k.as(x.login).jar {
		whole.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	k.h.ServeHTTP(w, whole)
	return w.Code, w.Body.String()
}

// honest sends the same forms as their pages do: none of them is taken for a
// forgery, so that what was refused above was refused for its forgery alone.
func (k *clerk) honest(t *testing.T, list []target, tokens map[string]forged) {
	t.Helper()
	own := forgery{"everything as it should be", func(r *http.Request, _ *sending, _ forged) {
		r.Header.Set("Origin", "http://example.com")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}}
	for _, x := range list {
		if x.route == "/logout" {
			continue
		}
		if status, body := k.forge(t, x, own, tokens[x.login]); strings.Contains(body, "来自其他网站") || strings.Contains(body, "打开的时间太久") {
			t.Errorf("POST %s as %q, honestly: %d %s", x.form.action, x.login, status, complaint(body))
		}
	}
}
