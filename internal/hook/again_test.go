package hook_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/city/town"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/feed"
	"juli/internal/hook"
)

// A repeat carries the id and the body of the first try, and a new time stamp.
func TestWhatFailsIsTriedAgainUnderTheSameID(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.subscribe(feed.Scope{})
		w.call(town.Huayuan, "扫雪")
		w.to.answers(http.StatusServiceUnavailable)
		if sent, failed := w.push(); sent != 0 || failed != 1 {
			t.Fatalf("%d sent, %d failed", sent, failed)
		}
		if x := w.see(id); x.Failures != 1 || x.Last.Failure != "status 503" || x.Last.State != hook.Waiting || hook.FailureTitle(x.Last.Failure) != "对方答复 HTTP 503" {
			t.Errorf("after a failure %+v", x)
		}
		w.now = w.now.Add(30 * time.Second)
		if sent, failed := w.push(); sent+failed != 0 {
			t.Errorf("tried after half a minute: %d, %d", sent, failed)
		}
		w.now = w.now.Add(31 * time.Second)
		w.to.answers(http.StatusOK)
		if sent, _ := w.push(); sent != 1 {
			t.Error("not tried again after a minute")
		}
		got := w.to.all()
		if len(got) != 2 || got[0].id != got[1].id || got[0].text != got[1].text || got[0].signature == got[1].signature || !got[1].good {
			t.Errorf("the tries were %+v", got)
		}
		if x := w.see(id); x.Failures != 0 || x.Last.State != hook.Sent || x.Last.Tries != 2 {
			t.Errorf("after it arrived %+v", x)
		}
	})
}

// A receiver that is down is asked once a round, not once for each event.
func TestAReceiverThatIsDownIsLeftAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.subscribe(feed.Scope{})
		w.to.answers(http.StatusBadGateway)
		for i := range 5 {
			w.call(town.Huayuan, fmt.Sprint("扫雪", i))
		}
		if sent, failed := w.push(); sent != 0 || failed != 1 {
			t.Fatalf("%d sent, %d failed", sent, failed)
		}
		w.now = w.now.Add(50 * time.Second)
		if sent, failed := w.push(); sent+failed != 0 {
			t.Errorf("asked again within a minute: %d, %d", sent, failed)
		}
		w.now = w.now.Add(11 * time.Second)
		if _, failed := w.push(); failed != 1 || w.see(id).Failures != 2 || w.see(id).State != hook.Active {
			t.Errorf("a minute later: %+v", w.see(id))
		}
		w.now = w.now.Add(4 * time.Minute)
		if sent, failed := w.push(); sent+failed != 0 {
			t.Errorf("asked again within five minutes: %d, %d", sent, failed)
		}
		w.now = w.now.Add(time.Minute)
		w.to.answers(http.StatusOK)
		if sent, failed := w.push(); sent != 5 || failed != 0 {
			t.Errorf("once it is up: %d sent, %d failed", sent, failed)
		}
		if got := w.to.all(); len(got) != 7 {
			t.Errorf("%d requests, want two that failed and five", len(got))
		}
	})
}

func TestTooManyFailuresPauseASubscriptionUntilSomebodyResumesIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.subscribe(feed.Scope{})
		w.to.answers(http.StatusInternalServerError)
		w.call(town.Huayuan, "扫雪")
		for range 3 {
			w.push()
			w.now = w.now.Add(25 * time.Hour)
		}
		if x := w.see(id); x.State != hook.Paused || x.Waiting != 1 {
			t.Fatalf("after three failures %+v", x)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			n, err := w.hooks.Halted(ctx, tx, w.admin)
			if n != 1 {
				t.Errorf("%d subscriptions wait for the administrator", n)
			}
			return err
		})
		w.call(town.Huayuan, "又一次") // what happens meanwhile is not lost
		w.to.answers(http.StatusNoContent)
		if sent, failed := w.push(); sent+failed != 0 {
			t.Error("a paused subscription is tried")
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error { return w.hooks.ResumeIn(ctx, tx, w.admin, id) })
		if sent, failed := w.push(); sent != 2 || failed != 0 {
			t.Errorf("after it was resumed: %d sent, %d failed", sent, failed)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			events, err := (&audit.Log{DB: w.DB}).List(ctx, authz.Actor{Account: 9, Second: true, Grants: []authz.Grant{{Role: authz.AuditAdmin, Scope: authz.Scope{Division: "2301"}}}}, audit.Query{Kind: "hook.", Limit: 10})
			var kinds []string
			for _, e := range events {
				kinds = append(kinds, e.Kind)
			}
			if !slices.Equal(kinds, []string{"hook.resumed", "hook.halted", "hook.made"}) {
				t.Errorf("the audit log tells %q", kinds)
			}
			return err
		})
	})
}
