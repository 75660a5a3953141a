package listing_test

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/listing"
)

// others asks of a batch where its subject stands too.
func (w *world) others(b listing.Batch, e listing.Entry) (out []listing.Other) {
	w.t.Helper()
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) (err error) {
		out, err = s.Others(ctx, tx, w.maker, b, []listing.Entry{e})
		if firm, err := s.Others(ctx, tx, w.jia, b, []listing.Entry{e}); err != nil || len(firm) != 0 {
			w.t.Errorf("the enterprise learns of %v, %v", firm, err)
		}
		return err
	})
	return out
}

func TestACandidateOfTwoBatchesIsMarkedUntilTheOtherIsPastItsDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.inspected(0, 40)
		first, found := w.collected(listing.Both)
		second, again := w.collected(listing.Both)
		e := again["花园小区"]
		if list := w.others(second, e); len(list) != 0 {
			t.Errorf("a mere candidate of the other batch is marked: %v", list)
		}
		w.sent(first, found["花园小区"])
		list := w.others(second, e)
		if len(list) != 1 || list[0].Batch.ID != first.ID || list[0].String() != first.Title+"（黑榜），区县复核中，待公布" {
			t.Fatalf("taken into the other batch: %v", list)
		}
		later := second
		later.From, later.To = first.To.AddDays(1), first.To.AddDays(30)
		if list := w.others(later, e); len(list) != 1 {
			t.Errorf("not published yet, of earlier days: %v", list)
		}
		w.confirmed(found["花园小区"])
		first = w.published(first)
		if list := w.others(second, e); len(list) != 1 || list[0].String() != first.Title+"（黑榜），已公布" {
			t.Errorf("published for the same days: %v", list)
		}
		if list := w.others(later, e); len(list) != 0 {
			t.Errorf("published for earlier days: %v", list)
		}
	})
}

func TestEqualScoresAreOrderedByHomesAndThenByCode(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for i := range w.tn.Projects {
			w.inspected(i, 40)
		}
		b, _ := w.collected(listing.Both)
		w.must(func(ctx context.Context, tx *db.Tx, _ *listing.Service) error { // the last code has the most homes, the first two the fewest
			_, err := tx.Exec(ctx, `UPDATE listing_entry SET homes = CASE WHEN subject = (SELECT MAX(subject) FROM listing_entry WHERE batch = $1 AND kind = 'PROJECT') THEN 9000 ELSE 10 END WHERE batch = $1`, b.ID)
			return err
		})
		for _, desc := range []bool{true, false} {
			var list []listing.Entry
			w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) (err error) {
				list, err = s.Entries(ctx, tx, w.maker, listing.Query{Batch: b.ID, Side: listing.Black, State: listing.Candidate, Sort: "rank", Desc: desc, Limit: 100})
				return err
			})
			ties := 0
			for i := 1; i < len(list); i++ {
				x, y := list[i-1], list[i]
				if x.Score == y.Score {
					ties++
				}
				if x.Score != y.Score && (x.Score > y.Score) != desc || x.Score == y.Score && (x.Homes < y.Homes || x.Homes == y.Homes && x.Subject > y.Subject) {
					t.Errorf("%s (%s, %d homes) stands before %s (%s, %d homes)", x.Subject, x.Score, x.Homes, y.Subject, y.Score, y.Homes)
				}
			}
			if ties == 0 {
				t.Fatalf("no equal scores among %d", len(list))
			}
		}
	})
}

func TestOnlyAWordToPraiseIsOptional(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.inspected(0, 52)
		w.inspected(3, 97)
		b, found := w.collected(listing.Both)
		bad, good := found["花园小区"], found["阳光新城"]
		w.sent(b, bad, good)
		w.confirmed(bad, good)
		reads := func(who authz.Actor) (optional, duties []db.ID) {
			w.must(func(ctx context.Context, tx *db.Tx, _ *listing.Service) error {
				list, err := listing.Optional(ctx, tx, who)
				if err != nil {
					return err
				}
				for _, e := range list {
					optional = append(optional, e.ID)
				}
				todos, _, err := casework.Todos(ctx, tx, who, []*casework.Machine{listing.EntryMachine}, casework.Filter{Without: optional}, casework.Cursor{}, 50)
				for _, x := range todos {
					duties = append(duties, x.ID)
				}
				return err
			})
			return optional, duties
		}
		if optional, duties := reads(w.jia); len(optional) != 0 || len(duties) != 1 || duties[0] != bad.ID {
			t.Errorf("who is to be blamed reads %v as optional, %v as duties", optional, duties)
		}
		if optional, duties := reads(w.yi); len(optional) != 1 || optional[0] != good.ID || len(duties) != 0 {
			t.Errorf("who is to be praised reads %v as optional, %v as duties", optional, duties)
		}
	})
}
