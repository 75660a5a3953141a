package admin

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/web"
)

const waitingMax = 100

func (d *Desk) home(w http.ResponseWriter, r *http.Request) error {
	who := web.Actor(r)
	var figures []web.Figure
	err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) { figures, err = d.waiting(r.Context(), tx, who); return err })
	if err != nil {
		return err
	}
	var parts []templ.Component
	if len(figures) > 0 {
		parts = append(parts, web.Figures("等待办理", figures))
	}
	parts = append(parts, web.Section(web.Box{Title: "可以办理"}, web.Buttons(Menu(who)[1:])))
	return web.Show(w, r, http.StatusOK, web.Whole(page(r, "管理"), parts...))
}

// waiting counts what waits for the actor, to a hundred.
func (d *Desk) waiting(ctx context.Context, tx *db.Tx, who authz.Actor) (out []web.Figure, err error) {
	add := func(label, href string, n int) {
		text := web.Count(int64(n))
		if n == waitingMax {
			text += "+"
		}
		out = append(out, web.Figure{Label: label, Value: text, Unit: "件", Href: href})
	}
	if authz.Can(who, authz.GrantApprove) {
		list, err := d.Identity.Proposals(ctx, tx, who, 0, waitingMax)
		if err != nil {
			return nil, err
		}
		add("待批授权", "/admin/grants", len(list))
	}
	if authz.Can(who, authz.RecoverPropose) {
		list, err := d.Identity.Recoveries(ctx, tx, who, 0, waitingMax)
		if err != nil {
			return nil, err
		}
		add("找回账号", "/admin/recoveries", len(list))
	}
	if authz.Can(who, authz.AccountConfirm) {
		list, err := d.Identity.Requests(ctx, tx, who, "open", 0, waitingMax)
		if err != nil {
			return nil, err
		}
		add("企业账号申请", "/admin/requests", len(list))
	}
	if authz.Can(who, authz.HookManage) {
		n, err := d.Hooks.Halted(ctx, tx, who)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, web.Figure{Label: "已暂停的数据推送", Value: web.Count(n), Unit: "个", Href: "/admin/hooks", Tone: web.Warn})
		}
	}
	return out, nil
}
