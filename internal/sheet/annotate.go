package sheet

import (
	"context"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Annotate writes the file again as xlsx with a column 问题 at its right edge:
// every row that was read, each wrong cell coloured, so that people mend it
// where it is wrong and upload it again. problems gives those of a row.
func (f *File) Annotate(ctx context.Context, w io.Writer, m Mapping, problems func(row int) []Problem) error {
	name := f.sheet.name
	if name == "" {
		name = "数据"
	}
	x, err := newSheet(w, name)
	if err != nil {
		return err
	}
	edge := 0 // the column 问题
	for raw, err := range f.rows(ctx) {
		if err != nil {
			return x.abandon(err)
		}
		if raw.number < m.Row {
			continue
		}
		x.next = raw.number // the same numbers as in the report
		if raw.number == m.Row {
			edge = edgeOf(raw)
			if err := x.annotateHeads(raw, edge); err != nil {
				return x.abandon(err)
			}
			continue
		}
		if err := x.annotateRow(raw, edge, problems(raw.number)); err != nil {
			return x.abandon(err)
		}
	}
	return x.finish(true)
}

// edgeOf is the column behind the heads, or the one that holds 问题 already.
func edgeOf(heads rawRow) int {
	if i := slices.IndexFunc(heads.cells, func(c rawCell) bool { return cleanText(c.text) == ProblemHead }); i >= 0 {
		return i
	}
	return len(heads.cells)
}

func (x *xlsxWriter) annotateHeads(heads rawRow, edge int) error {
	if err := x.stream.SetColWidth(edge+1, edge+1, 60); err != nil {
		return err
	}
	cells := make([]outCell, edge, edge+1)
	for i := range cells {
		cells[i].text = Neutralise(cleanText(heads.cells[i].text))
	}
	return x.heads(append(cells, outCell{text: ProblemHead}))
}

// annotateRow writes a row and what is wrong with it.
func (x *xlsxWriter) annotateRow(raw rawRow, edge int, problems []Problem) error {
	values := make([]any, edge+1)
	for i := range min(edge, len(raw.cells)) {
		style, v, err := x.again(raw.cells[i])
		if err != nil {
			return err
		}
		letter := ColumnName(i)
		if slices.ContainsFunc(problems, func(p Problem) bool { return p.Column == letter }) {
			style = x.style.wrong
			if v == nil {
				v = ""
			}
		}
		if v != nil {
			values[i] = excelize.Cell{StyleID: style, Value: v}
		}
	}
	if len(problems) > 0 {
		var said []string
		for _, p := range problems {
			said = append(said, p.short())
		}
		values[edge] = excelize.Cell{StyleID: x.style.note, Value: cut(Neutralise(strings.Join(said, "\n")), cellTextMax)}
	}
	return x.set(values)
}

// again is a cell as it stood in the file.
func (x *xlsxWriter) again(raw rawCell) (style int, v any, err error) {
	switch raw.kind {
	case rawNumber, rawDate:
		if raw.kind == rawDate {
			style = x.style.date
		}
		if plain, lost, ok := storedNumber(raw.text); ok && !lost {
			v, err = x.value(outCell{text: plain, number: true})
			return style, v, err
		}
	case rawBool:
		return 0, raw.text == "1", nil
	case rawPending, rawError:
		return 0, nil, nil
	}
	v, err = x.value(outCell{text: Neutralise(cut(Restore(newlines(raw.text)), cellTextMax/2))})
	return x.style.text, v, err
}

// cut keeps the first characters of a text.
func cut(s string, most int) string {
	if len(s) <= most || utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most])
}
