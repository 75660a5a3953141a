package app_test

import (
	"context"
	"strings"
	"testing"

	"juli/internal/app"
	"juli/internal/db"
)

// wrong runs the self-check and gives what it found wrong, by key.
func (tn town) wrong(t *testing.T) map[string]string {
	t.Helper()
	found, err := app.Doctor(t.Context(), tn.Config)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range found {
		if !f.OK {
			out[f.Key] = f.Detail
		}
	}
	return out
}

// past changes the database past the program, as somebody with its password can:
// without the triggers that refuse it.
func (tn town) past(t *testing.T, tables []string, queries ...string) {
	t.Helper()
	err := tn.DB.Write(t.Context(), func(tx *db.Tx) error {
		for _, table := range tables {
			if err := withoutTriggers(t.Context(), tx, table); err != nil {
				return err
			}
		}
		for _, q := range queries {
			if n, err := tx.Exec(t.Context(), q); err != nil || n == 0 {
				t.Errorf("%s: %d rows, %v", q, n, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func withoutTriggers(ctx context.Context, tx *db.Tx, table string) error {
	if tx.Engine() != "sqlite" {
		_, err := tx.Exec(ctx, `ALTER TABLE `+table+` DISABLE TRIGGER USER`)
		return err
	}
	names, err := db.All(ctx, tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) }, `SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = $1`, table)
	for _, name := range names {
		if _, err := tx.Exec(ctx, `DROP TRIGGER `+name); err != nil {
			return err
		}
	}
	return err
}

const newest = `(SELECT evaluation FROM credit_publication WHERE state = 'published' ORDER BY id DESC LIMIT 1)`

// TestTheSelfCheckFindsWhatWasChangedPastTheProgram: grades, reasons, marks and the
// log itself, changed by somebody who has the database's password (AUD-4).
func TestTheSelfCheckFindsWhatWasChangedPastTheProgram(t *testing.T) {
	for _, tt := range []struct {
		name    string
		tables  []string
		queries []string
		keys    []string
	}{
		{"a grade", []string{"credit_outcome"}, []string{`UPDATE credit_outcome SET grade = 'XXX' WHERE kind = 0 AND evaluation = ` + newest + ` AND subject = (SELECT MIN(subject) FROM credit_outcome WHERE kind = 0 AND evaluation = ` + newest + `)`}, []string{"credit.published"}},
		{"a result that is gone", []string{"credit_outcome"}, []string{`DELETE FROM credit_outcome WHERE kind = 2 AND evaluation = ` + newest + ` AND subject = (SELECT MIN(subject) FROM credit_outcome WHERE kind = 2 AND evaluation = ` + newest + `)`}, []string{"credit.published"}},
		{"an explanation", []string{"credit_explanation"}, []string{`DELETE FROM credit_explanation WHERE evaluation = ` + newest + ` AND enterprise = (SELECT MIN(enterprise) FROM credit_explanation WHERE evaluation = ` + newest + `)`}, []string{"credit.published", "tlog.published"}},
		{"the reason of an entry", []string{"listing_entry"}, []string{`UPDATE listing_entry SET reason = '另一个理由' WHERE id = (SELECT MIN(id) FROM listing_entry WHERE listed_on IS NOT NULL)`}, []string{"listing.published", "tlog.published"}},
		{"an entry that is quietly taken off", nil, []string{`UPDATE listing_entry SET ended_on = listed_on WHERE id = (SELECT MAX(id) FROM listing_entry WHERE listed_on IS NOT NULL AND ended_on IS NULL)`}, []string{"tlog.published"}},
		{"a deadline that was missed", nil, []string{`UPDATE supervision_case SET late = FALSE WHERE id = (SELECT MIN(case_id) FROM casework_step WHERE act = 'lapse' AND case_id IN (SELECT id FROM supervision_case WHERE late))`}, []string{"supervision.late"}},
		{
			"the end of the log with all its traces", []string{"tlog_entry", "tlog_checkpoint", "tlog_hash", "audit_event"}, []string{
				`DELETE FROM tlog_hash WHERE number >= 0`, `DELETE FROM tlog_checkpoint WHERE size > 0`,
				`DELETE FROM tlog_entry WHERE number >= 0`, `DELETE FROM audit_event WHERE kind = 'credit.published'`,
			}, []string{"tlog.checkpoint", "tlog.published"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tn := newTown(t)
			if before := tn.wrong(t); len(before) != 0 {
				t.Fatalf("wrong before: %v", before)
			}
			tn.past(t, tt.tables, tt.queries...)
			got := tn.wrong(t)
			for _, key := range tt.keys {
				if got[key] == "" {
					t.Errorf("%s is found in order", key)
				}
				delete(got, key)
			}
			for key, detail := range got {
				if !strings.HasPrefix(key, "outbox.") {
					t.Errorf("also wrong: %s: %s", key, detail)
				}
			}
		})
	}
}
