package credit

import (
	"context"
	"errors"
	"slices"
	"strings"

	"juli/internal/audit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/registry"
)

// Where a rulebook gives grades in real time (PC-06), a grade is not a stored
// number: it moves with every record that takes effect, ends, is repaired or
// annulled, and overnight by itself. The journal keeps every move: from where to
// where, under which book, and which record caused it.

// JournalConsumer takes the events of records from the outbox into the journal.
const JournalConsumer = "journal"

// undo makes a record as it was before an event of the kind; nil: time alone
// ended it. A record that was not there before becomes nothing.
type undo func(r Record, on day.Date) (before Record, was bool)

// moving are the events that may move a grade.
var moving = map[string]undo{
	"credit.effective":           func(r Record, _ day.Date) (Record, bool) { return r, false },
	"credit.objection-dismissed": func(r Record, on day.Date) (Record, bool) { r.Contested = true; return r, r.Effective < on },
	"credit.objected":            func(r Record, _ day.Date) (Record, bool) { r.Contested = false; return r, true },
	"credit.rectified":           func(r Record, _ day.Date) (Record, bool) { r.Rectified = 0; return r, true },
	"credit.repair-granted":      func(r Record, _ day.Date) (Record, bool) { r.Repaired = 0; return r, true },
	"credit.annulled":            func(r Record, _ day.Date) (Record, bool) { r.Annulled, r.Contested = 0, false; return r, true },
	"credit.expired":             nil,
}

// JournalEvents are the kinds of events that [JournalConsumer] takes.
func JournalEvents() []string {
	var out []string
	for kind := range moving {
		out = append(out, kind)
	}
	slices.Sort(out)
	return out
}

// The causes of a move besides an event.
const (
	causeBegin = "begin" // the first grade that the journal knows
	causeTime  = "time"
	causeBook  = "book"
	causeEnd   = "credit.expired"
)

var causeTitles = map[string]string{
	"credit.effective": "信用信息生效", "credit.objection-dismissed": "异议不成立，信用信息计入", "credit.objected": "异议处理期间暂缓计分",
	"credit.rectified": "确认整改", "credit.repair-granted": "信用修复", "credit.annulled": "信用信息撤销", causeEnd: "信用信息到期",
	causeBegin: "开始实时评价", causeTime: "期限届满", causeBook: "评价规则变更",
}

// A JournalLine is one move of a subject's grade.
type JournalLine struct {
	ID          db.ID
	Subject     Subject
	Enterprise  db.ID
	On          day.Date
	At          int64 // city time, ms
	Book        string
	Before      string // grade or status; "" at the beginning
	Grade       string
	ScoreBefore money.Points
	Score       money.Points
	Cause       string
	Record      db.ID // that caused it, 0: none
	NextChange  day.Date
}

// CauseTitle is the cause in Chinese.
func (l JournalLine) CauseTitle() string { return causeTitles[l.Cause] }

// Title says the move in words.
func (l JournalLine) Title() string {
	if l.Before == "" {
		return "等级 " + l.Grade
	}
	return "等级由 " + l.Before + " 变为 " + l.Grade
}

// eventsMax bounds the events of one round.
const eventsMax = 500

// A happening is an event of a record.
type happening struct {
	record db.ID
	kind   string
	on     day.Date
}

// A round is one look at the city: what moved since the journal's last line.
type round struct {
	book   *Book
	events []audit.Event
	head   db.ID // the journal's last line
	last   map[Subject]JournalLine
	lines  []JournalLine
	at     int64
}

// KeepJournal takes the events that wait into the journal: it computes over a
// snapshot, then stores. whole looks at every subject, as a day does: terms end
// and books change by themselves, and who is new begins. It tells how many
// grades moved. Under a book with periods there is nothing to keep.
func (s *Evaluations) KeepJournal(ctx context.Context, whole bool) (moved int, err error) {
	r := &round{}
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if r.events, err = audit.Pending(ctx, tx, JournalConsumer, eventsMax); err != nil || len(r.events) == 0 && !whole {
			return err
		}
		r.book, err = s.Books.InForce(ctx, tx, tx.Today())
		if f := fault.From(err); f != nil && f.Kind == fault.NotFound {
			return nil
		}
		if err != nil || r.book.Cycle.Unit != realTime {
			return err
		}
		return s.round(ctx, tx, r, whole)
	})
	if err != nil || len(r.events) == 0 && len(r.lines) == 0 {
		return 0, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		moved = 0
		if err := tx.Lock(ctx, "credit_journal", 0); err != nil {
			return err
		}
		head, err := journalHead(ctx, tx)
		if err != nil {
			return err
		}
		if head != r.head && len(r.lines) > 0 {
			return errJournalMoved
		}
		for _, e := range r.events {
			if mine, err := audit.Take(ctx, tx, JournalConsumer, e.ID); err != nil {
				return err
			} else if !mine {
				return errJournalMoved
			}
		}
		moved = len(r.lines)
		return insertJournal(ctx, tx, r.lines)
	})
	if errors.Is(err, errJournalMoved) {
		return 0, nil
	}
	return moved, err
}

// errJournalMoved means that another program was first; the next round looks again.
var errJournalMoved = errors.New("the journal has moved on")

// round computes the moves of the subjects that the events concern, or of all.
func (s *Evaluations) round(ctx context.Context, tx *db.Tx, r *round, whole bool) (err error) {
	if r.head, err = journalHead(ctx, tx); err != nil {
		return err
	}
	if r.last, err = lastLines(ctx, tx); err != nil {
		return err
	}
	var happened []happening
	for _, e := range r.events {
		_, text, _ := strings.Cut(e.Object, ":")
		if id, err := db.ParseID(text); err == nil {
			happened = append(happened, happening{id, e.Kind, day.FromTime(e.At)})
		}
	}
	today := tx.Today()
	r.at = db.Millis(tx.Now)
	snap, err := registry.SnapshotOn(ctx, tx, today)
	if err != nil {
		return err
	}
	l, err := newLoader(ctx, tx, r.book, snap, today)
	if err != nil {
		return err
	}
	ev := r.book.ForPeriod(r.book.Period(today), Options{AsOf: today, Known: today})
	if r.book.NeedsRanks() {
		if err := ev.City(l.bundles(ctx, tx), func(*Result) error { return nil }); err != nil {
			return err
		}
	}
	for b, err := range l.bundles(ctx, tx) {
		if err != nil {
			return err
		}
		mine := slices.DeleteFunc(slices.Clone(happened), func(h happening) bool {
			return !slices.ContainsFunc(b.Records, func(x Record) bool { return x.ID == h.record })
		})
		if whole || len(mine) > 0 {
			r.bundle(ev, b, mine)
		}
	}
	return nil
}

// bundle follows an enterprise and what belongs to it from before the first of
// its events to after the last.
func (r *round) bundle(ev *Evaluator, b *Bundle, events []happening) {
	all := b.Records
	for k := 0; k <= len(events); k++ {
		b.Records = before(all, events[k:])
		cause := happening{kind: causeTime}
		if k > 0 {
			if cause = events[k-1]; moving[cause.kind] == nil {
				continue // time ended the record before the event told so
			}
		}
		r.result(ev.Evaluate(b), b.Unit.ID, cause)
	}
	b.Records = all
}

// before are records as they were before some events.
func before(records []Record, events []happening) []Record {
	if len(events) == 0 {
		return records
	}
	out := make([]Record, 0, len(records))
	for _, x := range records {
		was := true
		for _, h := range slices.Backward(events) {
			if undo := moving[h.kind]; undo != nil && h.record == x.ID && was {
				x, was = undo(x, h.on)
			}
		}
		if was {
			out = append(out, x)
		}
	}
	return out
}

// result compares each subject with its last line.
func (r *round) result(x *Result, enterprise db.ID, cause happening) {
	each := func(o *Outcome) {
		grade := o.Grade
		if grade == "" {
			grade = o.Status
		}
		last, known := r.last[o.Subject]
		if known && last.Grade == grade || grade == "" {
			return
		}
		line := JournalLine{
			Subject: o.Subject, Enterprise: enterprise, On: x.AsOf, At: r.at, Book: r.book.Digest, Before: last.Grade, Grade: grade,
			ScoreBefore: last.Score, Score: o.Score, Cause: cause.kind, Record: cause.record, NextChange: o.NextChange,
		}
		switch {
		case !known:
			line.Cause, line.Record = causeBegin, 0
		case cause.kind == causeTime && last.Book != r.book.Digest:
			line.Cause = causeBook
		case cause.kind == causeTime:
			if ended := x.ended(last.On); ended != 0 {
				line.Cause, line.Record = causeEnd, ended
			}
		}
		r.last[o.Subject] = line
		r.lines = append(r.lines, line)
	}
	each(&x.Enterprise)
	for i := range x.Projects {
		if x.Projects[i].Held {
			each(&x.Projects[i])
		}
	}
	for i := range x.Persons {
		each(&x.Persons[i])
	}
}

// ended is the record whose validity ended last, on or after a day.
func (r *Result) ended(since day.Date) (record db.ID) {
	for _, list := range [][]Outcome{{r.Enterprise}, r.Projects, r.Persons} {
		for i := range list {
			for _, l := range list[i].Lines {
				if l.Record != 0 && l.Reason == Expired && l.Until >= since && l.Until < r.AsOf {
					since, record = l.Until, l.Record
				}
			}
		}
	}
	return record
}
