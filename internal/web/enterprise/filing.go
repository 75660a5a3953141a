package enterprise

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/web"
)

// A declared is a filing's form: which subject, what the register says, what was typed.
type declared struct {
	registry.Filing
	Now map[string]string // the register's values, personal ones masked; nil for a new subject
}

// fixed are the fields that a filing does not declare: identity, and who manages.
var fixed = []string{"uscc", "code", "enterprise", "state"}

// agreed are the fields of a contract: who takes a project over has its own.
var agreed = []string{"contract_party", "contract_kind", "contract_from", "contract_to", "filing_number", "filing_date"}

var dates = []string{"founded", "contract_from", "contract_to", "filing_date"}

func (x *declared) columns() []registry.Column {
	cols := registry.ProjectColumns()
	if x.Subject == registry.EnterpriseSubject {
		cols = registry.EnterpriseColumns()
	}
	return slices.DeleteFunc(cols, func(c registry.Column) bool { return slices.Contains(fixed, c.Key) })
}

// fields make a form of the register's columns. Personal data is never sent out
// again: left empty, it stays as it is.
func (x *declared) fields() []web.Field {
	var fields []web.Field
	for _, c := range x.columns() {
		f := web.Field{Name: c.Key, Label: c.Title, Hint: c.Hint, Required: c.Required && (!c.Private || x.Now == nil)}
		switch {
		case len(c.Choices) > 0:
			f.Kind, f.Options = web.Select, options(c.Choices)
		case slices.Contains(dates, c.Key):
			f.Kind, f.Hint = web.Date, ""
		case c.Key == "boundary" || c.Key == "facilities":
			f.Kind = web.Long
		}
		if c.Private && x.Now != nil {
			f.Hint = "登记为 " + dash(x.Now[c.Key]) + "；不变更就不填"
		}
		fields = append(fields, f)
	}
	return append(fields,
		web.Field{Name: "reason", Label: "备案说明", Kind: web.Long, Max: 1000, Group: "提交"},
		web.Field{Name: "do", Label: "保存方式", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "file", Text: "提交区县核对"}, {Value: "draft", Text: "先存草稿"}}},
		web.Field{Name: "version", Kind: web.Carried, Max: 20},
	)
}

func (x *declared) form() *web.Form {
	f := web.NewForm(x.fields()...).Set("do", "file").Set("version", versionText(x.Case.Version)).Set("reason", x.Reason)
	for _, c := range x.columns() {
		v, typed := x.Values[c.Key]
		anew := x.takesOver() && slices.Contains(agreed, c.Key) // the new one's own contract
		if !typed && !c.Private && !anew {
			v = x.Now[c.Key]
		}
		f.Set(c.Key, v)
	}
	return f
}

// takesOver says whether the project is another enterprise's until now.
func (x *declared) takesOver() bool {
	return x.Now != nil && x.Values["enterprise"] != "" && x.Values["enterprise"] != x.Now["enterprise"]
}

// take reads the form: of a registered subject only what differs is declared.
func (x *declared) take(f *web.Form) registry.Filing {
	out := x.Filing
	out.Values = map[string]string{}
	for _, c := range x.columns() {
		v := f.Str(c.Key)
		if x.Now != nil && (v == x.Now[c.Key] || c.Private && v == "") {
			continue
		}
		out.Values[c.Key] = v
	}
	if v, ok := x.Values["enterprise"]; ok {
		out.Values["enterprise"] = v
	}
	out.Reason = f.Str("reason")
	return out
}

// begin finds what a new filing is about, from the address: the enterprise
// itself, a project that is there (one's own, or one to be taken over), a new one.
func (d *Desk) begin(ctx context.Context, tx *db.Tx, r *http.Request) (x declared, err error) {
	who, q := web.Actor(r), r.URL.Query()
	firm, err := d.party(ctx, tx, who)
	if err != nil {
		return x, err
	}
	x.Enterprise, x.Values = firm.USCC, map[string]string{}
	switch {
	case q.Get("project") != "":
		c, err := code.ParseProjectCode(q.Get("project"))
		if err != nil {
			return x, err
		}
		p, err := d.Registry.Project(ctx, tx, c)
		if err != nil {
			return x, err
		}
		x.Subject, x.Code, x.Now = registry.ProjectSubject, string(c), p.Values()
		if p.Enterprise != firm.USCC {
			x.Values["enterprise"] = string(firm.USCC)
		}
	case q.Get("subject") == "project":
		x.Subject = registry.ProjectSubject
	default:
		e, err := d.Registry.EnterpriseFor(ctx, tx, who, firm.USCC)
		if err != nil {
			return x, err
		}
		x.Subject, x.Code, x.Now = registry.EnterpriseSubject, string(firm.USCC), e.Values()
	}
	return x, nil
}

// reopen reads a filing that is being written.
func (d *Desk) reopen(ctx context.Context, tx *db.Tx, r *http.Request) (x declared, err error) {
	who := web.Actor(r)
	id, err := pathID(r, "id")
	if err != nil {
		return x, err
	}
	if x.Filing, err = d.Registry.Filing(ctx, tx, who, id); err != nil {
		return x, err
	}
	if s := x.Case.State; s != registry.Draft && s != registry.Returned {
		return x, fault.New(fault.Conflict, "registry.not-draft", "这份备案%s，不能修改。", x.Case.StateTitle())
	}
	if x.BaseVersion == 0 {
		return x, nil
	}
	if x.Subject == registry.EnterpriseSubject {
		e, err := d.Registry.EnterpriseFor(ctx, tx, who, x.Enterprise)
		x.Now = e.Values()
		return x, err
	}
	p, err := d.Registry.Project(ctx, tx, code.ProjectCode(x.Code))
	x.Now = p.Values()
	return x, err
}

func (x *declared) page(f *web.Form) templ.Component {
	title := x.Subject.Title() + "备案"
	if x.Now != nil {
		title += "：" + x.Now["name"]
	}
	p := page(title)
	p.Narrow = true
	p.Crumbs = []web.Link{{Text: "登记备案", Href: "/enterprise/filings"}}
	parts := []templ.Component{}
	if x.takesOver() {
		parts = append(parts, web.Notice(web.Info, "接管项目", "核对登记后，这个项目由本企业服务，从合同起始日算起，但不早于提交备案之日。请填写新的合同信息。"))
	}
	return web.Whole(p, append(parts, web.Section(web.Box{}, web.FormView(f, web.FormBox{Submit: "保存", Cancel: "/enterprise/filings"})))...)
}

type finder func(ctx context.Context, tx *db.Tx, r *http.Request) (declared, error)

func (d *Desk) showDeclared(w http.ResponseWriter, r *http.Request, find finder) error {
	var x declared
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) { x, err = find(r.Context(), tx, r); return err }); err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, x.page(x.form()))
}

func (d *Desk) keepDeclared(w http.ResponseWriter, r *http.Request, find finder) error {
	var x declared
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) { x, err = find(r.Context(), tx, r); return err }); err != nil {
		return err
	}
	f, err := web.ReadForm(r, x.fields()...)
	if err != nil {
		return err
	}
	if !f.OK() && f.Str("do") == "file" {
		err := d.DB.Read(r.Context(), func(tx *db.Tx) error { return d.Registry.Faults(r.Context(), tx, web.Actor(r), x.take(f)) })
		f.RefuseAll(err)
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		kept, err := d.Registry.SaveDraftIn(ctx, tx, web.Actor(r), x.take(f), f.Int("version"))
		if err != nil {
			return "", err
		}
		to := "/enterprise/filings/" + kept.ID.String()
		if f.Str("do") != "file" {
			web.Say(r, "草稿已保存。")
			return to, nil
		}
		web.Say(r, "已提交，等待区县核对。")
		_, err = d.Registry.FileIn(ctx, tx, web.Actor(r), kept.ID, kept.Case.Version)
		return to, err
	}, func() templ.Component { return x.page(f) })
}

func (d *Desk) filingNew(w http.ResponseWriter, r *http.Request) error {
	return d.showDeclared(w, r, d.begin)
}

func (d *Desk) filingAdd(w http.ResponseWriter, r *http.Request) error {
	return d.keepDeclared(w, r, d.begin)
}

func (d *Desk) filingEdit(w http.ResponseWriter, r *http.Request) error {
	return d.showDeclared(w, r, d.reopen)
}

func (d *Desk) filingSave(w http.ResponseWriter, r *http.Request) error {
	return d.keepDeclared(w, r, d.reopen)
}

func (d *Desk) filings(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var states []web.Option
	for _, s := range registry.FilingMachine.States {
		states = append(states, web.Option{Value: s.Name, Text: s.Title})
	}
	l, err := web.ReadList(r, web.ListSpec{Filters: []web.Filter{{Name: "state", Label: "状态", Options: states, Chips: true}}})
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "登记备案", List: l, Cols: []web.Col{{Name: "备案"}, {Name: "编号"}, {Name: "状态"}, {Name: "更新时间"}},
		None: web.Nothing{Text: "还没有备案。", Act: web.Link{Text: "变更企业信息", Href: "/enterprise/filings/new?subject=enterprise"}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		rows, err := web.Paged(l, func(after string, limit int) ([]registry.FilingRow, string, error) {
			before, err := cursorID(after)
			if err != nil {
				return nil, "", err
			}
			rows, err := registry.Filings(ctx, tx, web.Actor(r), l.Get("state"), before, limit)
			if err != nil || len(rows) < limit {
				return rows, "", err
			}
			return rows, rows[len(rows)-1].ID.String(), nil
		})
		for _, x := range rows {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(x.Title, "/enterprise/filings/"+x.ID.String()), {Text: x.ID.String(), Nowrap: true}, web.Tagged(x.StateTitle(), filingTone(x.State)), web.T(clock(db.FromMillis(x.ChangedAt))),
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "登记备案", t)
	}
	p := page("登记备案")
	p.Acts = []web.Link{{Text: "变更企业信息", Href: "/enterprise/filings/new?subject=enterprise"}, {Text: "登记新项目", Href: "/enterprise/filings/new?subject=project", Main: true}}
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}

func cursorID(after string) (db.ID, error) {
	if after == "" {
		return 0, nil
	}
	return db.ParseID(after)
}

func filingTone(state string) web.Tone {
	switch state {
	case registry.Accepted:
		return web.Good
	case registry.Returned:
		return web.Bad
	case registry.Filed:
		return web.Info
	}
	return web.Plain
}

func (d *Desk) filing(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	var f registry.Filing
	var diffs []registry.Difference
	var steps []casework.Step
	err = d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if f, err = d.Registry.Filing(ctx, tx, who, id); err != nil {
			return err
		}
		if diffs, err = d.Registry.Compare(ctx, tx, f); err != nil {
			return err
		}
		steps, err = casework.History(ctx, tx, f.Case)
		return err
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, filingView(f, diffs, steps, authz.May(who, authz.RegistryFile, f.Case.Place)))
}

func filingView(f registry.Filing, diffs []registry.Difference, steps []casework.Step, files bool) templ.Component {
	p := page(f.Title)
	p.Lead = "编号 " + f.ID.String()
	p.Tags = []web.Mark{{Text: f.Case.StateTitle(), Tone: filingTone(f.Case.State)}}
	p.Crumbs = []web.Link{{Text: "登记备案", Href: "/enterprise/filings"}}
	own := "/enterprise/filings/" + f.ID.String()
	open := f.Case.State == registry.Draft || f.Case.State == registry.Returned
	if open && files {
		p.Acts = []web.Link{{Text: "修改并提交", Href: own + "/edit", Main: true}}
	}
	t := web.Table{Caption: "申报的内容", Cols: []web.Col{{Name: "内容"}, {Name: "登记的"}, {Name: "申报的"}}, None: web.Nothing{Text: "与登记的内容没有差别。"}}
	for _, x := range diffs {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(x.Title), web.T(x.Before), web.T(x.After)}})
	}
	var events []web.Event
	for _, s := range slices.Backward(steps) {
		events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Who: casework.ParseHolder(s.Body).Role.Title(), Detail: s.Note})
	}
	parts := []templ.Component{
		web.SideBySide(
			web.Section(web.Box{Title: "申报的内容", Cols: 8}, web.TableView(t), web.Para(f.Reason)),
			web.Section(web.Box{Title: "办理经过", Cols: 4}, web.Timeline(events)),
		),
	}
	if files && !f.Case.Closed {
		form := web.NewForm(web.Field{Name: "version", Kind: web.Carried, Max: 20}).Set("version", versionText(f.Case.Version))
		parts = append(parts, web.Section(web.Box{Title: "撤回"}, web.Quiet("撤回后这份备案不再办理；需要时另行起草。"), web.FormView(form, web.FormBox{Action: own + "/withdraw", Submit: "撤回备案", Danger: true})))
	}
	return web.Whole(p, parts...)
}

func (d *Desk) filingWithdraw(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, web.Field{Name: "version", Kind: web.Carried, Max: 20})
	if err != nil {
		return err
	}
	return web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := d.Registry.WithdrawIn(ctx, tx, web.Actor(r), id, f.Int("version"))
		web.Say(r, "备案已撤回。")
		return "/enterprise/filings/" + id.String(), err
	})
}
