package campaign_test

import (
	"context"
	"testing"

	"juli/internal/campaign"
	"juli/internal/db"
	"juli/internal/db/dbtest"
)

// TestACleanVisitCountsOnlyOnceASecondPersonConfirmsIt: neither what passed in full nor
// what only has to be mended is one person's word.
func TestACleanVisitCountsOnlyOnceASecondPersonConfirmsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, id, _ := running(t, d, campaign.KindAssessment)
		list := w.inspections(id)
		scored := func() (n int64) {
			w.Read(func(ctx context.Context, tx *db.Tx) error {
				all, err := campaign.ScoresOf(ctx, tx, w.Today(), w.Today())
				for _, x := range all {
					n += x.Made
				}
				return err
			})
			return n
		}
		lamp := campaign.Answer{Item: "common-lamp", Facts: "二单元三层灯不亮", Deadline: "7d"}
		for i, found := range [][]campaign.Answer{nil, {lamp}} {
			x := list[i]
			if err := w.submit(x, found...); err != nil {
				t.Fatal(err)
			}
			if got := w.inspection(x.ID); got.State != campaign.Confirming || got.SettledOn != 0 || got.ResultTitle() != "" || got.Case.Account != x.Second {
				t.Errorf("on one person's word: %+v", got)
			}
			if n := scored(); n != int64(i) {
				t.Errorf("%d visits are scored", n)
			}
			if err := w.confirm(w.who[x.First], x); err == nil {
				t.Error("who kept the record confirms it")
			}
			if err := w.confirm(w.who[x.Second], x); err != nil {
				t.Fatal(err)
			}
			if got := w.inspection(x.ID); got.SettledOn == 0 || !got.Good() {
				t.Errorf("confirmed by the second: %+v", got)
			}
		}
		if n := scored(); n != 2 {
			t.Errorf("%d visits are scored", n)
		}
	})
}

// TestAFindingThatStillHasItsTermOutlivesTheCampaign: made on the last day, it is
// confirmed after the city has concluded, and becomes a case.
func TestAFindingThatStillHasItsTermOutlivesTheCampaign(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, id, city := running(t, d, campaign.KindInspection)
		w.on("2021-06-21")
		x := w.inspections(id)[0]
		if err := w.submit(x, campaign.Answer{Item: "fire-lane", Facts: "三号楼南侧停有车辆", Deadline: "now", Points: true}); err != nil {
			t.Fatal(err)
		}
		if err := w.photo(w.who[x.First], x, "fire-lane", false); err != nil {
			t.Fatal(err)
		}
		w.on("2021-06-22")
		city = w.actor(city.Account)
		if err := w.do(func(ctx context.Context, tx *db.Tx) error { return w.svc.ConcludeIn(ctx, tx, city, id, 4) }); err != nil {
			t.Fatal(err)
		}
		if got := w.inspection(x.ID); got.State != campaign.Confirming || got.Case.Closed {
			t.Fatalf("concluded, it is %s", got.State)
		}
		if got := w.tally(id); got.Planned != 5 || got.Inspected != 0 {
			t.Errorf("concluded with %+v", got)
		}
		second := w.who[x.Second]
		if err := w.confirm(second, x); err != nil {
			t.Fatal(err)
		}
		if cases := w.cases(); len(cases) != 1 || cases[0].Project != x.Project {
			t.Errorf("cases: %+v", cases)
		}
		if got := w.tally(id); got.Inspected != 1 || got.Failed != 1 || got.Cases != 1 {
			t.Errorf("confirmed, it counts as %+v", got)
		}
	})
}
