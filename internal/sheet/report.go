package sheet

import (
	"cmp"
	"fmt"
	"slices"

	"juli/internal/fault"
)

// A Problem is one mistake in a file. It holds no value of the cell, since files
// hold personal data and reports are kept (PI-7).
type Problem struct {
	Row    int    `json:"row"`              // as the user sees it
	Column string `json:"column,omitempty"` // the letter above the column; empty for the row as a whole
	Key    string `json:"key,omitempty"`
	Title  string `json:"title,omitempty"`
	Rule   string `json:"rule"`
	Text   string `json:"text"` // one sentence for the user
}

// String says it in one line: 第 12 行 C 列“电话”：必须填写。
func (p Problem) String() string {
	switch {
	case p.Title == "":
		return fmt.Sprintf("第 %d 行：%s", p.Row, p.Text)
	case p.Column == "":
		return fmt.Sprintf("第 %d 行“%s”：%s", p.Row, p.Title, p.Text)
	}
	return fmt.Sprintf("第 %d 行 %s 列“%s”：%s", p.Row, p.Column, p.Title, p.Text)
}

// short is the problem in the column 问题 of its own row.
func (p Problem) short() string {
	if p.Title == "" {
		return p.Text
	}
	return p.Title + "：" + p.Text
}

// Bounds of what a report keeps.
const (
	ProblemsMax = 5_000 // problems kept; the rest is counted
	fieldsMax   = 100   // problems shown in one fault
)

// A Report gathers what is wrong with a file, in the order of its rows.
type Report struct {
	Rows     int       `json:"rows"` // rows read
	Bad      int       `json:"bad"`  // rows with a problem
	Total    int       `json:"total"`
	Problems []Problem `json:"problems,omitempty"` // the first ProblemsMax
}

// Add counts a row and keeps its problems.
func (r *Report) Add(row *Row) {
	r.Rows++
	if len(row.Problems) > 0 {
		r.Bad++
		r.AddProblems(row.Problems...)
	}
}

// AddProblems keeps problems of rows that were counted already.
func (r *Report) AddProblems(problems ...Problem) {
	r.Total += len(problems)
	if room := ProblemsMax - len(r.Problems); room > 0 {
		r.Problems = append(r.Problems, problems[:min(room, len(problems))]...)
	}
}

// Sort puts the problems in the order of rows, those of one row as they were found.
func (r *Report) Sort() {
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return cmp.Compare(a.Row, b.Row) })
}

// Err is nil for a file without problems, else one fault that names the first
// of them: nothing of such a file is taken over.
func (r *Report) Err() error {
	if r.Total == 0 {
		return nil
	}
	f := fault.New(fault.Invalid, "sheet.rows", "共读取 %d 行，%d 处需要改正，改正后请重新上传。", r.Rows, r.Total)
	for _, p := range r.Problems[:min(len(r.Problems), fieldsMax)] {
		name := fmt.Sprintf("第 %d 行", p.Row)
		if p.Title != "" {
			name += " " + p.Title
		}
		f.With(name, p.Text)
	}
	return f
}
