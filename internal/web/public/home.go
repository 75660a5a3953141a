package public

import (
	"net/http"

	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/money"
	"juli/internal/registry"
	"juli/internal/web"
)

type homeView struct {
	Page    web.Page
	Figures []web.Figure
	Banner  string
	Best    web.Table
	Period  string
}

func areaOf(n int64) money.Area { return money.Area(n) }

// gradeWords is a grade or a status with its Chinese name.
func gradeWords(b *credit.Book, s credit.Share) string {
	if s.Grade != "" {
		if t := b.GradeTitle(credit.Enterprise, s.Grade); t != s.Grade {
			return s.Grade + " " + t
		}
		return s.Grade
	}
	return b.GradeTitle(credit.Enterprise, s.Status)
}

func (d *Desk) home(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v homeView
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		v = homeView{Page: web.Page{Title: d.CityName + "智慧物业", Lead: "反映问题、查企业和小区、看评价结果和理由，不用登录", Acts: []web.Link{{Text: "反映问题", Href: "/report", Main: true}, {Text: "查询我反映的", Href: "/report/find"}}}}
		t, err := registry.TotalsOf(ctx, tx, d.City, tx.Today())
		if err != nil {
			return err
		}
		v.Figures = []web.Figure{
			{Label: "物业服务企业", Value: web.Count(t.Enterprises), Unit: "家", Href: "/enterprises?counted=1"},
			{Label: "物业服务项目", Value: web.Count(t.Projects), Unit: "个", Href: "/projects?counted=1"},
			{Label: "在管面积", Value: web.TenThousandArea(t.Area), Unit: "万㎡", Href: "/projects?counted=1&sort=-area"},
		}
		solved, err := deed.Solved(ctx, tx, "", tx.Today(), true)
		if err != nil {
			return err
		}
		if solved.Matters > 0 {
			v.Figures = append(v.Figures,
				web.Figure{Label: "办结的实事", Value: web.Count(solved.Matters), Unit: "件", Of: "已公开的", Href: "/deeds?state=closed"},
				web.Figure{Label: "实事受益", Value: web.Count(solved.People), Unit: "人", Of: "各件登记人数之和", Href: "/deeds?sort=-people&state=closed"},
			)
		}
		p, ok, err := d.published(ctx, tx)
		if err != nil || !ok {
			return err
		}
		e, err := d.Evaluations.Evaluation(ctx, tx, p.Evaluation)
		if err != nil {
			return err
		}
		book, err := d.Books.ByDigest(ctx, tx, e.Book)
		if err != nil {
			return err
		}
		v.Banner, v.Period = book.Banner, p.Period
		shares, err := d.Evaluations.GradeCounts(ctx, tx, p.Evaluation, credit.Enterprise, "")
		if err != nil {
			return err
		}
		v.Figures = append(v.Figures, web.Figure{Label: "参加评价", Value: web.Count(e.Enterprises), Unit: "家", Of: p.Period + "，含分支机构和没有得分的", Href: "/league"})
		v.Best = web.Table{Caption: "等级分布", Cols: []web.Col{{Name: "等级"}, {Name: "企业（家）", Num: true}, {Name: "项目（个）", Num: true}, {Name: "面积（万㎡）", Num: true}}}
		for _, s := range credit.SortShares(book, credit.Enterprise, shares) {
			key := s.Grade
			if key == "" {
				key = s.Status
			}
			v.Best.Rows = append(v.Best.Rows, web.Row{Cells: []web.Cell{web.T(gradeWords(book, s)), web.N(s.Count, "/league?grade="+key), web.N(s.Projects, ""), web.T(web.TenThousandArea(s.Area))}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, homePage(v))
}
