package resident

import (
	"context"
	"slices"
	"sync"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
	"juli/internal/rulebook"
)

// A Book is a parsed rulebook of reports; read-only after it was read.
type Book struct {
	*rulebook.Document
	Banner  string
	Classes []Class
	Topics  []Topic
	Routes  []Route

	SignBy     authz.Role
	Sign       day.Term
	Dispatch   day.Term
	Review     day.Term
	Rate       day.Term
	Again      day.Term // to mend what was not solved
	Urge       day.Term // for the district to take up an overdue report
	Extend     day.Term
	Supervised day.Term // after a case was registered
	ReopenMax  int
	Reopen     day.Term // after closing, how long a resident may say that it isn't solved; zero: never
	MergeDays  int
	Weights    Weights
	Keep       KeepRule
	Small      int64 // ratings of fewer residents are not published
	OrderDays  int   // how long ago a 12345 order may have been received
	Daily      int64 // reports and joinings of one account on one day
	Credit     CreditRule
	Examples   []Example
}

// A Class is a kind of 12345 orders with the time to answer.
type Class struct {
	Code, Title string
	Answer      day.Term
	Mark        rulebook.Mark
}

// A Topic is what a report is about; topics form a tree.
type Topic struct {
	Code, Title, Parent string
	Words               []string // by which a text is recognised
	Violation           string   // of the supervision catalogue, "" if none
}

// A Route says who answers, and who reviews the answer.
type Route struct {
	Code       string
	Topics     []string // empty: every topic
	Classes    []string // empty: every class
	Managed    bool     // only projects with an enterprise
	To         authz.Role
	Department string     // who really does it, if it has no port of its own
	Review     authz.Role // "" nobody
	Absent     authz.Role // who answers where nobody acts for To; only for a committee
	Direct     bool       // dispatched at once, without signing
	Answer     day.Term   // instead of the class's
	Mark       rulebook.Mark
}

// Weights compose the three rates into one figure.
type Weights struct{ Response, Solution, Satisfaction money.Points }

// A CreditRule says which late reports count for credit.
type CreditRule struct {
	Input   string
	Classes []string
	Months  int
}

// Class finds a class by its code.
func (b *Book) Class(code string) (Class, bool) {
	i := slices.IndexFunc(b.Classes, func(c Class) bool { return c.Code == code })
	if i < 0 {
		return Class{}, false
	}
	return b.Classes[i], true
}

// Topic finds a topic by its code.
func (b *Book) Topic(code string) (Topic, bool) {
	i := slices.IndexFunc(b.Topics, func(t Topic) bool { return t.Code == code })
	if i < 0 {
		return Topic{}, false
	}
	return b.Topics[i], true
}

// TopicNamed finds a topic by its code or its title, as people write it.
func (b *Book) TopicNamed(s string) (Topic, bool) {
	i := slices.IndexFunc(b.Topics, func(t Topic) bool { return t.Code == s || t.Title == s })
	if i < 0 {
		return Topic{}, false
	}
	return b.Topics[i], true
}

// TopicTitle is a topic's name, its code if the book does not know it.
func (b *Book) TopicTitle(code string) string {
	if t, ok := b.Topic(code); ok {
		return t.Title
	}
	return code
}

// RouteOf is the first route that fits. The last route of a book takes
// everything, so there always is one.
func (b *Book) RouteOf(class, topic string, managed bool) Route {
	i := slices.IndexFunc(b.Routes, func(r Route) bool {
		return (len(r.Topics) == 0 || slices.Contains(r.Topics, topic)) &&
			(len(r.Classes) == 0 || slices.Contains(r.Classes, class)) && (managed || !r.Managed)
	})
	return b.Routes[i]
}

// AnswerTerm is how long the office of a route has for a class.
func (b *Book) AnswerTerm(r Route, class string) day.Term {
	if !r.Answer.IsZero() {
		return r.Answer
	}
	c, _ := b.Class(class)
	return c.Answer
}

// Books reads a city's stored rulebooks and keeps them parsed.
type Books struct {
	City   code.Division
	parsed sync.Map // digest → *Book
}

// InForce is the book in force on a day.
func (s *Books) InForce(ctx context.Context, tx *db.Tx, on day.Date) (*Book, error) {
	v, err := rulebook.InForce(ctx, tx, kindName, s.City, on)
	if err != nil {
		return nil, err
	}
	return s.of(ctx, tx, v)
}

// ByDigest is the book under which a report was routed.
func (s *Books) ByDigest(ctx context.Context, tx *db.Tx, digest string) (*Book, error) {
	if b, done := s.parsed.Load(digest); done {
		return b.(*Book), nil
	}
	v, err := rulebook.ByDigest(ctx, tx, digest)
	if err != nil {
		return nil, err
	}
	return s.of(ctx, tx, v)
}

func (s *Books) of(ctx context.Context, tx *db.Tx, v rulebook.Version) (*Book, error) {
	if b, done := s.parsed.Load(v.Digest); done {
		return b.(*Book), nil
	}
	text, err := rulebook.TextOf(ctx, tx, v.ID)
	if err != nil {
		return nil, err
	}
	b, err := Parse(text)
	if err != nil {
		return nil, err
	}
	s.parsed.Store(v.Digest, b)
	return b, nil
}
