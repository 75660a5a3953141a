package resident_test

import (
	"context"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

func TestWhoJoinsReadsNothingOfTheFirstReportersWordsUntilTheyAreReleased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.report("door", anna)
		b, err := w.Join(t.Context(), authz.Anonymous, a.Report, 0, bob, "三单元也是")
		wantRule(t, err, "")
		seen := func(secret string) (f resident.Followed) {
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) { f, err = w.Follow(ctx, tx, secret); return err })
			return f
		}
		if f := seen(a.Follow); !f.First || !strings.Contains(f.Words, "单元门") {
			t.Errorf("the first reporter reads %q", f.Words)
		}
		if f := seen(b.Follow); f.First || f.Words != "三单元也是" || f.Public != "" || f.Report.Body+f.Own.Body+f.Report.Spot+f.Answer != "" {
			t.Errorf("who joined reads %q %q %q", f.Words, f.Public, f.Report.Body)
		}
		w.answer(a.Report)
		if f := seen(b.Follow); f.Answer != "" {
			t.Errorf("an answer that nobody reviewed is read: %q", f.Answer)
		}
		w.pass(a.Report, false)
		take := w.take(a.Report, "")
		stale := take
		stale.Version = 99
		release := func(t resident.Take) error {
			return w.act(func(ctx context.Context, tx *db.Tx) error {
				return w.ReleaseIn(ctx, tx, w.street, t, "单元门损坏", "", false)
			})
		}
		wantRule(t, release(stale), "casework.stale")
		wantRule(t, release(take), "")
		if f := seen(b.Follow); f.Public != "单元门损坏" || f.Answer != "已更换闭门器" {
			t.Errorf("after the release who joined reads %q, %q", f.Public, f.Answer)
		}
	})
}

func TestNobodyJoinsAnAnsweredReportAndNoAccountOfTheFirmOrAnOfficeIsAResidents(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.report("door", anna)
		for _, who := range []authz.Actor{w.firm, w.ProjectManager(w.Projects[0].Code), w.community, w.district} {
			_, err := w.Join(t.Context(), who, a.Report, who.Account, "", "")
			wantRule(t, err, "resident.insider")
			_, err = w.Submit(t.Context(), who, w.submission("door", ""))
			wantRule(t, err, "resident.insider")
		}
		_, err := w.Join(t.Context(), w.Firm(w.Yi.USCC), a.Report, w.Firm(w.Yi.USCC).Account, "", "")
		wantRule(t, err, "") // who works elsewhere is a neighbour here
		w.answer(a.Report)
		_, err = w.Join(t.Context(), authz.Anonymous, a.Report, 0, bob, "")
		wantRule(t, err, "resident.answered")
		w.pass(a.Report, false)
		_, err = w.Join(t.Context(), authz.Anonymous, a.Report, 0, bob, "")
		wantRule(t, err, "resident.answered")
		wantRule(t, w.would(func(ctx context.Context, tx *db.Tx) error {
			return w.RateIn(ctx, tx, w.firm, a.Follow, resident.Rating{Solved: true, Satisfied: true})
		}), "resident.insider")
		wantRule(t, w.rate(a.Follow, true, true), "")
	})
}

func TestAnotherOfficesLatenessIsNotTheFirms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := w.submission("fees", anna)
		in.Class = "COMPLAINT"
		out, err := w.Submit(t.Context(), authz.Anonymous, in)
		wantRule(t, err, "")
		take := w.take(out.Report, "")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error { return w.SignIn(ctx, tx, w.street, take) }))
		take = w.take(out.Report, "")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			return w.DispatchIn(ctx, tx, w.street, take, authz.DistrictBureau)
		}))
		late := w.on("2021-07-20")
		w.must(late.Advance(t.Context()))
		if !w.see(out.Report).Late {
			t.Fatal("the report is not late")
		}
		w.must(late.FeedCredit(t.Context()))
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM credit_input WHERE name = 'complaints_late'`)
			if err != nil || n != 0 {
				t.Errorf("credit heard %d times of it, %v", n, err)
			}
			return nil
		})
	})
}

func TestAMergerIsTakenBackWithTheDaysThatWereLeftAndNotAfterTheEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b := w.report("door", anna), w.report("door", bob)
		first := w.see(b.Report)
		take := w.take(b.Report, "")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error { return w.MergeIn(ctx, tx, w.street, take, a.Report) }))
		later := w.on("2021-06-20")
		take = w.take(b.Report, "")
		unmerge := func(at *world) error {
			return at.would(func(ctx context.Context, tx *db.Tx) error {
				if err := at.UnmergeIn(ctx, tx, w.street, take); err != nil {
					return err
				}
				_, err := at.AdvanceIn(ctx, tx)
				if r, _ := at.Find(ctx, tx, authz.System("test"), b.Report); r.State != resident.Dispatched || r.Due != first.Due+tx.Today()-first.ReceivedOn || r.Case.Due != first.Case.Due+tx.Today()-first.ReceivedOn {
					t.Errorf("taken back: %s due %s and %s, first %s and %s", r.State, r.Due, r.Case.Due, first.Due, first.Case.Due)
				}
				return err
			})
		}
		wantRule(t, unmerge(later), "")
		w.answer(a.Report)
		w.pass(a.Report, true)
		closed := w.on("2021-08-20")
		w.must(closed.Advance(t.Context()))
		wantRule(t, unmerge(closed), "resident.unmerge-ended")
	})
}

// Merged into one that is in time, the lateness of a report would be forgotten.
func TestWhatIsLateIsNotMergedIntoWhatIsInTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		late := w.report("door", anna)
		here := w.on("2021-07-20")
		fresh := here.report("door", bob)
		merge := func(what, into resident.Receipt) error {
			take := here.take(what.Report, "")
			return here.would(func(ctx context.Context, tx *db.Tx) error { return here.MergeIn(ctx, tx, w.street, take, into.Report) })
		}
		wantRule(t, merge(late, fresh), "resident.merge-late") // its deadline passed, whether the clock has said so or not
		w.must(here.Advance(t.Context()))
		wantRule(t, merge(late, fresh), "resident.merge-late")
		wantRule(t, merge(fresh, late), "")
	})
}

func TestACallBackDoesNotSpeakOverTheResidentNorForTheOffice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := w.submission("door", anna)
		in.SourceRef = "GD-9"
		var out resident.Receipt
		w.must(w.act(func(ctx context.Context, tx *db.Tx) (err error) {
			out, _, err = w.TakeOrderIn(ctx, tx, authz.System("order-interface"), in)
			return err
		}))
		w.answer(out.Report)
		w.pass(out.Report, false)
		call := func(who authz.Actor) error {
			return w.would(func(ctx context.Context, tx *db.Tx) error {
				return w.CalledBackIn(ctx, tx, who, out.Report, resident.Rating{Solved: true, Satisfied: true})
			})
		}
		wantRule(t, call(w.community), "resident.own-work")
		wantRule(t, call(w.street), "")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			return w.CalledBackIn(ctx, tx, w.street, out.Report, resident.Rating{Solved: true})
		}))
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM audit_event WHERE kind = 'resident.rated' AND account = $1`, w.street.Account)
			if err != nil || n != 1 {
				t.Errorf("%d events name who called back, %v", n, err)
			}
			return nil
		})
		wantRule(t, call(w.street), "resident.rated-already")
	})
}

func TestATelephoneAloneFindsItsReportsAndASecondJoinIsANewLink(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b := w.report("door", anna), w.report("clean", bob)
		ticket, code, err := w.begin("10.0.0.1", anna, resident.Draft{Mine: true})
		wantRule(t, err, "")
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.MineIn(ctx, tx, ticket)
			wantRule(t, err, "authz.not-found") // the code was not given yet
			return nil
		})
		found, err := w.confirm(ticket, code)
		wantRule(t, err, "")
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			list, err := w.MineIn(ctx, tx, found.Mine)
			if err != nil || len(list) != 1 || list[0].Report != a.Report {
				t.Errorf("found %v, %v", list, err)
			}
			return nil
		})
		open := func(id db.ID) error {
			return w.would(func(ctx context.Context, tx *db.Tx) error {
				_, err := w.OpenMineIn(ctx, tx, authz.Anonymous, found.Mine, id)
				return err
			})
		}
		wantRule(t, open(a.Report), "")
		wantRule(t, open(b.Report), "resident.not-yours")
		ticket, code, err = w.begin("10.0.0.1", anna, resident.Draft{Join: a.Report})
		wantRule(t, err, "")
		again, err := w.confirm(ticket, code)
		if err != nil || !again.Known || again.Follow == "" || w.see(a.Report).Voices != 1 {
			t.Errorf("joined twice: %+v, %v", again, err)
		}
		n := w.see(a.Report).Number
		for _, typed := range []string{strings.ReplaceAll(n, "-", ""), strings.ReplaceAll(n, "-", "－"), " " + n + " "} {
			if got := resident.Canonical(typed); got != n {
				t.Errorf("%q is read as %q", typed, got)
			}
		}
	})
}
