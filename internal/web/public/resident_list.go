package public

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/feed"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/web"
)

func reportTone(state string) web.Tone {
	switch state {
	case resident.Closed, resident.Archived, resident.Rated:
		return web.Good
	case resident.Urged, resident.Reopened:
		return web.Bad
	case resident.Refused, resident.Merged:
		return web.Plain
	}
	return web.Info
}

func day8(s casework.Step) string { return day.FromTime(s.At).String() }

var countOptions = []web.Option{
	{Value: resident.CountReceived, Text: "计入受理的"}, {Value: resident.CountInTime, Text: "按期答复的"}, {Value: resident.CountLate, Text: "逾期的"}, {Value: resident.CountOpen, Text: "未办结的"},
}

// reportFilters are those of every list of reports.
func reportFilters(b *resident.Book, districts []web.Option) []web.Filter {
	topics := web.Filter{Name: "topic", Label: "类别"}
	for _, t := range b.Topics {
		topics.Options = append(topics.Options, web.Option{Value: t.Code, Text: t.Title})
	}
	states := web.Filter{Name: "state", Label: "状态"}
	for _, s := range resident.Machine.States {
		states.Options = append(states.Options, web.Option{Value: s.Name, Text: s.Title})
	}
	return []web.Filter{
		{Name: "district", Label: "区县", Options: districts},
		topics, states,
		{Name: "count", Label: "统计口径", Options: countOptions},
		{Name: "enterprise", Label: "企业", Like: web.LikeCode},
		{Name: "project", Label: "小区", Like: web.LikeCode},
		{Name: "from", Label: "受理日期起", Date: true},
		{Name: "to", Label: "受理日期止", Date: true},
	}
}

var reportSorts = []string{"-received", "due", "-voices"}

// reportQuery is a list's question.
func reportQuery(l *web.List) (q resident.Query, err error) {
	q = resident.Query{
		Public: true, Division: code.Division(l.Get("district")), Enterprise: code.USCC(l.Get("enterprise")), Project: code.ProjectCode(l.Get("project")),
		State: l.Get("state"), Topic: l.Get("topic"), Count: l.Get("count"), Number: l.Q, Sort: l.Sort, Desc: l.Desc, After: l.After(), Limit: l.Limit(),
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

// reports is everybody's list: kind, place, state and days; no words of residents.
func (d *Desk) reports(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var l *web.List
	var t web.Table
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		book, err := d.Reports.Books.InForce(ctx, tx, tx.Today())
		if err != nil {
			return err
		}
		districts, err := districtOptions(ctx, tx, r)
		if err != nil {
			return err
		}
		if l, err = web.ReadList(r, web.ListSpec{Sorts: reportSorts, Search: "诉求编号", Size: 20, Filters: reportFilters(book, districts)}); err != nil {
			return err
		}
		q, err := reportQuery(l)
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
		return web.Export(w, r, l, "居民诉求", t)
	}
	return web.Show(w, r, http.StatusOK, listPage(subscribe(web.Page{
		Title: "居民诉求", Lead: "居民反映的问题和办理情况；内容经审核后公开",
		Acts: []web.Link{{Text: "反映问题", Href: "/report", Main: true}, {Text: "查询我反映的", Href: "/report/find"}, {Text: "办理三率", Href: "/reports/rates"}},
	}, feed.Scope{Kinds: []feed.Kind{feed.Reports}, Division: code.Division(l.Get("district")), Project: code.ProjectCode(l.Get("project")), Topic: l.Get("topic")}, "居民诉求"), t))
}

func reportTable(ctx context.Context, tx *db.Tx, l *web.List, book *resident.Book, rows []resident.Report) (web.Table, error) {
	var projects []code.ProjectCode
	for _, x := range rows {
		projects = append(projects, x.Project)
	}
	names, err := registry.ProjectNames(ctx, tx, projects)
	t := web.Table{
		Caption: "居民诉求", List: l, Rows: make([]web.Row, 0, len(rows)), None: web.Nothing{Text: "没有诉求。", Act: web.Link{Text: "反映问题", Href: "/report"}},
		Cols: []web.Col{{Name: "编号"}, {Name: "类别"}, {Name: "小区"}, {Name: "来源"}, {Name: "受理日期", Key: "received"}, {Name: "答复期限", Key: "due"}, {Name: "反映人数（人）", Key: "voices", Num: true}, {Name: "状态"}, {Name: "是否解决"}},
	}
	for _, x := range rows {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			{Text: x.Number, Href: "/reports/" + x.Number, Nowrap: true},
			web.T(book.TopicTitle(x.Topic)), web.L(names[x.Project], "/projects/"+string(x.Project)),
			web.T(resident.ChannelTitle(x.Channel)), web.D(x.ReceivedOn), web.D(x.Due), web.N(x.Voices, ""), web.Tagged(x.StateTitle(), reportTone(x.State)), web.T(x.OutcomeTitle()),
		}})
	}
	return t, err
}

// publicReport is one report as everybody sees it.
func (d *Desk) publicReport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	x, err := d.reportNumbered(ctx, r.PathValue("number"))
	if err != nil {
		return err
	}
	var page templ.Component
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		book, err := d.Reports.Books.ByDigest(ctx, tx, x.Book)
		if err != nil {
			return err
		}
		p, err := d.Registry.Project(ctx, tx, x.Project)
		if err != nil {
			return err
		}
		steps, err := casework.History(ctx, tx, x.Case)
		if err != nil {
			return err
		}
		photos, err := resident.PhotosOf(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		main := ""
		if x.MergedInto != 0 {
			into, err := d.Reports.Find(ctx, tx, authz.System("public"), x.MergedInto)
			if err != nil {
				return err
			}
			main = into.Number
		}
		page = publicReportPage(x, book, p, steps, photos, main)
		return nil
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, page)
}

func publicReportPage(x *resident.Report, book *resident.Book, p registry.Project, steps []casework.Step, photos []resident.Photo, main string) templ.Component {
	pg := web.Page{
		Title: book.TopicTitle(x.Topic) + " " + x.Number, Lead: p.Name, Crumbs: []web.Link{{Text: "居民诉求", Href: "/reports"}},
		Tags: []web.Mark{{Text: x.StateTitle(), Tone: reportTone(x.State)}},
	}
	if x.Joinable() {
		pg.Acts = []web.Link{{Text: "我也遇到了", Href: "/report/join/" + x.Number, Main: true}}
	}
	class, _ := book.Class(x.Class)
	facts := []web.Fact{
		{Name: "小区", Text: p.Name, Href: "/projects/" + string(p.Code)},
		{Name: "楼栋", Text: buildingText(x.Building)},
		{Name: "类型", Text: class.Title},
		{Name: "来源", Text: resident.ChannelTitle(x.Channel)},
		{Name: "受理日期", Text: x.ReceivedOn.String()},
		{Name: "承办单位", Text: x.Office.Title()},
		{Name: "反映人数", Text: web.Count(x.Voices) + " 人"},
		{Name: "是否解决", Text: orText(x.OutcomeTitle(), "尚未确认")},
	}
	facts = append(facts, termFacts(x, "")...)
	if main != "" {
		facts = append(facts, web.Fact{Name: "并入", Text: main, Href: "/reports/" + main})
	}
	parts := []templ.Component{web.Section(web.Box{Title: "概况"}, web.Facts(facts))}
	words := []templ.Component{web.Quiet("内容和答复须经审核后公开。")}
	if !x.Released.IsZero() {
		words = nil
		if x.PublicBody != "" {
			words = append(words, web.Para(x.PublicBody))
		}
	}
	parts = append(parts, web.Section(web.Box{Title: "内容"}, words...))
	if x.PublicAns != "" {
		parts = append(parts, web.Section(web.Box{Title: "答复"}, web.Para(x.PublicAns)))
	}
	if list := publicPhotos(x, photos); len(list) > 0 {
		parts = append(parts, web.Section(web.Box{Title: "照片"}, web.Proofs(list)))
	}
	return web.Whole(pg, append(parts, web.Section(web.Box{Title: "办理过程"}, web.Timeline(followEvents(steps))))...)
}

func publicPhotos(x *resident.Report, photos []resident.Photo) []web.Proof {
	var list []web.Proof
	for _, p := range photos {
		if p.Released && p.State == "ready" {
			list = append(list, web.Proof{Name: photoName(p), Href: "/reports/" + x.Number + "/photos/" + p.ID.String(), Kind: "照片"})
		}
	}
	return list
}

func photoName(p resident.Photo) string {
	if p.Side == "answer" {
		return "处理后照片"
	}
	return "反映照片"
}

// publicPhoto sends a photo that was released.
func (d *Desk) publicPhoto(w http.ResponseWriter, r *http.Request) error {
	x, err := d.reportNumbered(r.Context(), r.PathValue("number"))
	if err != nil {
		return err
	}
	id, err := db.ParseID(r.PathValue("photo"))
	if err != nil {
		return fault.New(fault.NotFound, "page.none", "没有这张照片。")
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, _ authz.Actor) (db.ID, error) {
		return resident.PublicPhoto(ctx, tx, x.ID, id)
	})
}
