package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"juli/internal/db"
)

const pendingMax = 500 // events handed out at once

// Routes say which consumers each kind of event goes to. A kind may be "credit.*"
// or "*".
type Routes map[string][]string

// SetRoutes makes routes the ones in force. The program calls it at start; events
// that already wait stay. Copies of the program of two versions may run side by
// side: the later start wins.
func SetRoutes(ctx context.Context, tx *db.Tx, routes Routes) error {
	if err := tx.Lock(ctx, "audit_route", 0); err != nil {
		return err
	}
	type route struct{ kind, consumer string }
	have, err := db.All(ctx, tx, func(row db.Scanner) (r route, err error) {
		return r, row.Scan(&r.kind, &r.consumer)
	}, `SELECT kind, consumer FROM audit_route ORDER BY kind, consumer`)
	if err != nil {
		return fmt.Errorf("routes: %w", err)
	}
	for _, r := range have {
		if slices.Contains(routes[r.kind], r.consumer) {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM audit_route WHERE kind = $1 AND consumer = $2`, r.kind, r.consumer); err != nil {
			return fmt.Errorf("routes: %w", err)
		}
	}
	for kind, consumers := range routes {
		for _, c := range consumers {
			if slices.Contains(have, route{kind, c}) {
				continue
			}
			_, err := tx.Exec(ctx, `INSERT INTO audit_route (kind, consumer) VALUES ($1, $2) ON CONFLICT (kind, consumer) DO NOTHING`, kind, c)
			if err != nil {
				return fmt.Errorf("routes: %w", err)
			}
		}
	}
	return nil
}

// Pending lists the events that wait for a consumer and are due, oldest first.
func Pending(ctx context.Context, tx *db.Tx, consumer string, limit int) ([]Event, error) {
	limit = min(max(limit, 1), pendingMax)
	return db.All(ctx, tx, scanEvent, `
		SELECT `+prefixed("e")+`
		FROM audit_pending p JOIN audit_event e ON e.id = p.event_id
		WHERE p.consumer = $1 AND p.due_real <= $2
		ORDER BY p.event_id LIMIT $3`, consumer, db.Millis(tx.Real), limit)
}

// Waiting lists all that waits for a consumer, due or not, oldest first.
func Waiting(ctx context.Context, tx *db.Tx, consumer string) ([]Event, error) {
	return db.All(ctx, tx, scanEvent, `
		SELECT `+prefixed("e")+` FROM audit_pending p JOIN audit_event e ON e.id = p.event_id
		WHERE p.consumer = $1 ORDER BY p.event_id`, consumer)
}

// Take removes an event from a consumer's queue. Call it first in the
// transaction that handles the event: false means that somebody else handled it,
// and there is nothing to do.
func Take(ctx context.Context, tx *db.Tx, consumer string, event db.ID) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM audit_pending WHERE consumer = $1 AND event_id = $2`, consumer, event)
	return n == 1, err
}

// Discard takes all that waits for a consumer away at once, if nobody wants it by
// the time that it was seen.
func Discard(ctx context.Context, tx *db.Tx, consumer string, unwanted func(context.Context, *db.Tx) (bool, error)) error {
	last, err := db.Value[db.ID](ctx, tx, `SELECT COALESCE(MAX(event_id), 0) FROM audit_pending WHERE consumer = $1`, consumer)
	if err != nil || last == 0 {
		return err
	}
	if ok, err := unwanted(ctx, tx); err != nil || !ok {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM audit_pending WHERE consumer = $1 AND event_id <= $2`, consumer, last)
	return err
}

// Postpone keeps an event whose handling failed, until after a delay, with the
// reason for the job desk.
func Postpone(ctx context.Context, tx *db.Tx, consumer string, event db.ID, delay time.Duration, why error) error {
	_, err := tx.Exec(ctx, `
		UPDATE audit_pending SET tries = tries + 1, due_real = $3, failure = $4
		WHERE consumer = $1 AND event_id = $2`,
		consumer, event, db.Millis(tx.Real.Add(delay)), clean(why.Error(), objectMax))
	return err
}

// A Backlog is what waits for one consumer.
type Backlog struct {
	Consumer string
	Waiting  int64
	Failing  int64 // tried at least once
	Tries    int64 // the most of one event
	Oldest   db.ID
}

// Backlogs counts what waits, for the job desk and the self-check.
func Backlogs(ctx context.Context, tx *db.Tx) ([]Backlog, error) {
	return db.All(ctx, tx, func(row db.Scanner) (b Backlog, err error) {
		return b, row.Scan(&b.Consumer, &b.Waiting, &b.Failing, &b.Tries, &b.Oldest)
	}, `
		SELECT consumer, COUNT(*), COUNT(*) FILTER (WHERE tries > 0), MAX(tries), MIN(event_id)
		FROM audit_pending GROUP BY consumer ORDER BY consumer LIMIT 200`)
}

func prefixed(table string) string {
	return table + "." + strings.Join(strings.Fields(columns), " "+table+".")
}

// Requeue puts earlier events of a kind into a consumer's queue: for a consumer
// that is new to a city with a past. The consumer knows those it has handled.
func Requeue(ctx context.Context, tx *db.Tx, consumer, kind string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO audit_pending (consumer, event_id)
		SELECT $1, id FROM audit_event WHERE kind = $2 AND outcome = 'done'
		ON CONFLICT (consumer, event_id) DO NOTHING`, consumer, kind)
	return err
}
