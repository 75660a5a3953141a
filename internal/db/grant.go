package db

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"juli/internal/fault"
)

// AppendOnly names the tables no row of which is ever changed.
func AppendOnly() ([]string, error) {
	names, err := schemaFiles.ReadDir("schema")
	if err != nil {
		return nil, err
	}
	var tables []string
	for _, entry := range names {
		text, err := schemaFiles.ReadFile("schema/" + entry.Name())
		if err != nil {
			return nil, err
		}
		for _, m := range appendOnly.FindAllStringSubmatch(string(text), -1) {
			if m[2] == "" {
				tables = append(tables, m[1])
			}
		}
	}
	slices.Sort(tables)
	return tables, nil
}

var roleName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

// GrantRun gives another PostgreSQL role what the running program needs and no
// more: it defines nothing (INP-8) and changes no row of an append-only table
// (AUD-3). Deleting stays with the retention job, which the tables' triggers let
// through by a row that they check.
func (d *DB) GrantRun(ctx context.Context, role string) error {
	if d.Engine() != "postgres" {
		return fault.New(fault.Invalid, "db.no-roles", "只有 PostgreSQL 有数据库角色。")
	}
	if !roleName.MatchString(role) {
		return fault.New(fault.Invalid, "db.role", "角色名只能由小写字母、数字和下划线组成。")
	}
	tables, err := AppendOnly()
	if err != nil {
		return err
	}
	to := pgx.Identifier{role}.Sanitize()
	return d.Write(ctx, func(tx *Tx) error {
		schema, err := Value[string](ctx, tx, `SELECT current_schema()`)
		if err != nil {
			return err
		}
		in := pgx.Identifier{schema}.Sanitize()
		var never []string
		for _, t := range tables {
			never = append(never, in+"."+pgx.Identifier{t}.Sanitize())
		}
		for _, statement := range []string{
			"REVOKE CREATE ON SCHEMA " + in + " FROM PUBLIC, " + to,
			"GRANT USAGE ON SCHEMA " + in + " TO " + to,
			"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + in + " TO " + to,
			"GRANT USAGE ON ALL SEQUENCES IN SCHEMA " + in + " TO " + to,
			"REVOKE UPDATE, TRUNCATE ON " + strings.Join(never, ", ") + " FROM " + to,
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}
