package admin

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
	"juli/internal/web"
)

var stateTitles = map[string]string{"invited": "待激活", "active": "在用", "suspended": "已停用"}

func (d *Desk) people(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, web.ListSpec{
		Search: "账号或姓名",
		Filters: []web.Filter{
			{Name: "state", Label: "状态", Chips: true, Options: []web.Option{{Value: "active", Text: "在用"}, {Value: "invited", Text: "待激活"}, {Value: "suspended", Text: "已停用"}}},
			{Name: "role", Label: "角色", Options: roleOptions(who)},
		},
	})
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "人员", List: l, Cols: []web.Col{{Name: "姓名"}, {Name: "账号"}, {Name: "角色"}, {Name: "状态"}, {Name: "最近登录"}},
		None: web.Nothing{Text: "还没有人员。", Act: web.Link{Text: "邀请人员", Href: "/admin/people/new"}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		rows, err := web.Paged(l, func(after string, limit int) ([]identity.Account, string, error) {
			from, err := cursor(after)
			if err != nil {
				return nil, "", err
			}
			rows, err := d.Identity.People(ctx, tx, who, identity.PeopleQuery{State: l.Get("state"), Role: authz.Role(l.Get("role")), Text: l.Q, After: from, Limit: limit})
			if err != nil || len(rows) < limit {
				return rows, "", err
			}
			return rows, rows[len(rows)-1].ID.String(), nil
		})
		for _, a := range rows {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(named(a), "/admin/people/"+a.ID.String()), web.T(a.Login), web.T(rolesText(a)), web.Tagged(stateTitles[a.State], stateTone(a.State)), web.T(clock(a.Seen)),
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "人员", t)
	}
	p := page(r, "人员")
	p.Lead = "您负责的单位的账号"
	if authz.Can(who, authz.AccountInvite) {
		p.Acts = []web.Link{{Text: "邀请人员", Href: "/admin/people/new", Main: true}, {Text: "按文件办理", Href: "/admin/people-file"}}
	}
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}

func cursor(after string) (db.ID, error) {
	if after == "" {
		return 0, nil
	}
	return db.ParseID(after)
}

func named(a identity.Account) string {
	if a.Name == "" {
		return "（未填姓名）"
	}
	return a.Name
}

func rolesText(a identity.Account) string {
	text := ""
	for _, g := range a.Grants {
		text += g.Role.Title() + " "
	}
	for _, g := range a.Proposed {
		text += g.Role.Title() + "（待批） "
	}
	return text
}

func stateTone(state string) web.Tone {
	return map[string]web.Tone{"active": web.Good, "invited": web.Info, "suspended": web.Bad}[state]
}

func roleOptions(who authz.Actor) []web.Option {
	var out []web.Option
	for _, role := range identity.Givable(who) {
		out = append(out, web.Option{Value: string(role), Text: role.Title()})
	}
	return out
}

// grantFields ask for a role, where it holds, and how long.
func grantFields(who authz.Actor) []web.Field {
	return []web.Field{
		{Name: "role", Label: "角色", Kind: web.Select, Required: true, Options: roleOptions(who), Group: "授权"},
		{Name: "place", Label: "范围", Required: true, Max: 20, Hint: "主管部门、街道、社区、协会填行政区划代码；企业填统一社会信用代码；项目负责人和业委会填 16 位项目编码"},
		{Name: "manager", Label: "同时负责管理本单位人员", Kind: web.Check},
		{Name: "to", Label: "授权截止日", Kind: web.Date, Required: true, Hint: "授权必须有截止日"},
	}
}

// scopeOf reads the place as the role wants it; what can't be read is noted.
func scopeOf(f *web.Form) (role authz.Role, s authz.Scope) {
	role = authz.Role(f.Str("role"))
	duty, _ := authz.DutyOf(role)
	switch duty.Kind {
	case authz.ByDivision:
		s.Division = f.Division("place")
	case authz.ByEnterprise:
		s.Enterprise = f.USCC("place")
	case authz.ByProject:
		c, err := code.ParseProjectCode(f.Str("place"))
		if err != nil && f.Str("place") != "" {
			f.Refuse("place", fault.From(err).Text)
		}
		s.Project = string(c)
	}
	return role, s
}

func inviteFields(who authz.Actor) []web.Field {
	return append([]web.Field{
		{Name: "login", Label: "账号", Required: true, Max: 40, Hint: "3 至 40 个小写字母、数字或汉字，不能与他人相同"},
		{Name: "name", Label: "姓名", Max: 50},
		{Name: "number", Label: "身份证号", Max: 18, Hint: "填了，激活时须填同一号码"},
		{Name: "phone", Label: "手机号", Max: 20},
	}, grantFields(who)...)
}

func (d *Desk) invitePage(w http.ResponseWriter, r *http.Request) error {
	if err := fresh(r, authz.GrantPropose); err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, inviteForm(r, web.NewForm(inviteFields(web.Actor(r))...)))
}

func inviteForm(r *http.Request, f *web.Form) templ.Component {
	p := page(r, "邀请人员")
	p.Narrow, p.Crumbs = true, []web.Link{{Text: "人员", Href: "/admin/people"}}
	return web.Whole(p, web.Section(web.Box{}, web.FormView(f, web.FormBox{Submit: "邀请", Cancel: "/admin/people"})))
}

// invite shows the one-time code at once and never again: it is kept nowhere in
// clear, so not in a form's answer either. The login, unique for ever, makes a
// second click harmless.
func (d *Desk) invite(w http.ResponseWriter, r *http.Request) error {
	who := web.Actor(r)
	f, err := web.ReadForm(r, inviteFields(who)...)
	if err != nil {
		return err
	}
	role, scope := scopeOf(f)
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, inviteForm(r, f))
	}
	out, err := d.Identity.Invite(r.Context(), who, identity.Invite{
		Login: f.Str("login"), Name: f.Str("name"), Number: f.Str("number"), Phone: f.Str("phone"), Role: role, Scope: scope, Manager: f.Bool("manager"), To: f.Date("to"),
	})
	if err != nil {
		if f.Take(err) {
			return web.Show(w, r, http.StatusUnprocessableEntity, inviteForm(r, f))
		}
		return err
	}
	return web.Show(w, r, http.StatusOK, codeView(r, out))
}

// codeView shows a one-time code, once.
func codeView(r *http.Request, out identity.Invited) templ.Component {
	p := page(r, "激活码")
	p.Narrow, p.Crumbs = true, []web.Link{{Text: "人员", Href: "/admin/people"}}
	parts := []templ.Component{
		web.Notice(web.Warn, "激活码只显示这一次", "请当面或以可靠的方式交给本人，不要截图转发。"),
		web.Section(web.Box{}, web.Facts([]web.Fact{{Name: "账号", Text: out.Login}, {Name: "激活码", Text: out.Code}, {Name: "有效至", Text: clock(out.Ends)}, {Name: "激活网址", Text: "/join", Href: "/join"}})),
	}
	if out.Proposed {
		parts = append(parts, web.Quiet("授权须由另一人批准后才生效；激活可以先办。"))
	}
	return web.Whole(p, parts...)
}

func (d *Desk) person(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	id, err := pathID(r)
	if err != nil {
		return err
	}
	var a identity.Account
	var sessions []identity.Session
	err = d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if a, err = d.Identity.Get(ctx, tx, who, id); err != nil {
			return err
		}
		if sessions = nil; authz.Can(who, authz.AccountEndSession) {
			sessions, err = d.Identity.Sessions(ctx, tx, who, id)
		}
		return err
	})
	if err != nil {
		return err
	}
	p := page(r, named(a))
	p.Lead, p.Tags = "账号 "+a.Login, []web.Mark{{Text: stateTitles[a.State], Tone: stateTone(a.State)}}
	p.Crumbs = []web.Link{{Text: "人员", Href: "/admin/people"}}
	own := "/admin/people/" + id.String()
	if id != who.Account {
		p.Acts = []web.Link{{Text: "增加角色", Href: own + "/grant"}, {Text: "移交事项", Href: own + "/handover"}}
	}
	return web.Show(w, r, http.StatusOK, web.Whole(p, d.personParts(who, a, sessions, own)...))
}

func (d *Desk) personParts(who authz.Actor, a identity.Account, sessions []identity.Session, own string) []templ.Component {
	second := "未绑定"
	if a.Second {
		second = "已绑定"
	}
	parts := []templ.Component{web.Section(web.Box{Title: "账号"}, web.Facts([]web.Fact{
		{Name: "身份验证器", Text: second}, {Name: "最近登录", Text: clock(a.Seen)}, {Name: "停用原因", Text: a.Reason},
	}))}
	var grants []templ.Component
	for _, g := range append(append([]authz.Grant(nil), a.Grants...), a.Proposed...) {
		text := g.Role.Title() + " · " + authz.Body(g.Role, g.Scope) + " · " + g.From.String() + " 至 " + g.To.String()
		if g.Manager {
			text += " · 单位管理员"
		}
		grants = append(grants, web.Para(text))
		if a.ID != who.Account && g.Deputy == 0 {
			f := web.NewForm(web.Field{Name: "grant", Kind: web.Carried}).Set("grant", g.ID.String())
			grants = append(grants, web.FormView(f, web.FormBox{Action: own + "/revoke", Submit: "收回", Danger: true}))
		}
	}
	if len(grants) == 0 {
		grants = append(grants, web.Quiet("没有角色。"))
	}
	parts = append(parts, web.Section(web.Box{Title: "角色"}, grants...))
	var live []templ.Component
	for _, s := range sessions {
		f := web.NewForm(web.Field{Name: "session", Kind: web.Carried}).Set("session", s.ID.String())
		live = append(live, web.Para(clock(s.Created)+" 登录 · 最近 "+clock(s.Seen)+" · "+s.Addr), web.FormView(f, web.FormBox{Action: own + "/sessions", Submit: "结束这次登录"}))
	}
	if len(live) > 0 {
		parts = append(parts, web.Section(web.Box{Title: "正在登录"}, live...))
	}
	if a.ID == who.Account {
		return parts
	}
	reason := func() *web.Form { return web.NewForm(reasonField) }
	switch a.State {
	case "suspended":
		parts = append(parts, web.Section(web.Box{Title: "恢复账号"}, web.FormView(reason(), web.FormBox{Action: own + "/resume", Submit: "恢复"})))
	case "invited":
		parts = append(parts, web.Section(web.Box{Title: "重新发激活码"}, web.FormView(web.NewForm(), web.FormBox{Action: own + "/again", Submit: "生成新激活码"})))
	default:
		parts = append(parts, web.Section(web.Box{Title: "找回账号"}, web.Quiet("本人丢失密码或身份验证器时办理；主管部门人员须由另一人批准，并等待一天。"), web.FormView(reason(), web.FormBox{Action: own + "/recover", Submit: "受理找回"})))
	}
	if a.State != "suspended" {
		parts = append(parts, web.Section(web.Box{Title: "停用账号"}, web.FormView(reason(), web.FormBox{Action: own + "/suspend", Submit: "停用", Danger: true})))
	}
	return parts
}

var reasonField = web.Field{Name: "reason", Label: "原因", Required: true, Max: 200}

// colleagues are the people that the actor looks after, but one, to choose from.
func (d *Desk) colleagues(ctx context.Context, tx *db.Tx, who authz.Actor, but db.ID) ([]web.Option, error) {
	list, err := d.Identity.People(ctx, tx, who, identity.PeopleQuery{State: "active", Limit: 200})
	var out []web.Option
	for _, a := range list {
		if a.ID != but {
			out = append(out, web.Option{Value: a.ID.String(), Text: named(a) + "（" + a.Login + "）"})
		}
	}
	return out, err
}
