package admin

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/identity"
	"juli/internal/registry"
	"juli/internal/web"
)

func (d *Desk) person(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	id, err := pathID(r)
	if err != nil {
		return err
	}
	var a identity.Account
	var sessions []identity.Session
	var body func(authz.Role, authz.Scope) string
	err = d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if a, err = d.Identity.Get(ctx, tx, who, id); err != nil {
			return err
		}
		var scopes []authz.Scope
		for _, g := range slices.Concat(a.Grants, a.Proposed) {
			scopes = append(scopes, g.Scope)
		}
		if body, err = registry.BodyNames(ctx, tx, scopes); err != nil {
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
	return web.Show(w, r, http.StatusOK, web.Whole(p, d.personParts(who, a, sessions, body)...))
}

func (d *Desk) personParts(who authz.Actor, a identity.Account, sessions []identity.Session, body func(authz.Role, authz.Scope) string) []templ.Component {
	own := "/admin/people/" + a.ID.String()
	second := "未绑定"
	if a.Second {
		second = "已绑定"
	}
	parts := []templ.Component{web.Section(web.Box{Title: "账号"}, web.Facts([]web.Fact{
		{Name: "身份验证器", Text: second}, {Name: "最近登录", Text: clock(a.Seen)}, {Name: "停用原因", Text: a.Reason},
	}))}
	parts = append(parts, web.Section(web.Box{Title: "角色"}, grantParts(who, a, body)...))
	var live []templ.Component
	for _, s := range sessions {
		f := web.NewForm(web.Field{Name: "session", Kind: web.Carried}).Set("session", s.ID.String())
		live = append(live, web.Para(clock(s.Created)+" 登录 · 最近 "+clock(s.Seen)+" · "+s.Addr), web.FormView(f, web.FormBox{Action: own + "/sessions", Submit: "结束这次登录"}))
	}
	if len(live) > 0 {
		parts = append(parts, web.Section(web.Box{Title: "正在登录"}, live...))
	}
	if a.ID != who.Account {
		parts = append(parts, accountActs(a)...)
	}
	return parts
}

// grantParts are the roles that somebody holds or is proposed for.
func grantParts(who authz.Actor, a identity.Account, body func(authz.Role, authz.Scope) string) []templ.Component {
	var grants []templ.Component
	for i, g := range slices.Concat(a.Grants, a.Proposed) {
		text := body(g.Role, g.Scope) + " · " + g.From.String() + " 至 " + g.To.String()
		if g.Manager {
			text += " · 单位管理员"
		}
		if g.Deputy != 0 {
			text += " · 代理"
		}
		if i >= len(a.Grants) {
			text += " · 待批"
		}
		grants = append(grants, web.Para(text))
		if a.ID != who.Account && g.Deputy == 0 {
			f := web.NewForm(web.Field{Name: "grant", Kind: web.Carried}).Set("grant", g.ID.String())
			grants = append(grants, web.FormView(f, web.FormBox{Action: "/admin/people/" + a.ID.String() + "/revoke", Submit: "收回", Danger: true}))
		}
	}
	if len(grants) == 0 {
		grants = append(grants, web.Quiet("没有角色。"))
	}
	return grants
}

// accountActs are what may be done to somebody's account in its state.
func accountActs(a identity.Account) (parts []templ.Component) {
	own := "/admin/people/" + a.ID.String()
	reason := func(act string) *web.Form { return web.NewForm(reasonField).Apart(act) }
	switch a.State {
	case "suspended":
		return append(parts, web.Section(web.Box{Title: "恢复账号"}, web.FormView(reason("resume"), web.FormBox{Action: own + "/resume", Submit: "恢复"})))
	case "invited":
		parts = append(parts, web.Section(web.Box{Title: "重新发激活码"}, web.FormView(web.NewForm(), web.FormBox{Action: own + "/again", Submit: "生成新激活码"})))
	default:
		parts = append(parts, web.Section(web.Box{Title: "找回账号"}, web.Quiet("本人丢失密码或身份验证器时办理；主管部门人员须由另一人批准，并等待一天。"), web.FormView(reason("recover"), web.FormBox{Action: own + "/recover", Submit: "受理找回"})))
	}
	return append(parts, web.Section(web.Box{Title: "停用账号"}, web.FormView(reason("suspend"), web.FormBox{Action: own + "/suspend", Submit: "停用", Danger: true})))
}

var reasonField = web.Field{Name: "reason", Label: "原因", Required: true, Max: 200}
