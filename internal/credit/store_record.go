package credit

import (
	"context"
	"encoding/json"
	"fmt"
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

// othersOf lists a subject's further identified records of an item, for the rule on relapse.
func othersOf(ctx context.Context, tx *db.Tx, b *Book, s Subject, item string) ([]Record, error) {
	return db.All(ctx, tx, func(row db.Scanner) (Record, error) {
		var e Entry
		err := scanEntry(row, &e)
		return b.record(&e), err
	}, entrySelect+`WHERE subject_kind = $1 AND subject = $2 AND item = $3 ORDER BY id LIMIT 1000`, int64(s.Kind), s.ID, item)
}

func filesOf(ctx context.Context, tx *db.Tx, record db.ID) ([]FileRow, error) {
	return db.All(ctx, tx, func(row db.Scanner) (f FileRow, err error) {
		var at int64
		err = row.Scan(&f.ID, &f.SHA256, &f.Purpose, &at, &f.By)
		f.At = db.FromMillis(at)
		return f, err
	}, `SELECT file, sha256, purpose, added_at, added_by FROM credit_record_file WHERE record = $1 ORDER BY added_at, file LIMIT 200`, record)
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

// unmended are records whose subject was given a day to mend and that nobody
// confirmed as mended, a page at a time.
func unmended(ctx context.Context, tx *db.Tx, after db.ID, limit int) ([]db.ID, error) {
	args := []any{int64(after), limit}
	in := make([]string, len(mendable))
	for i, s := range mendable {
		args = append(args, s)
		in[i] = fmt.Sprintf("$%d", i+3)
	}
	return db.All(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) }, `
		SELECT record FROM credit_current
		WHERE record > $1 AND rectify_by IS NOT NULL AND rectified IS NULL AND state IN (`+strings.Join(in, ", ")+`)
		ORDER BY record LIMIT $2`, args...)
}
