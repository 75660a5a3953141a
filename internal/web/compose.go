package web

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"strings"

	"github.com/a-h/templ"
)

// Whole is a page made of parts, one below the other: what a desk without a
// layout of its own needs.
func Whole(p Page, parts ...templ.Component) templ.Component { return around(Layout(p), parts) }

// Section is a card with its parts.
func Section(b Box, parts ...templ.Component) templ.Component { return around(Card(b), parts) }

// SideBySide lays cards out on the columns.
func SideBySide(cards ...templ.Component) templ.Component { return around(Cols(), cards) }

// FormView is a form with all its fields.
func FormView(f *Form, b FormBox) templ.Component {
	return around(Ask(f, b), []templ.Component{Inputs(f)})
}

// Notice is a note of one text.
func Notice(tone Tone, title, text string) templ.Component {
	return around(Note(tone, title), []templ.Component{inline(text)})
}

// Folded hides parts behind a word until it is opened.
func Folded(word string, parts ...templ.Component) templ.Component {
	return Words(templ.Raw(`<details>`), element(`<summary>`, word, `</summary>`), Words(parts...), templ.Raw(`</details>`))
}

// Para is what somebody wrote, a paragraph for each line.
func Para(text string) templ.Component {
	var all []templ.Component
	for line := range strings.Lines(text) {
		all = append(all, element(`<p>`, strings.TrimSpace(line), `</p>`))
	}
	return Words(all...)
}

// Sample is what a program sends or gets, as it is, to be copied.
func Sample(text string) templ.Component {
	return Words(templ.Raw(`<pre tabindex="0">`), templ.Raw(templ.EscapeString(text)), templ.Raw(`</pre>`))
}

// Quiet is a small paragraph.
func Quiet(text string) templ.Component { return element(`<p class="small muted">`, text, `</p>`) }

func around(outer templ.Component, parts []templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, Words(parts...)), w)
	})
}

func inline(text string) templ.Component { return Dated(text) }

func element(open, text, end string) templ.Component {
	return Words(templ.Raw(open), Dated(text), templ.Raw(end))
}

// Address is the whole address of a page of ours, for paper, where a path alone
// leads nowhere. The visitor's word for our host counts only where it was checked
// against [Site.Hosts]; otherwise, and but for the own machine, there is only the path:
// a forged Host must not put a stranger's address on our paper.
// Pages that show it are not to be kept in a [Cache].
func Address(r *http.Request, path string) string {
	st := stateOf(r.Context())
	if len(st.site.Hosts) > 0 || loopback(hostname(r.Host)) {
		return st.origin() + path
	}
	return path
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
