package public

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/volunteer"
	"juli/internal/web"
)

// volunteerRoutes are the calls, the totals, and how somebody joins, leaves and
// confirms.
func (d *Desk) volunteerRoutes(g *web.Gates) {
	g.On("GET /volunteers", authz.VolunteerPublic, d.Cache.Page(d.volunteers))
	g.On("GET /volunteers/calls", authz.VolunteerPublic, d.Cache.Page(d.calls))
	g.On("GET /volunteers/calls/{id}", authz.VolunteerPublic, web.Handler(d.call))
	g.On("POST /volunteers/calls/{id}", authz.VolunteerPublic, web.Handler(d.signUp))
	g.On("GET /volunteers/communities", authz.VolunteerPublic, d.Cache.Page(d.communities))
	g.On("GET /volunteers/people", authz.VolunteerPublic, d.Cache.Page(d.people))
	g.On("GET /volunteers/join", authz.VolunteerPublic, web.Handler(d.joinPage))
	g.On("POST /volunteers/join", authz.VolunteerPublic, web.Handler(d.join))
	g.On("GET /volunteers/leave", authz.VolunteerPublic, web.Handler(d.leavePage))
	g.On("POST /volunteers/leave", authz.VolunteerPublic, web.Handler(d.leave))
	g.On("GET /volunteers/served", authz.VolunteerServed, web.Handler(d.servedPage))
	g.On("POST /volunteers/served", authz.VolunteerServed, web.Handler(d.served))
}

const soonest = 8 // calls on the first page

func (d *Desk) volunteers(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var totals volunteer.Totals
	t := web.Table{
		Caption: "最近的招募", Cols: []web.Col{{Name: "服务"}, {Name: "社区"}, {Name: "日期"}, {Name: "地点"}, {Name: "还需要（人）", Num: true}},
		None: web.Nothing{Text: "近期没有招募。", Act: web.Link{Text: "先报名做志愿者", Href: "/volunteers/join"}},
	}
	err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if totals, err = volunteer.TotalsOf(ctx, tx, "", tx.Today()); err != nil {
			return err
		}
		list, err := volunteer.Calls(ctx, tx, volunteer.CallQuery{State: volunteer.Open, From: tx.Today(), Limit: soonest})
		if err != nil {
			return err
		}
		names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
			for _, c := range list {
				if !yield(c.Division) {
					return
				}
			}
		})
		t.Rows = nil
		for _, c := range list {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.L(c.Title, "/volunteers/calls/"+c.ID.String()), web.T(names[c.Division]), web.D(c.On), web.T(c.Place), web.N(c.Free(), "")}})
		}
		return err
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, web.Whole(
		web.Page{Title: "志愿服务", Lead: "社区招募，服务时长由另一人或服务对象确认后才计入", Acts: []web.Link{{Text: "报名做志愿者", Href: "/volunteers/join", Main: true}, {Text: "确认收到的服务", Href: "/volunteers/served"}}},
		web.Figures("全市合计", []web.Figure{
			{Label: "志愿者", Value: web.Count(totals.Volunteers), Unit: "人", Of: "在各社区名册上", Href: "/volunteers/communities"},
			{Label: "已确认的服务时长", Value: volunteer.Hours(totals.Minutes), Unit: "小时", Of: "截至今天", Href: "/volunteers/calls?state=confirmed"},
		}),
		web.Section(web.Box{Title: "最近的招募", More: web.Link{Text: "全部招募", Href: "/volunteers/calls"}}, web.TableView(t)),
		web.Section(web.Box{Title: "更多"}, web.Buttons([]web.Link{{Text: "各社区合计", Href: "/volunteers/communities"}, {Text: "同意公开的志愿者", Href: "/volunteers/people"}, {Text: "退出志愿者名册", Href: "/volunteers/leave"}})),
	))
}

func (d *Desk) calls(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var l *web.List
	var t web.Table
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		districts, err := districtOptions(ctx, tx, r)
		if err != nil {
			return err
		}
		l, err = web.ReadList(r, web.ListSpec{Filters: []web.Filter{{Name: "state", Label: "状态", Chips: true, Options: web.CallStates}, {Name: "district", Label: "区县", Options: districts}}})
		if err != nil {
			return err
		}
		t, err = web.CallTable(ctx, tx, l, volunteer.CallQuery{State: l.Get("state"), Division: code.Division(l.Get("district")), Desc: true}, "/volunteers/calls/")
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "志愿服务", t)
	}
	return web.Show(w, r, http.StatusOK, listPage(web.Page{Title: "全部志愿服务", Lead: "按日期从近到远", Crumbs: []web.Link{{Text: "志愿服务", Href: "/volunteers"}}}, t))
}

func (d *Desk) communities(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var l *web.List
	t := web.Table{Caption: "各社区合计", None: web.Nothing{Text: "还没有社区登记过志愿者。"}, Cols: []web.Col{{Name: "社区"}, {Name: "区县"}, {Name: "志愿者（人）", Num: true}, {Name: "已确认时长（小时）", Num: true}}}
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		districts, err := districtOptions(ctx, tx, r)
		if err != nil {
			return err
		}
		if l, err = web.ReadList(r, web.ListSpec{Filters: []web.Filter{{Name: "district", Label: "区县", Options: districts}}}); err != nil {
			return err
		}
		list, err := volunteer.ByCommunity(ctx, tx, code.Division(l.Get("district")), tx.Today())
		if err != nil {
			return err
		}
		names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
			for _, x := range list {
				if !yield(x.Division) || !yield(x.Division.Up(code.District)) {
					return
				}
			}
		})
		var people, minutes int64
		t.List, t.Rows = l, nil
		for _, x := range list {
			people, minutes = people+x.Volunteers, minutes+x.Minutes
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(names[x.Division]), web.T(names[x.Division.Up(code.District)]), web.N(x.Volunteers, ""), web.T(volunteer.Hours(x.Minutes))}})
		}
		t.Rows = web.Cut(l, t.Rows, func(web.Row) []string { return []string{"-"} })
		t.Total = []web.Cell{web.T("合计"), web.N(people, ""), web.T(volunteer.Hours(minutes))}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "志愿服务各社区合计", t)
	}
	return web.Show(w, r, http.StatusOK, listPage(web.Page{Title: "各社区合计", Lead: volunteer.VolunteersDefinition + "；" + volunteer.HoursDefinition, Crumbs: []web.Link{{Text: "志愿服务", Href: "/volunteers"}}}, t))
}

// people are those who agreed to be named, masked.
func (d *Desk) people(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	l, err := web.ReadList(r, web.ListSpec{})
	if err != nil {
		return err
	}
	t := web.Table{Caption: "同意公开的志愿者", List: l, None: web.Nothing{Text: "还没有人同意公开。", Act: web.Link{Text: "返回志愿服务", Href: "/volunteers"}}, Cols: []web.Col{{Name: "姓名"}, {Name: "社区"}, {Name: "已确认时长（小时）", Num: true}}}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		minutes, after := int64(0), db.ID(0)
		if key := l.After(); len(key) == 2 {
			if minutes, err = strconv.ParseInt(key[0], 10, 64); err != nil {
				return l.Unknown("after")
			}
			if after, err = db.ParseID(key[1]); err != nil {
				return l.Unknown("after")
			}
		} else if key != nil {
			return l.Unknown("after")
		}
		list, err := d.Volunteers.Named(ctx, tx, minutes, after, l.Limit())
		if err != nil {
			return err
		}
		list = web.Cut(l, list, func(v volunteer.Volunteer) []string { return []string{strconv.FormatInt(v.Minutes, 10), v.ID.String()} })
		names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
			for _, v := range list {
				if !yield(v.Division) {
					return
				}
			}
		})
		t.Rows = nil
		for _, v := range list {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(v.Shown), web.T(names[v.Division]), web.T(volunteer.Hours(v.Minutes))}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "同意公开的志愿者", t)
	}
	return web.Show(w, r, http.StatusOK, listPage(web.Page{Title: "同意公开的志愿者", Lead: "只列本人同意公开的，隐去名字；随时可以退出", Crumbs: []web.Link{{Text: "志愿服务", Href: "/volunteers"}}}, t))
}

var signUpFields = []web.Field{
	{Name: "name", Label: "姓名", Required: true, Max: 40, Auto: "name"},
	{Name: "phone", Label: "电话", Required: true, Max: 20, Auto: "tel"},
	{Name: "consent", Label: "我同意本社区为通知志愿服务保存我的姓名和电话", Kind: web.Check, Required: true},
	{Name: "open", Label: "我同意公开隐去名字的姓名和服务时长", Kind: web.Check},
}

func (d *Desk) callView(r *http.Request) (c volunteer.Call, place string, err error) {
	id, err := publicID(r)
	if err != nil {
		return c, "", err
	}
	err = d.DB.Read(r.Context(), func(tx *db.Tx) error {
		if c, err = d.Volunteers.Call(r.Context(), tx, id); err != nil {
			return err
		}
		path, err := registry.DivisionPath(r.Context(), tx, c.Division)
		place = registry.PlaceName(path)
		return err
	})
	return c, place, err
}

func callPage(r *http.Request, c volunteer.Call, place string, f *web.Form) templ.Component {
	parts := []templ.Component{web.Section(web.Box{Title: "招募内容"}, web.Para(c.Task), web.Facts(web.CallFacts(c)))}
	switch {
	case c.State != volunteer.Open || c.On < web.Today(r):
		parts = append(parts, web.Notice(web.Info, "不再报名", "这次服务"+c.StateTitle()+"。"))
	case c.Free() < 1:
		parts = append(parts, web.Notice(web.Info, "名额已满", "请看看其他招募。"))
	default:
		parts = append(parts, web.Section(web.Box{Title: "报名", ID: "join"}, web.FormView(f, web.FormBox{Action: "/volunteers/calls/" + c.ID.String(), Submit: "报名"})))
	}
	return web.Whole(web.Page{Title: c.Title, Lead: place, Narrow: true, Tags: []web.Mark{{Text: c.StateTitle()}}, Crumbs: []web.Link{{Text: "志愿服务", Href: "/volunteers"}, {Text: "全部招募", Href: "/volunteers/calls"}}}, parts...)
}

func (d *Desk) call(w http.ResponseWriter, r *http.Request) error {
	c, place, err := d.callView(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, callPage(r, c, place, web.NewForm(signUpFields...)))
}

func (d *Desk) signUp(w http.ResponseWriter, r *http.Request) error {
	c, place, err := d.callView(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, signUpFields...)
	if err != nil {
		return err
	}
	e := volunteer.Entry{Name: f.Str("name"), Phone: f.Str("phone"), Consent: f.Bool("consent"), Open: f.Bool("open")}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		tx.OnCommit(d.Cache.Drop)
		web.Say(r, "报名已收到。第一次报名的，社区会先联系您确认。")
		return "/volunteers/calls/" + c.ID.String(), d.Volunteers.SignUpIn(ctx, tx, web.Actor(r), c.ID, e)
	}, func() templ.Component { return callPage(r, c, place, f) })
}

// communityList asks for a community in two steps without script: first the
// district and the street by links, then one of its communities.
func (d *Desk) communityList(r *http.Request) (at code.Division, links []web.Link, options []web.Option, err error) {
	l, err := web.ReadList(r, web.ListSpec{Filters: []web.Filter{{Name: "area", Label: "区县和街道", Like: web.LikeCode}}})
	if err != nil {
		return "", nil, nil, err
	}
	at = d.City
	if l.Get("area") != "" {
		if at, err = code.ParseDivision(l.Get("area")); err != nil || !d.City.Contains(at) {
			return "", nil, nil, l.Unknown("area")
		}
	}
	err = d.DB.Read(r.Context(), func(tx *db.Tx) error {
		list, err := registry.Divisions(r.Context(), tx, at, tx.Today())
		if at == d.City {
			list, err = registry.Districts(r.Context(), tx, tx.Today())
		}
		links, options = nil, nil
		for _, x := range list {
			if x.Code.Level() == code.Community {
				options = append(options, web.Option{Value: string(x.Code), Text: x.Name})
			} else {
				links = append(links, web.Link{Text: x.Name, Href: r.URL.Path + "?area=" + string(x.Code)})
			}
		}
		return err
	})
	return at, links, options, err
}

func volunteerFields(options []web.Option) []web.Field {
	return append([]web.Field{{Name: "division", Label: "社区", Kind: web.Select, Required: true, Options: options}, {Name: "skills", Label: "擅长什么", Max: 200, Hint: "例如理发、修电器、陪伴老人"}}, signUpFields...)
}

// personPage is a form of a page that begins with the choice of a community.
func personPage(r *http.Request, title, lead, submit string, links []web.Link, f *web.Form) templ.Component {
	p := web.Page{Title: title, Narrow: true, Lead: lead, Crumbs: []web.Link{{Text: "志愿服务", Href: "/volunteers"}}}
	var parts []templ.Component
	if len(links) > 0 {
		parts = append(parts, web.Section(web.Box{Title: "先选区县和街道", ID: "area"}, web.Buttons(links)))
	}
	if f != nil {
		parts = append(parts, web.Section(web.Box{}, web.FormView(f, web.FormBox{Action: r.URL.RequestURI(), Submit: submit})))
	}
	return web.Whole(p, parts...)
}

const joinLead = "姓名和电话加密保存，只有本社区能看到；随时可以退出"

func (d *Desk) joinPage(w http.ResponseWriter, r *http.Request) error {
	_, links, options, err := d.communityList(r)
	if err != nil {
		return err
	}
	var f *web.Form
	if len(options) > 0 {
		f = web.NewForm(volunteerFields(options)...)
	}
	return web.Show(w, r, http.StatusOK, personPage(r, "报名做志愿者", joinLead, "报名", links, f))
}

func (d *Desk) join(w http.ResponseWriter, r *http.Request) error {
	_, links, options, err := d.communityList(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, volunteerFields(options)...)
	if err != nil {
		return err
	}
	e := volunteer.Entry{Division: f.Division("division"), Name: f.Str("name"), Phone: f.Str("phone"), Skills: f.Str("skills"), Consent: f.Bool("consent"), Open: f.Bool("open")}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "报名已收到，社区会联系您确认。")
		return "/volunteers", d.Volunteers.ApplyIn(ctx, tx, web.Actor(r), e)
	}, func() templ.Component { return personPage(r, "报名做志愿者", joinLead, "报名", links, f) })
}

func leaveFields(options []web.Option) []web.Field {
	return []web.Field{{Name: "division", Label: "社区", Kind: web.Select, Required: true, Options: options}, {Name: "phone", Label: "报名时的电话", Required: true, Max: 20, Auto: "tel"}}
}

const leaveLead = "退出后不再通知，姓名不再公开；已确认的服务时长保留"

func (d *Desk) leavePage(w http.ResponseWriter, r *http.Request) error {
	_, links, options, err := d.communityList(r)
	if err != nil {
		return err
	}
	var f *web.Form
	if len(options) > 0 {
		f = web.NewForm(leaveFields(options)...)
	}
	return web.Show(w, r, http.StatusOK, personPage(r, "退出志愿者名册", leaveLead, "退出", links, f))
}

func (d *Desk) leave(w http.ResponseWriter, r *http.Request) error {
	_, links, options, err := d.communityList(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, leaveFields(options)...)
	if err != nil {
		return err
	}
	division := f.Division("division")
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		tx.OnCommit(d.Cache.Drop) // who left is named no longer
		web.Say(r, "已办理：这个电话如果在该社区的名册上，现在已经退出。")
		return "/volunteers", d.Volunteers.QuitIn(ctx, tx, web.Actor(r), division, f.Str("phone"))
	}, func() templ.Component { return personPage(r, "退出志愿者名册", leaveLead, "退出", links, f) })
}

var servedFields = []web.Field{{Name: "code", Label: "确认码", Required: true, Max: 30, Auto: "off", Hint: "确认单上的 12 位字母和数字，大小写都可以"}}

func servedPage(f *web.Form) templ.Component {
	return web.Whole(web.Page{Title: "确认收到的服务", Narrow: true, Lead: "您接受了志愿服务，社区已登记时长，请用确认单上的码确认", Crumbs: []web.Link{{Text: "志愿服务", Href: "/volunteers"}}},
		web.Section(web.Box{}, web.FormView(f, web.FormBox{Submit: "确认属实"})),
		web.Section(web.Box{Title: "不属实"}, web.Para("时长或内容与实际不符的，不要确认，请告诉社区居委会。")))
}

func (d *Desk) servedPage(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, servedPage(web.NewForm(servedFields...)))
}

func (d *Desk) served(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, servedFields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		c, err := d.Volunteers.ServedIn(ctx, tx, web.Actor(r), f.Str("code"))
		tx.OnCommit(d.Cache.Drop)
		web.Say(r, "已确认，谢谢您。")
		return "/volunteers/calls/" + c.ID.String(), err
	}, func() templ.Component { return servedPage(f) })
}
