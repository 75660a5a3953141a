package bureau

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/web"
)

var filingSpec = web.ListSpec{Filters: []web.Filter{{Name: "state", Label: "状态", Chips: true, Options: []web.Option{
	{Value: registry.Filed, Text: "待核对"}, {Value: registry.Returned, Text: "已退回"}, {Value: registry.Accepted, Text: "已登记"}, {Value: registry.Withdrawn, Text: "已撤回"},
}}}}

// filings lists what enterprises declared in the actor's area.
func (d *Desk) filings(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, filingSpec)
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "登记备案", List: l, None: web.Nothing{Text: "没有备案。", Act: web.Link{Text: "查看登记的企业", Href: "/bureau/enterprises"}},
		Cols: []web.Col{{Name: "备案"}, {Name: "对象"}, {Name: "企业"}, {Name: "区县"}, {Name: "状态"}, {Name: "最近变动"}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if err := authz.RequireAny(who, authz.RegistryRead); err != nil {
			return err
		}
		t.Rows = nil
		rows, err := web.Paged(l, func(after string, limit int) ([]registry.FilingRow, string, error) {
			before, err := db.ParseID(after)
			if err != nil {
				before = 0
			}
			part, err := registry.Filings(ctx, tx, who, l.Get("state"), before, min(limit+1, exportStep))
			if err != nil || len(part) <= limit {
				return part, "", err
			}
			return part[:limit], part[limit-1].ID.String(), nil
		})
		if err != nil {
			return err
		}
		var firms []code.USCC
		for _, x := range rows {
			firms = append(firms, x.Enterprise)
		}
		firm, err := registry.EnterpriseNames(ctx, tx, firms)
		if err != nil {
			return err
		}
		names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
			for _, x := range rows {
				if !yield(x.Division.Up(code.District)) {
					return
				}
			}
		})
		for _, x := range rows {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(x.Title, "/bureau/filings/"+x.ID.String()), web.T(x.Subject.Title()), web.T(firm[x.Enterprise]), web.T(names[x.Division.Up(code.District)]),
				web.Tagged(x.StateTitle(), filingTone(x.State)),
				{Text: clock(db.FromMillis(x.ChangedAt)), Nowrap: true},
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		if err := d.noteExport(ctx, who, authz.RegistryExport, "registry.exported", "registry_filing", len(t.Rows)); err != nil {
			return err
		}
		return web.Export(w, r, l, "登记备案", t)
	}
	return web.Show(w, r, http.StatusOK, page(web.Page{
		Title: "登记备案", Desk: Key, Lead: "企业填报的登记和变更，由所在区县核对", Acts: []web.Link{{Text: "企业", Href: "/bureau/enterprises"}, {Text: "项目", Href: "/bureau/projects"}, {Text: "批量导入", Href: "/bureau/import"}},
	}, card(web.Box{}, web.TableView(t))))
}

// exportStep is how many filings are read at once.
const exportStep = 200

func filingTone(state string) web.Tone {
	switch state {
	case registry.Filed:
		return web.Warn
	case registry.Accepted:
		return web.Good
	}
	return web.Plain
}

// filingView is a filing beside the register.
type filingView struct {
	f      registry.Filing
	diffs  []registry.Difference
	steps  []casework.Step
	may    []casework.Act
	second templ.Component // what only another person may do
	body   func(string) string
	words  string
}

func (d *Desk) filingView(ctx context.Context, who authz.Actor, id db.ID) (v filingView, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if v.f, err = d.Registry.Filing(ctx, tx, who, id); err != nil {
			return err
		}
		if v.diffs, err = d.Registry.Compare(ctx, tx, v.f); err != nil {
			return err
		}
		if v.steps, err = casework.History(ctx, tx, v.f.Case); err != nil {
			return err
		}
		v.may = casework.AllowedBy(who, v.f.Case, v.steps)
		v.second = otherPerson(who, v.f.Case, v.steps)
		v.words, _ = casework.Waits(v.f.Case.Due, tx.Today(), v.f.Case.Assumed)
		keys := []string{v.f.Case.Holder.Key()}
		if err := nameSteps(ctx, tx, v.steps); err != nil {
			return err
		}
		for _, s := range v.steps {
			keys = append(keys, s.Body)
		}
		v.body, err = bodyNames(ctx, tx, keys...)
		return err
	})
	return v, err
}

// filingFields ask for what the allowed acts want.
func filingFields(v filingView) []web.Field {
	f := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true}
	for _, a := range v.may {
		switch a.Name {
		case registry.ActAccept:
			f.Options = append(f.Options, web.Option{Value: a.Name, Text: a.Title, Hint: "按备案内容写入登记"})
		case registry.ActReturn:
			f.Options = append(f.Options, web.Option{Value: a.Name, Text: a.Title, Hint: "须写明要改什么"})
		}
	}
	if len(f.Options) == 0 {
		return nil
	}
	return []web.Field{{Name: "version", Kind: web.Carried, Max: 20}, f, {Name: "note", Label: "退回理由", Kind: web.Long, Max: 1000}}
}

func (d *Desk) filing(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.filingView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	var f *web.Form
	if fields := filingFields(v); fields != nil {
		f = web.NewForm(fields...).Set("version", itoa(v.f.Case.Version))
	}
	return web.Show(w, r, http.StatusOK, filingPage(v, f))
}

func filingPage(v filingView, f *web.Form) templ.Component {
	t := web.Table{Caption: "与登记的差别", Cols: []web.Col{{Name: "项目"}, {Name: "现在登记"}, {Name: "备案填报"}}, None: web.Nothing{Text: "与现在的登记没有差别。"}}
	for _, x := range v.diffs {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(x.Title), web.T(x.Before), web.T(x.After)}})
	}
	left := 12
	var side []templ.Component
	if f != nil {
		left = 8
		side = append(side, card(web.Box{Title: "核对", ID: "act", Cols: 4}, ask(f, web.FormBox{Action: "/bureau/filings/" + v.f.ID.String(), Submit: "提交"})))
	}
	var events []web.Event
	for i := len(v.steps) - 1; i >= 0; i-- {
		s := v.steps[i]
		events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Who: doer(v.body, s), Detail: s.Note})
	}
	lead := join(v.f.Subject.Title(), v.f.Reason)
	if v.f.Case.Due != 0 {
		lead = join(lead, "核对期限 "+v.f.Case.Due.String()+"（"+v.words+"）")
	}
	return page(
		web.Page{Title: v.f.Title, Desk: Key, Lead: lead, Tags: []web.Mark{{Text: v.f.Case.StateTitle(), Tone: filingTone(v.f.Case.State)}}, Crumbs: []web.Link{{Text: "登记备案", Href: "/bureau/filings"}}, Acts: subjectLink(v.f)},
		v.second,
		cols(append([]templ.Component{card(web.Box{Title: "与登记的差别", Cols: left}, web.TableView(t))}, side...)...),
		card(web.Box{Title: "办理记录"}, web.Timeline(events)),
	)
}

func subjectLink(f registry.Filing) []web.Link {
	switch {
	case f.BaseVersion == 0:
		return nil
	case f.Subject == registry.EnterpriseSubject:
		return []web.Link{{Text: "现在的登记", Href: "/bureau/enterprises/" + f.Code}}
	}
	return []web.Link{{Text: "现在的登记", Href: "/bureau/projects/" + f.Code}}
}

// decideFiling accepts a filing into the register, or returns it with reasons.
func (d *Desk) decideFiling(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.filingView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	fields := filingFields(v)
	if fields == nil { // decided meanwhile: the service says what is the matter
		fields = []web.Field{{Name: "version", Kind: web.Carried}, {Name: "act", Kind: web.Carried}, {Name: "note", Kind: web.Carried, Max: 1000}}
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(f.Str("version"), 10, 64)
	again := later(func(ctx context.Context) (templ.Component, error) {
		v, err := d.filingView(ctx, web.Actor(r), id)
		return filingPage(v, f), err
	})
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		to := "/bureau/filings/" + id.String()
		if f.Str("act") == registry.ActAccept {
			_, err := d.Registry.AcceptIn(ctx, tx, web.Actor(r), id, version)
			web.Say(r, "已核对登记。")
			return to, err
		}
		_, err := d.Registry.ReturnIn(ctx, tx, web.Actor(r), id, version, f.Str("note"))
		web.Say(r, "已退回，企业会收到理由。")
		return to, err
	}, again)
}
