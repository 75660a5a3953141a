package public

import (
	"net/http"
	"strconv"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/feed"
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
		subscribe(web.Page{Title: "志愿服务", Lead: "社区招募，服务时长由另一人或服务对象确认后才计入", Acts: []web.Link{{Text: "报名做志愿者", Href: "/volunteers/join", Main: true}, {Text: "确认收到的服务", Href: "/volunteers/served"}}}, callFeed(""), "志愿服务"),
		web.Figures("全市合计", []web.Figure{
			{Label: "志愿者", Value: web.Count(totals.Volunteers), Unit: "人", Of: "在各社区名册上", Href: "/volunteers/communities"},
			{Label: "已确认的服务时长", Value: volunteer.Hours(totals.Minutes), Unit: "小时", Of: "截至今天", Href: "/volunteers/calls?state=confirmed"},
		}),
		web.Section(web.Box{Title: "最近的招募", More: web.Link{Text: "全部招募", Href: "/volunteers/calls"}}, web.TableView(t)),
		web.Section(web.Box{Title: "更多"}, web.Buttons([]web.Link{{Text: "各社区合计", Href: "/volunteers/communities"}, {Text: "同意公开的志愿者", Href: "/volunteers/people"}, {Text: "退出志愿者名册", Href: "/volunteers/leave"}})),
	))
}

// callFeed is what tells of the calls of a place.
func callFeed(at code.Division) feed.Scope {
	return feed.Scope{Kinds: []feed.Kind{feed.Volunteers}, Division: at}
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
	return web.Show(w, r, http.StatusOK, listPage(subscribe(web.Page{Title: "全部志愿服务", Lead: "按日期从近到远", Crumbs: []web.Link{{Text: "志愿服务", Href: "/volunteers"}}}, callFeed(code.Division(l.Get("district"))), "志愿服务"), t))
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
