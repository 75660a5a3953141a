package bureau

import (
	"net/http"
	"slices"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/web"
)

// registerQuery is a list page's question to the register.
func registerQuery(l *web.List, after string, limit int) registry.ListQuery {
	return registry.ListQuery{
		Division: code.Division(l.Get("district")), Kind: l.Get("kind"), State: registry.State(l.Get("state")), Enterprise: code.USCC(l.Get("enterprise")),
		Text: l.Q, Sort: registry.Sort(l.Sort), Desc: l.Desc, After: after, Limit: limit,
	}
}

// enterprises lists the register for officials.
func (d *Desk) enterprises(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var l *web.List
	t := web.Table{
		Caption: "企业", None: web.Nothing{Text: "还没有登记的企业。"},
		Cols: []web.Col{{Name: "企业", Key: "name"}, {Name: "统一社会信用代码", Key: "code"}, {Name: "注册区县"}, {Name: "类型"}, {Name: "状态"}, {Name: "在管项目（个）", Key: "projects", Num: true}, {Name: "在管面积（㎡）", Key: "area", Num: true}},
	}
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		districts, err := districtOptions(ctx, tx)
		if err != nil {
			return err
		}
		l, err = web.ReadList(r, web.ListSpec{Sorts: []string{"name", "-area", "-projects", "code"}, Search: "企业名称或统一社会信用代码", Filters: []web.Filter{
			{Name: "district", Label: "区县", Options: districts}, {Name: "kind", Label: "类型", Options: choices(registry.Kinds)}, {Name: "state", Label: "状态", Options: choices(registry.States)},
		}})
		if err != nil {
			return err
		}
		rows, err := web.Paged(l, func(after string, limit int) ([]registry.EnterpriseRow, string, error) {
			return registry.ListEnterprises(ctx, tx, registerQuery(l, after, limit))
		})
		if err != nil {
			return err
		}
		total, err := registry.CountEnterprises(ctx, tx, registerQuery(l, "", 0))
		if err != nil {
			return err
		}
		names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
			for _, e := range rows {
				if !yield(e.Division.Up(code.District)) {
					return
				}
			}
		})
		for _, e := range rows {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(e.Name, "/bureau/enterprises/"+string(e.USCC)),
				{Text: string(e.USCC), Nowrap: true},
				web.T(names[e.Division.Up(code.District)]), web.T(e.Kind.Title()), web.T(e.State.Title()),
				web.N(e.Projects, "/bureau/projects?enterprise="+string(e.USCC)), web.A(e.Managed),
			}})
		}
		t.List = l.Total(total)
		return err
	})
	return d.showRegister(w, r, who, l, t, "企业", err)
}

// projects lists the projects of the register.
func (d *Desk) projects(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var l *web.List
	t := web.Table{
		Caption: "项目", None: web.Nothing{Text: "还没有登记的项目。"},
		Cols: []web.Col{{Name: "项目", Key: "name"}, {Name: "项目编码", Key: "code"}, {Name: "区县和街道"}, {Name: "类型"}, {Name: "状态"}, {Name: "面积（㎡）", Key: "area", Num: true}, {Name: "户数（户）", Num: true}, {Name: "合同到期"}, {Name: "企业"}},
	}
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		districts, err := districtOptions(ctx, tx)
		if err != nil {
			return err
		}
		l, err = web.ReadList(r, web.ListSpec{Sorts: []string{"name", "-area", "code"}, Search: "项目名称或编码", Filters: []web.Filter{
			{Name: "district", Label: "区县", Options: districts}, {Name: "kind", Label: "类型", Options: choices(registry.Uses)}, {Name: "state", Label: "状态", Options: choices(registry.States)}, {Name: "enterprise", Label: "企业代码", Like: web.LikeCode},
		}})
		if err != nil {
			return err
		}
		rows, err := web.Paged(l, func(after string, limit int) ([]registry.ProjectRow, string, error) {
			return registry.ListProjects(ctx, tx, registerQuery(l, after, limit))
		})
		if err != nil {
			return err
		}
		total, err := registry.CountProjects(ctx, tx, registerQuery(l, "", 0))
		if err != nil {
			return err
		}
		var at []code.Division
		for _, p := range rows {
			at = append(at, p.Division.Up(code.District), p.Division.Up(code.Street))
		}
		names, err := registry.DivisionNames(ctx, tx, slices.Values(at))
		for _, p := range rows {
			firm := web.T("无企业管理")
			if p.Enterprise != "" {
				firm = web.L(p.EnterpriseName, "/bureau/enterprises/"+string(p.Enterprise))
			}
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(p.Name, "/bureau/projects/"+string(p.Code)),
				{Text: string(p.Code), Nowrap: true},
				web.T(names[p.Division.Up(code.District)] + " " + names[p.Division.Up(code.Street)]),
				web.T(p.Use.Title()), web.T(p.State.Title()), web.A(p.Area), web.N(p.Households, ""),
				{Text: p.ContractTo, Nowrap: true},
				firm,
			}})
		}
		t.List = l.Total(total)
		return err
	})
	return d.showRegister(w, r, who, l, t, "项目", err)
}

func (d *Desk) showRegister(w http.ResponseWriter, r *http.Request, who authz.Actor, l *web.List, t web.Table, name string, err error) error {
	if err != nil {
		return err
	}
	if l.Format != "" {
		if err := d.noteExport(r.Context(), who, authz.RegistryExport, "registry.exported", "registry", len(t.Rows)); err != nil {
			return err
		}
		return web.Export(w, r, l, name+"登记", t)
	}
	return web.Show(w, r, http.StatusOK, page(web.Page{Title: name + "登记", Desk: Key, Crumbs: []web.Link{{Text: "登记备案", Href: "/bureau/filings"}}}, card(web.Box{}, web.TableView(t))))
}
