package notify

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"juli/internal/day"
)

// How a message counts as served.
const (
	NotServed = ""
	ByOpening = "opened" // somebody who acts for the party opened it
	ByTerm    = "deemed" // the term ran out unopened
)

// A Service is the verdict on one delivery: from On it counts, and why.
type Service struct {
	On      day.Date // 0: not served
	How     string   // NotServed, ByOpening or ByTerm
	Due     day.Date // when it will be deemed served, 0 if never
	Assumed bool     // Due lies past the last known holiday calendar
}

// Title says the verdict in Chinese.
func (s Service) Title() string {
	switch s.How {
	case ByOpening:
		return "已送达（已阅读）"
	case ByTerm:
		return "视为送达"
	}
	return "尚未送达"
}

// Served decides since when a message counts as served: on the day it was first
// opened, else on the last day of the deemed term, counted from the day after
// delivery (民法典 art. 201). Without a term an unopened message is never served.
func Served(delivered, opened, today day.Date, deemed day.Term, cal *day.Calendar) Service {
	var s Service
	if deemed.N > 0 {
		s.Due, s.Assumed = cal.Due(delivered, deemed)
	}
	switch {
	case opened != 0 && (s.Due == 0 || opened <= s.Due):
		s.On, s.How = opened, ByOpening
	case s.Due != 0 && today >= s.Due:
		s.On, s.How = s.Due, ByTerm
	}
	return s
}

// What may not leave the system: mobile numbers, telephone numbers with area
// code, identity numbers, bank cards, addresses of mail. People group digits with
// spaces, dashes, strokes and brackets and write letters before them; a date before a
// number is no part of it.
var personalData = func() *regexp.Regexp {
	const gap, begin, end = `[ \t\r\n_·•‐-―/\\、|*#~+()-]{0,4}`, `(?:^|[^0-9·•‐-―/\\、|.-]|[^0-9][·•‐-―/\\、|.-])`, `(?:$|[^0-9])`
	digits := func(n string) string { return `(?:` + gap + `[0-9])` + n }
	numbers := []string{
		`1` + gap + `[3-9]` + digits(`{9}`),
		`1[3-9][0-9]\.[0-9]{4}\.[0-9]{4}`,
		`\(?0(?:10|2[0-9]|[3-9][1-9][0-9])\)?` + gap + `[0-9]{3,4}` + gap + `[0-9]{4}`,
		`[1-9]` + digits(`{5}`) + gap + `(?:1` + gap + `[89]|2` + gap + `0)` + digits(`{9}`) + gap + `[0-9Xx]`,
		`6` + gap + `2` + digits(`{14,17}`),
	}
	return regexp.MustCompile(begin + `(?:` + strings.Join(numbers, `|`) + `)` + end + `|` + inOne + `|[0-9A-Za-z._%+-]+ ?@ ?[0-9A-Za-z-]+ ?\. ?[A-Za-z]`)
}()

// inOne is a mobile number in one piece, after whatever is no digit.
const inOne = `(?:^|[^0-9])(?:\+?86)?1[3-9][0-9]{9}(?:$|[^0-9])`

var (
	spelled  = regexp.MustCompile(inOne)
	digest   = regexp.MustCompile(`[0-9a-f]{32,}`)
	numerals = strings.NewReplacer("〇", "0", "零", "0", "一", "1", "二", "2", "三", "3", "四", "4", "五", "5", "六", "6", "七", "7", "八", "8", "九", "9", "幺", "1", "两", "2")
)

func personal(text string) bool {
	plain := strings.Map(func(r rune) rune { // full-width digits and what nobody sees
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(text))
	plain = digest.ReplaceAllStringFunc(plain, func(hex string) string {
		if strings.ContainsAny(hex, "abcdef") {
			return ""
		}
		return hex
	})
	return personalData.MatchString(plain) || spelled.MatchString(numerals.Replace(plain))
}

// Personal says whether a text holds a telephone, an identity number, a bank card
// or an address of mail, however it is written: what may not be published either.
func Personal(text string) bool { return personal(text) }
