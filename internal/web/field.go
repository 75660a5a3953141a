package web

// A Kind of field says how it is drawn, read and checked.
type Kind int

// The kinds of fields.
const (
	Text     Kind = iota // one line
	Long                 // several lines
	Select               // one of Options, as a list
	Radio                // one of Options, all seen at once
	Check                // yes or no
	Checks               // any of Options
	Date                 // 2026-07-01
	Number               // a whole number
	MoneyIn              // 元, two places
	AreaIn               // ㎡, two places
	PointsIn             // 分, four places
	File                 // one file
	Files                // up to ten files
	Password             // never shown again
	Code                 // a one-time code; never shown again
	Carried              // hidden, carried along
)

// A Field is one question of a form. One declaration draws it, allows its name
// (AZ-3) and checks what comes back.
type Field struct {
	Name, Label string
	Kind        Kind
	Hint        string
	Required    bool
	When        string   // when it must be filled in though it isn't always: "更正时必填"; said instead of 选填
	Max         int      // runes; 0 means 200, for Long 2,000
	Options     []Option // of Select, Radio, Checks; what is not listed is refused, but a Checks field read without Options takes any
	Unit        string   // behind the box: "元"
	Auto        string   // autocomplete token: "name", "tel", "one-time-code" …
	Accept      string   // of File: ".pdf,.jpg"
	Group       string   // a heading above the field, where a part begins
}

// An Option is one choice.
type Option struct {
	Value, Text string
	Hint        string
	Count       string // shown behind the text in chips: "12"
	More        Link   // of Radio and Checks: where what is chosen can be looked at
}

func (f Field) max() int {
	switch {
	case f.Max > 0:
		return f.Max
	case f.Kind == Long:
		return 2000
	}
	return 200
}

func (f Field) many() bool { return f.Kind == Checks || f.Kind == Files }

func (f Field) file() bool { return f.Kind == File || f.Kind == Files }

// secret fields are never sent back to the browser.
func (f Field) secret() bool { return f.Kind == Password || f.Kind == Code }

func (f Field) has(value string) bool {
	for _, o := range f.Options {
		if o.Value == value {
			return true
		}
	}
	return false
}
