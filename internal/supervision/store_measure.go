package supervision

import (
	"context"
	"fmt"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
)

func insertMeasure(ctx context.Context, tx *db.Tx, m *Measure) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO supervision_measure (id, case_id, kind, project, enterprise, district, violation, basis, reason, body, state, number,
			record, decided_on, done_on, outcome, listed_from, listed_to, document, changed_at, ground)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', NULL, NULL, NULL, '', NULL, NULL, '', $12, $13)`,
		m.ID, m.Case, m.Kind, string(m.Project), string(m.Enterprise), string(m.District), m.Violation, m.Basis, m.Reason, m.Body, m.State, db.Millis(m.ChangedAt), m.Ground)
	if err != nil {
		return fmt.Errorf("insert measure: %w", err)
	}
	return nil
}

func updateMeasure(ctx context.Context, tx *db.Tx, m *Measure) error {
	_, err := tx.Exec(ctx, `
		UPDATE supervision_measure SET state = $2, number = $3, record = $4, decided_on = $5, done_on = $6, outcome = $7,
			listed_from = $8, listed_to = $9, document = $10, changed_at = $11
		WHERE id = $1`,
		m.ID, m.State, m.Number, m.Record, m.Decided, m.Done, m.Outcome, m.ListedFrom, m.ListedTo, m.Document, db.Millis(m.ChangedAt))
	if err != nil {
		return fmt.Errorf("update measure: %w", err)
	}
	return nil
}

const measureSelect = `SELECT m.id, m.case_id, m.kind, m.project, m.enterprise, m.district, m.violation, m.basis, m.reason, m.body, m.state, m.number,
	m.record, m.decided_on, m.done_on, m.outcome, m.listed_from, m.listed_to, m.document, m.changed_at, m.ground, c.no, COALESCE(k.state, '')
	FROM supervision_measure m JOIN supervision_case c ON c.id = m.case_id LEFT JOIN credit_current k ON k.record = m.record `

func scanMeasure(row db.Scanner) (m Measure, err error) {
	var changed int64
	err = row.Scan(&m.ID, &m.Case, &m.Kind, &m.Project, &m.Enterprise, &m.District, &m.Violation, &m.Basis, &m.Reason, &m.Body, &m.State, &m.Number,
		&m.Record, &m.Decided, &m.Done, &m.Outcome, &m.ListedFrom, &m.ListedTo, &m.Document, &changed, &m.Ground, &m.CaseNo, &m.RecordState)
	m.ChangedAt = db.FromMillis(changed)
	return m, err
}

func measureByID(ctx context.Context, tx *db.Tx, id db.ID) (Measure, bool, error) {
	return db.One(ctx, tx, scanMeasure, measureSelect+`WHERE m.id = $1`, id)
}

func measuresOf(ctx context.Context, tx *db.Tx, id db.ID) ([]Measure, error) {
	return db.All(ctx, tx, scanMeasure, measureSelect+`WHERE m.case_id = $1 ORDER BY m.id LIMIT 100`, id)
}

// measuresAbout lists what was done about an enterprise at a project with a
// violation since a day: whoever serves there next answers for itself alone.
func measuresAbout(ctx context.Context, tx *db.Tx, c *Case, since day.Date) ([]Measure, error) {
	return db.All(ctx, tx, scanMeasure, measureSelect+`
		WHERE m.project = $1 AND m.violation = $2 AND m.enterprise = $3 AND (m.decided_on IS NULL OR m.decided_on >= $4) ORDER BY m.id DESC LIMIT 200`,
		string(c.Project), c.Violation, string(c.Enterprise), since)
}

// Exposures lists the decided exposures of a city's projects since a day: what
// the next batch of lists has to look at.
func Exposures(ctx context.Context, tx *db.Tx, district code.Division, since day.Date, limit int) ([]Measure, error) {
	return db.All(ctx, tx, scanMeasure, measureSelect+`
		WHERE m.kind = $1 AND m.decided_on >= $2 AND m.district >= $3 AND m.district < $4 ORDER BY m.id LIMIT $5`,
		Exposure, since, string(district), string(district)+":", limit)
}
