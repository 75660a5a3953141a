package public

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/web"
)

// A reporting is what a credit report states.
type reporting struct {
	Firm     registry.Enterprise
	Place    string
	Has      bool
	Release  credit.Release
	Standing credit.Standing
	Why      why
	Past     []credit.Past
}

// report is the credit report of an enterprise, to be printed. It states what was
// published and nothing else; the QR leads back here, by a name that is ours. It is
// drawn anew each time, since a city may have several names.
func (d *Desk) report(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	uscc, err := code.ParseUSCC(r.PathValue("uscc"))
	if err != nil {
		return err
	}
	var x reporting
	if err := d.DB.Read(ctx, func(tx *db.Tx) (err error) { x, err = d.reporting(ctx, tx, uscc); return err }); err != nil {
		return err
	}
	p := web.Page{Title: x.Firm.Name + "信用报告", Headed: true, Crumbs: []web.Link{{Text: "物业服务企业", Href: "/enterprises"}, {Text: x.Firm.Name, Href: "/enterprises/" + string(uscc)}}}
	today := web.Today(r)
	doc := web.Document{
		Issuer: d.CityName + "住房和城乡建设局", Number: x.Release.Number, Title: "物业服务企业信用报告",
		Text: x.words(), Body: web.Words(x.tables()...), Sign: d.CityName + "智慧物业平台生成", Date: today.Chinese(),
		Proof: web.Address(r, "/enterprises/"+string(uscc)+"/report"),
	}
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Paper(doc)))
}

func (d *Desk) reporting(ctx context.Context, tx *db.Tx, uscc code.USCC) (x reporting, err error) {
	if x.Firm, err = d.Registry.Enterprise(ctx, tx, uscc); err != nil {
		return x, err
	}
	path, err := registry.DivisionPath(ctx, tx, x.Firm.Division)
	if err != nil {
		return x, err
	}
	x.Place = registry.PlaceName(path)
	subject := credit.Subject{Kind: credit.Enterprise, ID: x.Firm.ID}
	if x.Release, x.Has, err = d.published(ctx, tx); err != nil || !x.Has {
		return x, err
	}
	if x.Standing, x.Has, err = d.Evaluations.Standing(ctx, tx, x.Release.Evaluation, subject); err != nil || !x.Has {
		return x, err
	}
	if x.Why, x.Has, err = d.whyOf(ctx, tx, x.Release.Evaluation, x.Firm.ID, subject); err != nil || !x.Has {
		return x, err
	}
	projects, err := d.Evaluations.ProjectsOf(ctx, tx, x.Release.Evaluation, x.Firm.ID)
	if err != nil {
		return x, err
	}
	x.Why.All, x.Why.Projects = "/enterprises/"+string(x.Firm.USCC), map[db.ID]named{}
	for _, p := range projects {
		x.Why.Projects[p.Subject.ID] = named{p.Name, "/projects/" + p.Code}
	}
	x.Past, err = d.Evaluations.History(ctx, tx, subject)
	return x, err
}

func (x reporting) words() []string {
	e := x.Firm
	text := []string{
		e.Name + "，统一社会信用代码 " + string(e.USCC) + "，登记于" + x.Place + "，" + e.Kind.Title() + "，" + e.State.Title() + "，服务 " + web.Count(e.Projects) + " 个项目，合计 " + e.Managed.Format() + " 平方米。",
	}
	if !x.Has {
		return append(text, "截至本报告生成之日，该企业没有公布的信用评价结果。")
	}
	s := "经 " + x.Release.Period + " 信用评价，结果为" + gradeName(x.Why.Book, x.Standing)
	if x.Standing.Scored {
		s += "，得 " + web.ScoreText(x.Standing.Score, false) + " 分，在全市有得分的" + unitWord(x.Standing) + "中第 " + strconv.FormatInt(x.Standing.RankCity, 10) + " 位"
	}
	if o := x.Why.Outcome; len(x.Why.Limits) > 0 {
		s += "（"
		if o.ByScore != "" && o.ByScore != x.Standing.Grade {
			s += "按得分应为 " + o.ByScore + "；"
		}
		for i, l := range x.Why.Limits {
			if i > 0 {
				s += "；"
			}
			s += l.Title + "：" + l.Why
		}
		s += "）"
	}
	text = append(text, s+"；数据截至 "+x.Release.AsOf.Chinese()+"，适用评价规则 "+x.Why.Book.Version+"。")
	if x.Why.Book.Banner != "" {
		text = append(text, "说明："+web.AssumedText(x.Why.Book.Banner))
	}
	return text
}

func (x reporting) tables() []templ.Component {
	if !x.Has {
		return nil
	}
	lines, uses := x.Why.table(), x.Why.uses()
	past := web.Table{Caption: "历次公布结果", Cols: []web.Col{{Name: "评价期"}, {Name: "等级"}, {Name: "得分（分）", Num: true}}}
	for _, p := range x.Past {
		score := web.T("—")
		if p.Scored {
			score = web.P(p.Score, false)
		}
		past.Rows = append(past.Rows, web.Row{Cells: []web.Cell{web.T(p.Period.Name), web.T(p.Grade), score}})
	}
	parts := []titledTable{{"得分逐条说明", lines}}
	if t := x.Why.composite(); len(t.Rows) > 0 {
		parts = append(parts, titledTable{"项目综合分（" + x.Why.Book.Compose.Words() + "）", t})
	}
	if t := x.Why.limits(); len(t.Rows) > 0 {
		parts = append(parts, titledTable{"等级的限制和理由", t})
	}
	var out []templ.Component
	for i, p := range append(parts, titledTable{"历次公布结果", past}, titledTable{"结果运用", uses}) {
		p.Table.Plain = true
		out = append(out, web.Section(web.Box{Title: []string{"一", "二", "三", "四", "五"}[i] + "、" + p.Title}, web.TableView(p.Table)))
	}
	return out
}

type titledTable struct {
	Title string
	Table web.Table
}
