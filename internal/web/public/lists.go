package public

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/feed"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/tlog"
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
		Cols: []web.Col{{Name: "批次"}, {Name: "期间起日"}, {Name: "期间止日"}, {Name: "红榜（条）", Num: true}, {Name: "黑榜（条）", Num: true}, {Name: "公布日期"}, {Name: "文号"}, {Name: "状态"}},
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
				web.L(b.Title, "/lists/"+b.ID.String()), web.D(b.From), web.D(b.To), web.N(b.Red, at+"&side=RED"), web.N(b.Black, at+"&side=BLACK"), web.D(b.PublishedOn), web.T(b.Number), web.T(b.StateTitle()),
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
		subscribe(web.Page{Title: "红黑榜", Lead: "谁做得好、谁做得差，依据什么；公布前经区县复核和企业申辩", Crumbs: []web.Link{{Text: "首页", Href: "/"}}, Acts: []web.Link{{Text: "全部条目", Href: "/lists/entries"}}}, feed.Scope{Kinds: []feed.Kind{feed.Lists}}, "红黑榜"),
		web.Figures("红黑榜", []web.Figure{
			{Label: "已公布批次", Value: web.Count(tally.Batches), Unit: "批", Href: "/lists"},
			{Label: "红榜条目", Value: web.Count(tally.Red), Unit: "条", Href: "/lists/entries?side=RED&counted=1"},
			{Label: "黑榜条目", Value: web.Count(tally.Black), Unit: "条", Href: "/lists/entries?side=BLACK&counted=1"},
		}),
		web.Section(web.Box{}, web.TableView(t)),
	))
}

// batchFilter names the published batches; a longer history is chosen by its link.
func (d *Desk) batchFilter(ctx context.Context, tx *db.Tx, chosen string) (web.Filter, error) {
	f := web.Filter{Name: "batch", Label: "批次"}
	list, err := d.Listing.Batches(ctx, tx, visitor, "", 0, batchesMax)
	known := false
	for _, b := range list {
		known = known || b.ID.String() == chosen
		f.Options = append(f.Options, web.Option{Value: b.ID.String(), Text: b.Title})
	}
	if len(f.Options) == 0 || chosen != "" && !known {
		return web.Filter{Name: "batch", Label: "批次编号", Like: web.LikeID}, err
	}
	return f, err
}

// batchesMax is how many batches the filter names.
const batchesMax = 40

func entrySpec(districts []web.Option, batches web.Filter) web.ListSpec {
	return web.ListSpec{
		Sorts: []string{"-listed", "-score"}, Search: "名称",
		Filters: []web.Filter{
			{Name: "side", Label: "榜别", Chips: true, Options: []web.Option{{Value: string(listing.Red), Text: "红榜"}, {Value: string(listing.Black), Text: "黑榜"}}},
			{Name: "standing", Label: "在榜", Options: []web.Option{{Value: "1", Text: "在榜"}, {Value: "0", Text: "已移出"}}},
			{Name: "district", Label: "区县", Options: districts},
			{Name: "counted", Label: "统计", Options: []web.Option{{Value: "1", Text: "不含更正撤销的"}}},
			batches,
			{Name: "enterprise", Label: "企业代码", Like: web.LikeCode},
			{Name: "project", Label: "项目编码", Like: web.LikeCode},
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
		batches, err := d.batchFilter(ctx, tx, r.URL.Query().Get("batch"))
		if err != nil {
			return err
		}
		if l, err = web.ReadList(r, entrySpec(districts, batches)); err != nil {
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
		Cols: []web.Col{{Name: "对象"}, {Name: "榜别"}, {Name: "理由"}, {Name: "列榜评分（分）", Key: "score", Num: true}, {Name: "户数（户）", Num: true}, {Name: "检查（次）", Num: true}, {Name: "区县"}, {Name: "列榜日期", Key: "listed"}, {Name: "现状"}},
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
			{Text: e.Name, Href: "/lists/entries/" + e.ID.String(), Sub: e.Kind.Title()},
			web.Tagged(e.Side.Title(), listTone(e.Side)), web.T(e.Reason), web.P(e.Score, false), web.N(e.Homes, ""), web.N(e.Inspections, ""),
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
	act := "/log" // the entry of its publication
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if b, err = d.Listing.Batch(ctx, tx, visitor, id); err != nil {
			return err
		}
		if book, err = d.Listing.Books.ByDigest(ctx, tx, b.Book); err != nil {
			return err
		}
		logged, err := tlog.Of(ctx, tx, b.Object())
		if err != nil {
			return err
		}
		for _, x := range logged {
			if x.Kind == "listing.published" {
				act = logHref(x.Number)
			}
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
	parts := d.batchParts(b, book, small, act)
	for i, s := range []listing.Side{listing.Red, listing.Black} {
		if b.Sides.Has(s) {
			parts = append(parts, web.Section(web.Box{Title: s.Title(), ID: string(s), More: web.Link{Text: "作为列表查看", Href: "/lists/entries?batch=" + b.ID.String() + "&side=" + string(s)}}, web.TableView(tables[i])))
		}
	}
	return web.Show(w, r, http.StatusOK, web.Whole(web.Page{
		Title: b.Title, Lead: b.Number + " · " + b.PublishedOn.String() + " 公布", Crumbs: []web.Link{{Text: "红黑榜", Href: "/lists"}}, Tags: []web.Mark{{Text: b.StateTitle()}},
	}, parts...))
}

// proofText leads to the entry of the log that proves a batch, once it is sequenced.
func proofText(act string) string {
	if act == "/log" {
		return "尚未记入，请稍后再看"
	}
	return "核验证明"
}

func (d *Desk) batchParts(b listing.Batch, book *listing.Book, small int64, act string) []templ.Component {
	var parts []templ.Component
	if book.Banner != "" {
		parts = append(parts, web.Assumed(book.Banner))
	}
	facts := []web.Fact{
		{Name: "主题", Text: book.ThemeWords(b.Theme), Wide: true},
		{Name: "评判期间", Text: b.From.String() + " 至 " + b.To.String()},
		{Name: "发布媒体", Text: b.Media},
		{Name: "期内检查", Text: web.Count(b.Inspections) + " 次，检查项目 " + web.Count(b.Inspected) + " 个"},
		{Name: "样本偏小", Text: web.Count(small) + " 条"},
		{Name: "规则", Text: book.Title + " " + book.Version, Href: "/rulebooks/" + b.Book},
		{Name: "公开日志", Text: proofText(act), Href: act},
		{Name: "内容摘要（SHA-256）", Text: b.Digest, Wide: true},
	}
	return append(parts, web.Section(web.Box{Title: "这一批"}, web.Facts(facts)))
}
