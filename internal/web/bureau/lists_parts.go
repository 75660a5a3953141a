package bureau

import (
	"context"
	"slices"
	"strconv"

	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/web"
)

// entryTable shows entries with the denominators beside the score.
func (d *Desk) entryTable(ctx context.Context, tx *db.Tx, book *listing.Book, rows []listing.Entry) (web.Table, error) {
	t := web.Table{
		Caption: "条目", None: web.Nothing{Text: "没有选定的条目。"},
		Cols: []web.Col{{Name: "对象"}, {Name: "榜别"}, {Name: "理由"}, {Name: "列榜评分（分）", Key: "score", Num: true}, {Name: "户数（户）", Num: true}, {Name: "面积（㎡）", Num: true}, {Name: "检查（次）", Num: true}, {Name: "查实案件（件）", Num: true}, {Name: "状态"}, {Name: "列榜日期", Key: "listed"}},
	}
	names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
		for _, e := range rows {
			if !yield(e.Division.Up(code.District)) {
				return
			}
		}
	})
	for _, e := range rows {
		sub := join(e.Kind.Title(), names[e.Division.Up(code.District)])
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
			{Text: e.Name, Href: "/bureau/list-entries/" + e.ID.String(), Sub: sub},
			web.Tagged(e.Side.Title(), sideTone(e.Side)),
			{Text: e.Reason, Sub: small},
			web.P(e.Score, false),
			web.N(e.Homes, ""), web.A(e.Area), web.N(e.Inspections, ""), web.N(e.CasesFound, ""), web.T(e.StateTitle()), dayOrDash(e.ListedOn),
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

func stepEvents(steps []casework.Step, body func(string) string) []web.Event {
	var events []web.Event
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		who := doer(body, s)
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
		{Name: "主题", Text: v.book.ThemeTitle(v.b.Theme)},
		{Name: "榜别", Text: v.b.Sides.Title()},
		{Name: "期间", Text: v.b.From.String() + " 至 " + v.b.To.String()},
		{Name: "发布媒体", Text: v.b.Media},
		{Name: "规则", Text: v.book.Title + " " + v.book.Version, Href: "/rulebooks/" + v.b.Book},
	}
	if v.b.Public() {
		facts = append(facts, web.Fact{Name: "文号", Text: v.b.Number}, web.Fact{Name: "公布日期", Text: v.b.PublishedOn.String()}, web.Fact{Name: "内容摘要", Text: v.b.Digest[:16] + "…"})
	}
	return facts
}
