package job

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"juli/internal/db"
)

const (
	leaseUsual = time.Minute
	pollUsual  = time.Second
)

// A Handler does one run of a job. Its context ends when the job is cancelled,
// lost, or the program stops.
type Handler func(ctx context.Context, j *Job) error

// InOne is a handler that does everything in one transaction, in which the job
// ends: exactly one effect.
func InOne(fn func(ctx context.Context, tx *db.Tx, j *Job) error) Handler {
	return func(ctx context.Context, j *Job) error {
		return j.Write(ctx, func(tx *db.Tx) error {
			if err := fn(ctx, tx, j); err != nil {
				return err
			}
			return j.Done(ctx, tx, nil)
		})
	}
}

// A Runner does the jobs of one program. Register everything before Run.
type Runner struct {
	Workers int           // jobs at a time; 2 unless set
	Poll    time.Duration // how often it looks for work; a second unless set

	db       *db.DB
	holder   string
	lease    time.Duration
	handlers map[string]Handler
	periods  []period
	wake     chan struct{}
}

// NewRunner makes a runner over a database.
func NewRunner(d *db.DB) *Runner {
	return &Runner{
		Workers: 2, Poll: pollUsual,
		db: d, holder: rand.Text(), lease: leaseUsual,
		handlers: map[string]Handler{}, wake: make(chan struct{}, 1),
	}
}

// Handle registers the handler of a kind. Jobs of kinds that a program doesn't
// know are left to others.
func (r *Runner) Handle(kind string, run Handler) {
	if _, twice := r.handlers[kind]; twice {
		panic("job: two handlers for " + kind)
	}
	r.handlers[kind] = run
}

// Kinds lists what the program can do, in order.
func (r *Runner) Kinds() []string { return slices.Sorted(maps.Keys(r.handlers)) }

// Wake makes a waiting worker look for work at once: hand it to [db.Tx.OnCommit]
// where a person waits for the job.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends and the jobs at hand have been put down. Failures of
// the database are logged and tried again.
func (r *Runner) Run(ctx context.Context) {
	var workers sync.WaitGroup
	for range max(r.Workers, 1) {
		workers.Go(func() { r.loop(ctx) })
	}
	workers.Wait()
}

func (r *Runner) loop(ctx context.Context) {
	for ctx.Err() == nil {
		worked, err := r.Step(ctx)
		if err != nil && ctx.Err() == nil {
			slog.LogAttrs(ctx, slog.LevelError, "jobs", slog.Any("err", err))
		}
		if worked && err == nil {
			r.Wake() // there may be more than one worker can do
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-time.After(r.Poll):
		}
	}
}

// Step enqueues what is periodically due, then claims one job and runs it here.
// It tells whether there was one.
func (r *Runner) Step(ctx context.Context) (worked bool, err error) {
	if err := r.tick(ctx); err != nil {
		return false, fmt.Errorf("periods: %w", err)
	}
	j, found, err := r.claim(ctx)
	if err != nil || !found {
		return false, err
	}
	return true, r.work(ctx, j, r.handlers[j.Kind])
}

// Drain steps until nothing is due: for tests and the simulated city.
func (r *Runner) Drain(ctx context.Context) error {
	for {
		if worked, err := r.Step(ctx); err != nil || !worked {
			return err
		}
	}
}

// claim takes the job that has been due longest: one that waits, or one whose
// holder let its lease run out.
func (r *Runner) claim(ctx context.Context) (j *Job, found bool, err error) {
	kinds := slices.Sorted(maps.Keys(r.handlers))
	if len(kinds) == 0 {
		return nil, false, nil
	}
	const fixed = 3
	marks, args := make([]string, len(kinds)), make([]any, fixed, fixed+len(kinds))
	for i, kind := range kinds {
		marks[i] = fmt.Sprint("$", fixed+1+i)
		args = append(args, kind)
	}
	due := `state IN ('queued', 'running') AND due_ms <= $1 AND kind IN (` + strings.Join(marks, ", ") + `)`
	if waiting, err := r.waiting(ctx, kinds); err != nil || !waiting {
		return nil, false, err
	}
	err = r.db.Write(ctx, func(tx *db.Tx) (err error) {
		skip := ""
		if tx.Engine() == "postgres" { // SQLite has one writer, so nobody claims beside us
			skip = "FOR UPDATE SKIP LOCKED"
		}
		args[0], args[1], args[2] = db.Millis(tx.Real), db.Millis(tx.Real.Add(r.lease)), r.holder
		j, found, err = db.One(ctx, tx, r.scanJob, `
			UPDATE job SET state = 'running', holder = $3, due_ms = $2, attempt = attempt + 1,
				started_ms = CASE WHEN started_ms = 0 THEN $1 ELSE started_ms END
			WHERE id = (SELECT id FROM job WHERE `+due+` ORDER BY due_ms, id LIMIT 1 `+skip+`)
			RETURNING id, kind, owner, attempt, args, attempts, cancel`, args...)
		return err
	})
	return j, found, err
}

// waiting looks for due work without taking SQLite's one writer.
func (r *Runner) waiting(ctx context.Context, kinds []string) (waiting bool, err error) {
	marks, args := make([]string, len(kinds)), []any{db.Millis(r.db.Real())}
	for i, kind := range kinds {
		marks[i] = fmt.Sprint("$", i+2)
		args = append(args, kind)
	}
	err = r.db.Read(ctx, func(tx *db.Tx) (err error) {
		_, waiting, err = db.One(ctx, tx, func(row db.Scanner) (id db.ID, err error) {
			return id, row.Scan(&id)
		}, `SELECT id FROM job WHERE state IN ('queued', 'running') AND due_ms <= $1
			AND kind IN (`+strings.Join(marks, ", ")+`) ORDER BY due_ms, id LIMIT 1`, args...)
		return err
	})
	return waiting, err
}

func (r *Runner) scanJob(row db.Scanner) (*Job, error) {
	j := &Job{db: r.db, holder: r.holder, lease: r.lease}
	err := row.Scan(&j.ID, &j.Kind, &j.Owner, &j.Attempt, &j.args, &j.attempts, &j.cancel)
	return j, err
}

// renew is one beat of a run's heart.
func (r *Runner) renew(ctx context.Context, j *Job) error {
	if j.isDone() {
		return nil
	}
	return r.db.Write(ctx, func(tx *db.Tx) error { return j.renew(ctx, tx) })
}
