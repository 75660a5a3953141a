package bureau

import (
	"context"
	"net/http"

	"juli/internal/authz"
	"juli/internal/campaign"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/web"
)

var (
	campaignWork = work{campaign.Machine, map[string]string{
		campaign.Drafted: "批准", campaign.Approved: "抽取", campaign.DrawnUp: "开始检查", campaign.Running: "总结",
	}, "/bureau/campaigns/"}
	inspectionWork = work{campaign.InspectionMachine, map[string]string{
		campaign.Assigned: "检查", campaign.Confirming: "确认", campaign.Mended: "复查",
	}, "/bureau/inspections/"}
)

// campaignRoutes are the pages of campaigns and of the inspections in them.
func (d *Desk) campaignRoutes(on func(pattern string, act authz.Act, h web.Handler)) {
	on("GET /bureau/campaigns", authz.CampaignRead, d.campaigns)
	on("GET /bureau/campaigns/new", authz.CampaignDraft, d.newCampaign)
	on("POST /bureau/campaigns/new", authz.CampaignDraft, d.addCampaign)
	on("GET /bureau/campaigns/{id}", authz.CampaignRead, d.campaign)
	on("POST /bureau/campaigns/{id}", authz.CampaignRead, d.actOnCampaign)
	on("GET /bureau/inspections", authz.InspectionRead, d.inspections)
	on("GET /bureau/inspections/worker.js", authz.InspectionRead, inspectionWorker)
	on("GET /bureau/inspections/{id}", authz.InspectionRead, d.inspection)
	on("POST /bureau/inspections/{id}", authz.InspectionRead, d.actOnInspection)
	on("GET /bureau/inspections/{id}/visit", authz.InspectionDo, d.visit)
	on("POST /bureau/inspections/{id}/visit", authz.InspectionDo, d.visited)
	on("POST /bureau/inspections/{id}/photos", authz.InspectionDo, d.addPhotos)
	on("GET /bureau/inspections/{id}/files/{file}", authz.FileRead, d.inspectionFile)
}

func campaignTone(state string) web.Tone {
	switch state {
	case campaign.Concluded:
		return web.Good
	case campaign.Cancelled:
		return web.Plain
	case campaign.Running:
		return web.Info
	}
	return web.Warn
}

var campaignSpec = web.ListSpec{Filters: []web.Filter{
	{Name: "state", Label: "状态", Chips: true, Options: statesOf(campaign.Machine)},
	{Name: "kind", Label: "种类", Options: choices(campaign.KindTitles)},
}}

func statesOf(m *casework.Machine) []web.Option {
	out := make([]web.Option, len(m.States))
	for i, s := range m.States {
		out[i] = web.Option{Value: s.Name, Text: s.Title}
	}
	return out
}

// before is the id after which a list that runs backwards goes on.
func before(after string) db.ID {
	id, err := db.ParseID(after)
	if err != nil {
		return 0
	}
	return id
}

func (d *Desk) campaigns(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, campaignSpec)
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "专项检查", List: l, None: web.Nothing{Text: "还没有专项检查。", Act: web.Link{Text: "看检查规则", Href: "/rulebooks"}},
		Cols: []web.Col{{Name: "名称"}, {Name: "主题"}, {Name: "组织单位"}, {Name: "检查期"}, {Name: "状态"}, {Name: "抽取（个）", Num: true}, {Name: "合格率"}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		rows, err := web.Paged(l, func(after string, limit int) ([]campaign.Campaign, string, error) {
			list, err := d.Campaigns.List(ctx, tx, who, campaign.Query{State: l.Get("state"), Kind: l.Get("kind"), Before: before(after), Limit: limit + 1})
			if err != nil || len(list) <= limit {
				return list, "", err
			}
			return list[:limit], list[limit-1].ID.String(), nil
		})
		if err != nil {
			return err
		}
		names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
			for _, c := range rows {
				if !yield(c.Division) {
					return
				}
			}
		})
		if err != nil {
			return err
		}
		for _, c := range rows {
			n, err := campaign.TallyOf(ctx, tx, c.ID)
			if err != nil {
				return err
			}
			href := "/bureau/campaigns/" + c.ID.String()
			rate := web.Cell{Text: "—"}
			if n.Inspected > 0 {
				rate = web.Cell{Text: web.Percent(n.PassRate()), Sub: web.Ratio(n.PassRate()), Href: inspectionsOf(c.ID, "settled")}
			}
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				{Text: c.Title, Href: href, Sub: c.KindTitle()},
				web.T(c.ThemeTitle()), web.T(names[c.Division]),
				{Text: c.From.String() + " 至 " + c.To.String()},
				web.Tagged(c.StateTitle(), campaignTone(c.State)), web.N(n.Planned, inspectionsOf(c.ID, "")), rate,
			}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "专项检查", t)
	}
	p := web.Page{Title: "专项检查", Desk: Key, Lead: "双随机抽取，结果公开", Acts: []web.Link{{Text: "我的检查", Href: "/bureau/inspections?mine=1"}, {Text: "全部检查", Href: "/bureau/inspections"}}}
	if authz.Can(who, authz.CampaignDraft) {
		p.Acts = append(p.Acts, web.Link{Text: "起草", Href: "/bureau/campaigns/new", Main: true})
	}
	return web.Show(w, r, http.StatusOK, page(p, card(web.Box{}, web.TableView(t))))
}

// inspectionsOf is the list of a campaign's inspections with one result.
func inspectionsOf(id db.ID, result string) string {
	return with("/bureau/inspections", "campaign", id.String(), "result", result)
}

func (d *Desk) bookBanner(ctx context.Context, tx *db.Tx) (string, error) {
	b, err := d.Campaigns.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return "", err
	}
	return b.Title + "，" + b.Banner, nil
}
