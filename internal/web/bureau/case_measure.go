package bureau

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/supervision"
	"juli/internal/web"
)

func measureTable(c *supervision.Dossier) web.Table {
	t := web.Table{
		Caption: "处置措施", None: web.Nothing{Text: "还没有采取措施。"},
		Cols: []web.Col{{Name: "措施"}, {Name: "文号"}, {Name: "状态"}, {Name: "决定日期"}, {Name: "信用信息"}},
	}
	for i := range c.Measures {
		m := &c.Measures[i]
		day, record := web.T("—"), web.T("—")
		if m.Decided != 0 {
			day = web.D(m.Decided)
		}
		if m.Record != 0 {
			record = web.L("查看扣分", "/bureau/records/"+m.Record.String())
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Text: supervision.KindTitle(m.Kind), Href: "/bureau/measures/" + m.ID.String()}, {Text: orDash(m.Number), Nowrap: true}, web.Tagged(m.StateTitle(), toneOf(m)), day, record}})
	}
	return t
}

func measureTone(state string) web.Tone {
	switch state {
	case supervision.MeasureProposed, supervision.MeasureDecided, supervision.MeasureSent:
		return web.Warn
	case supervision.MeasureDone:
		return web.Good
	}
	return web.Plain
}

// toneOf is that of a measure: points that came to nothing are no success.
func toneOf(m *supervision.Measure) web.Tone {
	if m.Void() {
		return web.Plain
	}
	return measureTone(m.State)
}

// possibles tells of each measure whether it may be proposed now, and why not.
func possibles(v caseView, f *web.Form) templ.Component {
	if len(v.d.Possible) == 0 {
		return templ.NopComponent
	}
	t := web.Table{Caption: "处置阶梯", Cols: []web.Col{{Name: "措施"}, {Name: "依据"}, {Name: "现在能否采取"}}}
	for _, p := range v.d.Possible {
		can := web.Tagged("可以提出", web.Good)
		if !p.OK {
			can = web.T(p.Why)
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(p.Title), web.T(p.Basis), can}})
	}
	parts := []templ.Component{web.Folded("处置阶梯和条件（"+v.d.BookTitle+"）", web.TableView(t))}
	if f != nil {
		parts = append(parts, web.FormView(f, web.FormBox{Action: "/bureau/cases/" + v.d.ID.String() + "/measures", Submit: "提出措施"}))
	}
	return web.Words(parts...)
}

func measureFields(v caseView) []web.Field {
	kind := web.Field{Name: "kind", Label: "提出措施", Kind: web.Radio, Required: true}
	ground := web.Field{Name: "ground", Label: "退出情形", Kind: web.Select, When: "启动监管退出时必填"}
	for _, p := range v.d.Possible {
		if p.OK {
			kind.Options = append(kind.Options, web.Option{Value: p.Kind, Text: p.Title, Hint: skippedWords(p.Skipped)})
		}
		if p.OK && p.Kind == supervision.Exit && v.book != nil {
			ground.Options = namedOptions(v.book.ExitCodes)
		}
	}
	if len(kind.Options) == 0 {
		return nil
	}
	fields := []web.Field{kind}
	if len(ground.Options) > 0 {
		fields = append(fields, ground)
	}
	return append(fields, web.Field{Name: "reason", Label: "理由", Kind: web.Long, Required: true, Hint: "须由另一人决定后生效"})
}

// skippedWords warn of the milder measures that a measure passes over.
func skippedWords(steps []supervision.Step) string {
	if len(steps) == 0 {
		return ""
	}
	var names []string
	for _, s := range steps {
		names = append(names, s.Title)
	}
	return "注意：越过尚未采取的" + strings.Join(names, "、") + "；只有危及人身安全的问题可以越级"
}

// everyMeasure asks with all the measures that there are.
func everyMeasure(book *supervision.Book) []web.Field {
	all := caseView{book: book}
	for kind := range supervision.KindTitles() {
		all.d.Possible = append(all.d.Possible, supervision.Possible{Step: supervision.Step{Kind: kind}, OK: true})
	}
	return measureFields(all)
}

func measureForm(v caseView) *web.Form {
	if fields := measureFields(v); fields != nil {
		return web.NewForm(fields...).Apart("measure")
	}
	return nil
}

func (d *Desk) proposeMeasure(w http.ResponseWriter, r *http.Request) error {
	who := web.Actor(r)
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.caseView(r.Context(), who, id)
	if err != nil {
		return err
	}
	fields := measureFields(v)
	if fields == nil { // sent again: the service or the form's key answers
		fields = everyMeasure(v.book)
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f.Apart("measure"), func(ctx context.Context, tx *db.Tx) (string, error) {
		wish := supervision.Wish{Kind: f.Str("kind"), Reason: f.Str("reason")}
		if has(f, "ground") {
			wish.Ground = f.Str("ground")
		}
		m, err := d.Cases.ProposeMeasureIn(ctx, tx, who, id, wish)
		web.Say(r, "措施已提出，等另一人决定。")
		return "/bureau/measures/" + m.String(), err
	}, later(func(ctx context.Context) (templ.Component, error) {
		v, err := d.caseView(ctx, who, id)
		return casePage(v, caseForm(v), f), err
	}))
}

// measureView is a measure with the bodies of its steps.
type measureView struct {
	d    supervision.MeasureDossier
	body func(string) string
}

func (d *Desk) measureView(r *http.Request) (v measureView, err error) {
	id, err := pathID(r, "id")
	if err != nil {
		return v, err
	}
	err = d.DB.Read(r.Context(), func(tx *db.Tx) error {
		if v.d, err = d.Cases.MeasureFor(r.Context(), tx, web.Actor(r), id); err != nil {
			return err
		}
		if err := nameSteps(r.Context(), tx, v.d.Steps); err != nil {
			return err
		}
		v.body, err = stepBodies(r.Context(), tx, v.d.Steps)
		return err
	})
	return v, err
}

func (d *Desk) oneMeasure(w http.ResponseWriter, r *http.Request) error {
	v, err := d.measureView(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, measurePage(v, carryForm(v), decideForm(v)))
}

func may(v measureView, act string) bool {
	return slices.ContainsFunc(v.d.Allowed, func(a casework.Act) bool { return a.Name == act })
}

// secondFields ask the second person; the refusal is decided in the same place.
func secondFields() []web.Field {
	return []web.Field{
		{Name: "version", Kind: web.Carried, Max: 20},
		{Name: "act", Label: "决定", Kind: web.Radio, Required: true, Options: []web.Option{{Value: supervision.ActDecide, Text: "决定采取"}, {Value: supervision.ActRefuse, Text: "不予采取", Hint: "须写明理由"}}},
		{Name: "note", Label: "理由", Kind: web.Long},
	}
}

func decideForm(v measureView) *web.Form {
	if !may(v, supervision.ActDecide) {
		return nil
	}
	return web.NewForm(secondFields()...).Set("version", itoa(v.d.Flow.Version))
}

var carryActs = []string{supervision.ActBack, supervision.ActCarry, supervision.ActSend, supervision.ActAccept, supervision.ActDecline, supervision.ActList, supervision.ActRemove}

func carryFields(v measureView) []web.Field {
	which := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true}
	for _, name := range carryActs {
		if a, ok := supervision.MeasureMachine.Act(name); ok && may(v, name) {
			which.Options = append(which.Options, web.Option{Value: name, Text: a.Title})
		}
	}
	if len(which.Options) == 0 {
		return nil
	}
	fields := []web.Field{{Name: "version", Kind: web.Carried, Max: 20}, which, {Name: "note", Label: "情况或理由", Kind: web.Long, Required: true}}
	if v.d.Kind == supervision.Summons && may(v, supervision.ActCarry) {
		fields = append(fields, web.Field{Name: "files", Label: "约谈记录", Kind: web.Files, Accept: evidenceTypes, When: "记录执行时必填"})
	}
	if answer := answersOffered(which.Options); answer > 0 {
		document := web.Field{Name: "document", Label: "对方文书的文号", Required: answer == len(which.Options)}
		if !document.Required {
			document.When = "登记对方答复时必填"
		}
		fields = append(fields, document)
	}
	if may(v, supervision.ActList) {
		fields = append(fields, web.Field{Name: "from", Label: "列入起始日", Kind: web.Date, When: "登记已列入时必填"}, web.Field{Name: "to", Label: "列入截止日", Kind: web.Date, When: "登记已列入时必填"})
	}
	return fields
}

// answersOffered counts the acts that write down another authority's answer.
func answersOffered(acts []web.Option) (n int) {
	for _, a := range acts {
		if slices.Contains([]string{supervision.ActAccept, supervision.ActDecline, supervision.ActList, supervision.ActRemove}, a.Value) {
			n++
		}
	}
	return n
}

// everyCarry are all the questions that the form can ask.
func everyCarry() []web.Field {
	all := measureView{d: supervision.MeasureDossier{Measure: supervision.Measure{Kind: supervision.Referral}, Allowed: supervision.MeasureMachine.Acts}}
	return append(carryFields(all), web.Field{Name: "files", Label: "约谈记录", Kind: web.Files, Accept: evidenceTypes})
}

func carryForm(v measureView) *web.Form {
	if fields := carryFields(v); fields != nil {
		return web.NewForm(fields...).Apart("carry").Set("version", itoa(v.d.Flow.Version))
	}
	return nil
}

func (d *Desk) actOnMeasure(w http.ResponseWriter, r *http.Request) error {
	v, err := d.measureView(r)
	if err != nil {
		return err
	}
	fields := carryFields(v)
	if fields == nil { // sent again: the service or the form's key answers
		fields = everyCarry()
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	var up web.Uploads
	if has(f, "files") {
		if up, err = web.Receive(r, d.Files, f, "files"); err != nil {
			return err
		}
		defer up.Close()
	}
	return web.Submit(w, r, d.DB, f.Apart("carry"), func(ctx context.Context, tx *db.Tx) (string, error) {
		t, x := supervision.Take{ID: v.d.ID, Note: f.Str("note")}, supervision.Outcome{}
		t.Version, _ = strconv.ParseInt(f.Str("version"), 10, 64)
		if t.Files, err = idsOf(ctx, tx, up); err != nil {
			return "", err
		}
		if has(f, "document") {
			x.Document = f.Str("document")
		}
		if has(f, "from") {
			x.From, x.To = f.Date("from"), f.Date("to")
		}
		web.Say(r, "已办理。")
		return "/bureau/measures/" + v.d.ID.String(), d.Cases.CarryMeasureIn(ctx, tx, web.Actor(r), t, f.Str("act"), x)
	}, func() templ.Component { return measurePage(v, f, decideForm(v)) })
}

func (d *Desk) decideMeasure(w http.ResponseWriter, r *http.Request) error {
	v, err := d.measureView(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, secondFields()...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		t, to := supervision.Take{ID: v.d.ID, Note: f.Str("note")}, "/bureau/measures/"+v.d.ID.String()
		t.Version, _ = strconv.ParseInt(f.Str("version"), 10, 64)
		if f.Str("act") == supervision.ActRefuse {
			web.Say(r, "不采取这项措施。")
			return to, d.Cases.CarryMeasureIn(ctx, tx, web.Actor(r), t, supervision.ActRefuse, supervision.Outcome{})
		}
		web.Say(r, "措施已决定，已通知企业。")
		return to, d.Cases.DecideMeasureIn(ctx, tx, web.Actor(r), t)
	}, func() templ.Component { return measurePage(v, carryForm(v), f) })
}
