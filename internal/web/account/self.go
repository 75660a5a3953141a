package account

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
	"juli/internal/registry"
	"juli/internal/web"
)

func (d *Desk) account(w http.ResponseWriter, r *http.Request) error {
	who := web.Actor(r)
	var sessions []identity.Session
	var recoveries []identity.Recovery
	var body func(authz.Role, authz.Scope) string
	err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if sessions, err = d.Identity.Sessions(r.Context(), tx, who, who.Account); err != nil {
			return err
		}
		if recoveries, err = d.Identity.OwnRecoveries(r.Context(), tx, who); err != nil {
			return err
		}
		var scopes []authz.Scope
		for _, g := range who.Grants {
			scopes = append(scopes, g.Scope)
		}
		body, err = registry.BodyNames(r.Context(), tx, scopes)
		return err
	})
	if err != nil {
		return err
	}
	grants := web.Table{Caption: "我的角色", Cols: []web.Col{{Name: "角色"}, {Name: "起"}, {Name: "止"}}, None: web.Nothing{Text: "还没有角色。"}}
	for _, g := range who.Grants {
		title := body(g.Role, g.Scope)
		if g.Deputy != 0 {
			title += "（代理）"
		}
		grants.Rows = append(grants.Rows, web.Row{Cells: []web.Cell{web.T(title), web.D(g.From), web.D(g.To)}})
	}
	return web.Show(w, r, http.StatusOK, selfPage(who, grants, sessions, recoveries))
}

func (d *Desk) endSession(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已结束那一处登录。")
		return "/account", d.Identity.EndSessionIn(ctx, tx, web.Actor(r), id)
	})
}

// cancelRecovery is the owner's objection to a recovery of the own account.
func (d *Desk) cancelRecovery(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "找回已取消。")
		return "/account", d.Identity.CancelRecoveryIn(ctx, tx, web.Actor(r), id)
	})
}

// selfActs are what somebody may do about the own account.
func selfActs(who authz.Actor) []web.Link {
	acts := []web.Link{{Text: "更改密码", Href: "/account/password"}}
	if who.Second {
		acts = append(acts, web.Link{Text: "更换身份验证器", Href: "/account/second"})
	}
	if who.Staff() {
		acts = append(acts, web.Link{Text: "休假代理", Href: "/account/deputies"})
	}
	return acts
}

func pathID(r *http.Request) (db.ID, error) {
	id, err := db.ParseID(r.PathValue("id"))
	if err != nil || id == 0 {
		return 0, fault.New(fault.NotFound, "page.none", "没有这个页面。请检查网址，或从首页重新查找。")
	}
	return id, nil
}

var passwordFields = []web.Field{
	{Name: "old", Label: "现在的密码", Kind: web.Password, Required: true, Max: 256, Auto: "current-password"},
	{Name: "fresh", Label: "新密码", Kind: web.Password, Required: true, Max: 256, Auto: "new-password", Hint: "至少 12 位，含大小写字母、数字、符号中的三类"},
}

func (d *Desk) passwordPage(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, changePage(web.NewForm(passwordFields...)))
}

func (d *Desk) password(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, passwordFields...)
	if err != nil {
		return err
	}
	page := func() templ.Component { return changePage(f) }
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, page())
	}
	if err := d.Identity.ChangePassword(r.Context(), origin(r), web.Actor(r), f.Str("old"), f.Str("fresh")); err != nil {
		return again(w, r, f, err, page)
	}
	web.Say(r, "密码已更改，其他地方的登录已结束。")
	return web.Redirect(w, r, "/account")
}

// sessionWords tells one sign-in from another.
func sessionWords(s identity.Session) string {
	return s.Created.In(day.Shanghai).Format("2006-01-02 15:04") + " 登录 · 最近 " + s.Seen.In(day.Shanghai).Format("15:04") + " · " + s.Addr + " · " + s.Agent
}
