package public

import (
	"slices"
	"strconv"

	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/money"
	"juli/internal/web"
)

// limits shows what sets or bounds the grade, record by record.
func (y why) limits() web.Table {
	t := web.Table{
		Caption: "等级的限制和理由",
		Cols:    []web.Col{{Name: "结果"}, {Name: "理由"}, {Name: "信用信息"}, {Name: "对象"}, {Name: "认定日期"}, {Name: "整改期限"}, {Name: "限制至"}},
	}
	for _, l := range y.Limits {
		why := l.Why
		if len(l.Records) > 1 {
			why += "，共 " + strconv.Itoa(len(l.Records)) + " 件"
		}
		for _, id := range l.Records {
			t.Rows = append(t.Rows, y.limit(l, why, id))
		}
		if len(l.Records) == 0 {
			t.Rows = append(t.Rows, y.limit(l, why, 0))
		}
	}
	return t
}

func (y why) limit(l credit.Limit, why string, id db.ID) web.Row {
	item, subject, at, due, end := web.T("—"), web.T("—"), "—", "—", "理由消除为止"
	if e, ok := y.Entries[id]; ok {
		item = web.L(e.Item, recordHref(id))
		if it := y.Book.Item(y.Book.ItemNo(e.Item)); it != nil {
			item = web.Cell{Text: it.Title, Sub: it.Code, Href: recordHref(id)}
		}
		subject = web.T(e.Subject.Kind.String())
		if n, ok := y.Projects[e.Subject.ID]; ok {
			subject = web.L(n.Name, n.Href)
		}
		at = e.Identified.String()
		if e.Due != 0 {
			due = e.Due.String()
		}
	}
	if l.Until != 0 {
		end = l.Until.String()
	}
	return web.Row{Cells: []web.Cell{web.Tagged(l.Title, web.Bad), web.T(why), item, subject, {Text: at, Nowrap: true}, {Text: due, Nowrap: true}, {Text: end, Nowrap: true}}}
}

// capWords says what a line did that keeps a class within its cap or floor.
func (y why) capWords(l *credit.Line) string {
	for i := range y.Book.Classes {
		c := &y.Book.Classes[i]
		if int(l.Class) != i {
			continue
		}
		for _, s := range y.Outcome.Sums {
			switch {
			case s.Class != c.Code:
			case s.Raw > s.Capped:
				return c.Title + "合计 " + web.ScoreText(s.Raw, false) + " 分，上限 " + web.ScoreText(s.Capped, false) + " 分，超出部分不计"
			default:
				return c.Title + "合计 " + web.ScoreText(s.Raw, false) + " 分，下限 " + web.ScoreText(s.Capped, false) + " 分，低于下限的部分不计"
			}
		}
	}
	return ""
}

// composite shows how the projects' scores make the enterprise's: each with its
// share and what it brings.
func (y why) composite() web.Table {
	var total int64
	for _, p := range y.Outcome.Parts {
		if !p.Missing {
			total += p.Weight
		}
	}
	t := web.Table{Caption: "项目综合分", Cols: []web.Col{{Name: "项目"}, {Name: "得分（分）", Num: true}}}
	weighted := y.weighted()
	if weighted {
		t.Cols = append(t.Cols, web.Col{Name: y.weightName(), Num: true}, web.Col{Name: "占比", Num: true}, web.Col{Name: "折合（分）", Num: true})
	}
	for _, p := range y.Outcome.Parts {
		n := y.Projects[p.Project]
		if n.Name == "" {
			n = named{Name: "编号 " + p.Project.String()}
		}
		if p.Missing {
			t.Rows = append(t.Rows, web.Row{Off: true, Cells: []web.Cell{{Text: n.Name, Href: n.Href, Sub: "尚未报送"}, web.T("—")}})
			continue
		}
		cells := []web.Cell{web.L(n.Name, n.Href), web.P(p.Score, false)}
		if weighted {
			share, err := money.MulDiv(int64(p.Score), p.Weight, max(total, 1), money.HalfUp)
			if err != nil {
				share = 0
			}
			cells = append(cells, y.weight(p.Weight), web.T(web.Percent(p.Weight, total)), web.P(money.Points(share).Round(2, money.HalfUp), false))
		}
		t.Rows = append(t.Rows, web.Row{Cells: cells})
	}
	for i := range y.Outcome.Lines {
		if l := &y.Outcome.Lines[i]; l.Kind == credit.ProjectsLine {
			t.Total = []web.Cell{web.T("项目综合分"), web.P(l.Points, false)}
		}
	}
	return t
}

// weighted says whether the shares differ: without any area every project counts alike.
func (y why) weighted() bool {
	c := &y.Book.Compose
	alike := !slices.ContainsFunc(y.Outcome.Parts, func(p credit.Part) bool { return p.Weight != 1 })
	return !alike && (c.Method == "area" || c.Method == "mean" && c.Moved == "time")
}

func (y why) weightName() string {
	switch {
	case y.Book.Compose.Moved != "time":
		return "面积（㎡）"
	case y.Book.Compose.Method == "area":
		return "面积 × 天数"
	}
	return "天数"
}

func (y why) weight(n int64) web.Cell {
	switch {
	case y.Book.Compose.Moved != "time":
		return web.A(money.Area(n))
	case y.Book.Compose.Method == "area":
		return web.T(money.Area(n).Format())
	}
	return web.N(n, "")
}
