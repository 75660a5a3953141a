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
	"juli/internal/supervision"
	"juli/internal/web"
)

// caseFields ask for a fault.
func caseFields(b *supervision.Book) []web.Field {
	kinds := []web.Option{{Value: "", Text: "核实后确定"}}
	for _, v := range b.Violations {
		kinds = append(kinds, web.Option{Value: v.Code, Text: v.Title})
	}
	return []web.Field{
		{Name: "channel", Label: "来源", Kind: web.Select, Required: true, Options: namedOptions(supervision.Channels), Group: "线索"},
		{Name: "ref", Label: "来源编号", Hint: "信访件、热线工单、报道或检查的编号"},
		{Name: "project", Label: "项目编码", Required: true, Max: 16, Hint: "16 位；在上面按名称选择项目后自动填好", Group: "问题"},
		{Name: "enterprise", Label: "企业的统一社会信用代码", Max: 18, Hint: "不填就是发现那天服务的企业；交接类问题或那天没有企业服务时，填写以前的企业"},
		{Name: "violation", Label: "违规事项", Kind: web.Select, Options: kinds},
		{Name: "spot", Label: "具体位置", Hint: "例如：3号楼2单元门口"},
		{Name: "found", Label: "发现日期", Kind: web.Date, Required: true},
		{Name: "facts", Label: "事实", Kind: web.Long, Required: true},
		{Name: "files", Label: "照片或材料", Kind: web.Files, Accept: evidenceTypes, Hint: "整改前的照片，每个不超过 20 MB"},
	}
}

// pickSpec is the search for the project that a fault was seen in.
var pickSpec = web.ListSpec{Sorts: []string{"name"}, Search: "项目名称或编码", Size: 5, Fixed: []string{"project"}}

// newCase asks for a fault. The project is found by its name among those of the
// official's area; the form below takes a code at once from who knows it.
func (d *Desk) newCase(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	b, today, err := d.bookNow(ctx)
	if err != nil {
		return err
	}
	l, err := web.ReadList(r, pickSpec)
	if err != nil {
		return err
	}
	f := web.NewForm(caseFields(b)...).Set("found", today)
	if picked := r.URL.Query().Get("project"); picked != "" {
		at, err := d.placed(ctx, who, code.ProjectCode(picked))
		if err != nil {
			return err
		}
		if at.Code == "" {
			return fault.New(fault.NotFound, "supervision.no-project", "您的辖区里没有这个项目，请按名称重新选择。")
		}
		return web.Show(w, r, http.StatusOK, newCasePage(f.Set("project", picked), at, nil))
	}
	t, err := d.pickTable(ctx, who, l)
	if err != nil {
		return err
	}
	if l.Format != "" {
		if err := d.noteExport(ctx, who, authz.RegistryExport, "registry.exported", "registry", len(t.Rows)); err != nil {
			return err
		}
		return web.Export(w, r, l, "项目", t)
	}
	return web.Show(w, r, http.StatusOK, newCasePage(f, registry.ProjectRow{}, web.TableView(t)))
}

// pickTable lists the projects of the actor's area by name.
func (d *Desk) pickTable(ctx context.Context, who authz.Actor, l *web.List) (web.Table, error) {
	t := web.Table{
		Caption: "选择项目", List: l, None: web.Nothing{Text: "您的辖区内还没有登记的项目。"},
		Cols: []web.Col{{Name: "项目"}, {Name: "地址"}, {Name: "企业"}},
	}
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := web.Paged(l, func(after string, limit int) ([]registry.ProjectRow, string, error) {
			return registry.ListProjects(ctx, tx, registry.ListQuery{Division: area(who), Text: l.Q, Sort: registry.Sort(l.Sort), After: after, Limit: limit})
		})
		t.Rows = nil
		for _, p := range rows {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Text: p.Name, Sub: string(p.Code), Href: "/bureau/cases/new?project=" + string(p.Code)}, web.T(orDash(p.Address)), web.T(orDash(p.EnterpriseName))}})
		}
		return err
	})
	return t, err
}

// placed reads a project of the actor's area; an empty row where it is not there.
func (d *Desk) placed(ctx context.Context, who authz.Actor, project code.ProjectCode) (at registry.ProjectRow, err error) {
	if project == "" {
		return at, nil
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		rows, _, err := registry.ListProjects(ctx, tx, registry.ListQuery{Division: area(who), Text: string(project), Sort: "code", Limit: 2})
		for _, p := range rows {
			if p.Code == project {
				at = p
			}
		}
		return err
	})
	return at, err
}

func newCasePage(f *web.Form, at registry.ProjectRow, pick templ.Component) templ.Component {
	var place templ.Component
	switch {
	case at.Code != "":
		place = web.Words(web.Facts([]web.Fact{
			{Name: "项目", Text: at.Name, Href: "/bureau/projects/" + string(at.Code)}, {Name: "企业", Text: orElse(at.EnterpriseName, "现在没有企业服务")}, {Name: "地址", Text: orDash(at.Address), Wide: true},
		}), web.Buttons([]web.Link{{Text: "换一个项目", Href: "/bureau/cases/new"}}))
	case pick != nil:
		place = pick
	default:
		place = web.Buttons([]web.Link{{Text: "按名称选择项目", Href: "/bureau/cases/new"}})
	}
	return page(web.Page{Title: "登记问题线索", Desk: Key, Narrow: true, Crumbs: []web.Link{{Text: "整改案件", Href: "/bureau/cases"}}},
		card(web.Box{Title: "在哪个项目"}, place),
		card(web.Box{Title: "问题"}, web.FormView(f, web.FormBox{Action: "/bureau/cases/new", Submit: "登记", Cancel: "/bureau/cases"})))
}

func (d *Desk) addCase(w http.ResponseWriter, r *http.Request) error {
	who := web.Actor(r)
	b, _, err := d.bookNow(r.Context())
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, caseFields(b)...)
	if err != nil {
		return err
	}
	up, err := web.Receive(r, d.Files, f, "files")
	if err != nil {
		return err
	}
	defer up.Close()
	project, wrong := code.ParseProjectCode(f.Str("project"))
	if wrong != nil && f.Str("project") != "" {
		f.Refuse("project", fault.From(wrong).Text)
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		files, err := idsOf(ctx, tx, up)
		if err != nil {
			return "", err
		}
		id, err := d.Cases.RegisterIn(ctx, tx, who, supervision.Fault{
			Channel: supervision.Channel(f.Str("channel")), SourceRef: f.Str("ref"), Project: project, Enterprise: f.USCC("enterprise"),
			Violation: f.Str("violation"), Facts: f.Str("facts"), Spot: f.Str("spot"), FoundOn: f.Date("found"), Files: files,
		})
		web.Say(r, "已登记，请在期限内核实。")
		return "/bureau/cases/" + id.String(), missingAt(err, "project")
	}, later(func(ctx context.Context) (templ.Component, error) {
		at, err := d.placed(ctx, who, project)
		return newCasePage(f, at, nil), err
	}))
}
