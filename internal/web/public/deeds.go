package public

import (
	"context"
	"io"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/web"
)

// deedRoutes are the pages of practical deeds that are open to the public.
func (d *Desk) deedRoutes(g *web.Gates, page func(pattern string, act authz.Act, h web.Handler)) {
	page("GET /deeds", authz.DeedPublic, d.deeds)
	page("GET /deeds/{id}", authz.DeedPublic, d.deed)
	g.On("GET /deeds/{id}/pictures/{file}", authz.DeedPublic, web.Handler(d.deedPicture))
	page("GET /deeds/programmes", authz.DeedPublic, d.deedProgrammes)
	page("GET /deeds/districts", authz.DeedPublic, d.deedDistricts)
	g.On("GET /deeds/confirm", authz.DeedConfirm, web.Handler(d.confirmPage))
	g.On("POST /deeds/confirm", authz.DeedConfirm, web.Handler(d.confirm))
}

func deedChoices(list []deed.Choice) (out []web.Option) {
	for _, c := range list {
		out = append(out, web.Option{Value: c.Code, Text: c.Title})
	}
	return out
}

// shownStates are the states that open deeds can be in.
var shownStates = []string{deed.Accepted, deed.Scheduled, deed.Doing, deed.Done, deed.Verified, deed.Closed, deed.Suspending, deed.Suspended}

var deedEnds = []web.Option{{Value: deed.OnTime, Text: "按期完成"}, {Value: deed.Overdue, Text: "逾期完成"}}

func deedSpec(b *deed.Book, districts []web.Option, programmes []deed.Programme) web.ListSpec {
	var states, sets []web.Option
	for _, s := range shownStates {
		states = append(states, web.Option{Value: s, Text: deed.Machine.StateTitle(s)})
	}
	for _, p := range programmes {
		sets = append(sets, web.Option{Value: p.ID.String(), Text: p.Name})
	}
	s := web.ListSpec{Sorts: []string{"-entered", "deadline", "-people"}, Search: "事项名称", Filters: []web.Filter{
		{Name: "district", Label: "区县", Options: districts}, {Name: "state", Label: "状态", Options: states}, {Name: "category", Label: "类别", Options: deedChoices(b.Categories)},
	}}
	s.Filters = append(s.Filters, web.Filter{Name: "end", Label: "销号的是否按期", Options: deedEnds})
	if len(sets) > 0 {
		s.Filters = append(s.Filters, web.Filter{Name: "programme", Label: "专项", Options: sets})
	}
	return s
}

// deeds lists what is open to the public.
func (d *Desk) deeds(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var l *web.List
	var t web.Table
	var sum deed.Totals
	var served web.Figure
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		book, err := d.Deeds.Books.InForce(ctx, tx, tx.Today())
		if err != nil {
			return err
		}
		districts, err := districtOptions(ctx, tx, r)
		if err != nil {
			return err
		}
		programmes, err := deed.Programmes(ctx, tx, true)
		if err != nil {
			return err
		}
		if l, err = web.ReadList(r, deedSpec(book, districts, programmes)); err != nil {
			return err
		}
		programme, _ := db.ParseID(l.Get("programme")) // one of the options
		q := deed.Query{
			Open: true, District: code.Division(l.Get("district")), State: l.Get("state"), Category: l.Get("category"), Programme: programme, End: l.Get("end"), Text: l.Q, Sort: l.Sort, Desc: l.Desc, After: l.After(), Limit: l.Limit(),
		}
		rows, err := deed.List(ctx, tx, authz.Anonymous, q)
		if err != nil {
			return err
		}
		if sum, err = deed.Sum(ctx, tx, authz.Anonymous, q); err != nil {
			return err
		}
		people, state, words, err := deed.Benefited(ctx, tx, authz.Anonymous, q)
		if err != nil {
			return err
		}
		served = web.Figure{Label: "受益人数", Value: web.Count(people), Unit: "人", Of: words, Href: l.With("state", state, "sort", "-people")}
		rows = web.Cut(l, rows, func(x deed.Deed) []string { return x.Key(l.Sort) })
		l.Total(sum.Matters)
		t, err = deedTable(ctx, tx, l, book, rows)
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "为群众办实事", t)
	}
	return web.Show(w, r, http.StatusOK, web.Whole(
		web.Page{Title: "我为群众办实事", Lead: "群众提了什么、谁承诺、何时完成、多少人受益，一件一页", Acts: []web.Link{{Text: "专项", Href: "/deeds/programmes"}, {Text: "各区县合计", Href: "/deeds/districts"}, {Text: "凭码确认", Href: "/deeds/confirm", Main: true}}},
		web.Figures("列表合计", []web.Figure{{Label: "列出的实事", Value: web.Count(sum.Matters), Unit: "件", Href: l.With()}, served}),
		web.Section(web.Box{}, web.TableView(t)),
	))
}

func deedTable(ctx context.Context, tx *db.Tx, l *web.List, b *deed.Book, rows []deed.Deed) (web.Table, error) {
	t := web.Table{Caption: "实事", List: l, None: web.Nothing{Text: "还没有公开的实事。", Act: web.Link{Text: "返回首页", Href: "/"}}, Cols: []web.Col{
		{Name: "事项", Key: "entered"}, {Name: "类别"}, {Name: "区县"}, {Name: "状态"}, {Name: "完成期限", Key: "deadline"}, {Name: "受益人数（人）", Key: "people", Num: true},
	}}
	var at []code.Division
	for _, x := range rows {
		at = append(at, x.District)
	}
	names, err := registry.DivisionNames(ctx, tx, slices.Values(at))
	for _, x := range rows {
		state := web.Tagged(x.StateTitle(), deedTone(x, tx.Today()))
		if x.Late(tx.Today()) {
			state = web.Tagged(x.StateTitle()+"，已逾期", web.Bad)
		}
		if words := x.OverdueWords(); words != "" {
			state = web.Tagged(x.StateTitle()+"，"+words, web.Bad)
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			web.L(x.Title, "/deeds/"+x.ID.String()), web.T(deed.Title(b.Categories, x.Category)), web.T(names[x.District]), state, web.D(x.Deadline), web.N(x.People, ""),
		}})
	}
	return t, err
}

func deedTone(x deed.Deed, today day.Date) web.Tone {
	switch {
	case x.Late(today), x.Overdue() > 0:
		return web.Bad
	case x.State == deed.Closed:
		return web.Good
	case x.State == deed.Suspended || x.State == deed.Suspending:
		return web.Warn
	}
	return web.Info
}

// deed is one open deed: what was promised, what came of it, what people say.
func (d *Desk) deed(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := db.ParseID(r.PathValue("id"))
	if err != nil || id == 0 {
		return fault.New(fault.NotFound, "deed.none", "没有找到这件实事。")
	}
	var x deed.Public
	var place, lead, project string
	var today day.Date
	err = d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		today = tx.Today()
		if x, err = d.Deeds.Public(ctx, tx, id); err != nil {
			return err
		}
		path, err := registry.DivisionPath(ctx, tx, x.Division)
		if err != nil {
			return err
		}
		place = registry.PlaceName(path)
		names, err := registry.DivisionNames(ctx, tx, slices.Values([]code.Division{x.Lead.Division}))
		if err != nil {
			return err
		}
		lead = registry.BodyName(x.Lead.Role, names[x.Lead.Division])
		projects, err := registry.ProjectNames(ctx, tx, []code.ProjectCode{x.Project})
		project = projects[x.Project]
		return err
	})
	if err != nil {
		return err
	}
	p := web.Page{Title: x.Title, Lead: x.Number + " · " + place, Tags: []web.Mark{{Text: x.StateTitle(), Tone: deedTone(x.Deed, today)}}, Crumbs: []web.Link{{Text: "我为群众办实事", Href: "/deeds"}}}
	if x.Late(today) {
		p.Tags = append(p.Tags, web.Mark{Text: "已逾期", Tone: web.Bad})
	}
	if words := x.OverdueWords(); words != "" {
		p.Tags = append(p.Tags, web.Mark{Text: words, Tone: web.Bad})
	}
	parts := []templ.Component{web.SideBySide(
		web.Section(web.Box{Title: "承诺和结果", Cols: 7}, web.Facts(deedFacts(x, lead, project))),
		web.Section(web.Box{Title: "节点", Cols: 5}, web.TableView(deedMilestones(x))),
	)}
	if pics := deedPictures(x); len(pics) > 0 {
		parts = append(parts, web.Section(web.Box{Title: "办理前后"}, web.Pictures(pics)))
	}
	voices := []templ.Component{web.Para(deedVoices(x))}
	for _, r := range x.Rounds {
		voices = append(voices, web.Para(deedRound(r)))
	}
	parts = append(parts, web.Section(web.Box{Title: "受益群众怎么说"}, append(voices, web.Buttons([]web.Link{{Text: "我有确认码，去确认", Href: "/deeds/confirm"}}))...))
	if b := x.Book.Banner; b != "" {
		parts = append(parts, web.Assumed(x.Book.Title+"："+b))
	}
	return web.Show(w, r, http.StatusOK, web.Whole(p, parts...))
}

func deedFacts(x deed.Public, lead, project string) []web.Fact {
	facts := []web.Fact{{Name: "类别", Text: deed.Title(x.Book.Categories, x.Category)}, {Name: "来源", Text: deed.Title(x.Book.Sources, x.Source)}, {Name: "牵头单位", Text: lead}}
	if x.Helping != "" {
		facts = append(facts, web.Fact{Name: "配合单位", Text: x.Helping})
	}
	if project != "" {
		facts = append(facts, web.Fact{Name: "小区项目", Text: project, Href: "/projects/" + string(x.Project)})
	}
	if x.Programme != 0 && x.Of.Open {
		facts = append(facts, web.Fact{Name: "专项", Text: x.Of.Name, Href: "/deeds?programme=" + x.Programme.String()})
	}
	facts = append(facts, web.Fact{Name: "登记日期", Text: x.CollectedOn.String()})
	if x.Promise != "" {
		end := x.Deadline.String()
		if x.First != 0 && x.First != x.Deadline {
			end += "（最初承诺 " + x.First.String() + "）"
		}
		facts = append(facts, web.Fact{Name: "承诺的措施", Text: x.Promise, Wide: true}, web.Fact{Name: "承诺完成期限", Text: end}, web.Fact{Name: "进度", Text: web.Count(x.Percent) + "%"})
	}
	if x.Result != "" {
		facts = append(facts, web.Fact{Name: "办理结果", Text: x.Result, Wide: true})
	}
	if x.People > 0 {
		facts = append(facts, web.Fact{Name: "受益人数", Text: web.Count(x.People) + " 人（" + deed.Title(x.Book.Hows, x.How) + "）"}, web.Fact{Name: "受益户数", Text: web.Homes(x.Households)})
	}
	if x.Spent > 0 {
		facts = append(facts, web.Fact{Name: "投入资金", Text: x.Spent.Format() + " 元"})
	}
	for _, one := range []struct {
		name string
		at   day.Date
	}{{"办结日期", x.DoneOn}, {"销号日期", x.ClosedOn}} {
		if one.at != 0 {
			facts = append(facts, web.Fact{Name: one.name, Text: one.at.String()})
		}
	}
	return facts
}

func deedMilestones(x deed.Public) web.Table {
	t := web.Table{Caption: "节点", Cols: []web.Col{{Name: "节点"}, {Name: "应完成"}, {Name: "实际完成"}}, None: web.Nothing{Text: "还没有排定节点。"}}
	for _, m := range x.Milestones {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(m.Title), web.D(m.Due), web.D(m.Reached)}})
	}
	return t
}

func deedPictures(x deed.Public) (out []web.Picture) {
	for _, f := range x.Files {
		if f.Picture() {
			word := map[string]string{deed.Before: "办理前", deed.After: "办理后"}[f.Moment]
			out = append(out, web.Picture{Href: "/deeds/" + x.ID.String() + "/pictures/" + f.ID.String(), Text: word, Alt: word + "的照片：" + x.Title})
		}
	}
	return out
}

// deedPicture shows a released picture.
func (d *Desk) deedPicture(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := db.ParseID(r.PathValue("id"))
	file, err2 := db.ParseID(r.PathValue("file"))
	if err != nil || err2 != nil {
		return fault.New(fault.NotFound, "deed.no-picture", "没有这张照片。")
	}
	var content io.ReadSeekCloser
	var f blob.File
	if err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if err = d.Deeds.PublicFile(ctx, tx, id, file); err != nil {
			return err
		}
		content, f, err = d.Files.Open(ctx, tx, file)
		return err
	}); err != nil {
		return err
	}
	defer content.Close()
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	w.Header().Set("Content-Type", f.Type)
	http.ServeContent(w, r, "", f.Created, content)
	return nil
}
