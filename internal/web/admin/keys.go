package admin

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/web"
)

// A keyPage is the page of one kind of keys.
type keyPage struct {
	d                    *Desk
	channel, path, title string
	lead, hint           string
	placed               bool // a key may be for one district alone
}

func (d *Desk) keyPages() []keyPage {
	return []keyPage{
		{d, resident.Hotline, "/admin/order-keys", "12345接口密钥", "热线平台凭密钥送来工单；平台只保存密钥的摘要", "例如：哈尔滨12345热线平台", false},
		{d, resident.Open311, "/admin/open311-keys", "开放接口密钥", "客户端凭密钥经 Open311 接口（/open311/v2）代居民反映诉求；平台只保存密钥的摘要", "例如：城市随手拍", true},
	}
}

// keyRoutes are the pages of the keys of interfaces.
func (d *Desk) keyRoutes(on func(pattern string, act authz.Act, h web.Handler)) {
	pages := d.keyPages()
	orders, open := pages[0], pages[1]
	on("GET /admin/order-keys", authz.ReportKeys, orders.list)
	on("POST /admin/order-keys", authz.ReportKeys, orders.make)
	on("POST /admin/order-keys/{id}/end", authz.ReportKeys, orders.end)
	on("GET /admin/open311-keys", authz.ReportKeys, open.list)
	on("POST /admin/open311-keys", authz.ReportKeys, open.make)
	on("POST /admin/open311-keys/{id}/end", authz.ReportKeys, open.end)
}

// keyFields ask what a key of the page needs.
func (p keyPage) fields(districts []web.Option) []web.Field {
	fields := []web.Field{{Name: "name", Label: "使用密钥的系统", Required: true, Max: 60, Hint: p.hint}}
	if p.placed {
		fields = append(fields, web.Field{Name: "division", Label: "可反映的辖区", Kind: web.Select, Required: true, Options: districts, Hint: "只能代居民反映这个辖区内小区的诉求"})
	}
	return append(fields, web.Field{Name: "contact", Label: "管理单位联系方式", Required: p.placed, Max: 100, Hint: "单位的办公电话或邮箱，不填个人手机号；加密保存，停用三年后清除"})
}

// keysView is what stands on the page.
type keysView struct {
	list   []resident.Key
	places []web.Option
	fresh  string // a new key, this once
}

func (p keyPage) view(r *http.Request) (v keysView, err error) {
	ctx := r.Context()
	err = p.d.DB.Read(ctx, func(tx *db.Tx) error {
		if v.list, err = p.d.Reports.KeysOf(ctx, tx, web.Actor(r), p.channel); err != nil {
			return err
		}
		v.places, err = p.places(ctx, tx)
		return err
	})
	return v, err
}

// places are the city and its districts.
func (p keyPage) places(ctx context.Context, tx *db.Tx) ([]web.Option, error) {
	options := []web.Option{{Value: string(p.d.Reports.City), Text: "全市"}}
	districts, err := registry.Districts(ctx, tx, tx.Today())
	for _, x := range districts {
		options = append(options, web.Option{Value: string(x.Code), Text: x.Name})
	}
	return options, err
}

func (p keyPage) list(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	return p.show(w, r, http.StatusOK, v, web.NewForm(p.fields(v.places)...))
}

// show lists the keys; a new one stands on the page this once.
func (p keyPage) show(w http.ResponseWriter, r *http.Request, status int, v keysView, f *web.Form) error {
	var parts []templ.Component
	if v.fresh != "" {
		parts = append(parts, web.Notice(web.Warn, "新密钥，只显示这一次", v.fresh))
	}
	page := page(r, p.title)
	page.Lead = p.lead
	w.Header().Set("Cache-Control", "no-store")
	return web.Show(w, r, status, web.Whole(page, append(parts,
		web.Section(web.Box{Title: "发放新密钥"}, web.FormView(f, web.FormBox{Action: p.path, Submit: "发放密钥"})),
		web.Section(web.Box{Title: "已发放的密钥"}, web.TableView(p.table(v))))...))
}

func (p keyPage) table(v keysView) web.Table {
	t := web.Table{
		Caption: "接口密钥", None: web.Nothing{Text: "还没有密钥。填写上面的表单发放第一个。"},
		Cols: []web.Col{{Name: "系统"}, {Name: "辖区"}, {Name: "管理单位"}, {Name: "发放"}, {Name: "最近使用"}, {Name: "状态"}, {Name: "办理"}},
	}
	place := func(d code.Division) string {
		i := slices.IndexFunc(v.places, func(o web.Option) bool { return o.Value == string(d) })
		if i < 0 {
			return string(d)
		}
		return v.places[i].Text
	}
	for _, k := range v.list {
		state, act := web.Tagged("在用", web.Good), web.Cell{Body: web.FormView(web.NewForm(), web.FormBox{Action: p.path + "/" + k.ID.String() + "/end", Submit: "停用", Danger: true}), Plain: "可停用"}
		if !k.Ended.IsZero() {
			state, act = web.Tagged("已停用", web.Plain), web.T(clock(k.Ended))
		}
		contact := k.Contact
		if contact == "" {
			contact = "—"
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(k.Name), web.T(place(k.Division)), web.T(contact), web.T(clock(k.MadeAt)), web.T(clock(k.Used)), state, act}})
	}
	return t
}

func (p keyPage) make(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, p.fields(v.places)...)
	if err != nil {
		return err
	}
	if !f.OK() {
		return p.show(w, r, http.StatusUnprocessableEntity, v, f)
	}
	ask := resident.KeyAsk{Channel: p.channel, Name: f.Str("name"), Contact: f.Str("contact")}
	if p.placed {
		ask.Division = code.Division(f.Str("division"))
	}
	var key string
	// what is shown once is kept nowhere, so a second click shows the page without it
	_, err = web.Once(r, p.d.DB, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		_, key, err = p.d.Reports.MakeKeyIn(ctx, tx, web.Actor(r), ask)
		return struct{}{}, err
	})
	if err != nil && f.Take(err) {
		return p.show(w, r, http.StatusUnprocessableEntity, v, f)
	}
	if err != nil {
		return err
	}
	if v, err = p.view(r); err != nil {
		return err
	}
	v.fresh = key
	return p.show(w, r, http.StatusOK, v, web.NewForm(p.fields(v.places)...))
}

func (p keyPage) end(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	return web.Act(w, r, p.d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "密钥已停用。")
		return p.path, p.d.Reports.EndKeyIn(ctx, tx, web.Actor(r), p.channel, id)
	})
}
