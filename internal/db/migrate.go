package db

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"juli/internal/fault"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// appendOnly is the directive that the engines expand into refusing triggers.
// Without its condition no row is ever changed; with one, as over OLD and NEW,
// those changes are refused for which it holds. No row is deleted either way.
var appendOnly = regexp.MustCompile(`(?m)^-- juli:append-only (\w+)(?: when (.+))?$`)

// withTriggers takes the directives out of a migration and puts what they stand
// for at its end, after the tables.
func withTriggers(schema, triggers string) string {
	tables := appendOnly.FindAllString(schema, -1)
	schema = appendOnly.ReplaceAllString(schema, "")
	for _, directive := range tables {
		if !strings.Contains(directive, " when ") {
			directive += " when TRUE"
		}
		schema += appendOnly.ReplaceAllString(directive, triggers)
	}
	return schema
}

// Migrate brings the schema up to this program's version. A database that a
// newer program has migrated is refused.
func (d *DB) Migrate(ctx context.Context) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	if err := d.checkVersion(ctx, p); err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", d.engine.translate(err))
	}
	return d.loadOffset(ctx)
}

// SchemaVersion is the database's version and this program's.
func (d *DB) SchemaVersion(ctx context.Context) (have, want int64, err error) {
	p, err := d.provider()
	if err != nil {
		return 0, 0, err
	}
	sources := p.ListSources()
	err = d.Read(ctx, func(tx *Tx) error { // past goose, which would take its lock from a copy that migrates
		exists, err := d.engine.hasTable(ctx, tx, "goose_db_version")
		if err != nil || !exists {
			return err
		}
		have, err = Value[int64](ctx, tx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`)
		return err
	})
	return have, sources[len(sources)-1].Version, err
}

// MayDefine says whether the program's role could change the schema: on
// PostgreSQL it need not, where another role migrates (INP-8).
func (d *DB) MayDefine(ctx context.Context) (may bool, err error) {
	if d.Engine() != "postgres" {
		return true, nil
	}
	err = d.Read(ctx, func(tx *Tx) (err error) {
		may, err = Value[bool](ctx, tx, `SELECT has_schema_privilege(current_user, current_schema(), 'CREATE')`)
		return err
	})
	return may, err
}

func (d *DB) provider() (*goose.Provider, error) {
	files, err := d.schema()
	if err != nil {
		return nil, err
	}
	dialect, opts := goose.DialectSQLite3, []goose.ProviderOption{goose.WithVerbose(false)}
	if d.Engine() == "postgres" {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		dialect, opts = goose.DialectPostgres, append(opts, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(dialect, d.write, files, opts...)
}

func (d *DB) checkVersion(ctx context.Context, p *goose.Provider) error {
	sources := p.ListSources()
	want := sources[len(sources)-1].Version
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("schema version: %w", err)
	}
	if have > want {
		return fault.New(fault.Invalid, "db.newer", "数据库版本 %d 比程序的 %d 新，请升级程序。", have, want)
	}
	return nil
}

// SchemaHash names the whole schema text of this program and the form it is
// written in, so that tests can share a migrated template.
func SchemaHash() (string, error) {
	h := sha256.New()
	names, err := fs.Glob(schemaFiles, "schema/*.sql")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		text, err := schemaFiles.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s\n%s%s", name, sqliteEngine{}.adapt(string(text)), postgresEngine{}.adapt(string(text)))
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// schema is the migrations as this engine wants them: an archive in memory,
// which is the standard library's file system of texts.
func (d *DB) schema() (fs.FS, error) {
	names, err := fs.Glob(schemaFiles, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, name := range names {
		text, err := schemaFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		w, err := z.Create(path.Base(name))
		if err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(d.engine.adapt(string(text)))); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
}
