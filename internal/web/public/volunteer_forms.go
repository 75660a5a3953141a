package public

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/volunteer"
	"juli/internal/web"
)

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
	return web.Whole(subscribe(web.Page{Title: c.Title, Lead: place, Narrow: true, Tags: []web.Mark{{Text: c.StateTitle()}}, Crumbs: []web.Link{{Text: "志愿服务", Href: "/volunteers"}, {Text: "全部招募", Href: "/volunteers/calls"}}}, callFeed(c.Division), "志愿服务"), parts...)
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
	return []web.Field{{Name: "division", Label: "社区", Kind: web.Select, Required: true, Options: options}, {Name: "name", Label: "报名时的姓名", Required: true, Max: 40, Auto: "name"}, {Name: "phone", Label: "报名时的电话", Required: true, Max: 20, Auto: "tel"}}
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
		web.Say(r, "已办理：姓名和电话如果与该社区的名册相符，现在已经退出。")
		return "/volunteers", d.Volunteers.QuitIn(ctx, tx, web.Actor(r), division, f.Str("name"), f.Str("phone"))
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
