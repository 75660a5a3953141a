package listing_test

import (
	"testing"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/listing"
	"juli/internal/money"
)

// TestAFirmThatLeftIsNotAnsweredForByTheNext: cases and bad inspections of 乙 at a
// project that 甲 serves now stay with 乙; 甲's project is named for neither.
func TestAFirmThatLeftIsNotAnsweredForByTheNext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := w.tn.Projects[0]
		if w.serves(0) != w.tn.Jia.USCC {
			t.Fatal("甲 does not serve the first project")
		}
		w.cases = []listing.Cased{{Enterprise: w.tn.Yi.USCC, Project: p.Code, Found: 2, Open: 1, Late: 1}}
		w.visits = []listing.Inspected{{Project: p.Code, Enterprise: w.tn.Yi.USCC, Made: 2, Score: 40 * money.Point}}
		_, found := w.collected(listing.Both)
		if e, ok := found[p.Name]; ok {
			t.Errorf("%s (%s) is named by %s: %s", e.Name, e.Enterprise, e.Rule, e.Reason)
		}
		e, ok := found[w.tn.Yi.Name]
		if !ok || e.Side != listing.Black || e.Rule != "B9" || e.CasesFound != 2 || e.Inspections != 2 || len(found) != 1 {
			t.Errorf("乙 goes free: %+v of %v", e, found)
		}
	})
}

// TestTheSameFirmsCasesStandAgainstItsProject is the other side: they are 甲's own.
func TestTheSameFirmsCasesStandAgainstItsProject(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := w.tn.Projects[0]
		w.cases = []listing.Cased{{Enterprise: w.tn.Jia.USCC, Project: p.Code, Found: 1, Late: 1}}
		_, found := w.collected(listing.Both)
		if e := found[p.Name]; e.Rule != "B7" || len(found) != 1 {
			t.Errorf("found %v", found)
		}
	})
}
