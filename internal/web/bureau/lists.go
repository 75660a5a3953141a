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
	"juli/internal/web"
)

// The lists wait at this desk as batches for the city, entries for the
// districts and for decisions, and follow-ups.
var (
	batchWork = work{listing.BatchMachine, map[string]string{
		listing.Collecting: "选定候选", listing.ScoredAll: "送区县复核", listing.Replying: "审定", listing.Approved: "公布",
	}, "/bureau/lists/"}
	listEntryWork = work{listing.EntryMachine, map[string]string{
		listing.InReview: "复核列榜", listing.Repairing: "决定移出", listing.Disputed: "决定更正",
	}, "/bureau/list-entries/"}
	followWork = work{listing.FollowMachine, map[string]string{listing.FollowOpen: "办理后续措施"}, "/bureau/list-followups/"}
)

func (d *Desk) listRoutes(on routesOf) {
	on("GET /bureau/lists", authz.ListRead, d.lists)
	on("GET /bureau/lists/new", authz.ListPropose, d.newList)
	on("POST /bureau/lists/new", authz.ListPropose, d.addList)
	on("GET /bureau/lists/{id}", authz.ListRead, d.listBatch)
	on("POST /bureau/lists/{id}", authz.ListPropose, d.actOnBatch)
	on("POST /bureau/lists/{id}/publish", authz.ListPublish, d.publishBatch)
	on("POST /bureau/lists/{id}/withhold", authz.ListPublish, d.withholdReply)
	on("POST /bureau/lists/{id}/uncover", authz.ListPublish, d.uncoverReply)
	on("GET /bureau/lists/{id}/candidates", authz.ListPropose, d.candidates)
	on("POST /bureau/lists/{id}/candidates", authz.ListPropose, d.takeCandidates)
	on("GET /bureau/lists/{id}/nominate", authz.ListNominate, d.nomination)
	on("POST /bureau/lists/{id}/nominate", authz.ListNominate, d.nominate)
	on("GET /bureau/list-entries/{id}", authz.ListRead, d.listEntry)
	on("POST /bureau/list-entries/{id}", authz.ListRead, d.actOnEntry)
	on("POST /bureau/list-entries/{id}/correct", authz.ListCorrect, d.correctEntry)
	on("GET /bureau/list-entries/{id}/files/{file}", authz.FileRead, d.listFile)
	on("GET /bureau/list-followups", authz.ListFollow, d.listFollows)
	on("GET /bureau/list-followups/{id}", authz.ListFollow, d.listFollow)
	on("POST /bureau/list-followups/{id}", authz.ListFollow, d.doFollow)
}

func batchStates() (out []web.Option) {
	for _, s := range listing.BatchMachine.States {
		out = append(out, web.Option{Value: s.Name, Text: s.Title})
	}
	return out
}

// lists shows every batch, the newest first.
func (d *Desk) lists(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, web.ListSpec{Filters: []web.Filter{{Name: "state", Label: "状态", Options: batchStates()}}})
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "红黑榜批次", List: l, None: web.Nothing{Text: "还没有红黑榜批次。", Act: web.Link{Text: "返回待办", Href: Home}},
		Cols: []web.Col{{Name: "批次"}, {Name: "期间起日"}, {Name: "期间止日"}, {Name: "红榜（条）", Num: true}, {Name: "黑榜（条）", Num: true}, {Name: "状态"}, {Name: "公布日期"}, {Name: "文号"}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := web.Paged(l, func(after string, limit int) ([]listing.BatchRow, string, error) {
			last, err := db.ParseID(after)
			if err != nil {
				last = 0
			}
			part, err := d.Listing.Batches(ctx, tx, who, l.Get("state"), last, limit+1)
			if err != nil || len(part) <= limit {
				return part, "", err
			}
			return part[:limit], part[limit-1].ID.String(), nil
		})
		t.Rows = nil
		for _, b := range rows {
			at := "/bureau/lists/" + b.ID.String()
			t.Rows = append(t.Rows, web.Row{Off: b.State == listing.Abandoned, Cells: []web.Cell{
				web.L(b.Title, at), web.D(b.From), web.D(b.To), web.N(b.Red, at+"?side=RED"), web.N(b.Black, at+"?side=BLACK"),
				web.Tagged(b.StateTitle(), batchTone(b.State)), dayOrDash(b.PublishedOn), web.T(b.Number),
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
	acts := []web.Link{{Text: "后续措施", Href: "/bureau/list-followups"}, {Text: "公开的榜单", Href: "/lists"}}
	if authz.May(who, authz.ListPropose, d.cityPlace()) {
		acts = append([]web.Link{{Text: "开始一批", Href: "/bureau/lists/new", Main: true}}, acts...)
	}
	return web.Show(w, r, http.StatusOK, page(web.Page{Title: "红黑榜", Desk: Key, Lead: "候选按规则产生或由区县、街道、协会提名，区县复核，企业申辩，市级两人审定公布", Acts: acts}, card(web.Box{}, web.TableView(t))))
}

func batchTone(state string) web.Tone {
	switch state {
	case listing.Published, listing.Corrected:
		return web.Good
	case listing.Expired, listing.Abandoned:
		return web.Plain
	}
	return web.Warn
}

func openFields(b *listing.Book) []web.Field {
	side := web.Field{Name: "sides", Label: "榜别", Kind: web.Radio, Required: true, Options: []web.Option{{Value: string(listing.Both), Text: "红榜和黑榜"}, {Value: string(listing.Red), Text: "只有红榜"}, {Value: string(listing.Black), Text: "只有黑榜"}}}
	theme := web.Field{Name: "theme", Label: "主题", Kind: web.Select, Required: true}
	for _, n := range b.Themes {
		theme.Options = append(theme.Options, web.Option{Value: n.Code, Text: n.Title})
	}
	return []web.Field{
		side, theme,
		{Name: "from", Label: "期间起日", Kind: web.Date, Required: true},
		{Name: "to", Label: "期间止日", Kind: web.Date, Required: true, Hint: "不晚于今天"},
		{Name: "media", Label: "发布媒体", Max: 200, Hint: "例如：哈尔滨日报、市住建局网站"},
	}
}

func (d *Desk) listBook(ctx context.Context) (b *listing.Book, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error { b, err = d.Listing.Books.InForce(ctx, tx, tx.Today()); return err })
	return b, err
}

func (d *Desk) newList(w http.ResponseWriter, r *http.Request) error {
	b, err := d.listBook(r.Context())
	if err != nil {
		return err
	}
	today := web.Today(r)
	return web.Show(w, r, http.StatusOK, openPage(b, web.NewForm(openFields(b)...).Set("sides", string(listing.Both)).Set("from", today.AddMonths(-2).String()).Set("to", today.String())))
}

func openPage(b *listing.Book, f *web.Form) templ.Component {
	var parts []templ.Component
	if b.Banner != "" {
		parts = append(parts, web.Assumed(b.Banner))
	}
	return page(web.Page{Title: "开始一批红黑榜", Desk: Key, Narrow: true, Crumbs: []web.Link{{Text: "红黑榜", Href: "/bureau/lists"}}},
		append(parts, card(web.Box{}, ask(f, web.FormBox{Submit: "开始并查找候选", Cancel: "/bureau/lists"})))...)
}

// addList begins a batch and finds its candidates at once.
func (d *Desk) addList(w http.ResponseWriter, r *http.Request) error {
	book, err := d.listBook(r.Context())
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, openFields(book)...)
	if err != nil {
		return err
	}
	o := listing.Opening{Sides: listing.Side(f.Str("sides")), Theme: f.Str("theme"), From: f.Date("from"), To: f.Date("to"), Media: f.Str("media")}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		b, err := d.Listing.OpenIn(ctx, tx, web.Actor(r), o)
		if err != nil {
			return "", err
		}
		n, err := d.Listing.CollectIn(ctx, tx, web.Actor(r), b.ID)
		web.Say(r, "已开始"+b.Title+"，按规则找到候选 "+strconv.Itoa(n)+" 个。")
		return "/bureau/lists/" + b.ID.String(), err
	}, func() templ.Component { return openPage(book, f) })
}

// batchView is a batch with all that its page shows.
type batchView struct {
	b          listing.Batch
	book       *listing.Book
	c          casework.Case
	steps      []casework.Step
	may        []casework.Act
	second     templ.Component // what only another person may do
	entries    web.Table
	replies    []listing.Reply // that would be public, for who may publish
	balance    []templ.Component
	red, black int64
	small      int64
	candidates int64
	homes      int64
	body       func(string) string
	list       *web.List
	words      string
}

func (v batchView) at() string { return "/bureau/lists/" + v.b.ID.String() }

func (v batchView) allows(act string) bool {
	return slices.ContainsFunc(v.may, func(a casework.Act) bool { return a.Name == act })
}
