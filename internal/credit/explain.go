package credit

import (
	"encoding/binary"
	"errors"

	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
)

// explainVersion leads every stored explanation, so that a later form can be told apart.
const explainVersion = 1

var errExplanation = errors.New("stored explanation is damaged")

// encodeResult writes the explanation of a result: a frozen, compact text of
// varints that [decodeResult] reads back under the same rulebook. Names and
// titles are not in it; they are looked up by item, class and record.
func encodeResult(buf []byte, r *Result) []byte {
	w := writer{buf: append(buf, explainVersion)}
	w.outcome(&r.Enterprise)
	w.uint(uint64(len(r.Projects)))
	for i := range r.Projects {
		w.outcome(&r.Projects[i])
	}
	w.uint(uint64(len(r.Persons)))
	for i := range r.Persons {
		w.outcome(&r.Persons[i])
	}
	return w.buf
}

// decodeResult reads what encodeResult wrote.
func decodeResult(data []byte) (r Result, err error) {
	if len(data) == 0 || data[0] != explainVersion {
		return r, errExplanation
	}
	rd := reader{data: data[1:]}
	rd.outcome(&r.Enterprise)
	r.Projects = rd.outcomes()
	r.Persons = rd.outcomes()
	if rd.bad || len(rd.data) != 0 {
		return Result{}, errExplanation
	}
	return r, nil
}

type writer struct{ buf []byte }

func (w *writer) uint(v uint64) { w.buf = binary.AppendUvarint(w.buf, v) }
func (w *writer) int(v int64)   { w.buf = binary.AppendVarint(w.buf, v) }
func (w *writer) text(s string) { w.uint(uint64(len(s))); w.buf = append(w.buf, s...) }

func (w *writer) flags(bits ...bool) {
	var v uint64
	for i, b := range bits {
		if b {
			v |= 1 << i
		}
	}
	w.uint(v)
}

func (w *writer) subject(s Subject) { w.uint(uint64(s.Kind)); w.int(int64(s.ID)) }

func (w *writer) outcome(o *Outcome) {
	w.subject(o.Subject)
	w.flags(o.Scored, o.Provisional, o.Trial, o.Incomplete, o.Blacklisted)
	w.int(int64(o.Score))
	for _, s := range []string{o.Grade, o.ByScore, o.Status, o.Why} {
		w.text(s)
	}
	w.int(int64(o.NextChange))
	w.uint(uint64(len(o.Sums)))
	for _, s := range o.Sums {
		w.text(s.Class)
		w.int(int64(s.Raw))
		w.int(int64(s.Capped))
		w.int(int64(s.Count))
	}
	w.uint(uint64(len(o.Parts)))
	for _, p := range o.Parts {
		w.int(int64(p.Project))
		w.int(int64(p.Score))
		w.int(p.Weight)
		w.flags(p.Missing)
	}
	w.uint(uint64(len(o.Lines)))
	for i := range o.Lines {
		w.line(&o.Lines[i])
	}
	w.restraints(o.Restraints)
	w.restraints(o.Blacklist)
	w.consequences(o)
}

func (w *writer) line(l *Line) {
	w.uint(uint64(l.Kind))
	w.uint(uint64(l.Reason))
	w.int(int64(l.Record))
	w.int(int64(l.Points))
	w.int(int64(l.Until))
	w.int(int64(l.Item))
	w.int(int64(l.Class))
	w.subject(l.From)
	w.text(l.Path)
}

func (w *writer) restraints(list []Restraint) {
	w.uint(uint64(len(list)))
	for _, r := range list {
		w.int(int64(r.Item))
		w.int(int64(r.Record))
		w.text(r.Grade)
		w.flags(r.Set)
		w.int(int64(r.Until))
		w.text(r.Path)
	}
}

func (w *writer) consequences(o *Outcome) {
	w.uint(uint64(len(o.Measures)))
	for _, m := range o.Measures {
		w.int(int64(m.At))
		w.int(int64(m.Months))
		w.text(m.Title)
		w.text(m.Basis)
		w.text(m.Path)
	}
	w.uint(uint64(len(o.Signals)))
	for _, s := range o.Signals {
		w.flags(s.Leave)
		w.int(int64(s.Record))
		for _, t := range []string{s.List, s.Title, s.Why, s.Path} {
			w.text(t)
		}
	}
	w.uint(uint64(len(o.Uses)))
	for _, u := range o.Uses {
		w.flags(u.Advice)
		w.int(int64(u.Months))
		for _, t := range []string{u.Code, u.Title, u.Action, u.Value, u.Basis, u.National, u.Path} {
			w.text(t)
		}
	}
}

// A reader never reads past its data: a damaged text makes it bad.
type reader struct {
	data []byte
	bad  bool
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.data)
	if n <= 0 {
		r.bad, r.data = true, nil
		return 0
	}
	r.data = r.data[n:]
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.data)
	if n <= 0 {
		r.bad, r.data = true, nil
		return 0
	}
	r.data = r.data[n:]
	return v
}

// count is a length; every element takes at least one byte.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.data)) {
		r.bad, r.data = true, nil
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.count()
	s := string(r.data[:n])
	r.data = r.data[n:]
	return s
}

func (r *reader) flags(bits ...*bool) {
	v := r.uint()
	for i, b := range bits {
		*b = v&(1<<i) != 0
	}
}

func (r *reader) subject() Subject {
	return Subject{SubjectKind(r.uint()), db.ID(r.int())}
}

func each[T any](r *reader, read func(*T)) []T {
	n := r.count()
	if n == 0 {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		read(&out[i])
	}
	return out
}

func (r *reader) outcomes() []Outcome { return each(r, r.outcome) }

func (r *reader) outcome(o *Outcome) {
	o.Subject = r.subject()
	r.flags(&o.Scored, &o.Provisional, &o.Trial, &o.Incomplete, &o.Blacklisted)
	o.Score = money.Points(r.int())
	o.Grade, o.ByScore, o.Status, o.Why = r.text(), r.text(), r.text(), r.text()
	o.NextChange = day.Date(r.int())
	o.Sums = each(r, func(s *ClassSum) {
		*s = ClassSum{r.text(), money.Points(r.int()), money.Points(r.int()), int(r.int())}
	})
	o.Parts = each(r, func(p *Part) {
		p.Project, p.Score, p.Weight = db.ID(r.int()), money.Points(r.int()), r.int()
		r.flags(&p.Missing)
	})
	o.Lines = each(r, r.line)
	o.Restraints = each(r, r.restraint)
	o.Blacklist = each(r, r.restraint)
	o.Measures = each(r, func(m *Measure) {
		*m = Measure{At: money.Points(r.int()), Months: int(r.int()), Title: r.text(), Basis: r.text(), Path: r.text()}
	})
	o.Signals = each(r, func(s *Signal) {
		r.flags(&s.Leave)
		s.Record, s.List, s.Title, s.Why, s.Path = db.ID(r.int()), r.text(), r.text(), r.text(), r.text()
	})
	o.Uses = each(r, func(u *UseResult) {
		r.flags(&u.Advice)
		*u = UseResult{Advice: u.Advice, Months: int(r.int()), Code: r.text(), Title: r.text(), Action: r.text(), Value: r.text(), Basis: r.text(), National: r.text(), Path: r.text()}
	})
}

func (r *reader) line(l *Line) {
	l.Kind, l.Reason = LineKind(r.uint()), Reason(r.uint())
	l.Record, l.Points, l.Until = db.ID(r.int()), money.Points(r.int()), day.Date(r.int())
	l.Item, l.Class = ItemNo(r.int()), int16(r.int())
	l.From, l.Path = r.subject(), r.text()
}

func (r *reader) restraint(x *Restraint) {
	x.Item, x.Record, x.Grade = ItemNo(r.int()), db.ID(r.int()), r.text()
	r.flags(&x.Set)
	x.Until, x.Path = day.Date(r.int()), r.text()
}
