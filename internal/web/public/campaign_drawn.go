package public

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/campaign"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/web"
)

func (d *Desk) drawnRows(ctx context.Context, tx *db.Tx, l *web.List, v *campaignView) error {
	v.table.Rows = nil
	rows, err := web.Paged(l, func(after string, limit int) ([]campaign.Inspection, string, error) {
		list, err := d.Campaigns.Inspections(ctx, tx, authz.Anonymous, campaign.Sift{Public: true, Campaign: v.c.ID, Result: l.Get("result"), Before: page0(after), Limit: limit + 1})
		if err != nil || len(list) <= limit {
			return list, "", err
		}
		return list[:limit], list[limit-1].ID.String(), nil
	})
	if err != nil {
		return err
	}
	var projects []code.ProjectCode
	var firms []code.USCC
	var at []code.Division
	for _, x := range rows {
		projects, firms, at = append(projects, x.Project), append(firms, x.Enterprise), append(at, x.Division.Up(code.District))
	}
	project, err := registry.ProjectNames(ctx, tx, projects)
	if err != nil {
		return err
	}
	firm, err := registry.EnterpriseNames(ctx, tx, firms)
	if err != nil {
		return err
	}
	district, err := registry.DivisionNames(ctx, tx, slices.Values(at))
	for _, x := range rows {
		made, score, result := web.T("—"), web.T("—"), web.Tagged("检查中", web.Plain)
		if x.State == campaign.Dropped {
			result = web.Tagged("未检查", web.Warn)
		}
		if x.SettledOn != 0 {
			made, score, result = web.D(x.MadeOn), web.P(x.Score, false), web.Tagged(x.ResultTitle(), web.Good)
			switch {
			case !x.Good():
				result.Tone = web.Bad
			case x.ToMend > 0:
				result.Tone = web.Warn
			}
		}
		v.table.Rows = append(v.table.Rows, web.Row{Cells: []web.Cell{
			web.L(project[x.Project], "/projects/"+string(x.Project)), web.T(district[x.Division.Up(code.District)]), web.L(firm[x.Enterprise], "/enterprises/"+string(x.Enterprise)), made, score, result,
		}})
	}
	return err
}

// nothing says why the list is empty, as it is.
func (v campaignView) nothing(result string) string {
	switch {
	case v.c.State == campaign.Cancelled:
		return "这次检查已取消。"
	case v.c.DrawnAt == 0:
		return "还没有抽取。名单已经封存，抽取后在这里公布进展。"
	case !v.c.Open() && (result == "" || result == "open" || result == "settled"):
		return "已抽取。为使检查不被事先知道，逐个检查完后公布，全部名单在检查结束后公布。"
	}
	return "没有这种结果的项目。"
}

// unseen says why the list is shorter than what was drawn.
func unseen(v campaignView) []templ.Component {
	if left, _ := v.n.NotInspected(); left > 0 && !v.c.Open() {
		return []templ.Component{web.Quiet("还有 " + web.Count(left) + " 个抽中的项目没有检查，为使检查不被事先知道，检查完后逐个公布。")}
	}
	return nil
}

// publicTally are the counts and rates, each with the list of what it counted.
func publicTally(at string, n campaign.Tally, open bool) []web.Figure {
	rate := func(label, result string, part, whole int64) web.Figure {
		return web.Figure{Label: label, Value: web.Percent(part, whole), Of: web.Ratio(part, whole), Href: at + "?result=" + result}
	}
	pass, inspected := n.PassRate()
	not, all := n.NotInspected()
	mended, failed := n.RectifiedRate()
	planned, unseen := at, rate("未检查", "open", not, all)
	if !open { // who is still to be visited is not told
		planned, unseen.Href = "", ""
	}
	return []web.Figure{
		{Label: "抽取项目", Value: web.Count(n.Planned), Unit: "个", Href: planned},
		{Label: "已检查", Value: web.Count(n.Inspected), Unit: "个", Href: at + "?result=settled"},
		rate("合格率", "pass", pass, inspected), unseen, rate("按期整改率", "mended", mended, failed),
	}
}

// campaignDraw is all that is needed to draw again.
func (d *Desk) campaignDraw(w http.ResponseWriter, r *http.Request) error {
	id, err := db.ParseID(r.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "page.none", "没有这个页面。请检查网址，或从首页重新查找。")
	}
	var f campaign.DrawFile
	err = d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		f, err = d.Campaigns.File(r.Context(), tx, authz.Anonymous, id)
		return err
	})
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		return err
	}
	web.Attachment(w, "draw.json", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, err = w.Write(text)
	return err
}
