package credit_test

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/db/dbtest"
)

// todo is the state of the duty to mend on somebody's desk, "" where none waits.
func (w *world) todo(who authz.Actor) (state string) {
	w.t.Helper()
	w.must(w.d.Read(w.t.Context(), func(tx *db.Tx) error {
		list, _, err := casework.Todos(w.t.Context(), tx, who, []*casework.Machine{credit.MendMachine}, casework.Filter{Machine: credit.MendMachine.Name}, casework.Cursor{}, 9)
		if len(list) > 0 {
			state = list[0].State
		}
		return err
	}))
	return state
}

func (w *world) reportMend(who authz.Actor, id db.ID, files ...credit.FileRef) string {
	take := w.take(id, "")
	return w.try(func(ctx context.Context, tx *db.Tx) error {
		return w.s.ReportMendIn(ctx, tx, who, take, credit.Plain{Text: "楼道已清理，照片为 7 月 1 日所拍。", Files: files})
	})
}

func TestAnEnterpriseReportsWhatItMendedAndTheDistrictConfirmsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.noticed("1号")
		if got := w.dossier(w.firm, id); w.todo(w.firm) != credit.MendOwed || got.Mend.Due != got.Due || got.Due == 0 {
			t.Fatalf("noticed: %q waits until %s, the notice says %s", w.todo(w.firm), got.Mend.Due, got.Due)
		}
		w.on(w.want(id, credit.RecordNoticed).Case.Due.AddDays(1).String())
		w.advance()
		w.want(id, credit.RecordEffective)
		photo := w.upload("after")
		back := func(note string) string {
			take := w.take(id, note)
			return w.try(func(ctx context.Context, tx *db.Tx) error { return w.s.ReturnMendIn(ctx, tx, district2, take) })
		}
		for _, tt := range []struct{ name, rule, want string }{
			{"without proof", w.reportMend(w.firm, id), "credit.mend-proof"},
			{"by another enterprise", w.reportMend(w.rival, id, photo), "credit.no-record"},
			{"by an official", w.reportMend(district, id, photo), "authz.denied"},
			{"returned before it is reported", back("还没有报告"), "casework.state"},
			{"by the enterprise", w.reportMend(w.firm, id, photo), ""},
			{"twice", w.reportMend(w.firm, id, photo), "casework.state"},
		} {
			if tt.rule != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, tt.rule, tt.want)
			}
		}
		if w.todo(w.firm) != "" || w.todo(district) != credit.MendReported {
			t.Errorf("reported: %q waits for the firm, %q for the district", w.todo(w.firm), w.todo(district))
		}
		if rule := back(""); rule != "casework.note" {
			t.Errorf("returned without a reason: %q", rule)
		}
		if rule := back("二单元还有堆物"); rule != "" || w.todo(w.firm) != credit.MendOwed || w.todo(district) != "" {
			t.Errorf("returned: %q, %q waits for the firm", rule, w.todo(w.firm))
		}
		if rule := w.reportMend(w.firm, id, w.upload("after, once more")); rule != "" {
			t.Errorf("again: %q", rule)
		}
		take := w.take(id, "现场已看")
		if rule := w.try(func(ctx context.Context, tx *db.Tx) error {
			return w.s.RectifyIn(ctx, tx, district2, take, w.today, nil)
		}); rule != "" || w.todo(w.firm)+w.todo(district) != "" {
			t.Errorf("confirmed: %q, %q waits", rule, w.todo(w.firm)+w.todo(district))
		}
		got := w.dossier(w.firm, id)
		if got.Mend.State != credit.MendDone || got.Rectified != w.today || len(got.Files) != 2 || got.Files[0].Purpose != "rectify" {
			t.Errorf("confirmed: %s, rectified %s, files %+v", got.Mend.State, got.Rectified, got.Files)
		}
	})
}

func TestADutyToMendEndsWithItsRecord(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.effective("1号")
		if w.todo(w.firm) != credit.MendOwed {
			t.Fatalf("effective: %q waits", w.todo(w.firm))
		}
		if rule := w.annul(district2, district3, id, "决定已被撤销"); rule != "" {
			t.Fatal(rule)
		}
		if got := w.dossier(w.firm, id); w.todo(w.firm) != "" || !got.Mend.Closed {
			t.Errorf("annulled: %q waits", w.todo(w.firm))
		}
		if rule := w.reportMend(w.firm, id, w.upload("late")); rule != "credit.mend-none" {
			t.Errorf("reported after it was annulled: %q", rule)
		}
	})
}

func TestARecordWithoutADutyGetsOneOvernight(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.effective("1号")
		w.write(func(ctx context.Context, tx *db.Tx) error { // as one that is older than the duties
			_, err := tx.Exec(ctx, `UPDATE casework_case SET object = 'elsewhere' WHERE machine = 'credit_mend'`)
			return err
		})
		w.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE casework_case SET holder = '' WHERE machine = 'credit_mend'`)
			return err
		})
		if w.todo(w.firm) != "" {
			t.Fatal("the duty is still there")
		}
		w.advance()
		w.advance() // not twice
		if got := w.dossier(w.firm, id); w.todo(w.firm) != credit.MendOwed || got.Mend.Due != got.Due {
			t.Errorf("overnight: %q waits until %s", w.todo(w.firm), got.Mend.Due)
		}
	})
}

func TestWhatIsMendedBeforeARecordIsIdentifiedIsNotAskedForAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.propose(office, w.order("1号"))
		early := w.take(id, "")
		if rule := w.try(func(ctx context.Context, tx *db.Tx) error {
			return w.s.RectifyIn(ctx, tx, district, early, w.today, nil)
		}); rule != "credit.rectify-early" {
			t.Errorf("confirmed by hand before it is identified: %q", rule)
		}
		w.write(func(ctx context.Context, tx *db.Tx) error { return w.s.FollowIn(ctx, tx, id, true) }) // its case was closed
		w.identify(district, id)
		if got := w.want(id, credit.RecordNoticed); got.Rectified != w.today || w.todo(w.firm) != "" {
			t.Errorf("rectified %s, %q waits", got.Rectified, w.todo(w.firm))
		}
	})
}
