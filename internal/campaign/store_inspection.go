package campaign

import (
	"context"

	"juli/internal/authz"
	"juli/internal/db"
)

func insertInspection(ctx context.Context, tx *db.Tx, x Inspection) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO inspection (id, campaign, project, enterprise, division, first_account, first_body, second_account, second_body, were, state, due, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		x.ID, x.Campaign, string(x.Project), string(x.Enterprise), string(x.Division), x.First, x.FirstBody, x.Second, x.SecondBody, x.Were, x.State, x.Due, db.Millis(tx.Now))
	return err
}

func updateInspection(ctx context.Context, tx *db.Tx, x Inspection) error {
	var passed any
	if x.Passed != nil {
		passed = *x.Passed
	}
	_, err := tx.Exec(ctx, `
		UPDATE inspection SET first_account = $2, first_body = $3, were = $4, state = $5, round = $6, due = $7, made_on = $8, position = $9, note = $10,
			score = $11, applied = $12, passed = $13, settled_on = $14, changed_at = $15
		WHERE id = $1`,
		x.ID, x.First, x.FirstBody, x.Were, x.State, x.Round, x.Due, x.MadeOn, x.Position, x.Note, int64(x.Score), int64(x.Applied), passed, x.SettledOn, db.Millis(tx.Now))
	return err
}

// insertVisit keeps what was noted, item by item, and what was found.
func insertVisit(ctx context.Context, tx *db.Tx, x Inspection, answers map[string]Answer, list []Item, found []Finding) error {
	_, err := tx.Bulk(ctx, "inspection_answer", []string{"inspection", "round", "item", "verdict"}, func(yield func([]any) bool) {
		for _, it := range list {
			if !yield([]any{x.ID, x.Round, it.Code, string(answers[it.Code].Verdict)}) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	for _, f := range found {
		_, err := tx.Exec(ctx, `
			INSERT INTO inspection_finding (id, inspection, round, item, facts, deadline, due, points) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			f.ID, x.ID, x.Round, f.Item, f.Facts, f.Deadline, f.Due, f.Points)
		if err != nil {
			return err
		}
	}
	return nil
}

func insertPhotos(ctx context.Context, tx *db.Tx, who authz.Actor, x Inspection, item string, files []db.ID, after bool) error {
	for _, file := range files {
		_, err := tx.Exec(ctx, `INSERT INTO inspection_photo (inspection, item, file, after, added_by, added_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			x.ID, item, file, after, who.Account, db.Millis(tx.Now))
		if err != nil {
			return err
		}
	}
	return nil
}
