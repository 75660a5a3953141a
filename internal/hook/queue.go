package hook

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/feed"
	"juli/internal/notify"
)

// Consumer takes the news from the outbox.
const Consumer = "hooks"

const (
	eventsMax = 100             // taken in one transaction
	dueMax    = 100             // deliveries of one round
	claimFor  = 2 * time.Minute // a try that is not reported within it is tried again
	postponed = 5 * time.Minute // an event that cannot be handled
	longest   = 24 * time.Hour  // that a failing subscription is left alone
)

// robot pauses what fails.
var robot = authz.System("hooks")

// Take queues a delivery of every waiting event for each subscription that wants
// it. While there is none, the events are only taken away.
func (s *Service) Take(ctx context.Context) error {
	for {
		var events []audit.Event
		var subs []Subscription
		err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
			if subs, err = live(ctx, tx); err != nil {
				return err
			}
			most := eventsMax
			if len(subs) == 0 {
				most = 1 // only whether there is any
			}
			events, err = audit.Pending(ctx, tx, Consumer, most)
			return err
		})
		if err != nil || len(events) == 0 {
			return err
		}
		if len(subs) == 0 {
			return s.DB.Write(ctx, func(tx *db.Tx) error { return audit.Discard(ctx, tx, Consumer, unwanted) })
		}
		if err := s.takeAll(ctx, events); err != nil {
			return err
		}
	}
}

// takeAll takes events together or, where one of them cannot be handled, each by
// itself: that one is tried again later and holds up no other.
func (s *Service) takeAll(ctx context.Context, events []audit.Event) error {
	err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.take(ctx, tx, events) })
	if err == nil || ctx.Err() != nil {
		return err
	}
	for _, e := range events {
		err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.take(ctx, tx, []audit.Event{e}) })
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return err
		}
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return audit.Postpone(ctx, tx, Consumer, e.ID, postponed, err) }); err != nil {
			return err
		}
	}
	return nil
}

// unwanted says, in the transaction that discards, that there is still nobody.
func unwanted(ctx context.Context, tx *db.Tx) (bool, error) {
	subs, err := live(ctx, tx)
	return len(subs) == 0, err
}

func (s *Service) take(ctx context.Context, tx *db.Tx, events []audit.Event) error {
	subs, err := live(ctx, tx)
	if err != nil {
		return err
	}
	for i := range subs { // where its project stands
		if err := s.Feeds.Check(ctx, tx, &subs[i].Scope); err != nil {
			subs[i].State = Ended // what it asked for is gone: it hears nothing
		}
	}
	subs = slices.DeleteFunc(subs, func(x Subscription) bool { return x.State == Ended })
	for _, e := range events {
		mine, err := audit.Take(ctx, tx, Consumer, e.ID)
		if err != nil {
			return err
		}
		if mine {
			if err := s.queue(ctx, tx, e, subs); err != nil {
				return fmt.Errorf("event %s: %w", e.Kind, err)
			}
		}
	}
	return nil
}

func (s *Service) queue(ctx context.Context, tx *db.Tx, e audit.Event, subs []Subscription) error {
	kind := feed.KindOf(e.Kind)
	if !slices.ContainsFunc(subs, func(x Subscription) bool { return x.Scope.Wants(kind) && !e.Real.Before(x.made) }) {
		return nil
	}
	items, err := s.Feeds.Of(ctx, tx, e.Object)
	if err != nil {
		return err
	}
	for _, it := range items {
		var body []byte
		for _, x := range subs {
			if e.Real.Before(x.made) || !x.Scope.Takes(it) {
				continue
			}
			if body == nil {
				if body, err = payload(e.Kind, e.At, it, s.Base, s.City); err != nil {
					return err
				}
			}
			if err := enqueue(ctx, tx, x.ID, e.ID, it.ID, e.Kind, body); err != nil {
				return err
			}
		}
	}
	return nil
}

// A claimed delivery is in the hands of this round.
type claimed struct {
	id, sub db.ID
	tries   int64
	body    string
	sealed  []byte
}

// DeliverDue tries what is due by the real clock and tells how many left and how
// many failed. It sends outside any transaction; a crash between sending and
// noting it repeats the delivery under the same id.
func (s *Service) DeliverDue(ctx context.Context) (sent, failed int, err error) {
	var round []claimed
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		round, err = claim(ctx, tx)
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	down := map[db.ID]bool{} // failed in this round: the rest of theirs waits
	for _, c := range round {
		if down[c.sub] {
			if err := s.DB.Write(ctx, func(tx *db.Tx) error { return release(ctx, tx, c) }); err != nil {
				return sent, failed, err
			}
			continue
		}
		deliverErr := s.send(ctx, c)
		if deliverErr == nil {
			sent++
		} else {
			failed++
			down[c.sub] = true
		}
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.report(ctx, tx, c, deliverErr) }); err != nil {
			return sent, failed, err
		}
	}
	return sent, failed, nil
}

func claim(ctx context.Context, tx *db.Tx) ([]claimed, error) {
	if err := tx.Lock(ctx, "hook_delivery", 0); err != nil {
		return nil, err
	}
	round, err := db.All(ctx, tx, func(row db.Scanner) (c claimed, err error) {
		return c, row.Scan(&c.id, &c.sub, &c.tries, &c.body, &c.sealed)
	}, `
		SELECT d.id, d.subscription, d.tries, d.body, h.target_sealed
		FROM hook_delivery d JOIN hook_subscription h ON h.id = d.subscription
		WHERE d.state = 'waiting' AND d.next_at <= $1 AND h.state = 'active' AND h.hold_until <= $1
		ORDER BY d.next_at, d.id LIMIT $2`, db.Millis(tx.Real), dueMax)
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

// release gives a delivery back that was claimed and not tried.
func release(ctx context.Context, tx *db.Tx, c claimed) error {
	_, err := tx.Exec(ctx, `UPDATE hook_delivery SET tries = tries - 1, next_at = $2 WHERE id = $1 AND state = 'waiting'`, c.id, db.Millis(tx.Real))
	return err
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

// Kept is how long deliveries stay: ended ones, and those that wait for a paused
// subscription.
const Kept = 30 * 24 * time.Hour

const purgeMax = 1000 // of one transaction

// Purge deletes deliveries from before a time, a thousand at once.
func Purge(ctx context.Context, tx *db.Tx, before time.Time) (int64, error) {
	return tx.Exec(ctx, `
		DELETE FROM hook_delivery WHERE id IN (
			SELECT id FROM hook_delivery WHERE state <> 'waiting' AND done_at < $1 OR state = 'waiting' AND next_at < $1 ORDER BY id LIMIT $2)`, db.Millis(before), purgeMax)
}
