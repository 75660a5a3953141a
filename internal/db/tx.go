package db

import (
	"context"
	"database/sql"
	"fmt"
	mrand "math/rand/v2" //nolint:depguard // spreads retries; no secret comes of it
	"time"

	"juli/internal/day"
	"juli/internal/fault"
)

const (
	writeWaitMax = 30 * time.Second // for SQLite's one writer
	retriesMax   = 5                // of deadlocks and serialization failures (CRS-5)
)

// A Tx is a transaction. Now and Real stand still in it.
type Tx struct {
	Now  time.Time // city time, UTC: rules, deadlines, acts
	Real time.Time // real time, UTC: sessions, codes, leases

	d       *DB
	s       session
	write   bool
	reading bool // rows are being read: no other statement may run
	after   []func()
	counts  *[len(counted)]int64 // changes of tables, once they were read
	changed [len(counted)]bool   // tables written here
}

// Today is the city's civil date.
func (tx *Tx) Today() day.Date { return day.FromTime(tx.Now) }

// NewID makes an identifier, by the real clock: the city's calendar may be set
// back, as a demo city's is, and what is made later must still sort later.
func (tx *Tx) NewID() ID { return tx.d.ids.next(tx.Real) }

// Engine is "sqlite" or "postgres". Only job may ask, for its claim.
func (tx *Tx) Engine() string { return tx.d.Engine() }

// Writes says whether this is a transaction that may write.
func (tx *Tx) Writes() bool { return tx.write }

// OnCommit runs fn after a successful commit: to wake a worker or drop a cache,
// never for something that must happen (that is an audit event's reaction).
func (tx *Tx) OnCommit(fn func()) { tx.after = append(tx.after, fn) }

// Write runs fn in a transaction and commits, unless fn returns an error.
// Deadlocks are retried, so fn may run more than once and must keep its results
// in variables that it sets anew. Write inside Write is refused.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if err := d.lease(ctx); err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := d.writeOnce(ctx, fn)
		if err == nil || try == retriesMax || !d.engine.retry(err) {
			return d.engine.translate(err)
		}
		wait := time.Duration(try*try)*5*time.Millisecond + mrand.N(10*time.Millisecond)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

func (d *DB) writeOnce(ctx context.Context, fn func(*Tx) error) error {
	release, err := d.takeWriter(ctx)
	if err != nil {
		return err
	}
	defer release()
	return d.run(ctx, d.write, true, fn)
}

// Read runs fn on a snapshot in which nothing can be written.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	return d.engine.translate(d.run(ctx, d.read, false, fn))
}

func (d *DB) run(ctx context.Context, pool *sql.DB, write bool, fn func(*Tx) error) error {
	s, err := d.engine.begin(ctx, pool, write)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer s.end() // undoes what was not committed
	tx := &Tx{Now: d.Now(), Real: d.Real(), d: d, s: s, write: write}
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.countChanges(ctx); err != nil {
		return fmt.Errorf("count changes: %w", err)
	}
	if err := s.commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, f := range tx.after {
		f()
	}
	return nil
}

// takeWriter makes SQLite's writers queue in the program, where waiting has an
// end and a nested Write is seen; PostgreSQL has no such queue.
func (d *DB) takeWriter(ctx context.Context) (release func(), err error) {
	if d.Engine() != "sqlite" {
		return func() {}, nil
	}
	me := goroutine()
	if d.writerID.Load() == me {
		return nil, fault.New(fault.Internal, "db.nested", "写事务不能嵌套。")
	}
	wait := time.NewTimer(writeWaitMax)
	defer wait.Stop()
	select {
	case d.writer <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-wait.C:
		return nil, fault.New(fault.Unavailable, "db.busy", "系统正忙，请稍后再试。")
	}
	d.writerID.Store(me)
	return func() { d.writerID.Store(0); <-d.writer }, nil
}

// Lock makes this transaction the only one that changes the aggregate (kind,
// id) until it ends. Take locks in one order: division, enterprise, project,
// case, account; then by id. SQLite has one writer and needs none.
func (tx *Tx) Lock(ctx context.Context, kind string, id any) error {
	return tx.d.engine.lock(ctx, tx, fmt.Sprint(kind, ":", id))
}
