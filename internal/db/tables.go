package db

import (
	"context"
	"fmt"
	"slices"
)

// A Table is a table of the schema as it stands in the database.
type Table struct {
	Name    string
	Columns []Column
}

// A Column is a column with the type that the engine gave it: BIGINT and
// BOOLEAN are both "INTEGER" on SQLite.
type Column struct{ Name, Type string }

// Boolean says whether the engine stores the column as a truth value, so that
// a 0 or 1 from the other engine has to become one.
func (c Column) Boolean() bool { return c.Type == "boolean" }

// columnsOf lists tables, columns and types; linksOf lists which table refers
// to which. goose's own table is not part of the schema, and the counters of
// changes are one running program's, not the city's: neither goes into a backup.
var (
	columnsOf = map[string]string{
		"sqlite": `
			SELECT m.name, p.name, p.type FROM sqlite_master AS m, pragma_table_info(m.name) AS p
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT IN ('goose_db_version', 'table_change')
			ORDER BY m.name, p.cid`,
		"postgres": `
			SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns AS c
			JOIN information_schema.tables AS t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
			WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.table_name NOT IN ('goose_db_version', 'table_change')
			ORDER BY c.table_name COLLATE "C", c.ordinal_position`,
	}
	linksOf = map[string]string{
		"sqlite": `
			SELECT DISTINCT m.name, f."table" FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f
			WHERE m.type = 'table' ORDER BY 1, 2`,
		"postgres": `
			SELECT DISTINCT c.relname, p.relname FROM pg_constraint AS f
			JOIN pg_class AS c ON c.oid = f.conrelid JOIN pg_class AS p ON p.oid = f.confrelid
			WHERE f.contype = 'f' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1, 2`,
	}
)

// Tables lists the tables of the schema, each after those that it refers to, so
// that rows can be put back in this order.
func (tx *Tx) Tables(ctx context.Context) ([]Table, error) {
	type cell struct{ table, column, kind string }
	cells, err := All(ctx, tx, func(row Scanner) (c cell, err error) {
		return c, row.Scan(&c.table, &c.column, &c.kind)
	}, columnsOf[tx.Engine()])
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	type link struct{ child, parent string }
	links, err := All(ctx, tx, func(row Scanner) (l link, err error) {
		return l, row.Scan(&l.child, &l.parent)
	}, linksOf[tx.Engine()])
	if err != nil {
		return nil, fmt.Errorf("list references: %w", err)
	}
	var tables []Table
	for _, c := range cells {
		if len(tables) == 0 || tables[len(tables)-1].Name != c.table {
			tables = append(tables, Table{Name: c.table})
		}
		last := &tables[len(tables)-1]
		last.Columns = append(last.Columns, Column{c.column, c.kind})
	}
	parents := map[string][]string{}
	for _, l := range links {
		if l.child != l.parent {
			parents[l.child] = append(parents[l.child], l.parent)
		}
	}
	return parentsFirst(tables, parents)
}

// parentsFirst orders tables by their references, else by name.
func parentsFirst(tables []Table, parents map[string][]string) ([]Table, error) {
	ordered := make([]Table, 0, len(tables))
	done := map[string]bool{}
	for len(tables) > 0 {
		next := slices.IndexFunc(tables, func(t Table) bool {
			return !slices.ContainsFunc(parents[t.Name], func(p string) bool { return !done[p] })
		})
		if next < 0 {
			return nil, fmt.Errorf("tables refer to each other in a circle: %s and others", tables[0].Name)
		}
		done[tables[next].Name] = true
		ordered = append(ordered, tables[next])
		tables = slices.Delete(tables, next, next+1)
	}
	return ordered, nil
}

// MigrateTo brings an empty database to the schema of an earlier version, into
// which a backup of that version can be put back.
func (d *DB) MigrateTo(ctx context.Context, version int64) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	if _, err := p.UpTo(ctx, version); err != nil {
		return fmt.Errorf("migrate to %d: %w", version, d.engine.translate(err))
	}
	return nil
}
