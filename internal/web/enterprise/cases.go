package enterprise

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/supervision"
	"juli/internal/web"
)

func (d *Desk) caseRoutes(on func(pattern string, act authz.Act, h web.Handler)) {
	on("GET /enterprise/cases", authz.SupervisionRead, d.cases)
	on("GET /enterprise/cases/{id}", authz.SupervisionRead, d.oneCase)
	on("POST /enterprise/cases/{id}", authz.SupervisionRead, d.actOnCase)
	on("GET /enterprise/cases/{id}/files/{file}", authz.FileRead, d.caseFile)
}

func caseSpec() web.ListSpec {
	var states []web.Option
	for _, s := range supervision.CaseMachine.States {
		if s.Name != supervision.Registered && s.Name != supervision.Verifying && s.Name != supervision.NotFound {
			states = append(states, web.Option{Value: s.Name, Text: s.Title})
		}
	}
	return web.ListSpec{Filters: []web.Filter{{Name: "state", Label: "状态", Options: states}, {Name: "project", Label: "项目编码", Like: web.LikeCode}, {Name: "from", Label: "查实自", Date: true}, {Name: "to", Label: "查实到", Date: true}, {Name: "late", Label: "期限", Chips: true, Options: []web.Option{{Value: "1", Text: "曾逾期"}}}}}
}

// cases lists the verified cases about the actor's enterprise or projects.
func (d *Desk) cases(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, caseSpec())
	if err != nil {
		return err
	}
	found, err := l.Period("from", "to")
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "整改案件", List: l, None: web.Nothing{Text: "没有查实的问题。", Act: web.Link{Text: "返回待办", Href: Home}},
		Cols: []web.Col{{Name: "问题"}, {Name: "项目"}, {Name: "状态"}, {Name: "查实日期"}, {Name: "整改期限"}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := web.Paged(l, func(after string, limit int) ([]supervision.Case, string, error) {
			last, err := db.ParseID(after)
			if err != nil {
				last = 0
			}
			part, err := d.Cases.List(ctx, tx, who, supervision.Query{State: l.Get("state"), Project: code.ProjectCode(l.Get("project")), From: found[0], To: found[1], Late: l.Get("late") == "1", After: last, Limit: limit + 1})
			if err != nil || len(part) <= limit {
				return part, "", err
			}
			return part[:limit], part[limit-1].ID.String(), nil
		})
		t.Rows = nil
		for i := range rows {
			c := &rows[i]
			deadline := web.T("—")
			if c.Deadline != 0 {
				deadline = web.D(c.Deadline)
			}
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				{Text: c.ViolationTitle, Sub: c.No, Href: "/enterprise/cases/" + c.ID.String()}, web.T(c.ProjectName), web.Tagged(c.StateTitle(), caseTone(c)), web.D(c.Verified), deadline,
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "本单位整改案件", t)
	}
	p := page("整改案件")
	p.Lead = "主管部门查实的问题：陈述申辩、整改、报告结果"
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}

func caseTone(c *supervision.Case) web.Tone {
	switch c.State {
	case supervision.Overdue:
		return web.Bad
	case supervision.Found, supervision.Longer, supervision.Handing, supervision.Ending, supervision.Ordered, supervision.Asking:
		return web.Warn
	case supervision.Closed, supervision.Archived:
		return web.Good
	}
	return web.Plain
}

func (d *Desk) caseOf(r *http.Request) (x supervision.Dossier, err error) {
	id, err := pathID(r, "id")
	if err != nil {
		return x, err
	}
	err = d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		x, err = d.Cases.CaseFor(r.Context(), tx, web.Actor(r), id)
		return err
	})
	return x, err
}

func (d *Desk) oneCase(w http.ResponseWriter, r *http.Request) error {
	x, err := d.caseOf(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, casePage(&x, caseForm(&x)))
}

var firmActs = []string{supervision.ActReport, supervision.ActReply, supervision.ActAsk}

func caseFields(x *supervision.Dossier) []web.Field {
	which := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true}
	hints := map[string]string{supervision.ActReport: "须上传整改后的照片", supervision.ActReply: "对查实的问题有不同意见或说明", supervision.ActAsk: "只能申请一次，须在期限届满前"}
	for _, name := range firmActs {
		if i := slices.IndexFunc(x.Allowed, func(a casework.Act) bool { return a.Name == name }); i >= 0 {
			which.Options = append(which.Options, web.Option{Value: name, Text: x.Allowed[i].Title, Hint: hints[name]})
		}
	}
	if len(which.Options) == 0 {
		return nil
	}
	until := web.Field{Name: "until", Label: "申请延至", Kind: web.Date, When: "申请延期时必填"}
	if x.ExtendTo != 0 {
		until.Hint = "原期限 " + x.Deadline.String() + "，最迟可延至 " + x.ExtendTo.String()
	}
	return []web.Field{
		{Name: "version", Kind: web.Carried, Max: 20},
		which,
		until,
		{Name: "note", Label: "情况说明", Kind: web.Long, Required: true},
		{Name: "files", Label: "照片或材料", Kind: web.Files, Accept: blob.Accept, When: "报告整改完成时必填"},
		{Name: "spot", Label: "拍摄位置", Hint: "例如：3号楼2单元门口"},
	}
}

func caseForm(x *supervision.Dossier) *web.Form {
	fields := caseFields(x)
	if fields == nil {
		return nil
	}
	f := web.NewForm(fields...).Set("version", versionText(x.Flow.Version))
	if len(fields[1].Options) == 1 {
		f.Set("act", fields[1].Options[0].Value)
	}
	return f
}

func casePage(x *supervision.Dossier, f *web.Form) templ.Component {
	p := page(x.ViolationTitle)
	p.Lead = x.No + " · " + x.ProjectName
	p.Crumbs = []web.Link{{Text: "整改案件", Href: "/enterprise/cases"}}
	p.Tags = []web.Mark{{Text: x.StateTitle(), Tone: caseTone(&x.Case)}}
	facts := []web.Fact{{Name: "具体位置", Text: dash(x.Spot)}, {Name: "查实日期", Text: x.Verified.String()}, {Name: "办案单位", Text: x.Authority}, {Name: "依据", Text: x.Rule.Basis, Wide: true}}
	if x.OrderNo != "" {
		facts = append(facts, web.Fact{Name: "整改通知", Text: x.OrderNo}, web.Fact{Name: "整改期限", Text: x.Deadline.String()})
	}
	if x.AskedUntil != 0 {
		facts = append(facts, web.Fact{Name: "申请延期", Text: extension(&x.Case)})
	}
	facts = append(facts, web.Fact{Name: "陈述申辩", Text: pleaWords(x)})
	acts := web.Quiet("现在没有需要贵单位办理的事项。")
	if f != nil {
		acts = web.FormView(f, web.FormBox{Submit: "提交"})
	}
	acts = web.Words(caseHead(x), acts)
	parts := []templ.Component{web.SideBySide(
		web.Section(web.Box{Title: "查实的问题", Cols: 7}, web.Facts(facts), web.Para(x.Facts)),
		web.Section(web.Box{Title: "办理", Cols: 5}, acts),
	)}
	if len(x.Proofs) > 0 {
		var list []web.Proof
		for _, y := range x.Proofs {
			list = append(list, web.Proof{Name: y.Name, Href: "/enterprise/cases/" + x.ID.String() + "/files/" + y.File.String(), Kind: y.PurposeTitle(), When: clock(y.At), SHA256: y.SHA256})
		}
		parts = append(parts, web.Section(web.Box{Title: "照片和材料"}, web.Proofs(list)))
	}
	t := web.Table{Caption: "处置措施", None: web.Nothing{Text: "没有处置措施。"}, Cols: []web.Col{{Name: "措施"}, {Name: "文号"}, {Name: "状态"}, {Name: "信用信息"}}}
	for i := range x.Measures {
		m := &x.Measures[i]
		if m.Decided == 0 {
			continue
		}
		record := web.T("—")
		if m.Record != 0 {
			record = web.L("查看扣分", "/enterprise/records/"+m.Record.String())
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(supervision.KindTitle(m.Kind)), web.T(m.Number), web.T(m.StateTitle()), record}})
	}
	var events []web.Event
	for _, s := range x.Steps {
		if s.From != casework.Start {
			events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Detail: s.Note})
		}
	}
	slices.Reverse(events)
	return web.Whole(p, append(parts, web.Section(web.Box{Title: "处置措施"}, web.TableView(t)), web.Section(web.Box{Title: "办理经过"}, web.Timeline(events)))...)
}

// extension says for how long more time was asked, and what came of it.
func extension(c *supervision.Case) string {
	switch {
	case c.State == supervision.Asking:
		return "申请延至 " + c.AskedUntil.String() + "，待主管部门决定"
	case c.Extended:
		return "申请延至 " + c.AskedUntil.String() + "，已同意延期"
	}
	return "申请延至 " + c.AskedUntil.String() + "，没有同意"
}

// pleaWords say until when the enterprise is heard; the form offers it by the same rule.
func pleaWords(x *supervision.Dossier) string {
	open := slices.ContainsFunc(x.Allowed, func(a casework.Act) bool { return a.Name == supervision.ActReply })
	until := x.ReplyDue.String() + "（含当日）"
	switch {
	case x.Replied != 0 && open:
		return "已于 " + x.Replied.String() + " 提出，" + until + "以前可以补充"
	case x.Replied != 0:
		return "已于 " + x.Replied.String() + " 提出"
	case open:
		return "可在 " + until + "以前提出"
	case x.Heard:
		return "期限到 " + until + "，没有提出，现在不能再提出"
	}
	return "期限到 " + until
}

// caseHead says whose turn it is and until when; what is late is late by the
// deadline that the enterprise missed, not by the term of the office.
func caseHead(x *supervision.Dossier) templ.Component {
	switch {
	case x.State == supervision.Overdue:
		return web.Notice(web.Bad, "整改已逾期", "整改期限是 "+x.Deadline.String()+"。案件已提级督办，贵单位仍须整改并报告。")
	case x.Flow.Due != 0 && x.Flow.Holder.Role == authz.Enterprise:
		return web.Quiet("整改期限 " + x.Flow.Due.String() + "，" + x.Words)
	case x.Flow.Due != 0:
		return web.Quiet("由" + x.Flow.Holder.Role.Title() + "办理，期限 " + x.Flow.Due.String() + "，" + x.Words)
	}
	return templ.NopComponent
}

func (d *Desk) actOnCase(w http.ResponseWriter, r *http.Request) error {
	x, err := d.caseOf(r)
	if err != nil {
		return err
	}
	fields := caseFields(&x)
	if !offered(fields, web.Posted(r, "act")) { // sent again, or too late: the service or the form's key answers
		all := x
		all.Allowed = supervision.CaseMachine.Acts
		fields = caseFields(&all)
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	up, err := web.Receive(r, d.Files, f, "files")
	if err != nil {
		return err
	}
	defer up.Close()
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		kept, err := up.Keep(ctx, tx)
		if err != nil {
			return "", err
		}
		t := supervision.Take{ID: x.ID, Version: f.Int("version"), Note: f.Str("note"), Spot: f.Str("spot"), Until: f.Date("until")}
		for _, k := range kept {
			t.Files = append(t.Files, k.ID)
		}
		do := map[string]func(context.Context, *db.Tx, authz.Actor, supervision.Take) error{
			supervision.ActReport: d.Cases.ReportIn, supervision.ActReply: d.Cases.ReplyIn, supervision.ActAsk: d.Cases.AskIn,
		}[f.Str("act")]
		web.Say(r, "已提交。")
		return "/enterprise/cases/" + x.ID.String(), do(ctx, tx, web.Actor(r), t)
	}, func() templ.Component { return casePage(&x, f) })
}

// offered says whether the form offers an act.
func offered(fields []web.Field, act string) bool {
	return slices.ContainsFunc(fields, func(f web.Field) bool {
		return f.Name == "act" && slices.ContainsFunc(f.Options, func(o web.Option) bool { return o.Value == act })
	})
}

// caseFile hands out one file of a case and writes it down.
func (d *Desk) caseFile(w http.ResponseWriter, r *http.Request) error {
	x, err := d.caseOf(r)
	if err != nil {
		return err
	}
	file, err := pathID(r, "file")
	if err != nil {
		return err
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error) {
		if err := authz.Require(who, authz.FileRead, x.Place()); err != nil {
			return 0, err
		}
		if !slices.ContainsFunc(x.Proofs, func(p supervision.Proof) bool { return p.File == file }) {
			return 0, fault.New(fault.NotFound, "supervision.no-file", "没有找到这份材料。")
		}
		return file, audit.Append(ctx, tx, who, "supervision.file-read", x.Object(), audit.Change{Act: authz.FileRead, At: x.Place(), Detail: map[string]any{"file": file}})
	})
}
