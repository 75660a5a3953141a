package seal_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/seal"
)

// CRY-4: data keys and the master key are changed again and again while two
// copies of the program seal, open and seal anew rows of a table. Nothing ever
// fails to open, and at the end every row stands under a new key.
func TestRotationUnderLoad(t *testing.T) {
	const rows, rotations = 60, 12
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var passed atomic.Int64
		d = d.WithRealClock(func() time.Time { return time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(passed.Load())) })
		k, path := load(t, d)
		copies := []*seal.Keys{k, reload(t, d, path)}
		w := &rotated{t: t, d: d}
		for i := range rows {
			w.put(k, db.ID(i+1))
		}
		ctx, stop := context.WithCancel(t.Context())
		var work sync.WaitGroup
		for n, keys := range copies {
			for i := range 2 {
				work.Go(func() {
					for row := n + i; ctx.Err() == nil; row++ {
						w.use(keys, db.ID(row%rows+1))
					}
				})
			}
		}
		for i := range rotations {
			if err := k.Rotate(t.Context()); err != nil {
				t.Errorf("rotation %d: %v", i, err)
			}
			if i%4 == 3 {
				if err := seal.AddMaster(path); err != nil {
					t.Error(err)
				}
				if err := k.Rewrap(t.Context()); err != nil {
					t.Errorf("new master %d: %v", i, err)
				}
			}
			for _, keys := range copies { // as the minute's job does, within the notice
				if err := keys.Refresh(t.Context()); err != nil {
					t.Errorf("refresh %d: %v", i, err)
				}
			}
			passed.Add(int64(seal.Notice))
			before := w.uses.Load()
			for w.uses.Load() < before+40 && !t.Failed() {
				w.use(k, db.ID(i%rows+1))
			}
		}
		stop()
		work.Wait()
		last := reload(t, d, path)
		for i := range rows {
			w.use(last, db.ID(i+1))
			if _, changed, err := last.Reseal("meta", "value", db.ID(i+1), w.get(db.ID(i+1))); changed || err != nil {
				t.Errorf("row %d is still under an old key: %v", i+1, err)
			}
		}
		t.Logf("%d rotations, %d uses", rotations, w.uses.Load())
	})
}

// rotated is a table of sealed texts; the test keeps its cells beside the keys.
type rotated struct {
	t     *testing.T
	d     *db.DB
	cells sync.Map
	uses  atomic.Int64
}

func (w *rotated) plain(id db.ID) string { return fmt.Sprintf("%s-%d", canary, id) }

func (w *rotated) get(id db.ID) []byte {
	v, _ := w.cells.Load(id)
	text, _ := v.(string)
	return []byte(text)
}

func (w *rotated) put(k *seal.Keys, id db.ID) {
	sealed, err := k.Seal("meta", "value", id, []byte(w.plain(id)))
	if err != nil {
		w.t.Error(err)
	}
	w.cells.Store(id, string(sealed))
}

// use opens a row, seals it anew where its key is old, and opens it again.
func (w *rotated) use(k *seal.Keys, id db.ID) {
	w.uses.Add(1)
	had := w.get(id)
	got, err := k.Open("meta", "value", id, had)
	if err != nil || string(got) != w.plain(id) {
		w.t.Errorf("row %d: %q, %v", id, got, err)
	}
	fresh, changed, err := k.Reseal("meta", "value", id, had)
	if err != nil {
		w.t.Errorf("row %d: %v", id, err)
	}
	if changed {
		w.cells.CompareAndSwap(id, string(had), string(fresh))
	}
}
