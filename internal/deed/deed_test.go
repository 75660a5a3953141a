package deed_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/city/town"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/deed"
	"juli/internal/fault"
	"juli/internal/supervision"
)

// TestADeedFromWishToClosing follows one matter: nobody is counted before it is
// done, nobody of those who worked calls back, and the last word is of those served.
func TestADeedFromWishToClosing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.collect(draft)
		x := w.dossier(id)
		if x.State != deed.Collected || x.Number != "SS230103-2021-0001" || x.Case.Due.String() != "2021-06-08" || x.Case.Holder.Key() != "district_bureau@230103" {
			t.Errorf("collected: %s %s, due %s, with %s", x.State, x.Number, x.Case.Due, x.Case.Holder.Key())
		}
		w.walk(id, deed.ActAccept, deed.ActPlan, deed.ActBegin)
		if x = w.dossier(id); x.Case.Due.String() != "2021-06-25" || len(x.Milestones) != 2 {
			t.Errorf("under way: due %s, %d milestones", x.Case.Due, len(x.Milestones))
		}
		later := w.on("2021-06-20")
		later.walk(id, deed.ActReport)
		if x = later.dossier(id); x.Case.Due.String() != "2021-07-11" || x.Percent != 50 || x.Milestones[0].Reached.String() != "2021-06-20" || x.People != 0 {
			t.Errorf("reported: due %s, %d%%, %+v, %d people", x.Case.Due, x.Percent, x.Milestones, x.People)
		}
		later.walk(id, deed.ActDone)
		if x = later.dossier(id); x.People != 240 || x.Percent != 100 || len(x.Files) != 2 || x.Milestones[1].Reached.String() != "2021-06-20" {
			t.Errorf("done: %d people, %d%%, %d files", x.People, x.Percent, len(x.Files))
		}
		wantRule(t, later.try(id, deed.ActName, later.worker), "authz.same-person")
		wantRule(t, later.try(id, deed.ActVerify, later.caller), "deed.calls")
		later.walk(id, deed.ActName, deed.ActCall, deed.ActCall)
		wantRule(t, later.try(id, deed.ActVerify, later.caller), "deed.calls")
		code := later.lastCode(id)
		later.must(later.confirm(" "+code[:5]+" "+code[5:], deed.Answer{Solved: true}))
		wantRule(t, later.confirm(code, deed.Answer{Solved: true}), "deed.code")
		wantRule(t, later.confirm("0000-0000-0000", deed.Answer{Solved: true}), "deed.code")
		later.walk(id, deed.ActVerify)
		wantRule(t, later.try(id, deed.ActClose, later.worker), "authz.same-person")
		later.walk(id, deed.ActClose)
		x = later.dossier(id)
		if x.State != deed.Closed || x.ClosedOn.String() != "2021-06-20" || x.Answers != (deed.Answers{Named: 3, Answered: 3, Solved: 3, Satisfied: 2}) {
			t.Errorf("closed: %s on %s, %+v", x.State, x.ClosedOn, x.Answers)
		}
		w.WantAudit("deed:"+id.String(), "deed.collected", "deed.accepted", "deed.planned", "deed.begun", "deed.reported", "deed.done", "deed.named", "deed.called", "deed.called",
			"deed.sheet-read", "deed.confirmed", "deed.verified", "deed.closed")
		sum := later.solved()
		if sum.Matters != 1 || sum.People != 240 {
			t.Errorf("solved: %+v", sum)
		}
	})
}

// lastCode reads the sheet and gives the code of who has not answered.
func (w *world) lastCode(id db.ID) (code string) {
	w.t.Helper()
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		_, slips, err := w.SheetIn(ctx, tx, w.caller, id)
		for _, s := range slips {
			if s.Code != "" {
				code = s.Code
			}
		}
		if len(slips) != 3 || slips[0].Name != "王立明" || slips[0].Phone != "13900001111" || slips[0].Code != "" || len(code) != 14 {
			w.t.Errorf("sheet: %+v", slips)
		}
		return err
	})
	return code
}

func (w *world) confirm(code string, a deed.Answer) error {
	return w.DB().Write(w.t.Context(), func(tx *db.Tx) error {
		_, err := w.ConfirmIn(w.t.Context(), tx, authz.Anonymous, code, a)
		return err
	})
}

func (w *world) solved() (sum deed.Totals) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		sum, err = deed.Solved(ctx, tx, "", tx.Today(), false)
		return err
	})
	return sum
}

// TestEveryStateActAndRole tries every act in every state as every role: it
// succeeds where the procedure and the duty matrix both say so, and nowhere else.
func TestEveryStateActAndRole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		roles := map[string]authz.Actor{
			"district": w.Fresh(w.District(town.Huayuan)), "other district": w.Fresh(w.District(town.Daoli)), "city": w.city, "street": w.Fresh(w.Street(town.Huayuan)),
			"community": w.Community(town.Huayuan), "association": w.Association(), "firm": w.Firm(w.Jia.USCC), "visitor": authz.Anonymous,
		}
		done := 0
		for _, s := range deed.Machine.States {
			id := w.collect(draft)
			w.walk(id, ways[s.Name]...)
			for _, a := range deed.Machine.Acts {
				call, ok := w.acts()[a.Name]
				if !ok {
					continue // opens a deed
				}
				for role, who := range roles {
					err := w.take(id, func(ctx context.Context, tx *db.Tx, t deed.Take) error {
						if a.Name == deed.ActVerify && s.Name == deed.Done { // the third call is still missing
							if err := w.acts()[deed.ActCall](ctx, tx, w.caller, t); err != nil {
								return err
							}
							t.Version++
						}
						if err := call(ctx, tx, who, t); err != nil {
							return err
						}
						return errUndo
					})
					x := w.dossier(id)
					may := authz.May(who, a.May, authz.Place{Division: town.Huayuan})
					holds := !a.ByHolder || slices.Contains(casework.Bodies(who), x.Case.Holder)
					want := slices.Contains(a.From, s.Name) && may && holds
					if got := errors.Is(err, errUndo); got != want {
						t.Errorf("%s from %s as %s: %v, want success %v", a.Name, s.Name, role, err, want)
					}
					if want {
						done++
					}
					if f := fault.From(err); !errors.Is(err, errUndo) && f.Kind == fault.Internal {
						t.Errorf("%s from %s as %s: %v", a.Name, s.Name, role, err)
					}
				}
			}
		}
		if done < 30 {
			t.Errorf("only %d acts succeeded", done)
		}
	})
}

var errUndo = fault.New(fault.Conflict, "test.undo", "undo")

func TestSuspensionNeedsAReasonAndAnotherPersonsSign(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.collect(draft)
		w.walk(id, deed.ActAccept, deed.ActPlan, deed.ActBegin)
		err := w.take(id, func(ctx context.Context, tx *db.Tx, t deed.Take) error {
			t.Note = ""
			return w.SuspendIn(ctx, tx, w.worker, t)
		})
		wantRule(t, err, "casework.note")
		w.walk(id, deed.ActSuspend)
		wantRule(t, w.try(id, deed.ActSign, w.worker), "authz.same-person")
		stale := w.caller
		stale.StepUp = authz.Anonymous.StepUp
		wantRule(t, w.try(id, deed.ActSign, stale), "authz.step-up")
		w.walk(id, deed.ActSign)
		if x := w.dossier(id); x.State != deed.Suspended || x.Late(w.Today().AddDays(400)) {
			t.Errorf("suspended: %s", x.State)
		}
		w.walk(id, deed.ActResume, deed.ActPlan)
		if x := w.dossier(id); x.State != deed.Scheduled || len(x.Milestones) != 2 {
			t.Errorf("resumed: %s with %d milestones of the new plan", x.State, len(x.Milestones))
		}
	})
}

// A suspension that is refused gains no day, whatever the deed's state was.
func TestARefusedSuspensionLeavesADeedAndItsDeadlineWhereTheyWere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		late := w.on("2021-08-20") // the promised end was in July
		for _, state := range []string{deed.Accepted, deed.Scheduled, deed.Doing} {
			id := w.collect(draft)
			w.walk(id, ways[state]...)
			before, counted := late.dossier(id), late.lateOnes()
			late.walk(id, deed.ActSuspend)
			if waits := late.dossier(id); waits.State != deed.Suspending || waits.Late(late.Today()) != before.Late(late.Today()) || late.lateOnes() != counted {
				t.Errorf("%s: while the suspension waits it is late %v and %d are counted, before %v and %d", state, waits.Late(late.Today()), late.lateOnes(), before.Late(late.Today()), counted)
			}
			late.walk(id, deed.ActUnsign)
			after := late.dossier(id)
			if after.State != state || after.Deadline != before.Deadline || after.Case.Due != before.Case.Due || after.Case.Holder.Key() != before.Case.Holder.Key() {
				t.Errorf("%s until %s, due %s, became %s until %s, due %s", state, before.Deadline, before.Case.Due, after.State, after.Deadline, after.Case.Due)
			}
			if after.Late(late.Today()) != (state != deed.Accepted) {
				t.Errorf("%s: late %v", state, after.Late(late.Today()))
			}
		}
	})
}

// lateOnes is how many deeds are late, the same in the list, in its sum and in the
// district's month.
func (w *world) lateOnes() (n int64) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) error {
		list, err := deed.List(ctx, tx, w.city, deed.Query{Late: true, Limit: 10})
		w.must(err)
		sum, err := deed.Sum(ctx, tx, w.city, deed.Query{})
		w.must(err)
		month, err := deed.MonthTotals(ctx, tx, deed.MonthOf(w.Today()), "230103")
		w.must(err)
		if n = int64(len(list)); n != sum.Late || n != month.Late {
			w.t.Errorf("%d late ones are listed, %d and %d counted", n, sum.Late, month.Late)
		}
		return nil
	})
	return n
}

// Who works on a deed promises no later day than the district named, and what was
// promised first stays.
func TestAResumedDeedIsPromisedUntilTheDayThatTheDistrictNamed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.collect(draft)
		w.walk(id, deed.ActAccept, deed.ActPlan, deed.ActBegin, deed.ActSuspend, deed.ActSign)
		first, today := w.dossier(id).Deadline, w.Today()
		resume := func(who authz.Actor, until day.Date) error {
			return w.take(id, func(ctx context.Context, tx *db.Tx, t deed.Take) error { return w.ResumeIn(ctx, tx, who, t, until) })
		}
		wantRule(t, resume(w.chief, 0), "deed.until")
		wantRule(t, resume(w.chief, today-1), "deed.until")
		wantRule(t, resume(w.worker, today.AddDays(90)), "authz.same-person")
		w.must(resume(w.chief, today.AddDays(90)))
		promise := func(end day.Date) error {
			p := deed.Plan{Promise: "更换三个单元门", Starts: today, Deadline: end, Milestones: []deed.Milestone{{Title: "安装", Due: end}}}
			return w.take(id, func(ctx context.Context, tx *db.Tx, t deed.Take) error { return w.PlanIn(ctx, tx, w.worker, t, p) })
		}
		wantRule(t, promise(today.AddDays(91)), "deed.later")
		late := w.on("2021-12-01").lateOnes
		if late() != 1 {
			t.Error("who never plans anew is never late")
		}
		w.must(promise(today.AddDays(90)))
		if x := w.dossier(id); x.First != first || x.Deadline != today.AddDays(90) || first == x.Deadline || late() != 1 {
			t.Errorf("promised first until %s, now until %s, the first kept as %s", first, x.Deadline, x.First)
		}
	})
}

func TestOneOrderIsOneDeed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		f := draft
		f.Order = "HRB2021000123"
		w.collect(f)
		f.Order = " hrb2021000123"
		_, err := w.Collect(t.Context(), w.chief, f)
		wantRule(t, err, "deed.linked")
		f.Order, f.Case = "", "0ABCDEF"
		_, err = w.Collect(t.Context(), w.chief, f)
		wantRule(t, err, "deed.no-case")
		var there casework.Case
		for _, at := range []code.Division{town.Daoli, town.Huayuan} { // another district's case is not there
			w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
				there, err = casework.Open(ctx, tx, w.Program, supervision.CaseMachine, casework.Opening{
					Object: "case:" + string(at), Title: "单元门损坏", Place: authz.Place{Division: at}, Way: casework.Way{Act: supervision.CaseMachine.Acts[0].Name},
				})
				return err
			})
			f.Case = there.ID.String()
			if at == town.Daoli {
				_, err = w.Collect(t.Context(), w.chief, f)
				wantRule(t, err, "deed.no-case")
			}
		}
		w.collect(f)
		_, err = w.Collect(t.Context(), w.chief, f)
		wantRule(t, err, "deed.linked")
		f.Case, f.Division = "", "2301"
		_, err = w.Collect(t.Context(), w.city, f)
		wantRule(t, err, "deed.division")
		f.Division = string(town.Daoli)
		_, err = w.Collect(t.Context(), w.chief, f)
		wantRule(t, err, "deed.not-here")
		_, err = w.Collect(t.Context(), w.Firm(w.Jia.USCC), f)
		wantRule(t, err, "authz.denied")
	})
}

func TestWhatThoseServedRejectIsNotCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.collect(draft)
		w.walk(id, deed.ActAccept, deed.ActPlan, deed.ActBegin, deed.ActDone, deed.ActName)
		for range 3 {
			x := w.dossier(id)
			i := slices.IndexFunc(x.Served, func(s deed.Served) bool { return s.Answer == nil })
			w.must(w.take(id, func(ctx context.Context, tx *db.Tx, t deed.Take) error {
				return w.CallIn(ctx, tx, w.caller, t, x.Served[i].ID, deed.Answer{})
			}))
		}
		wantRule(t, w.try(id, deed.ActVerify, w.caller), "deed.unsolved")
		w.walk(id, deed.ActRedo)
		if x := w.dossier(id); x.State != deed.Doing || x.People != 0 {
			t.Errorf("sent back: %s, %d people, %+v", x.State, x.People, x.Answers)
		}
		w.walk(id, deed.ActDone)
		if x := w.dossier(id); x.Answers != (deed.Answers{}) || len(x.Served) > 0 {
			t.Errorf("asked about the second end: %+v", x.Answers)
		}
		w.walk(id, deed.ActName, deed.ActCall, deed.ActCall, deed.ActCall, deed.ActVerify, deed.ActClose)
		if x := w.dossier(id); x.People != 240 || x.Answers.Solved != 3 {
			t.Errorf("the second time: %d people, %+v", x.People, x.Answers)
		}
	})
}

func TestNamesAreSealedMaskedAndForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.collect(draft)
		w.walk(id, ways[deed.Closed]...)
		type row struct{ name, phone, blind, code []byte }
		read := func() []row {
			var rows []row
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				rows, err = db.All(ctx, tx, func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.name, &x.phone, &x.blind, &x.code) },
					`SELECT name_sealed, phone_sealed, phone_blind, code_hash FROM deed_served ORDER BY id`)
				return err
			})
			return rows
		}
		for _, x := range read() {
			if len(x.name) == 0 || bytes.Contains(x.name, []byte("王立明")) || bytes.Contains(x.phone, []byte("13900001111")) || len(x.code) != 32 {
				t.Errorf("stored: %q %q %d", x.name, x.phone, len(x.code))
			}
		}
		if x := w.dossier(id); x.Served[0].Name == "王立明" || x.Served[0].Phone != "139****1111" {
			t.Errorf("shown: %+v", x.Served[0])
		}
		for _, tt := range []struct {
			day  string
			want int64
		}{{"2022-06-01", 0}, {"2022-06-02", 3}} { // a whole year is kept
			on := w.on(tt.day)
			on.Write(func(ctx context.Context, tx *db.Tx) error {
				n, err := on.ForgetIn(ctx, tx)
				if n != tt.want {
					t.Errorf("on %s: %d forgotten, want %d", tt.day, n, tt.want)
				}
				return err
			})
		}
		if x := read()[0]; len(x.name)+len(x.phone)+len(x.blind) > 0 {
			t.Error("a name is still there after its year")
		}
		if x := w.dossier(id); x.Answers.Solved != 3 || x.Served[0].Name != "已按期删除" {
			t.Errorf("the answers went with the names: %+v", x.Answers)
		}
	})
}

// TestWhoeverWorkedOnADeedDoesNotCallBack has each act of the work done by a
// person of its own: none of them may ask those served, nor say that they agree.
func TestWhoeverWorkedOnADeedDoesNotCallBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.collect(draft)
		w.walk(id, deed.ActAccept)
		people := map[string]authz.Actor{}
		for _, act := range []string{deed.ActPlan, deed.ActBegin, deed.ActReport, deed.ActDone} {
			people[act] = w.Fresh(w.District(town.Huayuan))
			w.must(w.try(id, act, people[act]))
		}
		for act, who := range people {
			for _, check := range []string{deed.ActName, deed.ActVerify, deed.ActRedo} {
				if err := w.try(id, check, who); !fault.Is(err, "authz.same-person") {
					t.Errorf("who did %s, then %s: %v", act, check, err)
				}
			}
		}
	})
}

// The codes of the sheet are as good as the answers of those served.
func TestWhoeverWorkedOnADeedNeitherReadsTheSheetNorConfirms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.collect(draft)
		w.walk(id, ways[deed.Done]...)
		err := w.DB().Write(t.Context(), func(tx *db.Tx) error {
			_, _, err := w.SheetIn(t.Context(), tx, w.worker, id)
			return err
		})
		wantRule(t, err, "authz.same-person")
		code := w.lastCode(id)
		err = w.DB().Write(t.Context(), func(tx *db.Tx) error {
			_, err := w.ConfirmIn(t.Context(), tx, w.worker, code, deed.Answer{Solved: true, Satisfied: true})
			return err
		})
		wantRule(t, err, "authz.same-person")
		w.must(w.confirm(code, deed.Answer{Solved: true, Satisfied: true}))
	})
}
