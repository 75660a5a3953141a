package web

import (
	"crypto/rand"
	"maps"
	"slices"
	"strings"

	"github.com/a-h/templ"
)

// onceKey is the form's idempotency key. A form shown again keeps the key it
// came with, since its act did not happen.
func (f *Form) onceKey() string {
	if f.key == "" {
		f.key = rand.Text()
	}
	return f.key
}

// nameless forms ask for a password without the account's name; a keeper of
// passwords then needs a place for the name.
func (f *Form) nameless() bool {
	password := slices.ContainsFunc(f.Fields, func(fd Field) bool { return fd.Kind == Password })
	return password && !slices.ContainsFunc(f.Fields, func(fd Field) bool { return fd.Auto == "username" })
}

func (f *Form) uploads() bool { return slices.ContainsFunc(f.Fields, Field.file) }

// failed says whether the refusal concerns the form as a whole.
func (f *Form) failed() bool { return f.refused.Rule != "form.invalid" }

func (f *Form) headline() string {
	if f.failed() {
		return f.refused.Text
	}
	return "有 " + itoa(len(f.refused.Fields)) + " 处需要修改"
}

// summary lists what is wrong in the order of the fields.
func (f *Form) summary() []Link {
	var all []Link
	left := maps.Clone(f.refused.Fields)
	for _, fd := range f.Fields {
		why, wrong := left[fd.Name]
		if !wrong {
			continue
		}
		delete(left, fd.Name)
		to := "#" + f.id(fd)
		if len(fd.Options) > 0 && fd.Kind != Select {
			to += "-0"
		}
		all = append(all, Link{Text: why, Href: to})
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		all = append(all, Link{Text: left[name]})
	}
	for _, fd := range f.Fields {
		if f.lost(fd) {
			all = append(all, Link{Text: fd.Label + "：" + lostWords, Href: "#" + f.id(fd)})
		}
	}
	return all
}

func (f *Form) id(fd Field) string { return "f-" + f.apart + fd.Name }

// describes is what aria-describedby of the field names.
func (f *Form) describes(fd Field) string {
	s := ""
	if fd.Hint != "" {
		s = f.id(fd) + "-hint"
	}
	if f.Why(fd.Name) != "" {
		s += " " + f.id(fd) + "-err"
	}
	if f.lost(fd) {
		s += " " + f.id(fd) + "-lost"
	}
	return strings.TrimSpace(s)
}

const lostWords = "刚才选择的文件没有保留，请重新选择文件。"

// lost says whether files had been chosen in a field of a form that is shown
// again: no page can choose them anew (INP-1), and nobody may think they are there.
func (f *Form) lost(fd Field) bool {
	chosen := len(f.files[fd.Name]) > 0 && (!f.OK() || f.failed())
	return fd.file() && (chosen || slices.Contains(f.gone, fd.Name))
}

// aria is what every box carries besides its value.
func (f *Form) aria(fd Field) templ.Attributes {
	a := templ.Attributes{}
	if d := f.describes(fd); d != "" {
		a["aria-describedby"] = d
	}
	if f.Why(fd.Name) != "" {
		a["aria-invalid"] = "true"
	}
	if fd.Required {
		a["aria-required"] = "true"
		if fd.Kind == Check {
			delete(a, "aria-required")
			a["required"] = true
		}
	}
	if fd.Auto != "" {
		a["autocomplete"] = fd.Auto
	}
	switch fd.Kind {
	case MoneyIn, AreaIn, PointsIn:
		a["inputmode"] = "decimal"
	case Number, Code:
		a["inputmode"] = "numeric"
	}
	return a
}

func (f *Form) picked(name, value string) bool { return slices.Contains(f.values[name], value) }

// shown is a field's value as it goes back to the browser; secrets don't.
func (f *Form) shown(fd Field) string {
	if fd.secret() {
		return ""
	}
	return f.Str(fd.Name)
}

func (f Field) unit() string {
	if f.Unit != "" {
		return f.Unit
	}
	return map[Kind]string{MoneyIn: "元", AreaIn: "㎡", PointsIn: "分"}[f.Kind]
}

func (f Field) htmlType() string {
	switch f.Kind {
	case Date:
		return "date"
	case Password:
		return "password"
	}
	return "text"
}

func (f Field) choiceType() string {
	if f.Kind == Radio {
		return "radio"
	}
	return "checkbox"
}

// width makes a box as wide as what belongs in it.
func (f Field) width() string {
	switch f.Kind {
	case Date, Number, MoneyIn, AreaIn, PointsIn, Code:
		return "short"
	}
	if f.Max > 0 && f.Max <= 30 {
		return "middle"
	}
	return ""
}
