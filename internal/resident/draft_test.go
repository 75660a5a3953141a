package resident_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

// gateway keeps what would go out by SMS.
type gateway struct{ sent map[string][]string }

func (g *gateway) Text(_ context.Context, phone, text string) error {
	g.sent[phone] = append(g.sent[phone], text)
	return nil
}

func (w *world) begin(from, phone string, d resident.Draft) (ticket, code string, err error) {
	err = w.act(func(ctx context.Context, tx *db.Tx) (err error) {
		ticket, code, err = w.BeginIn(ctx, tx, authz.Actor{Addr: from}, phone, d)
		return err
	})
	return ticket, code, err
}

func (w *world) confirm(ticket, code string) (out resident.Receipt, err error) {
	if err := w.CheckCode(w.t.Context(), ticket, code); err != nil {
		return out, err
	}
	err = w.act(func(ctx context.Context, tx *db.Tx) (err error) {
		out, err = w.ConfirmIn(ctx, tx, authz.Anonymous, ticket, code)
		return err
	})
	return out, err
}

// at is the same world at another real time.
func (w *world) at(after time.Duration) *world {
	later := *w
	town := *w.Town
	town.DB = w.Town.DB.WithRealClock(func() time.Time { return time.Now().Add(after) })
	later.Town = &town
	reports := *w.Reports
	reports.DB = town.DB
	later.Reports = &reports
	return &later
}

func other(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func TestACodeOpensOneDraftOnceWithinFiveMinutesAndFiveTries(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := w.submission("door", "")
		begin := func() (string, string) {
			ticket, code, err := w.begin("10.0.0.1", anna, resident.Draft{Submission: &in})
			wantRule(t, err, "")
			return ticket, code
		}
		ticket, code := begin()
		g := &gateway{sent: map[string][]string{}}
		n, err := w.SendTexts(t.Context(), g)
		if err != nil || n != 1 || len(g.sent[anna]) != 1 || g.sent[anna][0] != "验证码 "+code+"，5分钟内有效，用于反映诉求。非本人操作请忽略。" {
			t.Errorf("sent %d: %v, %v", n, g.sent, err)
		}
		_, err = w.confirm(ticket, other(code))
		wantRule(t, err, "resident.code")
		out, err := w.confirm(ticket, code)
		wantRule(t, err, "")
		if w.see(out.Report).State != resident.Dispatched {
			t.Error("the confirmed draft is no report")
		}
		_, err = w.confirm(ticket, code)
		wantRule(t, err, "authz.not-found")

		ticket, code = begin()
		for range 5 {
			_, err = w.confirm(ticket, other(code))
			wantRule(t, err, "resident.code")
		}
		_, err = w.confirm(ticket, code)
		wantRule(t, err, "resident.code-tries")

		ticket, code = begin()
		_, second := begin()
		if second != code {
			_, err = w.confirm(ticket, second) // another draft's code
			wantRule(t, err, "resident.code")
		}
		_, err = w.at(5*time.Minute+time.Second).confirm(ticket, code)
		wantRule(t, err, "resident.code")
	})
}

func TestCodesAreSentTenTimesADayToATelephoneAndFiftyForAnAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := w.submission("door", "")
		for i := range 10 {
			_, _, err := w.begin(fmt.Sprintf("10.0.1.%d", i), anna, resident.Draft{Submission: &in})
			wantRule(t, err, "")
		}
		_, _, err := w.begin("10.0.1.99", anna, resident.Draft{Submission: &in})
		wantRule(t, err, "resident.codes")
		for i := range 50 {
			_, _, err := w.begin("10.0.2.1", fmt.Sprintf("137%08d", i), resident.Draft{Submission: &in})
			wantRule(t, err, "")
		}
		_, _, err = w.begin("10.0.2.1", bob, resident.Draft{Submission: &in})
		wantRule(t, err, "resident.codes")
		_, _, err = w.at(25*time.Hour).begin("10.0.2.1", anna, resident.Draft{Submission: &in})
		wantRule(t, err, "")
	})
}

func TestWhoLostTheLinkGetsANewOneByTelephone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.report("door", anna)
		ticket, code, err := w.begin("10.0.0.1", bob, resident.Draft{Find: a.Report})
		wantRule(t, err, "")
		_, err = w.confirm(ticket, code)
		wantRule(t, err, "resident.not-yours")
		ticket, code, err = w.begin("10.0.0.1", anna, resident.Draft{Find: a.Report})
		wantRule(t, err, "")
		out, err := w.confirm(ticket, code)
		wantRule(t, err, "")
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.Follow(ctx, tx, a.Follow)
			wantRule(t, err, "authz.not-found")
			f, err := w.Follow(ctx, tx, out.Follow)
			if err != nil || f.Report.ID != a.Report {
				t.Errorf("the new link: %v, %v", f.Report, err)
			}
			return nil
		})
	})
}

func TestDraftsThatNobodyConfirmedAreSwept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := w.submission("door", "")
		ticket, _, err := w.begin("10.0.0.1", anna, resident.Draft{Submission: &in})
		wantRule(t, err, "")
		w.must(w.Sweep(t.Context()))
		left := func() (n int64) {
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				n, err = db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM resident_draft`)
				return err
			})
			return n
		}
		if left() != 1 {
			t.Error("a fresh draft was swept")
		}
		w.must(w.at(25 * time.Hour).Sweep(t.Context()))
		if left() != 0 {
			t.Error("an old draft stays")
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.Waiting(ctx, tx, ticket)
			wantRule(t, err, "authz.not-found")
			return nil
		})
	})
}
