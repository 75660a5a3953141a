package supervision

import (
	"context"
	"slices"
	"sync"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/rulebook"
)

const kindName = "supervision"

// Kind is the sort of rulebook that governs supervision.
func Kind() rulebook.Kind {
	return rulebook.Kind{
		Name: kindName, Title: "监管整改",
		Words: map[string]string{"violations": "违规目录", "terms": "期限", "ladder": "处置阶梯", "severities": "严重程度", "exit": "监管退出情形", "groups": "类别"},
		Check: func(doc *rulebook.Document) error { _, err := read(doc); return err },
	}
}

// A Violation is one row of the catalogue.
type Violation struct {
	Code, Group, Title string
	Basis              string // 法规条文
	Severity           string
	Items              map[authz.Role]string // credit item by the body that orders
	Level              string                // of the item
	Rectify            day.Term              // zero: the book's
	Safety             bool                  // measures may start at any step
	Path               string
}

// A Step is one rung of the ladder.
type Step struct {
	Kind, Title, Basis string
	AfterReply         bool // only once the enterprise could reply
}

// A Severity says how high the ladder may be climbed at first, and how many found
// cases of the same fault in a year allow the next rung.
type Severity struct {
	Code, Title string
	Highest     string // a step's kind
	Repeat      int
}

// A Named is a code with its words.
type Named struct{ Code, Title string }

// Terms are how long each step may take.
type Terms struct {
	Verify, Confirm, Order, Reply, Rectify, Extension, Recheck, Settle, Escalate, Reopen, Again, Archive day.Term
}

// A Book is a supervision rulebook.
type Book struct {
	*rulebook.Document
	Groups     []Named
	Violations []Violation
	Severities []Severity
	Ladder     []Step
	Outside    []Step // referral and penalty: at any time after the fault is found
	ExitCodes  []Named
	Terms      Terms
	Recheck    authz.Role
	Alike      int // days within which two reports may be one fault
	Window     day.Term
	Series     string // of order numbers
}

// Parse reads a supervision rulebook.
func Parse(text []byte) (*Book, error) {
	doc, err := rulebook.Read(text)
	if err != nil {
		return nil, err
	}
	return read(doc)
}

func read(doc *rulebook.Document) (*Book, error) {
	b := &Book{Document: doc}
	o := doc.Root()
	b.Groups, b.ExitCodes = named(o.Need("groups")), named(o.Get("exit"))
	for _, v := range o.Need("severities").List() {
		s := v.Object()
		b.Severities = append(b.Severities, Severity{s.Need("code").Text(), s.Need("title").Text(), s.Need("highest").Text(), s.Need("repeat").Int(1, 99)})
	}
	b.Ladder, b.Outside = steps(o.Need("ladder")), steps(o.Get("outside"))
	for _, v := range o.Need("violations").List() {
		b.Violations = append(b.Violations, b.violation(v))
	}
	t := o.Need("terms").Object()
	for _, x := range []struct {
		key string
		to  *day.Term
	}{
		{"verify", &b.Terms.Verify},
		{"confirm", &b.Terms.Confirm},
		{"order", &b.Terms.Order},
		{"reply", &b.Terms.Reply},
		{"rectify", &b.Terms.Rectify},
		{"extension", &b.Terms.Extension},
		{"recheck", &b.Terms.Recheck},
		{"settle", &b.Terms.Settle},
		{"escalate", &b.Terms.Escalate},
		{"reopen", &b.Terms.Reopen},
		{"again", &b.Terms.Again},
		{"archive", &b.Terms.Archive},
	} {
		v := t.Need(x.key)
		if *x.to = v.Term(); v.Present() && x.to.N == 0 {
			v.Fail("期限不能是零")
		}
	}
	b.Recheck = authz.Role(o.Need("recheck").Word("community", "community", "subdistrict", "district_bureau"))
	b.Alike = o.Need("alike_days").Int(1, 365)
	window := o.Need("window")
	if b.Window = window.Term(); window.Present() && (b.Window.IsZero() || b.Window.Unit == day.Workdays || b.Window.Unit == day.Hours) {
		window.Fail("重复查实的计算时间应为日、月或年，且大于零")
	}
	b.Series = o.Need("series").Text()
	for _, s := range b.Severities {
		if b.rung(s.Highest) < 0 {
			o.Get("severities").Fail("处置阶梯中没有“%s”", s.Highest)
		}
	}
	return b, doc.Finish()
}

func (b *Book) violation(v rulebook.Value) Violation {
	o := v.Object()
	x := Violation{
		Code: o.Need("code").Text(), Group: o.Need("group").Text(), Title: o.Need("title").Text(), Basis: o.Need("basis").Text(),
		Severity: o.Need("severity").Text(), Level: o.Get("level").Text(), Rectify: o.Get("rectify").Term(), Safety: o.Get("safety").Bool(),
		Items: map[authz.Role]string{}, Path: o.Path(),
	}
	items := o.Get("items").Object()
	for _, key := range items.Keys() {
		if _, ok := authz.DutyOf(authz.Role(key)); !ok {
			items.Get(key).Fail("没有“%s”这个角色", key)
		}
		x.Items[authz.Role(key)] = items.Get(key).Text()
	}
	if !slices.ContainsFunc(b.Groups, func(n Named) bool { return n.Code == x.Group }) {
		o.Get("group").Fail("没有“%s”这一类", x.Group)
	}
	if _, ok := b.severity(x.Severity); !ok {
		o.Get("severity").Fail("没有“%s”这种程度", x.Severity)
	}
	if _, twice := b.Violation(x.Code); twice {
		o.Get("code").Fail("代码“%s”写了两次", x.Code)
	}
	return x
}

func named(v rulebook.Value) (out []Named) {
	for _, e := range v.List() {
		o := e.Object()
		out = append(out, Named{o.Need("code").Text(), o.Need("title").Text()})
	}
	return out
}

func steps(v rulebook.Value) (out []Step) {
	for _, e := range v.List() {
		o := e.Object()
		kind := o.Need("kind").Word(Deduct, Deduct, Summons, Circular, Exposure, Exit, Penalty, Referral)
		out = append(out, Step{Kind: kind, Title: o.Need("title").Text(), Basis: o.Need("basis").Text(), AfterReply: o.Get("after_reply").Bool()})
	}
	return out
}

// Violation finds a row of the catalogue.
func (b *Book) Violation(code string) (Violation, bool) {
	i := slices.IndexFunc(b.Violations, func(v Violation) bool { return v.Code == code })
	if i < 0 {
		return Violation{}, false
	}
	return b.Violations[i], true
}

// rank is how grave a severity is, the least 0, as the rulebook lists them.
func (b *Book) rank(code string) int {
	return slices.IndexFunc(b.Severities, func(s Severity) bool { return s.Code == code })
}

func (b *Book) severity(code string) (Severity, bool) {
	i := slices.IndexFunc(b.Severities, func(s Severity) bool { return s.Code == code })
	if i < 0 {
		return Severity{}, false
	}
	return b.Severities[i], true
}

// Step finds a measure of the ladder or outside it.
func (b *Book) Step(kind string) (Step, bool) {
	for _, s := range append(slices.Clone(b.Ladder), b.Outside...) {
		if s.Kind == kind {
			return s, true
		}
	}
	return Step{}, false
}

// rung is a measure's place on the ladder, -1 outside it.
func (b *Book) rung(kind string) int {
	return slices.IndexFunc(b.Ladder, func(s Step) bool { return s.Kind == kind })
}

// Books reads a city's stored rulebooks and keeps them parsed by digest.
type Books struct {
	City   code.Division
	parsed sync.Map
}

// InForce is the book in force on a day.
func (s *Books) InForce(ctx context.Context, tx *db.Tx, on day.Date) (*Book, error) {
	v, err := rulebook.InForce(ctx, tx, kindName, s.City, on)
	if err != nil {
		return nil, err
	}
	return s.of(ctx, tx, v)
}

// ByDigest is the book that governs a case.
func (s *Books) ByDigest(ctx context.Context, tx *db.Tx, digest string) (*Book, error) {
	if b, ok := s.parsed.Load(digest); ok {
		return b.(*Book), nil
	}
	v, err := rulebook.ByDigest(ctx, tx, digest)
	if err != nil {
		return nil, err
	}
	return s.of(ctx, tx, v)
}

func (s *Books) of(ctx context.Context, tx *db.Tx, v rulebook.Version) (*Book, error) {
	if b, ok := s.parsed.Load(v.Digest); ok {
		return b.(*Book), nil
	}
	text, err := rulebook.TextOf(ctx, tx, v.ID)
	if err != nil {
		return nil, err
	}
	b, err := Parse(text)
	if err == nil {
		s.parsed.Store(v.Digest, b)
	}
	return b, err
}
