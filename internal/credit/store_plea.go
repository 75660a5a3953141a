package credit

import (
	"context"
	"fmt"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
)

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

// identifiedBy is the role of the body that identified a record, "" for nobody.
func identifiedBy(ctx context.Context, tx *db.Tx, record db.ID) (authz.Role, error) {
	body, _, err := db.One(ctx, tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) },
		`SELECT body FROM casework_step WHERE case_id = $1 AND act = $2 ORDER BY version DESC LIMIT 1`, record, ActIdentify)
	return casework.ParseHolder(body).Role, err
}
