package bureau

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/survey"
	"juli/internal/web"
)

// surveySlips prints a slip for every drawn home that has not answered: how the
// home is found, the code, the address as text and as QR. The code stands in no
// address.
func (d *Desk) surveySlips(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	var x survey.Survey
	var book *survey.Book
	var slips []survey.Slip
	err = d.DB.Write(r.Context(), func(tx *db.Tx) (err error) { // seeing the codes is an event
		if x, slips, err = d.Surveys.SlipsIn(r.Context(), tx, web.Actor(r), id); err != nil {
			return err
		}
		book, err = d.Surveys.Books.ByDigest(r.Context(), tx, x.Book)
		return err
	})
	if err != nil {
		return err
	}
	to := web.Address(r, "/s/"+id.String())
	parts := []templ.Component{card(web.Box{Title: "发放说明"},
		para("住户按楼号、单元号、室号从小到大排列，从 1 数起；答卷单上的号数就是第几户。每户一张，交给住户本人，不代答、不看答案。"),
		para("住户可以扫码或打开网址答，也可以在纸上答好交回，由社区录入。"),
		ask(web.NewForm(), web.FormBox{Action: "/bureau/surveys/" + id.String() + "/slips", Submit: "全部换发新码", Danger: true, ID: "reissue"}),
		quiet("答卷单遗失或被他人看到时换发：没有答的住户都换成新码，旧码作废。"),
	)}
	for _, s := range slips {
		parts = append(parts, card(web.Box{Title: "第 " + web.Count(s.Home) + " 户", ID: "home-" + itoa(s.Home), Cols: 6}, web.Slip(x.Title, to, survey.ShowCode(s.Code), "请在 "+x.Closes.String()+" 前扫码答完，或在下面打勾后交给社区。每户只能答一次。扫码答的，平台不记是哪一户。", web.SurveyLines(book)...)))
	}
	return web.Show(w, r, http.StatusOK, page(web.Page{Title: "答卷单", Desk: Key, Lead: x.Title + " · 还没有答的 " + web.Count(int64(len(slips))) + " 户", Crumbs: []web.Link{{Text: "满意度调查", Href: "/bureau/surveys"}, {Text: x.Title, Href: "/bureau/surveys/" + id.String()}}}, parts[0], cols(parts[1:]...)))
}

func (d *Desk) surveyReissue(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	return web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已换发，请重新打印并发放。")
		return "/bureau/surveys/" + id.String() + "/slips", d.Surveys.ReissueIn(ctx, tx, web.Actor(r), survey.Take{Survey: id})
	})
}

// paperView is what entering papers needs.
type paperView struct {
	survey.Survey
	book  *survey.Book
	homes []int64
}

func (d *Desk) paperView(r *http.Request) (v paperView, err error) {
	id, err := pathID(r, "id")
	if err != nil {
		return v, err
	}
	err = d.DB.Read(r.Context(), func(tx *db.Tx) error {
		if v.Survey, v.book, err = d.Surveys.Survey(r.Context(), tx, web.Actor(r), id); err != nil {
			return err
		}
		v.homes, err = d.Surveys.Unanswered(r.Context(), tx, web.Actor(r), id)
		return err
	})
	return v, err
}

func (v paperView) fields() []web.Field {
	home := web.Field{Name: "home", Label: "第几户", Kind: web.Select, Required: true, Hint: "答卷单上的号数，只列还没有答的"}
	for _, h := range v.homes {
		home.Options = append(home.Options, web.Option{Value: itoa(h), Text: "第 " + web.Count(h) + " 户"})
	}
	return append([]web.Field{home}, web.SurveyFields(v.book)...)
}

func (v paperView) page(f *web.Form) templ.Component {
	p := web.Page{Title: "录入纸质答卷", Desk: Key, Narrow: true, Lead: v.Title + " · 还没有答的 " + web.Count(int64(len(v.homes))) + " 户", Crumbs: []web.Link{{Text: "满意度调查", Href: "/bureau/surveys"}, {Text: v.Title, Href: "/bureau/surveys/" + v.ID.String()}}}
	if v.State != survey.Open && v.State != survey.Closed || len(v.homes) == 0 {
		return page(p, card(web.Box{}, web.Empty(web.Nothing{Text: "没有可以录入的答卷。", Act: web.Link{Text: "返回调查", Href: "/bureau/surveys/" + v.ID.String()}})))
	}
	return page(p, card(web.Box{}, ask(f, web.FormBox{Submit: "录入", Cancel: "/bureau/surveys/" + v.ID.String()})))
}

func (d *Desk) surveyPaper(w http.ResponseWriter, r *http.Request) error {
	v, err := d.paperView(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, v.page(web.NewForm(v.fields()...)))
}

func (d *Desk) surveyEnter(w http.ResponseWriter, r *http.Request) error {
	v, err := d.paperView(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, v.fields()...)
	if err != nil {
		return err
	}
	home, _ := strconv.ParseInt(f.Str("home"), 10, 64)
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已录入第 "+web.Count(home)+" 户。")
		return "/bureau/surveys/" + v.ID.String() + "/paper", d.Surveys.EnterIn(ctx, tx, web.Actor(r), v.ID, home, web.SurveyChoices(f, v.book))
	}, func() templ.Component { return v.page(f) })
}

// checkFields are the questions of a second reading: the answer that was entered
// is not shown.
func checkFields(v surveyView) []web.Field {
	return append([]web.Field{{Name: "answer", Kind: web.Carried, Required: true, Max: 13}}, web.SurveyFields(v.Book)...)
}

func checkPage(v surveyView, f *web.Form) templ.Component {
	p := web.Page{Title: "复核纸质答卷", Desk: Key, Narrow: true, Lead: v.Title + " · 须复核 " + web.Count(v.check.Need) + " 份，已复核 " + web.Count(v.check.Done) + " 份", Crumbs: []web.Link{{Text: "满意度调查", Href: "/bureau/surveys"}, {Text: v.Title, Href: v.href("")}}}
	if f == nil {
		why := "没有您可以复核的答卷：录入的人不能复核自己录入的。"
		if v.State == survey.Open {
			why = "调查结束后再复核，由录入人以外的人办理。"
		}
		return page(p, card(web.Box{}, web.Empty(web.Nothing{Text: why, Act: web.Link{Text: "返回调查", Href: v.href("")}})))
	}
	return page(p, card(web.Box{Title: "第 " + web.Count(v.check.Next.Home) + " 户的纸质答卷", ID: "check"},
		para("请取出这一户的纸质答卷，照上面勾的再填一遍；录入的内容不显示。与录入不一致时，两次的都会列出，请您再对照一次。不一致的份数会公布；过多时，全部答卷都要复核。"),
		ask(f, web.FormBox{Submit: "复核下一份", Cancel: v.href("")})))
}

// differing are the questions on which the two readings of a paper differ.
func differing(b *survey.Book, p *survey.Paper) (out []int) {
	for q := range b.Questions {
		if p.Choices[q] != p.Right[q] {
			out = append(out, q)
		}
	}
	return out
}

func choiceTitle(b *survey.Book, code byte) string {
	for _, c := range b.Choices {
		if c.Code == string(code) {
			return c.Title
		}
	}
	return ""
}

// settleFields ask what the paper says, of those questions alone.
func settleFields(v surveyView) []web.Field {
	all := web.SurveyFields(v.Book)
	fields := []web.Field{{Name: "answer", Kind: web.Carried, Required: true, Max: 13}}
	for _, q := range differing(v.Book, v.check.Settle) {
		f := all[q]
		f.Hint = "录入：" + choiceTitle(v.Book, v.check.Settle.Choices[q]) + "；复核：" + choiceTitle(v.Book, v.check.Settle.Right[q])
		fields = append(fields, f)
	}
	return fields
}

// settledChoices are what was entered, with what the paper says where it differed.
func settledChoices(f *web.Form, b *survey.Book, p *survey.Paper) string {
	out := []byte(p.Choices)
	for _, q := range differing(b, p) {
		if c := f.Str("q-" + b.Questions[q].Code); len(c) == 1 {
			out[q] = c[0]
		}
	}
	return string(out)
}

func settlePage(v surveyView, f *web.Form) templ.Component {
	if f == nil {
		f = web.NewForm(settleFields(v)...).Set("answer", v.check.Settle.ID.String())
	}
	p := web.Page{Title: "核定不一致的答卷", Desk: Key, Narrow: true, Lead: v.Title + " · 待核定 " + web.Count(v.check.Open) + " 份", Crumbs: []web.Link{{Text: "满意度调查", Href: "/bureau/surveys"}, {Text: v.Title, Href: v.href("")}}}
	return page(p, card(web.Box{Title: "第 " + web.Count(v.check.Settle.Home) + " 户的纸质答卷", ID: "settle"},
		note(web.Warn, "录入和复核不一致", "请再对照这一户的纸质答卷，选出纸上勾的。核定后以核定为准；这一份仍计入不一致的份数。"),
		ask(f, web.FormBox{Action: v.href("/settle"), Submit: "核定", Cancel: v.href("")})))
}

func (d *Desk) surveySettle(w http.ResponseWriter, r *http.Request) error {
	v, _, err := d.checkView(r)
	if err != nil {
		return err
	}
	fields := []web.Field{{Name: "answer", Kind: web.Carried, Required: true, Max: 13}}
	if v.check.Settle != nil { // else it was settled meanwhile: the service says so
		fields = settleFields(v)
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		p := v.check.Settle
		if p == nil || p.ID != f.ID("answer") {
			return "", fault.New(fault.Conflict, "survey.settled", "这份答卷没有待核定的不一致。")
		}
		web.Say(r, "已核定。")
		return v.href("/check"), d.Surveys.SettleIn(ctx, tx, web.Actor(r), v.ID, p.ID, settledChoices(f, v.Book, p))
	}, func() templ.Component {
		if v.check.Settle == nil {
			return checkPage(v, nil)
		}
		return settlePage(v, f)
	})
}

func (d *Desk) checkView(r *http.Request) (v surveyView, f *web.Form, err error) {
	id, err := pathID(r, "id")
	if err != nil {
		return v, nil, err
	}
	if v, err = d.surveyView(r.Context(), web.Actor(r), id); err != nil {
		return v, nil, err
	}
	if v.State == survey.Closed && v.check.Next != nil && authz.Can(web.Actor(r), authz.SurveyCheck) {
		f = web.NewForm(checkFields(v)...).Set("answer", v.check.Next.ID.String())
	}
	return v, f, nil
}

func (d *Desk) surveyChecking(w http.ResponseWriter, r *http.Request) error {
	v, f, err := d.checkView(r)
	if err != nil {
		return err
	}
	if v.State == survey.Closed && v.check.Settle != nil {
		return web.Show(w, r, http.StatusOK, settlePage(v, nil))
	}
	return web.Show(w, r, http.StatusOK, checkPage(v, f))
}

func (d *Desk) surveyCheck(w http.ResponseWriter, r *http.Request) error {
	v, _, err := d.checkView(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, checkFields(v)...)
	if err != nil {
		return err
	}
	answer := f.ID("answer")
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		same, err := d.Surveys.CheckIn(ctx, tx, web.Actor(r), v.ID, answer, web.SurveyChoices(f, v.Book))
		web.Say(r, map[bool]string{true: "已复核，与录入一致。", false: "已复核，与录入不一致，请再对照纸质答卷核定。"}[same])
		return v.href("/check"), err
	}, func() templ.Component {
		if v.check.Next == nil {
			return checkPage(v, nil)
		}
		return checkPage(v, f)
	})
}
