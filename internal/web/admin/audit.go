package admin

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/identity"
	"juli/internal/registry"
	"juli/internal/web"
)

var outcomes = map[audit.Outcome]string{audit.Done: "完成", audit.Denied: "拒绝", audit.Failed: "失败"}

var auditSpec = web.ListSpec{Filters: []web.Filter{
	{Name: "outcome", Label: "结果", Chips: true, Options: []web.Option{{Value: "done", Text: "完成"}, {Value: "denied", Text: "拒绝"}, {Value: "failed", Text: "失败"}}},
	{Name: "kind", Label: "事件", Options: eventOptions()},
	{Name: "account", Label: "账号", Like: web.LikeCode},
	{Name: "object", Label: "对象", Like: web.LikeName},
	{Name: "request", Label: "请求编号", Like: web.LikeCode},
	{Name: "since", Label: "起", Date: true},
	{Name: "until", Label: "止（含）", Date: true},
}}

// audit lists events, newest first. Reading is itself an event, and so is taking
// the list away as a file, which asks for a fresh second factor.
func (d *Desk) audit(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, auditSpec)
	if err != nil {
		return err
	}
	q, err := auditQuery(l)
	if err != nil {
		return err
	}
	if l.Format != "" {
		if err := authz.Require(who, authz.AuditExport, authz.Place{}); err != nil {
			return err
		}
	}
	t := web.Table{
		Caption: "审计记录", List: l, None: web.Nothing{Text: "没有审计记录。"},
		Cols: []web.Col{{Name: "时间"}, {Name: "事件"}, {Name: "结果"}, {Name: "账号"}, {Name: "角色和范围"}, {Name: "对象"}, {Name: "来源"}, {Name: "内容"}},
	}
	err = d.DB.Write(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		if v := l.Get("account"); v != "" {
			if q.Account, err = identity.AccountOf(ctx, tx, who, v); err != nil {
				return err
			}
		}
		rows, err := web.Paged(l, func(after string, limit int) ([]audit.Event, string, error) {
			if q.Before, err = cursor(after); err != nil {
				return nil, "", err
			}
			q.Limit = limit
			rows, err := d.Audit.ListIn(ctx, tx, who, q)
			if err != nil || len(rows) < limit {
				return rows, "", err
			}
			return rows, rows[len(rows)-1].ID.String(), nil
		})
		if err != nil {
			return err
		}
		place, err := eventPlaces(ctx, tx, rows)
		if err != nil {
			return err
		}
		var accounts []db.ID
		for _, e := range rows {
			accounts = append(accounts, e.Account)
		}
		logins, err := identity.Logins(ctx, tx, who, accounts)
		if err != nil {
			return err
		}
		for _, e := range rows {
			t.Rows = append(t.Rows, eventRow(e, place, logins))
		}
		if l.Format == "" {
			return nil
		}
		return audit.Append(ctx, tx, who, "audit.exported", "audit_event", audit.Change{Act: authz.AuditExport, Detail: map[string]any{"kind": q.Kind, "object": q.Object, "rows": len(rows)}})
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "审计记录", t)
	}
	p := page(r, "审计记录")
	p.Lead = "只增不改；查看和导出本身也会留下记录"
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}

// eventPlaces names the scopes under which people acted, as events keep them:
// codes of divisions, enterprises or projects, joined by commas.
func eventPlaces(ctx context.Context, tx *db.Tx, rows []audit.Event) (func(string) string, error) {
	scope := func(written string) authz.Scope {
		switch len(written) {
		case 18:
			return authz.Scope{Enterprise: code.USCC(written)}
		case 16:
			return authz.Scope{Project: written}
		}
		return authz.Scope{Division: code.Division(written)}
	}
	var all []authz.Scope
	for _, e := range rows {
		for one := range strings.SplitSeq(e.Scope, ",") {
			all = append(all, scope(one))
		}
	}
	name, err := registry.ScopeNames(ctx, tx, all)
	return func(written string) string {
		var names []string
		for one := range strings.SplitSeq(written, ",") {
			names = append(names, name(scope(one)))
		}
		return strings.Join(names, "、")
	}, err
}

// roleTitles names the roles of an event.
func roleTitles(written string) string {
	var titles []string
	for one := range strings.SplitSeq(written, ",") {
		titles = append(titles, authz.Role(one).Title())
	}
	return strings.Join(titles, "、")
}

func eventRow(e audit.Event, place func(string) string, logins map[db.ID]string) web.Row {
	who := web.Cell{Text: logins[e.Account], Sub: e.Account.String()}
	if who.Text == "" {
		who = web.T(e.Account.String())
	}
	if e.Program != "" {
		who = web.T("系统 " + e.Program)
	}
	return web.Row{Cells: []web.Cell{
		{Text: clock(e.At), Sub: e.ID.String(), Nowrap: true},
		{Text: eventTitle(e.Kind), Sub: actTitle(e.Act)},
		{Text: outcomes[e.Outcome], Nowrap: true},
		who,
		{Text: roleTitles(e.Role), Sub: place(e.Scope)},
		web.T(e.Object),
		{Text: e.Addr, Sub: e.Request},
		detailCell(e),
	}}
}

// detailCell shows an event's details line by line; a file keeps them as they are.
func detailCell(e audit.Event) web.Cell {
	var detail map[string]any
	if json.Unmarshal(e.Detail, &detail) != nil || len(detail) == 0 {
		return web.T("")
	}
	facts := []web.Fact{{Name: "事件名", Text: e.Kind}}
	for _, key := range slices.Sorted(maps.Keys(detail)) {
		name := detailNames[key]
		if name == "" {
			name = key
		}
		facts = append(facts, web.Fact{Name: name, Text: detailText(detail[key])})
	}
	return web.Cell{Body: web.Folded("查看", web.Facts(facts)), Plain: string(e.Detail)}
}

func detailText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		if v {
			return "是"
		}
		return "否"
	case nil:
		return "—"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "—"
	}
	return string(text)
}

func auditQuery(l *web.List) (q audit.Query, err error) {
	q = audit.Query{Kind: l.Get("kind"), Outcome: audit.Outcome(l.Get("outcome")), Object: l.Get("object"), Request: l.Get("request")}
	date := func(name string) (d day.Date) {
		if v := l.Get(name); v != "" && err == nil {
			if d, err = day.Parse(v); err != nil {
				err = l.Unknown(name)
			}
		}
		return d
	}
	if d := date("since"); d != 0 {
		q.From = d.Time()
	}
	if d := date("until"); d != 0 {
		q.To = d.AddDays(1).Time()
	}
	return q, err
}
