package enterprise

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/web"
)

// file shows what the register holds of the enterprise, or of a manager's projects.
func (d *Desk) file(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var p web.Page
	var parts []templ.Component
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		parts = nil
		firm, err := d.party(ctx, tx, who)
		if err != nil {
			return err
		}
		p = page("企业档案")
		p.Lead = firm.Name + " · " + string(firm.USCC)
		if !firm.Whole {
			for _, x := range firm.Managed {
				facts, err := values(ctx, tx, registry.ProjectColumns(), x.Values())
				if err != nil {
					return err
				}
				parts = append(parts, web.Section(web.Box{Title: x.Name, More: web.Link{Text: "变更登记", Href: "/enterprise/filings/new?project=" + string(x.Code)}}, web.Facts(facts)))
			}
			return nil
		}
		p.Acts = []web.Link{{Text: "变更企业信息", Href: "/enterprise/filings/new?subject=enterprise", Main: true}, {Text: "登记新项目", Href: "/enterprise/filings/new?subject=project"}, {Text: "变更记录", Href: "/enterprise/file/history"}}
		e, err := d.Registry.EnterpriseFor(ctx, tx, who, firm.USCC)
		if err != nil {
			return err
		}
		projects, err := firm.projects(ctx, tx)
		if err != nil {
			return err
		}
		facts, err := values(ctx, tx, registry.EnterpriseColumns(), e.Values())
		if err != nil {
			return err
		}
		parts = []templ.Component{
			web.Section(web.Box{Title: "登记信息"}, web.Facts(facts)),
			web.Section(web.Box{Title: "在管项目"}, web.TableView(projectTable(projects))),
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, web.Whole(p, parts...))
}

func values(ctx context.Context, tx *db.Tx, cols []registry.Column, v map[string]string) ([]web.Fact, error) {
	v, err := registry.Shown(ctx, tx, cols, v)
	var facts []web.Fact
	for _, c := range cols {
		facts = append(facts, web.Fact{Name: c.Title, Text: v[c.Key]})
	}
	return facts, err
}

func projectTable(list []web.Option) web.Table {
	t := web.Table{Caption: "在管项目", Cols: []web.Col{{Name: "项目"}, {Name: "编码"}, {Name: "办理"}}, None: web.Nothing{Text: "目前没有在管项目。"}}
	for _, x := range list {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			web.L(x.Text, "/projects/"+x.Value), {Text: x.Value, Nowrap: true}, web.L("变更登记", "/enterprise/filings/new?project="+x.Value),
		}})
	}
	return t
}

// history is every state of the enterprise as changes, newest first.
func (d *Desk) history(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var events []registry.Event
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		firm, err := d.party(ctx, tx, who)
		if err != nil {
			return err
		}
		events, err = d.Registry.EnterpriseTimeline(ctx, tx, who, firm.USCC)
		return err
	})
	if err != nil {
		return err
	}
	var list []web.Event
	for _, e := range events {
		x := web.Event{When: clock(e.At), Title: "第 " + versionText(e.Version) + " 版 · " + e.Source.Title(), Detail: e.Reason}
		for _, c := range e.Differences {
			x.Detail += " " + c.Title + "：" + dash(c.Before) + " → " + dash(c.After) + "；"
		}
		list = append(list, x)
	}
	p := page("变更记录")
	p.Crumbs = []web.Link{{Text: "企业档案", Href: "/enterprise/file"}}
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.Timeline(list))))
}

func (d *Desk) staff(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	t := web.Table{
		Caption: "在岗人员", Cols: []web.Col{{Name: "姓名"}, {Name: "岗位"}, {Name: "小区项目"}, {Name: "证书"}, {Name: "任职起"}, {Name: "任职止"}},
		None: web.Nothing{Text: "还没有登记人员。", Act: web.Link{Text: "登记人员", Href: "/enterprise/staff/new"}},
	}
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		firm, err := d.party(ctx, tx, who)
		if err != nil {
			return err
		}
		people, err := d.people(ctx, tx, r, firm)
		if err != nil {
			return err
		}
		var codes []code.ProjectCode
		for _, s := range people {
			codes = append(codes, s.Project)
		}
		names, err := registry.ProjectNames(ctx, tx, codes)
		for _, s := range people {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				{Text: s.Name, Sub: string(s.Identity)}, web.T(s.Post.Title()), web.T(names[s.Project]), web.T(s.Certificate), web.D(s.From), dateOr(s.To),
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	p := page("人员")
	p.Lead = "今天在岗的人员；个人信息已遮蔽"
	p.Acts = []web.Link{{Text: "登记人员", Href: "/enterprise/staff/new", Main: true}}
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}

func (d *Desk) people(ctx context.Context, tx *db.Tx, r *http.Request, firm party) ([]registry.Staff, error) {
	who := web.Actor(r)
	if firm.Whole {
		return d.Registry.StaffOfEnterprise(ctx, tx, who, firm.USCC, tx.Today())
	}
	var all []registry.Staff
	for _, p := range firm.Managed {
		some, err := d.Registry.StaffOfProject(ctx, tx, who, p.Code, tx.Today())
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func staffFields(projects []web.Option, whole bool) []web.Field {
	var posts []web.Option
	for _, c := range registry.Posts {
		posts = append(posts, web.Option{Value: c.Code, Text: c.Title})
	}
	return []web.Field{
		{Name: "name", Label: "姓名", Required: true, Max: 50},
		{Name: "identity", Label: "身份证号码", Required: true, Max: 18, Hint: "加密保存，只用于确认是同一个人"},
		{Name: "phone", Label: "手机号", Max: 30},
		{Name: "post", Label: "岗位", Kind: web.Select, Required: true, Options: posts},
		{Name: "project", Label: "小区项目", Kind: web.Select, Options: projects, Required: !whole, Hint: "项目经理必须登记到项目"},
		{Name: "certificate", Label: "证书编号", Max: 60},
		{Name: "from", Label: "任职起始日", Kind: web.Date, Required: true},
		{Name: "to", Label: "任职截止日", Kind: web.Date, Hint: "离岗时，用同一身份证号、岗位和起始日再登记一次，填上截止日"},
	}
}

func staffForm(f *web.Form) templ.Component {
	p := page("登记人员")
	p.Narrow = true
	p.Crumbs = []web.Link{{Text: "人员", Href: "/enterprise/staff"}}
	return web.Whole(p, web.Section(web.Box{}, web.FormView(f, web.FormBox{Submit: "登记", Cancel: "/enterprise/staff"})))
}

func (d *Desk) staffFields(r *http.Request) (fields []web.Field, firm party, err error) {
	err = d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if firm, err = d.party(r.Context(), tx, web.Actor(r)); err != nil {
			return err
		}
		projects, err := firm.projects(r.Context(), tx)
		fields = staffFields(projects, firm.Whole)
		return err
	})
	return fields, firm, err
}

func (d *Desk) staffPage(w http.ResponseWriter, r *http.Request) error {
	fields, _, err := d.staffFields(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, staffForm(web.NewForm(fields...)))
}

func (d *Desk) addStaff(w http.ResponseWriter, r *http.Request) error {
	fields, firm, err := d.staffFields(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	number, err := code.ParseIDNumber(f.Str("identity"))
	if err != nil && f.Str("identity") != "" {
		f.Refuse("identity", "身份证号码不正确，请核对。")
	}
	st := registry.Staff{
		Name: f.Str("name"), Identity: number, Phone: f.Str("phone"), Enterprise: firm.USCC, Project: code.ProjectCode(f.Str("project")),
		Post: registry.Post(f.Str("post")), Certificate: f.Str("certificate"), From: f.Date("from"), To: f.Date("to"),
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已登记。")
		_, err := d.Registry.PutStaffIn(ctx, tx, web.Actor(r), st)
		return "/enterprise/staff", err
	}, func() templ.Component { return staffForm(f) })
}
