package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"juli/internal/fault"
)

const postgresConns = 16

type postgresEngine struct{}

func (c *core) openPostgres(ctx context.Context, url string, o options) error {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "db.url", "PostgreSQL 地址不正确。")
	}
	if !o.unsafe && !trusted(cfg) {
		return fault.New(fault.Invalid, "db.tls", "数据库不在本机，连接须加密并核对服务器身份：请在地址后加 sslmode=verify-full 和 sslrootcert。")
	}
	pool := stdlib.OpenDB(*cfg)
	pool.SetMaxOpenConns(postgresConns)
	pool.SetMaxIdleConns(postgresConns)
	c.engine, c.write, c.read = translator{postgresEngine{}}, pool, pool
	return checkPostgres(ctx, pool, o)
}

// trusted says whether nobody on the way can read or answer in the server's
// place: it is on this machine, or its certificate is checked with its name
// (CRY-5). Every host of the address and every fallback has to be.
func trusted(cfg *pgx.ConnConfig) bool {
	hosts := []*pgconn.FallbackConfig{{Host: cfg.Host, TLSConfig: cfg.TLSConfig}}
	for _, h := range append(hosts, cfg.Fallbacks...) {
		local := strings.HasPrefix(h.Host, "/") || h.Host == "localhost"
		if ip, err := netip.ParseAddr(h.Host); err == nil && ip.IsLoopback() {
			local = true
		}
		if !local && (h.TLSConfig == nil || h.TLSConfig.InsecureSkipVerify) {
			return false
		}
	}
	return true
}

// checkPostgres refuses a database that sorts unlike SQLite and a server that
// may lose acknowledged commits.
func checkPostgres(ctx context.Context, pool *sql.DB, o options) error {
	var version int
	var collate, ctype, encoding, sync, pages string
	err := pool.QueryRowContext(ctx, `
		SELECT current_setting('server_version_num')::int, datcollate, datctype, pg_encoding_to_char(encoding),
			current_setting('synchronous_commit'), current_setting('full_page_writes')
		FROM pg_database WHERE datname = current_database()`).
		Scan(&version, &collate, &ctype, &encoding, &sync, &pages)
	switch {
	case err != nil:
		return fault.Wrap(err, fault.Unavailable, "db.gone", "连接不上 PostgreSQL 数据库。")
	case version < 150000:
		return fault.New(fault.Invalid, "db.version", "需要 PostgreSQL 15 或更高版本。")
	case collate != "C.UTF-8" && collate != "C.utf8", ctype != "C.UTF-8" && ctype != "C.utf8", encoding != "UTF8":
		return fault.New(fault.Invalid, "db.collation", "数据库应以 C.UTF-8 创建（现为 %s/%s，%s）。", collate, ctype, encoding)
	case !o.unsafe && (sync == "off" || pages == "off"):
		return fault.New(fault.Invalid, "db.unsafe", "数据库设置不安全（synchronous_commit=%s，full_page_writes=%s），断电可能丢失已确认的内容。", sync, pages)
	}
	return nil
}

func (postgresEngine) name() string { return "postgres" }

func (postgresEngine) lock(ctx context.Context, tx *Tx, key string) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, key)
	return err
}

func (postgresEngine) hasTable(ctx context.Context, tx *Tx, table string) (bool, error) {
	n, err := Value[int64](ctx, tx, `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = $1`, table)
	return n > 0, err
}

// source feeds COPY from a pull function.
type source struct {
	next func() ([]any, bool)
	row  []any
}

func (s *source) Next() (ok bool) { s.row, ok = s.next(); return ok }

func (s *source) Values() ([]any, error) { return s.row, nil }

func (s *source) Err() error { return nil }

func (postgresEngine) bulk(ctx context.Context, tx *Tx, table string, cols []string, next func() ([]any, bool)) (int64, error) {
	s, ok := tx.s.(*postgresSession)
	if !ok {
		return 0, fmt.Errorf("not a PostgreSQL transaction: %T", tx.s)
	}
	if err := s.start(ctx); err != nil {
		return 0, err
	}
	return s.conn.CopyFrom(ctx, pgx.Identifier{table}, cols, &source{next: next})
}

func pgCode(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

func (postgresEngine) retry(err error) bool  { c := pgCode(err); return c == "40001" || c == "40P01" }
func (postgresEngine) unique(err error) bool { return pgCode(err) == "23505" }
func (postgresEngine) full(err error) bool   { return pgCode(err) == "53100" }

func (postgresEngine) gone(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok && !errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	c := pgCode(err)
	return strings.HasPrefix(c, "08") || strings.HasPrefix(c, "57P")
}

// adapt writes a migration for PostgreSQL: only the append-only directive differs.
func (postgresEngine) adapt(schema string) string {
	if !appendOnly.MatchString(schema) {
		return schema
	}
	const refuse = `
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION juli_append_only() RETURNS trigger LANGUAGE plpgsql AS $juli$
BEGIN
	IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM retention_pass WHERE table_name = TG_TABLE_NAME) THEN RETURN OLD; END IF;
	RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME;
END $juli$;
-- +goose StatementEnd
`
	schema = strings.Replace(schema, "-- +goose Up\n", "-- +goose Up\n"+refuse, 1)
	return withTriggers(schema, `
CREATE TRIGGER ${1}_append_only BEFORE UPDATE ON $1 FOR EACH ROW WHEN ($2) EXECUTE FUNCTION juli_append_only();
CREATE TRIGGER ${1}_no_delete BEFORE DELETE ON $1 FOR EACH ROW EXECUTE FUNCTION juli_append_only();
CREATE TRIGGER ${1}_no_truncate BEFORE TRUNCATE ON $1 FOR EACH STATEMENT EXECUTE FUNCTION juli_append_only();
`)
}
