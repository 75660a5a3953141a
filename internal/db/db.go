package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"juli/internal/fault"
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
	shelves sync.Map     // *Kept → its values
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
