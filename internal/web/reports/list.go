package reports

import (
	"context"
	"net/http"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/web"
)

func tone(state string) web.Tone {
	switch state {
	case resident.Closed, resident.Archived, resident.Rated:
		return web.Good
	case resident.Urged, resident.Reopened, resident.ReviewBack:
		return web.Bad
	case resident.Dispatched, resident.Supervised:
		return web.Warn
	}
	return web.Plain
}

// listSpec declares the list; its filters are those that the rates link to.
func listSpec(b *resident.Book) web.ListSpec {
	topics, states := web.Filter{Name: "topic", Label: "类别"}, web.Filter{Name: "state", Label: "状态"}
	for _, t := range b.Topics {
		topics.Options = append(topics.Options, web.Option{Value: t.Code, Text: t.Title})
	}
	for _, s := range resident.Machine.States {
		states.Options = append(states.Options, web.Option{Value: s.Name, Text: s.Title})
	}
	return web.ListSpec{Sorts: []string{"-received", "due", "-voices"}, Search: "诉求编号或12345工单编号", Filters: []web.Filter{
		{Name: "count", Label: "口径", Chips: true, Options: []web.Option{{Value: resident.CountOpen, Text: "未办结"}, {Value: resident.CountLate, Text: "逾期过"}, {Value: resident.CountInTime, Text: "按期答复"}}},
		topics, states,
		{Name: "project", Label: "小区", Like: web.LikeCode},
		{Name: "from", Label: "受理日期起", Date: true},
		{Name: "to", Label: "受理日期止", Date: true},
	}}
}

// List lists the reports of this desk.
func (d *Desk) List(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var l *web.List
	var t web.Table
	err := d.DB.Write(ctx, func(tx *db.Tx) error {
		book, err := d.Reports.Books.InForce(ctx, tx, tx.Today())
		if err != nil {
			return err
		}
		if l, err = web.ReadList(r, listSpec(book)); err != nil {
			return err
		}
		q := resident.Query{
			Scopes: authz.Scopes(who, authz.ReportRead), Office: d.Office, Project: code.ProjectCode(l.Get("project")), State: l.Get("state"), Topic: l.Get("topic"), Count: l.Get("count"),
			Number: l.Q, Orders: true, Sort: l.Sort, Desc: l.Desc, After: l.After(), Limit: l.Limit(),
		}
		for name, to := range map[string]*day.Date{"from": &q.From, "to": &q.To} {
			if v := l.Get(name); v != "" {
				if *to, err = day.Parse(v); err != nil {
					return l.Unknown(name)
				}
			}
		}
		rows, err := resident.List(ctx, tx, q)
		if err != nil {
			return err
		}
		total, err := resident.Count(ctx, tx, q)
		if err != nil {
			return err
		}
		rows = web.Cut(l.Total(total), rows, q.Key)
		if t, err = d.table(ctx, tx, l, book, rows); err != nil || l.Format == "" {
			return err
		}
		if err := authz.RequireAny(who, authz.ReportExport); err != nil {
			return err
		}
		return audit.Append(ctx, tx, who, "resident.exported", "resident_report", audit.Change{Act: authz.ReportExport, Detail: map[string]any{"rows": len(rows)}})
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "居民诉求", t)
	}
	p := d.page("居民诉求")
	p.Lead = d.Lead
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}

func (d *Desk) table(ctx context.Context, tx *db.Tx, l *web.List, book *resident.Book, rows []resident.Report) (web.Table, error) {
	var projects []code.ProjectCode
	for _, x := range rows {
		projects = append(projects, x.Project)
	}
	names, err := registry.ProjectNames(ctx, tx, projects)
	t := web.Table{
		Caption: "居民诉求", List: l, None: web.Nothing{Text: "没有诉求。", Act: web.Link{Text: "查看待办", Href: "/" + d.Key + "/"}},
		Cols: []web.Col{{Name: "编号"}, {Name: "类别"}, {Name: "小区"}, {Name: "来源"}, {Name: "受理日期", Key: "received"}, {Name: "答复期限", Key: "due"}, {Name: "反映人数（人）", Key: "voices", Num: true}, {Name: "状态"}},
	}
	for _, x := range rows {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			{Text: x.Number, Href: d.at(x.ID), Nowrap: true},
			web.T(book.TopicTitle(x.Topic)), web.T(names[x.Project]), web.T(resident.ChannelTitle(x.Channel)),
			web.D(x.ReceivedOn), web.D(x.Due), web.N(x.Voices, ""), web.Tagged(x.StateTitle(), tone(x.State)),
		}})
	}
	return t, err
}
