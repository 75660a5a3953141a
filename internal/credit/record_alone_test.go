package credit_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
)

// TestNobodyWipesADeductionByAnOldDayAlone: that a fault was mended is for another
// person than its maker to confirm, with words and a proof, and not for a day on
// which the record itself says that it stood.
func TestNobodyWipesADeductionByAnOldDayAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.effective("1号") // happened on 05-29, ordered on 05-30
		rectify := func(who authz.Actor, on, note string, files ...credit.FileRef) string {
			take := w.take(id, note)
			return w.try(func(ctx context.Context, tx *db.Tx) error {
				return w.s.RectifyIn(ctx, tx, who, take, day.MustParse(on), files)
			})
		}
		photo := w.upload("复查记录")
		for _, tt := range []struct {
			name, want string
			got        string
		}{
			{"who proposed it", "authz.same-person", rectify(office, "2021-06-05", "已整改", photo)},
			{"without words", "casework.note", rectify(office2, "2021-06-05", "", photo)},
			{"without a proof", "credit.rectify", rectify(office2, "2021-06-05", "已整改")},
			{"before the order was made", "credit.rectify-day", rectify(office2, "2021-05-29", "已整改", photo)},
			{"another person on the spot", "", rectify(office2, "2021-06-05", "已整改", photo)},
		} {
			if tt.got != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, tt.got, tt.want)
			}
		}
	})
}

// TestAFaultThatWasPunishedAsOverdueWasNotMendedInTime: a day within the term
// would undo what another record established.
func TestAFaultThatWasPunishedAsOverdueWasNotMendedInTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		p := w.order("1号")
		p.Due = w.today.AddDays(10)
		order := w.propose(office, p)
		w.identify(district, order)
		w.on("2021-06-20")
		late := w.order("2号")
		late.Item, late.Parent, late.Event = "HRB-N06", order, w.today
		w.identify(district2, w.propose(office, late))
		if rule := w.rectify(office2, order, p.Due); rule != "credit.rectify-day" {
			t.Errorf("mended on the last day of its term: %q", rule)
		}
		if rule := w.rectify(office2, order, p.Due.AddDays(1)); rule != "" {
			t.Errorf("mended on the day after: %q", rule)
		}
	})
}

// TestACasesRecordFollowsTheCase: nobody confirms its mending, nor takes it back, in
// credit alone.
func TestACasesRecordFollowsTheCase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.propose(office, w.order("1号"))
		w.write(func(ctx context.Context, tx *db.Tx) error { return w.s.OwnIn(ctx, tx, id, "哈监〔2021〕1号") })
		take := w.take(id, "撤")
		if rule := w.try(func(ctx context.Context, tx *db.Tx) error { return w.s.WithdrawIn(ctx, tx, office2, take) }); rule != "credit.owned" {
			t.Errorf("withdrawn: %q", rule)
		}
		w.identify(district, id)
		if rule := w.rectify(office2, id, w.today); rule != "credit.owned" {
			t.Errorf("mended: %q", rule)
		}
		if got := acts(w.dossier(office2, id)); strings.Contains(got, credit.ActRectify) || strings.Contains(got, credit.ActWithdraw) {
			t.Errorf("the street is offered %q", got)
		}
		w.write(func(ctx context.Context, tx *db.Tx) error { return w.s.FollowIn(ctx, tx, id, true) })
		if w.want(id, credit.RecordNoticed).Rectified != w.today {
			t.Error("the case's re-check does not reach its record")
		}
	})
}

// TestWhatAColleagueHandedInIsTakenBackWithAReason: who did not make the proposal
// says why.
func TestWhatAColleagueHandedInIsTakenBackWithAReason(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.propose(office, w.order("1号"))
		for _, tt := range []struct{ note, want string }{{"", "credit.withdraw-why"}, {"重复录入", ""}} {
			take := w.take(id, tt.note)
			if rule := w.try(func(ctx context.Context, tx *db.Tx) error { return w.s.WithdrawIn(ctx, tx, office2, take) }); rule != tt.want {
				t.Errorf("with %q: %q, want %q", tt.note, rule, tt.want)
			}
		}
	})
}

// TestARequestToAnnulWaitsForAnotherPerson: it needs a paper, stands on the desk of
// the body that asked, may be refused with a reason, and asked for again.
func TestARequestToAnnulWaitsForAnotherPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.effective("1号")
		take := w.take(id, "判决撤销")
		if rule := w.try(func(ctx context.Context, tx *db.Tx) error { return w.s.AskAnnulIn(ctx, tx, district2, take, nil) }); rule != "credit.annul" {
			t.Errorf("without a paper: %q", rule)
		}
		if rule := w.decideAnnul(district3, id, true); rule != "credit.annul-unasked" {
			t.Errorf("one person alone: %q", rule)
		}
		waits := func(who authz.Actor) (n int) {
			w.must(w.d.Read(t.Context(), func(tx *db.Tx) error {
				list, _, err := casework.Todos(t.Context(), tx, who, []*casework.Machine{credit.AnnulMachine}, casework.Filter{}, casework.Cursor{}, 10)
				n = len(list)
				return err
			}))
			return n
		}
		if rule := w.askAnnul(district2, id, "判决撤销"); rule != "" {
			t.Fatal(rule)
		}
		if waits(district3) != 1 {
			t.Error("the request waits on nobody's desk")
		}
		if got := acts(w.dossier(district2, id)); strings.Contains(got, "annul") {
			t.Errorf("who asked is offered %q", got)
		}
		if got := strings.Fields(acts(w.dossier(district3, id))); !slices.Contains(got, credit.ActAgreeAnnul) || !slices.Contains(got, credit.ActRefuseAnnul) {
			t.Errorf("the other person is offered %q", got)
		}
		take = w.take(id, "判决未生效")
		if rule := w.try(func(ctx context.Context, tx *db.Tx) error { return w.s.DecideAnnulIn(ctx, tx, district3, take, false) }); rule != "" {
			t.Errorf("refused: %q", rule)
		}
		w.want(id, credit.RecordEffective)
		fourth := official(12, authz.DistrictBureau, "230103")
		if rule := w.annul(district2, fourth, id, "判决生效"); rule != "" {
			t.Errorf("asked again: %q", rule)
		}
		if rec := w.want(id, credit.RecordAnnulled); waits(district3) != 0 || rec.Annul.State != credit.AnnulAgreed {
			t.Errorf("annulled: the request is %s", rec.Annul.State)
		}
	})
}
