package job_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/job"
)

// A world is a database under a clock that the test turns.
type world struct {
	t  *testing.T
	d  *db.DB
	mu sync.Mutex
	at time.Time
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{t: t, at: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)}
		w.d = d.WithRealClock(func() time.Time {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.at
		})
		fn(w)
	})
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

func (w *world) write(fn func(tx *db.Tx) error) {
	w.t.Helper()
	w.must(w.d.Write(w.t.Context(), fn))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) enqueue(kind string, args any, o job.Opts) (id db.ID) {
	w.t.Helper()
	w.write(func(tx *db.Tx) (err error) {
		id, err = job.Enqueue(w.t.Context(), tx, kind, args, o)
		return err
	})
	return id
}

func (w *world) status(id db.ID) (i job.Info) {
	w.t.Helper()
	w.must(w.d.Read(w.t.Context(), func(tx *db.Tx) (err error) {
		i, err = job.Status(w.t.Context(), tx, id)
		return err
	}))
	return i
}

func (w *world) want(id db.ID, s job.State) job.Info {
	w.t.Helper()
	i := w.status(id)
	if i.State != s {
		w.t.Errorf("job is %s (%s, attempt %d), want %s", i.State, i.Rule, i.Attempt, s)
	}
	return i
}

func (w *world) runner(kind string, run job.Handler) *job.Runner {
	r := job.NewRunner(w.d)
	r.Handle(kind, run)
	return r
}

func (w *world) step(r *job.Runner, want bool) {
	w.t.Helper()
	worked, err := r.Step(w.t.Context())
	if err != nil || worked != want {
		w.t.Fatalf("Step = %v, %v, want %v", worked, err, want)
	}
}

// leave puts a mark behind as an effect; a second one of the same name shows.
func leave(ctx context.Context, tx *db.Tx, name string) error {
	_, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ($1, 'x')
		ON CONFLICT (key) DO UPDATE SET value = meta.value || 'x'`, "effect:"+name)
	return err
}

func (w *world) effects(want int) {
	w.t.Helper()
	w.must(w.d.Read(w.t.Context(), func(tx *db.Tx) error {
		n, err := db.Value[int](w.t.Context(), tx, `SELECT COUNT(*) FROM meta WHERE key LIKE 'effect:%'`)
		if err != nil {
			return err
		}
		twice, err := db.Value[int](w.t.Context(), tx, `SELECT COUNT(*) FROM meta WHERE key LIKE 'effect:%' AND value <> 'x'`)
		if n != want || twice != 0 {
			w.t.Errorf("%d effects, want %d; %d of them more than once", n, want, twice)
		}
		return err
	}))
}

func TestAJobLivesAndDiesWithItsAct(t *testing.T) {
	each(t, func(w *world) {
		refused := errors.New("refused")
		err := w.d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := job.Enqueue(t.Context(), tx, "mail", nil, job.Opts{})
			return errors.Join(err, refused)
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		type args struct{ Case db.ID }
		id := w.enqueue("mail", args{42}, job.Opts{Owner: 7, Total: 3})
		var got args
		r := w.runner("mail", func(ctx context.Context, j *job.Job) error {
			if j.Attempt != 1 || j.Owner != 7 || j.ID != id {
				t.Errorf("job %+v", j)
			}
			w.pass(time.Minute)
			if err := j.Args(&got); err != nil {
				return err
			}
			return j.Write(ctx, func(tx *db.Tx) error { return j.Done(ctx, tx, map[string]int{"sent": 3}) })
		})
		w.step(r, true)
		w.step(r, false)
		i := w.want(id, job.Done)
		if got.Case != 42 || string(i.Result) != `{"sent":3}` || i.Percent() != 100 || i.Done != 3 {
			t.Errorf("args %+v, info %+v", got, i)
		}
		if i.Ended.Sub(i.Started) != time.Minute || !i.State.Final() || i.State.String() != "已完成" {
			t.Errorf("from %v to %v, %s", i.Started, i.Ended, i.State)
		}
	})
}

func TestJobsWaitForTheirTimeAndKind(t *testing.T) {
	each(t, func(w *world) {
		later := w.enqueue("mail", nil, job.Opts{At: w.d.Real().Add(time.Hour)})
		w.enqueue("unknown here", nil, job.Opts{})
		r := w.runner("mail", func(context.Context, *job.Job) error { return nil })
		w.step(r, false)
		w.want(later, job.Queued)
		w.pass(time.Hour)
		w.step(r, true)
		w.want(later, job.Done)
		w.step(job.NewRunner(w.d), false)
	})
}

func TestKeyedJobsStandForEachOther(t *testing.T) {
	each(t, func(w *world) {
		a := w.enqueue("refresh", nil, job.Opts{Key: "230103"})
		if b := w.enqueue("refresh", nil, job.Opts{Key: "230103"}); b != a {
			t.Error("two jobs of one key wait")
		}
		if c := w.enqueue("refresh", nil, job.Opts{Key: "230104"}); c == a {
			t.Error("another key's job is taken for this one")
		}
		r := w.runner("refresh", func(context.Context, *job.Job) error { return nil })
		w.must(r.Drain(t.Context()))
		if b := w.enqueue("refresh", nil, job.Opts{Key: "230103"}); b == a {
			t.Error("a job that has ended stands for a new one")
		}
	})
}

// Failures come back later each time, permanent ones don't, and what is told
// about them is fit to be read.
func TestFailuresAreRetriedWithBackOff(t *testing.T) {
	each(t, func(w *world) {
		fails := map[string]error{
			"secret":  errors.New("dial tcp 10.0.0.1: refused"),
			"invalid": fault.New(fault.Invalid, "import.column", "缺少一列。"),
		}
		r := job.NewRunner(w.d)
		for kind, err := range fails {
			r.Handle(kind, func(context.Context, *job.Job) error { return err })
		}
		r.Handle("panics", func(context.Context, *job.Job) error { panic("oh") })

		invalid := w.enqueue("invalid", nil, job.Opts{})
		w.step(r, true)
		if i := w.want(invalid, job.Failed); i.Rule != "import.column" || i.Problem != "缺少一列。" || i.Attempt != 1 {
			t.Errorf("%+v", i)
		}
		secret := w.enqueue("secret", nil, job.Opts{Attempts: 3})
		for attempt := 1; attempt <= 2; attempt++ {
			w.step(r, true)
			i := w.want(secret, job.Queued)
			wait := i.Due.Sub(w.d.Real())
			least := 10 * time.Second << (attempt - 1)
			if i.Attempt != attempt || wait < least || wait > least+least/10 {
				t.Errorf("attempt %d waits %v", i.Attempt, wait)
			}
			w.step(r, false)
			w.pass(wait)
		}
		w.step(r, true)
		if i := w.want(secret, job.Failed); i.Rule != "internal" || i.Problem == "" || i.Problem == fails["secret"].Error() {
			t.Errorf("%+v", i)
		}
		panics := w.enqueue("panics", nil, job.Opts{Attempts: 1})
		w.step(r, true)
		if i := w.want(panics, job.Failed); i.Rule != "job.panic" {
			t.Errorf("%+v", i)
		}
		w.write(func(tx *db.Tx) error { return job.Retry(t.Context(), tx, panics) })
		w.want(panics, job.Queued)
		err := w.d.Write(t.Context(), func(tx *db.Tx) error { return job.Retry(t.Context(), tx, panics) })
		if !fault.Is(err, "job.retry") {
			t.Errorf("retry of a waiting job: %v", err)
		}
	})
}

// TestOneEffectWithTwoPrograms is CRS-8: whoever claims a job, it has one effect.
func TestOneEffectWithTwoPrograms(t *testing.T) {
	each(t, func(w *world) {
		const jobs = 150
		w.write(func(tx *db.Tx) error {
			for i := range jobs {
				if _, err := job.Enqueue(t.Context(), tx, "count", i, job.Opts{}); err != nil {
					return err
				}
			}
			return nil
		})
		var wg sync.WaitGroup
		for range 2 {
			r := w.runner("count", job.InOne(func(ctx context.Context, tx *db.Tx, j *job.Job) error {
				return leave(ctx, tx, j.ID.String())
			}))
			for range 3 {
				wg.Go(func() {
					if err := r.Drain(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		w.effects(jobs)
	})
}

// TestALostLeaseHasNoEffect is CRS-8: a program that was away too long finds its
// job taken, and what it still does is undone.
func TestALostLeaseHasNoEffect(t *testing.T) {
	each(t, func(w *world) {
		id := w.enqueue("slow", nil, job.Opts{})
		second := w.runner("slow", job.InOne(func(ctx context.Context, tx *db.Tx, j *job.Job) error {
			if j.Attempt != 2 {
				t.Errorf("attempt %d", j.Attempt)
			}
			return leave(ctx, tx, "slow")
		}))
		first := w.runner("slow", func(ctx context.Context, j *job.Job) error {
			w.step(second, false) // the lease holds
			w.pass(2 * time.Minute)
			w.step(second, true)
			err := j.Write(ctx, func(tx *db.Tx) error { return leave(ctx, tx, "slow") })
			if !errors.Is(err, job.ErrLost) {
				t.Errorf("a step after the lease: %v", err)
			}
			if err := j.Progress(ctx, 1, 1, ""); !errors.Is(err, job.ErrLost) {
				t.Errorf("progress after the lease: %v", err)
			}
			return err
		})
		w.step(first, true)
		w.want(id, job.Done)
		w.effects(1)
	})
}

// CRS-8: a program that dies in a step leaves a job that is done by the next.
func TestAnInterruptedJobIsTakenUp(t *testing.T) {
	each(t, func(w *world) {
		id := w.enqueue("work", nil, job.Opts{Attempts: 2})
		dying := w.runner("work", func(ctx context.Context, j *job.Job) error {
			stopped, stop := context.WithCancel(ctx)
			stop()
			return j.Write(stopped, func(tx *db.Tx) error { return leave(ctx, tx, "half") })
		})
		ctx, kill := context.WithCancel(t.Context())
		dead := w.runner("work", func(ctx context.Context, j *job.Job) error {
			kill() // the program is asked to stop
			<-ctx.Done()
			return ctx.Err()
		})
		if worked, err := dead.Step(ctx); !worked || err != nil {
			t.Fatal(worked, err)
		}
		if i := w.want(id, job.Queued); i.Attempt != 0 || !i.Due.Equal(w.d.Real()) {
			t.Errorf("an interrupted run counts: %+v", i)
		}
		w.step(dying, true)
		w.effects(0)
		w.pass(time.Hour)
		w.step(w.runner("work", job.InOne(func(ctx context.Context, tx *db.Tx, _ *job.Job) error { return leave(ctx, tx, "whole") })), true)
		w.want(id, job.Done)
		w.effects(1)
	})
}

// A job that takes every program down with it isn't tried for ever.
func TestAPoisonousJobIsPutAside(t *testing.T) {
	each(t, func(w *world) {
		id := w.enqueue("poison", nil, job.Opts{Attempts: 2})
		for range 2 { // two programs claim it and are never heard of again
			w.write(func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `UPDATE job SET state = 'running', holder = 'dead', attempt = attempt + 1, due_ms = $1 WHERE id = $2`,
					db.Millis(tx.Real), id)
				return err
			})
		}
		w.step(w.runner("poison", func(context.Context, *job.Job) error {
			t.Error("it runs again")
			return nil
		}), true)
		if i := w.want(id, job.Failed); i.Rule != "job.interrupted" {
			t.Errorf("%+v", i)
		}
	})
}

func TestCancel(t *testing.T) {
	each(t, func(w *world) {
		cancel := func(id db.ID) {
			t.Helper()
			w.write(func(tx *db.Tx) error { return job.Cancel(t.Context(), tx, id) })
		}
		waiting := w.enqueue("work", nil, job.Opts{})
		cancel(waiting)
		w.want(waiting, job.Cancelled)

		running := w.enqueue("work", nil, job.Opts{})
		r := w.runner("work", func(ctx context.Context, j *job.Job) error {
			if err := j.Write(ctx, func(tx *db.Tx) error { return leave(ctx, tx, "first step") }); err != nil {
				return err
			}
			cancel(j.ID)
			err := j.Write(ctx, func(tx *db.Tx) error { return leave(ctx, tx, "second step") })
			if !errors.Is(err, job.ErrCancelled) {
				t.Errorf("a step after the cancellation: %v", err)
			}
			return fmt.Errorf("step two: %w", err)
		})
		w.step(r, true)
		if i := w.want(running, job.Cancelled); !i.Cancel {
			t.Errorf("%+v", i)
		}
		w.effects(1)
		cancel(running) // once more changes nothing
		w.write(func(tx *db.Tx) error {
			if err := job.Cancel(t.Context(), tx, 42); !fault.Is(err, "job.not-found") {
				t.Errorf("an unknown job: %v", err)
			}
			return nil
		})
	})
}

func TestProgressIsShown(t *testing.T) {
	each(t, func(w *world) {
		id := w.enqueue("import", nil, job.Opts{})
		r := w.runner("import", func(ctx context.Context, j *job.Job) error {
			for i, want := range []int64{1, 1, 3, 4} { // the second comes too quickly, the last always
				if i == 2 {
					w.pass(time.Second)
				}
				if err := j.Progress(ctx, int64(i+1), 4, "第几行"); err != nil {
					return err
				}
				if got := w.status(id); got.Done != want || got.Total != 4 || got.Percent() != int(want*25) {
					t.Errorf("after %d rows: %d of %d", i+1, got.Done, got.Total)
				}
			}
			return nil
		})
		w.step(r, true)
		w.want(id, job.Done)
	})
}

// Periodic work is enqueued once, by whichever program comes first, and missed
// times are made up for by one run.
func TestPeriodicJobs(t *testing.T) {
	each(t, func(w *world) {
		var runs int
		var runners []*job.Runner
		for range 2 {
			r := job.NewRunner(w.d)
			r.Every("night", 24*time.Hour, 2*time.Hour, func(context.Context, *job.Job) error { runs++; return nil })
			runners = append(runners, r)
		}
		for _, tt := range []struct {
			pass time.Duration
			runs int
		}{{0, 0}, {18*time.Hour - time.Millisecond, 0}, {time.Millisecond, 1}, {time.Hour, 1}, {23 * time.Hour, 2}, {10 * 24 * time.Hour, 3}} {
			w.pass(tt.pass)
			for _, r := range runners {
				w.must(r.Drain(t.Context()))
			}
			if runs != tt.runs {
				t.Errorf("after another %v: %d runs, want %d", tt.pass, runs, tt.runs)
			}
		}
	})
}

// Run works until it is stopped; Wake spares a person the wait.
func TestRunUntilStopped(t *testing.T) {
	each(t, func(w *world) {
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan db.ID)
		r := w.runner("mail", func(_ context.Context, j *job.Job) error { ran <- j.ID; return nil })
		r.Poll = time.Hour
		var running sync.WaitGroup
		running.Go(func() { r.Run(ctx) })
		for range 3 {
			var id db.ID
			w.write(func(tx *db.Tx) (err error) {
				id, err = job.Enqueue(t.Context(), tx, "mail", nil, job.Opts{})
				tx.OnCommit(r.Wake)
				return err
			})
			if got := <-ran; got != id {
				t.Errorf("job %v ran, want %v", got, id)
			}
		}
		stop()
		running.Wait()
	})
}

func TestListAndPurge(t *testing.T) {
	each(t, func(w *world) {
		var ids []db.ID
		for i := range 5 {
			ids = append(ids, w.enqueue("mail", i, job.Opts{Owner: db.ID(1 + i%2)}))
		}
		list := func(owner db.ID, s job.State, before db.ID, limit int) (got []db.ID) {
			w.must(w.d.Read(t.Context(), func(tx *db.Tx) error {
				all, err := job.List(t.Context(), tx, owner, s, before, limit)
				for _, i := range all {
					got = append(got, i.ID)
				}
				return err
			}))
			return got
		}
		for _, tt := range []struct {
			got, want []db.ID
		}{
			{list(0, "", 0, 2), []db.ID{ids[4], ids[3]}},
			{list(0, "", ids[3], 2), []db.ID{ids[2], ids[1]}},
			{list(1, "", 0, 9), []db.ID{ids[4], ids[2], ids[0]}},
			{list(2, job.Queued, 0, 9), []db.ID{ids[3], ids[1]}},
			{list(2, job.Done, 0, 9), nil},
		} {
			if fmt.Sprint(tt.got) != fmt.Sprint(tt.want) {
				t.Errorf("listed %v, want %v", tt.got, tt.want)
			}
		}
		w.step(w.runner("mail", func(context.Context, *job.Job) error { return nil }), true)
		w.pass(time.Hour)
		w.write(func(tx *db.Tx) error {
			n, err := job.Purge(t.Context(), tx, tx.Real)
			if n != 1 {
				t.Errorf("%d jobs purged", n)
			}
			return err
		})
		if got := list(0, "", 0, 9); len(got) != 4 {
			t.Errorf("left: %v", got)
		}
	})
}

func TestArgumentsThatDontFit(t *testing.T) {
	each(t, func(w *world) {
		w.write(func(tx *db.Tx) error {
			if _, err := job.Enqueue(t.Context(), tx, "x", make([]byte, 64<<10), job.Opts{}); !fault.Is(err, "job.args") {
				t.Errorf("long arguments: %v", err)
			}
			if _, err := job.Enqueue(t.Context(), tx, "x", make(chan int), job.Opts{}); err == nil {
				t.Error("a channel is stored")
			}
			return nil
		})
		id := w.enqueue("x", "text", job.Opts{})
		w.step(w.runner("x", func(_ context.Context, j *job.Job) error {
			var wrong struct{ A int }
			return j.Args(&wrong)
		}), true)
		if i := w.want(id, job.Failed); i.Rule != "job.args" {
			t.Errorf("%+v", i)
		}
	})
}
