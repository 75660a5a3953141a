package account

import (
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/identity"
	"juli/internal/web"
)

var loginFields = []web.Field{
	{Name: "login", Label: "账号", Required: true, Max: 200, Auto: "username"},
	{Name: "password", Label: "密码", Kind: web.Password, Required: true, Max: 256, Auto: "current-password"},
	{Name: "to", Kind: web.Carried, Max: 2048},
}

var secondFields = []web.Field{
	{Name: "code", Label: "动态码", Kind: web.Code, Required: true, Max: 12, Auto: "one-time-code", Hint: "身份验证器上显示的 6 位数字，30 秒更换一次"},
	{Name: "challenge", Kind: web.Carried, Required: true, Max: 200},
	{Name: "to", Kind: web.Carried, Max: 2048},
}

var renewFields = []web.Field{
	{Name: "fresh", Label: "新密码", Kind: web.Password, Required: true, Max: 256, Auto: "new-password", Hint: "至少 12 位，含大小写字母、数字、符号中的三类"},
	{Name: "challenge", Kind: web.Carried, Required: true, Max: 200},
	{Name: "to", Kind: web.Carried, Max: 2048},
}

func (d *Desk) loginPage(w http.ResponseWriter, r *http.Request) error {
	to := web.Local(r.URL.Query().Get("to"))
	if web.SignedIn(r) {
		return web.Redirect(w, r, to)
	}
	return web.Show(w, r, http.StatusOK, signInPage(web.NewForm(loginFields...).Set("to", to)))
}

func (d *Desk) login(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, loginFields...)
	if err != nil {
		return err
	}
	page := func() templ.Component { return signInPage(f) }
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, page())
	}
	p, err := d.Identity.SignIn(r.Context(), origin(r), f.Str("login"), f.Str("password"))
	if err != nil {
		return again(w, r, f, err, page)
	}
	return d.onward(w, r, p, f.Str("to"))
}

// onward goes on to what a sign-in still needs, or in.
func (d *Desk) onward(w http.ResponseWriter, r *http.Request, p identity.Progress, to string) error {
	switch p.Need {
	case identity.NeedSecond:
		return web.Show(w, r, http.StatusOK, secondPage(web.NewForm(secondFields...).Set("challenge", p.Challenge).Set("to", to)))
	case identity.NeedRenewal:
		return web.Show(w, r, http.StatusOK, renewPage(web.NewForm(renewFields...).Set("challenge", p.Challenge).Set("to", to)))
	}
	return d.entered(w, r, p, to)
}

func (d *Desk) second(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, secondFields...)
	if err != nil {
		return err
	}
	page := func() templ.Component { return secondPage(f) }
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, page())
	}
	p, err := d.Identity.SignInSecond(r.Context(), origin(r), f.Str("challenge"), f.Str("code"))
	if err != nil {
		return again(w, r, f, err, page)
	}
	return d.onward(w, r, p, f.Str("to"))
}

func (d *Desk) renew(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, renewFields...)
	if err != nil {
		return err
	}
	page := func() templ.Component { return renewPage(f) }
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, page())
	}
	p, err := d.Identity.RenewPassword(r.Context(), origin(r), f.Str("challenge"), f.Str("fresh"))
	if err != nil {
		return again(w, r, f, err, page)
	}
	return d.onward(w, r, p, f.Str("to"))
}

func (d *Desk) logout(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if token := web.SessionToken(r); token != "" {
		if err := d.Identity.SignOut(r.Context(), origin(r), token); err != nil {
			return err
		}
	}
	web.ClearSession(w, r)
	web.Say(r, "您已退出登录。")
	return web.Redirect(w, r, "/")
}

func (d *Desk) stepUpPage(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, web.StepUpPage(web.StepUpForm(r.URL.Query().Get("to"))))
}

func (d *Desk) stepUp(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadStepUp(r)
	if err != nil {
		return err
	}
	page := func() templ.Component { return web.StepUpPage(f) }
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, page())
	}
	fresh, err := d.Identity.StepUp(r.Context(), origin(r), web.SessionToken(r), f.Str("code"))
	if err != nil {
		return again(w, r, f, err, page)
	}
	return web.SteppedUp(w, r, f, fresh)
}
