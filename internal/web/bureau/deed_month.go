package bureau

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/registry"
	"juli/internal/web"
)

const (
	monthsAt  = "/bureau/deed-months"
	dutiesAt  = "/bureau/deed-duties/"
	monthsMax = 24 // listed
)

// deedMonths lists the last months with what they come to.
func (d *Desk) deedMonths(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	t := web.Table{Caption: "月报", Cols: []web.Col{{Name: "月份"}, {Name: "已报送（区县）", Num: true}, {Name: "销号（件）", Num: true}, {Name: "受益人数（人）", Num: true}, {Name: "投入资金（元）", Num: true}, {Name: "与外部报表"}}, None: web.Nothing{Text: "还没有月报。", Act: web.Link{Text: "看实事台账", Href: deedsAt}}}
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		months, err := deed.Months(ctx, tx, monthsMax)
		if err != nil {
			return err
		}
		t.Rows = nil
		for _, m := range months {
			rep, err := d.Deeds.Report(ctx, tx, who, m)
			if err != nil {
				return err
			}
			to := deedsAt + "?month=" + string(m)
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(m.Title(), monthsAt+"/"+string(m)), web.T(web.Ratio(int64(rep.Frozen), int64(len(rep.Lines)))), web.N(rep.Sum.Matters, to), web.N(rep.Sum.People, to), web.F(rep.Sum.Spent), differs(rep),
			}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, page(web.Page{Title: "实事台账月报", Desk: Key, Lead: "每月由区县核对并冻结，全市合计等于各区县之和", Crumbs: []web.Link{{Text: "实事台账", Href: deedsAt}}}, card(web.Box{}, web.TableView(t))))
}

func differs(r deed.MonthReport) web.Cell {
	switch {
	case r.Published == nil:
		return web.T("")
	case r.Differs():
		return web.Tagged("不一致", web.Bad)
	}
	return web.Tagged("一致", web.Good)
}

var publishedFields = []web.Field{
	{Name: "matters", Label: "外部报表的件数", Kind: web.Number, Unit: "件", Required: true},
	{Name: "people", Label: "外部报表的人数", Kind: web.Number, Unit: "人", Required: true},
	{Name: "source", Label: "报表名称", Required: true, Max: 100, Hint: "与台账合计并列显示，不覆盖台账"},
}

func (d *Desk) monthPage(ctx context.Context, r *http.Request, m deed.Month, f *web.Form) (templ.Component, error) {
	who := web.Actor(r)
	var rep deed.MonthReport
	var names map[code.Division]string
	err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if rep, err = d.Deeds.Report(ctx, tx, who, m); err != nil {
			return err
		}
		var at []code.Division
		for _, l := range rep.Lines {
			at = append(at, l.District)
		}
		names, err = registry.DivisionNames(ctx, tx, slices.Values(at))
		return err
	})
	if err != nil {
		return nil, err
	}
	words := []string{"本月销号 " + web.Count(rep.Sum.Matters) + " 件，受益 " + web.Count(rep.Sum.People) + " 人，投入资金 " + rep.Sum.Spent.Format() + " 元；已冻结 " + web.Ratio(int64(rep.Frozen), int64(len(rep.Lines))) + " 个区县，未冻结的按台账现在的内容计算。"}
	doc := web.Document{
		Issuer: d.CityName + "住房和城乡建设局", Number: "实事台账月报", Title: m.Title() + "为群众办实事情况", Text: words, Body: web.TableView(monthTable(rep, names)),
		Sign: d.CityName + "智慧物业平台生成", Date: web.Today(r).Chinese(),
	}
	parts := []templ.Component{}
	if p := rep.Published; p != nil {
		tone, title := web.Good, "与外部报表一致"
		if rep.Differs() {
			tone, title = web.Bad, "与外部报表不一致"
		}
		parts = append(parts, note(tone, title, p.Source+"："+web.Count(p.Matters)+" 件、"+web.Count(p.People)+" 人；台账合计："+web.Count(rep.Sum.Matters)+" 件、"+web.Count(rep.Sum.People)+" 人。两者都保留，请核对后更正来源。"))
	}
	parts = append(parts, web.Paper(doc))
	if authz.May(who, authz.DeedPublished, authz.Place{Division: d.City}) {
		parts = append(parts, card(web.Box{Title: "登记外部报表的合计"}, ask(f, web.FormBox{Action: monthsAt + "/" + string(m), Submit: "登记"})))
	}
	return page(web.Page{Title: m.Title() + "实事月报", Desk: Key, Headed: true, Crumbs: []web.Link{{Text: "实事台账", Href: deedsAt}, {Text: "月报", Href: monthsAt}}}, parts...), nil
}

func monthTable(rep deed.MonthReport, names map[code.Division]string) web.Table {
	t := web.Table{Caption: "各区县", Plain: true, Scroll: true, Cols: []web.Col{
		{Name: "区县"}, {Name: "状态"}, {Name: "销号（件）", Num: true}, {Name: "受益人数（人）", Num: true}, {Name: "户数（户）", Num: true}, {Name: "投入资金（元）", Num: true}, {Name: "在办（件）", Num: true}, {Name: "逾期（件）", Num: true}, {Name: "暂缓（件）", Num: true},
	}}
	for _, l := range rep.Lines {
		state := web.T("未到报送")
		switch {
		case l.Changed():
			state = web.Tagged("冻结后台账有变化", web.Warn)
		case l.Frozen:
			state = web.Tagged("已冻结", web.Good)
		case l.Case.ID != 0:
			state = web.Tagged("待报送", web.Warn)
		}
		state.Nowrap = true
		name := web.T(names[l.District])
		if l.Case.ID != 0 {
			name = web.L(names[l.District], dutiesAt+l.Case.ID.String())
		}
		to := deedsAt + "?month=" + string(rep.Month) + "&district=" + string(l.District)
		x := l.Totals
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{name, state, web.N(x.Matters, to), web.N(x.People, to), web.N(x.Households, ""), web.F(x.Spent), web.N(x.Underway, ""), web.N(x.Late, ""), web.N(x.Suspended, "")}})
	}
	s := rep.Sum
	t.Total = []web.Cell{web.T("合计"), web.N(s.Matters, ""), web.N(s.People, ""), web.N(s.Households, ""), web.F(s.Spent), web.N(s.Underway, ""), web.N(s.Late, ""), web.N(s.Suspended, "")}
	return t
}

func (d *Desk) deedMonth(w http.ResponseWriter, r *http.Request) error {
	m, err := deed.ParseMonth(r.PathValue("month"))
	if err != nil {
		return err
	}
	p, err := d.monthPage(r.Context(), r, m, web.NewForm(publishedFields...))
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, p)
}

func (d *Desk) publishedTotal(w http.ResponseWriter, r *http.Request) error {
	m, err := deed.ParseMonth(r.PathValue("month"))
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, publishedFields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已登记，与台账合计并列显示。")
		return monthsAt + "/" + string(m), d.Deeds.PublishedIn(ctx, tx, web.Actor(r), m, deed.Published{Matters: f.Int("matters"), People: f.Int("people"), Source: f.Str("source")})
	}, later(func(ctx context.Context) (templ.Component, error) { return d.monthPage(ctx, r, m, f) }))
}

var freezeFields = []web.Field{versionField, {Name: "note", Label: "说明", Kind: web.Long, Max: 1000}}

// dutyPage is one district's month: what it is about to freeze.
func (d *Desk) dutyPage(ctx context.Context, r *http.Request, id db.ID, f *web.Form) (templ.Component, error) {
	who := web.Actor(r)
	var m deed.Month
	var line deed.Line
	var name string
	var may []casework.Act
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		month, district, err := d.Deeds.MonthOfCase(ctx, tx, who, id)
		if err != nil {
			return err
		}
		m = month
		rep, err := d.Deeds.Report(ctx, tx, who, m)
		if err != nil {
			return err
		}
		for _, l := range rep.Lines {
			if l.District == district {
				line = l
			}
		}
		names, err := registry.DivisionNames(ctx, tx, slices.Values([]code.Division{district}))
		if err != nil {
			return err
		}
		name = names[district]
		may, err = casework.Allowed(ctx, tx, who, line.Case)
		return err
	})
	if err != nil {
		return nil, err
	}
	x := line.Totals
	to := deedsAt + "?month=" + string(m) + "&district=" + string(line.District)
	parts := []templ.Component{web.Figures("本月合计", []web.Figure{
		{Label: "本月销号", Value: web.Count(x.Matters), Unit: "件", Href: to},
		{Label: "受益人数", Value: web.Count(x.People), Unit: "人", Href: to},
		{Label: "投入资金", Value: web.TenThousandYuan(x.Spent), Unit: "万元", Href: to},
		{Label: "已逾期", Value: web.Count(line.Now.Late), Unit: "件", Of: "现在", Href: deedsAt + "?late=1&district=" + string(line.District), Tone: lateTone(line.Now.Late)},
	})}
	if line.Changed() {
		parts = append(parts, note(web.Warn, "冻结后台账有变化", "冻结的合计保持不变；台账现在是 "+web.Count(line.Now.Matters)+" 件、"+web.Count(line.Now.People)+" 人。"))
	}
	if len(may) > 0 {
		if f == nil {
			f = web.NewForm(freezeFields...).Set("version", itoa(line.Case.Version))
		}
		parts = append(parts, card(web.Box{Title: "报送"}, para("核对各件实事后报送。报送后本月合计冻结，不再变动。"), ask(f, web.FormBox{Action: dutiesAt + id.String(), Submit: "报送并冻结"})))
	} else {
		parts = append(parts, card(web.Box{Title: "报送"}, para("状态："+line.Case.StateTitle()+"。"), web.Buttons([]web.Link{{Text: "看全市月报", Href: monthsAt + "/" + string(m)}})))
	}
	lead := ""
	if line.Case.Due != 0 {
		lead = "应在 " + line.Case.Due.String() + " 前报送"
	}
	return page(web.Page{Title: name + " " + m.Title() + "实事月报", Desk: Key, Lead: lead, Crumbs: []web.Link{{Text: "实事台账", Href: deedsAt}, {Text: "月报", Href: monthsAt}}}, parts...), nil
}

func (d *Desk) deedDuty(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	p, err := d.dutyPage(r.Context(), r, id, nil)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, p)
}

func (d *Desk) freezeMonth(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, freezeFields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已报送，本月合计已冻结。")
		return dutiesAt + id.String(), d.Deeds.FreezeIn(ctx, tx, web.Actor(r), takeOf(f, id))
	}, later(func(ctx context.Context) (templ.Component, error) { return d.dutyPage(ctx, r, id, f) }))
}
