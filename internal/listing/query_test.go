package listing_test

import (
	"context"
	"testing"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/listing"
)

func TestEveryOrderAndFilterFindsTheEntryOnBothEngines(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.inspected(0, 40)
		b, e := w.black()
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			if l, err := s.Batches(ctx, tx, w.maker, "", 0, 5); err != nil || len(l) != 1 {
				t.Error(l, err)
			}
			if n, err := listing.CandidatesOf(ctx, tx, b.ID, listing.Black); err != nil || n != 0 {
				t.Error(n, err)
			}
			for _, sort := range []string{"score", "listed"} {
				for _, pub := range []bool{true, false} {
					l, err := s.Entries(ctx, tx, w.jia, listing.Query{Public: pub, Sort: sort, Desc: true, Text: "花", District: "230103", Standing: "1", Counted: true, Limit: 5})
					if err != nil || len(l) != 1 {
						t.Error(l, err)
					}
					if l, err = s.Entries(ctx, tx, w.jia, listing.Query{Public: pub, Sort: sort, After: listing.CursorOf(e, sort), Limit: 5}); err != nil || len(l) != 0 {
						t.Error(l, err)
					}
				}
			}
			_, err := s.BalanceOf(ctx, tx, b, listing.Black)
			return err
		})
	})
}
