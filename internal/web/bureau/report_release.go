package bureau

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/resident"
	"juli/internal/web"
)

var releaseFields = []web.Field{
	{Name: "version", Kind: web.Carried, Max: 20},
	{Name: "release", Kind: web.Carried, Max: 20},
	{Name: "public_body", Label: "公开的内容", Kind: web.Long, Max: 2000, Hint: "对照原文改写，去掉姓名、电话、门牌等个人信息；留空则不公开"},
	{Name: "public_answer", Label: "公开的答复", Kind: web.Long, Max: 2000, Hint: "对照答复改写；留空则不公开"},
	{Name: "checked", Label: "已逐句核对原文，没有姓名、电话、门牌等个人信息", Kind: web.Check, Hint: "公开的内容与原文完全相同时必须勾选"},
	{Name: "photos", Label: "照片一并公开（已核对没有人脸、车牌等）", Kind: web.Check},
}

// releaseForm holds what was released before. What a resident wrote stands beside it,
// and in it only where somebody asked for it to rewrite: it is never published unread.
func releaseForm(v reportView, start string) *web.Form {
	f := web.NewForm(releaseFields...).Set("version", itoa(v.r.Case.Version)).Set("release", itoa(v.r.Release)).Set("public_body", v.r.PublicBody).Set("public_answer", v.r.PublicAns)
	if start == startOriginal && v.r.Released.IsZero() {
		f.Set("public_body", v.r.Body).Set("public_answer", v.r.Answer)
	}
	return f
}

// startOriginal in the address asks for the original words as a draft.
const startOriginal = "original"

// releaseCard says on the report's page what everybody may read of it. It is
// written on a page of its own, so that no other form takes the words away.
func releaseCard(v reportView) templ.Component {
	if !v.release {
		return web.Words()
	}
	box := web.Box{Title: "对外公开", More: web.Link{Text: "编辑公开内容", Href: releasePath(v.r)}}
	if v.r.Released.IsZero() {
		return card(box, web.Quiet("还没有公开内容。公众只看到类别、小区、状态和日期。"))
	}
	return card(box, web.Facts([]web.Fact{
		{Name: "公开的内容", Text: orElse(v.r.PublicBody, "不公开"), Wide: true},
		{Name: "公开的答复", Text: orElse(v.r.PublicAns, "不公开"), Wide: true},
	}))
}

func releasePath(r *resident.Report) string { return "/bureau/reports/" + r.ID.String() + "/release" }

func (d *Desk) releasePage(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.reportView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, releaseView(v, releaseForm(v, r.URL.Query().Get("start"))))
}

func releaseView(v reportView, f *web.Form, now ...templ.Component) templ.Component {
	at := "/bureau/reports/" + v.r.ID.String()
	p := web.Page{
		Title: "编辑公开内容", Desk: Key, Lead: v.book.TopicTitle(v.r.Topic) + " " + v.r.Number,
		Crumbs: []web.Link{{Text: "居民诉求", Href: "/bureau/reports"}, {Text: v.r.Number, Href: at}},
	}
	words := []templ.Component{web.Para(v.r.Body)}
	if v.r.Answer != "" {
		words = append(words, web.Notice(web.Info, "答复", v.r.Answer))
	}
	if v.r.Released.IsZero() {
		words = append(words, web.Buttons([]web.Link{{Text: "以原文为底稿改写", Href: releasePath(v.r) + "?start=" + startOriginal}}))
	}
	if pictures := releasePictures(v); len(pictures) > 0 {
		words = append(words, web.Quiet("照片公开前请逐张核对："), web.Pictures(pictures))
	}
	return page(p, append(now, cols(
		card(web.Box{Title: "原文（不公开）", Cols: 6}, words...),
		card(web.Box{Title: "公众看到的", Cols: 6}, ask(f, web.FormBox{Action: releasePath(v.r), Submit: "保存公开内容", Cancel: at})),
	))...)
}

// releasePictures are the photos that would be published, to be looked at first.
func releasePictures(v reportView) (list []web.Picture) {
	for _, p := range v.photos {
		if p.State == "ready" {
			list = append(list, web.Picture{Href: photoPath(v.r, p), Text: photoNames[p.Side], Alt: web.PhotoSeen(p)})
		}
	}
	return list
}

// releaseReport decides what everybody may read of a report.
func (d *Desk) releaseReport(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, releaseFields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "公开内容已保存。")
		t := resident.Take{Report: id, Version: f.Int("version"), Release: f.Int("release"), Checked: f.Bool("checked")}
		tx.OnCommit(d.Published)
		return "/bureau/reports/" + id.String(), d.Reports.ReleaseIn(ctx, tx, web.Actor(r), t, f.Str("public_body"), f.Str("public_answer"), f.Bool("photos"))
	}, later(func(ctx context.Context) (templ.Component, error) {
		v, err := d.reportView(ctx, web.Actor(r), id)
		if err != nil {
			return nil, err
		}
		if f.Int("release") != v.r.Release { // what stands now is shown beside the form; saving again is a decision on it
			f.Set("release", itoa(v.r.Release))
			return releaseView(v, f, releaseCard(v)), nil
		}
		return releaseView(v, f), nil
	}))
}
