package db

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// keptLongest is how long a value may stand that the program was never told
// about: only somebody who changes tables by hand, past the program, waits so long.
const keptLongest = time.Minute

// Kept remembers what was read from tables until they change, in this program
// or in any other on the same database: each transaction that writes one of the
// tables counts it up in table_change as it commits, and each that reads looks
// at the counts first, in its own snapshot. So what it gives is what the tables
// say, never older. A Kept is declared once, beside the query that it saves;
// each database has its own values. Callers share them and must not alter them.
type Kept[K comparable, V any] struct {
	max    int
	tables []int
}

// NewKept keeps at most max values that depend on these tables, which must be
// among those that are counted; without tables, on rows that never change.
func NewKept[K comparable, V any](most int, tables ...string) *Kept[K, V] {
	k := &Kept[K, V]{max: most}
	for _, t := range tables {
		i := slices.Index(counted[:], t)
		if i < 0 {
			panic(fmt.Sprintf("db: changes of %s are not counted", t))
		}
		k.tables = append(k.tables, i)
	}
	return k
}

// shelf is a Kept's values of one database.
type shelf[K comparable, V any] struct {
	mu     sync.Mutex
	at     int64 // the tables' changes, as the values know them
	since  time.Time
	values map[K]V
}

// Get gives the value for key, by read when it is not kept. A transaction that
// writes always reads, so that it sees what itself has done.
func (k *Kept[K, V]) Get(ctx context.Context, tx *Tx, key K, read func() (V, error)) (V, error) {
	if tx.write {
		return read()
	}
	at, err := k.changes(ctx, tx)
	if err != nil {
		var none V
		return none, err
	}
	s := k.shelf(tx.d.core)
	if v, ok := k.look(s, at, key); ok {
		return v, nil
	}
	v, err := read()
	if err == nil {
		k.put(s, at, key, v)
	}
	return v, err
}

func (k *Kept[K, V]) shelf(c *core) *shelf[K, V] {
	if s, ok := c.shelves.Load(k); ok {
		return s.(*shelf[K, V])
	}
	s, _ := c.shelves.LoadOrStore(k, &shelf[K, V]{values: map[K]V{}, since: time.Now()})
	return s.(*shelf[K, V])
}

func (k *Kept[K, V]) look(s *shelf[K, V], at int64, key K) (v V, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at < at || len(k.tables) > 0 && time.Since(s.since) > keptLongest {
		clear(s.values)
		s.at, s.since = max(at, s.at), time.Now()
	}
	if s.at != at { // an older snapshot than others have seen
		return v, false
	}
	v, ok = s.values[key]
	return v, ok
}

func (k *Kept[K, V]) put(s *shelf[K, V], at int64, key K, v V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at != at {
		return
	}
	for old := range s.values { // any will do
		if len(s.values) < k.max {
			break
		}
		delete(s.values, old)
	}
	s.values[key] = v
}

// changes is how often the Kept's tables have changed.
func (k *Kept[K, V]) changes(ctx context.Context, tx *Tx) (n int64, err error) {
	if len(k.tables) == 0 {
		return 0, nil
	}
	all, err := tx.changes(ctx)
	for _, i := range k.tables {
		n += all[i]
	}
	return n, err
}
