package public

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/web"
)

var rateFields = []web.Field{
	{Name: "secret", Kind: web.Carried, Required: true, Max: 40},
	{Name: "solved", Label: "问题解决了吗", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "1", Text: "解决了"}, {Value: "2", Text: "没有解决", Hint: "将退回承办单位重新办理"}}},
	{Name: "satisfied", Label: "对办理满意吗", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "1", Text: "满意"}, {Value: "2", Text: "不满意"}}},
	{Name: "said", Label: "您的意见", Kind: web.Long, Max: 500, Hint: "可以不写；只有承办和监督单位能看到"},
}

// ratingFields ask for a rating; of a closed report only whether it isn't solved.
func ratingFields(v followView) []web.Field {
	if !v.again {
		return rateFields
	}
	fields := slices.Clone(rateFields)
	fields[1].Options = fields[1].Options[1:]
	return fields
}

func ratingForm(v followView, secret string) *web.Form {
	f := web.NewForm(ratingFields(v)...).Set("secret", secret)
	if v.again {
		f.Set("solved", "2").Set("satisfied", "2")
	}
	return f
}

// A followView is a report as the resident who reported or joined sees it.
type followView struct {
	resident.Followed
	secret  string
	project registry.Project
	office  web.Fact // who answers, by name
	book    *resident.Book
	wait    string
	again   bool  // it is closed, and may be opened again
	lies    db.ID // the case that was made of it, once everybody may see it
}

func (d *Desk) followView(ctx context.Context, secret string) (v followView, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		v.secret = secret
		if v.Followed, err = d.Reports.Follow(ctx, tx, secret); err != nil {
			return err
		}
		if v.office, err = officeFact(ctx, tx, v.Report); err != nil {
			return err
		}
		if v.project, err = d.Registry.Project(ctx, tx, v.Report.Project); err != nil {
			return err
		}
		v.wait, _ = casework.Waits(v.Report.Case.Due, tx.Today(), v.Report.Case.Assumed)
		if v.book, err = d.Reports.Books.ByDigest(ctx, tx, v.Report.Book); err != nil {
			return err
		}
		v.again = v.Report.Reopenable(v.book, tx.Today())
		_, err = d.Cases.PublicCase(ctx, tx, v.Report.Supervised)
		switch {
		case err == nil:
			v.lies = v.Report.Supervised
		case !fault.Is(err, "supervision.no-case"):
			return err
		}
		return nil
	})
	return v, err
}

func (d *Desk) follow(w http.ResponseWriter, r *http.Request) error {
	secret := r.PathValue("secret")
	v, err := d.followView(r.Context(), secret)
	if fault.Is(err, "authz.not-found") {
		return web.Show(w, r, http.StatusNotFound, lostPage("这个查询链接打不开", "链接可能没有复制完整，也可能已经换过新的：重新取得链接后，原来的链接随即失效；办结满保留期限的也不再能打开。"))
	}
	if err != nil {
		return err
	}
	w.Header().Set("Referrer-Policy", "no-referrer") // the address is the key
	return web.Show(w, r, http.StatusOK, followPage(v, ratingForm(v, secret), addForm(secret)))
}

// lostPage tells who has no link how to come by one.
func lostPage(title, text string) templ.Component {
	p := web.Page{
		Title: title, Narrow: true, Crumbs: []web.Link{{Text: "居民诉求", Href: "/reports"}},
		Acts: []web.Link{{Text: "凭手机号重新取得链接", Href: "/report/find", Main: true}, {Text: "公开的诉求", Href: "/reports"}},
	}
	return web.Whole(p, web.Section(web.Box{}, web.Para(text)))
}

func followPage(v followView, f, add *web.Form) templ.Component {
	x := v.Report
	p := web.Page{
		Title: "诉求 " + v.Own.Number, Lead: v.project.Name + " · " + v.book.TopicTitle(x.Topic), Crumbs: []web.Link{{Text: "居民诉求", Href: "/reports"}},
		Tags: []web.Mark{{Text: x.StateTitle(), Tone: reportTone(x.State)}}, Narrow: true,
	}
	var parts []templ.Component
	if v.Own.ID != x.ID {
		parts = append(parts, web.Notice(web.Info, "已合并办理", "与反映同一问题的诉求 "+x.Number+" 合并办理，以下是合并后的进展。"))
	}
	facts := []web.Fact{
		{Name: "反映日期", Text: v.Own.ReceivedOn.String()},
		{Name: "位置", Text: placeText(v.Own.Building, v.Spot)},
		v.office,
		{Name: "反映人数", Text: web.Count(x.Voices) + " 人"},
		{Name: "是否解决", Text: orText(x.OutcomeTitle(), "尚未确认")},
	}
	facts = append(facts, wordsOf(v.Followed)...)
	facts = append(facts, termFacts(x, v.wait)...)
	if v.lies != 0 {
		facts = append(facts, web.Fact{Name: "整改案件", Text: "查看案件", Href: "/cases/" + v.lies.String()})
	}
	if n := len(v.Photos); n > 0 {
		facts = append(facts, web.Fact{Name: "照片", Text: photoWords(v.Photos)})
	}
	parts = append(parts, web.Section(web.Box{Title: followTitle(v.Followed)}, append([]templ.Component{web.Facts(facts)}, followPictures(v, "report")...)...))
	if answer := followPictures(v, "answer"); v.Answer != "" || len(answer) > 0 {
		parts = append(parts, web.Section(web.Box{Title: "答复"}, append([]templ.Component{web.Para(v.Answer)}, answer...)...))
	}
	switch {
	case x.Rateable():
		parts = append(parts, web.Section(web.Box{Title: "请您评价", ID: "rate"}, web.FormView(f, web.FormBox{Action: "/report/follow", Submit: "提交评价"}), web.Quiet("请在 "+x.Case.Due.String()+" 前评价；不评价不会被当作已解决。")))
	case v.again:
		parts = append(parts, web.Section(web.Box{Title: "还没有解决，或又出现了", ID: "rate"}, web.FormView(f, web.FormBox{Action: "/report/follow", Submit: "请重新办理"}), web.Quiet("办结后到 "+x.Case.Due.String()+" 为止可以要求重新办理。")))
	case v.Voice.Solved != resident.NotAsked:
		parts = append(parts, web.Quiet("您上次的评价：已解决—"+v.Voice.Solved.Title()+"，满意—"+v.Voice.Satisfied.Title()+"（"+v.Voice.RatedOn.String()+"）。"))
	}
	if x.Addable() {
		parts = append(parts, web.Section(web.Box{Title: "补充情况", ID: "add"}, web.FormView(add, web.FormBox{Action: "/report/follow/add", Submit: "提交补充"}), web.Quiet("答复之前可以补充，最多 5 次；只有承办和监督单位能看到。")))
	}
	return web.Whole(p, append(parts, web.Section(web.Box{Title: "办理过程"}, web.Timeline(followEvents(v.Steps))))...)
}

// termFacts name the day by which the first answer was due and, where another runs
// by now, that one too: the same to everybody and to who follows the report.
func termFacts(x *resident.Report, wait string) (facts []web.Fact) {
	if wait != "" {
		wait = "，" + wait
	}
	now := web.Fact{Name: "当前期限", Text: x.Case.Due.String() + wait}
	runs := x.Case.Due != 0 && !x.Rateable() && !x.Ended()
	switch {
	case x.Due != 0 && runs && x.Case.Due != x.Due:
		return []web.Fact{{Name: "首次答复期限", Text: x.Due.String()}, now}
	case x.Due != 0 && runs:
		return []web.Fact{{Name: "答复期限", Text: x.Due.String() + wait}}
	case x.Due != 0:
		return []web.Fact{{Name: "答复期限", Text: x.Due.String()}}
	case runs:
		return []web.Fact{now}
	}
	return nil
}

func followTitle(f resident.Followed) string {
	if f.First {
		return "我反映的问题"
	}
	return "我加入的诉求"
}

// wordsOf are the voice's own words; of others' only what was released.
func wordsOf(f resident.Followed) (facts []web.Fact) {
	switch {
	case f.First:
		facts = append(facts, web.Fact{Name: "您反映的情况", Text: f.Words, Wide: true})
	case f.Words != "":
		facts = append(facts, web.Fact{Name: "您的补充说明", Text: f.Words, Wide: true})
	}
	for _, x := range f.Added {
		facts = append(facts, web.Fact{Name: "您 " + x.On.String() + " 的补充", Text: x.Text, Wide: true})
	}
	if !f.First || f.Own.ID != f.Report.ID {
		facts = append(facts, web.Fact{Name: "公开的内容", Text: orText(f.Public, "其他居民反映的原文未经审核，不在这里显示"), Wide: true})
	}
	return facts
}

// followEvents are the steps without the names and notes of officials, but for
// the reasons that the resident is owed.
func followEvents(steps []casework.Step) []web.Event {
	var events []web.Event
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		e := web.Event{When: day8(s), Title: s.ActTitle}
		if s.Act == resident.ActRefuse || s.Act == resident.ActExtend {
			e.Detail = s.Note
		}
		events = append(events, e)
	}
	return events
}

func photoWords(list []resident.FollowedPhoto) string {
	ready, raw := 0, 0
	for _, p := range list {
		switch p.State {
		case "ready":
			ready++
		case "raw":
			raw++
		}
	}
	text := strconv.Itoa(ready) + " 张"
	if raw > 0 {
		text += "，另有 " + strconv.Itoa(raw) + " 张正在处理"
	}
	if bad := len(list) - ready - raw; bad > 0 {
		text += "，" + strconv.Itoa(bad) + " 张无法识别未保存"
	}
	return text
}

func orText(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func (d *Desk) rateSent(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, rateFields...)
	if err != nil {
		return err
	}
	secret := f.Str("secret")
	v, err := d.followView(r.Context(), secret)
	if err != nil {
		return err
	}
	f.Fields = ratingFields(v)
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		x := resident.Rating{Solved: f.Str("solved") == "1", Satisfied: f.Str("satisfied") == "1", Said: f.Str("said")}
		web.Say(r, "评价已收到，谢谢。")
		return "/report/follow/" + secret, d.Reports.RateIn(ctx, tx, web.Actor(r), secret, x)
	}, func() templ.Component { return followPage(v, f, addForm(secret)) })
}
