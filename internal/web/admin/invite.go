package admin

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/identity"
	"juli/internal/web"
)

var inviteFields = []web.Field{
	{Name: "login", Label: "账号", Required: true, Max: 40, Hint: "3 至 40 个小写字母、数字或汉字，不能与他人相同"},
	{Name: "name", Label: "姓名", Max: 50},
	{Name: "number", Label: "身份证号", Max: 18, Hint: "填了，激活时须填同一号码"},
	{Name: "phone", Label: "手机号", Max: 20},
}

func (d *Desk) invitePage(w http.ResponseWriter, r *http.Request) error {
	if err := fresh(r, authz.GrantPropose); err != nil {
		return err
	}
	g, err := d.giving(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, inviteForm(r, g, g.form(inviteFields, nil)))
}

func inviteForm(r *http.Request, g giving, f *web.Form) templ.Component {
	p := page(r, "邀请人员")
	p.Narrow, p.Crumbs = true, []web.Link{{Text: "人员", Href: "/admin/people"}}
	if !g.ready() {
		return web.Whole(p, g.choose(web.Actor(r), "/admin/people/new"))
	}
	p.Title = "邀请" + g.role.Title() + "人员"
	return web.Whole(p, web.Section(web.Box{}, web.FormView(f, web.FormBox{Action: "/admin/people/new", Submit: "邀请", Cancel: "/admin/people"})))
}

// invite shows the one-time code at once and never again: it is kept nowhere in
// clear, so not in a form's answer either.
func (d *Desk) invite(w http.ResponseWriter, r *http.Request) error {
	g, err := d.giving(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, slices.Concat(inviteFields, g.fields())...)
	if err != nil {
		return err
	}
	return d.coded(w, r, f, func(ctx context.Context, tx *db.Tx) (identity.Invited, error) {
		return d.Identity.InviteIn(ctx, tx, web.Actor(r), identity.Invite{
			Login: f.Str("login"), Name: f.Str("name"), Number: f.Str("number"), Phone: f.Str("phone"), Role: g.role, Scope: g.scopes[f.Str("place")], Manager: f.Bool("manager"), To: f.Date("to"),
		})
	}, func() templ.Component { return inviteForm(r, g, f) })
}

// coded does what makes a one-time code, once, and shows the code. A second click
// finds the act done and the code gone: the page then tells the way to a new one.
func (d *Desk) coded(w http.ResponseWriter, r *http.Request, f *web.Form, do func(ctx context.Context, tx *db.Tx) (identity.Invited, error), again func() templ.Component) error {
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, again())
	}
	var out identity.Invited
	account, err := web.Once(r, d.DB, func(ctx context.Context, tx *db.Tx) (id db.ID, err error) {
		out, err = do(ctx, tx)
		return out.Account, err
	})
	switch {
	case err != nil && again != nil && f.Take(err):
		return web.Show(w, r, http.StatusUnprocessableEntity, again())
	case err != nil:
		return err
	case out.Code == "":
		return web.Show(w, r, http.StatusOK, goneView(r, "/admin/people/"+account.String()))
	}
	return web.Show(w, r, http.StatusOK, codeView(r, out))
}

// goneView says that a code was shown and can't be shown again.
func goneView(r *http.Request, to string) templ.Component {
	p := page(r, "已经办理")
	p.Narrow, p.Crumbs = true, []web.Link{{Text: "人员", Href: "/admin/people"}}
	return web.Whole(p, web.Notice(web.Info, "这件事已经办好，没有重复办理", "一次性的码只显示一次。没有记下时，请在人员页面重新生成。"), web.Buttons([]web.Link{{Text: "查看", Href: to}}))
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
