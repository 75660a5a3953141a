package bureau

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/volunteer"
	"juli/internal/web"
)

// callView is one call as the desk shows it.
type callView struct {
	volunteer.Call
	place  string
	people []volunteer.Signup
	roster []volunteer.Volunteer // who may be put down for it
	steps  []casework.Step
	may    []casework.Act
	second templ.Component // what only another person may do
	body   func(string) string
	runs   bool // the actor runs the call
	code   bool // the actor printed and may look at the slip
	words  string
	book   *volunteer.Book
}

const rosterMax = 300

// callAssumed says which of the rulebook's values no text sets.
func callAssumed(b *volunteer.Book) templ.Component {
	if b.Banner == "" {
		return templ.NopComponent
	}
	return web.Assumed(b.Title + "：" + b.Banner)
}

func (d *Desk) callView(ctx context.Context, who authz.Actor, id db.ID) (v callView, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if v.Call, err = d.Volunteers.Call(ctx, tx, id); err != nil {
			return err
		}
		if v.people, err = d.Volunteers.SignedUp(ctx, tx, who, v.Call); err != nil {
			return err
		}
		if v.roster, err = d.Volunteers.List(ctx, tx, who, volunteer.Query{State: volunteer.Active, Division: v.Division, Limit: rosterMax}); err != nil {
			return err
		}
		way, err := registry.DivisionPath(ctx, tx, v.Division)
		if err != nil {
			return err
		}
		v.place = registry.PlaceName(way)
		if v.steps, err = casework.History(ctx, tx, v.Case); err != nil {
			return err
		}
		v.may = casework.AllowedBy(who, v.Case, v.steps)
		v.code = v.State == volunteer.Open && casework.Took(v.steps, who, volunteer.ActPrint)
		v.second = otherPerson(who, v.Case, v.steps)
		v.runs = authz.May(who, authz.VolunteerCall, authz.Place{Division: v.Division})
		if v.book, err = d.Volunteers.Books.InForce(ctx, tx, tx.Today()); err != nil {
			return err
		}
		v.words, _ = casework.Waits(v.Case.Due, tx.Today(), v.Case.Assumed)
		keys := []string{v.Case.Holder.Key()}
		if err := nameSteps(ctx, tx, v.steps); err != nil {
			return err
		}
		for _, s := range v.steps {
			keys = append(keys, s.Body)
		}
		v.body, err = bodyNames(ctx, tx, keys...)
		return err
	})
	return v, err
}

func (v callView) href(more string) string { return "/bureau/volunteer-calls/" + v.ID.String() + more }

var callHints = map[string]string{volunteer.ActConfirm: "核对过到场和时长；确认后不能更改", volunteer.ActReturn: "须写明理由", volunteer.ActPrint: "服务开始前交给服务对象；打印的人不能登记时长", volunteer.ActCancel: "须写明理由"}

// callForm asks for the acts but noting the hours, which has a form of its own.
func callForm(v callView) *web.Form {
	f := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true}
	for _, a := range v.may {
		if hint, ok := callHints[a.Name]; ok && (a.Name != volunteer.ActPrint || !v.code) {
			f.Options = append(f.Options, web.Option{Value: a.Name, Text: a.Title, Hint: hint})
		}
	}
	if len(f.Options) == 0 {
		return nil
	}
	return web.NewForm(web.Field{Name: "version", Kind: web.Carried, Max: 20}, f, web.Field{Name: "note", Label: "理由", Kind: web.Long, Max: 1000}).Set("version", itoa(v.Case.Version))
}

// hoursForm asks how long each of those who signed up was there.
func hoursForm(v callView, today day.Date) *web.Form {
	if !v.allows(volunteer.ActHold) || today < v.On || len(v.people) == 0 {
		return nil
	}
	fields := []web.Field{{Name: "version", Kind: web.Carried, Max: 20}}
	for _, p := range v.people {
		fields = append(fields, web.Field{Name: "m-" + p.ID.String(), Label: p.Shown + "（" + p.Phone + "）", Kind: web.Number, Unit: "分钟", Required: true, Hint: map[bool]string{true: "没有到场填 0", false: "还没有确认登记，填 0 或先办理登记"}[p.State == volunteer.Active]})
	}
	f := web.NewForm(fields...).Apart("hours").Set("version", itoa(v.Case.Version))
	for _, p := range v.people {
		n := v.Minutes
		if p.State != volunteer.Active {
			n = 0
		}
		f.Set("m-"+p.ID.String(), itoa(n))
	}
	return f
}

// allows tells whether the actor may take an act now.
func (v callView) allows(act string) bool {
	return slices.ContainsFunc(v.may, func(a casework.Act) bool { return a.Name == act })
}

// signForm offers those of the roster who have not signed up.
func signForm(v callView, today day.Date) *web.Form {
	f := web.Field{Name: "volunteer", Label: "志愿者", Kind: web.Select, Required: true}
	for _, x := range v.roster {
		if !v.has(x.ID) {
			f.Options = append(f.Options, web.Option{Value: x.ID.String(), Text: x.Shown + "（" + x.Phone + "）"})
		}
	}
	if !v.runs || v.State != volunteer.Open || today > v.On || len(f.Options) == 0 || v.Free() < 1 {
		return nil
	}
	return web.NewForm(f).Apart("sign")
}

func (v callView) has(id db.ID) bool {
	for _, p := range v.people {
		if p.ID == id {
			return true
		}
	}
	return false
}

func (d *Desk) call(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.callView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	today := web.Today(r)
	return web.Show(w, r, http.StatusOK, callPage(v, callForm(v), hoursForm(v, today), signForm(v, today)))
}

func callPage(v callView, f, hours, sign *web.Form) templ.Component {
	facts := append([]web.Fact{{Name: "社区", Text: v.place}}, web.CallFacts(v.Call)...)
	t := web.Table{Caption: "报名的人", Cols: []web.Col{{Name: "姓名"}, {Name: "电话"}, {Name: "名册"}, {Name: "到场（分钟）", Num: true}}, None: web.Nothing{Text: "还没有人报名。"}}
	for _, p := range v.people {
		came := web.T("")
		if p.Noted {
			came = web.N(p.Came, "")
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.L(p.Shown, "/bureau/volunteers/"+p.ID.String()), {Text: p.Phone, Nowrap: true}, web.Tagged(p.StateTitle(), volunteerTone(p.State)), came}})
	}
	var side []templ.Component
	if f != nil {
		side = append(side, card(web.Box{Title: "办理", ID: "act", Cols: 4}, ask(f, web.FormBox{Action: v.href(""), Submit: "提交"})))
	}
	if sign != nil {
		side = append(side, card(web.Box{Title: "代为报名", ID: "sign", Cols: 4}, ask(sign, web.FormBox{Action: v.href("/people"), Submit: "报名", ID: "sign-form"})))
	}
	left := 12
	if len(side) > 0 {
		left = 8
	}
	p := web.Page{Title: v.Title, Desk: Key, Tags: []web.Mark{{Text: v.StateTitle(), Tone: volunteerTone(v.State)}}, Crumbs: []web.Link{{Text: "志愿服务", Href: "/bureau/volunteer-calls"}}, Acts: []web.Link{{Text: "公开页面", Href: "/volunteers/calls/" + v.ID.String()}}}
	if v.Case.Due != 0 {
		p.Lead = "期限 " + v.Case.Due.String() + "（" + v.words + "），由" + v.body(v.Case.Holder.Key()) + "办理"
	}
	if v.code {
		p.Acts = append(p.Acts, web.Link{Text: "服务对象确认单", Href: v.href("/slip")})
	}
	var events []web.Event
	for i := len(v.steps) - 1; i >= 0; i-- {
		s := v.steps[i]
		events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Who: doer(v.body, s), Detail: s.Note})
	}
	parts := []templ.Component{callAssumed(v.book), v.second, cols(append([]templ.Component{card(web.Box{Title: "招募内容", Cols: left}, para(v.Task), web.Facts(facts))}, side...)...)}
	if hours != nil {
		parts = append(parts, card(web.Box{Title: "登记到场和时长", ID: "hours"}, quiet("由另一人确认，或由服务对象凭确认单确认后才计入时长。每人最多比计划多记 "+itoa(v.book.BeyondMinutes)+" 分钟，一天在各次服务中合计不超过 "+itoa(v.book.DayMinutes)+" 分钟。"), ask(hours, web.FormBox{Action: v.href("/hours"), Submit: "登记", ID: "hours-form"})))
	}
	return page(p, append(parts, card(web.Box{Title: "报名的人"}, web.TableView(t)), card(web.Box{Title: "办理记录"}, web.Timeline(events)))...)
}
