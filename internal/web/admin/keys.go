package admin

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/resident"
	"juli/internal/web"
)

// keyRoutes are the pages of the keys of the 12345 interface.
func (d *Desk) keyRoutes(on func(pattern string, act authz.Act, h web.Handler)) {
	on("GET /admin/order-keys", authz.ReportKeys, d.keys)
	on("POST /admin/order-keys", authz.ReportKeys, d.makeKey)
	on("POST /admin/order-keys/{id}/end", authz.ReportKeys, d.endKey)
}

var keyFields = []web.Field{{Name: "name", Label: "使用密钥的系统", Required: true, Max: 60, Hint: "例如：哈尔滨12345热线平台"}}

func (d *Desk) keys(w http.ResponseWriter, r *http.Request) error {
	return d.showKeys(w, r, http.StatusOK, web.NewForm(keyFields...), "")
}

// showKeys lists the keys; a new one stands on the page this once.
func (d *Desk) showKeys(w http.ResponseWriter, r *http.Request, status int, f *web.Form, fresh string) error {
	var list []resident.Key
	err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		list, err = d.Reports.KeysOf(r.Context(), tx, web.Actor(r))
		return err
	})
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "接口密钥", None: web.Nothing{Text: "还没有密钥。"},
		Cols: []web.Col{{Name: "系统"}, {Name: "发放"}, {Name: "最近使用"}, {Name: "状态"}, {Name: "办理"}},
	}
	for _, k := range list {
		state, act := web.Tagged("在用", web.Good), web.Cell{Body: web.FormView(web.NewForm(), web.FormBox{Action: "/admin/order-keys/" + k.ID.String() + "/end", Submit: "停用", Danger: true}), Plain: "可停用"}
		if !k.Ended.IsZero() {
			state, act = web.Tagged("已停用", web.Plain), web.T(clock(k.Ended))
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(k.Name), web.T(clock(k.MadeAt)), web.T(clock(k.Used)), state, act}})
	}
	var parts []templ.Component
	if fresh != "" {
		parts = append(parts, web.Notice(web.Warn, "新密钥，只显示这一次", fresh))
	}
	p := page(r, "12345接口密钥")
	p.Lead = "热线平台凭密钥送来工单；平台只保存密钥的摘要"
	w.Header().Set("Cache-Control", "no-store")
	return web.Show(w, r, status, web.Whole(p, append(parts,
		web.Section(web.Box{Title: "发放新密钥"}, web.FormView(f, web.FormBox{Action: "/admin/order-keys", Submit: "发放密钥"})),
		web.Section(web.Box{Title: "已发放的密钥"}, web.TableView(t)))...))
}

func (d *Desk) makeKey(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, keyFields...)
	if err != nil {
		return err
	}
	if !f.OK() {
		return d.showKeys(w, r, http.StatusUnprocessableEntity, f, "")
	}
	var key string
	// what is shown once is kept nowhere, so a second click shows the page without it
	if _, err := web.Once(r, d.DB, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		key, err = d.Reports.MakeKeyIn(ctx, tx, web.Actor(r), f.Str("name"))
		return struct{}{}, err
	}); err != nil {
		return err
	}
	return d.showKeys(w, r, http.StatusOK, web.NewForm(keyFields...), key)
}

func (d *Desk) endKey(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	return web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "密钥已停用。")
		return "/admin/order-keys", d.Reports.EndKeyIn(ctx, tx, web.Actor(r), id)
	})
}
