package credit

import (
	"context"
	"fmt"
	"iter"

	"juli/internal/db"
)

// AddEntries puts scoring rows straight into the scoring table, for
// measurements: no record stands behind them, so they are for throw-away
// databases only. Whoever has records goes through [Records].
func AddEntries(ctx context.Context, tx *db.Tx, entries iter.Seq[Entry]) error {
	return addEntries(ctx, tx, entries)
}

// ReadBare reads every row of the scoring table into Go and does nothing with
// it: the cost of the driver alone, against which evaluation is measured. All
// columns of a row are read in the order in which evaluation reads them.
func ReadBare(ctx context.Context, tx *db.Tx) (rows int64, err error) {
	cells := make([]any, len(entryColumns))
	at := make([]any, len(cells))
	for i := range cells {
		at[i] = &cells[i]
	}
	scan := func(row db.Scanner) (struct{}, error) { return struct{}{}, row.Scan(at...) }
	for _, err := range db.Rows(ctx, tx, scan, entrySelect+`ORDER BY enterprise, id`) {
		if err != nil {
			return rows, fmt.Errorf("read bare rows: %w", err)
		}
		rows++
	}
	return rows, nil
}
