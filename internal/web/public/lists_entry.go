package public

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/web"
)

// listEntry is one entry as everybody may see it: its reasons and evidence, and
// the reply beside it.
func (d *Desk) listEntry(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := db.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	var e listing.Entry
	var b listing.Batch
	var book *listing.Book
	var proofs []listing.Proof
	var words []listing.Word
	var count listing.Counters
	var place, firm string
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if e, err = d.Listing.PublicEntry(ctx, tx, id); err != nil {
			return err
		}
		if b, err = d.Listing.Batch(ctx, tx, visitor, e.Batch); err != nil {
			return err
		}
		if book, err = d.Listing.Books.ByDigest(ctx, tx, b.Book); err != nil {
			return err
		}
		if proofs, err = listing.ProofsOf(ctx, tx, id); err != nil {
			return err
		}
		if words, err = listing.WordsOf(ctx, tx, id); err != nil {
			return err
		}
		if count, err = d.Listing.CountersOf(ctx, tx, e.Kind, e.Subject, book.Terms.Window); err != nil {
			return err
		}
		path, err := registry.DivisionPath(ctx, tx, e.Division)
		if err != nil {
			return err
		}
		place = registry.PlaceName(path)
		names, err := registry.EnterpriseNames(ctx, tx, []code.USCC{e.Enterprise})
		firm = names[e.Enterprise]
		return err
	})
	if err != nil {
		return err
	}
	facts := append(publicFacts(e, book, count, firm), web.Fact{Name: "批次", Text: b.Title, Href: "/lists/" + b.ID.String()}, web.Fact{Name: "文号", Text: b.Number})
	var parts []templ.Component
	if book.Banner != "" {
		parts = append(parts, web.Assumed(book.Banner))
	}
	if e.EndedOn != 0 {
		parts = append(parts, web.Notice(web.Info, "已移出"+e.Side.Title(), e.EndedOn.Chinese()+"，"+e.EndedWhy+"。"))
	}
	parts = append(parts, web.SideBySide(
		web.Section(web.Box{Title: "为什么列入", Cols: 7}, web.Facts(facts)), web.Section(web.Box{Title: "当事企业的申辩", ID: "reply", Cols: 5}, publicWords(words)),
	), web.Section(web.Box{Title: "依据"}, web.TableView(proofTable(e, proofs))), web.Section(web.Box{Title: "结果怎样运用"}, web.TableView(effectTable(book, e.Side))))
	return web.Show(w, r, http.StatusOK, web.Whole(web.Page{
		Title: e.Name, Lead: e.Kind.Title() + " · " + place, Crumbs: []web.Link{{Text: "红黑榜", Href: "/lists"}, {Text: b.Title, Href: "/lists/" + b.ID.String()}},
		Tags: []web.Mark{{Text: e.Side.Title(), Tone: listTone(e.Side)}, {Text: e.StateTitle()}}, Acts: []web.Link{{Text: e.Kind.Title() + "页", Href: e.Page()}},
	}, parts...))
}

func publicFacts(e listing.Entry, book *listing.Book, count listing.Counters, firm string) []web.Fact {
	origin := "按规则条件 " + e.Rule
	if e.Origin == listing.ByNomination {
		origin = "提名"
	}
	facts := []web.Fact{
		{Name: "理由", Text: e.Reason, Wide: true},
		{Name: "来源", Text: origin},
		{Name: web.ListScoreName, Body: web.ListScore(book, e), Wide: true},
		{Name: "户数", Text: web.Count(e.Homes) + " 户"},
		{Name: "建筑面积", Body: web.SquareMetres(e.Area)},
		{Name: "期内检查", Text: web.Count(e.Inspections) + " 次"},
		{Name: "查实案件", Text: web.Count(e.CasesFound) + " 件"},
		{Name: "在榜期间", Text: e.ListedOn.String() + " 至 " + e.Until.String()},
		{Name: "黑榜次数", Text: "连续 " + strconv.Itoa(count.Consecutive) + " 批，" + book.Terms.Window.Chinese() + "内 " + strconv.Itoa(count.InWindow) + " 次"},
	}
	if e.Kind == listing.OfProject {
		facts = append(facts, web.Fact{Name: "物业企业", Text: firm, Href: "/enterprises/" + string(e.Enterprise)})
	} else {
		facts = append(facts, web.Fact{Name: "在管项目", Text: web.Count(e.Projects) + " 个", Href: "/projects?enterprise=" + e.Subject})
	}
	if why := book.Warn.Small(e.Kind, e.Homes, e.Inspections, e.Projects); len(why) > 0 {
		facts = append(facts, web.Fact{Name: "样本提示", Text: why[0] + "，数字说明力有限"})
	}
	return facts
}

// publicWords are the reply and the decisions; an application stays inside.
func publicWords(words []listing.Word) templ.Component {
	var out []templ.Component
	for _, w := range words {
		switch w.Kind {
		case "REPLY":
			out = append(out, web.Para(w.Public()))
		case "DECISION":
			out = append(out, web.Quiet("主管部门的决定"), web.Para(w.Text))
		}
	}
	if len(out) == 0 {
		return web.Quiet("企业在期限内没有申辩。")
	}
	return web.Words(out...)
}

func proofTable(e listing.Entry, proofs []listing.Proof) web.Table {
	t := web.Table{Caption: "依据", Cols: []web.Col{{Name: "种类"}, {Name: "内容"}}, None: web.Nothing{Text: "没有可以公开的依据。"}}
	for _, p := range proofs {
		cell := web.T(p.Text)
		switch {
		case p.Kind == "RECORD":
			cell = web.L(p.Text, "/records/"+p.Ref)
		case p.Kind == "CASE" && e.Project != "":
			cell = web.L(p.Text, "/cases?project="+e.Project)
		case p.Kind == "CASE":
			cell = web.L(p.Text, "/cases?enterprise="+string(e.Enterprise))
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(p.Title()), cell}})
	}
	return t
}

func effectTable(book *listing.Book, side listing.Side) web.Table {
	t := web.Table{Caption: "结果运用", Cols: []web.Col{{Name: "措施"}, {Name: "依据"}, {Name: "说明"}, {Name: "可靠程度"}}, None: web.Nothing{Text: "没有。"}}
	for _, x := range book.EffectsOf(side) {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(x.Title), web.T(x.Basis), web.T(x.Note), web.T(book.MarkOf(x.Path).Mark.String())}})
	}
	return t
}

// standing are the entries by which a subject stands on a list now, as notes for
// the top of its page.
func (d *Desk) standing(ctx context.Context, tx *db.Tx, kind listing.SubjectKind, subject string) ([]web.Event, error) {
	list, err := listing.StandingOf(ctx, tx, kind, subject)
	var out []web.Event
	for _, e := range list {
		out = append(out, web.Event{When: e.ListedOn.String(), Title: "列入" + e.Side.Title(), Detail: e.Reason + "；在榜至 " + e.Until.String(), Href: "/lists/entries/" + e.ID.String(), Tone: listTone(e.Side)})
	}
	return out, err
}
