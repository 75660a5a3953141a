package db_test

import (
	"testing"

	"juli/internal/db"
	"juli/internal/db/dbtest"
)

// TestPortableSubset pins the SQL that both engines understand alike; style:
// one text, no dialect switch.
func TestPortableSubset(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, row := range [][2]string{{"a", "电梯"}, {"b", "电梯困人"}, {"c", "供热"}, {"D", "x"}} {
			put(t, d, row[0], row[1])
		}
		for _, tt := range []struct {
			name, query string
			args        []any
			want        string
		}{
			{"parameters in any order, twice", `SELECT value FROM meta WHERE value = $2 AND key = $1 AND key = $1`, []any{"a", "电梯"}, "电梯"},
			{"code point order", `SELECT STRING_AGG(key, '' ORDER BY key) FROM meta`, nil, "Dabc"},
			{"search without case", `SELECT key FROM meta WHERE lower(key) LIKE lower($1)`, []any{"d"}, "D"},
			{"sums are whole numbers", `SELECT CAST(CAST(SUM(length(value)) AS BIGINT) AS TEXT) FROM meta`, nil, "9"},
			{"filter", `SELECT CAST(COUNT(*) FILTER (WHERE value LIKE '电%') AS TEXT) FROM meta`, nil, "2"},
			{"windows", `SELECT key FROM (SELECT key, ROW_NUMBER() OVER (ORDER BY key DESC) AS n FROM meta) x WHERE n = 1`, nil, "c"},
			{"recursion", `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT CAST(MAX(i) AS TEXT) FROM n`, nil, "5"},
			{"row values", `SELECT key FROM meta WHERE (key, value) > ($1, $2) ORDER BY key, value LIMIT 1`, []any{"a", "电梯"}, "b"},
			{"nulls first", `SELECT COALESCE(v, 'null') FROM (SELECT NULL AS v UNION ALL SELECT 'x') y ORDER BY v NULLS FIRST LIMIT 1`, nil, "null"},
			{"upsert with result", `INSERT INTO meta (key, value) VALUES ('a', 'neu') ON CONFLICT (key) DO UPDATE SET value = excluded.value || meta.value RETURNING value`, nil, "neu电梯"},
			{"booleans", `SELECT CASE WHEN TRUE AND NOT FALSE THEN 'ja' ELSE 'nein' END`, nil, "ja"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					got, err := db.Value[string](t.Context(), tx, tt.query, tt.args...)
					if err == nil && got != tt.want {
						t.Errorf("got %q, want %q", got, tt.want)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	})
}
