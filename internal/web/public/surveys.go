package public

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/feed"
	"juli/internal/registry"
	"juli/internal/survey"
	"juli/internal/web"
)

// surveyRoutes are the published results, and the page on which a home answers.
func (d *Desk) surveyRoutes(g *web.Gates) {
	g.On("GET /surveys", authz.SurveyPublic, d.Cache.Page(d.surveys))
	g.On("GET /surveys/{id}", authz.SurveyPublic, d.Cache.Page(d.survey))
	g.On("GET /s", authz.SurveyPublic, web.Handler(d.answerStart))
	g.On("POST /s", authz.SurveyPublic, web.Handler(d.answerFind))
	g.On("GET /s/{id}", authz.SurveyPublic, web.Handler(d.answerPage))
	g.On("POST /s/{id}", authz.SurveyPublic, web.Handler(d.answer))
}

var surveySpec = web.ListSpec{Filters: []web.Filter{
	{Name: "state", Label: "状态", Chips: true, Options: []web.Option{{Value: survey.Open, Text: "正在调查"}, {Value: survey.Closed, Text: "待汇总"}, {Value: survey.Proposed, Text: "待公布"}, {Value: survey.Published, Text: "已公布"}, {Value: survey.Cancelled, Text: "已取消"}}},
	{Name: "project", Label: "项目", Like: web.LikeCode},
	{Name: "enterprise", Label: "企业", Like: web.LikeCode},
}}

func (d *Desk) surveys(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	l, err := web.ReadList(r, surveySpec)
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "满意度调查", List: l, None: web.Nothing{Text: "还没有调查。", Act: web.Link{Text: "查看物业服务项目", Href: "/projects"}},
		Cols: []web.Col{{Name: "调查"}, {Name: "区县"}, {Name: "物业企业"}, {Name: "状态"}, {Name: "公布日期"}, {Name: "满意率", Num: true}, {Name: "满意（户）", Num: true}, {Name: "有评价（户）", Num: true}, {Name: "抽中（户）", Num: true}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		rows, err := web.Paged(l, func(after string, limit int) ([]survey.Survey, string, error) {
			before, err := db.ParseID(after)
			if err != nil {
				before = 0
			}
			q := survey.Query{Public: true, State: l.Get("state"), Project: code.ProjectCode(l.Get("project")), Enterprise: code.USCC(l.Get("enterprise")), Before: before, Limit: limit + 1}
			part, err := survey.List(ctx, tx, authz.Anonymous, q)
			if err != nil || len(part) <= limit {
				return part, "", err
			}
			return part[:limit], part[limit-1].ID.String(), nil
		})
		if err != nil {
			return err
		}
		t.Rows, err = surveyRows(ctx, tx, rows)
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "满意度调查", t)
	}
	return web.Show(w, r, http.StatusOK, listPage(subscribe(web.Page{
		Title: "满意度调查", Lead: "由社区随机抽取住户、每户一份；分子分母和区间一并公布。答卷少的结果不宜比较", Acts: []web.Link{{Text: "我收到了答卷单", Href: "/s", Main: true}},
	}, feed.Scope{Kinds: []feed.Kind{feed.Surveys}, Project: code.ProjectCode(l.Get("project"))}, "满意度调查"), t))
}

func surveyRows(ctx context.Context, tx *db.Tx, list []survey.Survey) (rows []web.Row, err error) {
	firms := make([]code.USCC, len(list))
	for i, x := range list {
		firms[i] = x.Enterprise
	}
	firm, err := registry.EnterpriseNames(ctx, tx, firms)
	if err != nil {
		return nil, err
	}
	names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
		for _, x := range list {
			if !yield(x.Division.Up(code.District)) {
				return
			}
		}
	})
	for _, x := range list {
		title, share, good, rated := web.L(x.Title, "/surveys/"+x.ID.String()), web.T(""), web.T(""), web.T("")
		if x.State == survey.Published {
			share, good, rated = web.T(web.Percent(x.Satisfied, x.Rated)), web.N(x.Satisfied, ""), web.N(x.Rated, "")
		}
		by := web.T("无企业管理")
		if x.Enterprise != "" {
			by = web.L(firm[x.Enterprise], "/enterprises/"+string(x.Enterprise))
		}
		rows = append(rows, web.Row{Cells: []web.Cell{title, web.T(names[x.Division.Up(code.District)]), by, web.Tagged(x.StateTitle(), surveyTone(x.State)), web.D(x.Published), share, good, rated, web.N(x.Drawn, "")}})
	}
	return rows, err
}

func surveyTone(state string) web.Tone {
	return map[string]web.Tone{survey.Open: web.Info, survey.Published: web.Good, survey.Cancelled: web.Warn}[state]
}

// survey is one result with how it came about, so that it can be drawn again.
func (d *Desk) survey(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := publicID(r)
	if err != nil {
		return err
	}
	var x survey.Result
	var place, firm, project string
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if x, err = d.Surveys.Public(ctx, tx, id); err != nil {
			return err
		}
		path, err := registry.DivisionPath(ctx, tx, x.Division)
		if err != nil {
			return err
		}
		place = registry.PlaceName(path)
		projects, err := registry.ProjectNames(ctx, tx, []code.ProjectCode{x.Project})
		if err != nil {
			return err
		}
		project = projects[x.Project]
		firms, err := registry.EnterpriseNames(ctx, tx, []code.USCC{x.Enterprise})
		firm = firms[x.Enterprise]
		return err
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, surveyPage(x, place, firm, project))
}

func surveyPage(x survey.Result, place, firm, project string) templ.Component {
	p := web.Page{Title: x.Title, Lead: place, Tags: []web.Mark{{Text: x.StateTitle(), Tone: surveyTone(x.State)}}, Crumbs: []web.Link{{Text: "满意度调查", Href: "/surveys"}}}
	facts := []web.Fact{
		{Name: "项目", Text: project + "（" + string(x.Project) + "）", Href: "/projects/" + string(x.Project)},
		{Name: "总户数", Text: web.Count(x.Homes) + " 户"},
		{Name: "抽中", Text: web.Count(x.Drawn) + " 户，误差要求至少 " + web.Count(x.Needed) + " 户有评价"},
	}
	if firm != "" {
		facts = append(facts, web.Fact{Name: "物业企业", Text: firm, Href: "/enterprises/" + string(x.Enterprise)})
	}
	if x.Opened != 0 {
		facts = append(facts, web.Fact{Name: "调查时间", Text: x.Opened.String() + " 至 " + x.Closes.String()}, web.Fact{Name: "种子摘要（SHA-256）", Text: x.Sealed, Wide: true}, web.Fact{Name: "抽中名单摘要（SHA-256）", Text: x.Draw, Wide: true})
	}
	if x.Opened != 0 && x.Seed != "" {
		facts = append(facts, web.Fact{Name: "随机种子", Text: x.Seed, Wide: true})
	}
	var parts []templ.Component
	switch x.State {
	case survey.Cancelled:
		parts = append(parts, web.Notice(web.Warn, "这次调查已取消", x.Why))
	case survey.Open:
		p.Acts = []web.Link{{Text: "我收到了答卷单", Href: "/s", Main: true}}
		parts = append(parts, web.Notice(web.Info, "调查正在进行", "抽样种子和名单的摘要已经记入公开日志；种子和结果一起公布，以免被抽中的住户受到打扰。"))
	case survey.Closed, survey.Proposed:
		parts = append(parts, web.Notice(web.Info, "调查已经结束，正在汇总", "结果公布后显示在这里。"))
	case survey.Published:
		facts = append(facts, web.Fact{Name: "公布日期", Text: x.Published.String()}, web.Fact{Name: "答卷来源", Text: "网上 " + web.Count(x.Online) + " 户，纸质 " + web.Count(x.Paper) + " 户"})
		if x.Paper > 0 {
			facts = append(facts, web.Fact{Name: "纸质答卷复核", Text: web.RereadWords(x), Wide: true})
		}
		if x.Book.Banner != "" {
			parts = append(parts, web.Assumed(x.Book.Banner))
		}
		parts = append(parts, web.Section(web.Box{Title: "结果", ID: "result"}, web.SurveyResult(x)))
	}
	return web.Whole(p, append(parts, web.Section(web.Box{Title: "怎样抽样", ID: "sample"}, web.Facts(facts),
		web.Quiet("抽样可以重做：对 1 到总户数的每个号数，计算“种子:号数”的 SHA-256，从小到大取前面抽中的户数；把号数从小到大每行一个，其 SHA-256 就是名单摘要。种子在开始时生成，当时把它的 SHA-256 摘要记入公开日志，公布结果时公布种子本身。每户权重相同。")))...)
}
