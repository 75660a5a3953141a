//go:build !postgres

package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// ACC-4: every form that is sent half empty comes back with what was typed, says
// in words what is missing, and ties each complaint to its field.
func TestRefusedFormsHelp(t *testing.T) {
	s := newStage(t)
	tried, kept := 0, 0
	done := map[string]bool{}
	for _, p := range s.pages(t) {
		for _, f := range forms(p.path, p.body) {
			route := s.pattern(f.action)
			must := slices.ContainsFunc(f.controls, func(c control) bool { return c.required })
			if route == "" || done[route] || !must {
				continue
			}
			done[route] = true
			values, typed := url.Values{}, ""
			for _, c := range f.controls {
				switch {
				case c.kind == "hidden":
					values.Set(c.name, c.value)
				case c.kind == "text" && typed == "" && !strings.Contains(c.name, "code") && len(f.controls) > 4:
					typed = c.name
					values.Set(c.name, "写过的内容")
				}
			}
			a := s.as(p.login).send(t, sending{action: f.action, values: values, upload: f.upload})
			if a.status == http.StatusSeeOther && strings.HasPrefix(a.to(), "/stepup") {
				continue // the second factor comes first
			}
			tried++
			if a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: POST %s half empty: %d", p, f.action, a.status)
				continue
			}
			for _, why := range unhelpful(a.body) {
				t.Errorf("%s: POST %s: %s", p, f.action, why)
			}
			if typed != "" {
				kept++
				if !strings.Contains(a.body, `value="写过的内容"`) {
					t.Errorf("%s: POST %s loses what was typed into %s", p, f.action, typed)
				}
			}
		}
	}
	t.Logf("%d forms, %d with text", tried, kept)
	if tried < 20 || kept < 8 {
		t.Errorf("%d forms, %d with text: too few", tried, kept)
	}
}

// unhelpful is what a refused form lacks.
func unhelpful(text string) (list []string) {
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return []string{err.Error()}
	}
	byID := map[string]*html.Node{}
	var box *html.Node
	for n := range doc.Descendants() {
		if id := attr(n, "id"); id != "" {
			byID[id] = n
		}
		if has(n, "data-errors") {
			box = n
		}
	}
	if box == nil || attr(box, "role") != "alert" {
		return []string{"no summary of what is wrong"}
	}
	for before := box.PrevSibling; before != nil; before = before.PrevSibling {
		if before.Type == html.ElementNode && !has(before, "data-errors") { // /design shows one more
			list = append(list, "the summary does not stand above the page, but below "+before.Data)
		}
	}
	if box.Parent.Data != "main" {
		list = append(list, "the summary stands in a "+box.Parent.Data)
	}
	lines := 0
	for n := range box.Descendants() {
		if n.Data != "a" {
			continue
		}
		lines++
		id := strings.TrimPrefix(attr(n, "href"), "#")
		field := byID[id]
		if field == nil {
			list = append(list, "the summary leads to "+id+", which is not there")
			continue
		}
		note := byID[strings.TrimSuffix(id, "-0")+"-err"]
		if lost := byID[id+"-lost"]; lost != nil && strings.HasSuffix(textOf(n), textOf(lost)) {
			continue // files that have to be chosen again
		}
		if note == nil || !strings.Contains(textOf(note), strings.TrimSpace(textOf(n))) {
			list = append(list, "nothing at "+id+" says "+textOf(n))
			continue
		}
		described := false
		for up := field; up != nil; up = up.Parent {
			described = described || slices.Contains(strings.Fields(attr(up, "aria-describedby")), attr(note, "id"))
		}
		if !described {
			list = append(list, id+" is not tied to its complaint")
		}
	}
	if lines == 0 {
		list = append(list, "the summary leads to no field")
	}
	return list
}

// textOf is the text of a node.
func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// ACC-4: help stands in the same place on every page, fields say what belongs in
// them, and nothing keeps anybody from pasting a password. ACC-6: the elderly
// edition is one tap away and offers the same links and forms.
func TestEditionsAreTheSame(t *testing.T) {
	s := newStage(t)
	foot := map[string]string{}
	for _, p := range s.pages(t) {
		c := s.as(p.login)
		c.jar["juli-view"] = "large.0"
		a := c.get(t.Context(), p.path)
		if !strings.Contains(a.body, `class="juli large"`) || !strings.Contains(p.body, `href="/view?large=1`) {
			t.Errorf("%s: no elderly edition", p)
		}
		usual, large := offers(p.body), offers(a.body)
		for _, x := range usual {
			if !slices.Contains(large, x) {
				t.Errorf("%s: the elderly edition lacks %s", p, x)
			}
		}
		for _, x := range large {
			if !slices.Contains(usual, x) {
				t.Errorf("%s: the usual edition lacks %s", p, x)
			}
		}
		_, end, _ := strings.Cut(p.body, `<footer class="foot">`)
		end, _, _ = strings.Cut(end, `<p class="themes`)
		end, _, _ = strings.Cut(end, `</div>`)
		if foot[""] == "" {
			foot[""] = end
		}
		if end != foot[""] || !strings.Contains(end, `class="help"`) {
			t.Errorf("%s: the foot is another: %s", p, end)
		}
		for _, field := range secretField.FindAllString(p.body, -1) {
			signs := p.route == "/login" || p.route == "/stepup" || strings.Contains(field, "password")
			if signs && !strings.Contains(field, "autocomplete=") {
				t.Errorf("%s: a keeper of passwords does not know what belongs into %s", p, field)
			}
		}
		if strings.Contains(p.body, "onpaste") || strings.Contains(p.body, `type="password"`) && strings.Contains(p.body, `autocomplete="off"`) {
			t.Errorf("%s: a password can't be pasted or filled in by a keeper of passwords", p)
		}
	}
}

// secretField matches where a password, a name to sign in or a code is asked for.
var secretField = regexp.MustCompile(`<input type="(?:password"|text" name="(?:login|code)" id="f-)[^>]*>`)

// offers are the links and forms of a page that are not about its look.
func offers(text string) (list []string) {
	for _, to := range links(text) {
		if !strings.HasPrefix(to, "/view?") {
			list = append(list, "a link to "+kindOf(to))
		}
	}
	for _, f := range forms("", text) {
		what := "a form to " + f.action + " asking"
		for _, c := range f.controls {
			what += " " + c.name
		}
		list = append(list, what)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
