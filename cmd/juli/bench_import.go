package main

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"juli/internal/db"
	"juli/internal/importing"
	"juli/internal/sheet"
)

// importRows is the limit of one file (INP-3).
const importRows = 100_000

// imports measures the import of a csv file of enterprises against a bare bulk
// insert of the very rows that it stores, ready made, into the same tables; and
// the reading of xlsx against that of csv. Every round is rolled back.
func (b *bench) imports(ctx context.Context) ([]ratio, error) {
	b.tell("导入 %d 行，每种 %d 次……", importRows, benchRounds)
	content, err := fileOf(ctx, importing.Enterprises, sheet.CSV, firmRows(0, importRows))
	if err != nil {
		return nil, err
	}
	book, err := fileOf(ctx, importing.Enterprises, sheet.XLSX, firmRows(0, importRows))
	if err != nil {
		return nil, err
	}
	var kept []stored
	ours := func(keep bool) func() error {
		return func() error {
			return b.rolledBack(ctx, func(tx *db.Tx) error {
				f := importing.File{Kind: importing.Enterprises, Content: bytes.NewReader(content), Size: int64(len(content)), Reason: "性能测量"}
				out, err := b.importing().ImportIn(ctx, tx, b.who, f, nil)
				if err = errors.Join(err, out.Err()); err != nil || !keep {
					return err
				}
				kept, err = storedIn(ctx, tx, "enterprise", "search_doc", "search_posting")
				return err
			})
		}
	}
	if err := ours(true)(); err != nil {
		return nil, err
	}
	cost, bare, err := duel(benchRounds, ours(false), func() error {
		return b.rolledBack(ctx, func(tx *db.Tx) error {
			for _, t := range kept {
				if _, err := tx.Bulk(ctx, t.name, t.columns, slices.Values(t.rows)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	xlsx, csv, err := duel(benchRounds, func() error { return readAll(ctx, book) }, func() error { return readAll(ctx, content) })
	if err != nil {
		return nil, err
	}
	return []ratio{
		cost.against(bare, ratio{Key: "import_csv", Name: "导入 csv 100,000 行 / 裸批量写入", Goal: 2.5}),
		xlsx.against(csv, ratio{Key: "parse_xlsx", Name: "读 xlsx 100,000 行 / 读 csv"}),
	}, nil
}

func (b *bench) rolledBack(ctx context.Context, fn func(tx *db.Tx) error) error {
	err := b.DB.Write(ctx, func(tx *db.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return errRollBack
	})
	if errors.Is(err, errRollBack) {
		return nil
	}
	return err
}

// readAll reads a file cell by cell and keeps nothing.
func readAll(ctx context.Context, content []byte) error {
	f, err := sheet.Open(ctx, bytes.NewReader(content), int64(len(content)), sheet.Standard)
	if err != nil {
		return err
	}
	for _, err := range importing.Enterprises.Schema().Read(ctx, f, sheet.Mapping{}) {
		if err != nil {
			return err
		}
	}
	return nil
}

// stored is a table with its rows as the driver gives them.
type stored struct {
	name    string
	columns []string
	rows    [][]any
}

func storedIn(ctx context.Context, tx *db.Tx, names ...string) ([]stored, error) {
	tables, err := tx.Tables(ctx)
	if err != nil {
		return nil, err
	}
	var out []stored
	for _, t := range tables {
		if !slices.Contains(names, t.Name) {
			continue
		}
		s := stored{name: t.Name}
		for _, c := range t.Columns {
			s.columns = append(s.columns, c.Name)
		}
		s.rows, err = db.All(ctx, tx, func(row db.Scanner) ([]any, error) {
			cells, at := make([]any, len(s.columns)), make([]any, len(s.columns))
			for i := range cells {
				at[i] = &cells[i]
			}
			return cells, row.Scan(at...)
		}, "SELECT "+strings.Join(s.columns, ", ")+" FROM "+t.Name+" ORDER BY 1, 2")
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}
