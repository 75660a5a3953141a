package bureau

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/volunteer"
	"juli/internal/web"
)

var (
	volunteerWork = work{volunteer.RosterMachine, map[string]string{volunteer.Applied: "确认登记"}, "/bureau/volunteers/"}
	callWork      = work{volunteer.CallMachine, map[string]string{volunteer.Open: "登记到场和时长", volunteer.Held: "确认时长"}, "/bureau/volunteer-calls/"}
)

// volunteerRoutes are the pages of volunteers and of what they are called to.
func (d *Desk) volunteerRoutes(on func(string, authz.Act, web.Handler)) {
	on("GET /bureau/volunteers", authz.VolunteerRead, d.volunteers)
	on("GET /bureau/volunteers/new", authz.VolunteerEnter, d.volunteerNew)
	on("POST /bureau/volunteers/new", authz.VolunteerEnter, d.volunteerAdd)
	on("GET /bureau/volunteers/{id}", authz.VolunteerRead, d.volunteer)
	on("POST /bureau/volunteers/{id}", authz.VolunteerEnter, d.volunteerAct)
	on("POST /bureau/volunteers/{id}/full", authz.DataUnmask, d.volunteerFull)
	on("GET /bureau/volunteer-calls", authz.VolunteerRead, d.calls)
	on("GET /bureau/volunteer-calls/new", authz.VolunteerCall, d.callNew)
	on("POST /bureau/volunteer-calls/new", authz.VolunteerCall, d.callAdd)
	on("GET /bureau/volunteer-calls/{id}", authz.VolunteerRead, d.call)
	on("POST /bureau/volunteer-calls/{id}", authz.VolunteerRead, d.callAct)
	on("POST /bureau/volunteer-calls/{id}/people", authz.VolunteerCall, d.callSign)
	on("POST /bureau/volunteer-calls/{id}/hours", authz.VolunteerCall, d.callHold)
	on("GET /bureau/volunteer-calls/{id}/slip", authz.VolunteerCall, d.callSlip)
}

var volunteerSpec = web.ListSpec{Filters: []web.Filter{{Name: "state", Label: "状态", Chips: true, Options: []web.Option{
	{Value: volunteer.Applied, Text: "待确认"}, {Value: volunteer.Active, Text: "在册"}, {Value: volunteer.Left, Text: "已退出"}, {Value: volunteer.Refused, Text: "未登记"},
}}}}

// volunteers lists the rosters of the actor's area, names and phones masked.
func (d *Desk) volunteers(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, volunteerSpec)
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "志愿者名册", List: l, None: web.Nothing{Text: "名册里还没有人。"},
		Cols: []web.Col{{Name: "姓名"}, {Name: "电话"}, {Name: "社区"}, {Name: "状态"}, {Name: "擅长"}, {Name: "登记日期"}, {Name: "已确认时长（小时）", Num: true}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		rows, err := web.Paged(l, func(after string, limit int) ([]volunteer.Volunteer, string, error) {
			before, err := db.ParseID(after)
			if err != nil {
				before = 0
			}
			part, err := d.Volunteers.List(ctx, tx, who, volunteer.Query{State: l.Get("state"), Before: before, Limit: limit + 1})
			if err != nil || len(part) <= limit {
				return part, "", err
			}
			return part[:limit], part[limit-1].ID.String(), nil
		})
		if err != nil {
			return err
		}
		names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
			for _, v := range rows {
				if !yield(v.Division) {
					return
				}
			}
		})
		for _, v := range rows {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(v.Shown, "/bureau/volunteers/"+v.ID.String()),
				{Text: v.Phone, Nowrap: true},
				web.T(names[v.Division]), web.Tagged(v.StateTitle(), volunteerTone(v.State)),
				web.T(v.Skills), web.D(v.Joined), web.T(volunteer.Hours(v.Minutes)),
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "志愿者名册", t)
	}
	p := web.Page{Title: "志愿者名册", Desk: Key, Lead: "姓名和电话加密保存，这里只显示一部分", Acts: []web.Link{{Text: "服务招募", Href: "/bureau/volunteer-calls"}}}
	if authz.Can(who, authz.VolunteerEnter) {
		p.Acts = append(p.Acts, web.Link{Text: "登记志愿者", Href: "/bureau/volunteers/new", Main: true})
		t.None.Act = p.Acts[1]
	}
	return web.Show(w, r, http.StatusOK, page(p, card(web.Box{}, web.TableView(t))))
}

func volunteerTone(state string) web.Tone {
	switch state {
	case volunteer.Applied, volunteer.Held:
		return web.Warn
	case volunteer.Active, volunteer.Confirmed:
		return web.Good
	case volunteer.Open:
		return web.Info
	}
	return web.Plain
}

// communityField asks for the community, of those in the actor's area.
func (d *Desk) communityField(ctx context.Context, who authz.Actor) (f web.Field, err error) {
	f = web.Field{Name: "division", Label: "社区", Kind: web.Select, Required: true}
	at := area(who)
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		f.Options = nil
		list := []code.Division{at}
		if at.Level() == code.Street {
			below, err := registry.Divisions(ctx, tx, at, tx.Today())
			if err != nil {
				return err
			}
			list = nil
			for _, b := range below {
				list = append(list, b.Code)
			}
		}
		names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
			for _, x := range list {
				if !yield(x) {
					return
				}
			}
		})
		for _, x := range list {
			f.Options = append(f.Options, web.Option{Value: string(x), Text: names[x]})
		}
		return err
	})
	return f, err
}

func (d *Desk) volunteerFields(ctx context.Context, who authz.Actor) ([]web.Field, error) {
	at, err := d.communityField(ctx, who)
	return []web.Field{
		at,
		{Name: "name", Label: "姓名", Required: true, Max: 40, Auto: "off"},
		{Name: "phone", Label: "电话", Required: true, Max: 20, Auto: "off"},
		{Name: "skills", Label: "擅长什么", Max: 200, Hint: "例如理发、修电器、陪伴老人"},
		{Name: "consent", Label: "本人同意登记姓名和电话，用于通知志愿服务", Kind: web.Check, Required: true},
		{Name: "open", Label: "本人同意公开隐去名字的姓名和服务时长", Kind: web.Check},
	}, err
}

func entryOf(f *web.Form) volunteer.Entry {
	return volunteer.Entry{Division: f.Division("division"), Name: f.Str("name"), Phone: f.Str("phone"), Skills: f.Str("skills"), Consent: f.Bool("consent"), Open: f.Bool("open")}
}

func volunteerNewPage(f *web.Form) templ.Component {
	return page(web.Page{Title: "登记志愿者", Desk: Key, Narrow: true, Lead: "须本人同意；本人也可以在“志愿服务”页面自己报名", Crumbs: []web.Link{{Text: "志愿者名册", Href: "/bureau/volunteers"}}},
		card(web.Box{}, ask(f, web.FormBox{Submit: "登记", Cancel: "/bureau/volunteers"})))
}

func (d *Desk) volunteerNew(w http.ResponseWriter, r *http.Request) error {
	fields, err := d.volunteerFields(r.Context(), web.Actor(r))
	if err != nil {
		return err
	}
	f := web.NewForm(fields...)
	if o := fields[0].Options; len(o) == 1 {
		f.Set("division", o[0].Value)
	}
	return web.Show(w, r, http.StatusOK, volunteerNewPage(f))
}

func (d *Desk) volunteerAdd(w http.ResponseWriter, r *http.Request) error {
	fields, err := d.volunteerFields(r.Context(), web.Actor(r))
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	e := entryOf(f)
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		id, err := d.Volunteers.EnterIn(ctx, tx, web.Actor(r), e)
		web.Say(r, "已登记。")
		return "/bureau/volunteers/" + id.String(), err
	}, func() templ.Component { return volunteerNewPage(f) })
}
