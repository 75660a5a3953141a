package web

import (
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"juli/internal/day"
	"juli/internal/money"
	"juli/internal/sheet"
)

// Export answers a list's address with format=csv or xlsx: the table's rows
// under the same heads, numbers as numbers and formulas made harmless (INP-4).
// Ask the feature for all rows first: [List.Limit] allows for it.
func Export(w http.ResponseWriter, r *http.Request, l *List, name string, t Table) error {
	return Download(w, r, sheetOf(name, t), l.Format, func(yield func([]any, error) bool) {
		row := make([]any, len(t.Cols))
		for _, line := range t.Rows {
			for i := range row {
				row[i] = nil
				if i < len(line.Cells) {
					row[i] = line.Cells[i].value()
				}
			}
			if !yield(row, nil) {
				return
			}
		}
	})
}

// Download streams rows as a file; format is "csv" or "xlsx". An error after
// the first bytes cuts the connection, so that no half file looks whole.
func Download(w http.ResponseWriter, r *http.Request, s *sheet.Schema, format string, rows iter.Seq2[[]any, error]) error {
	kind := "text/csv; charset=utf-8"
	if sheet.Format(format) == sheet.XLSX {
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	Attachment(w, s.FileName(Today(r).String(), sheet.Format(format)), kind)
	if r.Method == http.MethodHead {
		return nil
	}
	begun := &counter{w: w}
	if _, err := s.Write(r.Context(), begun, sheet.Format(format), rows); err != nil {
		if begun.n > 0 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Del("Content-Disposition")
		return err
	}
	return nil
}

// Attachment says that the answer is a file to be saved under name, never
// something to be run in the page (INP-2).
func Attachment(w http.ResponseWriter, name, kind string) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(name))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
}

type counter struct {
	w http.ResponseWriter
	n int
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += len(p)
	return c.w.Write(p)
}

func (c Cell) value() any {
	switch {
	case c.Value != nil:
		return c.Value
	case c.Plain != "":
		return c.Plain
	case c.Text == "" && c.Sub == "":
		return nil
	case c.Sub != "":
		return c.Text + "（" + c.Sub + "）"
	}
	return c.Text
}

// sheetOf makes columns of a table's heads; what a column holds is seen in its
// first value.
func sheetOf(name string, t Table) *sheet.Schema {
	cols := make([]sheet.Column, len(t.Cols))
	for i, c := range t.Cols {
		cols[i] = sheet.Column{Key: "c" + strconv.Itoa(i), Title: c.Name}
		for _, row := range t.Rows {
			if i < len(row.Cells) && row.Cells[i].Value != nil {
				cols[i].Kind = kindFor(row.Cells[i].Value)
				break
			}
		}
	}
	return sheet.New(name, cols)
}

func kindFor(v any) sheet.Kind {
	switch v.(type) {
	case int, int64:
		return sheet.Int
	case money.Fen:
		return sheet.Fen
	case money.Area:
		return sheet.Area
	case money.Points:
		return sheet.Points
	case day.Date:
		return sheet.Date
	}
	return sheet.Text
}
