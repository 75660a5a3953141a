package credit

import (
	"cmp"
	"slices"

	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
)

// An Evaluator applies one book on one day, one enterprise after the other. It
// reuses its buffers and is not safe for concurrent use; make one per worker.
type Evaluator struct {
	book   *Book
	opt    Options
	period Period
	ranks  *Ranks

	bundle  *Bundle
	slots   map[Subject]int32
	last    Subject // of the look-up before
	lastAt  int32
	rows    []row
	spans   [][2]int32 // rows of each slot
	held    []bool     // projects: held at the cut-off
	inScope []bool
	next    []day.Date // per slot
	open    []int      // per slot: counted bad records with an unmet order
	holds   []hold
	orders  map[db.ID]int32
	group   []int32 // scratch
	lines   []Line
	sums    []ClassSum
	parts   []Part
	names   names
	res     Result
}

// A row is one record, or fact, on its way to becoming a line.
type row struct {
	key    uint64 // slot, class, item: rows are scored in this order
	id     db.ID
	points money.Points
	date   day.Date // the day that places it
	until  day.Date
	rec    int32 // place in the bundle, -1 none
	src    int32 // slot that a derived row comes from
	via    int16 // also rule + 1, derive rule as -1 - n, 0 none
	reason Reason
	kind   LineKind
}

func rowKey(slot int32, class int16, item ItemNo) uint64 {
	return uint64(slot)<<40 | uint64(uint8(class))<<32 | uint64(uint32(item+1))
}

func (r *row) slot() int32  { return int32(r.key >> 40) }
func (r *row) class() int16 { return int16(int8(r.key >> 32)) }
func (r *row) item() ItemNo { return ItemNo(uint32(r.key)) - 1 }

// group is the row's slot and item.
func (r *row) group() uint64 { return r.key &^ (0xff << 32) }

// A hold is a veto or blacklist entry found among the records.
type hold struct {
	slot  int32
	black bool
	Restraint
}

// NewEvaluator prepares a book for a day. The period is the book's period of that day.
func (b *Book) NewEvaluator(opt Options) *Evaluator {
	e := &Evaluator{book: b, opt: opt, period: b.Period(opt.AsOf), slots: map[Subject]int32{}, orders: map[db.ID]int32{}}
	e.names.e = e
	return e
}

// ForPeriod evaluates a period that the day of the cut-off no longer lies in:
// 济南 cut 2022 Q1 off on 12 April.
func (b *Book) ForPeriod(p Period, opt Options) *Evaluator {
	if opt.AsOf == 0 {
		opt.AsOf = p.Cutoff
	}
	e := b.NewEvaluator(opt)
	if b.Cycle.Unit != realTime {
		e.period = p
	}
	return e
}

// Evaluate applies the book to every bundle of an input. A branch that counts
// under its head office joins the head's bundle first (PC-02).
func (b *Book) Evaluate(in Input) ([]Result, error) {
	var out []Result
	e := b.NewEvaluator(in.Options)
	err := e.City(func(yield func(*Bundle, error) bool) {
		for i := range in.Bundles {
			if !yield(&in.Bundles[i], nil) {
				return
			}
		}
	}, func(r *Result) error {
		out = append(out, r.Clone())
		return nil
	})
	return out, err
}

// Evaluate applies the book to one bundle. The result is valid until the next call.
func (e *Evaluator) Evaluate(b *Bundle) *Result {
	e.reset(b)
	for i := range b.Records {
		e.record(int32(i))
	}
	slices.SortFunc(e.holds, func(a, b hold) int {
		return cmp.Or(cmp.Compare(a.slot, b.slot), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Record, b.Record))
	})
	e.factRows()
	e.sortRows()
	if e.book.needGroup {
		e.groupRules()
	}
	if e.derive() {
		e.sortRows()
	}
	e.cut()
	for i := range b.Projects {
		e.project(i)
	}
	for i := range b.Persons {
		e.person(i)
	}
	e.enterprise()
	return &e.res
}

func (e *Evaluator) reset(b *Bundle) {
	e.bundle = b
	clear(e.slots)
	clear(e.orders)
	e.rows, e.holds, e.lines, e.sums, e.parts = e.rows[:0], e.holds[:0], e.lines[:0], e.sums[:0], e.parts[:0]
	e.last, e.lastAt = Subject{}, -1
	n := 1 + len(b.Projects) + len(b.Persons)
	e.next = resized(e.next, n)
	e.open = resized(e.open, n)
	e.held = resized(e.held, len(b.Projects))
	e.inScope = resized(e.inScope, len(b.Projects))
	e.slots[Subject{Enterprise, b.Unit.ID}] = 0
	e.slots[Subject{Branch, b.Unit.ID}] = 0
	for i := range b.Projects {
		p := &b.Projects[i]
		e.slots[Subject{Project, p.ID}] = int32(1 + i)
		e.held[i] = heldOn(p.Held, e.opt.AsOf)
		e.inScope[i] = len(e.book.Kinds) == 0 || slices.Contains(e.book.Kinds, p.Kind)
	}
	for i := range b.Persons {
		e.slots[Subject{b.Persons[i].Kind, b.Persons[i].ID}] = int32(1 + len(b.Projects) + i)
	}
	e.res = Result{
		Book: e.book.Digest, AsOf: e.opt.AsOf, Period: e.period,
		Projects: resized(e.res.Projects, len(b.Projects)), Persons: resized(e.res.Persons, len(b.Persons)),
	}
}

// resized is a cleared slice of n elements in s's memory.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

func heldOn(spans []Span, d day.Date) bool {
	for _, s := range spans {
		if s.Covers(d) {
			return true
		}
	}
	return false
}

// slotOf finds a subject of the bundle, -1 for strangers.
func (e *Evaluator) slotOf(s Subject) int32 {
	if s == e.last && e.lastAt >= 0 {
		return e.lastAt
	}
	at, known := e.slots[s]
	if !known {
		return -1
	}
	e.last, e.lastAt = s, at
	return at
}

// kindOf is the kind of subject in a slot.
func (e *Evaluator) kindOf(slot int32) SubjectKind {
	switch n := int32(len(e.bundle.Projects)); {
	case slot <= 0:
		return e.unitKind()
	case slot <= n:
		return Project
	default:
		return e.bundle.Persons[slot-1-n].Kind
	}
}

// unitKind is Branch for a branch that the book treats as a unit of its own.
func (e *Evaluator) unitKind() SubjectKind {
	if f := e.bundle.Unit.Form; f != Independent && e.book.Attribute(f) != ToHead {
		return Branch
	}
	return Enterprise
}

func (e *Evaluator) subjectOf(slot int32) Subject {
	switch n := int32(len(e.bundle.Projects)); {
	case slot <= 0:
		return Subject{e.unitKind(), e.bundle.Unit.ID}
	case slot <= n:
		return Subject{Project, e.bundle.Projects[slot-1].ID}
	default:
		p := &e.bundle.Persons[slot-1-n]
		return Subject{p.Kind, p.ID}
	}
}

func (e *Evaluator) factsOf(slot int32) Facts {
	switch n := int32(len(e.bundle.Projects)); {
	case slot <= 0:
		return e.bundle.Unit.Facts
	case slot <= n:
		return e.bundle.Projects[slot-1].Facts
	default:
		return e.bundle.Persons[slot-1-n].Facts
	}
}

func (e *Evaluator) sortRows() {
	compare := func(a, b row) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		if a.date != b.date {
			return cmp.Compare(a.date, b.date)
		}
		if a.id != b.id {
			return cmp.Compare(a.id, b.id)
		}
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.via, b.via), cmp.Compare(a.src, b.src))
	}
	if !slices.IsSortedFunc(e.rows, compare) {
		slices.SortFunc(e.rows, compare)
	}
}

// cut notes which rows belong to which slot.
func (e *Evaluator) cut() {
	e.spans = resized(e.spans, len(e.next))
	for lo := 0; lo < len(e.rows); {
		slot, hi := e.rows[lo].slot(), lo+1
		for hi < len(e.rows) && e.rows[hi].slot() == slot {
			hi++
		}
		e.spans[slot] = [2]int32{int32(lo), int32(hi)}
		lo = hi
	}
}

// soon notes a day on which time alone may change a slot's outcome.
func (e *Evaluator) soon(slot int32, d day.Date) {
	if d > e.opt.AsOf && (e.next[slot] == 0 || d < e.next[slot]) {
		e.next[slot] = d
	}
}

// Clone copies a result out of its evaluator's buffers.
func (r *Result) Clone() Result {
	c := *r
	c.Enterprise = r.Enterprise.clone()
	c.Projects, c.Persons = make([]Outcome, len(r.Projects)), make([]Outcome, len(r.Persons))
	for i := range r.Projects {
		c.Projects[i] = r.Projects[i].clone()
	}
	for i := range r.Persons {
		c.Persons[i] = r.Persons[i].clone()
	}
	return c
}

func (o Outcome) clone() Outcome {
	o.Sums, o.Parts, o.Lines = kept(o.Sums), kept(o.Parts), kept(o.Lines)
	return o
}

// kept copies a slice; an empty one becomes nil, so that equal results are equal.
func kept[T any](s []T) []T { return append([]T(nil), s...) }
