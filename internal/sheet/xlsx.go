package sheet

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// A rawKind says how the file stored a cell.
type rawKind uint8

const (
	rawText    rawKind = iota
	rawNumber          // decimal text, as stored
	rawDate            // a number that the file shows as a date: its serial
	rawBool            // "1" or "0"
	rawError           // #N/A and the like
	rawPending         // a formula without a result
)

type rawCell struct {
	text string
	kind rawKind
}

func (c rawCell) blank() bool { return c.text == "" && c.kind != rawPending }

// A rawRow is one row as the file holds it; its cells are valid until the next.
type rawRow struct {
	number int
	cells  []rawCell
}

// blank tells whether no cell holds anything but spaces.
func (r rawRow) blank() bool {
	for _, c := range r.cells {
		if !c.blank() && (c.kind != rawText || strings.TrimFunc(c.text, isSpace) != "") {
			return false
		}
	}
	return true
}

// readXLSX yields the rows of a worksheet that hold anything. Rows without
// content are passed over, however many a file formats.
func readXLSX(ctx context.Context, b *book, sheet part, yield func(rawRow) bool) error {
	var used int64
	r := &xlsxReader{book: b, cells: make([]rawCell, 0, 64)}
	var err error
	if b.strings != "" {
		if r.shared, err = readTexts(ctx, b.container, b.strings, &used); err != nil {
			return err
		}
	}
	if b.styles != "" {
		if r.styles, err = readStyles(ctx, b.container, b.styles, &used); err != nil {
			return err
		}
	}
	f, closeEntry, err := b.feed(ctx, sheet.entry, &used)
	if err != nil {
		return err
	}
	defer closeEntry()
	return r.run(f, yield)
}

// An xlsxReader walks through the elements of one worksheet.
type xlsxReader struct {
	book   *book
	shared *texts
	styles styles

	inData, inRow, inCell, inString bool
	reading, spoken                 bool // within v or t; within a phonetic guide
	row, col                        int  // 1-based, as stored
	rows, total                     int  // rows with content, cells in all
	kind, style                     string
	formula                         bool
	text                            []byte // of the cell
	from                            int    // where in text the run begins
	cells                           []rawCell
}

func (r *xlsxReader) run(f *feed, yield func(rawRow) bool) error {
	for {
		token, err := f.next()
		if errors.Is(err, io.EOF) {
			return broken("worksheet cut off in row %d", r.row)
		}
		if err != nil {
			return err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if err := r.start(e); err != nil {
				return err
			}
		case xml.CharData:
			if r.reading {
				r.text = append(r.text, e...)
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "c":
				err = r.endCell()
			case "row":
				if !r.inRow || r.inCell {
					return broken("row %d ends out of place", r.row)
				}
				r.inRow = false
				row := rawRow{number: r.row, cells: r.cells}
				if row.blank() {
					continue
				}
				if r.rows++; r.rows > r.book.limits.Rows+headRows {
					return tooManyRows(r.book.limits)
				}
				if !yield(row) {
					return nil
				}
			case "sheetData":
				return f.rest()
			default:
				r.end(e.Name.Local)
			}
			if err != nil {
				return err
			}
		}
	}
}

func (r *xlsxReader) start(e xml.StartElement) error {
	name := e.Name.Local
	switch {
	case name == "sheetData":
		r.inData = true
	case !r.inData:
	case name == "row":
		return r.startRow(e)
	case name == "c":
		return r.startCell(e)
	case !r.inCell:
	case name == "is":
		r.inString = true
	case name == "rPh":
		r.spoken = true
	case name == "v", name == "t" && r.inString && !r.spoken:
		r.reading, r.from = true, len(r.text)
	case name == "f":
		r.formula = true
	}
	return nil
}

func (r *xlsxReader) end(name string) {
	switch name {
	case "v", "t":
		if r.reading {
			r.text = unescape(r.text, r.from)
		}
		r.reading = false
	case "is":
		r.inString = false
	case "rPh":
		r.spoken = false
	}
}

func (r *xlsxReader) startRow(e xml.StartElement) error {
	if r.inRow {
		return broken("row within row %d", r.row)
	}
	number := r.row + 1
	if s := attr(e, "r"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n <= r.row || n > sheetRowsMax {
			return broken("row number %q after %d", s, r.row)
		}
		number = n
	}
	r.row, r.col, r.inRow, r.cells = number, 0, true, r.cells[:0]
	return nil
}

func (r *xlsxReader) startCell(e xml.StartElement) error {
	if !r.inRow || r.inCell {
		return broken("cell out of place in row %d", r.row)
	}
	if r.total++; r.total > r.book.limits.Cells {
		return tooManyCells(r.book.limits)
	}
	col := r.col + 1
	if ref := attr(e, "r"); ref != "" {
		if col = columnOf(ref); col <= r.col {
			return broken("cell %q after column %d", ref, r.col)
		}
	}
	r.col, r.inCell, r.formula, r.text = col, true, false, r.text[:0]
	r.kind, r.style = attr(e, "t"), attr(e, "s")
	return nil
}

func (r *xlsxReader) endCell() error {
	if !r.inCell {
		return broken("cell ends out of place in row %d", r.row)
	}
	r.inCell, r.reading, r.inString, r.spoken = false, false, false, false
	cell, err := r.cell()
	if err != nil || cell.blank() {
		return err
	}
	if r.col > r.book.limits.Columns {
		return tooManyColumns(r.book.limits)
	}
	for len(r.cells) < r.col-1 {
		r.cells = append(r.cells, rawCell{})
	}
	r.cells = append(r.cells, cell)
	return nil
}

// cell reads what was gathered between <c> and </c> (ECMA-376 §18.18.11).
func (r *xlsxReader) cell() (rawCell, error) {
	text := string(r.text)
	if text == "" && r.formula && r.kind != "str" {
		return rawCell{kind: rawPending}, nil
	}
	switch r.kind {
	case "s":
		if text == "" {
			return rawCell{}, nil
		}
		i, err := strconv.Atoi(text)
		if err != nil || r.shared == nil {
			return rawCell{}, broken("shared string %q in row %d", text, r.row)
		}
		s, ok := r.shared.at(i)
		if !ok {
			return rawCell{}, broken("no shared string %d in row %d", i, r.row)
		}
		return rawCell{text: s}, nil
	case "inlineStr", "str":
		return rawCell{text: text}, nil
	case "d":
		return rawCell{text: text}, nil
	case "b":
		return rawCell{text, rawBool}, nil
	case "e":
		return rawCell{text, rawError}, nil
	}
	if r.styles.isDate(r.style) {
		return rawCell{text, rawDate}, nil
	}
	return rawCell{text, rawNumber}, nil
}

// columnOf is the 1-based column of a reference such as "AB12", or 0.
func columnOf(ref string) int {
	n := 0
	for i := range len(ref) {
		c := ref[i]
		switch {
		case c >= 'A' && c <= 'Z':
			n = n*26 + int(c-'A') + 1
		case c >= 'a' && c <= 'z':
			n = n*26 + int(c-'a') + 1
		case i == 0:
			return 0
		default:
			return n
		}
		if n > 16_384 {
			return 0
		}
	}
	return n
}

// ColumnName is the letter under which a spreadsheet shows a column; the first is 0.
func ColumnName(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

func tooManyRows(l Limits) error {
	return tooLarge("sheet.rows-max", "数据超过 %d 行，请拆分后分批上传。", l.Rows)
}

func tooManyCells(l Limits) error {
	return tooLarge("sheet.cells-max", "单元格超过 %d 个，请拆分后分批上传。", l.Cells)
}

func tooManyColumns(l Limits) error {
	return tooLarge("sheet.columns-max", "列数超过 %d 列，不能读取。", l.Columns)
}
