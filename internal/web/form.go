package web

import (
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
)

const filesMax = 10 // of one Files field

// A Form is a set of fields, what was typed into them, and what is wrong.
type Form struct {
	Fields  []Field
	values  map[string][]string
	files   map[string][]*multipart.FileHeader
	refused *fault.Error
	key     string   // the idempotency key it came with
	apart   string   // tells its fields from another form's on the page
	gone    []string // fields whose chosen files the browser has to choose again
}

// NewForm is an empty form, to be shown.
func NewForm(fields ...Field) *Form {
	declare(fields)
	return &Form{Fields: fields, values: map[string][]string{}, refused: fault.New(fault.Invalid, "form.invalid", "请修改标出的内容。")}
}

// Set fills a field in before the form is shown; it returns f.
func (f *Form) Set(name string, values ...string) *Form {
	f.field(name)
	f.values[name] = values
	return f
}

// Apart gives the form's fields ids of their own, where a page holds several
// forms that ask the same; it returns f.
func (f *Form) Apart(name string) *Form {
	f.apart = name + "-"
	return f
}

// ReadForm reads what was posted. A field that the form does not have, or one
// sent twice, is refused with 400 (AZ-3); anything a person can have typed
// wrongly is kept and noted, for [Submit] to show.
func ReadForm(r *http.Request, fields ...Field) (*Form, error) {
	f := NewForm(fields...)
	st := stateOf(r.Context())
	b := st.form
	if b == nil {
		return nil, fault.New(fault.Invalid, "form.encoding", "提交的内容无法识别。")
	}
	st.asked = f
	known := map[string]Field{}
	for _, fd := range fields {
		known[fd.Name] = fd
	}
	for name, values := range b.values {
		fd, ok := known[name]
		switch {
		case name == onceField && len(values) == 1:
			f.key = values[0]
			continue
		case ok && fd.file() && strings.Join(values, "") == "":
			continue // a browser sends an empty part where no file was chosen
		case !ok || fd.file():
			return nil, fault.New(fault.Invalid, "form.unknown", "提交的内容里有这张表单没有的项目。")
		case len(values) > 1 && !fd.many():
			return nil, fault.New(fault.Invalid, "form.twice", "同一项目提交了两次。")
		}
		f.values[name] = values
	}
	for name, files := range b.files {
		if fd, ok := known[name]; !ok || !fd.file() {
			return nil, fault.New(fault.Invalid, "form.unknown", "提交的内容里有这张表单没有的项目。")
		}
		files = slices.DeleteFunc(files, func(h *multipart.FileHeader) bool { return h.Filename == "" && h.Size == 0 })
		if f.files == nil {
			f.files = map[string][]*multipart.FileHeader{}
		}
		f.files[name] = files
	}
	for _, fd := range fields {
		f.check(fd)
	}
	return f, nil
}

// check notes what is wrong with one field, in words that say how to mend it.
func (f *Form) check(fd Field) {
	if fd.file() {
		f.checkFiles(fd)
		return
	}
	for i, v := range f.values[fd.Name] {
		if fd.Kind != Long && fd.Kind != Password {
			v = strings.Join(strings.Fields(v), " ")
		}
		if fd.Kind != Password {
			v = strings.TrimSpace(v)
		}
		f.values[fd.Name][i] = v
	}
	v := f.Str(fd.Name)
	if v == "" {
		if fd.Required {
			f.Refuse(fd.Name, missing(fd))
		}
		return
	}
	if n := utf8.RuneCountInString(v); n > fd.max() {
		f.Refuse(fd.Name, fd.Label+"不能超过 "+itoa(fd.max())+" 个字，现在是 "+itoa(n)+" 个字。")
		return
	}
	if why := misread(fd, f.values[fd.Name]); why != "" {
		f.Refuse(fd.Name, why)
	}
}

func (f *Form) checkFiles(fd Field) {
	n := len(f.files[fd.Name])
	switch {
	case n == 0 && fd.Required:
		f.Refuse(fd.Name, missing(fd))
	case n > 1 && fd.Kind == File:
		f.Refuse(fd.Name, "这里只能上传一个文件。")
	case n > filesMax:
		f.Refuse(fd.Name, "一次最多上传 "+itoa(filesMax)+" 个文件。")
	}
}

func missing(fd Field) string {
	switch {
	case fd.file():
		return "请上传" + fd.Label + "。"
	case fd.Kind == Check:
		return "请确认：" + fd.Label + "。"
	case fd.Kind == Password && fd.Auto == "new-password":
		return "请设置" + fd.Label + "。"
	case len(fd.Options) > 0:
		return "请选择" + fd.Label + "。"
	}
	return "请填写" + fd.Label + "。"
}

// misread is why values do not suit the field's kind, "" if they do.
func misread(fd Field, values []string) string {
	v := values[0]
	var err error
	switch fd.Kind {
	case Select, Radio, Checks:
		for _, v := range values {
			if v != "" && !fd.has(v) && (fd.Kind != Checks || len(fd.Options) > 0) {
				return "请从列出的" + fd.Label + "中选择。"
			}
		}
	case Check:
		if v != "1" {
			return "请重新勾选。"
		}
	case Date:
		_, err = day.Parse(v)
	case Number:
		if _, ok := whole(v); !ok {
			return fd.Label + "请填写整数，例如 12。"
		}
	case MoneyIn:
		_, err = money.ParseFen(v)
	case AreaIn:
		_, err = money.ParseArea(v)
	case PointsIn:
		_, err = money.ParsePoints(v)
	}
	if err != nil {
		if fault.From(err).Kind != fault.Invalid {
			return fd.Label + "的写法不正确。"
		}
		return named(fd, fault.From(err).Text)
	}
	return ""
}

// named says the field's own name where a number's kind stands in the sentence:
// what is counted at a field of points need not be a score.
func named(fd Field, why string) string {
	if kind := map[Kind]string{MoneyIn: "金额", AreaIn: "面积", PointsIn: "分值"}[fd.Kind]; kind != "" && strings.HasPrefix(why, kind) {
		return fd.Label + strings.TrimPrefix(why, kind)
	}
	return why
}

func whole(v string) (n int64, ok bool) {
	digits := strings.TrimPrefix(v, "-")
	if digits == "" || len(digits) > 15 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if digits != v {
		n = -n
	}
	return n, true
}

// field finds a declared field; asking for another is a mistake in our code.
func (f *Form) field(name string) Field {
	for _, fd := range f.Fields {
		if fd.Name == name {
			return fd
		}
	}
	panic("web: the form has no field " + name)
}

// OK says whether nothing is wrong so far.
func (f *Form) OK() bool { return len(f.refused.Fields) == 0 }

// Err is all that is wrong, or nil.
func (f *Form) Err() error { return f.refused.OrNil() }

// Refuse notes that a field is wrong; the first reason stays.
func (f *Form) Refuse(name, why string) { f.refused.With(name, why) }

// RefuseAll notes what a rule says of the form's fields, beside what is noted
// already; any other fault comes up again when the form is sound.
func (f *Form) RefuseAll(err error) {
	e := fault.From(err)
	if e == nil || e.Kind != fault.Invalid {
		return
	}
	for _, fd := range f.Fields {
		if why := e.Fields[fd.Name]; why != "" {
			f.Refuse(fd.Name, why)
		}
	}
}

// Why is what is wrong with a field, or "".
func (f *Form) Why(name string) string { return f.refused.Fields[name] }

// Str is the text of a field, trimmed; "" if it is empty.
func (f *Form) Str(name string) string {
	if v := f.values[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// All is every value of a Checks field.
func (f *Form) All(name string) []string { return f.values[name] }

// Bool says whether a Check is ticked.
func (f *Form) Bool(name string) bool { return f.Str(name) == "1" }

// Date is the day in a Date field, 0 if it is empty or wrong.
func (f *Form) Date(name string) day.Date { return read(f, name, day.Parse) }

// Fen is the amount in a MoneyIn field.
func (f *Form) Fen(name string) money.Fen { return read(f, name, money.ParseFen) }

// Area is the area in an AreaIn field.
func (f *Form) Area(name string) money.Area { return read(f, name, money.ParseArea) }

// Points is the score in a PointsIn field.
func (f *Form) Points(name string) money.Points { return read(f, name, money.ParsePoints) }

// ID is an identifier in a Carried or Select field.
func (f *Form) ID(name string) db.ID { return read(f, name, db.ParseID) }

// USCC is a 统一社会信用代码; a wrong one is noted.
func (f *Form) USCC(name string) code.USCC { return read(f, name, code.ParseUSCC) }

// Division is a division code; a wrong one is noted.
func (f *Form) Division(name string) code.Division { return read(f, name, code.ParseDivision) }

// Int is the whole number in a Number field.
func (f *Form) Int(name string) int64 {
	n, _ := whole(f.Str(name))
	return n
}

// File is the file of a File field, nil if none came.
func (f *Form) File(name string) *multipart.FileHeader {
	if files := f.files[name]; len(files) > 0 {
		return files[0]
	}
	return nil
}

// FileList is every file of a Files field.
func (f *Form) FileList(name string) []*multipart.FileHeader { return f.files[name] }

// read parses a field's text; what can't be read is noted at the field.
func read[T any](f *Form, name string, parse func(string) (T, error)) T {
	var zero T
	v := f.Str(name)
	if v == "" {
		return zero
	}
	got, err := parse(v)
	if err != nil {
		f.Refuse(name, fault.From(err).Text)
		return zero
	}
	return got
}
