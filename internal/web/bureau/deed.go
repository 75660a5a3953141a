package bureau

import (
	"context"
	"net/http"
	"regexp"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/registry"
	"juli/internal/web"
)

var monthLike = regexp.MustCompile(`^20[0-9]{2}-(0[1-9]|1[0-2])$`)

// A deedView is one deed as its page shows it.
type deedView struct {
	ledger
	x       deed.Dossier
	reader  authz.Actor
	today   day.Date
	place   string
	project string
	body    func(string) string
	words   string // of the deadline
	late    bool
	forms   map[string]*web.Form // of acts, by name: the one that was refused
}

func (d *Desk) deedView(ctx context.Context, who authz.Actor, id db.ID) (v deedView, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		v = deedView{reader: who, today: tx.Today(), forms: map[string]*web.Form{}}
		if v.x, err = d.Deeds.Dossier(ctx, tx, who, id); err != nil {
			return err
		}
		if v.ledger, err = d.ledger(ctx, tx); err != nil {
			return err
		}
		path, err := registry.DivisionPath(ctx, tx, v.x.Division)
		if err != nil {
			return err
		}
		v.place = registry.PlaceName(path)
		if v.x.Project != "" {
			names, err := registry.ProjectNames(ctx, tx, []code.ProjectCode{v.x.Project})
			if err != nil {
				return err
			}
			v.project = names[v.x.Project]
		}
		keys := []string{v.x.Case.Holder.Key(), v.x.Lead.Key()}
		if err := nameSteps(ctx, tx, v.x.Steps); err != nil {
			return err
		}
		for _, s := range v.x.Steps {
			keys = append(keys, s.Body)
		}
		for _, h := range deed.LeadsAt(v.x.Deed) {
			keys = append(keys, h.Key())
		}
		due := web.DueOf(v.x.Case.Due, tx.Today())
		v.words, v.late = due.Text, due.Tone == web.Bad
		v.body, err = bodyNames(ctx, tx, keys...)
		return err
	})
	return v, err
}

func (d *Desk) deed(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.deedView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, deedPage(v))
}

func (v deedView) at() string { return deedsAt + "/" + v.x.ID.String() }

func deedPage(v deedView) templ.Component {
	x := v.x
	p := web.Page{Title: x.Title, Desk: Key, Lead: join(x.Number, v.place, v.project), Tags: []web.Mark{{Text: x.StateTitle(), Tone: deedTone(x.State)}}, Crumbs: []web.Link{{Text: "实事台账", Href: deedsAt}}}
	if words := x.OverdueWords(); words != "" {
		p.Tags = append(p.Tags, web.Mark{Text: words, Tone: web.Bad})
	}
	if x.Late(v.today) {
		p.Tags = append(p.Tags, web.Mark{Text: "已逾期", Tone: web.Bad})
	}
	if x.Open {
		p.Tags = append(p.Tags, web.Mark{Text: "已公开", Tone: web.Good})
		p.Acts = append(p.Acts, web.Link{Text: "看公开页面", Href: "/deeds/" + x.ID.String()})
	}
	var parts []templ.Component
	if b := x.Book.Banner; b != "" {
		parts = append(parts, web.Assumed(x.Book.Title+"："+b))
	}
	parts = append(parts, card(web.Box{Title: "办理进度", Tags: v.holder()}, web.Steps("办理进度", v.steps()), quiet(v.dueLine())))
	parts = append(parts, otherPerson(v.reader, x.Case, x.Steps))
	acts := v.actCards()
	left := 12
	if len(acts) > 0 {
		left = 7
	}
	columns := []templ.Component{card(web.Box{Title: "实事内容", Cols: left}, web.Facts(v.facts()))}
	if len(acts) > 0 {
		columns = append(columns, card(web.Box{Title: "办理", ID: "act", Cols: 5}, acts...))
	}
	parts = append(parts, cols(columns...))
	parts = append(parts, v.called()...)
	parts = append(parts,
		cols(card(web.Box{Title: "节点", Cols: 6}, web.TableView(v.milestones())), card(web.Box{Title: "按月进展", Cols: 6}, web.TableView(v.progress()))),
		cols(card(web.Box{Title: "办理前后照片和材料", Cols: 6}, v.proofs()), card(web.Box{Title: "办理记录", Cols: 6}, web.Timeline(v.history()))))
	return page(p, parts...)
}

func (v deedView) holder() []web.Mark {
	if h := v.x.Case.Holder.Key(); h != "" {
		return []web.Mark{{Text: "由" + v.body(h) + "办理", Tone: web.Info}}
	}
	return nil
}

func (v deedView) dueLine() string {
	switch {
	case v.x.Case.Closed:
		return "已经结束。"
	case v.x.Case.Due == 0:
		return "本步骤没有期限。"
	case v.x.State == deed.Doing && v.x.Case.Due != v.x.Deadline:
		return "本月进展应在 " + v.x.Case.Due.String() + " 前报告（" + v.words + "）；承诺完成期限 " + v.x.Deadline.String() + "。"
	}
	return "本步骤应在 " + v.x.Case.Due.String() + " 前办理（" + v.words + "）。"
}

// steps is the way of a deed, and where it left it.
func (v deedView) steps() (out []web.Step) {
	path := []string{deed.Collected, deed.Accepted, deed.Scheduled, deed.Doing, deed.Done, deed.Verified, deed.Closed}
	switch v.x.State {
	case deed.Declined:
		path = []string{deed.Collected, deed.Declined}
	case deed.Suspending, deed.Suspended:
		path = []string{deed.Collected, deed.Accepted, deed.Suspending, deed.Suspended}
	}
	now := slices.Index(path, v.x.State)
	reached := map[string]string{}
	for _, s := range v.x.Steps {
		if s.From != s.To {
			reached[s.To] = day.FromTime(s.At).String()
		}
	}
	for i, state := range path {
		one := web.Step{Name: deed.Machine.StateTitle(state), Place: web.StepAhead}
		switch {
		case i < now || i == now && v.x.Case.Closed:
			one.Place, one.When = web.StepDone, reached[state]
		case i == now:
			one.Place, one.When = web.StepNow, reached[state]
			if v.late || v.x.Late(v.today) {
				one.Place = web.StepLate
			}
		}
		out = append(out, one)
	}
	return out
}

func (v deedView) facts() []web.Fact {
	x := v.x
	facts := []web.Fact{
		{Name: "类别", Text: deed.Title(v.book.Categories, x.Category)},
		{Name: "来源", Text: join(deed.Title(v.book.Sources, x.Source), x.SourceRef)},
		{Name: "登记日期", Text: x.CollectedOn.String()},
		{Name: "诉求内容", Text: x.Detail, Wide: true},
	}
	if x.Link != "" {
		facts = append(facts, web.Fact{Name: "关联", Text: x.Link + "（只计一次）"})
	}
	if x.Lead.Key() != "" {
		facts = append(facts, web.Fact{Name: "牵头单位", Text: v.body(x.Lead.Key())}, web.Fact{Name: "配合单位", Text: orNothing(x.Helping)}, web.Fact{Name: "责任领导", Text: orNothing(x.Leader)})
	}
	if x.Programme != 0 {
		facts = append(facts, web.Fact{Name: "专项", Text: x.Of.Name, Href: "/bureau/deed-programmes/" + x.Programme.String()})
	}
	if x.Promise != "" {
		facts = append(facts, web.Fact{Name: "承诺的措施", Text: x.Promise, Wide: true}, web.Fact{Name: "起止日期", Text: x.Starts.String() + " 至 " + x.Deadline.String() + firstPromise(x.Deed)}, web.Fact{Name: "进度", Text: web.Count(x.Percent) + "%"})
	}
	if x.Result != "" {
		facts = append(facts, web.Fact{Name: "办理结果", Text: x.Result, Wide: true})
	}
	if x.People > 0 {
		facts = append(facts, web.Fact{Name: "受益人数", Text: web.Count(x.People) + " 人（" + deed.Title(v.book.Hows, x.How) + "）"}, web.Fact{Name: "受益户数", Text: web.Homes(x.Households)})
	}
	if x.Spent > 0 {
		facts = append(facts, web.Fact{Name: "投入资金", Text: x.Spent.Format() + " 元"})
	}
	return facts
}

// firstPromise is the deadline promised first, where another holds now.
func firstPromise(x deed.Deed) string {
	if x.First == 0 || x.First == x.Deadline {
		return ""
	}
	return "（最初承诺 " + x.First.String() + "）"
}

func orNothing(s string) string {
	if s == "" {
		return "无"
	}
	return s
}

func (v deedView) milestones() web.Table {
	t := web.Table{Caption: "节点", Cols: []web.Col{{Name: "节点"}, {Name: "应完成"}, {Name: "实际完成"}}, None: web.Nothing{Text: "还没有排定节点。"}}
	for _, m := range v.x.Milestones {
		done := web.T("")
		switch {
		case m.Reached != 0:
			done = web.D(m.Reached)
		case m.Due < v.today && !v.x.Case.Closed:
			done = web.Tagged("已过期", web.Bad)
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(m.Title), web.D(m.Due), done}})
	}
	return t
}

func (v deedView) progress() web.Table {
	t := web.Table{Caption: "按月进展", Cols: []web.Col{{Name: "月份"}, {Name: "进度（%）", Num: true}, {Name: "进展"}}, None: web.Nothing{Text: "还没有报告进展。"}}
	for _, p := range v.x.Progress {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(p.Month), web.N(p.Percent, ""), web.T(p.Text)}})
	}
	return t
}

var momentTitles = map[string]string{deed.Before: "办理前", deed.After: "办理后", deed.Other: "材料"}

func (v deedView) proofs() templ.Component {
	var list []web.Proof
	for _, f := range v.x.Files {
		kind := momentTitles[f.Moment]
		if f.Released {
			kind += "，已公开"
		}
		list = append(list, web.Proof{Name: f.Name, Href: v.at() + "/files/" + f.ID.String(), Kind: kind, Size: sizeOf(f.Size), When: clock(db.FromMillis(f.At)), SHA256: f.SHA256})
	}
	if len(list) == 0 {
		return web.Empty(web.Nothing{Text: "还没有照片和材料。"})
	}
	return web.Proofs(list)
}

func (v deedView) history() []web.Event {
	var events []web.Event
	for _, s := range slices.Backward(v.x.Steps) {
		who := doer(v.body, s)
		if s.System != "" {
			who = "系统"
		}
		events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Who: who, Detail: s.Note})
	}
	return events
}

// sizeOf writes how large a file is.
func sizeOf(n int64) string {
	if n < 1<<20 {
		return web.Count((n+1023)>>10) + " KB"
	}
	tenths := n * 10 >> 20
	return web.Count(tenths/10) + "." + itoa(tenths%10) + " MB"
}
