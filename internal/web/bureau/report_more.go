package bureau

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/resident"
	"juli/internal/web"
)

// reportAgain draws the page anew with a form that was refused.
func (d *Desk) reportAgain(r *http.Request, id db.ID, put func(*reportForms)) func() templ.Component {
	return later(func(ctx context.Context) (templ.Component, error) {
		v, err := d.reportView(ctx, web.Actor(r), id)
		if err != nil {
			return nil, err
		}
		f := formsOf(v)
		put(&f)
		return reportPage(v, f), nil
	})
}

var callbackFields = []web.Field{
	{Name: "solved", Label: "居民说解决了吗", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "1", Text: "解决了"}, {Value: "2", Text: "没有解决"}}},
	{Name: "satisfied", Label: "满意吗", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "1", Text: "满意"}, {Value: "2", Text: "不满意"}}},
}

// callbackCard lets who called a resident of the hotline back note the answer.
func callbackCard(v reportView, f *web.Form) templ.Component {
	if f == nil {
		return web.Words()
	}
	return card(web.Box{Title: "登记12345回访"}, ask(f, web.FormBox{Action: "/bureau/reports/" + v.r.ID.String() + "/callback", Submit: "登记"}))
}

func (d *Desk) callback(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, callbackFields...)
	if err != nil {
		return err
	}
	f.Apart("callback")
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "回访结果已登记。")
		x := resident.Rating{Solved: f.Str("solved") == "1", Satisfied: f.Str("satisfied") == "1"}
		return "/bureau/reports/" + id.String(), d.Reports.CalledBackIn(ctx, tx, web.Actor(r), id, x)
	}, d.reportAgain(r, id, func(all *reportForms) { all.callback = f }))
}

// contactFacts are the contacts, each part by its name.
func contactFacts(list []resident.Contact) (facts []web.Fact) {
	for _, c := range list {
		for _, x := range []web.Fact{{Name: "姓名", Text: c.Name}, {Name: "电话", Text: c.Phone}, {Name: "邮箱", Text: c.Email}} {
			if x.Text != "" {
				facts = append(facts, x)
			}
		}
	}
	return facts
}

// phonesCard shows masked how to reach who reported, and in full once it was asked for.
func phonesCard(v reportView, f *web.Form) templ.Component {
	if v.phones != nil {
		return card(web.Box{Title: "联系方式"}, web.Facts(contactFacts(v.phones)), web.Quiet("本次查看已记入审计记录。"))
	}
	if f == nil {
		return web.Words()
	}
	if len(v.masked) == 0 {
		return card(web.Box{Title: "联系方式"}, web.Quiet("反映人没有留下联系方式，或保留期限已过。"))
	}
	return card(web.Box{Title: "联系方式"}, web.Facts(contactFacts(v.masked)), ask(f, web.FormBox{Action: "/bureau/reports/" + v.r.ID.String() + "/phones", Submit: "查看联系方式"}))
}

var phoneReason = []web.Field{{Name: "reason", Label: "查看理由", Required: true, Max: 200, Hint: "例如：联系入户维修；记入审计记录"}}

// reportPhones shows in full how to reach who reported, with a reason and a fresh
// second factor.
func (d *Desk) reportPhones(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, phoneReason...)
	if err != nil {
		return err
	}
	f.Apart("phones")
	again := d.reportAgain(r, id, func(all *reportForms) { all.phones = f })
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, again())
	}
	var phones []resident.Contact
	// what is shown in clear is kept nowhere, so a second click shows the page without it
	if _, err := web.Once(r, d.DB, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		phones, err = d.Reports.ContactsIn(ctx, tx, web.Actor(r), id, f.Str("reason"))
		return struct{}{}, err
	}); err != nil {
		return err
	}
	v, err := d.reportView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	v.phones = phones
	w.Header().Set("Cache-Control", "no-store")
	return web.Show(w, r, http.StatusOK, reportPage(v, formsOf(v)))
}
