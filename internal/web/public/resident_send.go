package public

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/resident"
	"juli/internal/web"
)

const photosMax = 6

// reportSent takes a report: at once from an account, after a code otherwise.
func (d *Desk) reportSent(w http.ResponseWriter, r *http.Request) error {
	who := web.Actor(r)
	asked, err := d.newViewOf(r.Context(), who, r.PathValue("project"), r.PathValue("topic"))
	if err != nil {
		return err
	}
	if asked.topic == "" {
		return fault.New(fault.NotFound, "page.none", "没有这个类别。")
	}
	f, err := web.ReadForm(r, reportFields(asked)...)
	if err != nil {
		return err
	}
	if p := f.Str("phone"); p != "" && !resident.ValidPhone(p) { // told together with the rest: photos would be lost twice
		f.Refuse("phone", "请填写 11 位手机号。")
	}
	up, err := web.Park(r, d.Files, f, "photos", photosMax)
	if err != nil {
		return err
	}
	defer up.Close()
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		in := resident.Submission{
			Channel: resident.Web, Class: f.Str("class"), Topic: asked.topic, Project: asked.project.Code, Building: f.Int("building"), Spot: f.Str("spot"), Body: f.Str("body"),
		}
		kept, err := up.Keep(ctx, tx)
		if err != nil {
			return "", err
		}
		for _, k := range kept {
			in.Files = append(in.Files, k.ID)
		}
		if who.SignedIn() {
			in.Channel, in.Account = resident.Owner, who.Account
			out, err := d.Reports.SubmitIn(ctx, tx, who, in)
			return d.received(r, out), err
		}
		if err := d.Reports.CheckIn(ctx, tx, in); err != nil {
			return "", err
		}
		return d.code(ctx, tx, r, f.Str("phone"), resident.Draft{Submission: &in})
	}, func() templ.Component { return newPage(asked, f) })
}

// received leads to the page that follows a report.
func (d *Desk) received(r *http.Request, out resident.Receipt) string {
	switch {
	case out.Mine != "":
		return "/report/mine/" + out.Mine
	case out.Known:
		web.Say(r, "您反映过编号 "+out.Number+" 的这件事，这是新的查询链接，原来的链接已失效。请收藏本页。")
	default:
		web.Say(r, "已收到，编号 "+out.Number+"。请收藏本页，随时查看进展。")
	}
	return "/report/follow/" + out.Follow
}

func joinFields(signed bool) []web.Field {
	fields := []web.Field{{Name: "note", Label: "补充说明", Max: 100, Hint: "您那里的情况有什么不同，可以不写"}}
	if !signed {
		fields = append(fields, phoneField)
	}
	return fields
}

func (d *Desk) reportNumbered(ctx context.Context, number string) (x *resident.Report, err error) {
	if !resident.ValidNumber(number) {
		return nil, fault.New(fault.NotFound, "page.none", "没有这个编号。")
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) (err error) { x, err = resident.ByNumber(ctx, tx, number); return err })
	return x, err
}

func (d *Desk) joinForm(w http.ResponseWriter, r *http.Request) error {
	x, err := d.reportNumbered(r.Context(), r.PathValue("number"))
	if err != nil {
		return err
	}
	if !x.Joinable() {
		return web.Show(w, r, http.StatusConflict, lostPage("诉求 "+x.Number+" 不再登记", "这件诉求"+x.StateTitle()+"，已经答复或办结的不再登记其他居民。您那里还有问题的，请另行反映，会单独办理；您反映过这件事的，可以重新取得查询链接。"))
	}
	signed := web.SignedIn(r)
	return web.Show(w, r, http.StatusOK, joinPage(x, signed, web.NewForm(joinFields(signed)...)))
}

func joinPage(x *resident.Report, signed bool, f *web.Form) templ.Component {
	p := web.Page{Title: "我也遇到了", Lead: "加入诉求 " + x.Number, Narrow: true, Crumbs: []web.Link{{Text: "居民诉求", Href: "/reports"}, {Text: x.Number, Href: "/reports/" + x.Number}}}
	return web.Whole(p, web.Section(web.Box{}, web.FormView(f, web.FormBox{Submit: submitWord(signed), Cancel: "/reports/" + x.Number})))
}

func (d *Desk) joinSent(w http.ResponseWriter, r *http.Request) error {
	x, err := d.reportNumbered(r.Context(), r.PathValue("number"))
	if err != nil {
		return err
	}
	who := web.Actor(r)
	f, err := web.ReadForm(r, joinFields(who.SignedIn())...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		if who.SignedIn() {
			out, err := d.Reports.JoinAgainIn(ctx, tx, who, x.ID, who.Account, "", f.Str("note"))
			return d.received(r, out), err
		}
		return d.code(ctx, tx, r, f.Str("phone"), resident.Draft{Join: x.ID, Note: f.Str("note")})
	}, func() templ.Component { return joinPage(x, who.SignedIn(), f) })
}
