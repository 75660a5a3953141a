package public

import (
	"context"
	"net/http"

	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/web"
)

// enterpriseView is all that an enterprise's page shows.
type enterpriseView struct {
	Page     web.Page
	USCC     string
	Book     *credit.Book
	Standing credit.Standing
	Has      bool // a published result
	Release  credit.Release
	Why      why
	Peers    credit.Peers
	Past     []credit.Past
	Shift    shift
	Facts    []web.Fact
	Projects web.Table
	Moves    []web.Event // of a real-time grade
	Listed   []web.Event // on a red or black list now
	About    []web.Figure
}

func (d *Desk) enterprise(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	uscc, err := code.ParseUSCC(r.PathValue("uscc"))
	if err != nil {
		return err
	}
	var v enterpriseView
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		v = enterpriseView{}
		e, err := d.Registry.Enterprise(ctx, tx, uscc)
		if err != nil {
			return err
		}
		if err := d.enterpriseHead(ctx, tx, &v, e); err != nil {
			return err
		}
		if v.About, err = aboutOf(ctx, tx, e.USCC, ""); err != nil {
			return err
		}
		if v.Listed, err = d.standing(ctx, tx, listing.OfEnterprise, string(e.USCC)); err != nil {
			return err
		}
		return d.enterpriseResult(ctx, tx, &v, e)
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, enterprisePage(v))
}

func (d *Desk) enterpriseHead(ctx context.Context, tx *db.Tx, v *enterpriseView, e registry.Enterprise) error {
	path, err := registry.DivisionPath(ctx, tx, e.Division)
	if err != nil {
		return err
	}
	district := registry.PlaceName(path)
	v.USCC = string(e.USCC)
	v.Page = web.Page{
		Title:  e.Name,
		Lead:   "统一社会信用代码 " + string(e.USCC) + " · " + district + " · 服务 " + web.Count(e.Projects) + " 个项目，" + web.TenThousandArea(e.Managed) + " 万㎡",
		Crumbs: []web.Link{{Text: "物业服务企业", Href: "/enterprises"}, {Text: district, Href: "/enterprises?district=" + string(e.Division.Up(code.District))}},
		Charts: true,
	}
	v.Facts = []web.Fact{
		{Name: "企业类型", Text: e.Kind.Title()},
		{Name: "法定代表人", Text: e.LegalPerson},
		{Name: "注册地址", Text: e.Address},
		{Name: "成立日期", Text: e.Founded.String()},
		{Name: "登记状态", Text: e.State.Title()},
		{Name: "登记日期", Text: e.Entered.String()},
	}
	rows, _, err := registry.ListProjects(ctx, tx, registry.ListQuery{Enterprise: e.USCC, Sort: registry.ByArea, Desc: true, Limit: 100})
	if err != nil {
		return err
	}
	v.Projects = web.Table{
		Caption: "在管项目", Cols: []web.Col{{Name: "项目"}, {Name: "地址"}, {Name: "类型"}, {Name: "面积（㎡）", Num: true}, {Name: "户数（户）", Num: true}, {Name: "得分（分）", Num: true}},
		None: web.Nothing{Text: "目前没有在管项目。"},
	}
	v.Why.Projects = map[db.ID]named{}
	for _, p := range rows {
		v.Projects.Rows = append(v.Projects.Rows, web.Row{ID: string(p.Code), Cells: []web.Cell{
			web.L(p.Name, "/projects/"+string(p.Code)), web.T(p.Address), web.T(p.Use.Title()), web.A(p.Area), web.N(p.Households, ""), web.T("—"),
		}})
	}
	return nil
}

// enterpriseResult adds the newest published result, its lines and history.
func (d *Desk) enterpriseResult(ctx context.Context, tx *db.Tx, v *enterpriseView, e registry.Enterprise) (err error) {
	subject := credit.Subject{Kind: credit.Enterprise, ID: e.ID}
	if v.Moves, err = d.journal(ctx, tx, subject); err != nil {
		return err
	}
	if v.Release, v.Has, err = d.published(ctx, tx); err != nil || !v.Has {
		return err
	}
	if v.Standing, v.Has, err = d.Evaluations.Standing(ctx, tx, v.Release.Evaluation, subject); err != nil || !v.Has {
		return err
	}
	v.Page.Acts = []web.Link{{Text: "打印信用报告", Href: "/enterprises/" + string(e.USCC) + "/report"}}
	names := v.Why.Projects
	if v.Why, v.Has, err = d.whyOf(ctx, tx, v.Release.Evaluation, e.ID, subject); err != nil || !v.Has {
		return err
	}
	v.Book, v.Why.Projects = v.Why.Book, names
	v.Page.Grade = gradeName(v.Book, v.Standing)
	if err = d.projectScores(ctx, tx, v, e); err != nil {
		return err
	}
	if v.Peers, err = d.Evaluations.PeersOf(ctx, tx, v.Standing); err != nil {
		return err
	}
	if v.Shift, err = d.shiftOf(ctx, tx, v.Why, subject); err != nil {
		return err
	}
	v.Past, err = d.Evaluations.History(ctx, tx, subject)
	return err
}

// projectScores fills the projects' scores and the names that lines refer to.
func (d *Desk) projectScores(ctx context.Context, tx *db.Tx, v *enterpriseView, e registry.Enterprise) error {
	list, err := d.Evaluations.ProjectsOf(ctx, tx, v.Release.Evaluation, e.ID)
	if err != nil {
		return err
	}
	rows := map[string]*web.Row{}
	for i := range v.Projects.Rows {
		rows[v.Projects.Rows[i].ID] = &v.Projects.Rows[i]
	}
	for _, p := range list {
		v.Why.Projects[p.Subject.ID] = named{p.Name, "/projects/" + p.Code}
		if row := rows[p.Code]; row != nil && p.Scored {
			row.Cells[5] = web.Cell{Text: web.ScoreText(p.Score, false), Href: "/projects/" + p.Code}
		}
	}
	return nil
}

// gradesOf reads the published grades of a page of enterprises.
func (d *Desk) gradesOf(ctx context.Context, tx *db.Tx, rows []registry.EnterpriseRow) (map[string]string, error) {
	p, ok, err := d.published(ctx, tx)
	if err != nil || !ok {
		return nil, err
	}
	codes := make([]code.USCC, len(rows))
	for i := range rows {
		codes[i] = rows[i].USCC
	}
	grades, err := d.Evaluations.Grades(ctx, tx, p.Evaluation, codes)
	if err != nil {
		return nil, err
	}
	e, err := d.Evaluations.Evaluation(ctx, tx, p.Evaluation)
	if err != nil {
		return nil, err
	}
	book, err := d.Books.ByDigest(ctx, tx, e.Book)
	for uscc, grade := range grades {
		if book != nil {
			grades[uscc] = book.GradeTitle(credit.Enterprise, grade) // a status in words
			if isGrade(book, grade) {
				grades[uscc] = grade
			}
		}
	}
	return grades, err
}

func whyTitle(v enterpriseView) string {
	if !v.Standing.Scored {
		return "为什么没有得分"
	}
	return "为什么是 " + web.ScoreText(v.Standing.Score, false) + " 分"
}

func isGrade(b *credit.Book, code string) bool {
	for _, g := range b.Grades(credit.Enterprise) {
		if g.Code == code {
			return true
		}
	}
	return false
}

// journal is the timeline of a real-time grade; where grades are published by
// period it is empty.
func (d *Desk) journal(ctx context.Context, tx *db.Tx, subject credit.Subject) ([]web.Event, error) {
	lines, err := d.Evaluations.Journal(ctx, tx, subject)
	var out []web.Event
	for _, l := range lines {
		e := web.Event{When: l.On.String(), Title: l.Title(), Detail: l.CauseTitle() + "；得分 " + web.ScoreText(l.ScoreBefore, false) + " → " + web.ScoreText(l.Score, false)}
		if l.Record != 0 {
			e.Href = "/records/" + l.Record.String()
		}
		out = append(out, e)
	}
	return out, err
}

// unitWord is what a place among peers is counted in.
func unitWord(s credit.Standing) string {
	if s.Subject.Kind == credit.Branch {
		return "分支机构（单独排名）"
	}
	return "企业"
}
