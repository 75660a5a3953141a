package bureau

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/web"
)

var proposeFields = []web.Field{{Name: "why", Label: "说明", Kind: web.Long, Hint: "交另一人批准，公布后不能改动，只能更正"}}

var decideFields = []web.Field{
	{Name: "decision", Label: "决定", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "publish", Text: "同意公布", Hint: "取得文号，立即对外公布"}, {Value: "refuse", Text: "不同意公布", Hint: "须写明理由"}}},
	{Name: "why", Label: "理由", Kind: web.Long},
}

// A publishForm is the one form about publication that the actor may send now.
type publishForm struct {
	form   *web.Form
	action string
	title  string
	hint   string
	word   string
}

// publishForms picks the form: propose, decide what another proposed, or none.
func (d *Desk) publishForms(who authz.Actor, v runView) *publishForm {
	var open *credit.Release
	done := false
	for i := range v.release {
		if v.release[i].State == credit.PublishProposed {
			open = &v.release[i]
		}
		done = done || v.release[i].State == credit.Published
	}
	switch {
	case open != nil && open.ProposedBy == who.Account:
		return &publishForm{title: "等待批准公布", hint: "您已提请公布。须由另一人批准，您自己不能批准。"}
	case open != nil && authz.Can(who, authz.CreditPublishPropose): // approving wants a fresh second factor, asked for on sending
		return &publishForm{form: web.NewForm(decideFields...), action: "/bureau/publications/" + open.ID.String(), title: "批准公布", hint: "您是第二人。提交时需要再次输入动态码。", word: "提交决定"}
	case open == nil && !done && v.e.Purpose != credit.ForTrial && authz.May(who, authz.CreditPublishPropose, d.cityPlace()):
		return &publishForm{form: web.NewForm(proposeFields...), action: "/bureau/evaluations/" + v.e.ID.String() + "/propose", title: "提请公布", hint: "提请后由另一人批准。", word: "提请公布"}
	}
	return nil
}

func runPage(v runView, p *publishForm) templ.Component {
	title := "评价 " + v.e.Period.Name
	tags := []web.Mark{{Text: purposeWords[v.e.Purpose]}}
	var parts []templ.Component
	if v.book.Banner != "" {
		parts = append(parts, web.Assumed(v.book.Banner))
	}
	left := 12
	if p != nil {
		left = 7
	}
	row := []templ.Component{card(web.Box{Title: "这次评价", Cols: left}, web.Facts(runFacts(v.e)))}
	if p != nil {
		body := []templ.Component{para(p.hint)}
		if p.form != nil {
			body = append(body, ask(p.form, web.FormBox{Action: p.action, Submit: p.word}))
		}
		row = append(row, card(web.Box{Title: p.title, ID: "publish", Cols: 5}, body...))
	}
	parts = append(parts, cols(row...))
	if len(v.shift.Rows) > 0 {
		parts = append(parts, card(web.Box{Title: v.shift.Caption, ID: "shift"}, web.TableView(v.shift)))
	}
	parts = append(parts, cols(
		card(web.Box{Title: "等级分布", Cols: 7}, web.TableView(v.grades)), card(web.Box{Cols: 5}, web.ChartView(v.chart)),
	), card(web.Box{Title: "企业结果"}, web.TableView(v.league)))
	for _, x := range v.release {
		tags = append(tags, web.Mark{Text: join(publishWords[x.State], x.Number), Tone: publishTone(x.State)})
	}
	return page(web.Page{Title: title, Desk: Key, Charts: true, Tags: tags, Lead: "数据截至 " + v.e.AsOf.String() + " · " + v.book.Title, Crumbs: []web.Link{{Text: "信用评价", Href: "/bureau/evaluations"}}}, parts...)
}

// runAgain shows the run's page with a refused form in it.
func (d *Desk) runAgain(r *http.Request, run db.ID, p publishForm) func() templ.Component {
	return later(func(ctx context.Context) (c templ.Component, err error) {
		err = d.DB.Read(ctx, func(tx *db.Tx) error {
			v, err := d.runView(ctx, tx, r, run)
			c = runPage(v, &p)
			return err
		})
		return c, err
	})
}

// proposePublication puts a run up for a second person's decision.
func (d *Desk) proposePublication(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, proposeFields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := d.Evaluations.ProposePublication(ctx, tx, web.Actor(r), id, f.Str("why"))
		web.Say(r, "已提请公布，等待另一人批准。")
		return "/bureau/evaluations/" + id.String(), err
	}, d.runAgain(r, id, publishForm{form: f, action: r.URL.Path, title: "提请公布", hint: "提请后由另一人批准。", word: "提请公布"}))
}

// decidePublication publishes or refuses what somebody else proposed.
func (d *Desk) decidePublication(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, decideFields...)
	if err != nil {
		return err
	}
	var run db.ID
	err = d.DB.Read(r.Context(), func(tx *db.Tx) error {
		all, err := d.Evaluations.Publications(r.Context(), tx, "")
		for _, p := range all {
			if p.ID == id {
				run = p.Evaluation
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if run == 0 {
		return fault.New(fault.NotFound, "credit.no-publication", "没有找到这次公布。")
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		p, err := d.Evaluations.DecidePublication(ctx, tx, web.Actor(r), id, f.Str("decision") == "publish", f.Str("why"))
		if d.Published != nil {
			tx.OnCommit(d.Published)
		}
		web.Say(r, join(publishWords[p.State], p.Number)+"。")
		return "/bureau/evaluations/" + run.String(), err
	}, d.runAgain(r, run, publishForm{form: f, action: r.URL.Path, title: "批准公布", hint: "提交时需要再次输入动态码。", word: "提交决定"}))
}

// explained shows one enterprise's result in a run line by line, published or not.
func (d *Desk) explained(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	uscc, err := code.ParseUSCC(r.PathValue("uscc"))
	if err != nil {
		return err
	}
	var shown templ.Component
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if err := authz.Require(who, authz.CreditEvaluate, d.cityPlace()); err != nil {
			return err
		}
		firm, err := d.Registry.Enterprise(ctx, tx, uscc)
		if err != nil {
			return err
		}
		e, err := d.Evaluations.Evaluation(ctx, tx, id)
		if err != nil {
			return err
		}
		book, err := d.Books.ByDigest(ctx, tx, e.Book)
		if err != nil {
			return err
		}
		res, err := d.Evaluations.Explained(ctx, tx, id, firm.ID)
		if err != nil {
			return err
		}
		o := res.Enterprise
		grade := o.Grade
		if grade == "" {
			grade = gradeName(book, o.Status)
		}
		shown = page(web.Page{
			Title: firm.Name, Grade: grade, Desk: Key, Lead: "评价 " + e.Period.Name + " · 得分 " + web.ScoreText(o.Score, false),
			Crumbs: []web.Link{{Text: "信用评价", Href: "/bureau/evaluations"}, {Text: e.Period.Name, Href: "/bureau/evaluations/" + id.String()}},
			Acts:   []web.Link{{Text: "企业登记信息", Href: "/bureau/enterprises/" + string(uscc)}},
		}, card(web.Box{Title: "逐条说明"}, web.TableView(lineTable(book, o))))
		return nil
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, shown)
}

// lineTable shows every line of an outcome; what does not count stays, struck through.
func lineTable(b *credit.Book, o credit.Outcome) web.Table {
	t := web.Table{Caption: "逐条说明", Cols: []web.Col{{Name: "事项"}, {Name: "是否计入"}, {Name: "有效至"}, {Name: "分值（分）", Num: true}}, None: web.Nothing{Text: "本期没有计分事项。"}}
	for i := range o.Lines {
		l := &o.Lines[i]
		name, sub := l.Kind.String(), ""
		if it := b.Item(l.Item); it != nil {
			name, sub = it.Title, it.Code
		}
		href := ""
		if l.Record != 0 {
			href = "/bureau/records/" + l.Record.String()
		}
		t.Rows = append(t.Rows, web.Row{Off: !l.Reason.Counts(), Cells: []web.Cell{{Text: name, Sub: sub, Href: href}, web.T(strings.TrimSpace(l.Reason.String())), web.D(l.Until), web.P(l.Points, true)}})
	}
	return t
}
