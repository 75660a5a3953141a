package listing

import (
	"context"

	"juli/internal/db"
)

const batchSelect = `
	SELECT id, year, ordinal, sides, theme, title, period_from, period_to, media, book, state, number, digest, published_on, inspections, inspected, automatic
	FROM listing_batch `

func scanBatch(row db.Scanner) (b Batch, err error) {
	var year int64
	err = row.Scan(&b.ID, &year, &b.Serial, &b.Sides, &b.Theme, &b.Title, &b.From, &b.To, &b.Media, &b.Book, &b.State, &b.Number, &b.Digest, &b.PublishedOn, &b.Inspections, &b.Inspected, &b.Automatic)
	b.Year = int(year)
	return b, err
}

func insertBatch(ctx context.Context, tx *db.Tx, b Batch) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO listing_batch (id, year, ordinal, sides, theme, title, period_from, period_to, media, book, state, number, digest, published_on, inspections, inspected, automatic, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '', NULL, 0, 0, $13, $12)`,
		b.ID, b.Year, b.Serial, string(b.Sides), b.Theme, b.Title, b.From, b.To, b.Media, b.Book, b.State, db.Millis(tx.Now), b.Automatic)
	return err
}

func batchByID(ctx context.Context, tx *db.Tx, id db.ID) (Batch, error) {
	b, ok, err := db.One(ctx, tx, scanBatch, batchSelect+`WHERE id = $1`, id)
	if err == nil && !ok {
		err = noBatch()
	}
	return b, err
}

func lastSerial(ctx context.Context, tx *db.Tx, year int) (int64, error) {
	return db.Value[int64](ctx, tx, `SELECT COALESCE(MAX(ordinal), 0) FROM listing_batch WHERE year = $1`, year)
}
