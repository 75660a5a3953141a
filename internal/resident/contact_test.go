package resident_test

import (
	"context"
	"fmt"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
)

// PI-2: eight reports with twenty telephones each are a hundred and sixty persons,
// not eight.
func TestTheQuotaOfContactsCountsPersonsNotReports(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var reports []db.ID
		for i := range 6 {
			id := w.report("door", fmt.Sprintf("139%04d0000", i)).Report
			for j := range 19 {
				_, err := w.Join(t.Context(), authz.Anonymous, id, 0, fmt.Sprintf("139%04d%04d", i, j+1), "")
				w.must(err)
			}
			reports = append(reports, id)
		}
		who := w.Fresh(w.community)
		look := func(report db.ID) (n int, err error) {
			err = w.act(func(ctx context.Context, tx *db.Tx) error {
				list, err := w.ContactsIn(ctx, tx, who, report, "通知停电")
				n = len(list)
				return err
			})
			return n, err
		}
		for _, id := range reports[:5] {
			if n, err := look(id); err != nil || n != 20 {
				t.Fatalf("%d contacts, %v", n, err)
			}
		}
		_, err := look(reports[5])
		wantRule(t, err, "identity.unmask-quota")
		if n, err := look(reports[0]); err != nil || n != 20 { // the same persons again
			t.Errorf("seen before: %d, %v", n, err)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			n, err := db.Value[int64](ctx, tx, `SELECT COUNT(DISTINCT object) FROM audit_event WHERE kind = 'data.unmasked' AND account = $1`, who.Account)
			if err != nil || n != 100 {
				t.Errorf("the log names %d persons, %v", n, err)
			}
			return nil
		})
	})
}
