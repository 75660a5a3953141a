package credit

import (
	"context"
	"fmt"

	"juli/internal/db"
)

const conditionColumns = `version, state, identified, effective, until_day, rectify_by, rectified, repaired, annulled, points, reasoned, contested, number, at`

func (c *Condition) fields(at *int64) []any {
	return []any{
		&c.Version, &c.State, &c.Identified, &c.Effective, &c.Until, &c.Due, &c.Rectified, &c.Repaired, &c.Annulled,
		(*int64)(&c.Points), &c.Reasoned, &c.Contested, &c.Number, at,
	}
}

func scanCondition(row db.Scanner) (c Condition, err error) {
	var at int64
	err = row.Scan(c.fields(&at)...)
	c.At = db.FromMillis(at)
	return c, err
}

func conditionOf(ctx context.Context, tx *db.Tx, id db.ID) (Condition, bool, error) {
	return db.One(ctx, tx, scanCondition, `SELECT `+conditionColumns+` FROM credit_current WHERE record = $1`, id)
}

// saveCondition appends a record's new state, and makes the current state and
// the scoring table follow in the same transaction.
func saveCondition(ctx context.Context, tx *db.Tx, f *Filed, c Condition) error {
	if _, err := tx.Exec(ctx, `
		INSERT INTO credit_record_state (record, `+conditionColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`, c.values(f.ID)...); err != nil {
		return fmt.Errorf("insert state: %w", err)
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO credit_current (record, `+conditionColumns+`, division, enterprise, project, item, class, event, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
		ON CONFLICT (record) DO UPDATE SET version = excluded.version, state = excluded.state, identified = excluded.identified,
			effective = excluded.effective, until_day = excluded.until_day, rectify_by = excluded.rectify_by,
			rectified = excluded.rectified, repaired = excluded.repaired, annulled = excluded.annulled, points = excluded.points,
			reasoned = excluded.reasoned, contested = excluded.contested, number = excluded.number, at = excluded.at,
			division = excluded.division, enterprise = excluded.enterprise, project = excluded.project, item = excluded.item,
			class = excluded.class, event = excluded.event, body = excluded.body`, c.current(f)...); err != nil {
		return fmt.Errorf("save current state: %w", err)
	}
	if c.Identified == 0 {
		return nil
	}
	return replaceEntries(ctx, tx, f.ID, entriesOf(f, c))
}

// values are those of a row of credit_record_state.
func (c *Condition) values(record db.ID) []any {
	return []any{
		record, c.Version, c.State, c.Identified, c.Effective, c.Until, c.Due, c.Rectified, c.Repaired, c.Annulled,
		int64(c.Points), c.Reasoned, c.Contested, c.Number, db.Millis(c.At),
	}
}

// current are those of a row of credit_current.
func (c *Condition) current(f *Filed) []any {
	return append(c.values(f.ID), string(f.Division), string(f.Enterprise), string(f.Project), f.Item, f.Class, f.Event, f.Body)
}

// entriesOf makes the rows of the scoring table of a record that is identified.
func entriesOf(f *Filed, c Condition) []Entry {
	entries := make([]Entry, 0, len(f.Subjects))
	for _, s := range f.Subjects {
		entries = append(entries, Entry{
			Enterprise: f.EnterpriseID, ID: s.Entry, Record: f.ID, Subject: s.Subject, Person: f.Person, Item: f.Item, Level: f.Level,
			Event: f.Event, Decision: f.Document.Date, Identified: c.Identified, Effective: c.Effective, Expires: f.Document.Expires,
			Due: c.Due, Rectified: c.Rectified, Repaired: c.Repaired, Annulled: c.Annulled,
			Points: c.Points, Value: f.Value, Parent: f.Parent, Document: documentID(f), Key: f.Honour, Evidence: f.Document.Type,
			Reasoned: c.Reasoned, Contested: c.Contested,
		})
	}
	return entries
}

// documentID is the first file of the evidence.
func documentID(f *Filed) db.ID {
	if len(f.Files) > 0 {
		return f.Files[0].ID
	}
	return 0
}

// record is a filed record as the rules see it.
func (f *Filed) record(b *Book, c Condition) Record {
	r := Record{
		ID: f.ID, Item: b.ItemNo(f.Item), Person: f.Person, Event: f.Event, Decision: f.Document.Date,
		Identified: c.Identified, Effective: c.Effective, Expires: f.Document.Expires, Due: c.Due, Rectified: c.Rectified,
		Repaired: c.Repaired, Annulled: c.Annulled, Points: c.Points, Value: f.Value, Order: f.Parent, Key: f.Honour,
		Evidence: b.EvidenceNo(f.Document.Type), Reasoned: c.Reasoned, Contested: c.Contested,
	}
	if len(f.Subjects) > 0 {
		r.Subject = f.Subjects[0].Subject
	}
	if it := b.Item(r.Item); it != nil {
		r.Level = it.LevelNo(f.Level)
	}
	return r
}
