package bureau

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/volunteer"
	"juli/internal/web"
)

var (
	volunteerWork = work{volunteer.RosterMachine, map[string]string{volunteer.Applied: "确认登记"}, "/bureau/volunteers/"}
	callWork      = work{volunteer.CallMachine, map[string]string{volunteer.Open: "登记到场", volunteer.Held: "确认时长"}, "/bureau/volunteer-calls/"}
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

// volunteerView is one volunteer as the page shows them.
type volunteerView struct {
	volunteer.Volunteer
	place  string
	steps  []casework.Step
	may    []casework.Act
	served []volunteer.Call
	body   func(string) string
	unmask bool
	full   []web.Fact // name and phone, just now asked for
}

func (d *Desk) volunteerView(ctx context.Context, who authz.Actor, id db.ID) (v volunteerView, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if v.Volunteer, err = d.Volunteers.Volunteer(ctx, tx, who, id); err != nil {
			return err
		}
		path, err := registry.DivisionPath(ctx, tx, v.Division)
		if err != nil {
			return err
		}
		v.place = registry.PlaceName(path)
		if v.steps, err = casework.History(ctx, tx, v.Case); err != nil {
			return err
		}
		v.may = casework.AllowedBy(who, v.Case, v.steps)
		v.unmask = authz.May(who, authz.DataUnmask, authz.Place{Division: v.Division})
		var keys []string
		for _, s := range v.steps {
			keys = append(keys, s.Body)
		}
		if v.body, err = bodyNames(ctx, tx, keys...); err != nil {
			return err
		}
		v.served, err = volunteer.Served(ctx, tx, id, 100)
		return err
	})
	return v, err
}

var volunteerHints = map[string]string{volunteer.ActAccept: "列入本社区名册", volunteer.ActRefuse: "须写明理由", volunteer.ActLeave: "本人要求退出时办理"}

func volunteerForm(v volunteerView) *web.Form {
	f := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true}
	for _, a := range v.may {
		if hint, ok := volunteerHints[a.Name]; ok {
			f.Options = append(f.Options, web.Option{Value: a.Name, Text: a.Title, Hint: hint})
		}
	}
	if len(f.Options) == 0 {
		return nil
	}
	return web.NewForm(web.Field{Name: "version", Kind: web.Carried, Max: 20}, f, web.Field{Name: "note", Label: "理由", Kind: web.Long, Max: 1000}).Set("version", itoa(v.Case.Version))
}

var fullFields = []web.Field{{Name: "reason", Label: "查看的理由", Required: true, Max: 200, Hint: "例如：通知活动改期。查看会记入审计记录"}}

func (d *Desk) volunteer(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.volunteerView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, volunteerPage(v, volunteerForm(v), web.NewForm(fullFields...)))
}

func volunteerPage(v volunteerView, f, full *web.Form) templ.Component {
	source := map[string]string{"SELF": "本人报名", "COMMUNITY": "社区登记"}[v.Source]
	open := map[bool]string{true: "同意", false: "不同意"}[v.Open]
	facts := append(v.full, []web.Fact{
		{Name: "电话", Text: v.Phone},
		{Name: "社区", Text: v.place},
		{Name: "来源", Text: source},
		{Name: "同意登记的日期", Text: v.Consent.String()},
		{Name: "公开隐去名字的姓名", Text: open},
		{Name: "擅长", Text: v.Skills},
		{Name: "已确认时长", Text: volunteer.Hours(v.Minutes) + " 小时"},
	}...)
	for i := range facts {
		if facts[i].Text == "" {
			facts[i].Text = "未填"
		}
	}
	var side []templ.Component
	if f != nil {
		side = append(side, card(web.Box{Title: "办理", ID: "act", Cols: 4}, ask(f, web.FormBox{Action: "/bureau/volunteers/" + v.ID.String(), Submit: "提交"})))
	}
	if v.unmask && full != nil && len(v.full) == 0 {
		side = append(side, card(web.Box{Title: "查看姓名和电话", ID: "full", Cols: 4}, ask(full, web.FormBox{Action: "/bureau/volunteers/" + v.ID.String() + "/full", Submit: "查看", ID: "full-form"})))
	}
	left := 12
	if len(side) > 0 {
		left = 8
	}
	t := web.Table{Caption: "已确认的服务", Cols: []web.Col{{Name: "服务"}, {Name: "日期"}, {Name: "时长（小时）", Num: true}}, None: web.Nothing{Text: "还没有确认过的服务时长。"}}
	for _, c := range v.served {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.L(c.Title, "/bureau/volunteer-calls/"+c.ID.String()), web.D(c.On), web.T(volunteer.Hours(c.Total))}})
	}
	var events []web.Event
	for i := len(v.steps) - 1; i >= 0; i-- {
		s := v.steps[i]
		events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Who: v.body(s.Body), Detail: s.Note})
	}
	return page(web.Page{Title: "志愿者 " + v.Shown, Desk: Key, Tags: []web.Mark{{Text: v.StateTitle(), Tone: volunteerTone(v.State)}}, Crumbs: []web.Link{{Text: "志愿者名册", Href: "/bureau/volunteers"}}},
		cols(append([]templ.Component{card(web.Box{Title: "登记信息", Cols: left}, web.Facts(facts))}, side...)...),
		card(web.Box{Title: "已确认的服务"}, web.TableView(t)), card(web.Box{Title: "办理记录"}, web.Timeline(events)))
}

func (d *Desk) volunteerAct(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.volunteerView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	fields := []web.Field{{Name: "version", Kind: web.Carried}, {Name: "act", Kind: web.Carried}, {Name: "note", Kind: web.Carried, Max: 1000}}
	if f := volunteerForm(v); f != nil {
		fields = f.Fields
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		tx.OnCommit(d.Published)
		m, _ := volunteer.RosterMachine.Act(f.Str("act"))
		web.Say(r, "已办理：“"+m.Title+"”。")
		return "/bureau/volunteers/" + id.String(), d.Volunteers.DecideIn(ctx, tx, web.Actor(r), volunteer.Take{ID: id, Version: f.Int("version"), Note: f.Str("note")}, f.Str("act"))
	}, later(func(ctx context.Context) (templ.Component, error) {
		v, err := d.volunteerView(ctx, web.Actor(r), id)
		return volunteerPage(v, f, nil), err
	}))
}

// volunteerFull shows name and phone once, to who gave a reason; they are kept
// nowhere, so the page is the answer itself.
func (d *Desk) volunteerFull(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.volunteerView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, fullFields...)
	if err != nil {
		return err
	}
	if f.OK() {
		// what is shown in clear is kept nowhere, so a second click shows the page masked
		_, err := web.Once(r, d.DB, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
			name, phone, err := d.Volunteers.UnmaskIn(ctx, tx, web.Actor(r), id, f.Str("reason"))
			v.full = []web.Fact{{Name: "姓名（完整）", Text: name}, {Name: "电话（完整）", Text: phone}}
			return struct{}{}, err
		})
		if err == nil {
			w.Header().Set("Cache-Control", "no-store")
			return web.Show(w, r, http.StatusOK, volunteerPage(v, volunteerForm(v), nil))
		}
		v.full = nil
		if !f.Take(err) {
			return err
		}
	}
	return web.Show(w, r, http.StatusUnprocessableEntity, volunteerPage(v, volunteerForm(v), f))
}
