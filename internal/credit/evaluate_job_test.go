package credit

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/job"
)

// desk is a street whose evaluations are jobs.
type desk struct {
	*street
	jobs *job.Runner
	book *Book
	// before runs while a job is about to compute, outside of its snapshot.
	before func()
}

func newDesk(t *testing.T, d *db.DB, firms int) *desk {
	k := &desk{street: newStreet(t, d, firms), book: harbin(t)}
	k.svc.Books = &Books{City: "2301"}
	k.svc.Books.parsed.Store(k.book.Digest, k.book)
	k.svc.Actor = func(_ context.Context, _ *db.Tx, account db.ID) (authz.Actor, error) {
		if k.before != nil {
			k.before()
		}
		return official(account, account+10), nil
	}
	k.on(d)
	return k
}

// on turns the calendar.
func (k *desk) on(d *db.DB) {
	k.d, k.svc.DB, k.jobs = d, d, job.NewRunner(d)
	k.jobs.Handle(EvaluateJob, k.svc.Handle)
}

func (k *desk) do(fn func(ctx context.Context, tx *db.Tx) error) {
	k.t.Helper()
	if err := k.d.Write(k.t.Context(), func(tx *db.Tx) error { return fn(k.t.Context(), tx) }); err != nil {
		k.t.Fatal(err)
	}
}

func (k *desk) cycle() Request {
	return Request{Book: k.book, Purpose: ForCycle, Period: k.book.Period(day.MustParse("2021-09-30"))}
}

func (k *desk) ask(q Request) (id db.ID) {
	k.t.Helper()
	k.do(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = k.svc.EnqueueIn(ctx, tx, official(11, 21), q)
		return err
	})
	return id
}

func (k *desk) drain() {
	k.t.Helper()
	if err := k.jobs.Drain(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
}

func (k *desk) run(id db.ID) (r Run) {
	k.t.Helper()
	k.do(func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = k.svc.RunOf(ctx, tx, official(12, 22), id)
		return err
	})
	return r
}

func TestEvaluationIsAJobBesideEverybodyElsesWork(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, dbtest.Clock(d, "2021-10-08"), 3)
		k.note(0, "HRB-N04", "2021-08-01")
		first := k.ask(k.cycle())
		if again := k.ask(k.cycle()); again != first {
			t.Error("a second run of the period stands beside the first")
		}
		other := k.cycle()
		other.Purpose, other.AsOf, other.Period = ForTrial, day.MustParse("2021-08-31"), Period{}
		if second := k.ask(other); second == first {
			t.Error("a trial on another day is taken for the period's run")
		}
		if r := k.run(first); r.State != job.Queued || r.Purpose != ForCycle || r.Period == "" {
			t.Errorf("asked: %+v", r)
		}
		writes := 0
		k.before = func() { // whoever writes while it computes is not held up, and counts in the next run
			k.note(3, "HRB-N04", "2021-08-01")
			writes++
		}
		k.drain()
		r := k.run(first)
		if r.State != job.Done || r.Done != 3 || r.Total != 3 || r.Evaluation == 0 || writes != 2 {
			t.Fatalf("done: %+v, %d writes beside it", r, writes)
		}
		k.do(func(ctx context.Context, tx *db.Tx) error {
			e, err := k.svc.Evaluation(ctx, tx, r.Evaluation)
			if e.Enterprises != 3 || e.Records < 1 || e.Purpose != ForCycle || e.MadeBy != 11 {
				t.Errorf("evaluation = %+v", e)
			}
			return err
		})
		if third := k.ask(k.cycle()); third == first {
			t.Error("a run that has ended stands for a new one")
		}
	})
}

func TestARunIsStoppedAndAFailureTellsWhy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, dbtest.Clock(d, "2021-10-08"), 1)
		id := k.ask(k.cycle())
		k.do(func(ctx context.Context, tx *db.Tx) error { return k.svc.CancelRun(ctx, tx, official(12, 22), id) })
		k.drain()
		if r := k.run(id); r.State != job.Cancelled || r.Evaluation != 0 {
			t.Errorf("cancelled: %+v", r)
		}
		id = k.ask(k.cycle())
		k.svc.Actor = func(context.Context, *db.Tx, db.ID) (authz.Actor, error) { // the asker has lost the office
			return authz.Actor{Account: 11, Person: 21}, nil
		}
		k.drain()
		if r := k.run(id); r.State != job.Failed || r.Problem == "" || r.Evaluation != 0 {
			t.Errorf("of somebody who may no longer: %+v", r)
		}
		k.do(func(ctx context.Context, tx *db.Tx) error {
			if _, err := k.svc.RunOf(ctx, tx, authz.Actor{Account: 40, Person: 40}, id); err == nil {
				t.Error("a stranger reads how the run stands")
			}
			if err := k.svc.CancelRun(ctx, tx, authz.Actor{Account: 40, Person: 40}, id); err == nil {
				t.Error("a stranger stops a run")
			}
			return nil
		})
	})
}

// publish runs a cycle and publishes it.
func (k *desk) publish() (e Evaluation) {
	k.t.Helper()
	e = k.street.run(k.cycle())
	k.do(func(ctx context.Context, tx *db.Tx) error {
		p, err := k.svc.ProposePublication(ctx, tx, authz.System("test"), e.ID, "")
		if err == nil {
			_, err = k.svc.DecidePublication(ctx, tx, official(12, 22), p.ID, true, "")
		}
		return err
	})
	return e
}

// annul sets a noted record aside, as the record service and its reaction do.
func (k *desk) annul(record db.ID) {
	k.t.Helper()
	k.do(func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE credit_entry SET annulled = $1 WHERE record = $2`, tx.Today(), record); err != nil {
			return err
		}
		f := Filed{ID: record, Division: community, Proposal: Proposal{Item: "HRB-N04", Event: day.MustParse("2021-08-01")}}
		if err := saveCondition(ctx, tx, &f, Condition{Version: 9, State: RecordAnnulled, Effective: day.MustParse("2021-08-01"), Annulled: tx.Today(), At: tx.Now}); err != nil {
			return err
		}
		return k.reaction(ctx, tx, record)
	})
}

func (k *desk) reaction(ctx context.Context, tx *db.Tx, record db.ID) error {
	return k.svc.OnAnnulled(ctx, tx, record, func(string) (*Book, error) { return k.book, nil })
}

func (k *desk) waiting() (list []Release) {
	k.t.Helper()
	k.do(func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = k.svc.Publications(ctx, tx, PublishProposed)
		return err
	})
	return list
}

func (k *desk) score(e db.ID) (out int64) {
	k.t.Helper()
	k.do(func(ctx context.Context, tx *db.Tx) error {
		s, _, err := k.svc.Standing(ctx, tx, e, Subject{Enterprise, k.firms[0].ID})
		out = int64(s.Score)
		return err
	})
	return out
}

func TestAnnulledRecordBringsACorrection(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, dbtest.Clock(d, "2021-10-08"), 2)
		one, two := k.note(0, "HRB-N04", "2021-08-01"), k.note(1, "HRB-N04", "2021-08-01")
		e := k.publish()
		k.on(dbtest.Clock(d, "2021-10-11"))
		k.annul(one)
		k.do(func(ctx context.Context, tx *db.Tx) error { return k.reaction(ctx, tx, one) }) // at least once, one effect
		k.drain()
		first := k.waiting()
		if len(first) != 1 || first[0].Corrects == 0 || k.score(first[0].Evaluation) <= k.score(e.ID) {
			t.Fatalf("waiting corrections = %+v, score %d after %d", first, k.score(first[0].Evaluation), k.score(e.ID))
		}
		k.on(dbtest.Clock(d, "2021-10-12"))
		k.annul(two) // the correction that waits still counts it
		err := k.d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := k.svc.DecidePublication(t.Context(), tx, official(12, 22), first[0].ID, true, "")
			return err
		})
		if !fault.Is(err, "credit.publish-stale") {
			t.Errorf("publishing what counts an annulled record: %v", err)
		}
		k.drain()
		second := k.waiting()
		if len(second) != 1 || second[0].ID == first[0].ID || k.score(second[0].Evaluation) <= k.score(first[0].Evaluation) {
			t.Errorf("after the second annulment there wait %+v", second)
		}
	})
}
