package sheet

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// readCSV yields the records of a csv text that hold anything, numbered as a
// spreadsheet program numbers them: a record with line breaks is one row, an
// empty line is one too.
func readCSV(ctx context.Context, r io.Reader, limits Limits, yield func(rawRow) bool) error {
	meter := &meter{ctx: ctx, r: r}
	in := bufio.NewReaderSize(meter, 64<<10)
	reader := csv.NewReader(in)
	reader.Comma = delimiter(in)
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	var (
		cells       []rawCell
		rows, total int
		number      int // of the last record
		line        int // on which the last record ended
	)
	for {
		meter.read = 0
		record, err := reader.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return csvFault(meter, err)
		}
		start, _ := reader.FieldPos(0)
		number += start - line
		line = start
		if total += len(record); total > limits.Cells {
			return tooManyCells(limits)
		}
		cells = cells[:0]
		for i, text := range record {
			line += strings.Count(text, "\n")
			if i >= limits.Columns {
				if text != "" {
					return tooManyColumns(limits)
				}
				continue
			}
			cells = append(cells, rawCell{text: text})
		}
		row := rawRow{number, cells}
		if row.blank() {
			continue
		}
		if rows++; rows > limits.Rows+headRows {
			return tooManyRows(limits)
		}
		if !yield(row) {
			return nil
		}
	}
}

// csvFault tells where a csv text stops being one.
func csvFault(m *meter, err error) error {
	if m.failed != nil {
		return m.failed
	}
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		return invalid("sheet.quote", "第 %d 行附近的引号不成对，文件无法继续读取，请改正或另存为 .xlsx 后上传。", e.StartLine)
	}
	return err
}

// delimiter is the most frequent of comma, tab and semicolon in the first line,
// outside of quotes.
func delimiter(in *bufio.Reader) rune {
	head, _ := in.Peek(32 << 10)
	var commas, tabs, semicolons int
	quoted := false
	for _, b := range head {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == ',':
			commas++
		case b == '\t':
			tabs++
		case b == ';':
			semicolons++
		}
		if b == '\n' && !quoted && commas+tabs+semicolons > 0 {
			break
		}
	}
	switch {
	case tabs > commas && tabs >= semicolons:
		return '\t'
	case semicolons > commas:
		return ';'
	}
	return ','
}

// A meter stops a record that never ends, such as one with an open quote, and a
// reading whose time is over.
type meter struct {
	ctx    context.Context
	r      io.Reader
	read   int // bytes since the last record
	failed error
}

func (m *meter) Read(p []byte) (int, error) {
	switch {
	case m.failed != nil:
	case m.ctx.Err() != nil:
		m.failed = timeout(m.ctx)
	case m.read > tokenMax:
		m.failed = tooLarge("sheet.text", "有一行超过 1 MB，可能缺少一个引号，请检查后再上传。")
	default:
		n, err := m.r.Read(p)
		m.read += n
		return n, err
	}
	return 0, m.failed
}
