package credit

import (
	"context"
	"slices"

	"juli/internal/db"
)

var journalNames = []string{
	"id", "kind", "subject", "enterprise", "on_day", "book", "score_before", "score", "grade_before", "grade", "cause", "record", "at", "next_change",
}

const journalSelect = `
	SELECT id, kind, subject, enterprise, on_day, book, score_before, score, grade_before, grade, cause, record, at, next_change
	FROM credit_journal `

func scanJournal(row db.Scanner) (l JournalLine, err error) {
	return l, row.Scan(&l.ID, (*kindColumn)(&l.Subject.Kind), &l.Subject.ID, &l.Enterprise, &l.On, &l.Book, (*int64)(&l.ScoreBefore), (*int64)(&l.Score),
		&l.Before, &l.Grade, &l.Cause, &l.Record, &l.At, &l.NextChange)
}

// journalHead is the newest line's id, 0 for none.
func journalHead(ctx context.Context, tx *db.Tx) (db.ID, error) {
	return db.Value[db.ID](ctx, tx, `SELECT COALESCE(MAX(id), 0) FROM credit_journal`)
}

// lastLines are the newest line of every subject.
func lastLines(ctx context.Context, tx *db.Tx) (map[Subject]JournalLine, error) {
	out := map[Subject]JournalLine{}
	for l, err := range db.Rows(ctx, tx, scanJournal, journalSelect+`WHERE id IN (SELECT MAX(id) FROM credit_journal GROUP BY kind, subject) ORDER BY id`) {
		if err != nil {
			return nil, err
		}
		out[l.Subject] = l
	}
	return out, nil
}

func insertJournal(ctx context.Context, tx *db.Tx, lines []JournalLine) error {
	if len(lines) == 0 {
		return nil
	}
	_, err := tx.Bulk(ctx, "credit_journal", journalNames, func(yield func([]any) bool) {
		for _, l := range lines {
			if !yield([]any{
				tx.NewID(), int64(l.Subject.Kind), l.Subject.ID, l.Enterprise, l.On, l.Book, int64(l.ScoreBefore), int64(l.Score),
				l.Before, l.Grade, l.Cause, l.Record, l.At, l.NextChange,
			}) {
				return
			}
		}
	})
	return err
}

// Journal lists the moves of a subject's grade, newest first, statuses in words.
func (s *Evaluations) Journal(ctx context.Context, tx *db.Tx, subject Subject) ([]JournalLine, error) {
	low, high := int64(subject.Kind), int64(subject.Kind)
	if sameKind(subject.Kind, Enterprise) {
		low, high = 0, 1
	}
	list, err := db.All(ctx, tx, scanJournal, journalSelect+`WHERE kind >= $1 AND kind <= $2 AND subject = $3 ORDER BY id DESC LIMIT 50`, low, high, subject.ID)
	for i := range list {
		l := &list[i]
		b, err := s.Books.ByDigest(ctx, tx, l.Book)
		if err != nil {
			return nil, err
		}
		l.Before, l.Grade = b.gradeWords(subject.Kind, l.Before), b.gradeWords(subject.Kind, l.Grade)
	}
	return list, err
}

// gradeWords is a grade by its code, a status in words.
func (b *Book) gradeWords(kind SubjectKind, code string) string {
	if slices.Contains(b.gradeCodes(kind), code) || code == "" {
		return code
	}
	return b.GradeTitle(kind, code)
}
