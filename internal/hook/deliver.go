package hook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"juli/internal/audit"
	"juli/internal/db"
	"juli/internal/notify"
)

const (
	atOnce   = 32               // subscriptions that are served beside each other
	budget   = 10 * time.Second // of one subscription in one round
	claimMax = 20               // deliveries of one subscription claimed together
	claimFor = 2 * time.Minute  // a try that is not reported within it is tried again
	longest  = 24 * time.Hour   // that a failing subscription is left alone
)

// A line is the deliveries of one subscription, which go out one after the other.
type line struct {
	sub    db.ID
	sealed []byte
}

// A claimed delivery is in the hands of this round.
type claimed struct {
	id, sub db.ID
	tries   int64
	body    string
	sealed  []byte
}

// DeliverDue tries what is due by the real clock and tells how many left and how
// many failed. The subscriptions are served beside each other, each until nothing
// is due, it fails or its budget is spent: a slow receiver makes nobody else wait.
// It sends outside any transaction; a crash between sending and noting it repeats
// the delivery under the same id.
func (s *Service) DeliverDue(ctx context.Context) (sent, failed int, err error) {
	var lines []line
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { lines, err = due(ctx, tx); return err })
	if err != nil {
		return 0, 0, err
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for _, l := range lines {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			n, down, e := s.serve(ctx, l)
			mu.Lock()
			defer mu.Unlock()
			if sent += n; down {
				failed++
			}
			err = errors.Join(err, e)
		})
	}
	all.Wait()
	return sent, failed, err
}

// serve sends what is due to one subscription; down says that it failed.
func (s *Service) serve(ctx context.Context, l line) (sent int, down bool, err error) {
	until := s.DB.Real().Add(budget)
	for {
		var round []claimed
		if err := s.DB.Write(ctx, func(tx *db.Tx) (err error) { round, err = claim(ctx, tx, l); return err }); err != nil || len(round) == 0 {
			return sent, down, err
		}
		for i, c := range round {
			if down || i > 0 && !s.DB.Real().Before(until) {
				return sent, down, s.DB.Write(ctx, func(tx *db.Tx) error { return release(ctx, tx, round[i:]) })
			}
			failure := s.send(ctx, c)
			if down = failure != nil; !down {
				sent++
			}
			if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.report(ctx, tx, c, failure) }); err != nil {
				return sent, down, err
			}
		}
		if down || !s.DB.Real().Before(until) {
			return sent, down, nil
		}
	}
}

// due are the subscriptions that something waits for.
func due(ctx context.Context, tx *db.Tx) ([]line, error) {
	return db.All(ctx, tx, func(row db.Scanner) (l line, err error) { return l, row.Scan(&l.sub, &l.sealed) }, `
		SELECT h.id, h.target_sealed FROM hook_subscription h
		WHERE h.state = 'active' AND h.hold_until <= $1
			AND EXISTS (SELECT 1 FROM hook_delivery d WHERE d.subscription = h.id AND d.state = 'waiting' AND d.next_at <= $1)
		ORDER BY h.id LIMIT $2`, db.Millis(tx.Real), listMax)
}

// claim takes the next deliveries of one subscription, if it may still be served.
func claim(ctx context.Context, tx *db.Tx, l line) ([]claimed, error) {
	if err := tx.Lock(ctx, "hook_delivery", l.sub); err != nil {
		return nil, err
	}
	round, err := db.All(ctx, tx, func(row db.Scanner) (claimed, error) {
		c := claimed{sub: l.sub, sealed: l.sealed}
		return c, row.Scan(&c.id, &c.tries, &c.body)
	}, `
		SELECT d.id, d.tries, d.body FROM hook_delivery d
		WHERE d.subscription = $1 AND d.state = 'waiting' AND d.next_at <= $2
			AND EXISTS (SELECT 1 FROM hook_subscription h WHERE h.id = d.subscription AND h.state = 'active' AND h.hold_until <= $2)
		ORDER BY d.next_at, d.id LIMIT $3`, l.sub, db.Millis(tx.Real), claimMax)
	if err != nil {
		return nil, err
	}
	for i := range round {
		if _, err := tx.Exec(ctx, `UPDATE hook_delivery SET tries = tries + 1, next_at = $2 WHERE id = $1`, round[i].id, db.Millis(tx.Real.Add(claimFor))); err != nil {
			return nil, err
		}
		round[i].tries++
	}
	return round, nil
}

func (s *Service) send(ctx context.Context, c claimed) error {
	plain, err := s.Keys.Open("hook_subscription", "target_sealed", c.sub, c.sealed)
	if err != nil {
		return err
	}
	var to notify.Target
	if err := json.Unmarshal(plain, &to); err != nil {
		return fmt.Errorf("decode target: %w", err)
	}
	return s.Way.Post(ctx, to, c.id, []byte(c.body))
}

// release gives deliveries back that were claimed and not tried.
func release(ctx context.Context, tx *db.Tx, round []claimed) error {
	for _, c := range round {
		if _, err := tx.Exec(ctx, `UPDATE hook_delivery SET tries = tries - 1, next_at = $2 WHERE id = $1 AND state = 'waiting'`, c.id, db.Millis(tx.Real)); err != nil {
			return err
		}
	}
	return nil
}

// report notes the outcome. After a failure the whole subscription is left alone
// for the pause of that many failures in a row; one too many pauses it, and then
// what failed waits for an administrator instead of being given up.
func (s *Service) report(ctx context.Context, tx *db.Tx, c claimed, failure error) error {
	if failure == nil {
		if _, err := tx.Exec(ctx, `UPDATE hook_subscription SET failures = 0, hold_until = 0 WHERE id = $1 AND failures > 0`, c.sub); err != nil {
			return err
		}
		return settle(ctx, tx, c, Sent, 0, nil)
	}
	n, err := db.Value[int64](ctx, tx, `UPDATE hook_subscription SET failures = failures + 1 WHERE id = $1 RETURNING failures`, c.sub)
	if err != nil {
		return err
	}
	pause, again := notify.Again(c.tries, failure)
	hold, ok := notify.Again(n, failure)
	if !ok {
		hold = longest
	}
	halted := n >= s.Policy.FailuresMax
	state, next := Waiting, db.Millis(tx.Real.Add(pause))
	if refused := notify.Reason(failure) == notify.Refused; refused || !again && !halted {
		state, next = GivenUp, 0
		if refused {
			hold = 0 // the address is at fault, not the receiver
		}
	}
	if err := settle(ctx, tx, c, state, next, failure); err != nil {
		return err
	}
	if !halted {
		_, err = tx.Exec(ctx, `UPDATE hook_subscription SET hold_until = $2 WHERE id = $1`, c.sub, db.Millis(tx.Real.Add(hold)))
		return err
	}
	changed, err := tx.Exec(ctx, `UPDATE hook_subscription SET state = 'paused', changed_at = $2 WHERE id = $1 AND state = 'active'`, c.sub, db.Millis(tx.Now))
	if err != nil || changed == 0 {
		return err
	}
	return audit.Append(ctx, tx, robot, "hook.halted", object(c.sub), map[string]any{"failures": n, "failure": notify.Reason(failure)})
}

// settle notes where a delivery stands after a try.
func settle(ctx context.Context, tx *db.Tx, c claimed, state string, next int64, failure error) error {
	done := db.Millis(tx.Real)
	if state == Waiting {
		done = 0
	}
	_, err := tx.Exec(ctx, `UPDATE hook_delivery SET state = $2, next_at = $3, done_at = $4, failure = $5 WHERE id = $1 AND state = 'waiting'`,
		c.id, state, next, done, notify.Reason(failure))
	return err
}
