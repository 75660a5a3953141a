package public

import (
	"context"
	"net/http"

	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/web"
)

type leagueView struct {
	Page   web.Page
	Banner string
	Grades web.Table
	Chart  web.Chart
	Table  web.Table
	None   bool
	book   *credit.Book
}

// unitOptions are the units that are ranked apart.
var unitOptions = []web.Option{{Value: credit.UnitFirms, Text: "企业"}, {Value: credit.UnitBranches, Text: "分支机构"}}

func (d *Desk) league(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v leagueView
	var l *web.List
	err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		v, l, err = d.leagueOf(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	if l != nil && l.Format != "" {
		return web.Export(w, r, l, "企业信用评价结果", v.Table)
	}
	return web.Show(w, r, http.StatusOK, leaguePage(v))
}

func (d *Desk) leagueOf(ctx context.Context, tx *db.Tx, r *http.Request) (v leagueView, l *web.List, err error) {
	cycles, err := d.Evaluations.Cycles(ctx, tx)
	if err != nil {
		return v, nil, err
	}
	v.Page = web.Page{Title: "企业信用排行", Crumbs: []web.Link{{Text: "首页", Href: "/"}}}
	if len(cycles) == 0 {
		v.None = true
		return v, nil, nil
	}
	districts, err := districtOptions(ctx, tx, r)
	if err != nil {
		return v, nil, err
	}
	periods := make([]web.Option, len(cycles))
	for i, c := range cycles {
		periods[i] = web.Option{Value: c.Period, Text: c.Period}
	}
	l, err = web.ReadList(r, web.ListSpec{
		Sorts: []string{"-score", "-area"}, Search: "企业名称",
		Filters: []web.Filter{{Name: "unit", Label: "主体", Chips: true, Options: unitOptions}, {Name: "period", Label: "期次", Options: periods}, {Name: "district", Label: "区县", Options: districts}, {Name: "grade", Label: "等级", Like: web.LikeWords}},
	})
	if err != nil {
		return v, nil, err
	}
	at := cycles[0]
	for _, c := range cycles {
		if c.Period == l.Get("period") {
			at = c
		}
	}
	e, err := d.Evaluations.Evaluation(ctx, tx, at.Evaluation)
	if err != nil {
		return v, nil, err
	}
	book, err := d.Books.ByDigest(ctx, tx, e.Book)
	if err != nil {
		return v, nil, err
	}
	v.Banner, v.book = book.Banner, book
	if _, known := book.KnowsAll(credit.Enterprise, l.Get("grade")); !known {
		return v, nil, l.Unknown("grade")
	}
	v.Page.Lead = at.Period + " · 公布文号 " + at.Number + " · 数据截至 " + at.AsOf.String()
	if err := d.leagueGrades(ctx, tx, &v, l, book, at); err != nil {
		return v, nil, err
	}
	return v, l, d.leagueTable(ctx, tx, &v, l, at)
}

// leagueGrades is the distribution, by enterprises and by area, since a share
// of firms says little where one firm manages what fifty others do.
func (d *Desk) leagueGrades(ctx context.Context, tx *db.Tx, v *leagueView, l *web.List, b *credit.Book, at credit.Release) error {
	district := code.Division(l.Get("district"))
	shares, err := d.Evaluations.UnitCounts(ctx, tx, at.Evaluation, l.Get("unit"), district)
	if err != nil {
		return err
	}
	var firms, area int64
	for _, s := range shares {
		firms, area = firms+s.Count, area+int64(s.Area)
	}
	v.Grades = web.Table{Caption: "等级分布", Cols: []web.Col{{Name: "等级"}, {Name: "企业（家）", Num: true}, {Name: "占企业", Num: true}, {Name: "项目（个）", Num: true}, {Name: "占面积", Num: true}}}
	for _, s := range credit.SortShares(b, credit.Enterprise, shares) {
		key := s.Grade
		if key == "" {
			key = s.Status
		}
		v.Grades.Rows = append(v.Grades.Rows, web.Row{Cells: []web.Cell{
			web.Tagged(gradeWords(b, s), ""), web.N(s.Count, l.With("grade", key)), web.T(web.Percent(s.Count, firms)), web.N(s.Projects, ""), web.T(web.Percent(int64(s.Area), area)),
		}})
	}
	v.Grades.Total = []web.Cell{web.T("合计"), web.N(firms, l.With("grade", "")), web.T(""), web.T(""), web.T(web.TenThousandArea(areaOf(area)) + " 万㎡")}
	return nil
}

func (d *Desk) leagueTable(ctx context.Context, tx *db.Tx, v *leagueView, l *web.List, at credit.Release) error {
	if !l.Desc {
		return fault.New(fault.Invalid, "list.unknown", "排行只能从高到低排列。")
	}
	grades, _ := v.book.KnowsAll(credit.Enterprise, l.Get("grade"))
	list, err := web.Paged(l, func(after string, limit int) ([]credit.Ranked, string, error) {
		return d.Evaluations.Standings(ctx, tx, credit.League{
			Evaluation: at.Evaluation, Kind: credit.Enterprise, Unit: l.Get("unit"), District: code.Division(l.Get("district")), Grades: grades,
			Text: l.Q, Sort: l.Sort, After: after, Limit: limit,
		})
	})
	if err != nil {
		return err
	}
	names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
		for _, x := range list {
			if !yield(x.Division.Up(code.District)) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	v.Table = web.Table{
		Caption: "企业信用评价结果", List: l, None: web.Nothing{Text: "没有结果。"},
		Cols: []web.Col{{Name: "名次", Num: true}, {Name: "企业"}, {Name: "区县"}, {Name: "等级"}, {Name: "得分（分）", Key: "score", Num: true}, {Name: "在管项目（个）", Num: true}, {Name: "在管面积（㎡）", Key: "area", Num: true}},
	}
	for _, x := range list {
		rank, score := web.T("—"), web.T("—")
		if x.Scored {
			rank, score = web.N(x.RankCity, ""), web.P(x.Score, false)
		}
		name := web.L(x.Name, "/enterprises/"+x.Code)
		if x.Subject.Kind == credit.Branch {
			name.Sub = "分支机构，单独排名"
		}
		v.Table.Rows = append(v.Table.Rows, web.Row{Cells: []web.Cell{
			rank, name, web.T(names[x.Division.Up(code.District)]), web.Grades(gradeName(v.book, x.Standing)), score, web.N(x.Projects, "/projects?enterprise="+x.Code), web.A(x.Area),
		}})
	}
	return nil
}
