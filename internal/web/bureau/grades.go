package bureau

import (
	"slices"

	"juli/internal/credit"
	"juli/internal/web"
)

// gradeOf is the grade, or the status instead of one, as lists are filtered by it.
func gradeOf(s credit.Share) string {
	if s.Grade != "" {
		return s.Grade
	}
	return s.Status
}

// gradeName is a grade or a status as people read it.
func gradeName(b *credit.Book, key string) string {
	for _, s := range b.Statuses {
		if s.Code == key && s.Title != "" {
			return s.Title
		}
	}
	return key
}

// byGrade puts shares in the order of the rulebook's grades, statuses last.
func byGrade(b *credit.Book, shares []credit.Share) []credit.Share {
	place := func(s credit.Share) int {
		if rule := b.Subjects[credit.Enterprise]; rule != nil {
			for i, g := range rule.Grades {
				if g.Code != "" && g.Code == s.Grade {
					return i
				}
			}
		}
		return len(shares) + 100
	}
	out := slices.Clone(shares)
	slices.SortStableFunc(out, func(x, y credit.Share) int { return place(x) - place(y) })
	return out
}

// gradeTable is a distribution; href leads to the enterprises of a grade.
func gradeTable(b *credit.Book, shares []credit.Share, href func(grade string) string) web.Table {
	t := web.Table{Caption: "等级分布", Cols: []web.Col{{Name: "等级"}, {Name: "企业（家）", Num: true}, {Name: "占企业", Num: true}, {Name: "项目（个）", Num: true}, {Name: "占面积", Num: true}}, None: web.Nothing{Text: "没有结果。"}}
	var firms, area int64
	for _, s := range shares {
		firms, area = firms+s.Count, area+int64(s.Area)
	}
	for _, s := range byGrade(b, shares) {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.Grades(gradeName(b, gradeOf(s))), web.N(s.Count, href(gradeOf(s))), web.T(web.Percent(s.Count, firms)), web.N(s.Projects, ""), web.T(web.Percent(int64(s.Area), area))}})
	}
	return t
}

func gradeChart(b *credit.Book, shares []credit.Share) web.Chart {
	c := web.Chart{Kind: web.Columns, Title: "各等级企业数", Unit: "家", Series: []web.Series{{Name: "企业"}}}
	for _, s := range byGrade(b, shares) {
		c.Labels = append(c.Labels, gradeName(b, gradeOf(s)))
		c.Series[0].Values = append(c.Series[0].Values, s.Count)
	}
	return c
}
