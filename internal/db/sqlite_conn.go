package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite"
)

const (
	keptStatementsMax = 128     // prepared statements of one connection
	keptTextMax       = 8 << 10 // bytes of a text worth keeping
)

// sqliteOpener opens connections that keep their statements prepared: the
// driver itself prepares every text anew, which costs more than a small query.
type sqliteOpener struct {
	dsn string
}

func (o sqliteOpener) Driver() driver.Driver { return &sqlite.Driver{} }

func (o sqliteOpener) Connect(context.Context) (driver.Conn, error) {
	opened, err := (&sqlite.Driver{}).Open(o.dsn)
	if err != nil {
		return nil, err
	}
	c, ok := opened.(sqliteDriverConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("not a SQLite connection: %T", opened), opened.Close())
	}
	return &sqliteConn{sqliteDriverConn: c, kept: map[string]*sqliteStmt{}}, nil
}

// sqliteDriverConn is what the driver's connection can do.
type sqliteDriverConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// A sqliteConn is a connection with its prepared statements. database/sql's
// pool hands it out; transactions then speak to it without database/sql, whose
// locks and watchers around every row cost as much as reading it.
type sqliteConn struct {
	sqliteDriverConn
	kept  map[string]*sqliteStmt // those not in use
	clock int64
	args  []driver.NamedValue
	bad   bool // it could not be brought out of a transaction
}

// A sqliteStmt is a prepared statement.
type sqliteStmt struct {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
	text string
	used int64
}

// IsValid keeps a connection whose transaction could not be ended out of the pool.
func (c *sqliteConn) IsValid() bool { return !c.bad && c.sqliteDriverConn.IsValid() }

// Close closes the statements before the connection.
func (c *sqliteConn) Close() error {
	var errs []error
	for _, s := range c.kept {
		errs = append(errs, s.Close())
	}
	clear(c.kept)
	return errors.Join(append(errs, c.sqliteDriverConn.Close())...)
}

// take gives a statement that nobody else uses; put gives it back. SQLite
// itself prepares a kept one again after the schema changed.
func (c *sqliteConn) take(ctx context.Context, text string) (*sqliteStmt, error) {
	if s := c.kept[text]; s != nil {
		delete(c.kept, text)
		return s, nil
	}
	return c.prepare(ctx, text)
}

func (c *sqliteConn) put(s *sqliteStmt) {
	if len(s.text) > keptTextMax || c.kept[s.text] != nil {
		_ = s.Close()
		return
	}
	if len(c.kept) >= keptStatementsMax {
		c.forgetOldest()
	}
	c.clock++
	s.used = c.clock
	c.kept[s.text] = s
}

func (c *sqliteConn) forgetOldest() {
	var oldest *sqliteStmt
	for _, s := range c.kept {
		if oldest == nil || s.used < oldest.used {
			oldest = s
		}
	}
	delete(c.kept, oldest.text)
	_ = oldest.Close()
}

func (c *sqliteConn) prepare(ctx context.Context, text string) (*sqliteStmt, error) {
	s, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	e, executes := s.(driver.StmtExecContext)
	q, queries := s.(driver.StmtQueryContext)
	if !executes || !queries {
		return nil, errors.Join(fmt.Errorf("not a SQLite statement: %T", s), s.Close())
	}
	return &sqliteStmt{Stmt: s, StmtExecContext: e, StmtQueryContext: q, text: text}, nil
}

// named is the arguments as the driver takes them. It binds them at once, so
// that their list can be used again.
func (c *sqliteConn) named(args []any) []driver.NamedValue {
	c.args = c.args[:0]
	for i, a := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return c.args
}

func (c *sqliteConn) exec(ctx context.Context, text string, args []any) (driver.Result, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	res, err := s.ExecContext(ctx, c.named(args))
	if err != nil {
		_ = s.Close() // says the same again
		return nil, err
	}
	c.put(s)
	return res, nil
}
