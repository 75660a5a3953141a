package credit

import (
	"context"

	"juli/internal/db"
)

// OwnIn notes that a record came from a supervision case: its mending is for the
// case to say, and nobody takes the record back behind the case's back.
func (s *Records) OwnIn(ctx context.Context, tx *db.Tx, record db.ID, caseNo string) error {
	_, err := tx.Exec(ctx, `INSERT INTO credit_owner (record, case_no) VALUES ($1, $2)`, record, caseNo)
	return err
}

// OwnerOf is the number of the case that a record came from; false: from none.
func OwnerOf(ctx context.Context, tx *db.Tx, record db.ID) (no string, ok bool, err error) {
	return db.One(ctx, tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) }, `SELECT case_no FROM credit_owner WHERE record = $1`, record)
}
