package bureau

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/importing"
	"juli/internal/metric"
	"juli/internal/registry"
	"juli/internal/web"
)

// A work is one procedure as the desk shows it.
type work struct {
	machine *casework.Machine
	acts    map[string]string // state → the word for what it waits for
	at      string            // address of its cases, before the id
}

var (
	recordWork = work{credit.RecordMachine, map[string]string{
		credit.RecordDraft: "提交", credit.RecordProposed: "审核", credit.RecordChecked: "认定", credit.RecordIdentified: "告知",
		credit.RecordObjected: "复核异议", credit.RecordRepairing: "审查修复",
	}, "/bureau/records/"}
	annulWork  = work{credit.AnnulMachine, map[string]string{credit.AnnulAsked: "决定是否撤销"}, "/bureau/records/"}
	mendWork   = work{credit.MendMachine, map[string]string{credit.MendReported: "确认整改"}, "/bureau/records/"}
	filingWork = work{registry.FilingMachine, map[string]string{registry.Filed: "核对"}, "/bureau/filings/"}
	pastWork   = work{importing.PastMachine, map[string]string{importing.Waiting: "复核导入"}, "/bureau/import/"}
)

// workOf is the procedure of a case.
func workOf(c casework.Case) work {
	for _, w := range works {
		if w.machine.Name == c.Machine.Name {
			return w
		}
	}
	return recordWork
}

// machines are the procedures of the desk's works.
func machines() []*casework.Machine {
	out := make([]*casework.Machine, len(works))
	for i, w := range works {
		out[i] = w.machine
	}
	return out
}

// todos is the desk's home: what waits, nearest statutory deadline first.
func (d *Desk) todos(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var l *web.List
	var list []casework.Todo
	var counts []casework.Count
	var lines []web.Todo
	var figures []web.Figure
	var nav []web.Link
	var second []web.Todo
	err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if err = authz.RequireAny(who, authz.TodoRead); err != nil {
			return err
		}
		if counts, err = casework.TodoCounts(ctx, tx, who, machines()); err != nil {
			return err
		}
		if counts, second, err = d.withSeconds(ctx, tx, who, r.URL.Query().Get("machine"), counts); err != nil {
			return err
		}
		if l, err = web.ReadList(r, todoSpec(counts)); err != nil {
			return err
		}
		list, err = web.Paged(l, func(after string, limit int) ([]casework.Todo, string, error) {
			f := casework.Filter{Machine: l.Get("machine"), Late: l.Get("late") == "1"}
			part, next, err := casework.Todos(ctx, tx, who, machines(), f, casework.ReadCursor(after), limit)
			return part, next.String(), err
		})
		if err != nil {
			return err
		}
		if lines, err = todoLines(ctx, tx, list); err != nil {
			return err
		}
		if len(l.After()) == 0 && l.Get("late") == "" {
			lines = append(second, lines...)
		}
		if nav, err = unreadNav(ctx, tx, who); err != nil {
			return err
		}
		nav[0].Count = allOf(counts)
		figures, err = d.areaFigures(ctx, tx, area(who))
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "待办事项", web.TodoTable(lines))
	}
	return web.Show(w, r, http.StatusOK, todoPage(r, l, nav, counts, figures, lines))
}

func todoPage(r *http.Request, l *web.List, nav []web.Link, counts []casework.Count, figures []web.Figure, lines []web.Todo) templ.Component {
	var all, late int64
	for _, c := range counts {
		all, late = all+c.N, late+c.Late
	}
	title := "待办 " + web.Count(all) + " 件"
	if late > 0 {
		title = "逾期 " + web.Count(late) + " 件，共 " + web.Count(all) + " 件"
	}
	today := web.Today(r)
	return page(
		web.Page{Title: title, Desk: Key, Nav: nav, Lead: "按法定期限排列 · " + today.Chinese(), Acts: []web.Link{{Text: "录入信用信息", Href: "/bureau/records/new", Main: true}, {Text: "批量办理", Href: "/bureau/records/many"}}},
		web.Figures("本区域概况", figures),
		card(web.Box{Title: "待办", Chips: todoChips(l, counts)},
			web.Todos(lines, web.Nothing{Text: "没有待办事项。", Act: web.Link{Text: "查看信用信息", Href: "/bureau/records"}}),
			pagerOf(l, lines),
		),
	)
}

// pagerOf ends a list; one that holds only what waits without a case has no pages,
// and must not say that it is empty.
func pagerOf(l *web.List, lines []web.Todo) templ.Component {
	if secondKind(l.Get("machine")) && len(lines) > 0 {
		return templ.NopComponent
	}
	return web.Pager(l)
}

// allOf is how much waits, "" for nothing.
func allOf(counts []casework.Count) string {
	var n int64
	for _, c := range counts {
		n += c.N
	}
	if n == 0 {
		return ""
	}
	return web.Count(n)
}

func todoSpec(counts []casework.Count) web.ListSpec {
	f := web.Filter{Name: "machine", Label: "事项", Chips: true}
	for _, m := range machines() {
		o := web.Option{Value: m.Name, Text: m.Title}
		for _, c := range counts {
			if c.Machine == m.Name {
				o.Count = web.Count(c.N)
			}
		}
		f.Options = append(f.Options, o)
	}
	for _, s := range secondKinds {
		o := web.Option{Value: s.key, Text: s.title}
		for _, c := range counts {
			if c.Machine == s.key {
				o.Count = web.Count(c.N)
			}
		}
		f.Options = append(f.Options, o)
	}
	return web.ListSpec{Filters: []web.Filter{f, {Name: "late", Label: "期限", Chips: true, Options: []web.Option{{Value: "1", Text: "已逾期"}}}}}
}

func todoChips(l *web.List, counts []casework.Count) []web.Chip {
	var all, late int64
	for _, c := range counts {
		all, late = all+c.N, late+c.Late
	}
	chips := []web.Chip{{Text: "全部", Count: web.Count(all), Href: l.With("machine", "", "late", ""), On: !l.Narrowed()}}
	for _, o := range l.Spec.Filters[0].Options {
		if o.Count != "" {
			chips = append(chips, web.Chip{Text: o.Text, Count: o.Count, Href: l.With("machine", o.Value, "late", ""), On: l.Get("machine") == o.Value})
		}
	}
	return append(chips, web.Chip{Text: "已逾期", Count: web.Count(late), Href: l.With("late", "1", "machine", ""), On: l.Get("late") == "1"})
}

// todoLines words cases with the names of whom they concern.
func todoLines(ctx context.Context, tx *db.Tx, list []casework.Todo) ([]web.Todo, error) {
	var firms []code.USCC
	var projects []code.ProjectCode
	for _, t := range list {
		if t.Place.Enterprise != "" {
			firms = append(firms, t.Place.Enterprise)
		}
		if t.Place.Project != "" {
			projects = append(projects, code.ProjectCode(t.Place.Project))
		}
	}
	firm, err := registry.EnterpriseNames(ctx, tx, firms)
	if err != nil {
		return nil, err
	}
	project, err := registry.ProjectNames(ctx, tx, projects)
	if err != nil {
		return nil, err
	}
	out := make([]web.Todo, len(list))
	for i, t := range list {
		act := workOf(t.Case).acts[t.State]
		if act == "" {
			act = "查看"
		}
		detail := []string{firm[t.Place.Enterprise], project[code.ProjectCode(t.Place.Project)], t.StateTitle()}
		if t.Assumed {
			detail = append(detail, "节假日安排尚未公布，期限为推定")
		}
		out[i] = web.Todo{
			Title: act + "：" + t.Title, Href: caseHref(t.Case), Detail: join(detail...), Due: web.DueOf(t.Due, tx.Today()), Act: act,
		}
	}
	return out, nil
}

// caseHref is where a case is worked on; a request to annul and what is to be
// mended, on the record's page.
func caseHref(c casework.Case) string {
	id := c.ID.String()
	if name := c.Machine.Name; name == credit.AnnulMachine.Name || name == credit.MendMachine.Name {
		_, id, _ = strings.Cut(c.Object, ":")
	}
	return workOf(c).at + id
}

func join(parts ...string) string {
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, " · ")
}

// areaFigures are the key figures of a division, each with the way to its records; few
// streets and communities have an enterprise's seat, and a rate of none says nothing.
func (d *Desk) areaFigures(ctx context.Context, tx *db.Tx, at code.Division) ([]web.Figure, error) {
	within := at
	if at.Level() <= code.City {
		within = ""
	}
	list, err := metric.City(ctx, tx, d.Evaluations, within, tx.Today())
	if err != nil {
		return nil, err
	}
	var out []web.Figure
	for _, key := range []string{"enterprises", "projects", "managed_area", "rated_share", "good_share"} {
		for _, f := range list {
			none := f.Value == "0" || f.Denominator != nil && *f.Denominator == 0
			if f.Key == key && !none {
				out = append(out, figureOf(f, within))
			}
		}
	}
	return out, nil
}

// figureOf words a city figure; within narrows its records to a district.
func figureOf(f metric.Figure, within code.Division) web.Figure {
	x := web.Figure{Label: f.Name, Value: string(f.Value), Unit: f.Unit, Href: with(f.Records, "district", string(within))}
	switch {
	case f.Denominator != nil:
		x.Of = web.Ratio(*f.Numerator, *f.Denominator)
		if *f.Denominator == 0 {
			x.Value, x.Unit = "—", ""
		}
	case f.Key == "managed_area":
		x.Value, x.Unit = tenThousand(string(f.Value)), "万㎡"
	default:
		if n, err := strconv.ParseInt(string(f.Value), 10, 64); err == nil {
			x.Value = web.Count(n)
		}
	}
	return x
}
