package sheet

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/fault"
	"juli/internal/money"
)

// A Cell is what a cell means: text, codes and the code of an option in Text,
// numbers in their unit and dates in N.
type Cell struct {
	Text  string
	N     int64
	Given bool // false for an empty cell
}

// A refusal says why a cell could not be read.
type refusal struct{ rule, text string }

func refuse(rule, format string, args ...any) *refusal {
	return &refusal{rule, fmt.Sprintf(format, args...)}
}

// read makes a cell of what the file holds.
func (c *Column) read(raw rawCell, epoch1904 bool) (Cell, *refusal) {
	text, refused := c.plain(raw, epoch1904)
	if refused != nil {
		return Cell{}, refused
	}
	if text == "" {
		if c.Required {
			return Cell{}, refuse("sheet.required", "必须填写。")
		}
		return Cell{}, nil
	}
	switch c.Kind {
	case Text, Key:
		return c.readText(text)
	case Date:
		d, ok := typedDate(text)
		if !ok {
			return Cell{}, refuse("sheet.date", "应为日期，例如 2021-06-01，不带时间。")
		}
		return Cell{N: int64(d), Given: true}, nil
	case Enum:
		if code, ok := c.option(text); ok {
			return Cell{Text: code, Given: true}, nil
		}
		return Cell{}, refuse("sheet.option", "应为以下之一：%s。", c.optionTitles())
	case USCC:
		v, err := code.ParseUSCC(text)
		return coded(string(v), err)
	case Division:
		v, err := code.ParseDivision(text)
		return coded(string(v), err)
	}
	return c.readNumber(text)
}

// plain is the text of a raw cell, as a person would have typed it.
func (c *Column) plain(raw rawCell, epoch1904 bool) (string, *refusal) {
	switch raw.kind {
	case rawPending:
		return "", refuse("sheet.formula", "公式没有计算结果，请在 Excel 中打开并保存，或直接填写内容。")
	case rawError:
		return "", refuse("sheet.cell-error", "单元格内容是错误值，请改正。")
	case rawBool:
		if raw.text == "1" {
			return "是", nil
		}
		return "否", nil
	case rawNumber, rawDate:
		if raw.text == "" {
			return "", nil
		}
		return c.plainNumber(raw, epoch1904)
	}
	if c.Kind == Text {
		return cleanText(raw.text), nil
	}
	return cleanKey(raw.text), nil
}

func (c *Column) plainNumber(raw rawCell, epoch1904 bool) (string, *refusal) {
	text, lost, ok := storedNumber(strings.TrimSpace(raw.text))
	if !ok {
		return "", refuse("sheet.number", "单元格里的数字无法识别。")
	}
	if c.Kind == Date || raw.kind == rawDate && (c.Kind == Text || c.Kind == Key) {
		d, ok := serialDate(text, epoch1904)
		if !ok {
			return "", refuse("sheet.date", "应为日期，例如 2021-06-01，不带时间。")
		}
		return d.String(), nil
	}
	if lost {
		return "", refuse("sheet.lost-digits", "超过 15 位的数字在 Excel 中已丢失末位，请把单元格设为文本格式后重新填写。")
	}
	return text, nil
}

func (c *Column) readText(text string) (Cell, *refusal) {
	most := int(c.Max)
	if most == 0 {
		most = textMax
	}
	if len(text) > most && utf8.RuneCountInString(text) > most {
		return Cell{}, refuse("sheet.text-max", "不能超过 %d 个字。", most)
	}
	if unreadable(text) {
		return Cell{}, refuse("sheet.unreadable", "含有无法识别或不可见的字符，请重新录入。")
	}
	return Cell{Text: text, Given: true}, nil
}

// readNumber reads strictly: no exponent, no separators, no NaN (INP-10).
func (c *Column) readNumber(text string) (Cell, *refusal) {
	var n int64
	var err error
	switch c.Kind {
	case Fen:
		var v money.Fen
		v, err = money.ParseFen(text)
		n = int64(v)
	case Area:
		var v money.Area
		v, err = money.ParseArea(text)
		n = int64(v)
	case Points:
		var v money.Points
		v, err = money.ParsePoints(text)
		n = int64(v)
	default:
		var ok bool
		if n, ok = wholeNumber(text); !ok {
			return Cell{}, refuse("sheet.int", "应为整数，例如 12。")
		}
	}
	if err != nil {
		return coded("", err)
	}
	if n < c.Min {
		return Cell{}, refuse("sheet.min", "不能小于 %s。", c.show(c.Min))
	}
	if c.Max > 0 && n > c.Max {
		return Cell{}, refuse("sheet.max", "不能大于 %s。", c.show(c.Max))
	}
	return Cell{N: n, Given: true}, nil
}

// wholeNumber reads an optional minus and digits without leading zeros.
func wholeNumber(s string) (int64, bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(digits) > 1 && digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// coded makes a cell of a code that another package has read, or shows its refusal.
func coded(text string, err error) (Cell, *refusal) {
	if err != nil {
		f := fault.From(err)
		return Cell{}, &refusal{f.Rule, f.Text}
	}
	return Cell{Text: text, Given: true}, nil
}

// show writes a number of the column's kind as people read it.
func (c *Column) show(n int64) string {
	switch c.Kind {
	case Fen:
		return money.Fen(n).String()
	case Area:
		return money.Area(n).String()
	case Points:
		return money.Points(n).String()
	case Date:
		return day.Date(n).String()
	}
	return strconv.FormatInt(n, 10)
}
