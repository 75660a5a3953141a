package public

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/web"
)

var findFields = []web.Field{
	{Name: "number", Label: "诉求编号", Max: 24, Hint: "例如 2021-000123-4，横线可以不写；记不清可以不填，验证后列出您反映过的诉求"},
	phoneField,
}

func (d *Desk) findForm(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, findPage(web.NewForm(findFields...)))
}

func findPage(f *web.Form) templ.Component {
	p := web.Page{Title: "查询我反映的问题", Lead: "凭手机号取得新的查询链接，原来的链接随即失效", Narrow: true, Crumbs: []web.Link{{Text: "居民诉求", Href: "/reports"}}}
	return web.Whole(p, web.Section(web.Box{}, web.FormView(f, web.FormBox{Submit: "获取验证码", Cancel: "/reports"})))
}

func (d *Desk) findSent(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, findFields...)
	if err != nil {
		return err
	}
	number := resident.Canonical(f.Str("number"))
	if f.OK() && number != "" && !resident.ValidNumber(number) {
		f.Refuse("number", "编号不对，请核对，例如 2021-000123-4；记不清可以不填。")
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		if number == "" {
			return d.code(ctx, tx, r, f.Str("phone"), resident.Draft{Mine: true})
		}
		x, err := resident.ByNumber(ctx, tx, number)
		if fault.Is(err, "authz.not-found") { // whether a number exists is public
			return "", fault.New(fault.Invalid, "resident.number", "没有这个编号。").With("number", "没有这个编号，请核对；记不清可以不填。")
		}
		if err != nil {
			return "", err
		}
		return d.code(ctx, tx, r, f.Str("phone"), resident.Draft{Find: x.ID})
	}, func() templ.Component { return findPage(f) })
}

// mineFields offer the reports of a proven telephone.
func (d *Desk) mineFields(ctx context.Context, ticket string) (fields []web.Field, some bool, err error) {
	pick := web.Field{Name: "report", Label: "诉求", Kind: web.Radio, Required: true}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := d.Reports.MineIn(ctx, tx, ticket)
		if err != nil {
			return err
		}
		for _, x := range list {
			o, err := d.mineOption(ctx, tx, x)
			if err != nil {
				return err
			}
			pick.Options = append(pick.Options, o)
		}
		return nil
	})
	return []web.Field{{Name: "ticket", Kind: web.Carried, Required: true, Max: 40}, pick}, len(pick.Options) > 0, err
}

func (d *Desk) mineOption(ctx context.Context, tx *db.Tx, x resident.Mine) (o web.Option, err error) {
	book, err := d.Reports.Books.ByDigest(ctx, tx, x.Book)
	if err != nil {
		return o, err
	}
	var p registry.Project
	if p, err = d.Registry.Project(ctx, tx, x.Project); err != nil {
		return o, err
	}
	return web.Option{Value: x.Report.String(), Text: x.Number + " " + book.TopicTitle(x.Topic), Hint: p.Name + "，" + x.ReceivedOn.String() + " 反映，" + resident.Machine.StateTitle(x.State)}, nil
}

// mine lists what a telephone reported, after its code was right.
func (d *Desk) mine(w http.ResponseWriter, r *http.Request) error {
	ticket := r.PathValue("ticket")
	fields, some, err := d.mineFields(r.Context(), ticket)
	if fault.Is(err, "authz.not-found") {
		return web.Show(w, r, http.StatusNotFound, lostPage("这一页已经过期", "验证后 30 分钟内有效，请重新验证手机号。"))
	}
	if err != nil {
		return err
	}
	w.Header().Set("Referrer-Policy", "no-referrer") // the address is the key
	w.Header().Set("Cache-Control", "no-store")
	return web.Show(w, r, http.StatusOK, minePage(web.NewForm(fields...).Set("ticket", ticket), some))
}

func minePage(f *web.Form, some bool) templ.Component {
	p := web.Page{Title: "我反映的问题", Lead: "选择一件，取得新的查询链接；这一件原来的链接随即失效", Narrow: true, Crumbs: []web.Link{{Text: "居民诉求", Href: "/reports"}}}
	if !some {
		p.Lead, p.Acts = "", []web.Link{{Text: "反映问题", Href: "/report", Main: true}, {Text: "换一个手机号查询", Href: "/report/find"}}
		return web.Whole(p, web.Section(web.Box{}, web.Para("没有用这个手机号反映的诉求，或保留期限已过。")))
	}
	return web.Whole(p, web.Section(web.Box{}, web.FormView(f, web.FormBox{Action: "/report/mine", Submit: "打开这一件", Cancel: "/reports"})))
}

func (d *Desk) mineSent(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, web.Field{Name: "ticket", Kind: web.Carried, Required: true, Max: 40}, web.Field{Name: "report", Label: "诉求", Max: 20})
	if err != nil {
		return err
	}
	fields, some, err := d.mineFields(r.Context(), f.Str("ticket"))
	if err != nil {
		return err
	}
	if f, err = web.ReadForm(r, fields...); err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		out, err := d.Reports.OpenMineIn(ctx, tx, web.Actor(r), f.Str("ticket"), f.ID("report"))
		return d.received(r, out), err
	}, func() templ.Component { return minePage(f, some) })
}
