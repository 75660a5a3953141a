package resident_test

import (
	"context"
	"fmt"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

// TestOneTelephoneDoesNotMakeTheRatesOfAFirm: praise asks for nothing and is in no rate,
// and many reports of one telephone count as one rating of the firm in a quarter, with
// the last word; another telephone counts for itself.
func TestOneTelephoneDoesNotMakeTheRatesOfAFirm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		done := func(topic, class, phone string, satisfied bool) {
			t.Helper()
			in := w.submission(topic, phone)
			in.Class = class
			r, err := w.Submit(t.Context(), authz.Anonymous, in)
			w.must(err)
			w.answer(r.Report)
			w.pass(r.Report, true)
			w.must(w.rate(r.Follow, true, satisfied))
		}
		q := resident.QuarterOf(w.Today())
		for _, topic := range []string{"door", "green"} {
			done(topic, "PRAISE", anna, true)
		}
		if got, _ := w.published(q); got != (resident.Rates{}) {
			t.Errorf("praise makes %+v", got)
		}
		done("door", "HELP", bob, true)
		done("green", "HELP", bob, true)
		done("clean", "HELP", bob, false)
		if got, _ := w.published(q); got != (resident.Rates{Received: 3, InTime: 3, Called: 1, Solved: 1}) {
			t.Errorf("one telephone makes %+v", got)
		}
		done("door", "HELP", fmt.Sprint(13800000003), true)
		if got, _ := w.published(q); got != (resident.Rates{Received: 4, InTime: 4, Called: 2, Solved: 2, Satisfied: 1}) {
			t.Errorf("with another one they are %+v", got)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error { // the figure leads to what it counted
			n, err := resident.Count(ctx, tx, resident.Query{Public: true, Count: resident.CountReceived})
			if err != nil || n != 4 {
				t.Errorf("the list has %d reports, %v", n, err)
			}
			return err
		})
	})
}
