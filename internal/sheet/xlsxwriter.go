package sheet

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// An xlsxWriter streams one worksheet through excelize, which keeps its rows in
// a temporary file until the workbook is put together.
type xlsxWriter struct {
	w      io.Writer
	file   *excelize.File
	stream *excelize.StreamWriter
	style  looks
	kinds  []int // style of a filled cell, by column
	next   int   // row to write, 1-based
	values []any
}

// looks are the styles of a workbook, by what a cell is.
type looks struct{ head, text, whole, decimal, date, example, wrong, note int }

func newLooks(f *excelize.File) (l looks, err error) {
	dateFormat := "yyyy-mm-dd"
	line := []excelize.Border{{Type: "bottom", Color: "8C8C8C", Style: 1}}
	for _, want := range []struct {
		id    *int
		style excelize.Style
	}{
		{&l.head, excelize.Style{
			Font: &excelize.Font{Bold: true}, Border: line, NumFmt: 49,
			Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EEF2F7"}},
			Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
		}},
		{&l.text, excelize.Style{NumFmt: 49}},
		{&l.whole, excelize.Style{NumFmt: 1}},
		{&l.decimal, excelize.Style{NumFmt: 4}},
		{&l.date, excelize.Style{CustomNumFmt: &dateFormat}},
		{&l.example, excelize.Style{NumFmt: 49, Font: &excelize.Font{Italic: true, Color: "6B6B6B"}}},
		{&l.wrong, excelize.Style{
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFF1CC"}},
		}},
		{&l.note, excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}}},
	} {
		if *want.id, err = f.NewStyle(&want.style); err != nil {
			return l, err
		}
	}
	return l, nil
}

// of is the style for the cells of a column.
func (l looks) of(c Column) int {
	switch c.Kind {
	case Int:
		return l.whole
	case Fen, Area:
		return l.decimal
	case Date:
		return l.date
	case Points:
		return 0
	}
	return l.text
}

// newXLSXWriter begins a worksheet with the schema's heads.
func newXLSXWriter(w io.Writer, s *Schema, starred bool) (*xlsxWriter, error) {
	x, err := newSheet(w, s.tab())
	if err != nil {
		return nil, err
	}
	for i, c := range s.Columns {
		x.kinds = append(x.kinds, x.style.of(c))
		if err = x.stream.SetColStyle(i+1, i+1, x.kinds[i]); err != nil {
			return nil, x.abandon(err)
		}
		if err = x.stream.SetColWidth(i+1, i+1, width(c)); err != nil {
			return nil, x.abandon(err)
		}
	}
	return x, x.heads(s.headCells(starred))
}

// newSheet begins a workbook of one worksheet.
func newSheet(w io.Writer, name string) (*xlsxWriter, error) {
	x := &xlsxWriter{w: w, file: excelize.NewFile(), next: 1}
	var err error
	if err = x.file.SetSheetName("Sheet1", name); err != nil {
		return nil, x.abandon(err)
	}
	if x.style, err = newLooks(x.file); err != nil {
		return nil, x.abandon(err)
	}
	if x.stream, err = x.file.NewStreamWriter(name); err != nil {
		return nil, x.abandon(err)
	}
	return x, nil
}

// heads writes the heads into the next row and keeps them in sight.
func (x *xlsxWriter) heads(cells []outCell) error {
	below := "A" + strconv.Itoa(x.next+1)
	err := x.stream.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: x.next, TopLeftCell: below, ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: below, ActiveCell: below, Pane: "bottomLeft"}},
	})
	if err != nil {
		return x.abandon(err)
	}
	values := make([]any, len(cells))
	for i, c := range cells {
		values[i] = excelize.Cell{StyleID: x.style.head, Value: c.text}
	}
	return x.set(values)
}

func (x *xlsxWriter) put(cells []outCell) error {
	x.values = x.values[:0]
	for i, c := range cells {
		v, err := x.value(c)
		if err != nil {
			return err
		}
		if v != nil {
			v = excelize.Cell{StyleID: x.kinds[i], Value: v}
		}
		x.values = append(x.values, v)
	}
	return x.set(x.values)
}

func (x *xlsxWriter) set(values []any) error {
	if x.next > sheetRowsMax {
		return tooLarge("sheet.rows-max", "数据超过 xlsx 的 %d 行，请导出为 csv 或缩小范围。", sheetRowsMax)
	}
	if err := x.stream.SetRow("A"+strconv.Itoa(x.next), values); err != nil {
		return err
	}
	x.next++
	return nil
}

// value is what excelize is given. The only floats of the package are made here:
// a number is written as one if it then reads exactly as its decimals, else as text.
func (x *xlsxWriter) value(c outCell) (any, error) {
	switch {
	case c.date != 0:
		if serial, ok := dateSerial(c.date); ok {
			return serial, nil
		}
	case c.text == "":
		return nil, nil
	case c.number:
		if n, ok := exactly(c.text); ok {
			return n, nil
		}
	case len(c.text) > cellTextMax && len(utf16.Encode([]rune(c.text))) > cellTextMax: // excelize would cut it
		return nil, tooLarge("sheet.cell-max", "有内容超过 xlsx 单元格的 %d 个字，请导出为 csv。", cellTextMax)
	}
	if escapes.MatchString(c.text) {
		return apart(c.text), nil
	}
	return c.text, nil
}

// escapes finds text that looks like two of Office's escapes with one underscore
// between them. A single one is excelize's to escape; of these it misses the second.
var escapes = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_x[0-9A-Fa-f]{4}_`)

// apart splits text into runs none of which looks like an escape.
func apart(s string) []excelize.RichTextRun {
	parts := strings.Split(s, "_x")
	runs := []excelize.RichTextRun{{Text: parts[0] + "_"}}
	for i, p := range parts[1:] {
		if p = "x" + p; i < len(parts)-2 {
			p += "_"
		}
		runs = append(runs, excelize.RichTextRun{Text: p})
	}
	return runs
}

// exactly is the float that is written as the decimals given, if there is one.
func exactly(decimals string) (float64, bool) {
	n, err := strconv.ParseFloat(decimals, 64)
	if err != nil {
		return 0, false
	}
	trimmed := decimals
	if strings.Contains(trimmed, ".") {
		trimmed = strings.TrimSuffix(strings.TrimRight(trimmed, "0"), ".")
	}
	digits := len(trimmed) - strings.Count(trimmed, ".") - strings.Count(trimmed, "-")
	return n, digits <= exactDigits && strconv.FormatFloat(n, 'f', -1, 64) == trimmed
}

func (x *xlsxWriter) finish(whole bool) error {
	if !whole {
		return x.abandon(nil)
	}
	if err := x.stream.Flush(); err != nil {
		return x.abandon(err)
	}
	if _, err := x.file.WriteTo(x.w); err != nil {
		return x.abandon(fmt.Errorf("write xlsx: %w", err))
	}
	return x.file.Close()
}

// abandon drops the temporary files.
func (x *xlsxWriter) abandon(err error) error {
	_ = x.file.Close()
	return err
}

// width is how wide a column must be to be read, in Latin characters.
func width(c Column) float64 {
	w := 2*utf8.RuneCountInString(c.Title) + 4
	switch c.Kind {
	case USCC:
		w = max(w, 22)
	case Text:
		w = max(w, 24)
	default:
		w = max(w, 14)
	}
	return float64(min(w, 40))
}
