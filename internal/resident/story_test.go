package resident_test

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

// TestADoorIsReportedJoinedMendedContestedAndLate follows one report through the
// hands of everybody whom its state names.
func TestADoorIsReportedJoinedMendedContestedAndLate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.report("door", anna)
		r := w.see(a.Report)
		if !resident.ValidNumber(r.Number) || r.State != resident.Dispatched || r.Due.String() != "2021-06-08" || r.Case.Holder.Enterprise != w.Jia.USCC {
			t.Fatalf("reported: %s %s due %s with %s", r.Number, r.State, r.Due, r.Case.Holder.Key())
		}
		b, err := w.Join(t.Context(), authz.Anonymous, a.Report, 0, bob, "三单元也是")
		wantRule(t, err, "")
		_, err = w.Join(t.Context(), authz.Anonymous, a.Report, 0, bob, "")
		wantRule(t, err, "resident.joined")
		wantRule(t, w.rate(a.Follow, true, true), "resident.not-rateable")

		w.answer(a.Report)
		if r = w.see(a.Report); r.State != resident.Answered || r.Case.Holder.Role != authz.Community || !r.InTime {
			t.Fatalf("answered: %s with %s, in time %v", r.State, r.Case.Holder.Key(), r.InTime)
		}
		w.pass(a.Report, false)
		if r = w.see(a.Report); r.State != resident.ReviewPassed || r.OutcomeTitle() != "" {
			t.Errorf("passed: %s %q", r.State, r.OutcomeTitle())
		}
		wantRule(t, w.rate(b.Follow, true, true), "")
		if r = w.see(a.Report); r.State != resident.Rated || r.Outcome != resident.ByResident {
			t.Errorf("rated: %s %q", r.State, r.Outcome)
		}
		wantRule(t, w.rate(a.Follow, false, false), "") // the first resident says it isn't fixed
		if r = w.see(a.Report); r.State != resident.Reopened || r.Outcome != resident.NotSolved || r.Case.Due.String() != "2021-06-04" {
			t.Fatalf("reopened: %s %q due %s", r.State, r.Outcome, r.Case.Due)
		}

		late := w.on("2021-06-05")
		wantRule(t, late.Advance(t.Context()), "")
		if r = w.see(a.Report); r.State != resident.Urged || r.Case.Holder.Role != authz.DistrictBureau || !r.Late {
			t.Errorf("overdue: %s with %s", r.State, r.Case.Holder.Key())
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			todos, _, err := casework.Todos(ctx, tx, w.district, []*casework.Machine{resident.Machine}, casework.Filter{}, casework.Cursor{}, 10)
			if err != nil || len(todos) != 1 || todos[0].ID != a.Report {
				t.Errorf("the district's work: %v, %v", todos, err)
			}
			return nil
		})
		w.WantAudit("resident_report:"+a.Report.String(), "resident.reported", "resident.joined", "resident.answered", "resident.passed",
			"resident.rated", "resident.rating-noted", "resident.rated", "resident.reopened", "resident.overdue")
	})
}

func TestAClosedReportIsNotCalledSolvedUntilSomebodyConfirmsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, tt := range []struct {
			name string
			seen bool
			say  func(secret string)
			want string
		}{
			{"nobody looked and nobody rated", false, nil, "已答复，未经居民确认"},
			{"the reviewer saw it", true, nil, "审核单位现场确认已解决"},
			{"the resident says so", false, func(s string) { w.must(w.rate(s, true, false)) }, "居民确认已解决"},
		} {
			a := w.report("clean", anna)
			w.answer(a.Report)
			w.pass(a.Report, tt.seen)
			if tt.say != nil {
				tt.say(a.Follow)
			}
			w.must(w.on("2021-07-20").Advance(t.Context()))
			if r := w.see(a.Report); r.State != resident.Closed || r.OutcomeTitle() != tt.want || r.ClosedOn == 0 {
				t.Errorf("%s: %s %q", tt.name, r.State, r.OutcomeTitle())
			}
		}
	})
}

func TestAReportIsReopenedAsOftenAsTheRulebookSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.report("clean", anna)
		for i := range 3 {
			w.answer(a.Report)
			w.pass(a.Report, true)
			w.must(w.rate(a.Follow, false, false))
			want := resident.Reopened
			if i == 2 {
				want = resident.Rated
			}
			if r := w.see(a.Report); r.State != want || r.Outcome != resident.NotSolved {
				t.Errorf("time %d: %s %q, want %s", i+1, r.State, r.Outcome, want)
			}
		}
	})
}

// TestAClosedReportIsOpenedAgainWithinTheRulebooksTime: what was closed and turns
// out not to be mended goes back to its office; later it is put away.
func TestAClosedReportIsOpenedAgainWithinTheRulebooksTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.report("clean", anna)
		w.answer(a.Report)
		w.pass(a.Report, true)
		w.must(w.rate(a.Follow, true, true))
		closed := w.on("2021-07-20")
		w.must(closed.Advance(t.Context()))
		r := w.see(a.Report)
		if r.State != resident.Closed || r.ClosedOn.String() != "2021-07-20" || r.Case.Due.String() != "2021-10-18" || r.Case.Holder.Key() != "" {
			t.Fatalf("closed: %s on %s until %s with %q", r.State, r.ClosedOn, r.Case.Due, r.Case.Holder.Key())
		}
		last := w.on("2021-10-18")
		w.must(last.Advance(t.Context()))
		wantRule(t, last.rate(a.Follow, true, true), "resident.not-rateable")
		wantRule(t, last.rate(a.Follow, false, false), "")
		if r = w.see(a.Report); r.State != resident.Reopened || r.ClosedOn != 0 || r.Outcome != resident.NotSolved || r.Case.Holder.Enterprise != w.Jia.USCC {
			t.Errorf("opened again: %s closed on %s %q with %s", r.State, r.ClosedOn, r.Outcome, r.Case.Holder.Key())
		}
		b := w.report("green", bob)
		w.answer(b.Report)
		w.pass(b.Report, true)
		w.must(closed.Advance(t.Context()))
		after := w.on("2021-10-19")
		w.must(after.Advance(t.Context()))
		if r = w.see(b.Report); r.State != resident.Archived || !r.Ended() {
			t.Errorf("after the time: %s", r.State)
		}
		wantRule(t, after.rate(b.Follow, false, false), "resident.not-rateable")
	})
}

func TestAMergerIsTakenBackWithoutLoss(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b := w.report("door", anna), w.report("door", bob)
		other := w.submission("door", bob)
		other.Project = w.Projects[1].Code
		far, err := w.Submit(t.Context(), authz.Anonymous, other)
		wantRule(t, err, "")
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			alike, err := w.Alike(ctx, tx, w.see(b.Report))
			if err != nil || len(alike) != 1 || alike[0].ID != a.Report {
				t.Errorf("proposed: %v, %v", alike, err)
			}
			return nil
		})
		merge := func(id, into db.ID) error {
			take := w.take(id, "")
			return w.act(func(ctx context.Context, tx *db.Tx) error { return w.MergeIn(ctx, tx, w.street, take, into) })
		}
		wantRule(t, merge(b.Report, b.Report), "resident.merge")
		wantRule(t, merge(far.Report, a.Report), "resident.merge")
		before := w.see(b.Report)
		wantRule(t, merge(b.Report, a.Report), "")
		main, part := w.see(a.Report), w.see(b.Report)
		if main.Voices != 2 || part.State != resident.Merged || part.MergedInto != a.Report || part.Case.Holder.Key() != "" {
			t.Errorf("merged: main %d voices, part %s", main.Voices, part.State)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			f, err := w.Follow(ctx, tx, b.Follow)
			if err != nil || f.Report.ID != a.Report || f.Own.ID != b.Report {
				t.Errorf("the second resident follows %v, %v", f.Report, err)
			}
			return nil
		})
		w.answer(a.Report)
		w.pass(a.Report, true)
		wantRule(t, w.rate(b.Follow, true, true), "")
		take := w.take(b.Report, "")
		wantRule(t, w.act(func(ctx context.Context, tx *db.Tx) error { return w.UnmergeIn(ctx, tx, w.street, take) }), "")
		main, part = w.see(a.Report), w.see(b.Report)
		if main.Voices != 1 || part.Voices != 1 || part.State != before.State || part.Case.Due != before.Case.Due || part.Case.Holder != before.Case.Holder || part.Body != before.Body {
			t.Errorf("taken back: %s due %s with %s, want %s due %s with %s", part.State, part.Case.Due, part.Case.Holder.Key(), before.State, before.Case.Due, before.Case.Holder.Key())
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			f, err := w.Follow(ctx, tx, b.Follow)
			if err != nil || f.Report.ID != b.Report || f.Voice.Solved != resident.Yes {
				t.Errorf("after it the second resident follows %v, rated %v, %v", f.Report.ID, f.Voice.Solved, err)
			}
			return nil
		})
	})
}

func TestAnOrderOfTheHotlineIsTakenOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := w.submission("", anna)
		in.SourceRef, in.Class, in.Body = "GD20210601-77", "COMPLAINT", "物业费涨价没有公示"
		var first, second resident.Receipt
		var known bool
		w.must(w.act(func(ctx context.Context, tx *db.Tx) (err error) {
			first, known, err = w.TakeOrderIn(ctx, tx, authz.System("order-interface"), in)
			return err
		}))
		if known || w.see(first.Report).Topic != "income" && w.see(first.Report).Topic != "fees" {
			t.Errorf("taken: known %v, topic %s", known, w.see(first.Report).Topic)
		}
		w.must(w.act(func(ctx context.Context, tx *db.Tx) (err error) {
			second, known, err = w.TakeOrderIn(ctx, tx, authz.System("order-interface"), in)
			return err
		}))
		if !known || second.Number != first.Number || second.Report != first.Report {
			t.Errorf("again: %v %s, first %s", known, second.Number, first.Number)
		}
		if r := w.see(first.Report); r.State != resident.Submitted || r.Case.Holder.Role != authz.Subdistrict || r.Case.Due.String() != "2021-06-02" {
			t.Errorf("waits as %s with %s until %s", r.State, r.Case.Holder.Key(), r.Case.Due)
		}
	})
}

func TestRatesCountWhatTheListsShow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b, c := w.report("door", anna), w.report("clean", bob), w.report("green", anna)
		_ = c
		w.answer(a.Report)
		w.pass(a.Report, true)
		w.must(w.rate(a.Follow, true, false))
		late := w.on("2021-07-20")
		w.must(late.Advance(t.Context()))
		take := w.take(b.Report, "")
		w.must(late.act(func(ctx context.Context, tx *db.Tx) error {
			return late.AnswerIn(ctx, tx, w.firm, take, "已清扫", nil)
		}))
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			from, to := w.Today(), w.Today().AddDays(60)
			rows, err := resident.RatesBy(ctx, tx, resident.ByEnterprise, "2301", resident.QuarterOf(from))
			if err != nil || len(rows) != 1 || rows[0].Rates != (resident.Rates{Received: 3, InTime: 1, Called: 1, Solved: 1}) {
				t.Errorf("rates = %+v, %v", rows, err)
			}
			for count, want := range map[string]int64{resident.CountReceived: 3, resident.CountInTime: 1, resident.CountLate: 2, resident.CountOpen: 2} {
				n, err := resident.Count(ctx, tx, resident.Query{Public: true, Count: count, Enterprise: w.Jia.USCC, Division: "230103", From: from, To: to})
				if err != nil || n != want {
					t.Errorf("%s: %d, %v; want %d", count, n, err, want)
				}
			}
			list, err := resident.VerdictsOf(ctx, tx, resident.RatingQuery{Enterprise: w.Jia.USCC, Quarter: resident.QuarterOf(from), Satisfied: resident.No})
			if err != nil || len(list) != 1 || list[0] != (resident.Verdicts{Solved: resident.Yes, Satisfied: resident.No, N: 1}) {
				t.Errorf("ratings = %v, %v", list, err)
			}
			theirs, err := resident.List(ctx, tx, resident.Query{Scopes: authz.Scopes(w.Firm(w.Yi.USCC), authz.ReportRead), Limit: 10})
			if err != nil || len(theirs) != 0 {
				t.Errorf("another firm sees %d reports, %v", len(theirs), err)
			}
			return nil
		})
	})
}

func TestPagesOfTheListNeitherSkipNorRepeat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for i := range 7 {
			w.report("door", "1380000001"+string(rune('0'+i)))
		}
		for _, sort := range []string{"received", "due", "voices"} {
			for _, desc := range []bool{true, false} {
				q := resident.Query{Public: true, Sort: sort, Desc: desc, Limit: 2}
				seen := map[db.ID]bool{}
				w.Read(func(ctx context.Context, tx *db.Tx) error {
					for {
						page, err := resident.List(ctx, tx, q)
						if err != nil || len(page) == 0 {
							return err
						}
						for _, r := range page {
							if seen[r.ID] {
								t.Errorf("%s %v: %s twice", sort, desc, r.Number)
							}
							seen[r.ID] = true
						}
						q.After = q.Key(page[len(page)-1])
					}
				})
				if len(seen) != 7 {
					t.Errorf("%s %v: %d reports, want 7", sort, desc, len(seen))
				}
			}
		}
	})
}
