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
	"juli/internal/registry"
	"juli/internal/web"
)

const programmesAt = "/bureau/deed-programmes"

// programmes lists the sets of deeds with what they come to.
func (d *Desk) programmes(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	t := web.Table{Caption: "专项", None: web.Nothing{Text: "还没有专项。", Act: web.Link{Text: "看实事台账", Href: deedsAt}}, Cols: []web.Col{
		{Name: "专项"}, {Name: "范围"}, {Name: "起止日期"}, {Name: "实事（件）", Num: true}, {Name: "已销号（件）", Num: true}, {Name: "平均进度（%）", Num: true}, {Name: "受益人数（人）", Num: true}, {Name: "预算（元）", Num: true}, {Name: "已投入（元）", Num: true},
	}}
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		if err := authz.RequireAny(who, authz.DeedRead); err != nil {
			return err
		}
		list, err := deed.Programmes(ctx, tx, false)
		if err != nil {
			return err
		}
		var at []code.Division
		for _, p := range list {
			at = append(at, p.Division)
		}
		names, err := registry.DivisionNames(ctx, tx, slices.Values(at))
		t.Rows = nil
		for _, p := range list {
			to := deedsAt + "?programme=" + p.ID.String()
			spent := web.F(p.Spent)
			if p.Over() {
				spent.Sub = "超出预算"
			}
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(p.Name, programmesAt+"/"+p.ID.String()), web.T(names[p.Division]), web.T(p.Starts.String() + " 至 " + p.Ends.String()), web.N(p.Deeds, to), web.N(p.Solved, to+"&state=closed"),
				web.N(p.Percent, ""), web.N(p.People, to+"&sort=-people"), web.F(p.Budget), spent,
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	p := web.Page{Title: "实事专项", Desk: Key, Lead: "一组实事、一份预算、一个进度；合计来自各件实事", Crumbs: []web.Link{{Text: "实事台账", Href: deedsAt}}}
	if authz.Can(who, authz.DeedProgramme) {
		p.Acts = []web.Link{{Text: "设立专项", Href: programmesAt + "/new", Main: true}}
	}
	return web.Show(w, r, http.StatusOK, page(p, card(web.Box{}, web.TableView(t))))
}

func (d *Desk) programmeFields(r *http.Request) (fields []web.Field, err error) {
	l, err := d.readLedger(r.Context())
	if err != nil {
		return nil, err
	}
	var places []web.Option
	who := web.Actor(r)
	if authz.May(who, authz.DeedProgramme, authz.Place{Division: d.City}) {
		places = append(places, web.Option{Value: string(d.City), Text: d.CityName})
	}
	for _, o := range l.districts {
		if authz.May(who, authz.DeedProgramme, authz.Place{Division: code.Division(o.Value)}) {
			places = append(places, o)
		}
	}
	return []web.Field{
		{Name: "kind", Label: "种类", Kind: web.Select, Required: true, Options: deedOptions(l.book.Programmes)},
		{Name: "name", Label: "专项名称", Required: true, Max: 100},
		{Name: "division", Label: "范围", Kind: web.Select, Required: true, Options: places},
		{Name: "goal", Label: "目标", Kind: web.Long, Required: true},
		{Name: "starts", Label: "开始日期", Kind: web.Date, Required: true},
		{Name: "ends", Label: "结束日期", Kind: web.Date, Required: true},
		{Name: "budget", Label: "预算", Kind: web.MoneyIn, Required: true},
		{Name: "reason", Label: "预算依据", Required: true, Max: 100},
		{Name: "open", Label: "在公众页面公开", Kind: web.Check},
	}, nil
}

func newProgrammePage(f *web.Form) templ.Component {
	return page(web.Page{Title: "设立专项", Desk: Key, Narrow: true, Crumbs: []web.Link{{Text: "实事台账", Href: deedsAt}, {Text: "专项", Href: programmesAt}}},
		card(web.Box{}, ask(f, web.FormBox{Action: programmesAt + "/new", Submit: "设立", Cancel: programmesAt})))
}

func (d *Desk) newProgramme(w http.ResponseWriter, r *http.Request) error {
	fields, err := d.programmeFields(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, newProgrammePage(web.NewForm(fields...)))
}

func (d *Desk) addProgramme(w http.ResponseWriter, r *http.Request) error {
	fields, err := d.programmeFields(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		id, err := d.Deeds.AddProgrammeIn(ctx, tx, web.Actor(r), deed.Programme{
			Kind: f.Str("kind"), Name: f.Str("name"), Division: code.Division(f.Str("division")), Goal: f.Str("goal"), Starts: f.Date("starts"), Ends: f.Date("ends"), Budget: f.Fen("budget"), Open: f.Bool("open"),
		}, f.Str("reason"))
		tx.OnCommit(d.published)
		web.Say(r, "已设立专项。受理实事时可以纳入。")
		return programmesAt + "/" + id.String(), err
	}, func() templ.Component { return newProgrammePage(f) })
}

var budgetFields = []web.Field{{Name: "budget", Label: "新的预算", Kind: web.MoneyIn, Required: true}, {Name: "reason", Label: "调整理由", Required: true, Max: 100}}

func (d *Desk) programmePage(ctx context.Context, who authz.Actor, id db.ID, f *web.Form) (templ.Component, error) {
	var p deed.Programme
	if err := d.DB.Read(ctx, func(tx *db.Tx) (err error) { p, err = d.Deeds.Programme(ctx, tx, who, id); return err }); err != nil {
		return nil, err
	}
	to := deedsAt + "?programme=" + id.String()
	head := web.Page{Title: p.Name, Desk: Key, Lead: p.Starts.String() + " 至 " + p.Ends.String(), Crumbs: []web.Link{{Text: "实事台账", Href: deedsAt}, {Text: "专项", Href: programmesAt}}}
	spent := web.Figure{Label: "已投入", Value: web.TenThousandYuan(p.Spent), Unit: "万元", Of: "预算 " + web.TenThousandYuan(p.Budget) + " 万元", Href: to}
	if p.Over() {
		spent.Tone = web.Bad
		head.Tags = []web.Mark{{Text: "超出预算", Tone: web.Bad}}
	}
	parts := []templ.Component{
		web.Figures("专项合计", []web.Figure{
			{Label: "实事", Value: web.Count(p.Deeds), Unit: "件", Href: to},
			{Label: "已销号", Value: web.Count(p.Solved), Unit: "件", Of: web.Ratio(p.Solved, p.Deeds), Href: to + "&state=closed"},
			{Label: "受益人数", Value: web.Count(p.People), Unit: "人", Href: to + "&sort=-people"},
			spent,
		}),
		card(web.Box{Title: "目标和进度"}, text(p.Goal), web.Meter(web.Gauge{Label: "平均进度", Text: web.Count(p.Percent) + "%", Value: p.Percent, Need: 100, All: 100}), web.Buttons([]web.Link{{Text: "看各件实事", Href: to}})),
	}
	if authz.May(who, authz.DeedProgramme, authz.Place{Division: p.Division}) {
		parts = append(parts, card(web.Box{Title: "调整预算"}, ask(f, web.FormBox{Action: programmesAt + "/" + id.String(), Submit: "调整预算"})))
	}
	return page(head, parts...), nil
}

func (d *Desk) programme(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	p, err := d.programmePage(r.Context(), web.Actor(r), id, web.NewForm(budgetFields...))
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, p)
}

func (d *Desk) setBudget(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, budgetFields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		tx.OnCommit(d.published)
		web.Say(r, "已调整预算，原预算仍保留在记录中。")
		return programmesAt + "/" + id.String(), d.Deeds.SetBudgetIn(ctx, tx, web.Actor(r), id, f.Fen("budget"), f.Str("reason"))
	}, later(func(ctx context.Context) (templ.Component, error) { return d.programmePage(ctx, web.Actor(r), id, f) }))
}
