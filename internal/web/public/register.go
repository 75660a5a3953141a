package public

import (
	"net/http"

	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/feed"
	"juli/internal/registry"
	"juli/internal/web"
)

var registerSorts = []string{"name", "-area", "-projects", "code"}

// counted narrows a list to what the city's figures count.
var counted = []web.Option{{Value: "1", Text: "未退出的"}}

// query is a list page's question to the register.
func query(l *web.List, after string, limit int) registry.ListQuery {
	return registry.ListQuery{
		Division: code.Division(l.Get("district")), Kind: l.Get("kind"), State: registry.State(l.Get("state")), Enterprise: code.USCC(l.Get("enterprise")), Counted: l.Get("counted") == "1",
		Text: l.Q, Sort: registry.Sort(l.Sort), Desc: l.Desc, After: after, Limit: limit,
	}
}

func (d *Desk) enterprises(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var l *web.List
	var t web.Table
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		districts, err := districtOptions(ctx, tx, r)
		if err != nil {
			return err
		}
		l, err = web.ReadList(r, web.ListSpec{
			Sorts: registerSorts, Search: "企业名称或统一社会信用代码",
			Filters: []web.Filter{
				{Name: "district", Label: "区县", Options: districts},
				{Name: "kind", Label: "类型", Options: choices(registry.Kinds)},
				{Name: "state", Label: "状态", Options: choices(registry.States), Chips: true},
				{Name: "counted", Label: "计入统计", Options: counted},
			},
		})
		if err != nil {
			return err
		}
		rows, err := web.Paged(l, func(after string, limit int) ([]registry.EnterpriseRow, string, error) {
			return registry.ListEnterprises(ctx, tx, query(l, after, limit))
		})
		if err != nil {
			return err
		}
		total, err := registry.CountEnterprises(ctx, tx, query(l, "", 0))
		if err != nil {
			return err
		}
		grades, err := d.gradesOf(ctx, tx, rows)
		if err != nil {
			return err
		}
		names, err := registry.DivisionNames(ctx, tx, divisionsOf(rows))
		if err != nil {
			return err
		}
		t = enterpriseTable(l.Total(total), rows, grades, names)
		return nil
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "物业服务企业名录", t)
	}
	return web.Show(w, r, http.StatusOK, listPage(web.Page{
		Title: "物业服务企业", Lead: "登记在册的企业；等级为最近一次公布的结果", Acts: []web.Link{{Text: "信用排行", Href: "/league"}},
	}, t))
}

func enterpriseTable(l *web.List, rows []registry.EnterpriseRow, grades map[string]string, names map[code.Division]string) web.Table {
	t := web.Table{
		Caption: "物业服务企业", List: l, Rows: make([]web.Row, 0, len(rows)),
		Cols: []web.Col{{Name: "企业", Key: "name"}, {Name: "统一社会信用代码", Key: "code"}, {Name: "注册区县"}, {Name: "类型"}, {Name: "在管项目（个）", Key: "projects", Num: true}, {Name: "在管面积（㎡）", Key: "area", Num: true}, {Name: "信用等级"}},
		None: web.Nothing{Text: "还没有登记的企业。"},
	}
	for _, e := range rows {
		grade := web.T("未评价")
		if g := grades[string(e.USCC)]; g != "" {
			grade = web.Grades(g)
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			web.L(e.Name, "/enterprises/"+string(e.USCC)),
			{Text: string(e.USCC), Nowrap: true},
			web.T(names[e.Division.Up(code.District)]),
			web.T(e.Kind.Title()), web.N(e.Projects, "/projects?enterprise="+string(e.USCC)), web.A(e.Managed), grade,
		}})
	}
	return t
}

func (d *Desk) projects(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var l *web.List
	var t web.Table
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		districts, err := districtOptions(ctx, tx, r)
		if err != nil {
			return err
		}
		l, err = web.ReadList(r, web.ListSpec{
			Sorts: []string{"name", "-area", "code"}, Search: "项目名称或编码",
			Filters: []web.Filter{
				{Name: "district", Label: "区县", Options: districts},
				{Name: "kind", Label: "类型", Options: choices(registry.Uses), Chips: true},
				{Name: "enterprise", Label: "企业", Like: web.LikeCode},
				{Name: "counted", Label: "计入统计", Options: counted},
			},
		})
		if err != nil {
			return err
		}
		rows, err := web.Paged(l, func(after string, limit int) ([]registry.ProjectRow, string, error) {
			return registry.ListProjects(ctx, tx, query(l, after, limit))
		})
		if err != nil {
			return err
		}
		total, err := registry.CountProjects(ctx, tx, query(l, "", 0))
		if err != nil {
			return err
		}
		names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
			for _, p := range rows {
				if !yield(p.Division.Up(code.District)) || !yield(p.Division.Up(code.Street)) {
					return
				}
			}
		})
		if err != nil {
			return err
		}
		t = projectTable(l.Total(total), rows, names)
		return nil
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "物业服务项目名录", t)
	}
	return web.Show(w, r, http.StatusOK, listPage(subscribe(web.Page{Title: "物业服务项目", Lead: "登记在册的住宅小区和其他物业项目"}, feed.Scope{Division: code.Division(l.Get("district"))}, "物业监管动态"), t))
}

func projectTable(l *web.List, rows []registry.ProjectRow, names map[code.Division]string) web.Table {
	t := web.Table{
		Caption: "物业服务项目", List: l, Rows: make([]web.Row, 0, len(rows)),
		Cols: []web.Col{{Name: "项目", Key: "name"}, {Name: "区县和街道"}, {Name: "地址"}, {Name: "类型"}, {Name: "面积（㎡）", Key: "area", Num: true}, {Name: "户数（户）", Num: true}, {Name: "物业企业"}},
		None: web.Nothing{Text: "还没有登记的项目。"},
	}
	for _, p := range rows {
		firm := web.T("无企业管理")
		if p.Enterprise != "" {
			firm = web.L(p.EnterpriseName, "/enterprises/"+string(p.Enterprise))
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			web.L(p.Name, "/projects/"+string(p.Code)), web.T(names[p.Division.Up(code.District)] + " " + names[p.Division.Up(code.Street)]),
			web.T(p.Address), web.T(p.Use.Title()), web.A(p.Area), web.N(p.Households, ""), firm,
		}})
	}
	return t
}

func divisionsOf(rows []registry.EnterpriseRow) func(func(code.Division) bool) {
	return func(yield func(code.Division) bool) {
		for _, e := range rows {
			if !yield(e.Division.Up(code.District)) {
				return
			}
		}
	}
}

// gradeName is a result's grade, or its status in the rulebook's words.
func gradeName(b *credit.Book, s credit.Standing) string {
	if s.Grade != "" {
		return s.Grade
	}
	return b.GradeTitle(credit.Enterprise, s.Status)
}
