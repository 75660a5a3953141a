package volunteer_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/volunteer"
)

// TestWhoLeftIsForgottenAfterThreeYears is PI-6: of who left, hours alone are kept
// when three years are over; who stays is kept.
func TestWhoLeftIsForgottenAfterThreeYears(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		gone, stays := w.enter("王小明", "13800000001"), w.enter("李四光", "13800000002")
		take := w.take(gone)
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			return w.svc.DecideIn(ctx, tx, w.community, take, volunteer.ActLeave)
		})
		left := w.Today()
		see := func(id db.ID) (v volunteer.Volunteer) {
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				v, err = w.svc.Volunteer(ctx, tx, w.community, id)
				return err
			})
			return v
		}
		first := w.Town
		erase := func(on string) {
			w.on(first.On(on))
			if err := w.svc.Erase(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		erase(left.AddYears(3).AddDays(-1).String())
		if v := see(gone); v.Shown != "王**" {
			t.Errorf("before the term: %q", v.Shown)
		}
		erase(left.AddYears(3).String())
		if v := see(gone); v.Shown != "（已到期清除）" || v.Phone != "" || v.Skills != "" {
			t.Errorf("after the term: %+v", v)
		}
		if v := see(stays); v.Shown != "李**" || v.Phone == "" {
			t.Errorf("who stays: %+v", v)
		}
		who := w.Fresh(w.community)
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			name, phone, err := w.svc.UnmaskIn(ctx, tx, who, gone, "核对名册")
			if name != "（已到期清除）" || phone != "" {
				t.Errorf("in full: %q %q", name, phone)
			}
			return err
		})
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM audit_event WHERE kind = 'volunteer.erased' AND object = $1`, "volunteer:"+gone.String())
			if err != nil || n != 1 {
				t.Errorf("%d events, %v", n, err)
			}
			return err
		})
		schema, err := os.ReadFile("../db/schema/0089_volunteer.sql")
		if err != nil || !strings.Contains(string(schema), "retention=退出后三年，之后只留工时\nCREATE TABLE volunteer (") {
			t.Errorf("the schema says another term, %v", err)
		}
	})
}

// Who applied and was never decided on is forgotten after ninety days.
func TestWhoWasNeverDecidedOnIsForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			return w.svc.ApplyIn(ctx, tx, authz.Anonymous, entry("王小明", "13800000001"))
		})
		stays := w.enter("李四光", "13800000002")
		first, from := w.Town, w.Today()
		for i, want := range []string{"王** applied", "（已到期清除） refused"} {
			w.on(first.On(from.AddDays(89 + i).String()))
			if err := w.svc.Erase(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := w.stateOf(stays, true); got != want {
				t.Errorf("after %d days: %s, want %s", 89+i, got, want)
			}
		}
		if got := w.stateOf(stays, false); got != "李** active" {
			t.Errorf("who was entered: %s", got)
		}
	})
}

// stateOf is how a volunteer stands, or the only other one.
func (w *world) stateOf(id db.ID, other bool) (got string) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		got, err = db.Value[string](ctx, tx, `SELECT shown || ' ' || state FROM volunteer WHERE (id = $1) = $2`, id, !other)
		return err
	})
	return got
}
