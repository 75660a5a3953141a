package web

import (
	"strconv"
	"strings"
)

// htmxConfig keeps htmx inside our policy: no style of its own, no evaluation.
const htmxConfig = `{"includeIndicatorCSS":false,"history":false,"noSwap":[204,304,"4xx","5xx"]}`

func num(n int64) string { return strconv.FormatInt(n, 10) }

// group writes a whole number with thousands separators.
func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Count writes a whole number with thousands separators: 2,891.
func Count(n int64) string { return group(n) }

// Percent writes part/whole as people read it, to a tenth: "46.3%". Without a
// whole it is "—".
func Percent(part, whole int64) string {
	if whole == 0 {
		return "—"
	}
	tenths := (part*2000/whole + 1) / 2
	return strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10) + "%"
}

// Ratio writes "188 / 406".
func Ratio(part, whole int64) string { return group(part) + " / " + group(whole) }

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

func dots(parts ...string) string {
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, " · ")
}

func colClass(n int) string {
	if n <= 0 || n >= 12 {
		return "c12"
	}
	return "c" + itoa(n)
}

func titleID(b Box) string {
	if b.ID != "" {
		return b.ID + "-title"
	}
	return "t-" + idOf(b.Title)
}

// idOf makes a text fit to be part of an element's id.
func idOf(text string) string { return strings.Join(strings.Fields(text), "-") }

func actHref(t Todo) string {
	if t.ActHref != "" {
		return t.ActHref
	}
	return t.Href
}

func jobWords(j Job) (string, Tone) {
	switch j.State {
	case "done":
		return "已完成", Good
	case "failed":
		return "未完成", Bad
	case "waiting":
		return "排队中", Plain
	case "stopped":
		return "已停止", Plain
	}
	return "进行中", Info
}

// Homes is a number of homes that need not have been counted.
func Homes(n int64) string {
	if n == 0 {
		return "没有统计"
	}
	return Count(n) + " 户"
}
