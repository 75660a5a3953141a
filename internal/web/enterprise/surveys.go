package enterprise

import (
	"net/http"

	"juli/internal/db"
	"juli/internal/survey"
	"juli/internal/web"
)

// surveys are those that ask about the party's projects: that one runs, and what
// was published of it. Nothing is seen before it is published.
func (d *Desk) surveys(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, web.ListSpec{Filters: []web.Filter{{Name: "state", Label: "状态", Chips: true, Options: []web.Option{{Value: survey.Open, Text: "正在调查"}, {Value: survey.Published, Text: "已公布"}}}}})
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "满意度调查", List: l, None: web.Nothing{Text: "还没有调查问到您的项目。", Act: web.Link{Text: "看公布的调查", Href: "/surveys"}},
		Cols: []web.Col{{Name: "调查"}, {Name: "状态"}, {Name: "截止日期"}, {Name: "满意率", Num: true}, {Name: "满意（户）", Num: true}, {Name: "有评价（户）", Num: true}, {Name: "综合得分（分）", Num: true}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		rows, err := web.Paged(l, func(after string, limit int) ([]survey.Survey, string, error) {
			before, err := db.ParseID(after)
			if err != nil {
				before = 0
			}
			part, err := survey.List(ctx, tx, who, survey.Query{State: l.Get("state"), Before: before, Limit: limit + 1})
			if err != nil || len(part) <= limit {
				return part, "", err
			}
			return part[:limit], part[limit-1].ID.String(), nil
		})
		for _, x := range rows {
			row := []web.Cell{web.T(x.Title), web.Tagged(x.StateTitle(), web.Plain), web.D(x.Closes), web.T(""), web.T(""), web.T(""), web.T("")}
			if x.State == survey.Published {
				row[0] = web.L(x.Title, "/surveys/"+x.ID.String())
				row[3], row[4], row[5], row[6] = web.T(web.Percent(x.Satisfied, x.Rated)), web.N(x.Satisfied, ""), web.N(x.Rated, ""), web.P(x.Score, false)
			}
			t.Rows = append(t.Rows, web.Row{Cells: row})
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "满意度调查", t)
	}
	p := page("满意度调查")
	p.Lead = "由社区抽取住户调查；企业不得代答、索要答卷码或要求住户给出答案"
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}
