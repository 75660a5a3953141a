package authz

import (
	"fmt"
	"slices"
	"strings"
)

// A Reach is one cell of the matrix.
type Reach struct {
	How     How
	Manager bool // only for who manages the body
}

// How says how far from its own scope a role may act.
type How byte

// The reaches; see the matrix's letters.
const (
	Never    How = '-'
	Own      How = 'o'
	OwnAbove How = 'u'
	Anywhere How = 'a'
)

// String is the matrix's letter.
func (r Reach) String() string {
	if r.Manager {
		return strings.ToUpper(string(rune(r.How)))
	}
	return string(rune(r.How))
}

// Title explains the cell in Chinese.
func (r Reach) Title() string {
	text := map[How]string{Never: "无", Own: "本范围", OwnAbove: "本范围及上级登记的对象", Anywhere: "全市"}[r.How]
	if r.Manager {
		text += "（单位管理员）"
	}
	return text
}

// A Row is one act of the matrix, for the public page and for tests.
type Row struct {
	Group     string // 信用
	Act       Act
	Title     string
	Cells     []Reach // one for each of Roles
	StepUp    bool
	FourEyes  bool
	Sensitive bool
}

// Cell is what role may do of the row's act.
func (r Row) Cell(role Role) Reach {
	if i, ok := column[role]; ok && i < len(r.Cells) { // the row of no act has no cells
		return r.Cells[i]
	}
	return Reach{How: Never}
}

var column = func() map[Role]int {
	m := map[Role]int{}
	for i, d := range Roles() {
		m[d.Role] = i
	}
	return m
}()

var rows, byAct = build()

func build() ([]Row, map[Act]Row) {
	var all []Row
	index := map[Act]Row{}
	for _, g := range table {
		for _, e := range g.rows {
			row := Row{
				Group: g.group, Act: e.act, Title: e.title,
				StepUp: e.flags&StepUp != 0, FourEyes: e.flags&FourEyes != 0, Sensitive: e.flags&Sensitive != 0,
			}
			for _, c := range strings.ReplaceAll(e.cells, " ", "") {
				row.Cells = append(row.Cells, reachOf(c))
			}
			if _, twice := index[e.act]; twice || len(row.Cells) != len(column) {
				panic(fmt.Sprintf("duty matrix: row %s is twice there or has not one letter for each role", e.act))
			}
			all = append(all, row)
			index[e.act] = row
		}
	}
	return all, index
}

func reachOf(letter rune) Reach {
	how := How(strings.ToLower(string(letter))[0])
	if !slices.Contains([]How{Never, Own, OwnAbove, Anywhere}, how) {
		panic(fmt.Sprintf("duty matrix: no letter %q", letter))
	}
	return Reach{How: how, Manager: how != Never && letter != rune(how)}
}

// Matrix is the whole duty matrix, in the order of its file.
func Matrix() []Row { return slices.Clone(rows) }

// RowOf is the matrix's row of an act; false: no such act, so everybody is denied.
func RowOf(act Act) (Row, bool) {
	r, ok := byAct[act]
	return r, ok
}

// Title is the act's Chinese name.
func (a Act) Title() string { return byAct[a].Title }
