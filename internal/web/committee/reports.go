package committee

import (
	"context"
	"net/http"

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

func reportSpec() web.ListSpec {
	states := web.Filter{Name: "state", Label: "状态"}
	for _, s := range resident.Machine.States {
		states.Options = append(states.Options, web.Option{Value: s.Name, Text: s.Title})
	}
	return web.ListSpec{Sorts: []string{"-received", "due", "-voices"}, Search: "诉求编号", Filters: []web.Filter{
		{Name: "count", Label: "口径", Chips: true, Options: []web.Option{{Value: resident.CountOpen, Text: "未办结"}, {Value: resident.CountLate, Text: "逾期过"}}},
		states,
		{Name: "from", Label: "受理日期起", Date: true},
		{Name: "to", Label: "受理日期止", Date: true},
	}}
}

// reports lists what was sent to the committee, and nothing else about its estate.
func (d *Desk) reports(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, reportSpec())
	if err != nil {
		return err
	}
	q := resident.Query{
		Scopes: authz.Scopes(who, authz.ReportRead), Office: authz.Committee, State: l.Get("state"), Count: l.Get("count"), Number: l.Q,
		Sort: l.Sort, Desc: l.Desc, After: l.After(), Limit: l.Limit(),
	}
	for name, to := range map[string]*day.Date{"from": &q.From, "to": &q.To} {
		if v := l.Get(name); v != "" {
			if *to, err = day.Parse(v); err != nil {
				return l.Unknown(name)
			}
		}
	}
	var t web.Table
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := resident.List(ctx, tx, q)
		if err != nil {
			return err
		}
		total, err := resident.Count(ctx, tx, q)
		if err != nil {
			return err
		}
		t, err = d.table(ctx, tx, l, web.Cut(l.Total(total), rows, q.Key))
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "居民诉求", t)
	}
	p := page("居民诉求")
	p.Lead = "派给业委会（物管会）办理的诉求"
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}

func (d *Desk) table(ctx context.Context, tx *db.Tx, l *web.List, rows []resident.Report) (web.Table, error) {
	t := web.Table{
		Caption: "居民诉求", List: l, None: web.Nothing{Text: "没有诉求。", Act: web.Link{Text: "查看待办", Href: Home}},
		Cols: []web.Col{{Name: "编号"}, {Name: "类别"}, {Name: "小区"}, {Name: "受理日期", Key: "received"}, {Name: "答复期限", Key: "due"}, {Name: "反映人数（人）", Key: "voices", Num: true}, {Name: "状态"}},
	}
	book, err := d.Reports.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return t, err
	}
	var projects []code.ProjectCode
	for _, x := range rows {
		projects = append(projects, x.Project)
	}
	names, err := registry.ProjectNames(ctx, tx, projects)
	for _, x := range rows {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			{Text: x.Number, Href: "/committee/reports/" + x.ID.String(), Nowrap: true},
			web.T(book.TopicTitle(x.Topic)), web.T(names[x.Project]),
			web.D(x.ReceivedOn), web.D(x.Due), web.N(x.Voices, ""), web.Tagged(x.StateTitle(), tone(x.State)),
		}})
	}
	return t, err
}
