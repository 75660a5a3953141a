package bureau

import (
	"context"
	"net/http"
	"slices"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/web"
)

// reportWork is the procedure of residents' reports at this desk.
var reportWork = work{resident.Machine, map[string]string{
	resident.Submitted: "签收", resident.Signed: "派单", resident.Returned: "重新派单", resident.Dispatched: "答复", resident.Reopened: "重新办理", resident.ReviewBack: "重新答复",
	resident.Answered: "审核答复", resident.Urged: "督办", resident.Supervised: "答复",
}, "/bureau/reports/"}

// reportRoutes are the pages of residents' reports.
func (d *Desk) reportRoutes(on func(pattern string, act authz.Act, h web.Handler)) {
	on("GET /bureau/reports", authz.ReportRead, d.reports)
	on("GET /bureau/reports/rates", authz.ReportRead, d.reportRates)
	on("GET /bureau/reports/{id}", authz.ReportRead, d.report)
	on("POST /bureau/reports/{id}", authz.ReportRead, d.actOnReport)
	on("GET /bureau/reports/{id}/release", authz.ReportRelease, d.releasePage)
	on("POST /bureau/reports/{id}/release", authz.ReportRelease, d.releaseReport)
	on("POST /bureau/reports/{id}/callback", authz.ReportSign, d.callback)
	on("POST /bureau/reports/{id}/phones", authz.ReportPhone, d.reportPhones)
	on("GET /bureau/reports/{id}/photos/{photo}", authz.ReportRead, d.reportPhoto)
}

func reportTone(state string) web.Tone {
	switch state {
	case resident.Closed, resident.Archived, resident.Rated:
		return web.Good
	case resident.Urged, resident.Reopened, resident.Returned:
		return web.Bad
	case resident.Refused, resident.Merged:
		return web.Plain
	}
	return web.Warn
}

func reportSpec(b *resident.Book, districts []web.Option) web.ListSpec {
	topics, states := web.Filter{Name: "topic", Label: "类别"}, web.Filter{Name: "state", Label: "状态"}
	channels, classes := web.Filter{Name: "channel", Label: "来源"}, web.Filter{Name: "class", Label: "类型"}
	for _, t := range b.Topics {
		topics.Options = append(topics.Options, web.Option{Value: t.Code, Text: t.Title})
	}
	for _, s := range resident.Machine.States {
		states.Options = append(states.Options, web.Option{Value: s.Name, Text: s.Title})
	}
	for _, c := range resident.Channels {
		channels.Options = append(channels.Options, web.Option{Value: c.Code, Text: c.Title})
	}
	for _, c := range b.Classes {
		classes.Options = append(classes.Options, web.Option{Value: c.Code, Text: c.Title})
	}
	return web.ListSpec{Sorts: []string{"-received", "due", "-voices"}, Search: "诉求编号或12345工单编号", Filters: []web.Filter{
		{Name: "count", Label: "口径", Chips: true, Options: []web.Option{{Value: resident.CountOpen, Text: "未办结"}, {Value: resident.CountLate, Text: "逾期过"}, {Value: resident.CountInTime, Text: "按期答复"}, {Value: resident.CountReceived, Text: "计入受理"}}},
		{Name: "district", Label: "区县", Options: districts},
		topics, classes, states, channels,
		{Name: "enterprise", Label: "企业", Like: web.LikeCode},
		{Name: "project", Label: "小区", Like: web.LikeCode},
		{Name: "from", Label: "受理日期起", Date: true},
		{Name: "to", Label: "受理日期止", Date: true},
	}}
}

// reports lists the reports of the actor's area.
func (d *Desk) reports(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var l *web.List
	var t web.Table
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		if err := authz.RequireAny(who, authz.ReportRead); err != nil {
			return err
		}
		book, err := d.Reports.Books.InForce(ctx, tx, tx.Today())
		if err != nil {
			return err
		}
		districts, err := d.placeOptions(ctx, tx, r)
		if err != nil {
			return err
		}
		if l, err = web.ReadList(r, reportSpec(book, districts)); err != nil {
			return err
		}
		q, err := reportQuery(l, who)
		if err != nil {
			return err
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
		t, err = reportTable(ctx, tx, l, book, rows)
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		if err := d.noteExport(ctx, who, authz.ReportExport, "resident.exported", "resident_report", len(t.Rows)); err != nil {
			return err
		}
		return web.Export(w, r, l, "居民诉求", t)
	}
	return web.Show(w, r, http.StatusOK, page(web.Page{
		Title: "居民诉求", Desk: Key, Lead: "本区域居民反映的问题和12345工单",
		Acts: []web.Link{{Text: "办理三率", Href: "/bureau/reports/rates"}, {Text: "导入12345工单", Href: "/bureau/import"}},
	}, card(web.Box{}, web.TableView(t))))
}

func reportQuery(l *web.List, who authz.Actor) (q resident.Query, err error) {
	q = resident.Query{
		Scopes: authz.Scopes(who, authz.ReportRead), Division: code.Division(l.Get("district")), Enterprise: code.USCC(l.Get("enterprise")), Project: code.ProjectCode(l.Get("project")),
		State: l.Get("state"), Topic: l.Get("topic"), Class: l.Get("class"), Channel: l.Get("channel"), Count: l.Get("count"), Number: l.Q, Orders: true,
		Sort: l.Sort, Desc: l.Desc, After: l.After(), Limit: l.Limit(),
	}
	for name, to := range map[string]*day.Date{"from": &q.From, "to": &q.To} {
		if v := l.Get(name); v != "" {
			if *to, err = day.Parse(v); err != nil {
				return q, l.Unknown(name)
			}
		}
	}
	return q, nil
}

func (d *Desk) districtOptions(ctx context.Context, tx *db.Tx) ([]web.Option, error) {
	list, err := registry.Districts(ctx, tx, tx.Today())
	var options []web.Option
	for _, x := range list {
		options = append(options, web.Option{Value: string(x.Code), Text: x.Name})
	}
	return options, err
}

// placeOptions are the districts, and the street or community that the address
// names: figures lead to lists of such places, too.
func (d *Desk) placeOptions(ctx context.Context, tx *db.Tx, r *http.Request) ([]web.Option, error) {
	options, err := d.districtOptions(ctx, tx)
	at, bad := code.ParseDivision(r.URL.Query().Get("district"))
	if err != nil || bad != nil || at.Level() <= code.District {
		return options, err
	}
	names, err := registry.DivisionNames(ctx, tx, slices.Values([]code.Division{at}))
	if names[at] != "" {
		options = append(options, web.Option{Value: string(at), Text: names[at]})
	}
	return options, err
}

func reportTable(ctx context.Context, tx *db.Tx, l *web.List, book *resident.Book, rows []resident.Report) (web.Table, error) {
	var projects []code.ProjectCode
	var firms []code.USCC
	for _, x := range rows {
		projects, firms = append(projects, x.Project), append(firms, x.Enterprise)
	}
	t := web.Table{
		Caption: "居民诉求", List: l, Rows: make([]web.Row, 0, len(rows)), None: web.Nothing{Text: "没有诉求。", Act: web.Link{Text: "查看待办", Href: Home}},
		Cols: []web.Col{{Name: "编号"}, {Name: "类别"}, {Name: "小区"}, {Name: "企业"}, {Name: "来源"}, {Name: "受理日期", Key: "received"}, {Name: "答复期限", Key: "due"}, {Name: "反映人数（人）", Key: "voices", Num: true}, {Name: "状态"}},
	}
	project, err := registry.ProjectNames(ctx, tx, projects)
	if err != nil {
		return t, err
	}
	firm, err := registry.EnterpriseNames(ctx, tx, firms)
	for _, x := range rows {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			{Text: x.Number, Href: "/bureau/reports/" + x.ID.String(), Nowrap: true},
			web.T(book.TopicTitle(x.Topic)), web.T(project[x.Project]), web.T(firm[x.Enterprise]),
			{Text: resident.ChannelTitle(x.Channel), Nowrap: true},
			web.D(x.ReceivedOn), web.D(x.Due), web.N(x.Voices, ""), web.Tagged(x.StateTitle(), reportTone(x.State)),
		}})
	}
	return t, err
}

// reportPhoto sends a photo of a report to who may read it.
func (d *Desk) reportPhoto(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	photo, err := pathID(r, "photo")
	if err != nil {
		return err
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error) {
		return d.Reports.PhotoIn(ctx, tx, who, id, photo)
	})
}
