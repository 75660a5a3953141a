package public

import (
	"context"
	"net/http"
	"strconv"

	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/feed"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/web"
)

// projectView is all that a project's page shows.
type projectView struct {
	Page     web.Page
	Has      bool
	Standing credit.Standing
	Release  credit.Release
	Why      why
	Past     []credit.Past
	Shift    shift
	Facts    []web.Fact
	Holders  []web.Event
	Listed   []web.Event // on a red or black list now
	About    []web.Figure
}

func (d *Desk) project(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	c, err := code.ParseProjectCode(r.PathValue("code"))
	if err != nil {
		return err
	}
	var v projectView
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		v = projectView{}
		p, err := d.Registry.Project(ctx, tx, c)
		if err != nil {
			return err
		}
		if err := d.projectHead(ctx, tx, &v, p); err != nil {
			return err
		}
		if v.About, err = aboutOf(ctx, tx, "", p.Code); err != nil {
			return err
		}
		if v.Listed, err = d.standing(ctx, tx, listing.OfProject, string(p.Code)); err != nil {
			return err
		}
		return d.projectResult(ctx, tx, &v, p)
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, projectPage(v))
}

func (d *Desk) projectHead(ctx context.Context, tx *db.Tx, v *projectView, p registry.Project) error {
	path, err := registry.DivisionPath(ctx, tx, p.Division)
	if err != nil {
		return err
	}
	firms, err := registry.EnterpriseNames(ctx, tx, []code.USCC{p.Enterprise})
	if err != nil {
		return err
	}
	v.Page = web.Page{
		Acts:  []web.Link{{Text: "反映这个小区的问题", Href: "/report/new/" + string(p.Code), Main: true}, {Text: "满意度调查", Href: "/surveys?project=" + string(p.Code)}},
		Title: p.Name, Lead: "项目编码 " + string(p.Code) + " · " + registry.PlaceName(path), Charts: true,
		Crumbs: []web.Link{{Text: "物业服务项目", Href: "/projects"}},
	}
	v.Page = subscribe(v.Page, feed.Scope{Project: p.Code}, p.Name)
	v.Facts = projectFacts(p, firms[p.Enterprise])
	held, err := registry.HoldingsOfProject(ctx, tx, p.Code)
	if err != nil {
		return err
	}
	codes := make([]code.USCC, len(held))
	for i, h := range held {
		codes[i] = h.Enterprise
	}
	names, err := registry.EnterpriseNames(ctx, tx, codes)
	if err != nil {
		return err
	}
	for _, h := range held {
		v.Holders = append(v.Holders, web.Event{When: h.From.String(), Title: names[h.Enterprise], Detail: until(h.To), Href: "/enterprises/" + string(h.Enterprise)})
	}
	return nil
}

func projectFacts(p registry.Project, firm string) []web.Fact {
	year := "未填报"
	if p.Built != 0 {
		year = strconv.FormatInt(p.Built, 10) + " 年"
	}
	fee := "未填报"
	if p.Fee > 0 {
		fee = p.Fee.Format() + " 元/㎡·月"
	}
	contract := "未填报"
	if p.ContractFrom != 0 {
		contract = p.ContractKind.Title() + "，" + p.ContractFrom.String() + " 至 " + p.ContractTo.String()
	}
	facts := []web.Fact{
		{Name: "地址", Text: p.Address},
		{Name: "类型", Text: p.Use.Title()},
		{Name: "建成年份", Text: year},
		{Name: "建筑面积", Body: web.SquareMetres(p.Area)},
		{Name: "户数", Text: web.Count(p.Households) + " 户"},
		{Name: "楼栋", Text: web.Count(p.Buildings) + " 栋"},
		{Name: "电梯", Text: web.Count(p.Lifts) + " 部"},
		{Name: "服务等级", Text: registry.LevelTitle(p.ServiceLevel)},
		{Name: "收费标准", Text: fee},
		{Name: "物业服务合同", Text: contract},
		{Name: "合同备案号", Text: p.FilingNumber},
		{Name: "设施设备", Text: string(p.Facilities)},
		{Name: "供热单位", Text: p.HeatSupplier},
	}
	if p.Enterprise != "" {
		facts = append([]web.Fact{{Name: "物业企业", Text: firm, Href: "/enterprises/" + string(p.Enterprise)}}, facts...)
	}
	for i := range facts {
		if facts[i].Text == "" && facts[i].Body == nil {
			facts[i].Text = "未填报"
		}
	}
	return facts
}

func (d *Desk) projectResult(ctx context.Context, tx *db.Tx, v *projectView, p registry.Project) (err error) {
	subject := credit.Subject{Kind: credit.Project, ID: p.ID}
	if v.Release, v.Has, err = d.published(ctx, tx); err != nil || !v.Has {
		return err
	}
	if v.Standing, v.Has, err = d.Evaluations.Standing(ctx, tx, v.Release.Evaluation, subject); err != nil || !v.Has {
		return err
	}
	if v.Why, v.Has, err = d.whyOf(ctx, tx, v.Release.Evaluation, v.Standing.Enterprise, subject); err != nil || !v.Has {
		return err
	}
	v.Page.Grade = gradeName(v.Why.Book, v.Standing)
	if v.Shift, err = d.shiftOf(ctx, tx, v.Why, subject); err != nil {
		return err
	}
	v.Past, err = d.Evaluations.History(ctx, tx, subject)
	return err
}
