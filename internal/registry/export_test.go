package registry

import (
	"slices"
	"testing"

	"juli/internal/db"
)

// StoredEnterprises reads the rows of the enterprise table as they are stored,
// for the benchmark that inserts them again.
func StoredEnterprises(t testing.TB, d *db.DB) (cols []string, rows [][]any) {
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		rows, err = db.All(t.Context(), tx, func(row db.Scanner) ([]any, error) {
			cells := make([]any, len(enterprises.cols))
			at := make([]any, len(cells))
			for i := range cells {
				at[i] = &cells[i]
			}
			return slices.Clip(cells), row.Scan(at...)
		}, `SELECT `+enterpriseCols+` FROM enterprise ORDER BY uscc`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return enterprises.cols, rows
}
