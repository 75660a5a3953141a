//go:build browser

package webtest

import (
	"encoding/json"
	"fmt"

	"github.com/chromedp/chromedp"
)

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// Lost fails the test for whatever of the page can't be seen: a page wider than
// its window, text cut off by its box, text outside of the window.
func (b *Browser) Lost(how string) {
	b.t.Helper()
	if lost := Run(b, chromedp.Evaluate[string](lost)); lost != "" {
		b.t.Errorf("%s at %d px%s: %s", b.Where(), b.width, how, lost)
	}
}

const lost = `(() => {
	const root = document.documentElement, w = root.clientWidth, out = [];
	const name = e => e.tagName.toLowerCase() + (e.className && typeof e.className === "string" ? "." + e.className : "") + " “" + e.textContent.trim().slice(0, 16) + "”";
	if (root.scrollWidth > w) out.push("the page is " + (root.scrollWidth - w) + " px wider than its window");
	for (const e of document.body.querySelectorAll("*")) {
		if (e.closest("svg, .hidden, .skip, [hidden], option, .rows thead, dialog:not([open])") || !e.checkVisibility()) continue;
		const r = e.getBoundingClientRect(), scrolled = e.closest(".scroll");
		if (root.scrollWidth > w && r.right > w + 1 && !scrolled) out.push("beyond the window: " + name(e));
		if (!r.width || scrolled === e || ["PRE", "INPUT", "SELECT", "TEXTAREA", "METER", "PROGRESS"].includes(e.tagName)) continue;
		const s = getComputedStyle(e);
		const cut = s.overflowX !== "visible" && s.overflowX !== "auto" && s.overflowX !== "scroll";
		if (cut && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)) out.push("cut off: " + name(e));
		if (!scrolled && s.display !== "inline" && e.clientWidth && e.scrollWidth > e.clientWidth + 2 && s.overflowX === "visible" && e.tagName !== "MAIN")
			out.push("wider than its box by " + (e.scrollWidth - e.clientWidth) + " px: " + name(e));
	}
	return out.slice(0, 6).join("; ");
})()`

// Kept fails the test for anything that the page left in the browser (PI-7).
func (b *Browser) Kept() {
	b.t.Helper()
	if kept := Run(b, chromedp.Evaluate[string](kept, chromedp.EvalAwaitPromise)); kept != "" {
		b.t.Errorf("%s: the browser keeps %s", b.Where(), kept)
	}
}

const kept = `(async () => {
	const out = [];
	for (const [name, s] of [["localStorage", localStorage], ["sessionStorage", sessionStorage]])
		for (const key of Object.keys(s)) out.push(name + "[" + key + "]");
	for (const d of await indexedDB.databases()) out.push("database " + d.name);
	if (window.caches) for (const key of await caches.keys()) out.push("cache " + key);
	if (navigator.serviceWorker) for (const w of await navigator.serviceWorker.getRegistrations()) out.push("worker " + w.scope);
	if (document.cookie) out.push("cookies open to scripts: " + document.cookie.replace(/=[^;]*/g, ""));
	return out.join(", ");
})()`

// Requests is how many requests the browser has made.
func (b *Browser) Requests() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.requests
}

// Large fails the test for what is too small in the elderly edition: text below
// 18 pt, lines closer than 1.3, paragraphs closer than that, and anything to tap
// that is lower than px (ACC-6).
func (b *Browser) Large(px int) {
	b.t.Helper()
	if small := Run(b, chromedp.Evaluate[string](fmt.Sprintf(small, px))); small != "" {
		b.t.Errorf("%s at %d px, elderly edition: %s", b.Where(), b.width, small)
	}
}

const small = `(() => {
	const name = e => e.tagName.toLowerCase() + "." + e.className + " “" + e.textContent.trim().slice(0, 12) + "”", out = [];
	for (const e of document.body.querySelectorAll("*")) {
		if (e.closest("svg, .paper, .hidden, .skip, dialog, option, code, pre, i, .rows thead th:not([aria-sort])") || !e.checkVisibility() || !e.offsetParent) continue;
		const s = getComputedStyle(e);
		if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
		if (parseFloat(s.fontSize) < 24) out.push(s.fontSize + ": " + name(e));
		const line = s.lineHeight === "normal" ? 1.3 : parseFloat(s.lineHeight) / parseFloat(s.fontSize);
		if (line < 1.3 && e.textContent.length > 20) out.push("lines at " + line.toFixed(2) + ": " + name(e));
	}
	for (const e of document.querySelectorAll(".btn, button, select, summary, nav a, .who a, .chip, .figure, .foot a, .export a, td a, th a, .todo a, .facts dd > a:only-child, input:not([type=hidden]):not([type=checkbox]):not([type=radio])")) {
		const r = e.getBoundingClientRect();
		if (e.checkVisibility() && e.offsetParent && r.width && !e.closest(".paper, dialog") && r.height < (e.closest(".crumbs, td, th, .find") ? 44 : %d)) out.push(r.height.toFixed(0) + " px high: " + name(e));
	}
	return out.slice(0, 6).join("; ");
})()`

// Contrast fails the test for text that can't be read in the colours that the
// page has now: the one rule of axe that the theme changes.
func (b *Browser) Contrast(how string) {
	b.t.Helper()
	b.report(b.axe(`{type: "rule", values: ["color-contrast", "link-in-text-block"]}`), fmt.Sprintf("%s at %d px%s", b.Where(), b.width, how))
}
