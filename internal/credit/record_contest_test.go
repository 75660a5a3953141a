package credit_test

import (
	"slices"
	"testing"

	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/db/dbtest"
)

// What the enterprise's first page lists as open to objection is exactly what the
// records' own pages say, in effect or not.
func TestTheListOfWhatMayBeContestedAgreesWithEachRecord(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-07-05")
		good := w.propose(w.firm, credit.Proposal{
			Item: "HRB-G04", Enterprise: w.homes[0].Enterprise, Event: w.today.AddDays(-3), Summary: "区县级表彰。", Honour: "先进单位",
			Document: credit.Document{Type: "OTHER", Number: "南表〔2021〕1号", Issuer: "南岗区人民政府", Date: w.today.AddDays(-2)},
		})
		w.identify(district, good)
		w.want(good, credit.RecordEffective)
		bad := w.noticed("南街改〔2021〕9号")
		for _, on := range []string{"2021-07-05", "2021-07-19", "2021-07-20", "2021-09-01"} {
			w.on(on)
			w.advance()
			var want, got []db.ID
			for _, id := range []db.ID{good, bad} {
				if w.dossier(w.firm, id).MayObject.OK {
					want = append(want, id)
				}
			}
			w.must(w.d.Read(t.Context(), func(tx *db.Tx) error {
				rows, err := w.s.Contestable(t.Context(), tx, w.firm, 10)
				for _, x := range rows {
					got = append(got, x.ID)
					if due := w.dossier(w.firm, x.ID).MayObject.Due; x.Deadline != due {
						t.Errorf("%s: the list says until %s, the record %s", on, x.Deadline, due)
					}
				}
				return err
			}))
			slices.Sort(got)
			if slices.Sort(want); !slices.Equal(got, want) {
				t.Errorf("%s: listed %v, the records allow %v", on, got, want)
			}
			if open := on < "2021-07-20"; open != (len(want) == 2) {
				t.Errorf("%s: %d records may be contested", on, len(want))
			}
		}
	})
}
