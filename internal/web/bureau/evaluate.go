package bureau

import (
	"context"
	"encoding/hex"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/web"
)

// purposeWords name what a run is for.
var purposeWords = map[string]string{credit.ForCycle: "本期评价", credit.ForCorrection: "更正", credit.ForTrial: "试算"}

var publishWords = map[string]string{credit.PublishProposed: "待批准公布", credit.Published: "已公布", credit.PublishRefused: "不同意公布"}

func publishTone(state string) web.Tone {
	switch state {
	case credit.Published:
		return web.Good
	case credit.PublishProposed:
		return web.Warn
	}
	return web.Plain
}

var evaluateFields = []web.Field{
	{Name: "purpose", Label: "目的", Kind: web.Radio, Required: true, Options: []web.Option{
		{Value: credit.ForTrial, Text: "试算", Hint: "看看截至某一天的结果，不能公布"},
		{Value: credit.ForCycle, Text: "本期评价", Hint: "按规则规定的期间和截止日计算，之后可提请公布"},
		{Value: credit.ForCorrection, Text: "更正", Hint: "按今天所知重算已公布的一期"},
	}},
	{Name: "on", Label: "日期", Kind: web.Date, Required: true, Hint: "试算：截止日；本期评价和更正：该期中的任意一天"},
	{Name: "why", Label: "说明", When: "更正时必填", Hint: "更正时写明原因"},
}

func (d *Desk) cityPlace() authz.Place { return authz.Place{Division: d.City} }

// evaluations lists runs and publications.
func (d *Desk) evaluations(w http.ResponseWriter, r *http.Request) error {
	f, err := d.evaluateForm(r)
	if err != nil {
		return err
	}
	c, err := d.evaluationsPage(r.Context(), web.Actor(r), f)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, c)
}

// evaluateForm asks for the period that waits for its result, else for a trial.
func (d *Desk) evaluateForm(r *http.Request) (*web.Form, error) {
	f := web.NewForm(evaluateFields...).Set("purpose", credit.ForTrial).Set("on", web.Today(r).String())
	err := d.DB.Read(r.Context(), func(tx *db.Tx) error {
		a, ok, err := d.Evaluations.Awaited(r.Context(), tx, web.Actor(r))
		if ok && a.Run == 0 {
			f.Set("purpose", credit.ForCycle).Set("on", a.To.String())
		}
		return err
	})
	return f, err
}

func (d *Desk) evaluationsPage(ctx context.Context, who authz.Actor, f *web.Form) (templ.Component, error) {
	may := authz.May(who, authz.CreditEvaluate, d.cityPlace())
	var runs []credit.Evaluation
	var published []credit.Release
	err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if published, err = d.Evaluations.Publications(ctx, tx, ""); err != nil || !may {
			return err
		}
		runs, err = d.Evaluations.Runs(ctx, tx, who)
		return err
	})
	if err != nil {
		return nil, err
	}
	state := map[db.ID]credit.Release{}
	for _, p := range published {
		if _, newer := state[p.Evaluation]; !newer {
			state[p.Evaluation] = p
		}
	}
	parts := []templ.Component{}
	if may {
		parts = append(parts, cols(
			card(web.Box{Title: "评价结果", Cols: 8}, web.TableView(runTable(runs, state))),
			card(web.Box{Title: "运行评价", ID: "run", Cols: 4}, ask(f, web.FormBox{Action: "/bureau/evaluations", Submit: "运行"}), quiet("评价在后台进行，通常几秒内完成，其间不影响别人办事；结果存档后不再改变。")),
		))
	}
	parts = append(parts, card(web.Box{Title: "公布"}, web.TableView(publishTable(published, may))))
	p := web.Page{Title: "信用评价", Desk: Key}
	if authz.May(who, authz.CreditSimulate, d.cityPlace()) {
		p.Acts = []web.Link{{Text: "模拟规则草案", Href: "/bureau/simulate"}}
	}
	return page(p, parts...), nil
}

func runTable(runs []credit.Evaluation, state map[db.ID]credit.Release) web.Table {
	t := web.Table{
		Caption: "评价结果", None: web.Nothing{Text: "还没有运行过评价。"},
		Cols: []web.Col{{Name: "期间"}, {Name: "目的"}, {Name: "截止日"}, {Name: "规则"}, {Name: "企业（家）", Num: true}, {Name: "信用信息（条）", Num: true}, {Name: "公布"}},
	}
	for _, e := range runs {
		st := web.T("—")
		if p, ok := state[e.ID]; ok {
			st = web.Tagged(publishWords[p.State], publishTone(p.State))
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			{Text: e.Period.Name, Sub: clock(db.FromMillis(e.MadeAt)), Href: "/bureau/evaluations/" + e.ID.String()},
			web.T(purposeWords[e.Purpose]), web.D(e.AsOf),
			web.L(e.BookVersion, "/rulebooks/"+e.Book), web.N(e.Enterprises, ""), web.N(e.Records, ""), st,
		}})
	}
	return t
}

func publishTable(list []credit.Release, may bool) web.Table {
	t := web.Table{Caption: "公布", Cols: []web.Col{{Name: "期间"}, {Name: "截止日"}, {Name: "状态"}, {Name: "文号"}, {Name: "更正"}, {Name: "说明"}}, None: web.Nothing{Text: "还没有公布过评价结果。"}}
	for _, p := range list {
		href, fix := "/league", "—"
		if may {
			href = "/bureau/evaluations/" + p.Evaluation.String()
		}
		if p.Corrects != 0 {
			fix = "更正前一次公布"
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.L(p.Period, href), web.D(p.AsOf), web.Tagged(publishWords[p.State], publishTone(p.State)), {Text: p.Number, Nowrap: true}, web.T(fix), web.T(p.Why)}})
	}
	return t
}

// evaluate asks for an evaluation of the city; a job runs it.
func (d *Desk) evaluate(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, evaluateFields...)
	if err != nil {
		return err
	}
	again := later(func(ctx context.Context) (templ.Component, error) { return d.evaluationsPage(ctx, web.Actor(r), f) })
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		on := f.Date("on")
		book, err := d.Books.InForce(ctx, tx, on)
		if err != nil {
			return "", err
		}
		q := credit.Request{Book: book, Purpose: f.Str("purpose"), Period: book.Period(on), Why: f.Str("why")}
		switch q.Purpose {
		case credit.ForTrial:
			q.AsOf = on
		case credit.ForCorrection:
			if q, err = d.correction(ctx, tx, q); err != nil {
				return "", err
			}
		}
		id, err := d.Evaluations.EnqueueIn(ctx, tx, web.Actor(r), q)
		return runAddress(id), err
	}, again)
}

// correction runs a published period again under its own rulebook.
func (d *Desk) correction(ctx context.Context, tx *db.Tx, q credit.Request) (credit.Request, error) {
	cycles, err := d.Evaluations.Cycles(ctx, tx)
	if err != nil {
		return q, err
	}
	for _, p := range cycles {
		if p.Period != q.Period.Name {
			continue
		}
		old, err := d.Evaluations.Evaluation(ctx, tx, p.Evaluation)
		if err != nil {
			return q, err
		}
		q.Corrects, q.AsOf, q.Period = old.ID, old.AsOf, old.Period
		q.Book, err = d.Books.ByDigest(ctx, tx, old.Book)
		return q, err
	}
	return q, fault.New(fault.Invalid, "credit.nothing-to-correct", "这一期没有已公布的结果。").With("on", q.Period.Name+" 没有已公布的结果可以更正。")
}

// evaluation shows one run: distribution, league, publication.
func (d *Desk) evaluation(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	var v runView
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) { v, err = d.runView(r.Context(), tx, r, id); return err }); err != nil {
		return err
	}
	if v.list.Format != "" {
		return web.Export(w, r, v.list, "评价结果 "+v.e.Period.Name, v.league)
	}
	return web.Show(w, r, http.StatusOK, runPage(v, d.publishForms(web.Actor(r), v)))
}

// runView is all that a run's page shows.
type runView struct {
	e       credit.Evaluation
	book    *credit.Book
	list    *web.List
	grades  web.Table
	shift   web.Table // against what was published before, while a second person decides
	chart   web.Chart
	league  web.Table
	release []credit.Release // of this run, newest first
}

func (d *Desk) runView(ctx context.Context, tx *db.Tx, r *http.Request, id db.ID) (v runView, err error) {
	if err = authz.Require(web.Actor(r), authz.CreditEvaluate, d.cityPlace()); err != nil {
		return v, err
	}
	if v.e, err = d.Evaluations.Evaluation(ctx, tx, id); err != nil {
		return v, err
	}
	if v.book, err = d.Books.ByDigest(ctx, tx, v.e.Book); err != nil {
		return v, err
	}
	districts, err := districtOptions(ctx, tx)
	if err != nil {
		return v, err
	}
	spec := web.ListSpec{Search: "企业名称", Filters: []web.Filter{{Name: "district", Label: "区县", Options: districts}, {Name: "grade", Label: "等级", Like: web.LikeWords}, {Name: "order", Label: "排序", Any: "默认", Options: []web.Option{{Value: "score", Text: "得分"}, {Value: "area", Text: "在管面积"}}}}}
	if r.Method == http.MethodPost {
		v.list = &web.List{Spec: spec, Path: "/bureau/evaluations/" + id.String()}
	} else if v.list, err = web.ReadList(r, spec); err != nil {
		return v, err
	}
	if _, known := v.book.KnowsAll(credit.Enterprise, v.list.Get("grade")); !known {
		return v, v.list.Unknown("grade")
	}
	shares, err := d.Evaluations.GradeCounts(ctx, tx, id, credit.Enterprise, code.Division(v.list.Get("district")))
	if err != nil {
		return v, err
	}
	v.grades = gradeTable(v.book, shares, func(g string) string { return v.list.With("grade", g) })
	v.chart = gradeChart(v.book, shares)
	if v.league, err = d.leagueTable(ctx, tx, v); err != nil {
		return v, err
	}
	all, err := d.Evaluations.Publications(ctx, tx, "")
	for _, p := range all {
		if p.Evaluation == id {
			v.release = append(v.release, p)
		}
	}
	if err != nil {
		return v, err
	}
	v.shift, err = d.shiftTable(ctx, tx, v)
	return v, err
}

func (d *Desk) leagueTable(ctx context.Context, tx *db.Tx, v runView) (web.Table, error) {
	l := v.list
	t := web.Table{
		Caption: "评价结果", List: l, None: web.Nothing{Text: "没有结果。"},
		Cols: []web.Col{{Name: "名次", Num: true}, {Name: "企业"}, {Name: "区县"}, {Name: "等级"}, {Name: "得分（分）", Num: true}, {Name: "在管项目（个）", Num: true}, {Name: "在管面积（㎡）", Num: true}, {Name: "说明"}},
	}
	grades, _ := v.book.KnowsAll(credit.Enterprise, l.Get("grade"))
	rows, err := web.Paged(l, func(after string, limit int) ([]credit.Ranked, string, error) {
		return d.Evaluations.Standings(ctx, tx, credit.League{Evaluation: v.e.ID, Kind: credit.Enterprise, District: code.Division(l.Get("district")), Grades: grades, Text: l.Q, Sort: l.Get("order"), After: after, Limit: limit})
	})
	if err != nil {
		return t, err
	}
	names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
		for _, x := range rows {
			if !yield(x.Division.Up(code.District)) {
				return
			}
		}
	})
	for _, x := range rows {
		rank, score, grade := web.T("—"), web.T("—"), x.Grade
		if x.Scored {
			rank, score = web.N(x.RankCity, ""), web.P(x.Score, false)
		}
		if grade == "" {
			grade = gradeName(v.book, x.Status)
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			rank, web.L(x.Name, "/bureau/evaluations/"+v.e.ID.String()+"/"+x.Code), web.T(names[x.Division.Up(code.District)]), web.Grades(grade), score, web.N(x.Projects, "/bureau/projects?enterprise="+x.Code), web.A(x.Area), web.T(x.Why),
		}})
	}
	return t, err
}

func runFacts(e credit.Evaluation) []web.Fact {
	return []web.Fact{
		{Name: "目的", Text: purposeWords[e.Purpose]},
		{Name: "期间", Text: e.Period.From.String() + " 至 " + e.Period.To.String()},
		{Name: "数据截至", Text: e.AsOf.String()},
		{Name: "按何日所知", Text: e.Known.String()},
		{Name: "规则版本", Text: e.BookVersion, Href: "/rulebooks/" + e.Book},
		{Name: "计入信用信息", Text: web.Count(e.Records) + " 条", Href: "/bureau/records"},
		{Name: "企业、项目、人员", Text: web.Count(e.Enterprises) + " 家、" + web.Count(e.Projects) + " 个、" + web.Count(e.Persons) + " 人"},
		{Name: "说明", Text: e.Why},
		{Name: "结果摘要（SHA-256）", Text: hex.EncodeToString(e.Digest), Wide: true},
	}
}
