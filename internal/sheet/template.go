package sheet

import (
	"context"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

const notesSheet = "填写说明"

// Template writes an empty file to fill in: the heads, the required ones with a
// star, and an example that a reading passes over. The xlsx offers the options
// of closed columns in the cells and explains every column on a second sheet.
func (s *Schema) Template(ctx context.Context, w io.Writer, format Format) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	example := make([]outCell, len(s.Columns))
	for i, c := range s.Columns {
		example[i].text = c.Example
	}
	if format == CSV {
		out := newCSVWriter(w)
		if err := out.put(s.headCells(true)); err != nil {
			return err
		}
		if err := out.put(example); err != nil {
			return err
		}
		return out.finish(true)
	}
	x, err := newXLSXWriter(w, s, true)
	if err != nil {
		return err
	}
	values := make([]any, len(example))
	for i, c := range example {
		values[i] = excelize.Cell{StyleID: x.style.example, Value: c.text}
	}
	if err := x.set(values); err != nil {
		return x.abandon(err)
	}
	if err := s.offerOptions(x); err != nil {
		return x.abandon(err)
	}
	if err := s.explain(x); err != nil {
		return x.abandon(err)
	}
	return x.finish(true)
}

// offerOptions lets people choose where a column is closed. Excel takes lists of
// at most 255 characters; longer ones stand on the second sheet alone.
func (s *Schema) offerOptions(x *xlsxWriter) error {
	for i, c := range s.Columns {
		if c.Kind != Enum {
			continue
		}
		titles := make([]string, len(c.Options))
		for j, o := range c.Options {
			titles[j] = o.Title
		}
		v := excelize.NewDataValidation(true)
		name := ColumnName(i)
		v.SetSqref(fmt.Sprintf("%s2:%s%d", name, name, Standard.Rows+1))
		if err := v.SetDropList(titles); err != nil {
			continue
		}
		v.SetError(excelize.DataValidationErrorStyleStop, c.Title, "应为："+c.optionTitles())
		if err := x.file.AddDataValidation(s.tab(), v); err != nil {
			return err
		}
	}
	return nil
}

// explain writes the second sheet.
func (s *Schema) explain(x *xlsxWriter) error {
	if _, err := x.file.NewSheet(notesSheet); err != nil {
		return err
	}
	rows := [][]string{{"列名", "是否必填", "格式", "说明", "示例"}}
	for _, c := range s.Columns {
		must := "选填"
		if c.Required || c.Starred {
			must = "必填"
		}
		rows = append(rows, []string{c.Title, must, c.format(), c.Hint, c.Example})
	}
	rows = append(rows, nil, []string{"第 2 行是示例，导入时自动略过，可以删除。"},
		[]string{fmt.Sprintf("一次最多导入 %d 行；有任何一处错误时整个文件都不导入。", Standard.Rows)})
	for _, note := range s.Notes {
		rows = append(rows, []string{note})
	}
	for i, row := range rows {
		style := x.style.note
		if i == 0 {
			style = x.style.head
		}
		for j, text := range row {
			cell := fmt.Sprintf("%s%d", ColumnName(j), i+1)
			if err := x.file.SetCellStr(notesSheet, cell, text); err != nil {
				return err
			}
			if err := x.file.SetCellStyle(notesSheet, cell, cell, style); err != nil {
				return err
			}
		}
	}
	for j, w := range []float64{24, 10, 30, 60, 24} {
		if err := x.file.SetColWidth(notesSheet, ColumnName(j), ColumnName(j), w); err != nil {
			return err
		}
	}
	return nil
}

// format says how a column is filled.
func (c *Column) format() string {
	switch c.Kind {
	case Int:
		return "整数"
	case Fen:
		return "金额（元），最多两位小数"
	case Area:
		return "面积（㎡），最多两位小数"
	case Points:
		return "分值，最多四位小数"
	case Date:
		return "日期，例如 2021-06-01"
	case Enum:
		return "选择：" + c.optionTitles()
	case USCC:
		return "18 位统一社会信用代码"
	case Division:
		return "区划代码（6、9 或 12 位）"
	}
	most := c.Max
	if most == 0 {
		most = textMax
	}
	return fmt.Sprintf("文字，最多 %d 字", most)
}
