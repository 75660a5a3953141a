//go:build !postgres

package app_test

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"testing"

	"juli/internal/db"
)

// digest stands for every byte of every row, by table.
func (tn town) digest(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	text := func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) }
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) error {
		tables, err := db.All(t.Context(), tx, text, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%_content' ORDER BY name`)
		if err != nil {
			return err
		}
		for _, table := range tables {
			columns, err := db.All(t.Context(), tx, text, `SELECT 'quote("' || name || '")' FROM pragma_table_info($1)`, table)
			if err != nil {
				return err
			}
			h := sha256.New()
			for row, err := range db.Rows(t.Context(), tx, text, `SELECT `+strings.Join(columns, ` || ',' || `)+` FROM "`+table+`"`) {
				if err != nil {
					return err
				}
				h.Write([]byte(row + "\n"))
			}
			out[table] = hex.EncodeToString(h.Sum(nil)[:12])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 60 {
		t.Fatalf("only %d tables", len(out))
	}
	return out
}

// changed are the tables that differ.
func changed(a, b map[string]string) (list []string) {
	for _, table := range slices.Sorted(maps.Keys(b)) {
		if a[table] != b[table] {
			list = append(list, table)
		}
	}
	return list
}
