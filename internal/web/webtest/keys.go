//go:build browser

package webtest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tabsMax is how often Tab is pressed on the way to something on a page.
const tabsMax = 300

// TabTo presses Tab until the focus is on what the CSS selector names. On the
// way it fails the test for every stop whose focus can't be seen, that something
// hides, or that lies before the one that was left (WCAG 2.4.3, 2.4.7, 2.4.11).
func (b *Browser) TabTo(css string) {
	b.t.Helper()
	for range tabsMax {
		if Run(b, chromedp.Evaluate[bool](`!!document.activeElement?.matches(`+quote(css)+`)`)) {
			return
		}
		b.Do(Key(kb.Tab))
		if why := Run(b, chromedp.Evaluate[string](focus)); why != "" {
			b.t.Errorf("%s at %d px, on the way to %s: %s", b.Where(), b.width, css, why)
		}
	}
	b.t.Fatalf("%s at %d px: %d times Tab do not lead to %s", b.Where(), b.width, tabsMax, css)
}

const focus = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body || e === document.documentElement) { window.juliStop = null; return ""; }
	const name = e.tagName.toLowerCase() + (e.name ? "[" + e.name + "]" : "") + " “" + (e.textContent || e.value || "").trim().slice(0, 16) + "”";
	const rgb = c => (c.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
	const light = c => { const [r, g, b] = rgb(c).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b };
	const contrast = (a, b) => { const x = light(a), y = light(b); return (Math.max(x, y) + .05) / (Math.min(x, y) + .05) };
	const s = getComputedStyle(e), r = e.getBoundingClientRect(), out = [];
	let under = e.parentElement;
	while (under && (rgb(getComputedStyle(under).backgroundColor)[3] ?? 1) < .5) under = under.parentElement;
	const ground = under ? getComputedStyle(under).backgroundColor : "rgb(255, 255, 255)";
	if (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2) out.push("no outline");
	else if (contrast(s.outlineColor, ground) < 3) out.push("an outline of " + contrast(s.outlineColor, ground).toFixed(1) + ":1");
	if (r.height < innerHeight && (r.bottom <= 1 || r.top >= innerHeight - 1)) out.push("outside of the window");
	else if (r.width && r.height) {
		const x = Math.min(Math.max(r.left + r.width / 2, 1), innerWidth - 2), y = Math.min(Math.max(r.top + Math.min(r.height / 2, 20), 1), innerHeight - 2);
		const top = document.elementFromPoint(x, y);
		if (top && top !== e && !e.contains(top) && !top.contains(e) && !top.closest("label")) out.push("hidden by " + top.tagName + "." + top.className);
	} else out.push("no size");
	if (e.tabIndex > 0) out.push("a place of its own in the order");
	const last = window.juliStop;
	if (last?.isConnected && last !== e && last.closest("main") && e.closest("main")) {
		const l = last.getBoundingClientRect();
		if (!(last.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) out.push("before the last one in the page");
		else if (r.bottom <= l.top && r.left < l.right) out.push("above the last one");
	}
	window.juliStop = e;
	return out.length ? "the focus on " + name + " has " + out.join(", ") : "";
})()`

// Key presses keys as a keyboard does. A raw press that a page has acted upon types
// nothing; the plain one would type Enter once more where the focus went, and so
// send a form that nobody sent.
func Key(keys string, opts ...chromedp.KeyOption) chromedp.Action[chromedp.Void] {
	return chromedp.KeyEvent(keys, append(opts, func(p *input.DispatchKeyEventParams) {
		if p.Type == kb.KeyDown {
			p.Type = kb.KeyRawDown
		}
	})...)
}

// Press presses keys, such as kb.Enter, on what has the focus.
func (b *Browser) Press(keys string) {
	b.t.Helper()
	b.Do(Key(keys))
}

// Fill goes to a field by the keyboard and writes over what stands there.
func (b *Browser) Fill(name, text string) {
	b.t.Helper()
	css := "[name=" + name + "]"
	b.TabTo(css)
	switch Run(b, chromedp.Evaluate[string]("document.activeElement.type")) {
	case "date": // as a browser in English wants it: month, day, year
		p := strings.Split(text, "-")
		b.Press(p[1] + p[2] + p[0])
	case "radio":
		for range 40 {
			if Run(b, chromedp.Evaluate[bool](fmt.Sprintf("document.activeElement.value === %s", quote(text)))) {
				b.Press(" ")
				return
			}
			b.Press(kb.ArrowDown)
		}
		b.t.Fatalf("%s: no choice %s of %s", b.Where(), text, name)
	case "select-one":
		for range 200 {
			if Run(b, chromedp.Evaluate[bool](fmt.Sprintf("document.activeElement.value === %s", quote(text)))) {
				return
			}
			b.Press(kb.ArrowDown)
		}
		b.t.Fatalf("%s: no option %s of %s", b.Where(), text, name)
	case "checkbox":
		b.Press(" ")
	default:
		b.Do(Key("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), Key(text))
	}
}

// Follow goes to a link or button by the keyboard, presses Enter and waits for
// what that leads to.
func (b *Browser) Follow(css, then string) {
	b.t.Helper()
	b.TabTo(css)
	// What the page shows already is marked, so that what follows it is waited for.
	Run(b, chromedp.Evaluate[int](fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.setAttribute("data-left", "")).length`, then)))
	fresh := strings.Split(then, ",")
	for i, one := range fresh {
		fresh[i] = strings.TrimSpace(one) + ":not([data-left])"
	}
	then = strings.Join(fresh, ", ")
	ctx, stop := context.WithTimeout(b.ctx, pageMax)
	defer stop()
	if err := chromedp.Do(ctx, Key(kb.Enter), chromedp.WaitVisible(chromedp.CSS(then))); err != nil {
		b.t.Fatalf("%s: after Enter on %s no %s: %v; the page says %q", b.Where(), css, then, err, Run(b, chromedp.Evaluate[string](`document.querySelector("main").innerText.slice(0, 300)`)))
	}
}

// In lets a part of a test fail for itself.
func (b *Browser) In(t testing.TB) *Browser {
	whole := b.t
	b.t = t
	t.Cleanup(func() { b.t = whole })
	return b
}
