//go:build !postgres

package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// ours are the elements and attributes that load or run something: each must
// point at the site itself.
var loads = map[string][]string{
	"script": {"src"}, "img": {"src", "srcset"}, "link": {"href"}, "iframe": {"src", "srcdoc"}, "object": {"data"}, "embed": {"src"}, "source": {"src"},
	"video": {"src"}, "audio": {"src"}, "form": {"action"}, "button": {"formaction"}, "input": {"formaction"}, "use": {"href"}, "image": {"href"}, "base": {"href"}, "a": {"ping"},
}

var foreign = regexp.MustCompile(`(?i)^\s*([a-z][a-z0-9+.-]*:|//|\\)`)

// faults are what a page may not hold (INP-6, PI-7): anything inline that runs or
// styles, anything that loads from elsewhere.
func faults(page string) (list []string) {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch {
		case n.Data == "style", n.Data == "base", n.Data == "object", n.Data == "embed", n.Data == "iframe":
			list = append(list, "<"+n.Data+">")
		case n.Data == "script" && attr(n, "src") == "" && attr(n, "type") != "application/json":
			list = append(list, "an inline script")
		case n.Data == "meta" && strings.EqualFold(attr(n, "http-equiv"), "refresh"):
			list = append(list, "a refresh")
		}
		for _, a := range n.Attr {
			key := strings.ToLower(a.Key)
			switch {
			case strings.HasPrefix(key, "on"), key == "style", key == "srcdoc", strings.HasPrefix(key, "hx-on"):
				list = append(list, fmt.Sprintf("<%s %s>", n.Data, key))
			case (key == "href" || strings.HasPrefix(key, "hx-")) && strings.Contains(strings.ToLower(a.Val), "script:"):
				list = append(list, fmt.Sprintf("<%s %s=%q>", n.Data, key, a.Val))
			}
		}
		for _, key := range loads[n.Data] {
			if v := attr(n, key); foreign.MatchString(v) {
				list = append(list, fmt.Sprintf("<%s %s=%q> leads away", n.Data, key, v))
			}
		}
	}
	return list
}

// kindsOf are what is new about an address: its page, and each of its parameters
// there, whatever their values are together.
func kindsOf(path string) (kinds []string) {
	page, query, asked := strings.Cut(kindOf(path), "?")
	if !asked {
		return []string{page}
	}
	for part := range strings.SplitSeq(query, "&") {
		kinds = append(kinds, page+"?"+part)
	}
	return kinds
}

// visit opens pages from some on, following links, at most each of a kind.
func visit(t *testing.T, c *client, each int, starts []string, see func(path string, a answer)) {
	t.Helper()
	seen, kinds := map[string]bool{}, map[string]int{}
	for queue := starts; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		news := kindsOf(path)
		if seen[path] || !slices.ContainsFunc(news, func(kind string) bool { return kinds[kind] < each }) {
			continue
		}
		seen[path] = true
		for _, kind := range news {
			kinds[kind]++
		}
		a := c.get(t.Context(), path)
		see(path, a)
		if to := a.to(); to != "" {
			queue = append(queue, to)
		}
		if a.status == http.StatusOK && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			queue = append(queue, links(a.body)...)
		}
	}
}

// doors are where each person's way begins.
var doors = map[string][]string{
	"": {"/", "/search?q=%E7%89%A9%E4%B8%9A", "/login", "/join", "/enterprise-account", "/nowhere"}, "city1": {"/bureau/", "/account"}, "nangang1": {"/bureau/", "/admin/"},
	"firm1": {"/enterprise/", "/account"}, "committee1": {"/committee/", "/account"}, "sysadmin": {"/admin/"}, "secadmin1": {"/admin/"}, "auditadmin": {"/admin/"}, "association1": {"/bureau/"},
}

// INP-6: whatever people stored, no page of any role runs or loads anything of
// it, and every page carries the policy. PI-7: pages behind a sign-in are not
// kept anywhere, and no page loads from elsewhere.
func TestStoredTextsNeverRun(t *testing.T) {
	if os.Getenv("JULI_TEST_ENGINE") == "postgres" {
		t.Setenv("JULI_TEST_ENGINE", "sqlite") // pages are the same; the texts are written past SQLite's triggers
	}
	tn := newTown(t)
	columns := tn.poison(t)
	pages, shown := 0, 0
	for login, starts := range doors {
		k := newClerk(t, tn)
		if login != "" {
			k = newClerk(t, tn, login)
		}
		visit(t, k.as(login), 3, starts, func(path string, a answer) {
			pages++
			if a.status >= 500 {
				t.Errorf("%s as %q: %d", path, login, a.status)
			}
			h := a.header
			csp := h.Get("Content-Security-Policy")
			if attached := strings.Contains(csp, "sandbox"); !attached && csp != policyWanted {
				t.Errorf("%s as %q: policy %q", path, login, csp)
			}
			if h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s as %q: no nosniff", path, login)
			}
			if cc := h.Get("Cache-Control"); login != "" && !asData.MatchString(path) && cc != "no-store" {
				t.Errorf("%s as %q: Cache-Control %q", path, login, cc)
			}
			if !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
				return
			}
			shown += strings.Count(a.body, "xss7")
			for _, why := range faults(a.body) {
				t.Errorf("%s as %q: %s", path, login, why)
			}
		})
	}
	t.Logf("%d payloads in %d columns, %d pages, shown %d times", len(payloads), columns, pages, shown)
	if columns < 20 || pages < 150 || shown < 300 {
		t.Errorf("%d columns, %d pages, %d payloads shown: too few", columns, pages, shown)
	}
}

// asData are public files that hold nothing of who asks.
var asData = regexp.MustCompile(`^/(assets|api|log|feeds)/|^/openapi\.json$`)

const policyWanted = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; script-src-attr 'none'; style-src-attr 'none'"

// INP-6: what is typed into a form comes back as text, whatever it is.
func TestTypedTextsNeverRun(t *testing.T) {
	tn := newTown(t)
	sent, back := 0, 0
	for login, starts := range doors {
		k := newClerk(t, tn)
		if login != "" {
			k = newClerk(t, tn, login)
		}
		var all []htmlForm
		visit(t, k.as(login), 1, starts, func(path string, a answer) { all = append(all, forms(path, a.body)...) })
		done := map[string]bool{}
		for _, f := range all {
			p := k.pattern(f.action)
			if p == "" || p == "/logout" || done[p] {
				continue
			}
			done[p] = true
			for range 3 {
				a := k.as(login).send(t, tn.typed(f))
				sent++
				back += strings.Count(a.body, "xss7")
				if a.status >= 500 {
					t.Errorf("%s as %q: %d", f.action, login, a.status)
				}
				for _, why := range faults(a.body) {
					t.Errorf("%s as %q: %s", f.action, login, why)
				}
			}
		}
	}
	t.Logf("%d forms sent, %d payloads came back", sent, back)
	if sent < 200 || back < 250 {
		t.Errorf("%d forms, %d payloads: too few", sent, back)
	}
}

// typed is a form with a payload in every field that takes a text.
func (tn town) typed(f htmlForm) sending {
	values := url.Values{}
	for _, field := range f.controls {
		switch field.kind {
		case "file", "checkbox":
		case "hidden", "select", "radio":
			values.Set(field.name, field.value)
		default:
			values.Set(field.name, tn.next(1))
		}
	}
	return sending{action: f.action, values: values, upload: f.upload}
}
