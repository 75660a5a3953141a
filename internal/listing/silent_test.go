package listing_test

import (
	"context"
	"testing"

	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/listing"
)

// TestASilentDistrictDoesNotStopABatchForGood: within the term of the review the city
// waits; after it, it takes out the entry that a district let lie, with the reason, and
// the others go on.
func TestASilentDistrictDoesNotStopABatchForGood(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b, heard, lies := w.twoDistricts()
		w.confirmed(heard)
		drop := func(note string) error {
			return w.do(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
				_, err := s.DropIn(ctx, tx, w.maker, entryAt(ctx, tx, lies.ID, note))
				return err
			})
		}
		w.on = w.due(lies)
		if err := drop("区县没有复核。"); !fault.Is(err, "listing.review-runs") {
			t.Fatalf("on the last day of the review: %v", err)
		}
		w.on = w.on.AddDays(1)
		if err := drop(""); err == nil {
			t.Fatal("taken out without a reason")
		}
		w.check(drop("道里区逾期没有复核，本批不列入。"))
		if e := w.entry(lies.ID); e.State != listing.Dropped {
			t.Errorf("the entry is %s", e.State)
		}
		if e := w.entry(heard.ID); e.State != listing.InReply {
			t.Errorf("the other waits on: %s", e.State)
		}
		if got := w.published(b); got.State != listing.Published {
			t.Errorf("the batch is %s", got.State)
		}
	})
}

// TestABatchThatADistrictHoldsUpCanBeEnded: not while the reviews have time.
func TestABatchThatADistrictHoldsUpCanBeEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b, heard, lies := w.twoDistricts()
		w.confirmed(heard)
		end := func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			take := batchAt(ctx, tx, b.ID)
			take.Note = "道里区一直没有复核。"
			_, err := s.AbandonIn(ctx, tx, w.maker, take)
			return err
		}
		w.on = w.due(lies)
		w.refused("listing.review-runs", end)
		w.on = w.on.AddDays(1)
		w.must(end)
		for _, e := range []listing.Entry{heard, lies} {
			if e = w.entry(e.ID); e.State != listing.Dropped {
				t.Errorf("%s is %s", e.Name, e.State)
			}
		}
	})
}

// twoDistricts sends a batch with an entry of 南岗 and one of 道里 to review.
func (w *world) twoDistricts() (b listing.Batch, heard, lies listing.Entry) {
	w.t.Helper()
	w.inspected(0, 40)
	w.inspected(2, 40)
	b, found := w.collected(listing.Both)
	heard, lies = found[w.tn.Projects[0].Name], found[w.tn.Projects[2].Name]
	w.sent(b, heard, lies)
	return b, heard, lies
}

// due is the last day of the review of an entry.
func (w *world) due(e listing.Entry) (last day.Date) {
	w.t.Helper()
	w.must(func(ctx context.Context, tx *db.Tx, _ *listing.Service) error {
		c, err := casework.Find(ctx, tx, listing.EntryMachine, e.ID)
		last = c.Due
		return err
	})
	return last
}
