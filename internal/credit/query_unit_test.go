package credit

import (
	"testing"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/registry"
	"juli/internal/seal"
)

// Ranks read in order: a branch, which is ranked by itself, stands after the
// enterprises however good it is, and is not counted among their peers.
func TestBranchesStandApartFromTheEnterprisesTheyAreNotRankedWith(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		d = dbtest.Clock(d, "2021-09-30")
		s := newStreet(t, d, 4)
		s.note(2, "HRB-N04", "2021-08-01")
		s.note(4, "HRB-N09", "2021-08-01")
		reg := &registry.Service{DB: d, Keys: seal.Ephemeral(), Calendar: day.DefaultCalendar()}
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			branch := s.firms[0]
			branch.Kind = registry.OutsideBranch
			_, err := reg.PutEnterpriseIn(t.Context(), tx, authz.System("test"), branch, "更正")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		b := harbin(t)
		e := s.run(Request{Book: b, Purpose: ForCycle, Period: b.Period(day.MustParse("2021-09-30"))})
		err = d.Read(t.Context(), func(tx *db.Tx) error {
			var all []Ranked
			for after := ""; ; {
				page, next, err := s.svc.Standings(t.Context(), tx, League{Evaluation: e.ID, After: after, Limit: 1})
				if err != nil {
					return err
				}
				all = append(all, page...)
				if after = next; after == "" {
					break
				}
			}
			if len(all) != 4 || all[3].Subject.Kind != Branch || all[3].RankCity != 1 {
				t.Fatalf("standings %+v", all)
			}
			for i, x := range all[:3] {
				if x.Subject.Kind != Enterprise || x.RankCity != int64(i+1) {
					t.Errorf("row %d is %s, a %s with rank %d", i, x.Name, x.Subject.Kind, x.RankCity)
				}
			}
			for unit, want := range map[string]int64{UnitFirms: 3, UnitBranches: 1, "": 4} {
				list, _, err := s.svc.Standings(t.Context(), tx, League{Evaluation: e.ID, Unit: unit})
				if err != nil {
					return err
				}
				shares, err := s.svc.UnitCounts(t.Context(), tx, e.ID, unit, "")
				if err != nil {
					return err
				}
				var n int64
				for _, x := range shares {
					n += x.Count
				}
				if int64(len(list)) != want || n != want {
					t.Errorf("unit %q: %d rows, %d counted, want %d", unit, len(list), n, want)
				}
			}
			for i, want := range map[int]int64{0: 3, 3: 1} {
				if p, err := s.svc.PeersOf(t.Context(), tx, all[i].Standing); err != nil || p.City != want || p.District != want {
					t.Errorf("%s has peers %+v, %v, want %d", all[i].Name, p, err, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
