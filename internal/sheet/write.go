package sheet

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf16"

	"juli/internal/day"
	"juli/internal/money"
)

// An outCell is a cell on its way out: text, or a number in plain decimals.
type outCell struct {
	text   string
	number bool
	date   day.Date
}

// Write streams rows, each with a value per column, to w and tells how many. A
// value is nil, a string or a type of one, a bool, an int, money, an area,
// points, a date, or a [fmt.Stringer]; an int in a column of money is fen. Text
// is neutralised (INP-4); numbers and dates stay numbers and dates.
//
// xlsx is written to w only after the last row; its rows wait in a temporary file.
func (s *Schema) Write(ctx context.Context, w io.Writer, format Format, rows iter.Seq2[[]any, error]) (int, error) {
	put, finish, err := s.writer(w, format)
	if err != nil {
		return 0, err
	}
	n, err := s.stream(ctx, rows, put)
	if end := finish(err == nil); err == nil {
		err = end
	}
	return n, err
}

// writer opens a file of a format: put adds a row, finish ends or abandons it.
func (s *Schema) writer(w io.Writer, format Format) (put func([]outCell) error, finish func(whole bool) error, err error) {
	switch format {
	case CSV:
		out := newCSVWriter(w)
		return out.put, out.finish, out.put(s.headCells(false))
	case XLSX:
		out, err := newXLSXWriter(w, s, false)
		if err != nil {
			return nil, nil, err
		}
		return out.put, out.finish, nil
	}
	return nil, nil, invalid("sheet.format", "只能导出 xlsx 或 csv。")
}

func (s *Schema) stream(ctx context.Context, rows iter.Seq2[[]any, error], put func([]outCell) error) (int, error) {
	cells := make([]outCell, len(s.Columns))
	n := 0
	for row, err := range rows {
		if err != nil {
			return n, err
		}
		if len(row) != len(s.Columns) {
			panic(fmt.Sprintf("sheet %s: %d values for %d columns", s.Name, len(row), len(s.Columns)))
		}
		for i := range row {
			cells[i] = s.Columns[i].out(row[i])
		}
		if err := put(cells); err != nil {
			return n, err
		}
		if n++; n%256 == 0 && ctx.Err() != nil {
			return n, context.Cause(ctx)
		}
	}
	return n, nil
}

func (s *Schema) headCells(starred bool) []outCell {
	heads := make([]outCell, len(s.Columns))
	for i, c := range s.Columns {
		heads[i].text = c.Title
		if starred && (c.Required || c.Starred) {
			heads[i].text += "*"
		}
	}
	return heads
}

// out makes a cell of a value.
func (c *Column) out(v any) outCell {
	switch v := v.(type) {
	case nil:
		return outCell{}
	case string:
		return c.outText(v)
	case bool:
		return c.outText(strconv.FormatBool(v))
	case int:
		return c.outNumber(int64(v))
	case int64:
		return c.outNumber(v)
	case money.Fen:
		return outCell{text: v.String(), number: true}
	case money.Area:
		return outCell{text: v.String(), number: true}
	case money.Points:
		return outCell{text: v.String(), number: true}
	case day.Date:
		if v == 0 {
			return outCell{}
		}
		return outCell{text: v.String(), date: v}
	case fmt.Stringer:
		return c.outText(v.String())
	}
	switch r := reflect.ValueOf(v); {
	case r.Kind() == reflect.String:
		return c.outText(r.String())
	case r.CanInt():
		return c.outNumber(r.Int())
	}
	return c.outText(fmt.Sprint(v))
}

func (c *Column) outNumber(n int64) outCell {
	if c.Kind == Date {
		return c.out(day.Date(n))
	}
	return outCell{text: c.show(n), number: true}
}

// outText writes text; in a column of numbers or dates, what reads as one.
func (c *Column) outText(s string) outCell {
	switch c.Kind {
	case Enum:
		s = c.titleOf(s)
	case Int, Fen, Area, Points, Date:
		if cell, refused := c.read(rawCell{text: s}, false); refused == nil && cell.Given {
			return c.outNumber(cell.N)
		}
	}
	return outCell{text: Neutralise(s)}
}

// A csvWriter writes what Excel and WPS open with a double click: UTF-8 with a
// byte order mark and CR LF.
type csvWriter struct {
	out    *bufio.Writer
	csv    *csv.Writer
	record []string
}

func newCSVWriter(w io.Writer) *csvWriter {
	out := bufio.NewWriterSize(w, 64<<10)
	_, _ = out.Write(bomUTF8) // the error stays in out until Flush
	c := csv.NewWriter(out)
	c.UseCRLF = true
	return &csvWriter{out: out, csv: c}
}

func (w *csvWriter) put(cells []outCell) error {
	w.record = w.record[:0]
	for _, c := range cells {
		w.record = append(w.record, c.text)
	}
	return w.csv.Write(w.record)
}

func (w *csvWriter) finish(whole bool) error {
	if !whole {
		return nil
	}
	w.csv.Flush()
	if err := w.csv.Error(); err != nil {
		return err
	}
	return w.out.Flush()
}

// tab is the name of the worksheet: at most 31 characters, none of those that
// workbooks keep for addresses (ECMA-376 Part 1, 18.2.19; Excel's own limits).
func (s *Schema) tab() string {
	var name []rune
	units := 0
	for _, r := range s.Name {
		if r < ' ' || strings.ContainsRune(`:\/?*[]'`, r) {
			r = '_'
		}
		if units += utf16.RuneLen(r); units > 31 {
			break
		}
		name = append(name, r)
	}
	if len(name) == 0 {
		return "数据"
	}
	return string(name)
}

// FileName is the name under which a download is saved: 企业-2021-06-01.xlsx.
func (s *Schema) FileName(suffix string, format Format) string {
	name := s.Name
	if suffix != "" {
		name += "-" + suffix
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`\/:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name) + "." + string(format)
}
