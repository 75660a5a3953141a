package bureau

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/survey"
	"juli/internal/web"
)

var surveyWork = work{survey.Machine, map[string]string{survey.Planned: "开始调查", survey.Open: "发放和录入", survey.Closed: "复核汇总", survey.Proposed: "公布"}, "/bureau/surveys/"}

// surveyRoutes are the pages of surveys.
func (d *Desk) surveyRoutes(on func(string, authz.Act, web.Handler)) {
	on("GET /bureau/surveys", authz.SurveyRead, d.surveys)
	on("GET /bureau/surveys/new", authz.SurveyPlan, d.surveyNew)
	on("POST /bureau/surveys/new", authz.SurveyPlan, d.surveyAdd)
	on("GET /bureau/surveys/{id}", authz.SurveyRead, d.survey)
	on("POST /bureau/surveys/{id}", authz.SurveyRead, d.surveyAct)
	on("POST /bureau/surveys/{id}/publish", authz.SurveyPublish, d.surveyPublish)
	on("GET /bureau/surveys/{id}/slips", authz.SurveySlips, d.surveySlips)
	on("POST /bureau/surveys/{id}/slips", authz.SurveySlips, d.surveyReissue)
	on("GET /bureau/surveys/{id}/paper", authz.SurveyPaper, d.surveyPaper)
	on("POST /bureau/surveys/{id}/paper", authz.SurveyPaper, d.surveyEnter)
	on("GET /bureau/surveys/{id}/check", authz.SurveyCheck, d.surveyChecking)
	on("POST /bureau/surveys/{id}/check", authz.SurveyCheck, d.surveyCheck)
	on("POST /bureau/surveys/{id}/settle", authz.SurveyCheck, d.surveySettle)
}

var surveyStates = []web.Option{
	{Value: survey.Planned, Text: "待开始"}, {Value: survey.Open, Text: "正在调查"}, {Value: survey.Closed, Text: "待汇总"}, {Value: survey.Proposed, Text: "待公布"}, {Value: survey.Published, Text: "已公布"}, {Value: survey.Cancelled, Text: "已取消"},
}

var surveySpec = web.ListSpec{Filters: []web.Filter{{Name: "state", Label: "状态", Chips: true, Options: surveyStates}, {Name: "project", Label: "项目", Like: web.LikeCode}}}

// surveys lists the surveys of the actor's area.
func (d *Desk) surveys(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, surveySpec)
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "满意度调查", List: l, None: web.Nothing{Text: "还没有安排过调查。"},
		Cols: []web.Col{{Name: "调查"}, {Name: "项目"}, {Name: "状态"}, {Name: "截止日期"}, {Name: "抽取（户）", Num: true}, {Name: "已答（户）", Num: true}, {Name: "满意率", Num: true}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		rows, err := web.Paged(l, func(after string, limit int) ([]survey.Survey, string, error) {
			before, err := db.ParseID(after)
			if err != nil {
				before = 0
			}
			part, err := survey.List(ctx, tx, who, survey.Query{State: l.Get("state"), Project: code.ProjectCode(l.Get("project")), Before: before, Limit: limit + 1})
			if err != nil || len(part) <= limit {
				return part, "", err
			}
			return part[:limit], part[limit-1].ID.String(), nil
		})
		if err != nil {
			return err
		}
		projects := make([]code.ProjectCode, len(rows))
		for i, x := range rows {
			projects[i] = x.Project
		}
		names, err := registry.ProjectNames(ctx, tx, projects)
		if err != nil {
			return err
		}
		for _, x := range rows {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(x.Title, "/bureau/surveys/"+x.ID.String()), web.L(names[x.Project], "/bureau/projects/"+string(x.Project)), web.Tagged(x.StateTitle(), surveyTone(x.State)),
				web.D(x.Closes), web.N(x.Drawn, ""), web.N(x.Replies(), ""), surveyShare(x),
			}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "满意度调查", t)
	}
	p := web.Page{Title: "满意度调查", Desk: Key, Lead: "抽样、每户一份，结果由另一人公布"}
	if authz.Can(who, authz.SurveyPlan) {
		p.Acts = []web.Link{{Text: "安排调查", Href: "/bureau/surveys/new", Main: true}}
		t.None.Act = p.Acts[0]
	}
	return web.Show(w, r, http.StatusOK, page(p, card(web.Box{}, web.TableView(t))))
}

func surveyTone(state string) web.Tone {
	switch state {
	case survey.Open:
		return web.Info
	case survey.Closed, survey.Proposed:
		return web.Warn
	case survey.Published:
		return web.Good
	}
	return web.Plain
}

// surveyShare is what is counted already, with its numerator and denominator.
func surveyShare(x survey.Survey) web.Cell {
	if x.State != survey.Proposed && x.State != survey.Published {
		return web.T("")
	}
	return web.Cell{Text: web.Percent(x.Satisfied, x.Rated), Sub: web.Ratio(x.Satisfied, x.Rated) + " 户", Plain: web.Percent(x.Satisfied, x.Rated)}
}

// surveyProjectsMax is how many projects the form offers; of a larger area the code is typed.
const surveyProjectsMax = 500

func (d *Desk) surveyFields(ctx context.Context, who authz.Actor) ([]web.Field, error) {
	project := web.Field{Name: "project", Label: "项目编码", Required: true, Max: 20, Hint: "16 位，在项目页面上"}
	at := area(who)
	if at.Level() >= code.District {
		err := d.DB.Read(ctx, func(tx *db.Tx) error {
			q := registry.ListQuery{Division: at, Sort: registry.ByName, Limit: 100}
			project.Options = nil
			for {
				rows, next, err := registry.ListProjects(ctx, tx, q)
				if err != nil {
					return err
				}
				for _, x := range rows {
					if x.Households > 0 {
						project.Options = append(project.Options, web.Option{Value: string(x.Code), Text: x.Name + "（" + web.Count(x.Households) + " 户）"})
					}
				}
				if q.After = next; next == "" || len(project.Options) > surveyProjectsMax {
					return nil
				}
			}
		})
		if err != nil {
			return nil, err
		}
		if n := len(project.Options); n == 0 || n > surveyProjectsMax {
			project.Options = nil
		} else {
			project.Kind, project.Label, project.Hint, project.Max = web.Select, "项目", "", 0
		}
	}
	return []web.Field{project, {Name: "days", Label: "开放多久", Kind: web.Number, Unit: "天", Hint: "不填按调查规则"}}, nil
}

func surveyNewPage(f *web.Form) templ.Component {
	return page(web.Page{Title: "安排满意度调查", Desk: Key, Narrow: true, Lead: "抽多少户由户数和调查规则决定；抽到谁在开始时由随机种子决定", Crumbs: []web.Link{{Text: "满意度调查", Href: "/bureau/surveys"}}},
		card(web.Box{}, ask(f, web.FormBox{Submit: "安排调查", Cancel: "/bureau/surveys"})))
}

func (d *Desk) surveyNew(w http.ResponseWriter, r *http.Request) error {
	fields, err := d.surveyFields(r.Context(), web.Actor(r))
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, surveyNewPage(web.NewForm(fields...)))
}

func (d *Desk) surveyAdd(w http.ResponseWriter, r *http.Request) error {
	fields, err := d.surveyFields(r.Context(), web.Actor(r))
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	project, err := code.ParseProjectCode(f.Str("project"))
	if err != nil && f.Str("project") != "" {
		f.Refuse("project", fault.From(err).Text)
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		id, err := d.Surveys.PlanIn(ctx, tx, web.Actor(r), survey.Plan{Project: project, Days: f.Int("days")})
		web.Say(r, "已安排，列入社区的待办。")
		return "/bureau/surveys/" + id.String(), err
	}, func() templ.Component { return surveyNewPage(f) })
}
