package registry

import (
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/fault"
	"juli/internal/money"
)

const (
	textMax  = 200  // characters in a line of text
	notesMax = 2000 // characters in a longer text
	countMax = 10_000_000
)

// A Column is one field of a subject as forms and files know it.
type Column struct {
	Key      string   // stable, the form field's name and the column's alias
	Title    string   // Chinese, the head of the column
	Hint     string   // how to write it
	Required bool     // must stand in every accepted row
	Private  bool     // personal data: masked by default (PI-2)
	Choices  []Choice // closed lists only
	Form     Form     // how its values are written; "" is text
}

// A Form says how a column's values are written, for files with typed cells.
type Form string

// The forms besides text and closed lists.
const (
	CountForm    Form = "count"
	AreaForm     Form = "area"
	MoneyForm    Form = "money"
	DateForm     Form = "date"
	USCCForm     Form = "uscc"
	DivisionForm Form = "division"
)

// A Choice is one value of a closed list.
type Choice struct{ Code, Title string }

// A field is a column together with the part of T that it shows.
type field[T any] struct {
	Column
	get func(*T) string
	set func(*T, string) error
}

// columns lists the fields' columns.
func columns[T any](fields []field[T]) []Column {
	cols := make([]Column, len(fields))
	for i, f := range fields {
		cols[i] = f.Column
	}
	return cols
}

// fill reads a form into a subject. Absent keys stay as they are; what cannot
// be read is answered field by field.
func fill[T any](fields []field[T], into *T, values map[string]string) error {
	refused := fault.New(fault.Invalid, "registry.form", "请改正标出的内容。")
	for _, f := range fields {
		text, given := values[f.Key]
		if !given {
			continue
		}
		if err := f.set(into, clean(text)); err != nil {
			refused.With(f.Key, fault.From(err).Text)
		}
	}
	return refused.OrNil()
}

// wanting names the required fields that a subject lacks.
func wanting[T any](fields []field[T], v *T) error {
	refused := fault.New(fault.Invalid, "registry.required", "还有必填内容没有填写。")
	for _, f := range fields {
		if f.Required && f.get(v) == "" {
			refused.With(f.Key, "请填写"+f.Title+"。")
		}
	}
	return refused.OrNil()
}

// together joins what several checks found field by field; the first reason of a
// field stays, and a fault of another kind goes before all.
func together(errs ...error) error {
	var all *fault.Error
	for _, err := range errs {
		e := fault.From(err)
		switch {
		case e == nil:
			continue
		case e.Kind != fault.Invalid || len(e.Fields) == 0:
			return err
		case all == nil:
			all = fault.New(fault.Invalid, e.Rule, "%s", e.Text)
		}
		for field, why := range e.Fields {
			all.With(field, why)
		}
	}
	if all == nil {
		return nil
	}
	return all
}

// values shows a subject as a form.
func values[T any](fields []field[T], v *T) map[string]string {
	m := make(map[string]string, len(fields))
	for _, f := range fields {
		m[f.Key] = f.get(v)
	}
	return m
}

// A Difference is one field that a change altered.
type Difference struct {
	Key     string
	Title   string
	Before  string
	After   string
	Private bool
}

// differences compares two states field by field.
func differences[T any](fields []field[T], before, after *T) []Difference {
	var out []Difference
	for _, f := range fields {
		if b, a := f.get(before), f.get(after); a != b {
			out = append(out, Difference{Key: f.Key, Title: f.Title, Before: b, After: a, Private: f.Private})
		}
	}
	return out
}

// clean trims and brings text to NFC, the form in which it is stored (INP-10).
func clean(s string) string {
	s = strings.TrimSpace(s)
	if isASCII(s) || norm.NFC.IsNormalString(s) {
		return s
	}
	return norm.NFC.String(s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func invalid(rule, format string, args ...any) error {
	return fault.New(fault.Invalid, rule, format, args...)
}

// The makers below bind a column to a place in T.

func textField[T any](col Column, at func(*T) *string, max int) field[T] {
	return field[T]{col, func(v *T) string { return *at(v) }, func(v *T, s string) error {
		if len(s) > max && len([]rune(s)) > max {
			return invalid("registry.text-max", "%s不能超过 %d 个字。", col.Title, max)
		}
		if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f || r == '\uFFFD' }) {
			return invalid("registry.text", "%s含有无法识别的字符。", col.Title)
		}
		*at(v) = s
		return nil
	}}
}

func countField[T any](col Column, at func(*T) *int64) field[T] {
	col.Form = CountForm
	get := func(v *T) string {
		if *at(v) == 0 {
			return ""
		}
		return strconv.FormatInt(*at(v), 10)
	}
	return field[T]{col, get, func(v *T, s string) error {
		n, err := parseCount(s)
		if err != nil {
			return invalid("registry.count", "%s应为不超过 %d 的整数。", col.Title, countMax)
		}
		*at(v) = n
		return nil
	}}
}

// parseCount reads digits only: no sign, no separators, no exponent.
func parseCount(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	var n int64
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' || n > countMax {
			return 0, strconv.ErrSyntax
		}
		n = n*10 + int64(s[i]-'0')
	}
	if n > countMax {
		return 0, strconv.ErrRange
	}
	return n, nil
}

func areaField[T any](col Column, at func(*T) *money.Area) field[T] {
	col.Form = AreaForm
	get := func(v *T) string {
		if *at(v) == 0 {
			return ""
		}
		return at(v).String()
	}
	return field[T]{col, get, func(v *T, s string) (err error) {
		if s == "" {
			*at(v) = 0
			return nil
		}
		*at(v), err = money.ParseArea(s)
		return err
	}}
}

func fenField[T any](col Column, at func(*T) *money.Fen) field[T] {
	col.Form = MoneyForm
	get := func(v *T) string {
		if *at(v) == 0 {
			return ""
		}
		return at(v).String()
	}
	return field[T]{col, get, func(v *T, s string) (err error) {
		if s == "" {
			*at(v) = 0
			return nil
		}
		n, err := money.ParseFen(s)
		if err == nil && n < 0 {
			err = invalid("registry.amount", "%s不能为负数。", col.Title)
		}
		if err == nil {
			*at(v) = n
		}
		return err
	}}
}

func dateField[T any](col Column, at func(*T) *day.Date) field[T] {
	col.Form = DateForm
	get := func(v *T) string {
		if *at(v) == 0 {
			return ""
		}
		return at(v).String()
	}
	return field[T]{col, get, func(v *T, s string) (err error) {
		if s == "" {
			*at(v) = 0
			return nil
		}
		*at(v), err = day.Parse(s)
		return err
	}}
}

// choiceField takes a code or its Chinese title and shows the title.
func choiceField[T any, C ~string](col Column, at func(*T) *C, choices []Choice) field[T] {
	col.Choices = choices
	return field[T]{col, func(v *T) string { return titleOf(choices, *at(v)) }, func(v *T, s string) error {
		for _, c := range choices {
			if s == c.Title || s == c.Code {
				*at(v) = C(c.Code)
				return nil
			}
		}
		if s == "" {
			*at(v) = ""
			return nil
		}
		return invalid("registry.choice", "%s应为：%s。", col.Title, titles(choices))
	}}
}

func titleOf[C ~string](choices []Choice, code C) string {
	for _, c := range choices {
		if c.Code == string(code) {
			return c.Title
		}
	}
	return string(code)
}

func titles(choices []Choice) string {
	all := make([]string, len(choices))
	for i, c := range choices {
		all[i] = c.Title
	}
	return strings.Join(all, "、")
}

func divisionField[T any](col Column, at func(*T) *code.Division) field[T] {
	col.Form = DivisionForm
	return field[T]{col, func(v *T) string { return string(*at(v)) }, func(v *T, s string) (err error) {
		if s == "" {
			*at(v) = ""
			return nil
		}
		*at(v), err = code.ParseDivision(s)
		return err
	}}
}

func usccField[T any](col Column, at func(*T) *code.USCC) field[T] {
	col.Form = USCCForm
	return field[T]{col, func(v *T) string { return string(*at(v)) }, func(v *T, s string) (err error) {
		if s == "" {
			*at(v) = ""
			return nil
		}
		*at(v), err = code.ParseUSCC(s)
		return err
	}}
}
