package listing_test

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/listing"
)

// TestTheNextBatchBeginsByItself: so long after the last one as the rulebook says
// a batch waits on the city's to-do list with what cases of its period proposed;
// where nobody has begun the first one, or the rulebook is silent, none begins.
func TestTheNextBatchBeginsByItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		advance := func(date string) (list []listing.BatchRow) {
			t.Helper()
			w.on = day.MustParse(date)
			w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) (err error) {
				for range 2 { // once, however often the clock looks
					if _, _, err = s.AdvanceIn(ctx, tx); err != nil {
						return err
					}
				}
				list, err = s.Batches(ctx, tx, authz.System("test"), "", 0, 10)
				return err
			})
			return list
		}
		if n := len(advance("2021-08-02")); n != 0 {
			t.Fatalf("%d batches before the first", n)
		}
		first, _ := w.collected(listing.Both) // until 2021-08-02
		if n := len(advance("2021-10-02")); n != 1 {
			t.Errorf("%d batches on the last day of the interval", n)
		}
		p, firm := w.tn.Projects[0], w.tn.Jia.USCC
		w.cases = []listing.Cased{{Enterprise: firm, Project: p.Code, Found: 1, Open: 1, Late: 1}, {Enterprise: firm, Project: w.tn.Projects[1].Code, Exposed: 1}}
		list := advance("2021-10-03")
		if len(list) != 2 || list[0].ID == first.ID || list[0].State != listing.Collecting || list[0].From.String() != "2021-08-03" || list[0].To.String() != "2021-10-02" || !list[0].Automatic {
			t.Fatalf("the day after: %+v", list)
		}
		next := list[0].ID
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			todos, _, err := casework.Todos(ctx, tx, w.checker, []*casework.Machine{listing.BatchMachine}, casework.Filter{}, casework.Cursor{}, 10)
			if err != nil || len(todos) != 2 || todos[0].ID != next && todos[1].ID != next {
				t.Errorf("the city's work: %v, %v", todos, err)
			}
			found, err := s.Entries(ctx, tx, w.maker, listing.Query{Batch: next, Side: listing.Black, State: listing.Candidate, Sort: "score", Limit: 10})
			rules := map[string]string{}
			for _, e := range found {
				rules[e.Subject] = e.Rule
			}
			if len(rules) != 2 || rules[string(p.Code)] != "B7" || rules[string(w.tn.Projects[1].Code)] != "B8" {
				t.Errorf("candidates by %v", rules)
			}
			return err
		})
	})
}

func TestWithoutAnIntervalPeopleBeginEachBatch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "next: {every: 2m, sides: BOTH, theme: DAILY}", "")
		w.collected(listing.Both)
		w.on = day.MustParse("2022-03-01")
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			if _, _, err := s.AdvanceIn(ctx, tx); err != nil {
				return err
			}
			list, err := s.Batches(ctx, tx, authz.System("test"), "", 0, 10)
			if len(list) != 1 {
				t.Errorf("%d batches", len(list))
			}
			return err
		})
	})
}
