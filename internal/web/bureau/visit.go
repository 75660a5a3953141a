package bureau

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"juli/internal/campaign"
	"juli/internal/db"
	"juli/internal/web"
)

// visitFields are the record of a visit: for each item of the checklist what was
// found, and where it failed how and by when it is to be mended.
func visitFields(v inspectionView) []web.Field {
	verdicts := []web.Option{{Value: string(campaign.Good), Text: "合格"}, {Value: string(campaign.Bad), Text: "不合格"}, {Value: string(campaign.NotApplicable), Text: "不适用"}}
	fields := []web.Field{
		{Name: "version", Kind: web.Carried, Max: 20},
		{Name: "taken", Kind: web.Carried, Max: 40},
		{Name: "position", Label: "位置", Max: 60, Hint: "经纬度；允许定位时自动填写"},
		{Name: "note", Label: "总体说明", Kind: web.Long, Max: 1000},
	}
	terms := make([]web.Option, len(v.b.Deadlines))
	for i, t := range v.b.Deadlines {
		terms[i] = web.Option{Value: t.Code, Text: t.Title}
	}
	for _, it := range v.list {
		fields = append(fields,
			web.Field{Name: "v-" + it.Code, Label: it.Title + "（" + it.Points.String() + " 分）", Kind: web.Radio, Required: true, Options: verdicts},
			web.Field{Name: "n-" + it.Code, Label: "部位和情况", Max: 500, When: "不合格时必填"},
			web.Field{Name: "t-" + it.Code, Label: "整改期限", Kind: web.Select, Options: terms, When: "不合格时必选"},
			web.Field{Name: "p-" + it.Code, Label: "拟计分，由第二人确认", Kind: web.Check})
	}
	return fields
}

// visit is the form that an inspector fills in on the spot, on a phone, with or
// without network: inspect.js keeps what is entered on the device and sends it
// once, later.
func (d *Desk) visit(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.inspectionView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	if !v.allows(campaign.ActSubmit) {
		return web.Redirect(w, r, "/bureau/inspections/"+id.String())
	}
	f := web.NewForm(visitFields(v)...).Set("version", itoa(v.x.Case.Version))
	for _, it := range v.list {
		f.Set("t-"+it.Code, it.Deadline)
	}
	w.Header().Set("Permissions-Policy", "camera=(), geolocation=(self), microphone=(), payment=()")
	return web.Show(w, r, http.StatusOK, visitPage(v, f))
}

func (d *Desk) visited(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.inspectionView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, visitFields(v)...)
	if err != nil {
		return err
	}
	visit := campaign.Visit{Answers: map[string]campaign.Answer{}, Position: f.Str("position"), Note: f.Str("note")}
	if ms, err := strconv.ParseInt(f.Str("taken"), 10, 64); err == nil && ms > 0 {
		visit.Taken = d.cityTime(time.UnixMilli(ms))
	}
	for _, it := range v.list {
		visit.Answers[it.Code] = campaign.Answer{
			Item: it.Code, Verdict: campaign.Verdict(f.Str("v-" + it.Code)), Facts: f.Str("n-" + it.Code), Deadline: f.Str("t-" + it.Code), Points: f.Bool("p-" + it.Code),
		}
	}
	version, _ := strconv.ParseInt(f.Str("version"), 10, 64)
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		x, err := d.Campaigns.SubmitIn(ctx, tx, web.Actor(r), id, version, visit)
		web.Say(r, "检查记录已提交，得分 "+web.ScoreText(x.Score, false)+" 分，由第二人确认后生效。")
		return "/bureau/inspections/" + id.String(), err
	}, func() templ.Component { return visitPage(v, f) })
}

// cityTime is a moment of the device's clock on the city's calendar: they differ
// in a demo city alone.
func (d *Desk) cityTime(t time.Time) time.Time { return t.Add(d.DB.Now().Sub(d.DB.Real())) }

// inspectionWorker is the service worker. It lies where its scope begins, and is
// asked for anew each time.
func inspectionWorker(w http.ResponseWriter, r *http.Request) error {
	return web.PlainAsset(w, r, "inspect-worker.js")
}

func visitPage(v inspectionView, f *web.Form) templ.Component {
	p := web.Page{
		Title: "检查记录", Desk: Key, Narrow: true, Script: "inspect.js", Lead: join(v.project[v.x.Project], v.title[v.x.Campaign], "期限 "+v.x.Due.String()),
		Crumbs: []web.Link{{Text: "现场检查", Href: "/bureau/inspections"}, {Text: v.project[v.x.Project], Href: "/bureau/inspections/" + v.x.ID.String()}},
	}
	return page(p, outbox(), web.Assumed(v.b.Title+"，"+v.b.Banner), card(web.Box{}, visitForm(v, f)))
}
