package db_test

import (
	"strings"
	"testing"

	"juli/internal/db"
	"juli/internal/db/dbtest"
)

// An append-only row stays what it is, also under SQLite's REPLACE, which
// deletes without a DELETE.
func TestAnAppendOnlyRowIsNeverReplaced(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const insert = `INTO credit_input (id, kind, subject, name, on_day, value, module, reported_at) VALUES (1, 0, 1, 'x', '2021-01-01', $1, '', 0)`
		exec := func(query string, args ...any) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), query, args...)
				return err
			})
		}
		if err := exec(`INSERT `+insert, 1); err != nil {
			t.Fatal(err)
		}
		changes := map[string]string{
			"update": `UPDATE credit_input SET value = $1`,
			"delete": `DELETE FROM credit_input WHERE value < $1`,
			"upsert": `INSERT ` + insert + ` ON CONFLICT (id) DO UPDATE SET value = excluded.value`,
		}
		if d.Engine() == "sqlite" {
			changes["replace"] = `INSERT OR REPLACE ` + insert
			changes["short replace"] = `REPLACE ` + insert
			changes["update or replace"] = `UPDATE OR REPLACE credit_input SET value = $1`
		}
		for name, query := range changes {
			if err := exec(query, 2); err == nil || !strings.Contains(err.Error(), "append-only: credit_input") {
				t.Errorf("%s: %v, want a refusal", name, err)
			}
		}
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			v, err := db.Value[int64](t.Context(), tx, `SELECT value FROM credit_input`)
			if v != 1 {
				t.Errorf("value = %d, want 1", v)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
