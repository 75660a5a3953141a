package job

import (
	"context"
	"time"

	"juli/internal/db"
)

// shanghai is how far the city's days begin before those of UTC.
const shanghai = 8 * time.Hour

// A period is work that is due every so often.
type period struct {
	kind   string
	every  time.Duration
	offset time.Duration
}

// next is the first due time after now: offset after a whole number of periods,
// counted in the city's days, so that Every(day, 2h) is 02:00 in Shanghai.
func (p period) next(now time.Time) time.Time {
	every, shift := p.every.Milliseconds(), (shanghai - p.offset).Milliseconds()
	at := now.UnixMilli() + shift
	return time.UnixMilli(at - at%every + every - shift).UTC()
}

// Every registers a kind that is enqueued once in every period, offset after the
// city's midnight, by whichever program comes first. Times that were missed while
// nothing ran are made up for by one run.
func (r *Runner) Every(kind string, every, offset time.Duration, run Handler) {
	if every < time.Second {
		panic("job: " + kind + " has too short a period")
	}
	r.Handle(kind, run)
	r.periods = append(r.periods, period{kind, every, offset})
}

// tick enqueues the periodic kinds that are due.
func (r *Runner) tick(ctx context.Context) error {
	due, err := r.anyDue(ctx)
	if err != nil || !due {
		return err
	}
	return r.db.Write(ctx, func(tx *db.Tx) error {
		for _, p := range r.periods {
			if err := p.enqueue(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// anyDue looks without holding up a writer; kinds that were never seen are due.
func (r *Runner) anyDue(ctx context.Context) (due bool, err error) {
	if len(r.periods) == 0 {
		return false, nil
	}
	type planned struct {
		kind string
		ms   int64
	}
	next := map[string]int64{}
	err = r.db.Read(ctx, func(tx *db.Tx) error {
		for p, err := range db.Rows(ctx, tx, func(row db.Scanner) (p planned, err error) {
			return p, row.Scan(&p.kind, &p.ms)
		}, `SELECT kind, next_ms FROM job_period ORDER BY kind LIMIT 1000`) {
			if err != nil {
				return err
			}
			next[p.kind] = p.ms
		}
		return nil
	})
	for _, p := range r.periods {
		ms, seen := next[p.kind]
		due = due || !seen || ms <= db.Millis(r.db.Real())
	}
	return due, err
}

// enqueue moves the period on and adds its job, if it is due. A kind seen for
// the first time waits for its next time.
func (p period) enqueue(ctx context.Context, tx *db.Tx) error {
	next := db.Millis(p.next(tx.Real))
	_, err := tx.Exec(ctx, `
		INSERT INTO job_period (kind, next_ms) VALUES ($1, $2) ON CONFLICT (kind) DO NOTHING`, p.kind, next)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `
		UPDATE job_period SET next_ms = $1 WHERE kind = $2 AND next_ms <= $3`, next, p.kind, db.Millis(tx.Real))
	if err != nil || n == 0 {
		return err
	}
	_, err = Enqueue(ctx, tx, p.kind, nil, Opts{Key: "period"})
	return err
}
