package credit

import (
	"context"
	"iter"

	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
)

// An Entry is a row of the scoring table credit_entry: one record as it scores
// one subject. The record service writes it in the transaction that changes the
// record's state ([replaceEntries]); evaluation streams it, enterprise by
// enterprise. A record that is not identified yet has no entry.
type Entry struct {
	Enterprise db.ID // the enterprise it was attributed to when it happened
	ID, Record db.ID
	Subject    Subject
	Person     db.ID
	Item       string
	Level      string

	Event, Decision, Identified, Effective, Expires, Due, Rectified, Repaired, Annulled day.Date

	Points    money.Points
	Value     money.Points
	Parent    db.ID // the order record that this one hangs on
	Document  db.ID
	Key       string
	Evidence  string
	Reasoned  bool
	Contested bool
}

var entryColumns = []string{
	"enterprise", "id", "record", "subject_kind", "subject", "person", "item", "level",
	"event", "decision", "identified", "effective", "expires", "due", "rectified", "repaired", "annulled",
	"points", "value", "parent", "document", "dedup_key", "evidence", "reasoned", "contested",
}

const entrySelect = `
	SELECT enterprise, id, record, subject_kind, subject, person, item, level,
		event, decision, identified, effective, expires, due, rectified, repaired, annulled,
		points, value, parent, document, dedup_key, evidence, reasoned, contested
	FROM credit_entry `

func (e *Entry) values() []any {
	return []any{
		e.Enterprise, e.ID, e.Record, int64(e.Subject.Kind), e.Subject.ID, e.Person, e.Item, orNull(e.Level),
		e.Event, e.Decision, e.Identified, e.Effective, e.Expires, e.Due, e.Rectified, e.Repaired, e.Annulled,
		int64(e.Points), int64(e.Value), e.Parent, e.Document, orNull(e.Key), orNull(e.Evidence), e.Reasoned, e.Contested,
	}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// replaceEntries makes entries the whole of what a record scores; none takes it
// out of the scoring.
func replaceEntries(ctx context.Context, tx *db.Tx, record db.ID, entries []Entry) error {
	if _, err := tx.Exec(ctx, `DELETE FROM credit_entry WHERE record = $1`, record); err != nil {
		return err
	}
	return addEntries(ctx, tx, func(yield func(Entry) bool) {
		for _, e := range entries {
			if !yield(e) {
				return
			}
		}
	})
}

// addEntries inserts many entries at once: imports, demo cities, benchmarks.
func addEntries(ctx context.Context, tx *db.Tx, entries iter.Seq[Entry]) error {
	_, err := tx.Bulk(ctx, "credit_entry", entryColumns, func(yield func([]any) bool) {
		for e := range entries {
			if !yield(e.values()) {
				return
			}
		}
	})
	return err
}

// nullText is a TEXT column in which NULL means "".
type nullText string

// Scan reads TEXT or NULL.
func (s *nullText) Scan(src any) error {
	switch v := src.(type) {
	case string:
		*s = nullText(v)
	case []byte:
		*s = nullText(v)
	default:
		*s = ""
	}
	return nil
}

// scanEntry reads a row of entrySelect into e.
func scanEntry(row db.Scanner, e *Entry) error {
	return row.Scan(&e.Enterprise, &e.ID, &e.Record, (*kindColumn)(&e.Subject.Kind), &e.Subject.ID, &e.Person, &e.Item, (*nullText)(&e.Level),
		&e.Event, &e.Decision, &e.Identified, &e.Effective, &e.Expires, &e.Due, &e.Rectified, &e.Repaired, &e.Annulled,
		(*int64)(&e.Points), (*int64)(&e.Value), &e.Parent, &e.Document, (*nullText)(&e.Key), (*nullText)(&e.Evidence), &e.Reasoned, &e.Contested)
}

// record is the entry as the rules of a book see it.
func (b *Book) record(e *Entry) Record {
	r := Record{
		ID: e.Record, Item: b.ItemNo(e.Item), Subject: e.Subject, Person: e.Person,
		Event: e.Event, Decision: e.Decision, Identified: e.Identified, Effective: e.Effective, Expires: e.Expires,
		Due: e.Due, Rectified: e.Rectified, Repaired: e.Repaired, Annulled: e.Annulled,
		Points: e.Points, Value: e.Value, Order: e.Parent, Document: e.Document, Key: e.Key,
		Reasoned: e.Reasoned, Contested: e.Contested,
	}
	if e.Evidence != "" {
		r.Evidence = b.EvidenceNo(e.Evidence)
	}
	if it := b.Item(r.Item); it != nil && e.Level != "" {
		r.Level = it.LevelNo(e.Level)
	}
	return r
}

// EntriesOf reads an enterprise's scoring rows by record, for the pages that
// explain its lines.
func EntriesOf(ctx context.Context, tx *db.Tx, enterprise db.ID) (map[db.ID]Entry, error) {
	out := map[db.ID]Entry{}
	scan := func(row db.Scanner) (e Entry, err error) { return e, scanEntry(row, &e) }
	for e, err := range db.Rows(ctx, tx, scan, entrySelect+`WHERE enterprise = $1 ORDER BY id LIMIT 10000`, enterprise) {
		if err != nil {
			return nil, err
		}
		out[e.Record] = e
	}
	return out, nil
}
