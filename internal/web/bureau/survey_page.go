package bureau

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/registry"
	"juli/internal/survey"
	"juli/internal/web"
)

// surveyView is one survey as its page shows it.
type surveyView struct {
	survey.Result
	steps   []casework.Step
	may     []casework.Act
	second  templ.Component // what only another person may do
	check   survey.Checking
	body    func(string) string
	words   string
	project string // its name
	slips   bool   // the actor may print and enter
	codes   bool   // the actor printed and may look at the codes
	reads   bool   // the actor may read papers again
}

func (d *Desk) surveyView(ctx context.Context, who authz.Actor, id db.ID) (v surveyView, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		x, book, err := d.Surveys.Survey(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if v.Result, err = d.Surveys.Result(ctx, tx, x); err != nil {
			return err
		}
		if v.check, err = d.Surveys.CheckingOf(ctx, tx, who, x, book); err != nil {
			return err
		}
		if v.steps, err = casework.History(ctx, tx, x.Case); err != nil {
			return err
		}
		v.may = casework.AllowedBy(who, x.Case, v.steps)
		v.second = otherPerson(who, x.Case, v.steps)
		at := authz.Place{Division: x.Division, Enterprise: x.Enterprise, Project: string(x.Project)}
		v.slips, v.reads = authz.May(who, authz.SurveySlips, at), authz.May(who, authz.SurveyCheck, at)
		v.words, _ = casework.Waits(x.Case.Due, tx.Today(), x.Case.Assumed)
		v.codes = x.State == survey.Open && casework.Took(v.steps, who, survey.ActPrint)
		names, err := registry.ProjectNames(ctx, tx, []code.ProjectCode{x.Project})
		if err != nil {
			return err
		}
		v.project = names[x.Project]
		keys := []string{x.Case.Holder.Key()}
		if err := nameSteps(ctx, tx, v.steps); err != nil {
			return err
		}
		for _, s := range v.steps {
			keys = append(keys, s.Body)
		}
		v.body, err = bodyNames(ctx, tx, keys...)
		return err
	})
	return v, err
}

func (v surveyView) href(more string) string { return "/bureau/surveys/" + v.ID.String() + more }

// surveyHints say what an act does.
var surveyHints = map[string]string{
	survey.ActOpen: "由随机种子抽取住户，生成答卷单", survey.ActClose: "到截止日期，或抽中的住户都答完后",
	survey.ActPrint: "打印的人会看到全部答卷码，不能再结束调查、提请公布或公布", survey.ActPropose: "统计全部答卷，交区县住建局公布", survey.ActCancel: "须写明理由，公开可查",
}

// publishHints are the acts of who decides on a result.
var publishHints = map[string]string{survey.ActPublish: "公布后不能更改，并报送信用评价", survey.ActReturn: "须写明理由"}

// surveyForm asks for the acts that the actor may take, but the decision on a
// result, which has a form of its own for its second factor.
func surveyForm(v surveyView) *web.Form { return v.form(surveyHints) }

func surveyPublishForm(v surveyView) *web.Form {
	f := v.form(publishHints)
	if f != nil {
		f.Apart("publish")
	}
	return f
}

func (v surveyView) form(hints map[string]string) *web.Form {
	f := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true}
	for _, a := range v.may {
		if hint, ok := hints[a.Name]; ok && (a.Name != survey.ActPrint || !v.codes) {
			f.Options = append(f.Options, web.Option{Value: a.Name, Text: a.Title, Hint: hint})
		}
	}
	if len(f.Options) == 0 {
		return nil
	}
	return web.NewForm(web.Field{Name: "version", Kind: web.Carried, Max: 20}, f, web.Field{Name: "note", Label: "理由", Kind: web.Long, Max: 1000}).Set("version", itoa(v.Case.Version))
}

func (d *Desk) survey(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.surveyView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, surveyPage(v, surveyForm(v), surveyPublishForm(v)))
}

func surveyPage(v surveyView, f, publish *web.Form) templ.Component {
	facts := []web.Fact{
		{Name: "项目", Text: v.project + "（" + string(v.Project) + "）", Href: "/bureau/projects/" + string(v.Project)},
		{Name: "总户数", Text: web.Count(v.Homes) + " 户"},
		{Name: "需要答卷", Text: web.Count(v.Needed) + " 户（误差 ±" + web.Percent(int64(v.Book.Margin), int64(money.Point)) + "，置信水平 " + v.Book.Confidence + "%）"},
		{Name: "抽取", Text: web.Count(v.Drawn) + " 户"},
		{Name: "开放", Text: opening(v.Survey)},
		{Name: "已答", Text: web.Count(v.Replies()) + " 户（网上 " + web.Count(v.Online) + "，纸质 " + web.Count(v.Paper) + "）"},
	}
	if v.Paper > 0 {
		facts = append(facts, web.Fact{Name: "纸质复核", Text: "须复核 " + web.Count(v.check.Need) + " 份，已复核 " + web.Count(v.check.Done) + " 份，其中不一致 " + web.Count(v.check.Different) + " 份" + settledWords(v.check)})
	}
	if v.SeedOut() && v.Seed != "" {
		facts = append(facts, web.Fact{Name: "随机种子", Text: v.Seed, Wide: true})
	}
	left := 12
	var side []templ.Component
	if f != nil || publish != nil {
		left = 8
		var forms []templ.Component
		if publish != nil {
			if v.Book.Doubtful(v.Reread) {
				forms = append(forms, note(web.Bad, "纸质答卷复核不一致过多", web.RereadWords(v.Result)+"请退回核对；仍要公布的，须在理由里写明为什么可信，理由会公布。"))
			} else if v.Differed > 0 {
				forms = append(forms, note(web.Warn, "纸质答卷有不一致", web.RereadWords(v.Result)))
			}
			forms = append(forms, quiet("须由提请公布的人以外的人决定；需要再次输入动态码。"), ask(publish, web.FormBox{Action: v.href("/publish"), Submit: "提交决定", ID: "publish"}))
		}
		if f != nil {
			forms = append(forms, ask(f, web.FormBox{Action: v.href(""), Submit: "提交"}))
		}
		side = append(side, card(web.Box{Title: "办理", ID: "act", Cols: 4}, forms...))
	}
	p := web.Page{Title: v.Title, Desk: Key, Tags: []web.Mark{{Text: v.StateTitle(), Tone: surveyTone(v.State)}}, Crumbs: []web.Link{{Text: "满意度调查", Href: "/bureau/surveys"}}}
	if v.Case.Due != 0 {
		p.Lead = "期限 " + v.Case.Due.String() + "（" + v.words + "），由" + v.body(v.Case.Holder.Key()) + "办理"
	}
	if v.codes {
		p.Acts = append(p.Acts, web.Link{Text: "答卷单", Href: v.href("/slips")})
	}
	if v.slips && (v.State == survey.Open || v.State == survey.Closed) {
		p.Acts = append(p.Acts, web.Link{Text: "录入纸质答卷", Href: v.href("/paper"), Main: true})
	}
	if v.reads && v.Paper > 0 && v.State == survey.Closed {
		p.Acts = append(p.Acts, web.Link{Text: "复核纸质答卷", Href: v.href("/check")})
	}
	if v.State == survey.Published {
		p.Acts = append(p.Acts, web.Link{Text: "公开的结果", Href: "/surveys/" + v.ID.String()})
	}
	var events []web.Event
	for i := len(v.steps) - 1; i >= 0; i-- {
		s := v.steps[i]
		who := doer(v.body, s)
		if s.System != "" {
			who = "系统按期限自动办理"
		}
		events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Who: who, Detail: s.Note})
	}
	parts := []templ.Component{v.second, cols(append([]templ.Component{card(web.Box{Title: "怎样调查", Cols: left}, web.Facts(facts))}, side...)...)}
	if v.State == survey.Proposed || v.State == survey.Published {
		parts = append(parts, card(web.Box{Title: "结果", ID: "result"}, web.SurveyResult(v.Result)))
	}
	return page(p, append([]templ.Component{web.Assumed(v.Book.Banner)}, append(parts, card(web.Box{Title: "办理记录"}, web.Timeline(events)))...)...)
}

// settledWords says what became of the papers on which the two readings differ.
func settledWords(c survey.Checking) string {
	switch {
	case c.Different == 0:
		return ""
	case c.Open > 0:
		return "（待核定 " + web.Count(c.Open) + " 份）"
	}
	return "（核定后录入有错 " + web.Count(c.Mended) + " 份）"
}

func opening(x survey.Survey) string {
	if x.Opened == 0 {
		return "尚未开始，开放 " + web.Count(x.Days) + " 天"
	}
	return x.Opened.String() + " 至 " + x.Closes.String()
}

func (d *Desk) surveyAct(w http.ResponseWriter, r *http.Request) error {
	return d.surveyMove(w, r, surveyForm, func(ctx context.Context, tx *db.Tx, who authz.Actor, t survey.Take, act string) error {
		switch act {
		case survey.ActOpen:
			return d.Surveys.OpenIn(ctx, tx, who, t)
		case survey.ActPrint:
			return d.Surveys.PrintIn(ctx, tx, who, t)
		case survey.ActClose:
			return d.Surveys.CloseIn(ctx, tx, who, t)
		case survey.ActPropose:
			return d.Surveys.ProposeIn(ctx, tx, who, t)
		case survey.ActCancel:
			return d.Surveys.CancelIn(ctx, tx, who, t)
		}
		return fault.New(fault.Invalid, "casework.act", "没有这项操作。")
	})
}

func (d *Desk) surveyPublish(w http.ResponseWriter, r *http.Request) error {
	return d.surveyMove(w, r, surveyPublishForm, func(ctx context.Context, tx *db.Tx, who authz.Actor, t survey.Take, act string) error {
		if act == survey.ActReturn {
			return d.Surveys.ReturnIn(ctx, tx, who, t)
		}
		tx.OnCommit(d.Published)
		return d.Surveys.PublishIn(ctx, tx, who, t)
	})
}

// surveyMove answers a form of the survey's page.
func (d *Desk) surveyMove(w http.ResponseWriter, r *http.Request, form func(surveyView) *web.Form, do func(context.Context, *db.Tx, authz.Actor, survey.Take, string) error) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	who := web.Actor(r)
	v, err := d.surveyView(r.Context(), who, id)
	if err != nil {
		return err
	}
	fields := []web.Field{{Name: "version", Kind: web.Carried}, {Name: "act", Kind: web.Carried}, {Name: "note", Kind: web.Carried, Max: 1000}}
	if f := form(v); f != nil { // else it was moved meanwhile: the service says what is the matter
		fields = f.Fields
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	t, act := survey.Take{Survey: id, Version: f.Int("version"), Note: f.Str("note")}, f.Str("act")
	again := later(func(ctx context.Context) (templ.Component, error) {
		v, err := d.surveyView(ctx, who, id)
		if strings.HasSuffix(r.URL.Path, "/publish") {
			return surveyPage(v, surveyForm(v), f.Apart("publish")), err
		}
		return surveyPage(v, f, surveyPublishForm(v)), err
	})
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		m, _ := survey.Machine.Act(act)
		web.Say(r, "已办理：“"+m.Title+"”。")
		to := "/bureau/surveys/" + id.String()
		if act == survey.ActPrint {
			to += "/slips"
		}
		return to, do(ctx, tx, web.Actor(r), t, act)
	}, again)
}
