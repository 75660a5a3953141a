package account

import (
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/identity"
	"juli/internal/web"
)

var joinFields = []web.Field{
	{Name: "code", Label: "激活码", Kind: web.Code, Required: true, Max: 60, Hint: "邀请您的人交给您的一次性激活码"},
	{Name: "name", Label: "姓名", Required: true, Max: 40, Auto: "name"},
	{Name: "number", Label: "身份证号", Required: true, Max: 18, Hint: "办事人员须实名；加密保存，只用于确认是同一个人"},
	{Name: "phone", Label: "手机号", Max: 20, Auto: "tel"},
	{Name: "password", Label: "密码", Kind: web.Password, Required: true, Max: 256, Auto: "new-password", Hint: "至少 12 位，含大小写字母、数字、符号中的三类；可以粘贴"},
}

var enrolFields = []web.Field{
	{Name: "code", Label: "动态码", Kind: web.Code, Required: true, Max: 12, Auto: "one-time-code", Hint: "身份验证器上显示的 6 位数字"},
	{Name: "challenge", Kind: web.Carried, Required: true, Max: 200},
	{Name: "secret", Kind: web.Carried, Max: 100},
	{Name: "uri", Kind: web.Carried, Max: 400},
}

func (d *Desk) joinPage(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, activatePage(web.NewForm(joinFields...)))
}

func (d *Desk) join(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, joinFields...)
	if err != nil {
		return err
	}
	page := func() templ.Component { return activatePage(f) }
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, page())
	}
	e, err := d.Identity.Join(r.Context(), origin(r), identity.Joining{
		Code: f.Str("code"), Name: f.Str("name"), Number: f.Str("number"), Phone: f.Str("phone"), Password: f.Str("password"),
	})
	if err != nil {
		return again(w, r, f, err, page)
	}
	if e.Progress.Session != "" {
		return d.entered(w, r, e.Progress, "/")
	}
	return web.Show(w, r, http.StatusOK, enrolPage(e.Login, web.NewForm(enrolFields...).Set("challenge", e.Challenge).Set("secret", e.Secret).Set("uri", e.URI)))
}

func (d *Desk) enrol(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, enrolFields...)
	if err != nil {
		return err
	}
	page := func() templ.Component { return enrolPage("", f) }
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, page())
	}
	p, err := d.Identity.Enrol(r.Context(), origin(r), f.Str("challenge"), f.Str("code"))
	if err != nil {
		return again(w, r, f, err, page)
	}
	return d.entered(w, r, p, "/")
}
