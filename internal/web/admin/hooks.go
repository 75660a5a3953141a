package admin

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/feed"
	"juli/internal/hook"
	"juli/internal/registry"
	"juli/internal/web"
)

// hookRoutes are the pages of the webhooks of public news.
func (d *Desk) hookRoutes(on func(pattern string, act authz.Act, h web.Handler)) {
	on("GET /admin/hooks", authz.HookManage, d.hooks)
	on("POST /admin/hooks", authz.HookManage, d.makeHook)
	on("GET /admin/hooks/{id}", authz.HookManage, d.hookPage)
	on("POST /admin/hooks/{id}/pause", authz.HookManage, d.turnHook("已暂停推送。", d.Hooks.PauseIn))
	on("POST /admin/hooks/{id}/resume", authz.HookManage, d.turnHook("已恢复推送，暂停期间的内容随后补发。", d.Hooks.ResumeIn))
	on("POST /admin/hooks/{id}/end", authz.HookManage, d.turnHook("订阅已停用。", d.Hooks.EndIn))
}

// hookFields are what a subscription is made of, for today's districts and kinds.
func (d *Desk) hookFields(ctx context.Context) (fields []web.Field, err error) {
	kinds, topics, places := []web.Option{}, []web.Option{{Value: "", Text: "全部诉求类别"}}, []web.Option{{Value: "", Text: "全市"}}
	for _, k := range feed.Kinds {
		kinds = append(kinds, web.Option{Value: string(k), Text: k.Title()})
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		topics, places = topics[:1], places[:1]
		book, err := d.Reports.Books.InForce(ctx, tx, tx.Today())
		if err != nil {
			return err
		}
		for _, t := range book.Topics {
			topics = append(topics, web.Option{Value: t.Code, Text: t.Title})
		}
		districts, err := registry.Districts(ctx, tx, tx.Today())
		for _, x := range districts {
			places = append(places, web.Option{Value: string(x.Code), Text: x.Name})
		}
		return err
	})
	return []web.Field{
		{Name: "name", Label: "接收系统", Required: true, Max: 60, Hint: "例如：南岗区城市运行平台"},
		{Name: "address", Label: "接收地址", Required: true, Max: 500, Hint: "https 开头；主机须由运维人员列入允许推送的主机"},
		{Name: "kinds", Label: "推送内容", Kind: web.Checks, Options: kinds, Hint: "不选即全部"},
		{Name: "place", Label: "区县", Kind: web.Select, Options: places},
		{Name: "street", Label: "街道或社区代码", Max: 12, Hint: "只推送一个街道或社区时填写 9 或 12 位区划代码"},
		{Name: "project", Label: "项目编码", Max: 20, Hint: "只推送一个项目时填写"},
		{Name: "topic", Label: "诉求类别", Kind: web.Select, Options: topics, Hint: "选了类别，就只推送这一类诉求"},
	}, err
}

func (d *Desk) hooks(w http.ResponseWriter, r *http.Request) error {
	fields, err := d.hookFields(r.Context())
	if err != nil {
		return err
	}
	return d.showHooks(w, r, http.StatusOK, web.NewForm(fields...), "")
}

// showHooks lists the subscriptions; a new one's secret stands on the page this once.
func (d *Desk) showHooks(w http.ResponseWriter, r *http.Request, status int, f *web.Form, fresh string) error {
	t := web.Table{
		Caption: "推送订阅", None: web.Nothing{Text: "还没有订阅。"},
		Cols: []web.Col{{Name: "接收系统"}, {Name: "推送内容"}, {Name: "最近一次"}, {Name: "等待（条）", Num: true}, {Name: "连续失败（次）", Num: true}, {Name: "状态"}},
	}
	err := d.DB.Read(r.Context(), func(tx *db.Tx) error {
		list, err := d.Hooks.List(r.Context(), tx, web.Actor(r))
		t.Rows = nil
		for _, x := range list {
			words, err := d.Hooks.Words(r.Context(), tx, x.Scope)
			if err != nil {
				return err
			}
			at := "/admin/hooks/" + x.ID.String()
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				{Text: x.Name, Href: at, Sub: x.Host},
				web.T(words),
				{Text: clock(lastOf(x.Last)), Sub: said(x.Last)},
				web.N(x.Waiting, at+"?state="+hook.Waiting), web.N(x.Failures, ""), web.Tagged(hook.StateTitle(x.State), hookTone(x.State)),
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	var parts []templ.Component
	if fresh != "" {
		parts = append(parts, web.Notice(web.Warn, "签名密钥，只显示这一次", fresh))
	}
	p := page(r, "数据推送")
	p.Lead = "公开信息一有变化就推送到其他系统，格式为 Standard Webhooks，每条都有签名；不含任何未公开的内容"
	w.Header().Set("Cache-Control", "no-store")
	return web.Show(w, r, status, web.Whole(p, append(parts,
		web.Section(web.Box{Title: "订阅"}, web.TableView(t)),
		web.Section(web.Box{Title: "新建订阅"}, web.FormView(f, web.FormBox{Action: "/admin/hooks", Submit: "新建订阅"})))...))
}

func hookTone(state string) web.Tone {
	return map[string]web.Tone{hook.Active: web.Good, hook.Paused: web.Bad, hook.Sent: web.Good, hook.Waiting: web.Info, hook.GivenUp: web.Bad}[state]
}

func said(x hook.Delivery) string {
	if x.ID == 0 {
		return "还没有推送"
	}
	if x.Failure != "" {
		return hook.FailureTitle(x.Failure)
	}
	return hook.StateTitle(x.State)
}

func (d *Desk) makeHook(w http.ResponseWriter, r *http.Request) error {
	fields, err := d.hookFields(r.Context())
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	if !f.OK() {
		return d.showHooks(w, r, http.StatusUnprocessableEntity, f, "")
	}
	x := hook.Draft{Name: f.Str("name"), Address: f.Str("address"), Scope: feed.Scope{Division: code.Division(f.Str("place")), Project: code.ProjectCode(f.Str("project")), Topic: f.Str("topic")}}
	if s := f.Str("street"); s != "" {
		x.Scope.Division = code.Division(s)
		if at, err := code.ParseDivision(s); err == nil {
			x.Scope.Division = at
		}
	}
	for _, k := range f.All("kinds") {
		x.Scope.Kinds = append(x.Scope.Kinds, feed.Kind(k))
	}
	var secret string
	// what is shown once is kept nowhere, so a second click shows the page without it
	if _, err := web.Once(r, d.DB, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		_, secret, err = d.Hooks.MakeIn(ctx, tx, web.Actor(r), x)
		return struct{}{}, err
	}); err != nil {
		if f.Take(err) {
			return d.showHooks(w, r, http.StatusUnprocessableEntity, f, "")
		}
		return err
	}
	return d.showHooks(w, r, http.StatusOK, web.NewForm(fields...), secret)
}
