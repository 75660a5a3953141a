package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"juli/internal/db"
	"juli/internal/fault"
)

const (
	backoffFirst  = 10 * time.Second
	backoffMax    = time.Hour
	progressEvery = 500 * time.Millisecond
)

// Why a handler's context ends; read it with [context.Cause].
var (
	// ErrCancelled means that somebody asked for the job's end.
	ErrCancelled = fault.New(fault.Conflict, "job.cancelled", "任务已取消。")
	// ErrLost means that the lease ran out and another program may have the job.
	ErrLost = fault.New(fault.Conflict, "job.lost", "任务已由其他进程接手。")
)

// A Job is one run of a job, as its handler sees it.
type Job struct {
	ID      db.ID
	Kind    string
	Owner   db.ID
	Attempt int // 1 at the first run

	args     string
	attempts int
	cancel   bool // asked for before it was claimed
	holder   string
	lease    time.Duration
	db       *db.DB

	mu    sync.Mutex // the heartbeat reads what the handler writes
	done  bool
	shown time.Time
}

// Args reads the arguments that the job was enqueued with.
func (j *Job) Args(into any) error {
	if err := json.Unmarshal([]byte(j.args), into); err != nil {
		return fault.Wrap(err, fault.Invalid, "job.args", "后台任务的参数不对。")
	}
	return nil
}

// Write runs a step of the job in a transaction that commits only while this run
// still holds the job and nobody has cancelled it. The job's row is locked for
// the end of the transaction alone, so a long step neither hides the heartbeat
// nor holds up whoever cancels. Short steps show progress.
func (j *Job) Write(ctx context.Context, fn func(tx *db.Tx) error) error {
	return j.db.Write(ctx, func(tx *db.Tx) error {
		j.setDone(false) // a retried transaction starts anew
		if err := j.check(ctx, tx, `SELECT cancel FROM job WHERE id = $1 AND holder = $2 AND attempt = $3 AND state = 'running'`); err != nil {
			return err
		}
		if err := fn(tx); err != nil || j.isDone() {
			return err
		}
		return j.renew(ctx, tx)
	})
}

// renew prolongs the lease, if the run still holds the job.
func (j *Job) renew(ctx context.Context, tx *db.Tx) error {
	return j.check(ctx, tx, `UPDATE job SET due_ms = $4 WHERE id = $1 AND holder = $2 AND attempt = $3 AND state = 'running'
		RETURNING cancel`, db.Millis(j.db.Real().Add(j.lease)))
}

// check runs a statement that returns the job's cancel column while it is held.
func (j *Job) check(ctx context.Context, tx *db.Tx, query string, more ...any) error {
	args := append([]any{j.ID, j.holder, j.Attempt}, more...)
	cancel, held, err := db.One(ctx, tx, func(row db.Scanner) (cancel bool, err error) {
		return cancel, row.Scan(&cancel)
	}, query, args...)
	switch {
	case err != nil:
		return err
	case !held:
		return ErrLost
	case cancel:
		return ErrCancelled
	}
	return nil
}

// Done ends the job inside the transaction of its last step, and leaves a result
// for whoever waits. Without it the job ends when its handler returns nil.
func (j *Job) Done(ctx context.Context, tx *db.Tx, result any) error {
	text := ""
	if result != nil {
		b, err := json.Marshal(result)
		if err != nil {
			return fmt.Errorf("job result: %w", err)
		}
		text = string(b)
	}
	if err := j.end(ctx, tx, Done, text, nil); err != nil {
		return err
	}
	j.setDone(true)
	return nil
}

// Progress shows how far the job is; total 0 means unknown. Calls in quick
// succession are left out, but the last one. It fails once the job is cancelled
// or lost, which is the handler's moment to stop.
func (j *Job) Progress(ctx context.Context, done, total int64, note string) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if !j.show(j.db.Real(), done == total) {
		return nil
	}
	return j.Write(ctx, func(tx *db.Tx) error { return j.ProgressIn(ctx, tx, done, total, note) })
}

// ProgressIn shows how far the job is as part of a step's transaction.
func (j *Job) ProgressIn(ctx context.Context, tx *db.Tx, done, total int64, note string) error {
	_, err := tx.Exec(ctx, `UPDATE job SET steps_done = $1, steps_total = $2, note = $3 WHERE id = $4`,
		done, total, note, j.ID)
	return err
}

// show tells whether progress is to be shown now.
func (j *Job) show(now time.Time, last bool) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !last && now.Sub(j.shown) < progressEvery {
		return false
	}
	j.shown = now
	return true
}

func (j *Job) setDone(done bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done = done
}

func (j *Job) isDone() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.done
}

// end closes the run, if it is still held.
func (j *Job) end(ctx context.Context, tx *db.Tx, s State, result string, why *fault.Error) error {
	rule, text := told(why)
	n, err := tx.Exec(ctx, `
		UPDATE job SET state = $1, result = $2, rule = $3, problem = $4, ended_ms = $5,
			steps_done = CASE WHEN $1 = 'done' AND steps_total > 0 THEN steps_total ELSE steps_done END
		WHERE id = $6 AND holder = $7 AND attempt = $8 AND state = 'running'`,
		string(s), result, rule, text, db.Millis(tx.Real), j.ID, j.holder, j.Attempt)
	if err == nil && n == 0 {
		return ErrLost
	}
	return err
}

// again queues the run once more. A run that was only interrupted doesn't count.
func (j *Job) again(ctx context.Context, tx *db.Tx, wait time.Duration, counts bool, why *fault.Error) error {
	attempt := j.Attempt
	if !counts {
		attempt--
	}
	rule, text := told(why)
	n, err := tx.Exec(ctx, `
		UPDATE job SET state = 'queued', due_ms = $1, rule = $2, problem = $3, attempt = $4, holder = ''
		WHERE id = $5 AND holder = $6 AND attempt = $7 AND state = 'running'`,
		db.Millis(tx.Real.Add(wait)), rule, text, attempt, j.ID, j.holder, j.Attempt)
	if err == nil && n == 0 {
		return ErrLost
	}
	return err
}

func told(why *fault.Error) (rule, text string) {
	if why == nil {
		return "", ""
	}
	return why.Rule, why.Text
}

// backoff is how long a job waits after its n-th failed run: 10 s, doubled each
// time, at most an hour, and up to a tenth more, so that jobs that failed
// together don't come back together.
func backoff(n int, id db.ID) time.Duration {
	wait := backoffMax
	if n < 10 {
		wait = min(backoffFirst<<max(n-1, 0), backoffMax)
	}
	return wait + wait/10*time.Duration(uint64(id)%16)/16
}

// permanent tells that another run would fail alike.
func permanent(f *fault.Error) bool {
	switch f.Kind {
	case fault.Invalid, fault.NotFound, fault.Forbidden, fault.TooLarge:
		return true
	}
	return false
}

// work runs the handler under a heartbeat and settles what comes of it.
func (r *Runner) work(ctx context.Context, j *Job, run Handler) error {
	if settled, err := r.settleBefore(ctx, j); settled || err != nil {
		return err
	}
	running, stop := context.WithCancelCause(ctx)
	var beat sync.WaitGroup
	beat.Go(func() { keep(running, stop, r.lease, func(ctx context.Context) error { return r.renew(ctx, j) }) })
	err := call(running, j, run)
	cause := context.Cause(running)
	stop(nil)
	beat.Wait()
	// The outcome is written even when the program is being stopped.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return r.settle(last, j, err, cause, ctx.Err() != nil)
}

// settleBefore ends jobs that must not run: cancelled while their last holder
// was gone, or dropped by every one of their runs.
func (r *Runner) settleBefore(ctx context.Context, j *Job) (settled bool, err error) {
	var s State
	var why *fault.Error
	switch {
	case j.cancel:
		s, why = Cancelled, ErrCancelled
	case j.Attempt > j.attempts:
		s, why = Failed, fault.New(fault.Internal, "job.interrupted", "任务多次被中断，未能完成，请联系管理员。")
	default:
		return false, nil
	}
	return true, ignoreLost(r.db.Write(ctx, func(tx *db.Tx) error { return j.end(ctx, tx, s, "", why) }))
}

// settle writes what a run came to.
func (r *Runner) settle(ctx context.Context, j *Job, err, cause error, stopping bool) error {
	if j.isDone() && err == nil {
		return nil
	}
	f := fault.From(err)
	if err != nil {
		slog.LogAttrs(ctx, slog.LevelWarn, "job run failed", slog.String("kind", j.Kind), slog.String("job", j.ID.String()),
			slog.Int("attempt", j.Attempt), slog.String("rule", f.Rule), slog.Any("err", err))
	}
	return ignoreLost(r.db.Write(ctx, func(tx *db.Tx) error {
		switch {
		case err == nil:
			return j.end(ctx, tx, Done, "", nil)
		case errors.Is(cause, ErrLost) || errors.Is(err, ErrLost):
			return nil // another run settles it
		case errors.Is(cause, ErrCancelled) || errors.Is(err, ErrCancelled):
			return j.end(ctx, tx, Cancelled, "", ErrCancelled)
		case stopping:
			return j.again(ctx, tx, 0, false, nil)
		case permanent(f) || j.Attempt >= j.attempts:
			return j.end(ctx, tx, Failed, "", f)
		}
		return j.again(ctx, tx, backoff(j.Attempt, j.ID), true, f)
	}))
}

func ignoreLost(err error) error {
	if errors.Is(err, ErrLost) {
		return nil
	}
	return err
}

// call runs the handler; a panic is a failure like any other.
func call(ctx context.Context, j *Job, run Handler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Wrap(fmt.Errorf("panic: %v\n%s", p, debug.Stack()), fault.Internal, "job.panic", "系统内部出错，任务未能完成。")
		}
	}()
	return run(ctx, j)
}

// keep renews a lease three times in its length until ctx ends. A renewal that
// is refused stops the run with its reason. One that fails otherwise is tried
// again: a long step may have the writer, and what a run does after its lease
// ran out is refused by [Job.Write] anyway.
func keep(ctx context.Context, stop context.CancelCauseFunc, lease time.Duration, renew func(context.Context) error) {
	tick := time.NewTicker(lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := renew(ctx)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, ErrLost) || errors.Is(err, ErrCancelled) {
			stop(err)
			return
		}
		if err != nil {
			slog.LogAttrs(ctx, slog.LevelWarn, "job lease not renewed", slog.Any("err", err))
		}
	}
}
