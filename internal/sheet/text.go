package sheet

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// isSpace tells what is cut from both ends of a cell: white space of any script
// and the invisible marks that copying from pages and programs leaves behind.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200B' || r == '\uFEFF' || r == '\u2060'
}

// plainASCII tells whether s needs no cleaning at all.
func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7F {
			return false
		}
	}
	return s == "" || s[0] != ' ' && s[0] != '\'' && s[len(s)-1] != ' '
}

// cleanText is how text is stored: without the apostrophes of [Neutralise], with
// \n for every line break, trimmed, in NFC (INP-10).
func cleanText(s string) string {
	if plainASCII(s) {
		return s
	}
	s = strings.TrimFunc(Restore(newlines(s)), isSpace)
	if norm.NFC.IsNormalString(s) {
		return s
	}
	return norm.NFC.String(s)
}

// cleanKey is how codes, numbers and dates are read: NFKC, so that full-width
// digits pass, and trimmed.
func cleanKey(s string) string {
	if plainASCII(s) {
		return s
	}
	return strings.TrimFunc(norm.NFKC.String(Restore(s)), isSpace)
}

// unreadable tells whether text holds what nobody can have meant to type:
// control characters, marks that turn the direction of writing (AUD-2), or the
// trace of a character that could not be decoded.
func unreadable(s string) bool {
	for _, r := range s {
		switch {
		case r < ' ' && r != '\n' && r != '\t', r >= 0x7F && r < 0xA0,
			r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == utf8.RuneError, r == 0xFFFE, r == 0xFFFF:
			return true
		}
	}
	return false
}

func newlines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// Neutralise puts an apostrophe before every line of s that a spreadsheet
// program could take for a formula (INP-4): one whose first sign, after any
// spaces, is one of = + - @ or their full-width forms, and one that a tab or a
// line break leads. [Restore] takes exactly these apostrophes away again.
func Neutralise(s string) string {
	if harmless(s) {
		return s
	}
	return eachLine(newlines(s), func(line string, first bool) string {
		if risky(line, first) {
			return "'" + line
		}
		return line
	})
}

// Restore is the inverse of [Neutralise].
func Restore(s string) string {
	if !strings.Contains(s, "'") {
		return s
	}
	return eachLine(s, func(line string, first bool) string {
		if rest, marked := strings.CutPrefix(line, "'"); marked && risky(rest, first) {
			return rest
		}
		return line
	})
}

// harmless is a quick look at what nearly all text is.
func harmless(s string) bool {
	if s == "" {
		return true
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= 0xE4 && c <= 0xE9: // CJK ideographs
		return strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\r') < 0
	}
	return false
}

// risky looks past spaces and apostrophes, so that neither hides a formula and
// an apostrophe before a line doesn't change the answer. A line of nothing else
// is risky if it is the first of several, since a line break then leads the cell.
func risky(line string, first bool) bool {
	for _, r := range line {
		switch r {
		case '=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '−', '﹢', '﹣', '﹦', '﹫', '⁺', '⁻', '⁼':
			return true
		case '\'', '＇':
			continue
		}
		if !isSpace(r) {
			return false
		}
	}
	return first
}

// eachLine changes every line; first is true for a first line with others behind it.
func eachLine(s string, fn func(line string, first bool) string) string {
	if strings.IndexByte(s, '\n') < 0 {
		return fn(s, false)
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = fn(line, i == 0)
	}
	return strings.Join(lines, "\n")
}
