package bureau

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/web"
)

const deedsAt = "/bureau/deeds"

var (
	deedWork = work{deed.Machine, map[string]string{
		deed.Collected: "受理", deed.Accepted: "排定", deed.Scheduled: "开始", deed.Doing: "报告进展", deed.Done: "回访", deed.Verified: "销号", deed.Suspending: "签批暂缓", deed.Suspended: "已暂缓",
	}, deedsAt + "/"}
	deedMonthWork = work{deed.MonthMachine, map[string]string{deed.MonthDue: "报送"}, "/bureau/deed-duties/"}
)

// deedRoutes are the pages of the ledger.
func (d *Desk) deedRoutes(on func(pattern string, act authz.Act, h web.Handler)) {
	on("GET /bureau/deeds", authz.DeedRead, d.deeds)
	on("GET /bureau/deeds/new", authz.DeedCollect, d.newDeed)
	on("POST /bureau/deeds/new", authz.DeedCollect, d.addDeed)
	on("GET /bureau/deeds/{id}", authz.DeedRead, d.deed)
	on("POST /bureau/deeds/{id}", authz.DeedRead, d.actOnDeed)
	on("POST /bureau/deeds/{id}/sign", authz.DeedSign, d.signDeed)
	on("POST /bureau/deeds/{id}/publish", authz.DeedPublish, d.publishDeed)
	on("POST /bureau/deeds/{id}/names", authz.DeedVerify, d.nameServed)
	on("POST /bureau/deeds/{id}/calls", authz.DeedVerify, d.callServed)
	on("GET /bureau/deeds/{id}/sheet", authz.DeedSheet, d.deedSheet)
	on("GET /bureau/deeds/{id}/files/{file}", authz.FileRead, d.deedFile)
	on("GET /bureau/deed-programmes", authz.DeedRead, d.programmes)
	on("GET /bureau/deed-programmes/new", authz.DeedProgramme, d.newProgramme)
	on("POST /bureau/deed-programmes/new", authz.DeedProgramme, d.addProgramme)
	on("GET /bureau/deed-programmes/{id}", authz.DeedRead, d.programme)
	on("POST /bureau/deed-programmes/{id}", authz.DeedProgramme, d.setBudget)
	on("GET /bureau/deed-months", authz.DeedRead, d.deedMonths)
	on("GET /bureau/deed-months/{month}", authz.DeedRead, d.deedMonth)
	on("POST /bureau/deed-months/{month}", authz.DeedPublished, d.publishedTotal)
	on("GET /bureau/deed-duties/{id}", authz.DeedRead, d.deedDuty)
	on("POST /bureau/deed-duties/{id}", authz.DeedMonth, d.freezeMonth)
}

func deedOptions(list []deed.Choice) []web.Option {
	var out []web.Option
	for _, c := range list {
		out = append(out, web.Option{Value: c.Code, Text: c.Title})
	}
	return out
}

// deedStates are the states to filter by, in the order of the way.
func deedStates() (out []web.Option) {
	for _, s := range deed.Machine.States {
		out = append(out, web.Option{Value: s.Name, Text: s.Title})
	}
	return out
}

// A ledger is what pages of deeds need besides the deeds.
type ledger struct {
	book       *deed.Book
	programmes []deed.Programme
	districts  []web.Option
}

func (d *Desk) ledger(ctx context.Context, tx *db.Tx) (l ledger, err error) {
	if l.book, err = d.Deeds.Books.InForce(ctx, tx, tx.Today()); err != nil {
		return l, err
	}
	if l.programmes, err = deed.Programmes(ctx, tx, false); err != nil {
		return l, err
	}
	list, err := registry.Districts(ctx, tx, tx.Today())
	for _, x := range list {
		l.districts = append(l.districts, web.Option{Value: string(x.Code), Text: x.Name})
	}
	return l, err
}

func (l ledger) programmeOptions() (out []web.Option) {
	for _, p := range l.programmes {
		out = append(out, web.Option{Value: p.ID.String(), Text: p.Name})
	}
	return out
}

func (l ledger) spec() web.ListSpec {
	s := web.ListSpec{
		Sorts: []string{"-entered", "deadline", "-people"}, Search: "事项名称或编号",
		Filters: []web.Filter{
			{Name: "state", Label: "状态", Options: deedStates()},
			{Name: "district", Label: "区县", Options: l.districts},
			{Name: "category", Label: "类别", Options: deedOptions(l.book.Categories)},
			{Name: "late", Label: "期限", Options: []web.Option{{Value: "1", Text: "已逾期"}}, Any: "不限"},
			{Name: "month", Label: "销号月份", Like: monthLike},
		},
	}
	if o := l.programmeOptions(); len(o) > 0 {
		s.Filters = append(s.Filters, web.Filter{Name: "programme", Label: "专项", Options: o})
	}
	return s
}

func deedQuery(l *web.List) deed.Query {
	programme, _ := db.ParseID(l.Get("programme")) // an option of the list
	return deed.Query{
		District: code.Division(l.Get("district")), State: l.Get("state"), Category: l.Get("category"), Programme: programme, Late: l.Get("late") == "1",
		Month: deed.Month(l.Get("month")), Text: l.Q, Sort: l.Sort, Desc: l.Desc, After: l.After(), Limit: l.Limit(),
	}
}

// deeds lists the ledger as far as the actor may read it.
func (d *Desk) deeds(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var l *web.List
	var t web.Table
	var led ledger
	var sum deed.Totals
	var served web.Figure
	err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if led, err = d.ledger(ctx, tx); err != nil {
			return err
		}
		if l, err = web.ReadList(r, led.spec()); err != nil {
			return err
		}
		q := deedQuery(l)
		rows, err := deed.List(ctx, tx, who, q)
		if err != nil {
			return err
		}
		if sum, err = deed.Sum(ctx, tx, who, q); err != nil {
			return err
		}
		people, state, words, err := deed.Benefited(ctx, tx, who, q)
		if err != nil {
			return err
		}
		served = web.Figure{Label: "受益人数", Value: web.Count(people), Unit: "人", Of: words, Href: l.With("state", state, "sort", "-people")}
		rows = web.Cut(l, rows, func(x deed.Deed) []string { return x.Key(l.Sort) })
		l.Total(sum.Matters)
		t, err = deedTable(ctx, tx, l, led, rows)
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		if err := authz.RequireAny(who, authz.DeedExport); err != nil {
			return err
		}
		if err := d.noteExport(ctx, who, authz.DeedExport, "deed.exported", "deed", len(t.Rows)); err != nil {
			return err
		}
		return web.Export(w, r, l, "实事台账", t)
	}
	p := web.Page{Title: "为群众办实事台账", Desk: Key, Lead: "登记、受理、排定、办理、回访、销号，一件一账", Acts: []web.Link{{Text: "专项", Href: "/bureau/deed-programmes"}, {Text: "月报", Href: "/bureau/deed-months"}}}
	if authz.Can(who, authz.DeedCollect) {
		p.Acts = append(p.Acts, web.Link{Text: "登记实事", Href: deedsAt + "/new", Main: true})
	}
	figures := []web.Figure{
		{Label: "列出的实事", Value: web.Count(sum.Matters), Unit: "件", Href: l.With()},
		served,
		{Label: "已逾期", Value: web.Count(sum.Late), Unit: "件", Href: l.With("late", "1"), Tone: lateTone(sum.Late)},
	}
	return web.Show(w, r, http.StatusOK, page(p, web.Figures("列表合计", figures), card(web.Box{}, web.TableView(t))))
}

func lateTone(n int64) web.Tone {
	if n > 0 {
		return web.Bad
	}
	return web.Plain
}

func deedTone(state string) web.Tone {
	switch state {
	case deed.Closed:
		return web.Good
	case deed.Done, deed.Verified, deed.Doing, deed.Scheduled:
		return web.Info
	case deed.Suspending, deed.Suspended, deed.Collected:
		return web.Warn
	}
	return web.Plain
}

func deedTable(ctx context.Context, tx *db.Tx, l *web.List, led ledger, rows []deed.Deed) (web.Table, error) {
	t := web.Table{
		Caption: "实事", List: l, None: web.Nothing{Text: "台账里还没有实事。", Act: web.Link{Text: "登记实事", Href: deedsAt + "/new"}},
		Cols: []web.Col{{Name: "事项", Key: "entered"}, {Name: "类别"}, {Name: "区县"}, {Name: "牵头单位"}, {Name: "状态"}, {Name: "完成期限", Key: "deadline"}, {Name: "进度（%）", Num: true}, {Name: "受益人数（人）", Key: "people", Num: true}},
	}
	var at []code.Division
	for _, x := range rows {
		at = append(at, x.District)
	}
	names, err := registry.DivisionNames(ctx, tx, slices.Values(at))
	for _, x := range rows {
		end := web.D(x.Deadline)
		if x.Late(tx.Today()) {
			end.Sub = web.DueOf(x.Deadline, tx.Today()).Text
		} else {
			end.Sub = x.OverdueWords()
		}
		title := web.L(x.Title, deedsAt+"/"+x.ID.String())
		title.Sub = x.Number
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			title, web.T(deed.Title(led.book.Categories, x.Category)), web.T(names[x.District]), web.T(x.Lead.Role.Title()), web.Tagged(x.StateTitle(), deedTone(x.State)),
			end, web.N(x.Percent, ""), web.N(x.People, ""),
		}})
	}
	return t, err
}

func (l ledger) newFields() []web.Field {
	return []web.Field{
		{Name: "title", Label: "事项名称", Required: true, Max: 80, Hint: "会对外公开，不写姓名和电话", Group: "什么事"},
		{Name: "category", Label: "类别", Kind: web.Select, Required: true, Options: deedOptions(l.book.Categories)},
		{Name: "detail", Label: "诉求内容", Kind: web.Long, Required: true, Hint: "不对外公开"},
		{Name: "project", Label: "项目编码", Max: 16, Hint: "发生在哪个小区；填写后不用填区划", Group: "在哪里"},
		{Name: "division", Label: "区划代码", Max: 12, Hint: "没有项目编码时填写区县、街道或社区的代码"},
		{Name: "source", Label: "来源", Kind: web.Select, Required: true, Options: deedOptions(l.book.Sources), Group: "从哪里来"},
		{Name: "source_ref", Label: "来源说明", Max: 100},
		{Name: "order", Label: "12345 工单号", Max: 40, Hint: "同一工单只计一件"},
		{Name: "case", Label: "监管案件编号", Max: 40, Hint: "同一案件只计一件"},
	}
}

func (d *Desk) readLedger(ctx context.Context) (l ledger, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error { l, err = d.ledger(ctx, tx); return err })
	return l, err
}

func newDeedPage(f *web.Form) templ.Component {
	return page(web.Page{Title: "登记实事", Desk: Key, Narrow: true, Lead: "登记后由所在区县决定是否受理", Crumbs: []web.Link{{Text: "实事台账", Href: deedsAt}}},
		card(web.Box{}, ask(f, web.FormBox{Action: deedsAt + "/new", Submit: "登记", Cancel: deedsAt})))
}

func (d *Desk) newDeed(w http.ResponseWriter, r *http.Request) error {
	l, err := d.readLedger(r.Context())
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, newDeedPage(web.NewForm(l.newFields()...)))
}

func (d *Desk) addDeed(w http.ResponseWriter, r *http.Request) error {
	l, err := d.readLedger(r.Context())
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, l.newFields()...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		id, err := d.Deeds.CollectIn(ctx, tx, web.Actor(r), deed.Draft{
			Title: f.Str("title"), Category: f.Str("category"), Source: f.Str("source"), SourceRef: f.Str("source_ref"), Order: f.Str("order"), Case: f.Str("case"),
			Division: f.Str("division"), Project: f.Str("project"), Detail: f.Str("detail"),
		})
		web.Say(r, "已登记，等待所在区县受理。")
		return deedsAt + "/" + id.String(), err
	}, func() templ.Component { return newDeedPage(f) })
}

// deedFile sends a picture or a paper; reading it is an event.
func (d *Desk) deedFile(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	file, err := pathID(r, "file")
	if err != nil {
		return err
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error) {
		return file, d.Deeds.FileIn(ctx, tx, who, id, file)
	})
}

// goneAct says that an act is no longer there to take.
func goneAct() error {
	return fault.New(fault.Conflict, "casework.stale", "这件事项已有变动，现在没有您可以办理的操作。请返回查看最新内容。")
}
