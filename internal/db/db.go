package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	mrand "math/rand/v2" //nolint:depguard // spreads retries; no secret comes of it
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"juli/internal/day"
	"juli/internal/fault"
)

const (
	writeWaitMax = 30 * time.Second // for SQLite's one writer
	retriesMax   = 5                // of deadlocks and serialization failures (CRS-5)
	leaseFor     = 10 * time.Minute // of a node number
	leaseRenew   = 3 * time.Minute
	nodes        = 1 << idNodeBits
)

// A DB is an open database. Its methods may be called by many goroutines.
type DB struct {
	*core
	city, real func() time.Time
}

// core is what the copies made by WithClock share.
type core struct {
	engine translator
	url    string
	path   string // SQLite's file
	write  *sql.DB
	read   *sql.DB

	writer   chan struct{} // SQLite: holds a token while somebody writes
	writerID atomic.Uint64 // the goroutine that writes

	leaseMu sync.Mutex
	leased  time.Time
	holder  string
	ids     idMaker
	offset  atomic.Int64 // milliseconds of city time ahead of real time
}

// An Option changes how a database is opened.
type Option func(*options)

type options struct{ unsafe bool }

// Unsafe allows settings that may lose the last commits on a power cut. Tests
// and throw-away databases use it; a server must not.
func Unsafe() Option { return func(o *options) { o.unsafe = true } }

// Open opens sqlite:///absolute/path, sqlite://relative/path or postgres://….
// It refuses settings under which an acknowledged write could be lost (CRS-2)
// and, on PostgreSQL, a database that does not sort by C.UTF-8.
func Open(ctx context.Context, url string, opts ...Option) (*DB, error) {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	c := &core{url: url, writer: make(chan struct{}, 1), holder: rand.Text()}
	d := &DB{core: c, real: time.Now}
	d.city = func() time.Time { return time.Now().Add(time.Duration(c.offset.Load()) * time.Millisecond) }
	var err error
	switch {
	case strings.HasPrefix(url, "sqlite://"):
		err = c.openSQLite(ctx, strings.TrimPrefix(url, "sqlite://"), o)
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		err = c.openPostgres(ctx, url, o)
	default:
		return nil, fault.New(fault.Invalid, "db.url", "数据库地址应以 sqlite:// 或 postgres:// 开头。")
	}
	if err != nil {
		return nil, err
	}
	if err := d.loadOffset(ctx); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Close gives the node number back and closes the pools.
func (d *DB) Close() error {
	d.release()
	if d.read != d.write {
		d.read.Close()
	}
	return d.write.Close()
}

// Engine is "sqlite" or "postgres".
func (d *DB) Engine() string { return d.engine.name() }

// Path is SQLite's file, or "".
func (d *DB) Path() string { return d.path }

// WithClock is the same database under another city clock: the simulated
// calendar of the demo city, and tests.
func (d *DB) WithClock(now func() time.Time) *DB {
	return &DB{core: d.core, city: now, real: d.real}
}

// WithRealClock is the same database under another real clock, for tests of
// sessions, codes and leases.
func (d *DB) WithRealClock(now func() time.Time) *DB {
	return &DB{core: d.core, city: d.city, real: now}
}

// Now is city time.
func (d *DB) Now() time.Time { return d.city().UTC() }

// Real is the real time.
func (d *DB) Real() time.Time { return d.real().UTC() }

// Offset is how far city time is ahead of real time: 0 but in a demo database.
func (d *DB) Offset() time.Duration { return time.Duration(d.offset.Load()) * time.Millisecond }

// A Tx is a transaction. Now and Real stand still in it.
type Tx struct {
	Now  time.Time // city time, UTC: rules, deadlines, acts
	Real time.Time // real time, UTC: sessions, codes, leases

	d       *DB
	tx      *sql.Tx
	conn    *sql.Conn
	reading bool // rows are being read: no other statement may run
	after   []func()
}

// Today is the city's civil date.
func (tx *Tx) Today() day.Date { return day.FromTime(tx.Now) }

// NewID makes an identifier, by the real clock: the city's calendar may be set
// back, as a demo city's is, and what is made later must still sort later.
func (tx *Tx) NewID() ID { return tx.d.ids.next(tx.Real) }

// Engine is "sqlite" or "postgres". Only job may ask, for its claim.
func (tx *Tx) Engine() string { return tx.d.Engine() }

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
	return d.run(ctx, d.write, d.engine.writeOptions(), fn)
}

// Read runs fn on a snapshot in which nothing can be written.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	return d.engine.translate(d.run(ctx, d.read, d.engine.readOptions(), fn))
}

func (d *DB) run(ctx context.Context, pool *sql.DB, opts *sql.TxOptions, fn func(*Tx) error) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	stx, err := conn.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer stx.Rollback() // no-op after Commit
	tx := &Tx{Now: d.Now(), Real: d.Real(), d: d, tx: stx, conn: conn}
	if err := fn(tx); err != nil {
		return err
	}
	if err := stx.Commit(); err != nil {
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

func (d *DB) loadOffset(ctx context.Context) error {
	return d.Read(ctx, func(tx *Tx) error {
		exists, err := d.engine.hasTable(ctx, tx, "meta")
		if err != nil || !exists {
			return err
		}
		text, ok, err := One(ctx, tx, scanString, `SELECT value FROM meta WHERE key = $1`, "city_offset_ms")
		if err != nil || !ok {
			return err
		}
		ms, err := strconv.ParseInt(text, 10, 64)
		d.offset.Store(ms)
		return err
	})
}

// SetCityOffset makes the database a demo one whose city calendar stands at
// cityNow from now on. It is refused ("db.demo") unless the database was marked
// as a demo at its creation and has no offset yet.
func (d *DB) SetCityOffset(ctx context.Context, cityNow time.Time) error {
	offset := time.Until(cityNow).Milliseconds()
	err := d.Write(ctx, func(tx *Tx) error {
		demo, _, err := One(ctx, tx, scanString, `SELECT value FROM meta WHERE key = 'demo'`)
		if err != nil {
			return err
		}
		if demo == "" {
			return fault.New(fault.Forbidden, "db.demo", "只有演示数据库可以有自己的日历。")
		}
		n, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ('city_offset_ms', $1) ON CONFLICT (key) DO NOTHING`, strconv.FormatInt(offset, 10))
		if err == nil && n == 0 {
			return fault.New(fault.Conflict, "db.demo", "演示日历已经设定。")
		}
		return err
	})
	if err == nil {
		d.offset.Store(offset)
	}
	return err
}

// release ends the lease, so that programs that come and go don't use the node
// numbers up. What is left unreleased by a kill lapses by itself.
func (d *DB) release() {
	d.leaseMu.Lock()
	defer d.leaseMu.Unlock()
	if d.leased.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := d.writeOnce(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, `UPDATE node_lease SET until_ms = $1 WHERE holder = $2`, time.Now().UnixMilli()-1, d.holder)
		return err
	})
	if err != nil {
		slog.Debug("node number not released", "err", err)
	}
	d.leased = time.Time{}
}

// lease keeps a node number for this process, so that two copies of the program
// never make the same id.
func (d *DB) lease(ctx context.Context) error {
	d.leaseMu.Lock()
	defer d.leaseMu.Unlock()
	now := time.Now()
	if now.Sub(d.leased) < leaseRenew {
		return nil
	}
	err := d.writeOnce(ctx, func(tx *Tx) error {
		until := now.Add(leaseFor).UnixMilli()
		n, err := tx.Exec(ctx, `UPDATE node_lease SET until_ms = $1 WHERE holder = $2`, until, d.holder)
		if err != nil || n == 1 {
			return err
		}
		if err := tx.Lock(ctx, "node", 0); err != nil {
			return err
		}
		newest, err := Value[int64](ctx, tx, `SELECT COALESCE((SELECT node FROM node_lease ORDER BY until_ms DESC, node DESC LIMIT 1), -1)`)
		if err != nil {
			return err
		}
		for i := int64(1); i <= nodes; i++ {
			node := (newest + i) % nodes
			n, err := tx.Exec(ctx, `
				INSERT INTO node_lease (node, holder, until_ms) VALUES ($1, $2, $3)
				ON CONFLICT (node) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms
				WHERE node_lease.until_ms < $4`, node, d.holder, until, now.UnixMilli())
			if err != nil {
				return err
			}
			if n == 1 {
				d.ids.mu.Lock()
				d.ids.node = node
				d.ids.mu.Unlock()
				return nil
			}
		}
		return fault.New(fault.Unavailable, "db.nodes", "同时运行的程序副本过多。")
	})
	if err != nil {
		if d.Engine() == "sqlite" && fault.Is(err, "db.nested") {
			return err
		}
		return fmt.Errorf("lease a node number: %w", err)
	}
	d.leased = now
	slog.Debug("node number leased", "node", d.ids.node)
	return nil
}
