//go:build browser

package webtest

import (
	"context"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// call is one command of the devtools protocol.
func call[P any](b *Browser, cmd cdp.Command[P, cdp.Empty], params P) {
	b.t.Helper()
	b.Do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, cmd, params)
		return err
	}))
}

// Media sets what the person told the system they like: "prefers-color-scheme=dark",
// "forced-colors=active". Without any, it is as before.
func (b *Browser) Media(features ...string) {
	b.t.Helper()
	var list []*emulation.MediaFeature
	for _, f := range features {
		name, value, _ := strings.Cut(f, "=")
		list = append(list, &emulation.MediaFeature{Name: name, Value: value})
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: list})
}

// Scripts turns the scripts of pages opened from now on or off.
func (b *Browser) Scripts(on bool) {
	b.t.Helper()
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
}

// Forget takes a cookie away.
func (b *Browser) Forget(name string) {
	b.t.Helper()
	call(b, network.DeleteCookies, network.DeleteCookiesParams{Name: name, URL: b.URL + "/"})
}

// spacing is WCAG 1.4.12: what a reader may set must cost no text.
const spacing = `* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }`

// Spaced sets a reader's own spacing on the page, or takes it back.
func (b *Browser) Spaced(on bool) {
	b.t.Helper()
	text := ""
	if on {
		text = spacing
	}
	Run(b, chromedp.Evaluate[any](`(() => { const s = new CSSStyleSheet(); s.replaceSync(`+quote(text)+`); document.adoptedStyleSheets = [s] })()`))
}
