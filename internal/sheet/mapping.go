package sheet

import (
	"context"
	"slices"
	"strings"

	"juli/internal/fault"
)

// A Mapping says in which row the heads stand and in which of the file's columns
// each key of a schema is found. Keys that are absent are not in the file.
type Mapping struct {
	Row     int            `json:"row"`     // as the user sees it, 1-based
	Columns map[string]int `json:"columns"` // key → the file's column, 0-based
}

// An Inspection is what a file looks like before it is read: what a person
// needs to see to map its columns.
type Inspection struct {
	Row     int        // in which the heads stand
	Heads   []string   // the file's heads, by column
	Samples [][]string // the first rows below, as stored
	Mapping Mapping    // found by title and alias
	Missing []string   // titles of required columns that were not found
	Unknown []string   // heads that no column answers to
}

const samplesMax = 3

// ProblemHead is the head of the column that [File.Annotate] adds; a file that
// comes back with it is read as if it weren't there.
const ProblemHead = "问题"

// Inspect finds the row of heads, among the first filled ones the one in which
// most columns are recognised, and maps by title and alias.
func (s *Schema) Inspect(ctx context.Context, f *File) (Inspection, error) {
	var rows []rawRow
	for r, err := range f.rows(ctx) {
		if err != nil {
			return Inspection{}, err
		}
		rows = append(rows, rawRow{r.number, slices.Clone(r.cells)})
		if len(rows) == headRows+samplesMax {
			break
		}
	}
	if len(rows) == 0 {
		return Inspection{}, invalid("sheet.empty", "表格里没有内容。")
	}
	best, most := 0, 0
	for i, r := range rows[:min(len(rows), headRows)] {
		if n := s.known(r); n > most {
			best, most = i, n
		}
	}
	in := Inspection{Row: rows[best].number}
	for _, c := range rows[best].cells {
		in.Heads = append(in.Heads, cleanText(c.text))
	}
	for _, r := range rows[best+1 : min(len(rows), best+1+samplesMax)] {
		var sample []string
		for _, c := range r.cells {
			sample = append(sample, cleanText(c.text))
		}
		in.Samples = append(in.Samples, sample)
	}
	return in, s.match(&in)
}

// known counts the cells of a row that are heads of the schema.
func (s *Schema) known(r rawRow) int {
	n := 0
	for _, c := range r.cells {
		if _, ok := s.position(c.text); ok && !c.blank() {
			n++
		}
	}
	return n
}

// match maps the heads of an inspection.
func (s *Schema) match(in *Inspection) error {
	in.Mapping = Mapping{Row: in.Row, Columns: map[string]int{}}
	for i, head := range in.Heads {
		at, ok := s.position(head)
		if !ok {
			if head != "" && head != ProblemHead {
				in.Unknown = append(in.Unknown, head)
			}
			continue
		}
		key := s.Columns[at].Key
		if j, twice := in.Mapping.Columns[key]; twice {
			return invalid("sheet.column-twice", "%s 列和 %s 列都是“%s”，请只保留一列。", ColumnName(j), ColumnName(i), s.Columns[at].Title)
		}
		in.Mapping.Columns[key] = i
	}
	for _, c := range s.Columns {
		if _, has := in.Mapping.Columns[c.Key]; c.Required && !has {
			in.Missing = append(in.Missing, c.Title)
		}
	}
	return nil
}

// Fits refuses a mapping without the required columns, or one that no file fits.
func (s *Schema) Fits(m Mapping, limits Limits) error {
	refused := fault.New(fault.Invalid, "sheet.columns", "表头与模板不符，请对照模板检查列名。")
	taken := map[int]string{}
	for _, c := range s.Columns {
		i, has := m.Columns[c.Key]
		switch {
		case !has && c.Required:
			refused.With(c.Key, "缺少必填的列“"+c.Title+"”。")
		case !has:
		case i < 0 || i >= limits.Columns:
			refused.With(c.Key, "“"+c.Title+"”对应的列不存在。")
		case taken[i] != "":
			refused.With(c.Key, "“"+c.Title+"”与“"+taken[i]+"”对应了同一列。")
		default:
			taken[i] = c.Title
		}
	}
	for key := range m.Columns {
		if _, ok := s.index[key]; !ok {
			refused.With(key, "没有名为“"+strings.ToValidUTF8(key, "")+"”的列。")
		}
	}
	return refused.OrNil()
}
