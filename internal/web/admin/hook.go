package admin

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/hook"
	"juli/internal/web"
)

// lastOf is when a delivery ended, or is to be tried again.
func lastOf(x hook.Delivery) time.Time {
	if x.DoneAt.IsZero() {
		return x.NextAt
	}
	return x.DoneAt
}

var deliverySpec = web.ListSpec{Filters: []web.Filter{{Name: "state", Label: "状态", Chips: true, Options: []web.Option{
	{Value: hook.Waiting, Text: hook.StateTitle(hook.Waiting)}, {Value: hook.Sent, Text: hook.StateTitle(hook.Sent)}, {Value: hook.GivenUp, Text: hook.StateTitle(hook.GivenUp)},
}}}}

// hookPage is one subscription with its newest deliveries and what can be done.
func (d *Desk) hookPage(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	l, err := web.ReadList(r, deliverySpec)
	if err != nil {
		return err
	}
	var x hook.Subscription
	var words string
	t := web.Table{
		Caption: "推送记录", List: l, None: web.Nothing{Text: "还没有推送。公开信息有变化时才推送。"},
		Cols: []web.Col{{Name: "推送编号"}, {Name: "事件"}, {Name: "推送次数（次）", Num: true}, {Name: "送达或下次推送"}, {Name: "状态"}, {Name: "原因"}},
	}
	err = d.DB.Read(r.Context(), func(tx *db.Tx) error {
		rows, err := web.Paged(l, func(after string, limit int) ([]hook.Delivery, string, error) {
			before, err := db.ParseID(after)
			if err != nil {
				before = 0
			}
			var part []hook.Delivery
			x, part, err = d.Hooks.Deliveries(r.Context(), tx, web.Actor(r), id, l.Get("state"), before, limit+1)
			if err != nil || len(part) <= limit {
				return part, "", err
			}
			return part[:limit], part[limit-1].ID.String(), nil
		})
		if err != nil {
			return err
		}
		t.Rows = nil
		for _, v := range rows {
			event := EventTitle(v.Type)
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				{Text: "msg_" + v.ID.String(), Nowrap: true}, {Text: event, Sub: v.Type}, web.T(strconv.FormatInt(v.Tries, 10)), web.T(clock(lastOf(v))), web.Tagged(hook.StateTitle(v.State), hookTone(v.State)), web.T(hook.FailureTitle(v.Failure)),
			}})
		}
		words, err = d.Hooks.Words(r.Context(), tx, x.Scope)
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "推送记录", t)
	}
	p := page(r, x.Name)
	p.Crumbs, p.Tags = []web.Link{{Text: "数据推送", Href: "/admin/hooks"}}, []web.Mark{{Text: hook.StateTitle(x.State), Tone: hookTone(x.State)}}
	parts := []templ.Component{web.Section(web.Box{Title: "订阅"}, web.Facts([]web.Fact{
		{Name: "主机", Text: x.Host}, {Name: "推送内容", Text: words}, {Name: "建立", Text: clock(x.MadeAt)}, {Name: "连续失败", Text: web.Count(x.Failures) + " 次"},
	}))}
	if x.State == hook.Paused {
		parts = append([]templ.Component{web.Notice(web.Warn, "推送已暂停", "请先与接收方确认系统恢复，再恢复推送；暂停期间的内容保留 30 天，恢复后补发。")}, parts...)
	}
	if acts := hookActs(x); len(acts) > 0 {
		parts = append(parts, web.Section(web.Box{Title: "办理"}, acts...))
	}
	return web.Show(w, r, http.StatusOK, web.Whole(p, append(parts, web.Section(web.Box{Title: "推送记录"}, web.TableView(t)))...))
}

// hookActs are the buttons that suit the state.
func hookActs(x hook.Subscription) []templ.Component {
	at := "/admin/hooks/" + x.ID.String()
	button := func(act, word string, danger bool) templ.Component {
		return web.FormView(web.NewForm(), web.FormBox{Action: at + "/" + act, Submit: word, Danger: danger})
	}
	switch x.State {
	case hook.Active:
		return []templ.Component{button("pause", "暂停推送", false), button("end", "停用订阅", true)}
	case hook.Paused:
		return []templ.Component{button("resume", "恢复推送", false), button("end", "停用订阅", true)}
	}
	return nil
}

// turnHook is a button that moves a subscription on.
func (d *Desk) turnHook(say string, do func(context.Context, *db.Tx, authz.Actor, db.ID) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		if _, err := web.ReadForm(r); err != nil {
			return err
		}
		return web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
			web.Say(r, say)
			return "/admin/hooks/" + id.String(), do(ctx, tx, web.Actor(r), id)
		})
	}
}
