package bureau

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/web"
)

// columns shows an object by the columns of its kind.
func columns(cols []registry.Column, values map[string]string) []web.Fact {
	var out []web.Fact
	for _, c := range cols {
		v := values[c.Key]
		for _, o := range c.Choices {
			if o.Code == v {
				v = o.Title
			}
		}
		out = append(out, web.Fact{Name: c.Title, Text: v})
	}
	return out
}

// changes words a register timeline.
func changes(list []registry.Event) []web.Event {
	var out []web.Event
	for _, e := range list {
		title := e.Source.Title()
		if e.Version == 1 {
			title = "进入登记（" + title + "）"
		}
		detail := e.Reason
		for _, x := range e.Differences {
			detail = join(detail, x.Title+"：由“"+x.Before+"”改为“"+x.After+"”")
		}
		out = append(out, web.Event{When: clock(e.At), Title: title, Detail: detail})
	}
	return out
}

var unmaskFields = []web.Field{{Name: "reason", Label: "查看完整信息的理由", Kind: web.Long, Max: 200, Required: true, Hint: "2 至 200 字；理由和查看人会写入审计记录"}}

// enterprise shows one enterprise with what is not public; personal data stays masked.
func (d *Desk) enterprise(w http.ResponseWriter, r *http.Request) error {
	c, err := d.enterprisePage(r, nil, web.NewForm(unmaskFields...))
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, c)
}

// unmask shows the enterprise in clear, once, for a reason that is kept (PI-2).
func (d *Desk) unmask(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, unmaskFields...)
	if err != nil {
		return err
	}
	uscc, err := code.ParseUSCC(r.PathValue("uscc"))
	if err != nil {
		return err
	}
	status := http.StatusUnprocessableEntity
	var clear *registry.Enterprise
	if f.OK() {
		// what is shown in clear is kept nowhere, so a second click shows the page masked
		_, err := web.Once(r, d.DB, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
			e, err := d.Registry.UnmaskEnterpriseIn(ctx, tx, web.Actor(r), uscc, f.Str("reason"))
			clear = &e
			return struct{}{}, err
		})
		if err != nil && !f.Take(err) {
			return err
		}
		if err == nil {
			status = http.StatusOK
		} else {
			clear = nil
		}
	}
	c, err := d.enterprisePage(r, clear, f)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.Show(w, r, status, c)
}

func (d *Desk) enterprisePage(r *http.Request, clear *registry.Enterprise, f *web.Form) (c templ.Component, err error) {
	ctx, who := r.Context(), web.Actor(r)
	uscc, err := code.ParseUSCC(r.PathValue("uscc"))
	if err != nil {
		return nil, err
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		e, inside, err := d.enterpriseSeen(ctx, tx, who, uscc)
		if err != nil {
			return err
		}
		events, err := d.Registry.EnterpriseTimeline(ctx, tx, who, uscc)
		if err != nil {
			return err
		}
		shown, lead := e, "统一社会信用代码 "+string(e.USCC)
		if clear != nil {
			shown, lead = *clear, lead+" · 完整信息，仅本页显示"
		}
		p := web.Page{Title: e.Name, Desk: Key, Lead: lead, Crumbs: []web.Link{{Text: "企业登记", Href: "/bureau/enterprises"}}, Tags: []web.Mark{{Text: e.State.Title()}}, Acts: []web.Link{
			{Text: "信用信息", Href: "/bureau/records?enterprise=" + string(uscc)}, {Text: "项目", Href: "/bureau/projects?enterprise=" + string(uscc)}, {Text: "公开页面", Href: "/enterprises/" + string(uscc)}, {Text: "录入信用信息", Href: "/bureau/records/new?enterprise=" + string(uscc), Main: true},
		}}
		values, err := registry.Shown(ctx, tx, registry.EnterpriseColumns(), shown.Values())
		if err != nil {
			return err
		}
		parts := []templ.Component{card(web.Box{Title: "登记信息"}, web.Facts(columns(registry.EnterpriseColumns(), values)))}
		if inside && clear == nil && authz.Can(who, authz.RegistryRead) {
			parts = append(parts, card(web.Box{Title: "查看完整的个人信息", ID: "unmask"}, ask(f, web.FormBox{Action: "/bureau/enterprises/" + string(uscc), Submit: "查看"})))
		}
		c = page(p, append(parts, card(web.Box{Title: "变动记录"}, web.Timeline(changes(events))))...)
		return nil
	})
	return c, err
}

// enterpriseSeen is the enterprise as far as the actor may see it: with what is
// not public in the own area, as everybody sees it elsewhere.
func (d *Desk) enterpriseSeen(ctx context.Context, tx *db.Tx, who authz.Actor, uscc code.USCC) (registry.Enterprise, bool, error) {
	e, err := d.Registry.EnterpriseFor(ctx, tx, who, uscc)
	if f := fault.From(err); f != nil && (f.Kind == fault.NotFound || f.Kind == fault.Forbidden) {
		e, err = d.Registry.Enterprise(ctx, tx, uscc)
		return e, false, err
	}
	return e, err == nil, err
}

// project shows one project with its staff and its timeline.
func (d *Desk) project(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	c, err := code.ParseProjectCode(r.PathValue("code"))
	if err != nil {
		return err
	}
	var shown templ.Component
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := d.Registry.Project(ctx, tx, c)
		if err != nil {
			return err
		}
		events, err := d.Registry.ProjectTimeline(ctx, tx, who, c)
		if err != nil {
			return err
		}
		staff, err := d.Registry.StaffOfProject(ctx, tx, who, c, tx.Today())
		if f := fault.From(err); f != nil && (f.Kind == fault.NotFound || f.Kind == fault.Forbidden) {
			staff, err = nil, nil
		}
		if err != nil {
			return err
		}
		people := web.Table{Caption: "人员", Cols: []web.Col{{Name: "姓名"}, {Name: "岗位"}, {Name: "证书"}, {Name: "任职起"}}, None: web.Nothing{Text: "没有登记的人员，或不在您的区域内。"}}
		for _, s := range staff {
			people.Rows = append(people.Rows, web.Row{Cells: []web.Cell{web.T(s.Name), web.T(s.Post.Title()), web.T(s.Certificate), web.D(s.From)}})
		}
		values, err := registry.Shown(ctx, tx, registry.ProjectColumns(), p.Values())
		if err != nil {
			return err
		}
		shown = page(
			web.Page{Title: p.Name, Desk: Key, Lead: "项目编码 " + string(p.Code) + " · " + p.Address, Crumbs: []web.Link{{Text: "项目登记", Href: "/bureau/projects"}}, Tags: []web.Mark{{Text: p.State.Title()}}, Acts: []web.Link{
				{Text: "公开页面", Href: "/projects/" + string(c)}, {Text: "录入信用信息", Href: "/bureau/records/new?project=" + string(c), Main: true},
			}},
			card(web.Box{Title: "登记信息"}, web.Facts(columns(registry.ProjectColumns(), values))),
			card(web.Box{Title: "现任人员"}, web.TableView(people)), card(web.Box{Title: "变动记录"}, web.Timeline(changes(events))),
		)
		return nil
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, shown)
}
