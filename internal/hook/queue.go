package hook

import (
	"context"
	"fmt"
	"slices"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/feed"
)

// Consumer takes the news from the outbox.
const Consumer = "hooks"

const (
	eventsMax = 100             // taken in one transaction
	postponed = 5 * time.Minute // an event that cannot be handled
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
