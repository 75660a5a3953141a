package public

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/resident"
	"juli/internal/web"
)

// code sends a code and leads to the page that asks for it. A demonstration has
// no telephones, so there the page says the code.
func (d *Desk) code(ctx context.Context, tx *db.Tx, r *http.Request, phone string, draft resident.Draft) (string, error) {
	if !d.Texting() {
		return "", fault.New(fault.Conflict, "resident.no-sms", "短信服务没有开通。请登录后反映，或拨打 12345。")
	}
	ticket, secret, err := d.Reports.BeginIn(ctx, tx, web.Actor(r), phone, draft)
	if err != nil {
		return "", err
	}
	d.sayCode(r, "", secret)
	return "/report/confirm/" + ticket, nil
}

func (d *Desk) sayCode(r *http.Request, first, secret string) {
	if d.Demo() {
		first += "演示环境不发短信，验证码是 " + secret + "。"
	}
	if first != "" {
		web.Say(r, first)
	}
}

var ticketField = web.Field{Name: "ticket", Kind: web.Carried, Required: true, Max: 40}

var confirmFields = []web.Field{
	ticketField,
	{Name: "code", Label: "短信验证码", Kind: web.Code, Required: true, Max: 12, Auto: "one-time-code", Hint: "6 位数字，5 分钟内有效"},
}

func (d *Desk) confirmForm(w http.ResponseWriter, r *http.Request) error {
	return d.showConfirm(w, r, http.StatusOK, web.NewForm(confirmFields...).Set("ticket", r.PathValue("ticket")))
}

// showConfirm asks for the code, and offers another one: what was written waits a
// day, however often the code was wrong or late.
func (d *Desk) showConfirm(w http.ResponseWriter, r *http.Request, status int, f *web.Form) error {
	var phone string
	err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		phone, err = d.Reports.Waiting(r.Context(), tx, f.Str("ticket"))
		return err
	})
	if fault.Is(err, "authz.not-found") {
		return web.Show(w, r, http.StatusNotFound, lostPage("这一页已经用过或过期", "填写的内容等待验证一天。已经验证过的，可以凭手机号重新取得查询链接；没有验证的，请重新填写。"))
	}
	if err != nil {
		return err
	}
	return web.Show(w, r, status, confirmPage(f, "验证码已发到 "+code.MaskPhone(phone)))
}

func confirmPage(f *web.Form, lead string) templ.Component {
	p := web.Page{Title: "输入验证码", Lead: lead, Narrow: true, Crumbs: []web.Link{{Text: "居民诉求", Href: "/reports"}}}
	again := web.NewForm(ticketField).Set("ticket", f.Str("ticket"))
	return web.Whole(p,
		web.Section(web.Box{}, web.FormView(f, web.FormBox{Action: "/report/confirm", Submit: "确认", Cancel: "/report"})),
		web.Section(web.Box{Title: "没有收到，或验证码已过期？"}, web.Quiet("重新发送后，以最新的一条为准；已填写的内容和照片保留，不用重填。"),
			web.FormView(again, web.FormBox{Action: "/report/confirm/again", Submit: "重新发送验证码", ID: "again"})),
	)
}

// refusedCode shows the page again for a refusal that a new code or another try
// may mend.
func (d *Desk) refusedCode(w http.ResponseWriter, r *http.Request, f *web.Form, err error) error {
	if !f.Take(err) && !f.TakeLimit(err) {
		return err
	}
	return d.showConfirm(w, r, web.Status(fault.From(err)), f)
}

func (d *Desk) confirmSent(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, confirmFields...)
	if err != nil {
		return err
	}
	if !f.OK() {
		return d.showConfirm(w, r, http.StatusUnprocessableEntity, f)
	}
	if err := d.Reports.CheckCode(r.Context(), f.Str("ticket"), f.Str("code")); err != nil {
		return d.refusedCode(w, r, f, err)
	}
	err = web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		out, err := d.Reports.ConfirmIn(ctx, tx, web.Actor(r), f.Str("ticket"), f.Str("code"))
		return d.received(r, out), err
	})
	switch {
	case fault.Is(err, "authz.not-found"):
		return d.showConfirm(w, r, http.StatusNotFound, f)
	case err != nil:
		return d.refusedCode(w, r, f, err)
	}
	return nil
}

// codeAgain sends another code for what waits.
func (d *Desk) codeAgain(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, ticketField)
	if err != nil {
		return err
	}
	if !f.OK() {
		return fault.New(fault.NotFound, "page.none", "没有这一页。")
	}
	ticket := f.Str("ticket")
	err = web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		secret, err := d.Reports.CodeAgainIn(ctx, tx, web.Actor(r), ticket)
		if err != nil {
			return "", err
		}
		d.sayCode(r, "新的验证码已发送，以最新的一条为准。", secret)
		return "/report/confirm/" + ticket, nil
	})
	again := web.NewForm(confirmFields...).Set("ticket", ticket)
	switch {
	case fault.Is(err, "authz.not-found"):
		return d.showConfirm(w, r, http.StatusNotFound, again)
	case err != nil:
		return d.refusedCode(w, r, again, err)
	}
	return nil
}
