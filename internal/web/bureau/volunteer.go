package bureau

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/volunteer"
	"juli/internal/web"
)

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
		if err := nameSteps(ctx, tx, v.steps); err != nil {
			return err
		}
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
		events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Who: doer(v.body, s), Detail: s.Note})
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
