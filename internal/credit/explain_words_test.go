package credit

import (
	"slices"
	"testing"

	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
)

// order is a record on a project that was to be put right by a day.
func (s *street) order(home int, due, rectified string) (record db.ID) {
	s.t.Helper()
	record = s.note(home, "HRB-N04", "2021-08-01")
	err := s.d.Write(s.t.Context(), func(tx *db.Tx) error {
		done := day.Date(0)
		if rectified != "" {
			done = day.MustParse(rectified)
		}
		_, err := tx.Exec(s.t.Context(), `UPDATE credit_entry SET due = $1, rectified = $2 WHERE record = $3`, day.MustParse(due), done, record)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return record
}

func TestACeilingNamesItsReasonAndTheRecordsThatCauseIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newStreet(t, dbtest.Clock(d, "2021-09-30"), 1)
		s.order(0, "2021-08-16", "2021-08-10")
		want := []db.ID{s.order(0, "2021-08-16", ""), s.order(0, "2021-08-16", "2021-10-08"), s.order(1, "2021-08-16", "")}
		s.note(1, "HRB-N09", "2021-08-01")
		b := harbin(t)
		e := s.run(Request{Book: b, Purpose: ForCycle, Period: b.Period(day.MustParse("2021-09-30"))})
		var got, other []Limit
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			r, err := s.svc.Explained(t.Context(), tx, e.ID, s.firms[0].ID)
			if err != nil {
				return err
			}
			entries, err := EntriesIn(t.Context(), tx, s.firms[0].ID, &r)
			got = b.Limits(&r, Subject{Enterprise, s.firms[0].ID}, entries, e.AsOf)
			other = b.Limits(&r, Subject{Project, s.homes[0].ID}, entries, e.AsOf)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].Title != "等级不高于 A" || got[0].Why != "有三件以上整改尚未完成" {
			t.Fatalf("limits = %+v", got)
		}
		slices.Sort(got[0].Records)
		if slices.Sort(want); !slices.Equal(got[0].Records, want) {
			t.Errorf("records %v, want %v", got[0].Records, want)
		}
		if len(other) != 0 {
			t.Errorf("the project is limited by %+v", other)
		}
	})
}
