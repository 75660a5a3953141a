package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// rollbackMax is how long a server may take to undo a transaction before its
// connection is given up.
const rollbackMax = 5 * time.Second

// A postgresSession is a transaction on a connection that is its own until end.
// It speaks to pgx without database/sql, whose locks and watchers around every
// row cost as much as reading it. The transaction begins together with its first
// query: one journey to the server instead of two.
type postgresSession struct {
	pooled *sql.Conn
	conn   *pgx.Conn
	begin  string // not sent yet, or ""
	done   bool
}

func (postgresEngine) begin(ctx context.Context, pool *sql.DB, write bool) (session, error) {
	pooled, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &postgresSession{pooled: pooled, begin: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
	if write {
		s.begin = "BEGIN ISOLATION LEVEL READ COMMITTED"
	}
	err = pooled.Raw(func(dc any) error {
		conn, ok := dc.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("not a pgx connection: %T", dc)
		}
		s.conn = conn.Conn()
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, pooled.Close())
	}
	return s, nil
}

// start sends the beginning that has not been sent yet.
func (s *postgresSession) start(ctx context.Context) error {
	if s.begin == "" {
		return nil
	}
	_, err := s.conn.Exec(ctx, s.begin)
	s.begin = ""
	return err
}

func (s *postgresSession) exec(ctx context.Context, query string, args []any) (int64, error) {
	if err := s.start(ctx); err != nil {
		return 0, err
	}
	tag, err := s.conn.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}

func (s *postgresSession) query(ctx context.Context, query string, args []any) (cursor, error) {
	if s.begin == "" {
		rows, err := s.conn.Query(ctx, query, args...)
		if err != nil {
			return nil, err
		}
		return &postgresRows{Rows: rows}, nil
	}
	both := &pgx.Batch{}
	both.Queue(s.begin)
	both.Queue(query, args...)
	s.begin = ""
	sent := s.conn.SendBatch(ctx, both)
	if _, err := sent.Exec(); err != nil {
		return nil, errors.Join(err, sent.Close())
	}
	rows, err := sent.Query()
	if err != nil {
		return nil, errors.Join(err, sent.Close())
	}
	return &postgresRows{Rows: rows, sent: sent}, nil
}

func (s *postgresSession) commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil || s.begin != "" {
		return err
	}
	tag, err := s.conn.Exec(ctx, "COMMIT")
	if err != nil {
		return err
	}
	s.done = true
	if tag.String() == "ROLLBACK" { // a statement had failed
		return pgx.ErrTxCommitRollback
	}
	return nil
}

// end leaves a connection that can't be brought out of its transaction to the
// pool, which closes it.
func (s *postgresSession) end() {
	if s.begin == "" && !s.done && !s.conn.IsClosed() {
		ctx, cancel := context.WithTimeout(context.Background(), rollbackMax)
		defer cancel()
		_, _ = s.conn.Exec(ctx, "ROLLBACK")
	}
	_ = s.pooled.Close()
}

// postgresRows reads a query's rows.
type postgresRows struct {
	pgx.Rows
	sent pgx.BatchResults // that the rows came with
}

// Scan stores the row's columns.
func (r *postgresRows) Scan(dest ...any) error {
	raw, fields := r.RawValues(), r.FieldDescriptions()
	if len(dest) != len(raw) {
		return fmt.Errorf("scan: %d columns into %d places", len(raw), len(dest))
	}
	for i, d := range dest {
		v, err := r.column(&fields[i], raw[i])
		if err == nil {
			err = assign(d, v)
		}
		if err != nil {
			return fmt.Errorf("scan column %d: %w", i, err)
		}
	}
	return nil
}

// column is a column as database/sql's drivers give it; text and whole numbers,
// which nearly all are, without asking pgx for a plan.
func (r *postgresRows) column(f *pgconn.FieldDescription, raw []byte) (driver.Value, error) {
	switch {
	case raw == nil:
		return nil, nil
	case f.DataTypeOID == pgtype.TextOID:
		return string(raw), nil
	case f.DataTypeOID == pgtype.Int8OID && f.Format == pgx.BinaryFormatCode && len(raw) == 8:
		return int64(binary.BigEndian.Uint64(raw)), nil //nolint:gosec // two's complement, as it was sent
	}
	m := r.Conn().TypeMap()
	t, ok := m.TypeForOID(f.DataTypeOID)
	if !ok {
		return string(raw), nil
	}
	return t.Codec.DecodeDatabaseSQLValue(m, f.DataTypeOID, f.Format, raw)
}

// Close ends the reading, of what came with the rows too.
func (r *postgresRows) Close() error {
	r.Rows.Close()
	if r.sent == nil {
		return nil
	}
	return r.sent.Close()
}
