package credit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
)

func saveDraft(ctx context.Context, tx *db.Tx, id db.ID, p Proposal) error {
	content, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode draft: %w", err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO credit_draft (record, content, changed_at) VALUES ($1, $2, $3)
		ON CONFLICT (record) DO UPDATE SET content = excluded.content, changed_at = excluded.changed_at`,
		id, string(content), db.Millis(tx.Now))
	return err
}

func draftOf(ctx context.Context, tx *db.Tx, id db.ID) (p Proposal, ok bool, err error) {
	text, ok, err := db.One(ctx, tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) },
		`SELECT content FROM credit_draft WHERE record = $1`, id)
	if err != nil || !ok {
		return p, ok, err
	}
	return p, true, json.Unmarshal([]byte(text), &p)
}

func dropDraft(ctx context.Context, tx *db.Tx, id db.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM credit_draft WHERE record = $1`, id)
	return err
}

func insertFiled(ctx context.Context, tx *db.Tx, f *Filed) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO credit_record (id, book, opened, item, class, level, enterprise, enterprise_id, project, project_id, person,
			division, event, summary, document_type, document_number, document_issuer, document_date, document_expires,
			honour, value, parent, rectify_by, source, body, account, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)`, f.values()...)
	if err != nil {
		return fmt.Errorf("insert record: %w", err)
	}
	for _, s := range f.Subjects {
		if _, err := tx.Exec(ctx, `INSERT INTO credit_record_subject (record, entry, kind, subject) VALUES ($1, $2, $3, $4)`,
			f.ID, s.Entry, int64(s.Subject.Kind), s.Subject.ID); err != nil {
			return fmt.Errorf("insert subject: %w", err)
		}
	}
	return addFiles(ctx, tx, f.ID, "evidence", f.Account, f.Files)
}

func (f *Filed) values() []any {
	return []any{
		f.ID, f.Book, f.Opened, f.Item, f.Class, f.Level, string(f.Enterprise), f.EnterpriseID, string(f.Project), f.ProjectID, f.Person,
		string(f.Division), f.Event, f.Summary, f.Document.Type, f.Document.Number, f.Document.Issuer, f.Document.Date, f.Document.Expires,
		f.Honour, int64(f.Value), f.Parent, f.Due, f.Source, f.Body, f.Account, db.Millis(f.At),
	}
}

func addFiles(ctx context.Context, tx *db.Tx, record db.ID, purpose string, by db.ID, files []FileRef) error {
	for _, file := range files {
		if _, err := tx.Exec(ctx, `
			INSERT INTO credit_record_file (record, file, purpose, sha256, added_at, added_by) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (record, file) DO NOTHING`,
			record, file.ID, purpose, file.SHA256, db.Millis(tx.Now), by); err != nil {
			return fmt.Errorf("insert file: %w", err)
		}
	}
	return nil
}

func filedByID(ctx context.Context, tx *db.Tx, id db.ID) (Filed, bool, error) {
	f, ok, err := db.One(ctx, tx, scanFiled, `
		SELECT id, book, opened, item, class, level, enterprise, enterprise_id, project, project_id, person,
			division, event, summary, document_type, document_number, document_issuer, document_date, document_expires,
			honour, value, parent, rectify_by, source, body, account, made_at
		FROM credit_record WHERE id = $1`, id)
	if err != nil || !ok {
		return f, ok, err
	}
	f.Subjects, err = db.All(ctx, tx, func(row db.Scanner) (s EntrySubject, err error) {
		var kind int64
		err = row.Scan(&s.Entry, &kind, &s.Subject.ID)
		s.Subject.Kind = SubjectKind(kind)
		return s, err
	}, `SELECT entry, kind, subject FROM credit_record_subject WHERE record = $1 ORDER BY entry LIMIT $2`, id, subjectsMax)
	if err != nil {
		return f, true, err
	}
	files, err := filesOf(ctx, tx, id)
	for _, file := range files {
		if file.Purpose == "evidence" {
			f.Files = append(f.Files, file.FileRef)
		}
	}
	return f, true, err
}

func scanFiled(row db.Scanner) (f Filed, err error) {
	var made int64
	err = row.Scan(&f.ID, &f.Book, &f.Opened, &f.Item, &f.Class, &f.Level, &f.Enterprise, &f.EnterpriseID, &f.Project, &f.ProjectID, &f.Person,
		&f.Division, &f.Event, &f.Summary, &f.Document.Type, &f.Document.Number, &f.Document.Issuer, &f.Document.Date, &f.Document.Expires,
		&f.Honour, (*int64)(&f.Value), &f.Parent, &f.Due, &f.Source, &f.Body, &f.Account, &made)
	f.At = db.FromMillis(made)
	return f, err
}

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

// othersOf lists a subject's further identified records of an item, for the rule on relapse.
func othersOf(ctx context.Context, tx *db.Tx, b *Book, s Subject, item string) ([]Record, error) {
	return db.All(ctx, tx, func(row db.Scanner) (Record, error) {
		var e Entry
		err := scanEntry(row, &e)
		return b.record(&e), err
	}, entrySelect+`WHERE subject_kind = $1 AND subject = $2 AND item = $3 ORDER BY id LIMIT 1000`, int64(s.Kind), s.ID, item)
}

// gone are the states in which a record no longer stands in another's way.
var gone = []string{RecordWithdrawn, RecordRefused, RecordUpheld, RecordAnnulled}

// likenessesOf finds records with the same file, the same document or the same
// honour. It is three indexed look-ups in one query.
func likenessesOf(ctx context.Context, tx *db.Tx, p *Proposal, enterprise, self db.ID) ([]Likeness, error) {
	args := []any{int64(self), p.Document.Number, p.Document.Issuer, int64(enterprise), p.Honour}
	arg := func(v string) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	var not, digests []string
	for _, s := range gone {
		not = append(not, arg(s))
	}
	parts := []string{} // that a text isn't empty is said for the sake of the partial indexes
	if p.Document.Number != "" {
		parts = append(parts, `SELECT id, 'document' AS why FROM credit_record WHERE document_number = $2 AND document_issuer = $3 AND document_number <> ''`)
	}
	if p.Honour != "" {
		parts = append(parts, `SELECT id, 'honour' AS why FROM credit_record WHERE enterprise_id = $4 AND honour = $5 AND honour <> ''`)
	}
	for _, f := range p.Files {
		if f.SHA256 != "" {
			digests = append(digests, arg(f.SHA256))
		}
	}
	if len(digests) > 0 {
		parts = append(parts, `SELECT record AS id, 'file' AS why FROM credit_record_file WHERE purpose = 'evidence' AND sha256 IN (`+strings.Join(digests, ", ")+`)`)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	// every parameter must have its type on PostgreSQL, used or not
	return db.All(ctx, tx, func(row db.Scanner) (d Likeness, err error) {
		return d, row.Scan(&d.Record, &d.Why, &d.Item, &d.State, &d.Event, &d.place.Division, &d.place.Enterprise, &d.place.Project, &d.body)
	}, `
		SELECT DISTINCT r.id, l.why, r.item, c.state, r.event, r.division, r.enterprise, r.project, r.body
		FROM (`+strings.Join(parts, " UNION ALL ")+`) AS l
		JOIN credit_record r ON r.id = l.id
		JOIN credit_current c ON c.record = r.id
		WHERE r.id <> $1 AND c.state NOT IN (`+strings.Join(not, ", ")+`)
			AND (CAST($2 AS TEXT) IS NOT NULL AND CAST($3 AS TEXT) IS NOT NULL AND CAST($4 AS BIGINT) IS NOT NULL AND CAST($5 AS TEXT) IS NOT NULL)
		ORDER BY r.id DESC, l.why LIMIT 20`, args...)
}

// filesUsed says whether one of the files belongs to a record already.
func filesUsed(ctx context.Context, tx *db.Tx, ids []db.ID) (bool, error) {
	var in []string
	var args []any
	for _, id := range ids {
		args = append(args, int64(id))
		in = append(in, fmt.Sprintf("$%d", len(args)))
	}
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM credit_record_file WHERE file IN (`+strings.Join(in, ", ")+`)`, args...)
	return n > 0, err
}

func sameSubjects(ctx context.Context, tx *db.Tx, record db.ID, subjects []Subject) (bool, error) {
	f, ok, err := filedByID(ctx, tx, record)
	if err != nil || !ok {
		return false, err
	}
	return slices.ContainsFunc(f.Subjects, func(s EntrySubject) bool { return slices.Contains(subjects, s.Subject) }), nil
}

func filesOf(ctx context.Context, tx *db.Tx, record db.ID) ([]FileRow, error) {
	return db.All(ctx, tx, func(row db.Scanner) (f FileRow, err error) {
		var at int64
		err = row.Scan(&f.ID, &f.SHA256, &f.Purpose, &at, &f.By)
		f.At = db.FromMillis(at)
		return f, err
	}, `SELECT file, sha256, purpose, added_at, added_by FROM credit_record_file WHERE record = $1 ORDER BY added_at, file LIMIT 200`, record)
}

func insertPlea(ctx context.Context, tx *db.Tx, p Plea) error {
	var err error
	if p.Repair {
		_, err = tx.Exec(ctx, `INSERT INTO credit_repair (id, record, text, account, at) VALUES ($1, $2, $3, $4, $5)`,
			p.ID, p.Record, p.Text, p.Account, db.Millis(p.At))
	} else {
		_, err = tx.Exec(ctx, `INSERT INTO credit_objection (id, record, ground, text, account, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			p.ID, p.Record, p.Ground, p.Text, p.Account, db.Millis(p.At))
	}
	if err != nil {
		return fmt.Errorf("insert plea: %w", err)
	}
	return nil
}

func insertDecision(ctx context.Context, tx *db.Tx, p Plea) error {
	if _, err := tx.Exec(ctx, `INSERT INTO credit_decision (plea, record, granted, reason, number, account, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		p.ID, p.Record, p.Granted, p.Reason, p.Number, p.By, db.Millis(p.On)); err != nil {
		return fmt.Errorf("insert decision: %w", err)
	}
	return nil
}

func pleasOf(ctx context.Context, tx *db.Tx, record db.ID) ([]Plea, error) {
	return db.All(ctx, tx, func(row db.Scanner) (p Plea, err error) {
		var at, on int64
		err = row.Scan(&p.ID, &p.Record, &p.Repair, &p.Ground, &p.Text, &p.Account, &at, &p.Decided, &p.Granted, &p.Reason, &p.Number, &p.By, &on)
		p.At, p.On = db.FromMillis(at), db.FromMillis(on)
		return p, err
	}, `
		SELECT p.id, p.record, p.repair, p.ground, p.body, p.account, p.at,
			d.plea IS NOT NULL, COALESCE(d.granted, FALSE), COALESCE(d.reason, ''), COALESCE(d.number, ''), d.account, COALESCE(d.at, 0)
		FROM (
			SELECT id, record, FALSE AS repair, ground, text AS body, account, at FROM credit_objection WHERE record = $1
			UNION ALL
			SELECT id, record, TRUE AS repair, '' AS ground, text AS body, account, at FROM credit_repair WHERE record = $1
		) AS p
		LEFT JOIN credit_decision d ON d.plea = p.id
		ORDER BY p.id LIMIT 200`, record)
}

// pointsOrZero is what an item gives by itself.
func (it *Item) pointsOrZero(level string) money.Points {
	switch it.Mode {
	case fixedPoints, unitPoints, ratioPoints:
		return it.Points
	case levelPoints:
		if n := it.LevelNo(level); n > 0 {
			return it.Levels[n-1].Points
		}
	case bandPoints, discretionPoints, parentPoints:
	}
	return 0
}

// standingRecord finds a record of an item for a subject that is under way or in effect.
func standingRecord(ctx context.Context, tx *db.Tx, item string, s Subject) (db.ID, bool, error) {
	args := []any{int64(s.Kind), s.ID, item}
	var not []string
	for _, state := range append([]string{RecordExpired, RecordRepaired}, gone...) {
		args = append(args, state)
		not = append(not, fmt.Sprintf("$%d", len(args)))
	}
	return db.One(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) }, `
		SELECT c.record FROM credit_record_subject s
		JOIN credit_current c ON c.record = s.record
		WHERE s.kind = $1 AND s.subject = $2 AND c.item = $3 AND c.rectified IS NULL AND c.state NOT IN (`+strings.Join(not, ", ")+`)
		ORDER BY c.record DESC LIMIT 1`, args...)
}

// codesOf names a subject by its codes.
func codesOf(ctx context.Context, tx *db.Tx, s Subject, p *Proposal) error {
	var query string
	var into []any
	switch s.Kind {
	case Enterprise, Branch:
		query, into = `SELECT uscc FROM enterprise WHERE id = $1`, []any{&p.Enterprise}
	case Project:
		query, into = `SELECT code FROM project WHERE id = $1`, []any{&p.Project}
	default:
		p.Person = s.ID
		query, into = `SELECT enterprise FROM staff WHERE person = $1 ORDER BY served_from DESC, id DESC LIMIT 1`, []any{&p.Enterprise}
	}
	_, ok, err := db.One(ctx, tx, func(row db.Scanner) (struct{}, error) { return struct{}{}, row.Scan(into...) }, query, s.ID)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "credit.no-subject", "没有找到计分对象。")
	}
	return err
}
