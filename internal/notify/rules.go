package notify

import (
	"regexp"

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
// code, identity numbers, bank cards, addresses of mail.
var personalData = regexp.MustCompile(`(^|[^0-9A-Za-z])(1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}|[1-9][0-9]{5}(18|19|20)[0-9]{9}[0-9Xx]|62[0-9]{14,17})($|[^0-9A-Za-z])|[0-9A-Za-z._%+-]+@[0-9A-Za-z-]+\.[A-Za-z]`)

func personal(text string) bool { return personalData.MatchString(text) }

// Personal says whether a text holds a telephone, an identity number, a bank card
// or an address of mail: what may not be published either.
func Personal(text string) bool { return personal(text) }
