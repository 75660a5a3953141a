package hook_test

import (
	"fmt"
	"sync"
	"testing"

	"juli/internal/city/town"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/feed"
	"juli/internal/hook"
)

// The slow receiver answers only after the other one has all of its news.
func TestASlowReceiverHoldsUpNobodyElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		slow, quick := w.subscribeAt("/slow", feed.Scope{}), w.subscribeAt("/quick", feed.Scope{})
		const news = 30
		for i := range news {
			w.call(town.Huayuan, fmt.Sprint("扫雪", i))
		}
		var once sync.Once
		var mu sync.Mutex
		arrived, done := 0, make(chan struct{})
		w.to.before = func(path string) {
			if path == "/slow" {
				<-done
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if arrived++; arrived == news {
				once.Do(func() { close(done) })
			}
		}
		if sent, failed := w.push(); sent != 2*news || failed != 0 {
			t.Errorf("%d sent, %d failed", sent, failed)
		}
		for _, id := range []db.ID{slow, quick} {
			if x := w.see(id); x.Waiting != 0 || x.Failures != 0 {
				t.Errorf("%+v", x)
			}
		}
	})
}

func TestASubscriptionIsServedForItsBudgetAndGoesOnInTheNextRound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.subscribe(feed.Scope{})
		for i := range 5 {
			w.call(town.Huayuan, fmt.Sprint("扫雪", i))
		}
		w.to.before = func(string) { w.drift.Add(6) } // seconds for each
		for i, want := range []int{2, 2, 1, 0} {
			if sent, failed := w.push(); sent != want || failed != 0 {
				t.Errorf("round %d: %d sent, %d failed, want %d", i, sent, failed, want)
			}
		}
		if x := w.see(id); x.Waiting != 0 || x.State != hook.Active || x.Last.Tries != 1 {
			t.Errorf("afterwards %+v", x)
		}
		if got := w.to.all(); len(got) != 5 {
			t.Errorf("%d arrived", len(got))
		}
	})
}
