package resident_test

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

func TestAnOverdueReportBecomesACaseInOneTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.report("door", anna)
		late := w.on("2021-06-10")
		w.must(late.Advance(t.Context()))
		cases := func() (n int64) {
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				n, err = db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM supervision_case`)
				return err
			})
			return n
		}
		take := late.take(a.Report, "")
		stale := take
		stale.Version--
		wantRule(t, late.act(func(ctx context.Context, tx *db.Tx) error { return late.CaseIn(ctx, tx, w.district, stale) }), "casework.stale")
		if n := cases(); n != 0 {
			t.Errorf("%d cases of an act that failed", n)
		}
		wantRule(t, late.act(func(ctx context.Context, tx *db.Tx) error { return late.CaseIn(ctx, tx, w.district, take) }), "")
		r := late.see(a.Report)
		if r.State != resident.Supervised || r.Supervised == 0 || cases() != 1 || r.Case.Holder.Enterprise != w.Jia.USCC || r.Case.Due.String() != "2021-06-18" {
			t.Errorf("supervised: %s, case %s, %d cases, due %s", r.State, r.Supervised, cases(), r.Case.Due)
		}
	})
}

func TestEveryTopicsViolationIsInTheCatalogue(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.Read(func(ctx context.Context, tx *db.Tx) error {
		book, err := w.Books.InForce(ctx, tx, w.Today())
		if err != nil {
			return err
		}
		catalogue, err := w.Cases.Books.InForce(ctx, tx, w.Today())
		if err != nil {
			return err
		}
		for _, topic := range book.Topics {
			if _, ok := catalogue.Violation(topic.Violation); topic.Violation != "" && !ok {
				t.Errorf("%s: no violation %s", topic.Code, topic.Violation)
			}
		}
		return nil
	})
}

// TestLateReportsReachCreditOnceForEveryChange: what did not change is not said again.
func TestLateReportsReachCreditOnceForEveryChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := w.submission("clean", anna)
		in.Class = "COMPLAINT"
		for range 2 {
			_, err := w.Submit(t.Context(), authz.Anonymous, in)
			wantRule(t, err, "")
		}
		w.report("door", bob) // help, which does not count
		said := func() (list []int64) {
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				list, err = db.All(ctx, tx, func(row db.Scanner) (n int64, err error) { return n, row.Scan(&n) },
					`SELECT value FROM credit_input WHERE name = 'complaints_late' AND kind = $1 AND subject = $2 ORDER BY id`, int64(credit.Project), w.Projects[0].ID)
				return err
			})
			return list
		}
		w.must(w.FeedCredit(t.Context()))
		if got := said(); len(got) != 0 {
			t.Errorf("nothing is late, but credit heard %v", got)
		}
		late := w.on("2021-07-01")
		w.must(late.Advance(t.Context()))
		w.must(late.FeedCredit(t.Context()))
		w.must(late.FeedCredit(t.Context()))
		if got := said(); len(got) != 1 || got[0] != 2 {
			t.Errorf("credit heard %v, want 2 once", got)
		}
		w.must(w.on("2021-10-01").FeedCredit(t.Context()))
		if got := said(); len(got) != 2 || got[1] != 0 {
			t.Errorf("three months later credit heard %v, want 2 and 0", got)
		}
	})
}
