package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
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

// A sqliteSession is a transaction on a connection that is its own until end.
type sqliteSession struct {
	pooled *sql.Conn
	conn   *sqliteConn
	rows   *sqliteRows // being read
	done   bool
}

func (sqliteEngine) begin(ctx context.Context, pool *sql.DB, write bool) (session, error) {
	pooled, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &sqliteSession{pooled: pooled}
	text := "BEGIN"
	if write {
		text = "BEGIN IMMEDIATE"
	}
	err = pooled.Raw(func(dc any) error {
		conn, ok := dc.(*sqliteConn)
		if !ok {
			return fmt.Errorf("not a connection of ours: %T", dc)
		}
		s.conn = conn
		_, err := conn.exec(ctx, text, nil)
		return err
	})
	if err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func (s *sqliteSession) exec(ctx context.Context, query string, args []any) (int64, error) {
	res, err := s.conn.exec(ctx, query, args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (s *sqliteSession) query(ctx context.Context, query string, args []any) (cursor, error) {
	stmt, err := s.conn.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, s.conn.named(args))
	if err != nil {
		return nil, errors.Join(err, stmt.Close())
	}
	s.rows = &sqliteRows{session: s, stmt: stmt, rows: rows, row: make([]driver.Value, len(rows.Columns()))}
	return s.rows, nil
}

// commit is not given up halfway: whether it took effect must be known.
func (s *sqliteSession) commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.rows != nil {
		return errReading
	}
	if _, err := s.conn.exec(context.WithoutCancel(ctx), "COMMIT", nil); err != nil {
		return err
	}
	s.done = true
	return nil
}

func (s *sqliteSession) end() {
	if s.rows != nil {
		_ = s.rows.Close()
	}
	if !s.done && s.conn != nil {
		// A transaction that SQLite has undone by itself, as on a full disk,
		// can't be undone again, and one that never began neither.
		if _, err := s.conn.exec(context.Background(), "ROLLBACK", nil); err != nil && sqliteCode(err) != sqlite3.SQLITE_ERROR {
			s.conn.bad = true
		}
	}
	_ = s.pooled.Close()
}

// sqliteRows reads a query's rows.
type sqliteRows struct {
	session *sqliteSession
	stmt    *sqliteStmt
	rows    driver.Rows
	row     []driver.Value
	err     error
}

// Next reads the next row; false after the last one and after an error.
func (r *sqliteRows) Next() bool {
	if r.err == nil {
		r.err = r.rows.Next(r.row)
	}
	return r.err == nil
}

// Err is what ended the rows, if not their end.
func (r *sqliteRows) Err() error {
	if errors.Is(r.err, io.EOF) {
		return nil
	}
	return r.err
}

// Scan stores the row's columns.
func (r *sqliteRows) Scan(dest ...any) error {
	if len(dest) != len(r.row) {
		return fmt.Errorf("scan: %d columns into %d places", len(r.row), len(dest))
	}
	for i, d := range dest {
		if err := assign(d, r.row[i]); err != nil {
			return fmt.Errorf("scan column %d: %w", i, err)
		}
	}
	return nil
}

// Close gives the statement back.
func (r *sqliteRows) Close() error {
	if r.session.rows != r {
		return nil
	}
	r.session.rows = nil
	if err := r.rows.Close(); err != nil || r.Err() != nil {
		return errors.Join(err, r.stmt.Close())
	}
	r.session.conn.put(r.stmt)
	return nil
}
