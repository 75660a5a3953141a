package public

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/web"
)

// visitor reads what everybody may.
var visitor = authz.Anonymous

// lists shows the published batches.
func (d *Desk) lists(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	l, err := web.ReadList(r, web.ListSpec{})
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "红黑榜", List: l, None: web.Nothing{Text: "还没有公布的红黑榜。", Act: web.Link{Text: "查看信用排行", Href: "/league"}},
		Cols: []web.Col{{Name: "批次"}, {Name: "期间"}, {Name: "红榜（条）", Num: true}, {Name: "黑榜（条）", Num: true}, {Name: "公布日期"}, {Name: "文号"}, {Name: "状态"}},
	}
	var tally listing.Tally
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if tally, err = listing.TallyOf(ctx, tx, "", tx.Today()); err != nil {
			return err
		}
		rows, err := web.Paged(l, func(after string, limit int) ([]listing.BatchRow, string, error) {
			last, err := db.ParseID(after)
			if err != nil {
				last = 0
			}
			part, err := d.Listing.Batches(ctx, tx, visitor, "", last, limit+1)
			if err != nil || len(part) <= limit {
				return part, "", err
			}
			return part[:limit], part[limit-1].ID.String(), nil
		})
		t.Rows = nil
		for _, b := range rows {
			at := "/lists/entries?batch=" + b.ID.String()
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(b.Title, "/lists/"+b.ID.String()), web.T(b.From.String() + " 至 " + b.To.String()), web.N(b.Red, at+"&side=RED"), web.N(b.Black, at+"&side=BLACK"), web.D(b.PublishedOn), web.T(b.Number), web.T(b.StateTitle()),
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "红黑榜批次", t)
	}
	return web.Show(w, r, http.StatusOK, web.Whole(
		web.Page{Title: "红黑榜", Lead: "谁做得好、谁做得差，依据什么；公布前经区县复核和企业申辩", Crumbs: []web.Link{{Text: "首页", Href: "/"}}, Acts: []web.Link{{Text: "全部条目", Href: "/lists/entries"}}},
		web.Figures("红黑榜", []web.Figure{
			{Label: "已公布批次", Value: web.Count(tally.Batches), Unit: "批", Href: "/lists"},
			{Label: "红榜条目", Value: web.Count(tally.Red), Unit: "条", Href: "/lists/entries?side=RED&counted=1"},
			{Label: "黑榜条目", Value: web.Count(tally.Black), Unit: "条", Href: "/lists/entries?side=BLACK&counted=1"},
		}),
		web.Section(web.Box{}, web.TableView(t)),
	))
}

func entrySpec(districts []web.Option) web.ListSpec {
	return web.ListSpec{
		Sorts: []string{"-listed", "-score"}, Search: "名称",
		Filters: []web.Filter{
			{Name: "side", Label: "榜别", Chips: true, Options: []web.Option{{Value: string(listing.Red), Text: "红榜"}, {Value: string(listing.Black), Text: "黑榜"}}},
			{Name: "standing", Label: "在榜", Options: []web.Option{{Value: "1", Text: "在榜"}, {Value: "0", Text: "已移出"}}},
			{Name: "district", Label: "区县", Options: districts},
			{Name: "counted", Label: "统计", Options: []web.Option{{Value: "1", Text: "不含更正撤销的"}}},
			{Name: "batch", Label: "批次编号", Like: web.LikeID}, {Name: "enterprise", Label: "企业代码", Like: web.LikeCode}, {Name: "project", Label: "项目编码", Like: web.LikeCode},
		},
	}
}

func entryQuery(l *web.List) listing.Query {
	batch, err := db.ParseID(l.Get("batch"))
	if err != nil {
		batch = 0
	}
	return listing.Query{
		Public: true, Batch: batch, Side: listing.Side(l.Get("side")), Standing: l.Get("standing"), District: code.Division(l.Get("district")), Counted: l.Get("counted") == "1",
		Enterprise: code.USCC(l.Get("enterprise")), Project: l.Get("project"), Text: l.Q, Sort: l.Sort, Desc: l.Desc, After: l.After(), Limit: l.Limit(),
	}
}

// listEntries lists what was published, with what became of it.
func (d *Desk) listEntries(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var l *web.List
	var t web.Table
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		districts, err := districtOptions(ctx, tx, r)
		if err != nil {
			return err
		}
		if l, err = web.ReadList(r, entrySpec(districts)); err != nil {
			return err
		}
		rows, err := d.Listing.Entries(ctx, tx, visitor, entryQuery(l))
		if err != nil {
			return err
		}
		rows = web.Cut(l, rows, func(e listing.Entry) []string { return listing.CursorOf(e, l.Sort) })
		t, err = entryTable(ctx, tx, rows)
		t.List = l
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "红黑榜条目", t)
	}
	return web.Show(w, r, http.StatusOK, web.Whole(web.Page{
		Title: "红黑榜条目", Lead: "已移出的仍可查到，并写明移出的日期和原因", Crumbs: []web.Link{{Text: "红黑榜", Href: "/lists"}},
	}, web.Section(web.Box{}, web.TableView(t))))
}

func entryTable(ctx context.Context, tx *db.Tx, rows []listing.Entry) (web.Table, error) {
	t := web.Table{
		Caption: "红黑榜条目", None: web.Nothing{Text: "没有符合条件的条目。", Act: web.Link{Text: "查看全部批次", Href: "/lists"}},
		Cols: []web.Col{{Name: "对象"}, {Name: "榜别"}, {Name: "理由"}, {Name: "评分（分）", Key: "score", Num: true}, {Name: "户数（户）", Num: true}, {Name: "检查（次）", Num: true}, {Name: "区县"}, {Name: "列榜日期", Key: "listed"}, {Name: "现状"}},
	}
	names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
		for _, e := range rows {
			if !yield(e.Division.Up(code.District)) {
				return
			}
		}
	})
	for _, e := range rows {
		t.Rows = append(t.Rows, web.Row{Off: e.State == listing.Annulled, Cells: []web.Cell{
			{Text: e.Name, Href: "/lists/entries/" + e.ID.String(), Sub: e.Kind.Title()}, web.Tagged(e.Side.Title(), listTone(e.Side)), web.T(e.Reason), web.P(e.Score, false), web.N(e.Homes, ""), web.N(e.Inspections, ""),
			web.T(names[e.Division.Up(code.District)]), web.D(e.ListedOn), web.T(standingWords(e)),
		}})
	}
	return t, err
}

func listTone(s listing.Side) web.Tone {
	if s == listing.Red {
		return web.Good
	}
	return web.Bad
}

// standingWords says whether an entry stands, and if not why.
func standingWords(e listing.Entry) string {
	if e.EndedOn != 0 {
		return e.EndedOn.String() + " " + e.EndedWhy
	}
	return "在榜至 " + e.Until.String()
}

// listBatch is one published batch.
func (d *Desk) listBatch(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := db.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	var b listing.Batch
	var book *listing.Book
	var tables [2]web.Table
	var small int64
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if b, err = d.Listing.Batch(ctx, tx, visitor, id); err != nil {
			return err
		}
		if book, err = d.Listing.Books.ByDigest(ctx, tx, b.Book); err != nil {
			return err
		}
		small = 0
		for i, s := range []listing.Side{listing.Red, listing.Black} {
			rows, err := d.Listing.Entries(ctx, tx, visitor, listing.Query{Public: true, Batch: id, Side: s, Sort: "score", Desc: s == listing.Red, Limit: 200})
			if err != nil {
				return err
			}
			for _, e := range rows {
				if len(book.Warn.Small(e.Kind, e.Homes, e.Inspections, e.Projects)) > 0 {
					small++
				}
			}
			if tables[i], err = entryTable(ctx, tx, rows); err != nil {
				return err
			}
			tables[i].Caption = s.Title()
		}
		return nil
	})
	if err != nil {
		return err
	}
	parts := d.batchParts(b, book, small)
	for i, s := range []listing.Side{listing.Red, listing.Black} {
		if b.Sides.Has(s) {
			parts = append(parts, web.Section(web.Box{Title: s.Title(), ID: string(s), More: web.Link{Text: "作为列表查看", Href: "/lists/entries?batch=" + b.ID.String() + "&side=" + string(s)}}, web.TableView(tables[i])))
		}
	}
	return web.Show(w, r, http.StatusOK, web.Whole(web.Page{
		Title: b.Title, Lead: b.Number + " · " + b.PublishedOn.String() + " 公布", Crumbs: []web.Link{{Text: "红黑榜", Href: "/lists"}}, Tags: []web.Mark{{Text: b.StateTitle()}},
	}, parts...))
}

func (d *Desk) batchParts(b listing.Batch, book *listing.Book, small int64) []templ.Component {
	var parts []templ.Component
	if book.Banner != "" {
		parts = append(parts, web.Assumed(book.Banner))
	}
	facts := []web.Fact{
		{Name: "主题", Text: book.ThemeTitle(b.Theme)}, {Name: "评判期间", Text: b.From.String() + " 至 " + b.To.String()}, {Name: "发布媒体", Text: b.Media},
		{Name: "期内检查", Text: web.Count(b.Inspections) + " 次，检查项目 " + web.Count(b.Inspected) + " 个"}, {Name: "样本偏小", Text: web.Count(small) + " 条"},
		{Name: "规则", Text: book.Title + " " + book.Version, Href: "/rulebooks/" + b.Book}, {Name: "公开日志", Text: "核验证明", Href: "/log"}, {Name: "内容摘要（SHA-256）", Text: b.Digest, Wide: true},
	}
	return append(parts, web.Section(web.Box{Title: "这一批"}, web.Facts(facts)))
}

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
	), web.Section(web.Box{Title: "依据"}, web.TableView(proofTable(proofs))), web.Section(web.Box{Title: "结果怎样运用"}, web.TableView(effectTable(book, e.Side))))
	return web.Show(w, r, http.StatusOK, web.Whole(web.Page{
		Title: e.Name, Lead: e.Kind.Title() + " · " + place, Crumbs: []web.Link{{Text: "红黑榜", Href: "/lists"}, {Text: b.Title, Href: "/lists/" + b.ID.String()}},
		Tags: []web.Mark{{Text: e.Side.Title(), Tone: listTone(e.Side)}, {Text: e.StateTitle()}}, Acts: []web.Link{{Text: e.Kind.Title() + "页", Href: e.Page()}},
	}, parts...))
}

func publicFacts(e listing.Entry, book *listing.Book, count listing.Counters, firm string) []web.Fact {
	origin := book.TriggerTitle(e.Rule)
	if e.Origin == listing.ByNomination {
		origin = "提名"
	}
	facts := []web.Fact{
		{Name: "理由", Text: e.Reason, Wide: true}, {Name: "来源", Text: origin}, {Name: "评分", Text: web.ScoreText(e.Score, false) + " 分（评分样表，数值为假定）"},
		{Name: "户数", Text: web.Count(e.Homes) + " 户"}, {Name: "建筑面积", Body: web.SquareMetres(e.Area)}, {Name: "期内检查", Text: web.Count(e.Inspections) + " 次"}, {Name: "查实案件", Text: web.Count(e.CasesFound) + " 件"},
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
			out = append(out, web.Para(w.Text))
		case "DECISION":
			out = append(out, web.Quiet("主管部门的决定"), web.Para(w.Text))
		}
	}
	if len(out) == 0 {
		return web.Quiet("企业在期限内没有申辩。")
	}
	return web.Words(out...)
}

func proofTable(proofs []listing.Proof) web.Table {
	t := web.Table{Caption: "依据", Cols: []web.Col{{Name: "种类"}, {Name: "内容"}}, None: web.Nothing{Text: "没有可以公开的依据。"}}
	for _, p := range proofs {
		cell := web.T(p.Text)
		if p.Kind == "RECORD" {
			cell = web.L(p.Text, "/records/"+p.Ref)
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
