package enterprise

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/web"
)

func (d *Desk) listRoutes(on func(pattern string, act authz.Act, h web.Handler)) {
	on("GET /enterprise/lists", authz.ListRead, d.lists)
	on("GET /enterprise/lists/{id}", authz.ListRead, d.listEntry)
	on("GET /enterprise/lists/{id}/files/{file}", authz.FileRead, d.listFile)
	on("GET /enterprise/lists/{id}/reply", authz.ListReply, d.sayPage("reply"))
	on("POST /enterprise/lists/{id}/reply", authz.ListReply, d.saySent("reply"))
	on("GET /enterprise/lists/{id}/repair", authz.ListRepair, d.sayPage("repair"))
	on("POST /enterprise/lists/{id}/repair", authz.ListRepair, d.saySent("repair"))
}

func listSpec() web.ListSpec {
	var states []web.Option
	for _, s := range listing.EntryMachine.States {
		states = append(states, web.Option{Value: s.Name, Text: s.Title})
	}
	return web.ListSpec{Sorts: []string{"-listed", "-score"}, Search: "名称", Filters: []web.Filter{
		{Name: "side", Label: "榜别", Chips: true, Options: []web.Option{{Value: string(listing.Red), Text: "红榜"}, {Value: string(listing.Black), Text: "黑榜"}}},
		{Name: "state", Label: "状态", Options: states},
	}}
}

// lists shows the entries about the own enterprise and its projects.
func (d *Desk) lists(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, listSpec())
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "红黑榜条目", List: l, None: web.Nothing{Text: "没有涉及本单位的红黑榜条目。", Act: web.Link{Text: "查看公开的红黑榜", Href: "/lists"}},
		Cols: []web.Col{{Name: "对象"}, {Name: "榜别"}, {Name: "理由"}, {Name: "列榜评分（分）", Key: "score", Num: true}, {Name: "状态"}, {Name: "申辩期限"}, {Name: "列榜日期", Key: "listed"}, {Name: "在榜至"}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := d.Listing.Entries(ctx, tx, who, listing.Query{Side: listing.Side(l.Get("side")), State: l.Get("state"), Text: l.Q, Sort: l.Sort, Desc: l.Desc, After: l.After(), Limit: l.Limit()})
		if err != nil {
			return err
		}
		rows = web.Cut(l, rows, func(e listing.Entry) []string { return listing.CursorOf(e, l.Sort) })
		t.Rows = nil
		for _, e := range rows {
			tone := web.Good
			if e.Side == listing.Black {
				tone = web.Bad
			}
			t.Rows = append(t.Rows, web.Row{Off: e.State == listing.Dropped || e.State == listing.Annulled, Cells: []web.Cell{
				{Text: e.Name, Href: "/enterprise/lists/" + e.ID.String(), Sub: e.Kind.Title()},
				web.Tagged(e.Side.Title(), tone), web.T(e.Reason), web.P(e.Score, false),
				web.T(e.StateTitle()), dayCell(e.ReplyDue), dayCell(e.ListedOn), dayCell(e.Until),
			}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "本单位红黑榜条目", t)
	}
	p := page("红黑榜")
	p.Lead = "拟列入和已列入红黑榜的本单位及在管项目；申辩内容会与条目一并公开"
	p.Acts = []web.Link{{Text: "公开的榜单", Href: "/lists"}}
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}

func dayCell(x day.Date) web.Cell {
	if x == 0 {
		return web.T("—")
	}
	return web.D(x)
}

// listView is an entry as its enterprise sees it.
type listView struct {
	e       listing.Entry
	b       listing.Batch
	book    *listing.Book
	c       casework.Case
	proofs  []listing.Proof
	words   []listing.Word
	weighed listing.Weighing
	treated bool            // what becomes of the reply is said and public
	papers  []listing.Paper // that prove it, and what the enterprise handed in
	repair  string          // why it cannot be repaired now, "" if it can
	count   listing.Counters
	today   day.Date
	acts    []string
}

func (v listView) href(more string) string { return "/enterprise/lists/" + v.e.ID.String() + more }

func (v listView) may(act string) bool {
	for _, a := range v.acts {
		if a == act {
			return true
		}
	}
	return false
}

func (d *Desk) readEntry(r *http.Request) (v listView, err error) {
	ctx, who := r.Context(), web.Actor(r)
	id, err := pathID(r, "id")
	if err != nil {
		return v, err
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if v.e, err = d.Listing.Entry(ctx, tx, who, id); err != nil {
			return err
		}
		if err := authz.Require(who, authz.ListRead, v.e.Place()); err != nil {
			return err
		}
		if v.c, err = casework.Find(ctx, tx, listing.EntryMachine, id); err != nil {
			return err
		}
		steps, err := casework.History(ctx, tx, v.c)
		if err != nil {
			return err
		}
		v.acts, v.today = nil, tx.Today()
		for _, a := range casework.AllowedBy(who, v.c, steps) {
			v.acts = append(v.acts, a.Name)
		}
		return d.fillList(ctx, tx, &v)
	})
	return v, err
}

func (d *Desk) fillList(ctx context.Context, tx *db.Tx, v *listView) (err error) {
	if v.b, err = d.Listing.Batch(ctx, tx, authz.System("enterprise"), v.e.Batch); err != nil {
		return err
	}
	if v.book, err = d.Listing.Books.ByDigest(ctx, tx, v.b.Book); err != nil {
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
	v.treated = v.treated && v.e.ListedOn != 0
	if v.papers, err = listing.PapersOf(ctx, tx, v.e.ID); err != nil {
		return err
	}
	if v.repair, err = d.Listing.MayRepair(ctx, tx, v.e); err != nil {
		return err
	}
	v.count, err = d.Listing.CountersOf(ctx, tx, v.e.Kind, v.e.Subject, v.book.Terms.Window)
	return err
}

func (d *Desk) listEntry(w http.ResponseWriter, r *http.Request) error {
	v, err := d.readEntry(r)
	if err != nil {
		return err
	}
	p := page(v.e.Name)
	tone := web.Good
	if v.e.Side == listing.Black {
		tone = web.Bad
	}
	p.Tags = []web.Mark{{Text: v.e.Side.Title(), Tone: tone}, {Text: v.e.StateTitle()}}
	p.Lead = v.b.Title
	p.Crumbs = []web.Link{{Text: "红黑榜", Href: "/enterprise/lists"}}
	if v.may(listing.ActReply) {
		p.Acts = append(p.Acts, web.Link{Text: "陈述申辩", Href: v.href("/reply"), Main: true})
	}
	if v.may(listing.ActApplyRepair) && v.repair == "" {
		p.Acts = append(p.Acts, web.Link{Text: "申请移出黑榜", Href: v.href("/repair"), Main: true})
	}
	if v.e.ListedOn != 0 {
		p.Acts = append(p.Acts, web.Link{Text: "公开页", Href: "/lists/entries/" + v.e.ID.String()})
	}
	var parts []templ.Component
	if v.book.Banner != "" {
		parts = append(parts, web.Assumed(v.book.Banner))
	}
	if v.may(listing.ActReply) {
		due := web.DueOf(v.e.ReplyDue, v.today)
		parts = append(parts, web.Notice(web.Info, "陈述申辩期限", "请在 "+v.e.ReplyDue.String()+"（含当日）以前提出（"+due.Text+"）；期满未提出的，视为没有意见。"))
	}
	if v.e.State == listing.Listed && v.e.Side == listing.Black && v.repair != "" {
		parts = append(parts, web.Notice(web.Info, "申请移出黑榜", v.repair))
	}
	proofs := web.Table{Caption: "依据", Cols: []web.Col{{Name: "种类"}, {Name: "内容"}}, None: web.Nothing{Text: "没有依据。"}}
	for _, x := range v.proofs {
		cell := web.T(x.Text)
		switch x.Kind {
		case "RECORD":
			cell = web.L(x.Text, "/enterprise/records/"+x.Ref)
		case "CASE":
			if to := "/enterprise/cases?project=" + v.e.Project + web.FoundIn(v.b); x.Counts() {
				cell = web.L(x.Text, to)
			}
		case "INSPECTION":
			cell = web.L(x.Text, "/enterprise/inspections")
		}
		proofs.Rows = append(proofs.Rows, web.Row{Cells: []web.Cell{web.T(x.Title()), cell}})
	}
	parts = append(parts, web.SideBySide(
		web.Section(web.Box{Title: "条目", Cols: 7}, web.Facts(v.facts())), web.Section(web.Box{Title: "陈述申辩、修复和决定", Cols: 5}, v.said()),
	), web.Section(web.Box{Title: "依据"}, web.TableView(proofs)), v.papersPart())
	return web.Show(w, r, http.StatusOK, web.Whole(p, parts...))
}

func (v listView) facts() []web.Fact {
	e := v.e
	facts := []web.Fact{
		{Name: "理由", Text: e.Reason, Wide: true},
		{Name: web.ListScoreName, Body: web.ListScore(v.book, e), Wide: true},
		{Name: "期间", Text: v.b.From.String() + " 至 " + v.b.To.String()},
		{Name: "户数", Text: web.Count(e.Homes) + " 户"},
		{Name: "期内检查", Text: web.Count(e.Inspections) + " 次"},
		{Name: "查实案件", Text: web.Count(e.CasesFound) + " 件"},
		{Name: "告知文号", Text: e.Notice},
		{Name: "黑榜次数", Text: "连续 " + strconv.Itoa(v.count.Consecutive) + " 批，" + v.book.Terms.Window.Chinese() + "内 " + strconv.Itoa(v.count.InWindow) + " 次"},
	}
	if e.ReplyDue != 0 {
		facts = append(facts, web.Fact{Name: "申辩期限", Text: e.ReplyDue.String() + "（含当日）"})
	}
	if e.ListedOn != 0 {
		facts = append(facts, web.Fact{Name: "在榜期间", Text: e.ListedOn.String() + " 至 " + e.Until.String()})
	}
	if e.EndedOn != 0 {
		facts = append(facts, web.Fact{Name: "移出", Text: e.EndedOn.String() + "，" + e.EndedWhy})
	}
	for _, x := range v.book.EffectsOf(e.Side) {
		facts = append(facts, web.Fact{Name: "结果运用", Text: x.Title, Wide: true})
	}
	return facts
}
