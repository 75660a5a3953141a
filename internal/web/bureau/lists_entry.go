package bureau

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/web"
)

// listView is an entry with all that its page shows.
type listView struct {
	e       listing.Entry
	b       listing.Batch
	book    *listing.Book
	c       casework.Case // zero for a candidate
	steps   []casework.Step
	may     []casework.Act
	second  templ.Component // what only another person may do
	proofs  []listing.Proof
	words   []listing.Word
	weighed listing.Weighing
	treated bool // somebody said what becomes of the reply
	papers  []listing.Paper
	follows []listing.Follow
	count   listing.Counters
	place   string
	firm    string
	body    func(string) string
	waits   string
}

func (v listView) at() string { return "/bureau/list-entries/" + v.e.ID.String() }

func (d *Desk) readEntry(ctx context.Context, who authz.Actor, id db.ID) (v listView, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if v.e, err = d.Listing.Entry(ctx, tx, who, id); err != nil {
			return err
		}
		if err := authz.Require(who, authz.ListRead, v.e.Place()); err != nil {
			return err
		}
		return d.fillEntry(ctx, tx, who, &v)
	})
	return v, err
}

func (d *Desk) fillEntry(ctx context.Context, tx *db.Tx, who authz.Actor, v *listView) (err error) {
	if v.b, err = d.Listing.Batch(ctx, tx, who, v.e.Batch); err != nil {
		return err
	}
	if v.book, err = d.Listing.Books.ByDigest(ctx, tx, v.b.Book); err != nil {
		return err
	}
	keys := []string{v.e.NominatedBy}
	if v.e.State != listing.Candidate {
		if v.c, err = casework.Find(ctx, tx, listing.EntryMachine, v.e.ID); err != nil {
			return err
		}
		if v.steps, err = casework.History(ctx, tx, v.c); err != nil {
			return err
		}
		v.may = casework.AllowedBy(who, v.c, v.steps)
		if v.c.Due == 0 || v.c.Due >= tx.Today() {
			v.may = without(v.may, listing.ActDropLate)
		}
		v.second = otherPerson(who, v.c, v.steps)
		v.waits, _ = casework.Waits(v.c.Due, tx.Today(), v.c.Assumed)
	}
	if err := nameSteps(ctx, tx, v.steps); err != nil {
		return err
	}
	for _, s := range v.steps {
		keys = append(keys, s.Body)
	}
	if v.body, err = bodyNames(ctx, tx, keys...); err != nil {
		return err
	}
	if v.proofs, err = listing.ProofsOf(ctx, tx, v.e.ID); err != nil {
		return err
	}
	if v.words, err = listing.WordsOf(ctx, tx, v.e.ID); err != nil {
		return err
	}
	if v.weighed, v.treated, err = listing.WeighingOf(ctx, tx, v.e.ID); err != nil {
		return err
	}
	if v.papers, err = listing.PapersOf(ctx, tx, v.e.ID); err != nil {
		return err
	}
	if v.follows, err = listing.FollowsOf(ctx, tx, v.e.ID); err != nil {
		return err
	}
	if v.count, err = d.Listing.CountersOf(ctx, tx, v.e.Kind, v.e.Subject, v.book.Terms.Window); err != nil {
		return err
	}
	path, err := registry.DivisionPath(ctx, tx, v.e.Division)
	v.place = registry.PlaceName(path)
	if err != nil || v.e.Kind == listing.OfEnterprise {
		return err
	}
	p, err := d.Registry.Enterprise(ctx, tx, v.e.Enterprise)
	v.firm = p.Name
	return err
}

func (d *Desk) listEntry(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.readEntry(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	act, correct := entryForms(v)
	return web.Show(w, r, http.StatusOK, listEntryPage(v, act, correct))
}

func listEntryPage(v listView, act, correct *web.Form) templ.Component {
	left := 12
	var side []templ.Component
	switch {
	case correct != nil:
		side = append(side, card(web.Box{Title: "决定更正", ID: "correct", Cols: 4}, para("您是第二人。提交时需要再次输入动态码。"), ask(correct, web.FormBox{Action: v.at() + "/correct", Submit: "提交决定"})))
	case act != nil:
		side = append(side, card(web.Box{Title: "办理", ID: "act", Cols: 4}, ask(act, web.FormBox{Action: v.at(), Submit: "提交"})))
	}
	if len(side) > 0 {
		left = 8
	}
	acts := []web.Link{{Text: "登记信息", Href: "/bureau" + v.e.Page()}}
	if v.e.ListedOn != 0 {
		acts = append(acts, web.Link{Text: "公开页", Href: "/lists/entries/" + v.e.ID.String()})
	}
	lead := join(v.e.Kind.Title(), v.firm, v.place)
	if v.c.Due != 0 {
		lead = join(lead, "办理期限 "+v.c.Due.String()+"（"+v.waits+"）")
	}
	proofs := web.Table{Caption: "依据", Cols: []web.Col{{Name: "种类"}, {Name: "内容"}}, None: web.Nothing{Text: "选定后写明依据。"}}
	for _, p := range v.proofs {
		cell := web.T(p.Text)
		if p.Kind == "RECORD" {
			cell = web.L(p.Text, "/bureau/records/"+p.Ref)
		}
		proofs.Rows = append(proofs.Rows, web.Row{Cells: []web.Cell{web.T(p.Title()), cell}})
	}
	second := v.second
	if second == nil { // a candidate
		second = templ.NopComponent
	}
	parts := []templ.Component{
		second, beforeAndAfter(v, correct != nil),
		cols(append([]templ.Component{card(web.Box{Title: "条目", Cols: left}, web.Facts(entryFacts(v)))}, side...)...),
		cols(card(web.Box{Title: "依据", Cols: 6}, web.TableView(proofs)), card(web.Box{Title: "陈述申辩、修复和决定", Cols: 6}, saidParts(v)...)),
	}
	if len(v.papers) > 0 {
		var list []web.Proof
		for _, p := range v.papers {
			list = append(list, web.Proof{Name: p.Name, Href: v.at() + "/files/" + p.ID.String(), Kind: p.Title(), When: clock(p.Created), SHA256: p.SHA256})
		}
		parts = append(parts, card(web.Box{Title: "材料"}, web.Proofs(list)))
	}
	if len(v.follows) > 0 {
		parts = append(parts, card(web.Box{Title: "后续措施"}, web.TableView(followTable(nil, v.follows))))
	}
	parts = append(parts, card(web.Box{Title: "办理记录"}, web.Timeline(stepEvents(v.steps, v.body))))
	return page(web.Page{
		Title: v.e.Name, Desk: Key, Lead: lead, Tags: []web.Mark{{Text: v.e.Side.Title(), Tone: sideTone(v.e.Side)}, {Text: v.e.StateTitle()}},
		Crumbs: []web.Link{{Text: "红黑榜", Href: "/bureau/lists"}, {Text: v.b.Title, Href: "/bureau/lists/" + v.b.ID.String()}}, Acts: acts,
	}, parts...)
}

// beforeAndAfter shows who decides about a correction what stands now, who asked
// for it and why, and what each decision would leave.
func beforeAndAfter(v listView, decides bool) templ.Component {
	if !decides {
		return templ.NopComponent
	}
	t := web.Table{Caption: "更正前后", Cols: []web.Col{{Name: "内容"}, {Name: "现在"}, {Name: "更正撤销后"}, {Name: "维持列入后"}}}
	row := func(what, now, annulled string) {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(what), web.T(now), web.T(annulled), web.T(now)}})
	}
	row("条目", "在"+v.e.Side.Title()+"，"+v.e.ListedOn.String()+" 至 "+v.e.Until.String(), "保留并标明撤销，不再在榜")
	row("列入理由", v.e.Reason, "标明撤销和撤销理由")
	row("统计", "计入本批"+v.e.Side.Title()+"数和对象的上榜次数", "不再计入")
	var asked []web.Fact
	for _, s := range v.steps {
		if s.Act == listing.ActAskCorrect {
			asked = []web.Fact{{Name: "提请更正", Text: join(v.body(s.Body), clock(s.At))}, {Name: "提请理由", Text: s.Note, Wide: true}}
		}
	}
	return card(web.Box{Title: "要决定的更正", ID: "change"}, web.Facts(asked), web.TableView(t))
}

func entryFacts(v listView) []web.Fact {
	e := v.e
	origin := v.book.Origin(e)
	if e.Origin == listing.ByNomination {
		origin = v.body(e.NominatedBy) + "提名"
	}
	inspection := web.Count(e.Inspections) + " 次"
	if e.Inspections > 0 && e.InspectionScore >= 0 {
		inspection += "，平均 " + web.ScoreText(e.InspectionScore, false) + " 分"
	}
	facts := []web.Fact{
		{Name: "理由", Text: e.Reason, Wide: true},
		{Name: "来源", Text: origin},
		{Name: web.ListScoreName, Body: web.ListScore(v.book, e), Wide: true},
		{Name: "户数", Text: web.Count(e.Homes) + " 户"},
		{Name: "建筑面积", Body: web.SquareMetres(e.Area)},
		{Name: "在管项目", Text: web.Count(e.Projects) + " 个"},
		{Name: "期内检查", Text: inspection},
		{Name: "查实案件", Text: web.Count(e.CasesFound) + " 件，未整改 " + web.Count(e.CasesOpen) + " 件"},
		{Name: "信用信息", Text: "良好 " + web.Count(e.Good) + " 条，不良 " + web.Count(e.Bad) + " 条"},
		{Name: "黑榜次数", Text: "连续 " + strconv.Itoa(v.count.Consecutive) + " 批，" + v.book.Terms.Window.Chinese() + "内 " + strconv.Itoa(v.count.InWindow) + " 次"},
	}
	if e.Built > 0 {
		facts = append(facts, web.Fact{Name: "建成年份", Text: strconv.FormatInt(e.Built, 10) + " 年"})
	}
	if why := v.book.Warn.Small(e.Kind, e.Homes, e.Inspections, e.Projects); len(why) > 0 {
		facts = append(facts, web.Fact{Name: "样本提示", Text: join(why...)})
	}
	if e.ReplyDue != 0 {
		facts = append(facts, web.Fact{Name: "告知", Text: e.Notice + "，" + e.NotifiedOn.String()}, web.Fact{Name: "申辩期限", Text: e.ReplyDue.String() + "（含当日）"})
	}
	if e.ListedOn != 0 {
		facts = append(facts, web.Fact{Name: "在榜期间", Text: e.ListedOn.String() + " 至 " + e.Until.String()})
	}
	if e.EndedOn != 0 {
		facts = append(facts, web.Fact{Name: "移出", Text: e.EndedOn.String() + "，" + e.EndedWhy})
	}
	for _, x := range v.book.EffectsOf(e.Side) {
		facts = append(facts, web.Fact{Name: "结果运用", Text: join(x.Title, x.Basis, x.Note, v.book.MarkOf(x.Path).Mark.String()), Wide: true})
	}
	return facts
}

// replied says whether the enterprise answered.
func (v listView) replied() bool {
	return slices.ContainsFunc(v.words, func(w listing.Word) bool { return w.Kind == "REPLY" })
}

var saidTitles = map[string]string{"REPLY": "陈述申辩", "REPAIR": "修复申请", "DECISION": "决定"}

func saidParts(v listView) []templ.Component {
	if len(v.words) == 0 {
		return []templ.Component{quiet("还没有陈述申辩。")}
	}
	var out []templ.Component
	for _, w := range v.words {
		out = append(out, quiet(join(saidTitles[w.Kind], clock(db.FromMillis(w.At)))), text(w.Text))
		if n := w.Hidden(); n > 0 {
			out = append(out, web.Notice(web.Info, "公开页隐去 "+web.Count(int64(n))+" 字", "因涉及个人信息，公开页这样显示："+w.Public()))
		}
	}
	if v.treated || v.replied() {
		out = append(out, web.Weighed(v.weighed, v.treated))
	}
	return out
}
