package sheet

import (
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// A Kind says what a column holds and so how its cells are read.
type Kind int

// The kinds of columns.
const (
	Text     Kind = iota // words, NFC
	Key                  // a code or number kept as text, NFKC
	Int                  // a whole number
	Fen                  // money, read in yuan
	Area                 // floor area, read in square metres
	Points               // credit points
	Date                 // a civil date
	Enum                 // one of the column's options
	USCC                 // 统一社会信用代码
	Division             // 统计用区划代码
)

// An Option is one value of an Enum column; files may hold either.
type Option struct{ Code, Title string }

// YesNo are the options of a column that is true or false.
var YesNo = []Option{{"true", "是"}, {"false", "否"}}

// A Column is one column of a file.
type Column struct {
	Key      string   // stable name
	Title    string   // its head in Chinese
	Aliases  []string // heads under which older files hold it
	Kind     Kind
	Required bool
	Starred  bool  // shown as required; whoever reads the rows decides
	Min, Max int64 // of numbers, in the unit of Kind; Max 0 is none. Of text, Max is its characters
	Options  []Option
	Hint     string // how to fill it, for the template
	Example  string // a believable value, for the template
}

// textMax bounds text whose column doesn't say how long it may be.
const textMax = 200

// A Schema is the columns of a kind of file, in their order.
type Schema struct {
	Name    string // the worksheet's name, such as 企业
	Columns []Column
	Notes   []string // what the template's 填写说明 says besides the columns

	index    map[string]int // key → position
	heads    map[string]int // folded head → position
	examples []Cell
}

// New makes a schema. It panics where two columns answer to one name: that is a
// mistake of ours, found by any test.
func New(name string, columns []Column, notes ...string) *Schema {
	s := &Schema{
		Name: name, Columns: columns, Notes: notes,
		index: make(map[string]int, len(columns)), heads: make(map[string]int, 2*len(columns)),
		examples: make([]Cell, len(columns)),
	}
	for i := range columns {
		c := &columns[i]
		if _, twice := s.index[c.Key]; twice {
			panic(fmt.Sprintf("sheet %s: two columns %q", name, c.Key))
		}
		s.index[c.Key] = i
		for _, head := range append([]string{c.Title, c.Key}, c.Aliases...) {
			if j, taken := s.heads[fold(head)]; taken && j != i {
				panic(fmt.Sprintf("sheet %s: head %q is claimed by %q and %q", name, head, columns[j].Key, c.Key))
			}
			s.heads[fold(head)] = i
		}
		if bare, ok := withoutUnit(fold(c.Title)); ok {
			if _, taken := s.heads[bare]; !taken {
				s.heads[bare] = i
			}
		}
		if c.Example != "" {
			cell, refused := c.read(rawCell{text: c.Example}, false)
			if refused != nil {
				panic(fmt.Sprintf("sheet %s: example of %q: %s", name, c.Key, refused.text))
			}
			s.examples[i] = cell
		}
	}
	return s
}

// Column is the column of a key; false if there is none.
func (s *Schema) Column(key string) (Column, bool) {
	i, ok := s.index[key]
	if !ok {
		return Column{}, false
	}
	return s.Columns[i], true
}

// must is the position of a key; an unknown one is a mistake of the caller.
func (s *Schema) must(key string) int {
	i, ok := s.index[key]
	if !ok {
		panic(fmt.Sprintf("sheet %s: no column %q", s.Name, key))
	}
	return i
}

// position finds the column that answers to a head: by title, key or alias,
// without the star of required columns, and if need be without a unit in brackets.
func (s *Schema) position(head string) (int, bool) {
	h := fold(head)
	if i, ok := s.heads[h]; ok {
		return i, true
	}
	if bare, ok := withoutUnit(h); ok {
		i, ok := s.heads[bare]
		return i, ok
	}
	return 0, false
}

// withoutUnit cuts what stands in brackets behind a folded head.
func withoutUnit(h string) (string, bool) {
	i := strings.IndexByte(h, '(')
	if i <= 0 || !strings.HasSuffix(h, ")") {
		return h, false
	}
	return h[:i], true
}

// fold makes heads comparable: NFKC (so 全角 brackets are plain ones), lower
// case, without spaces, stars and colons.
func fold(head string) string {
	return strings.Map(func(r rune) rune {
		if isSpace(r) || r == '*' || r == ':' || r == '\'' {
			return -1
		}
		return r
	}, strings.ToLower(norm.NFKC.String(head)))
}

// option finds the option that a text names by title or code.
func (c *Column) option(text string) (string, bool) {
	for _, o := range c.Options {
		if text == o.Title || text == o.Code {
			return o.Code, true
		}
	}
	for _, o := range c.Options {
		if f := fold(text); f == fold(o.Title) || f == fold(o.Code) {
			return o.Code, true
		}
	}
	return "", false
}

// titleOf is the title of an option's code, or the code itself.
func (c *Column) titleOf(code string) string {
	for _, o := range c.Options {
		if o.Code == code {
			return o.Title
		}
	}
	return code
}

func (c *Column) optionTitles() string {
	titles := make([]string, len(c.Options))
	for i, o := range c.Options {
		titles[i] = o.Title
	}
	return strings.Join(titles, "、")
}
