package admin

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
	"juli/internal/web"
)

// reasoned answers a form of one reason on an account's page.
func (d *Desk) reasoned(w http.ResponseWriter, r *http.Request, said string, do func(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, reason string) error) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, reasonField)
	if err != nil {
		return err
	}
	own := "/admin/people/" + id.String()
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, said)
		return own, do(ctx, tx, web.Actor(r), id, f.Str("reason"))
	}, alone(r, f, "请写明原因", own))
}

// alone shows a refused form by itself, where its page holds several.
func alone(r *http.Request, f *web.Form, title, back string) func() templ.Component {
	return func() templ.Component {
		p := page(r, title)
		p.Narrow = true
		return web.Whole(p, web.Section(web.Box{}, web.FormView(f, web.FormBox{Submit: "提交", Cancel: back})))
	}
}

func (d *Desk) suspend(w http.ResponseWriter, r *http.Request) error {
	return d.reasoned(w, r, "账号已停用，所有登录已结束。", d.Identity.SuspendIn)
}

func (d *Desk) resume(w http.ResponseWriter, r *http.Request) error {
	return d.reasoned(w, r, "账号已恢复。", d.Identity.ResumeIn)
}

// again makes a new one-time code for an invitation that nobody took.
func (d *Desk) again(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return d.coded(w, r, f, func(ctx context.Context, tx *db.Tx) (identity.Invited, error) {
		return d.Identity.InviteAgainIn(ctx, tx, web.Actor(r), id)
	}, nil)
}

func (d *Desk) recover(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, reasonField)
	if err != nil {
		return err
	}
	own := "/admin/people/" + id.String()
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, alone(r, f, "请写明原因", own)())
	}
	return d.recovering(w, r, own, func(ctx context.Context, tx *db.Tx) (identity.RecoveryCode, error) {
		return d.Identity.RecoverIn(ctx, tx, web.Actor(r), id, f.Str("reason"))
	})
}

// recovering takes a step of a recovery once, and shows its code where one came
// of it; see [Desk.coded].
func (d *Desk) recovering(w http.ResponseWriter, r *http.Request, to string, do func(ctx context.Context, tx *db.Tx) (identity.RecoveryCode, error)) error {
	var rc identity.RecoveryCode
	waits, err := web.Once(r, d.DB, func(ctx context.Context, tx *db.Tx) (waits bool, err error) {
		rc, err = do(ctx, tx)
		return rc.Code == "", err
	})
	switch {
	case err != nil:
		return err
	case waits:
		web.Say(r, "已受理，等待另一人批准。")
		return web.Redirect(w, r, to)
	case rc.Code == "":
		return web.Show(w, r, http.StatusOK, goneView(r, to))
	}
	return web.Show(w, r, http.StatusOK, recoveryView(r, rc))
}

func recoveryView(r *http.Request, rc identity.RecoveryCode) templ.Component {
	p := page(r, "找回码")
	p.Narrow, p.Crumbs = true, []web.Link{{Text: "找回账号", Href: "/admin/recoveries"}}
	return web.Whole(p, web.Notice(web.Warn, "找回码只显示这一次", "请核对本人身份后当面交给本人。"),
		web.Section(web.Box{}, web.Facts([]web.Fact{{Name: "找回码", Text: rc.Code}, {Name: "可用时间", Text: clock(rc.Opens) + " 至 " + clock(rc.Ends)}, {Name: "使用网址", Text: "/join", Href: "/join"}})))
}

func handoverFields(to []web.Option) []web.Field {
	return []web.Field{
		{Name: "to", Label: "接手人", Kind: web.Select, Required: true, Options: to},
		{Name: "reason", Label: "原因", Required: true, Max: 200},
		{Name: "leaves", Label: "离任：同时停用原账号", Kind: web.Check},
	}
}

func (d *Desk) handing(r *http.Request) (id db.ID, fields []web.Field, err error) {
	if id, err = pathID(r); err != nil {
		return 0, nil, err
	}
	err = d.DB.Read(r.Context(), func(tx *db.Tx) error {
		if _, err := d.Identity.Get(r.Context(), tx, web.Actor(r), id); err != nil {
			return err
		}
		to, err := d.colleagues(r.Context(), tx, web.Actor(r), id)
		fields = handoverFields(to)
		return err
	})
	return id, fields, err
}

func handoverForm(r *http.Request, id db.ID, f *web.Form) templ.Component {
	p := page(r, "移交事项")
	p.Narrow, p.Crumbs = true, []web.Link{{Text: "人员", Href: "/admin/people"}}
	return web.Whole(p, web.Quiet("此人认领的事项转给接手人；没有认领的仍由本单位办理。"), web.Section(web.Box{}, web.FormView(f, web.FormBox{Submit: "移交", Cancel: "/admin/people/" + id.String()})))
}

func (d *Desk) handoverPage(w http.ResponseWriter, r *http.Request) error {
	id, fields, err := d.handing(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, handoverForm(r, id, web.NewForm(fields...)))
}

func (d *Desk) handover(w http.ResponseWriter, r *http.Request) error {
	id, fields, err := d.handing(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		n, err := d.Identity.HandOverIn(ctx, tx, web.Actor(r), identity.Handover{From: id, To: f.ID("to"), Reason: f.Str("reason"), Leaves: f.Bool("leaves")})
		web.Say(r, "已移交 "+strconv.Itoa(n)+" 件事项。")
		return "/admin/people/" + id.String(), err
	}, func() templ.Component { return handoverForm(r, id, f) })
}

func grantForm(r *http.Request, id db.ID, g giving, f *web.Form) templ.Component {
	own := "/admin/people/" + id.String()
	p := page(r, "增加角色")
	p.Narrow, p.Crumbs = true, []web.Link{{Text: "人员", Href: "/admin/people"}}
	if !g.ready() {
		return web.Whole(p, g.choose(web.Actor(r), own+"/grant"))
	}
	p.Title = "增加角色：" + g.role.Title()
	return web.Whole(p, web.Section(web.Box{}, web.FormView(f, web.FormBox{Action: own + "/grant", Submit: "提出授权", Cancel: own})))
}

func (d *Desk) grantPage(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := fresh(r, authz.GrantPropose); err != nil {
		return err
	}
	err = d.DB.Read(r.Context(), func(tx *db.Tx) error { _, err := d.Identity.Get(r.Context(), tx, web.Actor(r), id); return err })
	if err != nil {
		return err // somebody whom the actor doesn't look after
	}
	g, err := d.giving(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, grantForm(r, id, g, g.form(nil, []web.Field{reasonField})))
}

func (d *Desk) grant(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	g, err := d.giving(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, append(g.fields(), reasonField)...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		who := web.Actor(r)
		if _, err := d.Identity.Get(ctx, tx, who, id); err != nil {
			return "", err // somebody whom the actor doesn't look after
		}
		_, err := d.Identity.ProposeIn(ctx, tx, who, identity.GrantRequest{Account: id, Role: g.role, Scope: g.scopes[f.Str("place")], Manager: f.Bool("manager"), To: f.Date("to"), Reason: f.Str("reason")})
		web.Say(r, "已提出；主管部门的角色须由另一人批准后生效。")
		return "/admin/people/" + id.String(), err
	}, func() templ.Component { return grantForm(r, id, g, f) })
}

// one reads a form of one hidden id.
func one(r *http.Request, name string) (account, id db.ID, err error) {
	if account, err = pathID(r); err != nil {
		return 0, 0, err
	}
	f, err := web.ReadForm(r, web.Field{Name: name, Kind: web.Carried, Required: true})
	if err != nil {
		return 0, 0, err
	}
	if id = f.ID(name); id == 0 {
		return 0, 0, fault.New(fault.Invalid, "form.unknown", "提交的内容里有这张表单没有的项目。")
	}
	return account, id, nil
}

func (d *Desk) revoke(w http.ResponseWriter, r *http.Request) error {
	account, id, err := one(r, "grant")
	if err != nil {
		return err
	}
	return web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已收回，立即生效。")
		return "/admin/people/" + account.String(), d.Identity.RevokeIn(ctx, tx, web.Actor(r), id, "单位管理员收回")
	})
}

func (d *Desk) endSession(w http.ResponseWriter, r *http.Request) error {
	account, id, err := one(r, "session")
	if err != nil {
		return err
	}
	return web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "那次登录已结束。")
		return "/admin/people/" + account.String(), d.Identity.EndSessionIn(ctx, tx, web.Actor(r), id)
	})
}
