package bureau

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/web"
)

// recordView is all that a record's page shows.
type recordView struct {
	d      credit.Dossier
	book   *credit.Book
	item   *credit.Item
	likes  []credit.Likeness
	hidden int // likenesses that the reader does not see
	body   func(key string) string
	reader authz.Actor
}

// record shows one record.
func (d *Desk) record(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.recordView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, recordPage(v, actForm(v)))
}

func (d *Desk) recordView(ctx context.Context, who authz.Actor, id db.ID) (v recordView, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		v = recordView{reader: who}
		if v.d, err = d.Records.Record(ctx, tx, who, id); err != nil {
			return err
		}
		on := v.d.Opened
		if on == 0 {
			on = tx.Today()
		}
		if v.book, err = d.Books.InForce(ctx, tx, on); err != nil {
			return err
		}
		v.item = v.book.Item(v.book.ItemNo(v.d.Item))
		if v.likes, v.hidden, err = d.likenesses(ctx, tx, who, v.d); err != nil {
			return err
		}
		keys := []string{v.d.Body, v.d.Case.Holder.Key(), v.d.Annul.Holder.Key()}
		for _, steps := range [][]casework.Step{v.d.Steps, v.d.AnnulSteps, v.d.MendSteps} {
			if err := nameSteps(ctx, tx, steps); err != nil {
				return err
			}
			for _, s := range steps {
				keys = append(keys, s.Body)
			}
		}
		v.body, err = bodyNames(ctx, tx, keys...)
		return err
	})
	return v, err
}

// likenesses warns of records that look alike, while it can still be stopped.
func (d *Desk) likenesses(ctx context.Context, tx *db.Tx, who authz.Actor, x credit.Dossier) ([]credit.Likeness, int, error) {
	open := []string{credit.RecordDraft, credit.RecordProposed, credit.RecordChecked}
	if !slices.Contains(open, x.State) || !authz.May(who, authz.CreditPropose, x.Place()) || x.Event == 0 {
		return nil, 0, nil
	}
	p := x.Proposal
	if x.State != credit.RecordDraft {
		p.Files = nil // they are the record's own by now
	}
	likes, hidden, err := d.Records.Likenesses(ctx, tx, who, p)
	if e := fault.From(err); e != nil && e.Kind == fault.Invalid {
		return nil, 0, nil // an unfinished draft
	}
	return slices.DeleteFunc(likes, func(l credit.Likeness) bool { return l.Record == x.ID }), hidden, err
}

func recordPage(v recordView, f *web.Form) templ.Component {
	x := v.d
	title := x.ItemTitle
	if title == "" {
		title = "信用信息"
	}
	p := web.Page{
		Title: title, Desk: Key, Tags: []web.Mark{{Text: x.StateTitle, Tone: stateTone(x.State)}}, Crumbs: []web.Link{{Text: "信用信息", Href: "/bureau/records"}},
		Lead: join(x.EnterpriseName, x.ProjectName, "编号 "+x.ID.String()),
	}
	for _, a := range x.Allowed {
		if a.Name == credit.ActEdit {
			p.Acts = append(p.Acts, web.Link{Text: a.Title, Href: "/bureau/records/" + x.ID.String() + "/edit"})
		}
	}
	var parts []templ.Component
	if x.Banner != "" {
		parts = append(parts, web.Assumed(x.Banner))
	}
	parts = append(parts, otherPerson(v.reader, x.Case, x.Steps), otherPerson(v.reader, x.Annul, x.AnnulSteps))
	if x.Annul.State == credit.AnnulAsked && !x.Case.Closed {
		asked := x.AnnulSteps[len(x.AnnulSteps)-1]
		parts = append(parts, note(web.Warn, "已提请撤销，待另一人决定", v.body(asked.Body)+"于"+clock(asked.At)+"提请撤销。理由："+asked.Note))
	}
	if x.Owner != "" {
		parts = append(parts, note(web.Info, "来自监管案件 "+x.Owner, "这条信息由案件的处置措施提出：整改由该案复查确认，不能单独确认或撤回。"))
	}
	parts = append(parts, alike(v.likes, v.hidden)...)
	due := web.DueOf(x.Case.Due, 0)
	if x.Case.Due != 0 {
		due.Text = x.Words
	}
	parts = append(parts, card(web.Box{Title: "办理进度", Tags: holderTags(v)}, web.Steps("办理进度", steps(v)), quiet(dueLine(x))))
	side := []templ.Component{}
	if f != nil {
		side = append(side, card(web.Box{Title: "办理", ID: "act", Cols: 5}, ask(f, web.FormBox{Action: "/bureau/records/" + x.ID.String(), Submit: "提交"})))
	}
	left := 12
	if f != nil {
		left = 7
	}
	parts = append(parts, cols(append([]templ.Component{card(web.Box{Title: "基本事实", Cols: left}, web.Facts(recordFacts(v)))}, side...)...))
	if len(x.Pleas) > 0 {
		parts = append(parts, card(web.Box{Title: "异议和修复申请"}, web.Timeline(pleas(v))))
	}
	parts = append(parts, cols(
		card(web.Box{Title: "证据材料", Cols: 5}, proofs(x)),
		card(web.Box{Title: "办理记录", Cols: 7}, web.Timeline(history(v))),
	))
	if len(x.MendSteps) > 0 {
		parts = append(parts, card(web.Box{Title: "整改", Tags: []web.Mark{{Text: x.Mend.StateTitle(), Tone: mendTone(x.Mend.State)}}}, web.Timeline(mendSteps(v))))
	}
	if len(x.Messages) > 0 {
		parts = append(parts, card(web.Box{Title: "文书和送达"}, web.TableView(letters(x))))
	}
	return page(p, parts...)
}

// alike warns of what looks like a record, with the way to those that the reader sees.
func alike(likes []credit.Likeness, hidden int) (parts []templ.Component) {
	for _, l := range likes {
		parts = append(parts, likeness(l))
	}
	if hidden > 0 {
		parts = append(parts, note(web.Warn, "可能重复", "另有 "+itoa(int64(hidden))+" 条相似信息由其他单位录入，您不能查看。请向上级主管部门核对。"))
	}
	return parts
}

func likeness(l credit.Likeness) templ.Component {
	return web.Words(note(web.Warn, "可能重复", l.Title()+"：项目 "+l.Item+"，发生于 "+l.Event.String()+"，"+credit.RecordMachine.StateTitle(l.State)+"。"),
		web.Buttons([]web.Link{{Text: "查看相似的信息 " + l.Record.String(), Href: "/bureau/records/" + l.Record.String()}}))
}

func holderTags(v recordView) []web.Mark {
	if h := v.d.Case.Holder.Key(); h != "" {
		return []web.Mark{{Text: "由" + v.body(h) + "办理", Tone: web.Info}}
	}
	return nil
}

func dueLine(x credit.Dossier) string {
	if x.Case.Due == 0 {
		return "本步骤没有期限。"
	}
	return x.Words + "，" + x.Case.Due.Chinese() + "到期。"
}

// steps is the record's way: the usual path, and where it left it.
func steps(v recordView) []web.Step {
	x := v.d
	path := []string{credit.RecordProposed, credit.RecordChecked, credit.RecordIdentified, credit.RecordNoticed, credit.RecordEffective}
	if x.State == credit.RecordDraft {
		path = append([]string{credit.RecordDraft}, path...)
	}
	at := map[string]casework.Step{}
	for _, s := range x.Steps {
		if s.To != s.From {
			at[s.To] = s
		}
	}
	if _, been := at[credit.RecordEffective]; x.State == credit.RecordObjected && !been {
		path = slices.Insert(path, len(path)-1, x.State) // it may take effect yet
	} else if !slices.Contains(path, x.State) {
		path = append(path, x.State)
	}
	last := 0
	for i, s := range path {
		if _, been := at[s]; been {
			last = i
		}
	}
	var out []web.Step
	for i, s := range path {
		step := web.Step{Name: credit.RecordMachine.StateTitle(s)}
		been, ok := at[s]
		if ok {
			step.When = clock(been.At)[:10]
		}
		switch {
		case s == x.State && x.Late:
			step.Place, step.When = web.StepLate, "应于 "+x.Case.Due.String()
		case s == x.State && (x.Case.Closed || s == credit.RecordEffective || s == credit.RecordRepaired || s == credit.RecordExpired):
			step.Place = web.StepDone
		case s == x.State:
			step.Place = web.StepNow
			if x.Case.Due != 0 {
				step.When = "限 " + x.Case.Due.String()
			}
		case ok:
			step.Place = web.StepDone
		case i < last || x.Case.Closed:
			step.Place = web.StepSkipped
		default:
			step.Place, step.When = web.StepAhead, v.whoseTurn(s)
		}
		out = append(out, step)
	}
	return out
}

// whoseTurn are the roles of which one leads a record to a state, by its procedure.
func (v recordView) whoseTurn(state string) string {
	if v.item == nil {
		return ""
	}
	proc, ok := v.book.ProcedureOf(v.book.ItemNo(v.d.Item), v.item.LevelNo(v.d.Level))
	step, known := proc.Step(map[string]string{
		credit.RecordProposed: credit.StepPropose, credit.RecordChecked: credit.StepCheck, credit.RecordIdentified: credit.StepIdentify, credit.RecordNoticed: credit.StepNotice,
	}[state])
	if !ok || !known {
		return ""
	}
	var who []string
	for _, word := range step.Roles {
		for _, r := range v.book.Roles {
			if r.Code == word {
				who = append(who, r.Title)
			}
		}
	}
	return strings.Join(who, "或")
}

func recordFacts(v recordView) []web.Fact {
	x := v.d
	points := web.ScoreText(x.ItemPoints, true) + " 分"
	if x.Points != 0 {
		points = web.ScoreText(x.Points, true) + " 分（裁量）"
	}
	level := x.Level
	if v.item != nil {
		for _, l := range v.item.Levels {
			if l.Code == x.Level {
				level = l.Title
			}
		}
	}
	class := x.Class
	for _, c := range v.book.Classes {
		if c.Code == x.Class {
			class = c.Title
		}
	}
	facts := []web.Fact{
		{Name: "企业", Text: x.EnterpriseName, Href: "/bureau/enterprises/" + string(x.Enterprise)},
		{Name: "项目代码和类别", Text: join(x.Item, class)},
		{Name: "级别", Text: level},
		{Name: "分值", Text: points},
		{Name: "发生日期", Text: x.Event.String()},
		{Name: "提出单位", Text: v.body(x.Body)},
		{Name: "依据文件", Text: join(x.Document.Number, x.Document.Issuer, x.Document.Date.String())},
	}
	if x.Project != "" {
		facts = append(facts, web.Fact{Name: "小区项目", Text: x.ProjectName, Href: "/bureau/projects/" + string(x.Project)})
	}
	for _, o := range []web.Fact{
		{Name: "认定日期", Text: x.Identified.String()},
		{Name: "告知文号", Text: x.Number},
		{Name: "生效日期", Text: x.Effective.String()},
		{Name: "有效至", Text: x.Until.String()},
		{Name: "整改期限", Text: x.Due.String()},
		{Name: "整改完成", Text: x.Rectified.String()},
		{Name: "修复日期", Text: x.Repaired.String()},
		{Name: "撤销日期", Text: x.Annulled.String()},
	} {
		if o.Text != "" {
			facts = append(facts, o)
		}
	}
	return append(facts, web.Fact{Name: "事实经过", Body: text(x.Summary), Wide: true})
}
