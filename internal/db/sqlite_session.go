package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	sqlite3 "modernc.org/sqlite/lib"
)

// keptInsertsMax is how many bulk inserts one transaction keeps prepared.
const keptInsertsMax = 16

// A sqliteSession is a transaction on a connection that is its own until end.
type sqliteSession struct {
	pooled *sql.Conn
	conn   *sqliteConn
	rows   *sqliteRows // being read
	done   bool

	inserts map[string]*sqliteStmt // of many rows: an import comes back to each
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

// insert executes a bulk insert, whose long text is worth keeping to the end of
// the transaction and not longer.
func (s *sqliteSession) insert(ctx context.Context, text string, args []any) error {
	if len(text) <= keptTextMax {
		_, err := s.conn.exec(ctx, text, args)
		return err
	}
	stmt := s.inserts[text]
	if stmt == nil {
		if len(s.inserts) >= keptInsertsMax {
			s.forgetInserts()
		}
		var err error
		if stmt, err = s.conn.prepare(ctx, text); err != nil {
			return err
		}
		if s.inserts == nil {
			s.inserts = map[string]*sqliteStmt{}
		}
		s.inserts[text] = stmt
	}
	_, err := stmt.ExecContext(ctx, s.conn.named(args))
	return err
}

func (s *sqliteSession) forgetInserts() {
	for _, stmt := range s.inserts {
		_ = stmt.Close()
	}
	clear(s.inserts)
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
	s.forgetInserts()
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
