package credit

import (
	"context"

	"juli/internal/day"
	"juli/internal/db"
)

// The lists that a rulebook's lists and uses speak of (PC-52 … PC-54) are kept
// by the room that publishes them; it tells here who enters and who leaves, so
// that an evaluation as of any day sees who stood on a list then.

// EnterList notes that a subject stands on a list from a day on; source names
// the act that put it there and is the key by which it leaves.
func EnterList(ctx context.Context, tx *db.Tx, source db.ID, l Listing) error {
	_, err := tx.Exec(ctx, `INSERT INTO credit_listed (source, list, kind, subject, since, repaired, ended) VALUES ($1, $2, $3, $4, $5, NULL, NULL)`,
		source, l.List, int64(l.Subject.Kind), l.Subject.ID, l.Since)
	return err
}

// LeaveList notes the day from which a subject no longer stands on the list, and
// whether repair was granted.
func LeaveList(ctx context.Context, tx *db.Tx, source db.ID, on day.Date, repaired bool) error {
	var repair day.Date
	if repaired {
		repair = on
	}
	_, err := tx.Exec(ctx, `UPDATE credit_listed SET ended = $2, repaired = $3 WHERE source = $1 AND ended IS NULL`, source, on, repair)
	return err
}

// listedOn reads who stands on a list on a day, by subject.
func listedOn(ctx context.Context, tx *db.Tx, on day.Date) (map[Subject][]Listing, error) {
	out := map[Subject][]Listing{}
	scan := func(row db.Scanner) (l Listing, err error) {
		return l, row.Scan((*kindColumn)(&l.Subject.Kind), &l.Subject.ID, &l.List, &l.Since)
	}
	for l, err := range db.Rows(ctx, tx, scan, `
		SELECT kind, subject, list, since FROM credit_listed
		WHERE since <= $1 AND (ended IS NULL OR ended > $1) ORDER BY kind, subject, since, source`, on) {
		if err != nil {
			return nil, err
		}
		out[l.Subject] = append(out[l.Subject], l)
	}
	return out, nil
}
