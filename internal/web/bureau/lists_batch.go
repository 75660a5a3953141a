package bureau

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/web"
)

func entrySpec(districts []web.Option) web.ListSpec {
	var states []web.Option
	for _, s := range listing.EntryMachine.States {
		states = append(states, web.Option{Value: s.Name, Text: s.Title})
	}
	return web.ListSpec{
		Sorts: []string{"-score", "-listed"}, Search: "名称",
		Filters: []web.Filter{
			{Name: "side", Label: "榜别", Chips: true, Options: sideOptions}, {Name: "state", Label: "状态", Options: states}, {Name: "district", Label: "区县", Options: districts},
		},
	}
}

var sideOptions = []web.Option{{Value: string(listing.Red), Text: "红榜"}, {Value: string(listing.Black), Text: "黑榜"}}

// readBatch reads a batch with its entries as the address asks for them.
func (d *Desk) readBatch(r *http.Request, id db.ID) (v batchView, err error) {
	ctx, who := r.Context(), web.Actor(r)
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if v.b, err = d.Listing.Batch(ctx, tx, who, id); err != nil {
			return err
		}
		if v.book, err = d.Listing.Books.ByDigest(ctx, tx, v.b.Book); err != nil {
			return err
		}
		if v.c, err = casework.Find(ctx, tx, listing.BatchMachine, id); err != nil {
			return err
		}
		if v.steps, err = casework.History(ctx, tx, v.c); err != nil {
			return err
		}
		v.may, v.words = casework.AllowedBy(who, v.c, v.steps), ""
		var keys []string
		for _, s := range v.steps {
			keys = append(keys, s.Body)
		}
		if v.body, err = bodyNames(ctx, tx, keys...); err != nil {
			return err
		}
		districts, err := districtOptions(ctx, tx)
		if err != nil {
			return err
		}
		spec := entrySpec(districts)
		if r.Method == http.MethodGet {
			if v.list, err = web.ReadList(r, spec); err != nil {
				return err
			}
		}
		return d.batchContent(ctx, tx, who, &v)
	})
	return v, err
}

// batchContent reads what the batch holds: its entries, their denominators and
// the balance of the districts.
func (d *Desk) batchContent(ctx context.Context, tx *db.Tx, who authz.Actor, v *batchView) error {
	q := listing.Query{Batch: v.b.ID, Sort: "score", Desc: true, Limit: 51}
	if v.list != nil {
		q.Side, q.State, q.District, q.Text = listing.Side(v.list.Get("side")), v.list.Get("state"), code.Division(v.list.Get("district")), v.list.Q
		q.Sort, q.Desc, q.After, q.Limit = v.list.Sort, v.list.Desc, v.list.After(), v.list.Limit()
	}
	rows, err := d.Listing.Entries(ctx, tx, who, q)
	if err != nil {
		return err
	}
	if v.list != nil {
		rows = web.Cut(v.list, rows, func(e listing.Entry) []string { return listing.CursorOf(e, v.list.Sort) })
	}
	if v.entries, err = d.entryTable(ctx, tx, v.book, rows); err != nil {
		return err
	}
	v.entries.List = v.list
	all, err := d.Listing.Entries(ctx, tx, who, listing.Query{Batch: v.b.ID, Sort: "score", Limit: 500})
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.State == listing.Dropped {
			continue
		}
		if e.Side == listing.Red {
			v.red++
		} else {
			v.black++
		}
		v.homes += e.Homes
		if len(v.book.Warn.Small(e.Kind, e.Homes, e.Inspections, e.Projects)) > 0 {
			v.small++
		}
	}
	found, err := d.Listing.Entries(ctx, tx, who, listing.Query{Batch: v.b.ID, State: listing.Candidate, Sort: "score", Limit: 500})
	v.candidates = int64(len(found))
	if err != nil {
		return err
	}
	for _, s := range []listing.Side{listing.Red, listing.Black} {
		if err := d.addBalance(ctx, tx, v, s); err != nil {
			return err
		}
	}
	return nil
}

// entryTable shows entries with the denominators beside the score.
func (d *Desk) entryTable(ctx context.Context, tx *db.Tx, book *listing.Book, rows []listing.Entry) (web.Table, error) {
	t := web.Table{
		Caption: "条目", None: web.Nothing{Text: "没有选定的条目。"},
		Cols: []web.Col{{Name: "对象"}, {Name: "榜别"}, {Name: "理由"}, {Name: "评分（分）", Key: "score", Num: true}, {Name: "户数（户）", Num: true}, {Name: "面积（㎡）", Num: true}, {Name: "检查（次）", Num: true}, {Name: "查实案件（件）", Num: true}, {Name: "区县"}, {Name: "状态"}, {Name: "列榜日期", Key: "listed"}},
	}
	names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
		for _, e := range rows {
			if !yield(e.Division.Up(code.District)) {
				return
			}
		}
	})
	for _, e := range rows {
		sub := e.Kind.Title()
		if e.Kind == listing.OfEnterprise {
			sub = join(sub, "在管项目 "+web.Count(e.Projects)+" 个")
		} else if e.Built > 0 {
			sub = join(sub, strconv.FormatInt(e.Built, 10)+" 年建成")
		}
		small := ""
		if why := book.Warn.Small(e.Kind, e.Homes, e.Inspections, e.Projects); len(why) > 0 {
			small = "样本小：" + join(why...)
		}
		t.Rows = append(t.Rows, web.Row{Off: e.State == listing.Dropped || e.State == listing.Annulled, Cells: []web.Cell{
			{Text: e.Name, Href: "/bureau/list-entries/" + e.ID.String(), Sub: sub}, web.Tagged(e.Side.Title(), sideTone(e.Side)), {Text: e.Reason, Sub: small}, web.P(e.Score, false),
			web.N(e.Homes, ""), web.A(e.Area), web.N(e.Inspections, ""), web.N(e.CasesFound, ""), web.T(names[e.Division.Up(code.District)]), web.T(e.StateTitle()), dayOrDash(e.ListedOn),
		}})
	}
	return t, err
}

func sideTone(s listing.Side) web.Tone {
	if s == listing.Red {
		return web.Good
	}
	return web.Bad
}

// addBalance shows each district's share of a side beside its share of the projects.
func (d *Desk) addBalance(ctx context.Context, tx *db.Tx, v *batchView, side listing.Side) error {
	if !v.b.Sides.Has(side) {
		return nil
	}
	list, err := d.Listing.BalanceOf(ctx, tx, v.b, side)
	if err != nil {
		return err
	}
	names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
		for _, x := range list {
			if !yield(x.District) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	var entries, projects int64
	for _, x := range list {
		entries, projects = entries+x.Entries, projects+x.Projects
	}
	if entries == 0 {
		return nil
	}
	t := web.Table{Caption: "区县均衡：" + side.Title(), Cols: []web.Col{{Name: "区县"}, {Name: "条目（条）", Num: true}, {Name: "占条目", Num: true}, {Name: "项目（个）", Num: true}, {Name: "占项目", Num: true}, {Name: "提示"}}}
	for _, x := range list {
		warn := web.T("")
		if x.Warn {
			warn = web.Tagged("占比偏高", web.Warn)
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			web.T(names[x.District]), web.N(x.Entries, v.at()+"?side="+string(side)+"&district="+string(x.District)), web.T(web.Percent(x.Entries, entries)), web.N(x.Projects, "/bureau/projects?district="+string(x.District)), web.T(web.Percent(x.Projects, projects)), warn,
		}})
	}
	v.balance = append(v.balance, card(web.Box{Title: "区县均衡：" + side.Title(), Cols: 6}, web.TableView(t)))
	return nil
}

func (d *Desk) listBatch(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.readBatch(r, id)
	if err != nil {
		return err
	}
	if v.list.Format != "" {
		return web.Export(w, r, v.list, "红黑榜条目", v.entries)
	}
	return web.Show(w, r, http.StatusOK, d.batchPage(v, web.Actor(r), batchForm(v), publishForm2(v)))
}

var deskBatchActs = []string{listing.ActScore, listing.ActBack, listing.ActSend, listing.ActApprove, listing.ActAbandon}

func batchFields(v batchView) []web.Field {
	which := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true}
	if v.b.State == listing.Collecting && len(v.may) > 0 {
		which.Options = append(which.Options, web.Option{Value: "collect", Text: "重新查找候选", Hint: "按规则再查一遍，已选定的不变"})
	}
	for _, name := range deskBatchActs {
		if v.allows(name) {
			a, _ := listing.BatchMachine.Act(name)
			o := web.Option{Value: name, Text: a.Title}
			if a.NeedsNote {
				o.Hint = "须写明理由"
			}
			which.Options = append(which.Options, o)
		}
	}
	if len(which.Options) == 0 {
		return nil
	}
	return []web.Field{{Name: "version", Kind: web.Carried, Max: 20}, which, {Name: "note", Label: "说明", Kind: web.Long, Max: 1000}}
}

func batchForm(v batchView) *web.Form {
	fields := batchFields(v)
	if fields == nil {
		return nil
	}
	return web.NewForm(fields...).Set("version", itoa(v.c.Version))
}

var publishFields = []web.Field{
	{Name: "version", Kind: web.Carried, Max: 20},
	{Name: "decision", Label: "决定", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "publish", Text: "同意公布", Hint: "取得文号，立即对外公布，企业会收到通知"}, {Value: "return", Text: "不同意公布", Hint: "须写明理由"}}},
	{Name: "note", Label: "理由", Kind: web.Long, Max: 1000},
}

func publishForm2(v batchView) *web.Form {
	if !v.allows(listing.ActPublish) {
		return nil
	}
	return web.NewForm(publishFields...).Set("version", itoa(v.c.Version)).Apart("publish")
}

func (d *Desk) batchPage(v batchView, who authz.Actor, f, publish *web.Form) templ.Component {
	var acts []web.Link
	if v.b.State == listing.Collecting {
		if authz.May(who, authz.ListPropose, d.cityPlace()) {
			acts = append(acts, web.Link{Text: "候选 " + web.Count(v.candidates) + " 个", Href: v.at() + "/candidates", Main: true})
		}
		if authz.Can(who, authz.ListNominate) {
			acts = append(acts, web.Link{Text: "提名", Href: v.at() + "/nominate"})
		}
	}
	if v.b.Public() {
		acts = append(acts, web.Link{Text: "公开页", Href: "/lists/" + v.b.ID.String()})
	}
	var parts []templ.Component
	if v.book.Banner != "" {
		parts = append(parts, web.Assumed(v.book.Banner))
	}
	parts = append(parts, web.Steps("办理进度", batchSteps(v.b.State)), web.Figures("这一批", []web.Figure{
		{Label: "红榜", Value: web.Count(v.red), Unit: "条", Href: v.at() + "?side=RED"},
		{Label: "黑榜", Value: web.Count(v.black), Unit: "条", Href: v.at() + "?side=BLACK"},
		{Label: "涉及户数", Value: web.Count(v.homes), Unit: "户", Href: v.at()},
		{Label: "期内检查", Value: web.Count(v.b.Inspections), Unit: "次", Of: "检查项目 " + web.Count(v.b.Inspected) + " 个"},
		{Label: "样本偏小", Value: web.Count(v.small), Unit: "条", Of: "户数、检查次数或项目数低于规则界限"},
	}))
	left := 12
	var side []templ.Component
	if publish != nil {
		side = append(side, card(web.Box{Title: "公布", ID: "publish", Cols: 4}, para("您是第二人。提交时需要再次输入动态码。"), ask(publish, web.FormBox{Action: v.at() + "/publish", Submit: "提交决定"})))
		left = 8
	} else if f != nil {
		side = append(side, card(web.Box{Title: "办理", ID: "act", Cols: 4}, ask(f, web.FormBox{Action: v.at(), Submit: "提交"})))
		left = 8
	}
	parts = append(parts, cols(append([]templ.Component{card(web.Box{Title: "批次", Cols: left}, web.Facts(batchFacts(v)))}, side...)...),
		card(web.Box{Title: "条目", ID: "entries"}, web.TableView(v.entries)))
	if len(v.balance) > 0 {
		parts = append(parts, cols(v.balance...))
	}
	parts = append(parts, card(web.Box{Title: "办理记录"}, web.Timeline(stepEvents(v.steps, v.body))))
	return page(web.Page{
		Title: v.b.Title, Desk: Key, Lead: v.b.From.String() + " 至 " + v.b.To.String(), Tags: []web.Mark{{Text: v.b.StateTitle(), Tone: batchTone(v.b.State)}},
		Crumbs: []web.Link{{Text: "红黑榜", Href: "/bureau/lists"}}, Acts: acts,
	}, parts...)
}

func stepEvents(steps []casework.Step, body func(string) string) []web.Event {
	var events []web.Event
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		who := body(s.Body)
		if s.System != "" {
			who = "系统"
		}
		events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Who: who, Detail: s.Note})
	}
	return events
}

// batchSteps is the batch's way.
func batchSteps(state string) []web.Step {
	way := []string{listing.Collecting, listing.ScoredAll, listing.Reviewing, listing.Replying, listing.Approved, listing.Published}
	now := slices.Index(way, state)
	if state == listing.Corrected || state == listing.Expired {
		now = len(way)
	}
	var out []web.Step
	for i, s := range way {
		place := web.StepAhead
		switch {
		case state == listing.Abandoned:
			place = web.StepSkipped
		case i < now || s == listing.Published && i == now:
			place = web.StepDone
		case i == now:
			place = web.StepNow
		}
		out = append(out, web.Step{Name: listing.BatchMachine.StateTitle(s), Place: place})
	}
	return out
}

func batchFacts(v batchView) []web.Fact {
	facts := []web.Fact{
		{Name: "主题", Text: v.book.ThemeTitle(v.b.Theme)}, {Name: "榜别", Text: v.b.Sides.Title()}, {Name: "期间", Text: v.b.From.String() + " 至 " + v.b.To.String()},
		{Name: "发布媒体", Text: v.b.Media}, {Name: "规则", Text: v.book.Title + " " + v.book.Version, Href: "/rulebooks/" + v.b.Book},
	}
	if v.b.Public() {
		facts = append(facts, web.Fact{Name: "文号", Text: v.b.Number}, web.Fact{Name: "公布日期", Text: v.b.PublishedOn.String()}, web.Fact{Name: "内容摘要", Text: v.b.Digest[:16] + "…"})
	}
	return facts
}

// actOnBatch takes the chosen act on a batch.
func (d *Desk) actOnBatch(w http.ResponseWriter, r *http.Request) error {
	return d.onBatch(w, r, batchFields, func(v batchView, f *web.Form) templ.Component { return d.batchPage(v, web.Actor(r), f, nil) },
		func(ctx context.Context, tx *db.Tx, t listing.Take, f *web.Form) (err error) {
			who, s := web.Actor(r), d.Listing
			switch f.Str("act") {
			case "collect":
				_, err = s.CollectIn(ctx, tx, who, t.ID)
			case listing.ActScore:
				_, err = s.ScoreIn(ctx, tx, who, t)
			case listing.ActBack:
				_, err = s.BackIn(ctx, tx, who, t)
			case listing.ActSend:
				_, err = s.SendIn(ctx, tx, who, t)
			case listing.ActApprove:
				_, err = s.ApproveIn(ctx, tx, who, t)
			default:
				_, err = s.AbandonIn(ctx, tx, who, t)
			}
			return err
		})
}

// publishBatch is the second person's decision.
func (d *Desk) publishBatch(w http.ResponseWriter, r *http.Request) error {
	return d.onBatch(w, r, func(batchView) []web.Field { return publishFields }, func(v batchView, f *web.Form) templ.Component { return d.batchPage(v, web.Actor(r), nil, f) },
		func(ctx context.Context, tx *db.Tx, t listing.Take, f *web.Form) (err error) {
			if f.Str("decision") != "publish" {
				_, err = d.Listing.ReturnIn(ctx, tx, web.Actor(r), t)
				return err
			}
			if d.Published != nil {
				tx.OnCommit(d.Published)
			}
			_, err = d.Listing.PublishIn(ctx, tx, web.Actor(r), t)
			return err
		})
}

func (d *Desk) onBatch(w http.ResponseWriter, r *http.Request, fields func(batchView) []web.Field, draw func(batchView, *web.Form) templ.Component, do func(context.Context, *db.Tx, listing.Take, *web.Form) error) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.readBatch(r, id)
	if err != nil {
		return err
	}
	list := fields(v)
	if list == nil { // moved meanwhile: the service says what is the matter
		list = []web.Field{{Name: "version", Kind: web.Carried}, {Name: "act", Kind: web.Carried}, {Name: "note", Kind: web.Carried, Max: 1000}}
	}
	f, err := web.ReadForm(r, list...)
	if err != nil {
		return err
	}
	t := listing.Take{ID: id, Note: f.Str("note")}
	t.Version, _ = strconv.ParseInt(f.Str("version"), 10, 64)
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已办理。")
		return "/bureau/lists/" + id.String(), do(ctx, tx, t, f)
	}, later(func(context.Context) (templ.Component, error) {
		v, err := d.readBatch(r, id)
		return draw(v, f), err
	}))
}
