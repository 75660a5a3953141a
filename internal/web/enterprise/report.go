package enterprise

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/resident"
	"juli/internal/web"
)

// reportAnswered takes an answer, or gives the report back.
func (d *Desk) reportAnswered(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.reportView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, answerFields(v)...)
	if err != nil {
		return err
	}
	up, err := web.Park(r, d.Files, f, "photos", 6)
	if err != nil {
		return err
	}
	defer up.Close()
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		t := resident.Take{Report: id, Version: f.Int("version")}
		to := "/enterprise/reports/" + id.String()
		if v.back && f.Str("act") == resident.ActReturn {
			t.Note = f.Str("note")
			web.Say(r, "已退回，由签收单位另行派单。")
			return to, d.Reports.ReturnIn(ctx, tx, web.Actor(r), t)
		}
		kept, err := up.Keep(ctx, tx)
		if err != nil {
			return "", err
		}
		web.Say(r, "答复已提交。")
		return to, d.Reports.AnswerIn(ctx, tx, web.Actor(r), t, f.Str("answer"), ids(kept))
	}, func() templ.Component { return reportPage(v, f) })
}

func ids(kept []blob.File) []db.ID {
	var list []db.ID
	for _, k := range kept {
		list = append(list, k.ID)
	}
	return list
}

func (d *Desk) reportPhoto(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	photo, err := pathID(r, "photo")
	if err != nil {
		return err
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error) {
		return d.Reports.PhotoIn(ctx, tx, who, id, photo)
	})
}

func reportPage(v reportView, f *web.Form) templ.Component {
	x := v.r
	pg := page(v.book.TopicTitle(x.Topic) + " " + x.Number)
	pg.Lead, pg.Crumbs = v.project.Name, []web.Link{{Text: "居民诉求", Href: "/enterprise/reports"}}
	pg.Tags = []web.Mark{{Text: x.StateTitle(), Tone: reportTone(x.State)}}
	class, _ := v.book.Class(x.Class)
	where := "不限楼栋"
	if x.Building > 0 {
		where = web.Count(x.Building) + " 栋"
	}
	if x.Spot != "" {
		where += "，" + x.Spot
	}
	facts := []web.Fact{
		{Name: "小区", Text: v.project.Name},
		{Name: "位置", Text: where},
		{Name: "类型", Text: class.Title},
		{Name: "来源", Text: resident.ChannelTitle(x.Channel)},
		{Name: "受理日期", Text: x.ReceivedOn.String()},
		{Name: "反映人数", Text: web.Count(x.Voices) + " 人"},
		{Name: "重办次数", Text: web.Count(x.Reopened) + " 次"},
		{Name: "是否解决", Text: orElse(x.OutcomeTitle(), "尚未确认")},
	}
	if x.Case.Due != 0 && !x.Ended() {
		facts = append(facts, web.Fact{Name: "当前期限", Text: x.Case.Due.String() + "，" + v.words})
	}
	main := []templ.Component{web.Facts(facts), web.Para(x.Body)}
	var proofs []web.Proof
	for _, p := range v.photos {
		if p.State == "ready" {
			name := map[string]string{"report": "反映照片", "answer": "处理后照片"}[p.Side]
			proofs = append(proofs, web.Proof{Name: name, Kind: "照片", Href: "/enterprise/reports/" + x.ID.String() + "/photos/" + p.ID.String()})
		}
	}
	if len(proofs) > 0 {
		main = append(main, web.Proofs(proofs))
	}
	if x.Answer != "" {
		main = append(main, web.Notice(web.Info, "答复", x.Answer))
	}
	parts := []templ.Component{web.Section(web.Box{Title: "诉求"}, main...), web.Opinions(v.said)}
	if v.answer {
		parts = append(parts, web.Section(web.Box{Title: "办理", ID: "act"}, web.FormView(f, web.FormBox{Submit: "提交"}), web.Quiet("答复经审核后发给居民，由居民评价是否解决。")))
	}
	var events []web.Event
	for i := len(v.steps) - 1; i >= 0; i-- {
		s := v.steps[i]
		events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Detail: s.Note})
	}
	return web.Whole(pg, append(parts, web.Section(web.Box{Title: "办理记录"}, web.Timeline(events)))...)
}

func answerForm(v reportView) *web.Form {
	f := web.NewForm(answerFields(v)...).Set("version", versionText(v.r.Case.Version))
	if v.back {
		f.Set("act", resident.ActAnswer)
	}
	return f
}

func answerFields(v reportView) []web.Field {
	fields := []web.Field{{Name: "version", Kind: web.Carried, Max: 20}}
	if v.back {
		fields = append(fields, web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true, Options: []web.Option{
			{Value: resident.ActAnswer, Text: "答复"}, {Value: resident.ActReturn, Text: "退回", Hint: "不是本单位的职责，只能退回一次，须写明理由"},
		}}, web.Field{Name: "note", Label: "退回理由", Kind: web.Long, Max: 1000})
	}
	return append(fields,
		web.Field{Name: "answer", Label: "答复", Kind: web.Long, Required: !v.back, When: "答复时必填", Max: 2000, Hint: "做了什么、什么时候做完、没有做到的怎样安排"},
		web.Field{Name: "photos", Label: "处理后照片", Kind: web.Files, Accept: ".jpg,.jpeg,.png,.webp", Hint: "最多 6 张"})
}
