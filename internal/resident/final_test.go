package resident_test

import (
	"context"
	"slices"
	"testing"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

// TestARatingGivenLaterChangesNoQuarterThatIsOver is PI-3, the differencing test
// over time: whoever reads an ended quarter twice learns nobody's rating from the
// difference, neither of one who rates late nor of one who thinks again.
func TestARatingGivenLaterChangesNoQuarterThatIsOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.rated(0, 6)
		a, b := w.report("door", anna), w.report("green", bob)
		for _, id := range []db.ID{a.Report, b.Report} {
			w.answer(id)
			w.pass(id, false)
		}
		w.must(w.rate(a.Follow, true, false))
		w.must(w.rate(a.Follow, true, true)) // the last word of the quarter counts
		second := resident.QuarterOf(w.Today())
		before, said := w.published(second)
		if before.Called != 7 || before.Satisfied != 7 || before.Received != 3 {
			t.Fatalf("the second quarter: %+v", before)
		}

		late := w.on("2021-07-01")
		w.must(late.rate(b.Follow, true, false)) // for the first time
		w.must(late.rate(a.Follow, false, false))
		after, again := w.published(second)
		if after != before || !slices.Equal(said, again) {
			t.Errorf("the second quarter moved from %+v %v to %+v %v", before, said, after, again)
		}
		third, _ := w.published(resident.QuarterOf(late.Today()))
		if third != (resident.Rates{Called: 2, Solved: 1}) {
			t.Errorf("the third quarter: %+v", third)
		}
	})
}

// published are the rates of a quarter, and the list of what they counted.
func (w *world) published(q resident.Quarter) (all resident.Rates, list []resident.Verdicts) {
	w.Read(func(ctx context.Context, tx *db.Tx) error {
		rows, err := resident.RatesBy(ctx, tx, resident.ByDistrict, "2301", q)
		if err != nil {
			return err
		}
		all = resident.Sum(rows)
		list, err = resident.VerdictsOf(ctx, tx, resident.RatingQuery{Quarter: q})
		return err
	})
	var n int64
	for _, x := range list {
		n += x.N
	}
	if n != all.Called {
		w.t.Errorf("%v: the table counts %d ratings, the list %d", q, all.Called, n)
	}
	return all, list
}
