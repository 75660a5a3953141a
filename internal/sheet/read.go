package sheet

import (
	"context"
	"iter"
	"maps"
	"slices"

	"juli/internal/day"
	"juli/internal/fault"
	"juli/internal/money"
)

// A Row is one row of a file, read by a schema. It is valid until the next row
// is asked for; its texts may be kept.
type Row struct {
	Number   int // as the user sees it
	Problems []Problem

	schema *Schema
	cells  []Cell
	at     []int // by the schema's columns: the file's column, or -1
}

// Read yields the rows below the heads, typed. Without a mapping (nil Columns)
// the file is inspected first. Empty rows and the template's own example are
// passed over. Mistakes in cells are in [Row.Problems]; an error ends the reading.
func (s *Schema) Read(ctx context.Context, f *File, m Mapping) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		if m.Columns == nil {
			in, err := s.Inspect(ctx, f)
			if err != nil {
				yield(nil, err)
				return
			}
			m = in.Mapping
		}
		if err := s.Fits(m, f.limits); err != nil {
			yield(nil, err)
			return
		}
		row := s.row(m)
		epoch, n := f.epoch1904(), 0
		for raw, err := range f.rows(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			if raw.number <= m.Row {
				continue
			}
			row.load(raw, epoch)
			if row.blank() || row.isExample() {
				continue
			}
			if n++; n > f.limits.Rows {
				yield(nil, tooManyRows(f.limits))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (f *File) epoch1904() bool { return f.book != nil && f.book.epoch1904 }

// row makes the one row that Read fills again and again.
func (s *Schema) row(m Mapping) *Row {
	r := &Row{schema: s, cells: make([]Cell, len(s.Columns)), at: make([]int, len(s.Columns))}
	for i, c := range s.Columns {
		r.at[i] = -1
		if at, has := m.Columns[c.Key]; has {
			r.at[i] = at
		}
	}
	return r
}

func (r *Row) load(raw rawRow, epoch1904 bool) {
	r.Number, r.Problems = raw.number, r.Problems[:0]
	for i := range r.cells {
		r.cells[i] = Cell{}
		if r.at[i] < 0 {
			continue
		}
		var cell rawCell
		if r.at[i] < len(raw.cells) {
			cell = raw.cells[r.at[i]]
		}
		read, refused := r.schema.Columns[i].read(cell, epoch1904)
		if refused != nil {
			r.problem(i, refused.rule, refused.text)
		}
		r.cells[i] = read
	}
}

// blank tells that none of the mapped columns holds anything; required cells
// that are missing are then no mistakes.
func (r *Row) blank() bool {
	for i := range r.cells {
		if r.cells[i].Given {
			return false
		}
	}
	for _, p := range r.Problems {
		if p.Rule != "sheet.required" {
			return false
		}
	}
	return true
}

// isExample tells whether the row is the one that the template ships.
func (r *Row) isExample() bool {
	same := 0
	for i, c := range r.cells {
		if r.at[i] < 0 {
			continue
		}
		if c != r.schema.examples[i] {
			return false
		}
		if c.Given {
			same++
		}
	}
	return same > 1 || same == len(r.schema.Columns)
}

// At is the cell of the i-th column of the schema, for readers in a hurry.
func (r *Row) At(i int) Cell { return r.cells[i] }

// Cell is the cell of a key; an absent column has empty cells.
func (r *Row) Cell(key string) Cell { return r.cells[r.schema.must(key)] }

// Text is the text of a cell: for numbers and dates, as people write them.
func (r *Row) Text(key string) string {
	return r.TextAt(r.schema.must(key))
}

// TextAt is Text by the position of the column in the schema.
func (r *Row) TextAt(i int) string {
	c := r.cells[i]
	if !c.Given || c.Text != "" {
		return c.Text
	}
	return r.schema.Columns[i].show(c.N)
}

// Has tells whether the file has a column for the key at all.
func (r *Row) Has(key string) bool { return r.at[r.schema.must(key)] >= 0 }

// Int is a whole number, 0 for an empty cell.
func (r *Row) Int(key string) int64 { return r.Cell(key).N }

// Fen is an amount, 0 for an empty cell.
func (r *Row) Fen(key string) money.Fen { return money.Fen(r.Cell(key).N) }

// Area is an area, 0 for an empty cell.
func (r *Row) Area(key string) money.Area { return money.Area(r.Cell(key).N) }

// Date is a date, none for an empty cell.
func (r *Row) Date(key string) day.Date { return day.Date(r.Cell(key).N) }

// Refuse adds a mistake that the reader of a row finds, under a key of the
// schema or, with an unknown key, to the row as a whole.
func (r *Row) Refuse(key, rule, text string) {
	i, ok := r.schema.index[key]
	if !ok {
		i = -1
	}
	r.problem(i, rule, text)
}

// RefuseErr adds a fault's fields, or its sentence where it has none.
func (r *Row) RefuseErr(err error) {
	f := fault.From(err)
	if len(f.Fields) == 0 {
		r.Refuse("", f.Rule, f.Text)
	}
	for _, c := range r.schema.Columns {
		if text, has := f.Fields[c.Key]; has {
			r.Refuse(c.Key, f.Rule, text)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(f.Fields)) {
		if _, ours := r.schema.index[key]; !ours {
			r.Refuse("", f.Rule, f.Fields[key])
		}
	}
}

func (r *Row) problem(i int, rule, text string) {
	p := Problem{Row: r.Number, Rule: rule, Text: text}
	if i >= 0 {
		p.Key, p.Title = r.schema.Columns[i].Key, r.schema.Columns[i].Title
		if r.at[i] >= 0 {
			p.Column = ColumnName(r.at[i])
		}
	}
	r.Problems = append(r.Problems, p)
}
