package credit

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
)

// A PastRecord is when information was identified and took effect before the
// city had this system.
type PastRecord struct {
	Identified, Effective day.Date     // Effective 0: on the day of identification
	Points                money.Points // by discretion, where the item leaves it (PC-17)
	Reason                string       // of the discretion
}

// A PastRow is one row of a file of past information.
type PastRow struct {
	Line   int
	Record db.ID // the number that an export gave it
	Proposal
	Past  PastRecord
	Wrong []string // fields that could not be read: the others are judged, the row isn't taken
}

// A PastProblem is what is wrong with one field of a row; Field "" is the whole row.
type PastProblem struct {
	Line              int
	Field, Rule, Text string
}

// A TakeOver takes past information over that is in effect already, a thousand
// rows at a time. As soon as one row is wrong the rest is only judged. The same
// proof for the same item and subject is there already and stays as it is, so
// that a file can be read twice.
type TakeOver struct {
	New, Same, Wrong int64 // rows

	s      *Records
	tx     *db.Tx
	who    authz.Actor
	dry    bool
	report func(PastProblem)

	reg    *register
	books  map[day.Date]*Book
	allows map[authz.Place]error
	bodies map[authz.Place]string
	proofs map[proof]db.ID       // that stand, and those of this file
	asked  map[string]bool       // documents and honours whose proofs are known
	known  map[db.ID]authz.Place // by an export's number, of this chunk
	chunk  []PastRow
	taken  []taken
	last   db.ID // the record that the last row stands for
}

// A taken row is ready to be stored.
type taken struct {
	f     Filed
	c     Condition
	title string
	note  string
}

// takeRows is how many rows are judged and stored at a time.
const takeRows = 1000

// TakeOver begins to take over a file. A dry one stores nothing, a reading
// transaction will do for it.
func (s *Records) TakeOver(ctx context.Context, tx *db.Tx, who authz.Actor, dry bool, report func(PastProblem)) (*TakeOver, error) {
	t := &TakeOver{
		s: s, tx: tx, who: who, dry: dry, report: report, reg: keepingRegister(tx), books: map[day.Date]*Book{}, allows: map[authz.Place]error{},
		bodies: map[authz.Place]string{}, proofs: map[proof]db.ID{}, asked: map[string]bool{},
	}
	if dry {
		return t, nil
	}
	// two files at once don't take over the same; enterprises are not locked one
	// by one, a city has more than a database has locks for one transaction
	return t, tx.Lock(ctx, "credit-import", "")
}

// Add takes one more row.
func (t *TakeOver) Add(ctx context.Context, r PastRow) error {
	if t.chunk = append(t.chunk, r); len(t.chunk) < takeRows {
		return nil
	}
	return t.flush(ctx)
}

// Close takes the last rows and keeps one event for the file; every record's
// own first step names who took it over.
func (t *TakeOver) Close(ctx context.Context) error {
	if err := t.flush(ctx); err != nil || t.dry || t.Wrong > 0 {
		return err
	}
	return audit.Append(ctx, t.tx, t.who, "credit.imported", "credit_record:import", audit.Change{Act: authz.CreditImport, Detail: map[string]any{"new": t.New, "same": t.Same}})
}

// ImportIn takes over one past record: a file of one row. It gives the id, and
// fresh false if it was there already.
func (s *Records) ImportIn(ctx context.Context, tx *db.Tx, who authz.Actor, p Proposal, past PastRecord) (id db.ID, fresh bool, err error) {
	refused := fault.New(fault.Invalid, "credit.past", "请改正标出的内容。")
	t, err := s.TakeOver(ctx, tx, who, false, func(p PastProblem) {
		refused.Rule = p.Rule
		refused.With(p.Field, p.Text)
	})
	if err == nil {
		err = t.Add(ctx, PastRow{Proposal: p, Past: past})
	}
	if err == nil {
		err = t.Close(ctx)
	}
	if err == nil {
		err = refused.OrNil()
	}
	if err != nil {
		return 0, false, err
	}
	return t.last, t.New > 0, nil
}

// flush judges the rows at hand and stores those that are new.
func (t *TakeOver) flush(ctx context.Context) error {
	var err error
	if t.known, err = knownRecords(ctx, t.tx, t.chunk); err != nil {
		return err
	}
	if err := t.learnProofs(ctx); err != nil {
		return err
	}
	for i := range t.chunk {
		if err := t.row(ctx, &t.chunk[i]); err != nil {
			return err
		}
	}
	t.chunk = t.chunk[:0]
	if len(t.taken) == 0 || t.dry || t.Wrong > 0 {
		t.taken = t.taken[:0]
		return nil
	}
	err = t.store(ctx)
	t.taken = t.taken[:0]
	return err
}

// row judges one row and keeps it for storing if it is new.
func (t *TakeOver) row(ctx context.Context, r *PastRow) error {
	if at, there := t.known[r.Record]; there && len(r.Wrong) == 0 && t.allow(at) == nil {
		t.Same++
		t.last = r.Record
		return nil
	}
	v := &verdictOn{t: t, line: r.Line, told: map[string]bool{}}
	for _, field := range r.Wrong {
		v.told[field], v.wrong = true, true
	}
	x, err := t.judge(ctx, r, v)
	if err != nil {
		return err
	}
	if v.wrong {
		t.Wrong++
		return nil
	}
	if id, there, err := t.standing(ctx, &x.f); err != nil || there {
		t.Same++
		t.last = id
		return err
	}
	t.New++
	t.last = x.f.ID
	for _, p := range proofsOf(&x.f) {
		t.proofs[p] = x.f.ID
	}
	t.taken = append(t.taken, x)
	return nil
}

// store keeps the rows at hand, with the cases that begin at their effect.
func (t *TakeOver) store(ctx context.Context) error {
	open := make([]casework.Opening, len(t.taken))
	for i := range t.taken {
		x := &t.taken[i]
		open[i] = casework.Opening{ID: x.f.ID, Object: x.f.Object(), Title: x.title, Place: x.f.Place(), Way: casework.Way{Act: ActImport, Note: x.note}}
	}
	if _, err := casework.OpenAll(ctx, t.tx, t.who, RecordMachine, open); err != nil {
		return err
	}
	return insertTaken(ctx, t.tx, t.taken)
}
