package listing_test

import (
	"context"
	"slices"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/listing"
)

// TestRepeatedListingWaitsForTheDistrict: two in a row call for a summons and for
// guiding the owners; a repair takes the entry off, a correction makes it void.
func TestRepeatedListingWaitsForTheDistrict(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.inspected(0, 40)
		_, first := w.black()
		if n := len(w.follows("")); n != 0 {
			t.Errorf("one entry calls for %d follow-ups", n)
		}
		b, second := w.black()
		follows := w.follows("")
		if len(follows) != 2 {
			t.Fatalf("two in a row call for %+v", follows)
		}
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			todos, _, err := casework.Todos(ctx, tx, w.nangang, []*casework.Machine{listing.FollowMachine}, casework.Filter{}, casework.Cursor{}, 10)
			if err != nil || len(todos) != 2 || todos[0].Due == 0 {
				t.Errorf("the district has %d things to do, %v", len(todos), err)
			}
			f := follows[0]
			if _, err := s.FollowIn(ctx, tx, w.nangang, at(ctx, tx, listing.FollowMachine, f.ID, "已约谈，企业承诺整改。")); err != nil {
				return err
			}
			if f, err = s.Follow(ctx, tx, w.maker, f.ID); err != nil || f.State != listing.FollowDone || f.Result == "" {
				t.Errorf("follow-up %+v, %v", f, err)
			}
			return nil
		})
		w.correct(b, second)
		w.repair(first)
	})
}

func (w *world) follows(state string) (list []listing.Follow) {
	w.t.Helper()
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) (err error) {
		list, err = s.Follows(ctx, tx, w.nangang, state, 0, 50)
		return err
	})
	return list
}

// correct: a new act by two persons; counters and figures forget the entry.
func (w *world) correct(b listing.Batch, e listing.Entry) {
	w.t.Helper()
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		_, err := s.AskCorrectIn(ctx, tx, w.maker, entryAt(ctx, tx, e.ID, "检查表记错了小区"))
		return err
	})
	w.refused("authz.same-person", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		_, err := s.CorrectIn(ctx, tx, w.maker, entryAt(ctx, tx, e.ID, "查实记错"), true)
		return err
	})
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		if _, err := s.CorrectIn(ctx, tx, w.checker, entryAt(ctx, tx, e.ID, "查实记错"), true); err != nil {
			return err
		}
		c, err := s.CountersOf(ctx, tx, e.Kind, e.Subject, day.MustTerm("12m"))
		if err != nil || c.InWindow != 1 || c.Consecutive != 0 {
			w.t.Errorf("after the correction the counters are %+v, %v", c, err)
		}
		tally, err := listing.TallyOf(ctx, tx, "", tx.Today())
		if tally.Black != 1 || tally.Batches != 2 {
			w.t.Errorf("after it %+v are counted", tally)
		}
		return err
	})
	if got := w.entry(e.ID); got.State != listing.Annulled || got.EndedWhy != "更正撤销" || len(w.follows(listing.FollowVoid)) != 1 {
		w.t.Errorf("corrected entry %s %q, void follow-ups %d", got.State, got.EndedWhy, len(w.follows(listing.FollowVoid)))
	}
	if st := w.batch(b.ID).State; st != listing.Expired { // its only entry
		w.t.Errorf("the batch is %s", st)
	}
}

// repair: not before its time, with proof, decided by who did not take it in.
func (w *world) repair(e listing.Entry) {
	w.t.Helper()
	apply := func(files bool) func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		return func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			var ids []db.ID
			if files {
				ids = w.papers(ctx, tx)
			}
			_, err := s.ApplyRepairIn(ctx, tx, w.jia, entryAt(ctx, tx, e.ID, "已更换保洁队伍，连续两月检查合格。"), ids)
			return err
		}
	}
	w.on = e.ListedOn.AddMonths(1)
	w.refused("listing.no-repair", apply(true))
	w.on = e.ListedOn.AddMonths(2).AddDays(1)
	w.cases = []listing.Cased{{Enterprise: w.tn.Jia.USCC, Project: w.tn.Projects[0].Code, Found: 1, Open: 1}}
	w.refused("listing.no-repair", apply(true))
	w.cases = nil
	w.refused("listing.proof", apply(false))
	w.must(apply(true))
	w.refused("authz.same-person", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		_, err := s.DecideRepairIn(ctx, tx, w.maker, entryAt(ctx, tx, e.ID, "同意"), true)
		return err
	})
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		_, err := s.DecideRepairIn(ctx, tx, w.checker, entryAt(ctx, tx, e.ID, "复查合格，准予移出。"), true)
		return err
	})
	if got := w.entry(e.ID); got.State != listing.Repaired || got.EndedOn != w.on {
		w.t.Errorf("repaired entry %s ended %s", got.State, got.EndedOn)
	}
}

// TestEntriesLeaveTheListByTheirTerm: by the clock, and credit forgets them then.
func TestEntriesLeaveTheListByTheirTerm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.inspected(0, 40)
		b, e := w.black()
		w.on = e.Until
		moved := func() (n int) {
			w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) (err error) {
				n, _, err = s.AdvanceIn(ctx, tx)
				return err
			})
			return n
		}
		if n := moved(); n != 0 || len(w.listed(e)) != 1 {
			t.Errorf("on its last day %d entries leave, %d stand", n, len(w.listed(e)))
		}
		w.on = e.Until.AddDays(1)
		if n := moved(); n != 1 || len(w.listed(e)) != 0 {
			t.Errorf("the day after %d entries leave, %d stand", n, len(w.listed(e)))
		}
		if st := w.batch(b.ID).State; st != listing.Expired {
			t.Errorf("the batch is %s", st)
		}
	})
}

func (w *world) listed(e listing.Entry) (list []listing.Entry) {
	w.t.Helper()
	w.must(func(ctx context.Context, tx *db.Tx, _ *listing.Service) (err error) {
		list, err = listing.StandingOf(ctx, tx, e.Kind, e.Subject)
		return err
	})
	return list
}

// TestCreditSeesWhoIsListed: an evaluation knows the black list from the day of
// publication until the entry leaves it, and a book that says so has credit
// information proposed in the same transaction.
func TestCreditSeesWhoIsListed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "black: {list: black}", "black: {list: black, record: HRB-N07}")
		w.inspected(0, 40)
		b, _ := w.collected(listing.Black)
		var e listing.Entry
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) (err error) {
			e, err = s.NominateIn(ctx, tx, w.guild, listing.Nomination{Batch: b.ID, Side: listing.Black, Kind: listing.OfEnterprise, Subject: string(w.tn.Jia.USCC), Reason: "多个小区检查不合格", Files: w.papers(ctx, tx)})
			return err
		})
		w.sent(b, e)
		w.confirmed(e)
		b = w.published(b)
		e = w.entry(e.ID)
		w.must(func(ctx context.Context, tx *db.Tx, _ *listing.Service) error {
			n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM credit_record WHERE id = $1 AND item = 'HRB-N07' AND document_number = $2`, e.Record, b.Number)
			if n != 1 {
				t.Error("no credit information cites the publication")
			}
			return err
		})
		if w.barred(e.ListedOn.AddDays(-1)) || !w.barred(e.ListedOn) {
			t.Error("credit does not see the listing from its day on")
		}
		w.on = e.Until.AddDays(1)
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, _, err := s.AdvanceIn(ctx, tx)
			return err
		})
		if w.barred(w.on) || !w.barred(e.Until) {
			t.Error("credit does not see that the listing ended, or forgets that it stood")
		}
	})
}

// barred says whether an evaluation as of a day lists the use of the black list
// for 甲.
func (w *world) barred(on day.Date) (barred bool) {
	w.t.Helper()
	d := dbtest.Clock(w.db, w.on.String())
	books := &credit.Books{City: "2301"}
	w.check(d.Read(w.t.Context(), func(tx *db.Tx) error {
		b, err := books.InForce(w.t.Context(), tx, on)
		if err != nil {
			return err
		}
		trial, err := (&credit.Evaluations{DB: d, City: "2301", Books: books}).Try(w.t.Context(), tx, authz.System("test"), credit.Request{Book: b, Period: b.Period(on), AsOf: on})
		if err != nil {
			return err
		}
		o, ok := trial.Outcome(w.tn.Jia.ID, credit.Subject{Kind: credit.Enterprise, ID: w.tn.Jia.ID})
		if !ok {
			w.t.Fatal("甲 has no outcome")
		}
		barred = slices.ContainsFunc(o.Uses, func(u credit.UseResult) bool { return u.Code == "tender_bar" })
		return nil
	}))
	return barred
}

// A recommendation neither turns a candidate of a rule to the other list nor hides what
// a rule finds after it.
func TestANominationTakesNothingFromARule(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.inspected(0, 52)
		b, found := w.collected(listing.Both)
		bad := found["花园小区"]
		w.refused("listing.against-rule", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.NominateIn(ctx, tx, w.guild, listing.Nomination{Batch: b.ID, Side: listing.Red, Kind: listing.OfProject, Subject: bad.Subject, Reason: "服务好", Files: w.papers(ctx, tx)})
			return err
		})
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.NominateIn(ctx, tx, w.guild, listing.Nomination{Batch: b.ID, Side: listing.Black, Kind: listing.OfProject, Subject: bad.Subject, Reason: "业主多次反映", Files: w.papers(ctx, tx)})
			return err
		})
		if e := w.entry(bad.ID); e.Side != listing.Black || e.Rule != bad.Rule || e.Reason != "业主多次反映" {
			t.Errorf("nominated for the list of its rule: %+v", e)
		}
		var praised listing.Entry
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) (err error) {
			praised, err = s.NominateIn(ctx, tx, w.guild, listing.Nomination{Batch: b.ID, Side: listing.Red, Kind: listing.OfProject, Subject: string(w.tn.Projects[1].Code), Reason: "服务好", Files: w.papers(ctx, tx)})
			return err
		})
		w.inspected(1, 40)
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.CollectIn(ctx, tx, w.maker, b.ID)
			return err
		})
		if e := w.entry(praised.ID); e.Side != listing.Black || e.Origin != listing.ByRule || e.Rule != bad.Rule {
			t.Errorf("what a rule found after a recommendation: %+v", e)
		}
	})
}
