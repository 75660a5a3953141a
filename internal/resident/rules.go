package resident

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"juli/internal/day"
	"juli/internal/money"
)

// Channels by which reports come.
const (
	Web     = "WEB"
	Hotline = "HOTLINE_12345"
	Open311 = "OPEN311"
	Owner   = "OWNER"
)

// Channels lists them with their titles.
var Channels = []struct{ Code, Title string }{{Web, "网上反映"}, {Hotline, "12345热线"}, {Open311, "开放接口"}, {Owner, "业主账号"}}

// ChannelTitle is a channel in Chinese.
func ChannelTitle(code string) string {
	for _, c := range Channels {
		if c.Code == code {
			return c.Title
		}
	}
	return code
}

// Number writes the number that people read and dictate: year, serial and a
// check digit that finds every mistyped digit and every two swapped ones
// (ISO 7064, mod 11,10).
func Number(year int, serial int64) string {
	s := fmt.Sprintf("%04d-%06d", year, serial)
	return s + "-" + string(checkDigit(s))
}

// ValidNumber says whether a number is well formed.
func ValidNumber(s string) bool {
	head, check, ok := cutLast(s)
	year, serial, two := strings.Cut(head, "-")
	return ok && two && len(year) == 4 && len(serial) >= 6 && len(serial) <= 9 && digitsOnly(year+serial) && check == string(checkDigit(head))
}

// Canonical is a number as somebody may type it: with other dashes or none, with
// spaces, in wide digits. What is no number stays as it is.
func Canonical(s string) string {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '−':
			return -1
		}
		return r
	}, s)
	if n := len(digits); n < 11 || n > 14 || !digitsOnly(digits) {
		return strings.TrimSpace(s)
	}
	return digits[:4] + "-" + digits[4:len(digits)-1] + "-" + digits[len(digits)-1:]
}

func cutLast(s string) (head, tail string, ok bool) {
	i := strings.LastIndexByte(s, '-')
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

func digitsOnly(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

func checkDigit(s string) byte {
	p := 10
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			continue
		}
		sum := (p + int(s[i]-'0')) % 10
		if sum == 0 {
			sum = 10
		}
		p = sum * 2 % 11
	}
	return byte('0' + (11-p)%10)
}

// A Share is a part of a whole; of nothing there is no rate.
type Share struct{ N, Of int64 }

// Known says whether there is a rate.
func (s Share) Known() bool { return s.Of > 0 }

// Percent is the share in percent, half up; "" of nothing.
func (s Share) Percent(places int) string {
	if !s.Known() {
		return ""
	}
	p, err := money.MulDiv(s.N, 100*int64(money.Point), s.Of, money.HalfUp)
	if err != nil {
		return ""
	}
	return rounded(money.Points(p), places)
}

// rounded shows just so many places.
func rounded(p money.Points, places int) string {
	text := p.Round(places, money.HalfUp).String()
	if !strings.Contains(text, ".") && places > 0 {
		text += "." + strings.Repeat("0", places)
	}
	return text
}

// Rates are counts of a quarter from which the three rates follow. Received and
// in time are reports that came in during it; refused and merged ones are not
// received. Called, solved and satisfied are residents who rated in it, whenever
// their report came in; who was not called back is in no denominator.
type Rates struct{ Received, InTime, Called, Solved, Satisfied int64 }

// Response is answered in time of received.
func (r Rates) Response() Share { return Share{r.InTime, r.Received} }

// Solution is solved of called back.
func (r Rates) Solution() Share { return Share{r.Solved, r.Called} }

// Satisfaction is satisfied of called back.
func (r Rates) Satisfaction() Share { return Share{r.Satisfied, r.Called} }

// Composite weighs the three; "" while one of them is missing.
func (r Rates) Composite(w Weights) string {
	var sum int64
	for _, x := range []struct {
		s Share
		w money.Points
	}{{r.Response(), w.Response}, {r.Solution(), w.Solution}, {r.Satisfaction(), w.Satisfaction}} {
		if !x.s.Known() {
			return ""
		}
		part, err := money.MulDiv(x.s.N, 100*int64(x.w), x.s.Of, money.HalfUp)
		if err != nil {
			return ""
		}
		sum += part
	}
	return rounded(money.Points(sum), 1)
}

// What is known of whether the problem is solved.
const (
	Unknown     = ""         // nobody confirmed anything
	BySurvey    = "reviewer" // who reviewed the answer saw it mended
	ByResident  = "resident"
	NotSolved   = "unsolved" // a resident says that it is not
	checkedYes  = "yes"
	checkedNone = ""
)

// OutcomeTitle says who confirmed what; a closed report nobody confirmed is not
// called solved.
func OutcomeTitle(state, outcome string) string {
	switch {
	case outcome == ByResident:
		return "居民确认已解决"
	case outcome == NotSolved:
		return "居民表示未解决"
	case outcome == BySurvey:
		return "审核单位现场确认已解决"
	case state == Closed || state == Archived:
		return "已答复，未经居民确认"
	}
	return ""
}

// guess finds a topic by the words in a text, for orders without one.
func (b *Book) guess(text string) string {
	for _, t := range slices.Backward(b.Topics) { // the more special stand below
		if slices.ContainsFunc(t.Words, func(w string) bool { return strings.Contains(text, w) }) {
			return t.Code
		}
	}
	return b.Topics[len(b.Topics)-1].Code
}

// inTime says whether an answer of a day kept its deadline; the last day counts.
func inTime(answered, due day.Date) bool { return due == 0 || answered <= due }
