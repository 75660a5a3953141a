package account

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/web"
)

var secondOld = []web.Field{
	{Name: "old", Label: "现在的密码", Kind: web.Password, Required: true, Max: 256, Auto: "current-password"},
}

func replacePage(f *web.Form) templ.Component {
	return web.Whole(web.Page{Title: "更换身份验证器", Own: true, Narrow: true, Lead: "换手机时用；完成后其他地方的登录会结束", Crumbs: []web.Link{{Text: "我的账号", Href: "/account"}}},
		web.Section(web.Box{}, web.FormView(f, web.FormBox{Action: "/account/second", Submit: "下一步", Cancel: "/account"})))
}

func (d *Desk) secondPage(w http.ResponseWriter, r *http.Request) error {
	if who := web.Actor(r); who.Second && who.StepUp.IsZero() {
		return fault.New(fault.StepUp, "authz.step-up", "更换动态码前，需要再次输入现有动态码。")
	}
	return web.Show(w, r, http.StatusOK, replacePage(web.NewForm(secondOld...)))
}

func (d *Desk) beginSecond(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, secondOld...)
	if err != nil {
		return err
	}
	page := func() templ.Component { return replacePage(f) }
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, page())
	}
	e, err := d.Identity.BeginSecond(r.Context(), origin(r), web.Actor(r), f.Str("old"))
	if err != nil {
		return again(w, r, f, err, page)
	}
	return web.Show(w, r, http.StatusOK, newSecondPage(web.NewForm(enrolFields...).Set("challenge", e.Challenge).Set("secret", e.Secret).Set("uri", e.URI)))
}

func (d *Desk) confirmSecond(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, enrolFields...)
	if err != nil {
		return err
	}
	page := func() templ.Component { return newSecondPage(f) }
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, page())
	}
	if err := d.Identity.ConfirmSecond(r.Context(), web.Actor(r), f.Str("challenge"), f.Str("code")); err != nil {
		return again(w, r, f, err, page)
	}
	web.Say(r, "身份验证器已更换，其他地方的登录已结束。")
	return web.Redirect(w, r, "/account")
}

// endOthers ends every other sign-in of one's own.
func (d *Desk) endOthers(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	return web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := d.Identity.EndOtherSessionsIn(ctx, tx, web.Actor(r))
		web.Say(r, "其他地方的登录已结束。")
		return "/account", err
	})
}

// forgetDevices makes every browser unknown again.
func (d *Desk) forgetDevices(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	return web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "记住的设备已全部忘记。")
		return "/account", d.Identity.ForgetDevicesIn(ctx, tx, web.Actor(r))
	})
}
