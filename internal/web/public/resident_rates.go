package public

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/web"
)

var byOptions = []web.Option{{Value: resident.ByStreet, Text: "按街道"}, {Value: resident.ByEnterprise, Text: "按企业"}}

// rates shows the three rates with what they were counted from; there is no rank.
func (d *Desk) rates(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var l *web.List
	var v RatesView
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		districts, err := districtOptions(ctx, tx, r)
		if err != nil {
			return err
		}
		if l, err = web.ReadList(r, web.ListSpec{Filters: []web.Filter{
			{Name: "by", Label: "分组", Options: byOptions, Any: "按区县"},
			{Name: "district", Label: "区县", Options: districts},
			{Name: "from", Label: "受理日期起", Date: true},
			{Name: "to", Label: "受理日期止", Date: true},
		}}); err != nil {
			return err
		}
		v, err = RatesOf(ctx, tx, d.Reports, l, d.City, d.City, "/reports")
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "诉求办理三率", v.Table)
	}
	return web.Show(w, r, http.StatusOK, RatesPage(web.Page{Crumbs: []web.Link{{Text: "居民诉求", Href: "/reports"}}}, v))
}

// A RatesView is the page of rates, for this desk and the officials'.
type RatesView struct {
	Table    web.Table
	All      resident.Rates
	From, To day.Date
	Book     *resident.Book
}

// RatesOf counts the rates that a list's address asks for, of an area of the
// city: a year back without other word. Counts of reports lead to a list of them.
func RatesOf(ctx context.Context, tx *db.Tx, reports *resident.Reports, l *web.List, city, area code.Division, list string) (v RatesView, err error) {
	v.From, v.To = tx.Today().AddYears(-1).AddDays(1), tx.Today()
	for name, to := range map[string]*day.Date{"from": &v.From, "to": &v.To} {
		if s := l.Get(name); s != "" {
			if *to, err = day.Parse(s); err != nil {
				return v, l.Unknown(name)
			}
		}
	}
	by, within := orText(l.Get("by"), resident.ByDistrict), code.Division(orText(l.Get("district"), string(area)))
	if v.Book, err = reports.Books.InForce(ctx, tx, tx.Today()); err != nil {
		return v, err
	}
	v.From, v.To = months(v.From, v.To, tx.Today())
	rows, err := resident.RatesBy(ctx, tx, by, within, v.From, v.To)
	if err != nil {
		return v, err
	}
	shield, err := resident.ShieldOf(ctx, tx, v.Book, city, v.From, v.To, by, resident.WayOf(within))
	if err != nil {
		return v, err
	}
	v.All = resident.Sum(rows)
	slices.SortFunc(rows, func(a, b resident.RateRow) int { return strings.Compare(a.Key, b.Key) })
	l.Total(int64(len(rows)))
	if last := l.After(); len(last) == 1 {
		rows = slices.DeleteFunc(rows, func(x resident.RateRow) bool { return x.Key <= last[0] })
	}
	rows = web.Cut(l, rows, func(x resident.RateRow) []string { return []string{x.Key} })
	name, key, err := groupNames(ctx, tx, by, rows)
	if err != nil {
		return v, err
	}
	v.Table = web.Table{
		Caption: "三率", List: l, Scroll: true, None: web.Nothing{Text: "这段时间没有诉求。", Act: web.Link{Text: "查看全部诉求", Href: "/reports"}},
		Cols: []web.Col{{Name: groupTitle(by)}, {Name: "受理（件）", Num: true}, {Name: "按期答复（件）", Num: true}, {Name: "响应率（%）", Num: true}, {Name: "回访（人次）", Num: true}, {Name: "解决（人次）", Num: true}, {Name: "解决率（%）", Num: true}, {Name: "满意（人次）", Num: true}, {Name: "满意率（%）", Num: true}, {Name: "综合（分）", Num: true}},
	}
	period := "&from=" + v.From.String() + "&to=" + v.To.String()
	if by == resident.ByEnterprise && within != city {
		period += "&district=" + string(within)
	}
	for _, x := range rows {
		where := key + "=" + x.Key + period
		if key == "district" && len(x.Key) < len(within) { // counted within a place that is smaller
			where = key + "=" + string(within) + period
		}
		if x.Key == "" {
			where = "" // no list has only those without an enterprise
		}
		cells := append([]web.Cell{web.T(name(x.Key))}, rateCells(x.Rates, v.Book, list, where, shield.Row(by, x, within == city))...)
		v.Table.Rows = append(v.Table.Rows, web.Row{Cells: cells})
	}
	where := "from=" + v.From.String() + "&to=" + v.To.String()
	if within != city {
		where += "&district=" + string(within)
	}
	v.Table.Total = append([]web.Cell{web.T("合计")}, rateCells(v.All, v.Book, list, where, shield.Place(within, city))...)
	return v, nil
}

// months widens a time to whole months: what a few days have more is nobody's rating.
func months(from, to, today day.Date) (first, last day.Date) {
	return from.FirstOfMonth(), min(to.LastOfMonth(), max(today, to))
}

func groupTitle(by string) string {
	return map[string]string{resident.ByDistrict: "区县", resident.ByStreet: "街道", resident.ByEnterprise: "物业企业"}[by]
}

// groupNames words the keys of rows, and says which filter of the lists they are.
func groupNames(ctx context.Context, tx *db.Tx, by string, rows []resident.RateRow) (name func(string) string, key string, err error) {
	if by == resident.ByEnterprise {
		var firms []code.USCC
		for _, x := range rows {
			firms = append(firms, code.USCC(x.Key))
		}
		names, err := registry.EnterpriseNames(ctx, tx, firms)
		return func(k string) string { return orText(names[code.USCC(k)], "无物业企业") }, "enterprise", err
	}
	names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
		for _, x := range rows {
			if !yield(code.Division(x.Key)) {
				return
			}
		}
	})
	return func(k string) string { return names[code.Division(k)] }, "district", err
}

// rateCells are counts, each a link to just what it counted, and the shares; a
// rate of nothing is none.
func rateCells(x resident.Rates, b *resident.Book, list, where string, withheld bool) []web.Cell {
	to := func(path, more string) string {
		if where == "" {
			return ""
		}
		return path + "?" + where + more
	}
	cells := []web.Cell{web.N(x.Received, to(list, "&count=received")), web.N(x.InTime, to(list, "&count=in_time")), web.T(x.Response().Percent(1))}
	if withheld {
		for range 6 {
			cells = append(cells, web.T("不公布"))
		}
		return cells
	}
	return append(cells,
		web.N(x.Called, to("/reports/ratings", "")), web.N(x.Solved, to("/reports/ratings", "&solved=1")), web.T(x.Solution().Percent(1)),
		web.N(x.Satisfied, to("/reports/ratings", "&satisfied=1")), web.T(x.Satisfaction().Percent(1)), web.T(x.Composite(b.Weights)))
}

// RatesPage draws them.
func RatesPage(p web.Page, v RatesView) templ.Component {
	p.Title, p.Lead = "诉求办理三率", v.From.String()+" 至 "+v.To.String()+" 受理的诉求"
	w := v.Book.Weights
	note := "响应率＝按期答复÷受理；解决率、满意率＝回访中答“是”的÷回访，没有回访的不计算。综合＝响应×" + w.Response.String() + "＋解决×" + w.Solution.String() + "＋满意×" + w.Satisfaction.String() + "。不予受理和已并入其他诉求的不计入受理。不作排名。期间按整月计算。回访不足 " + web.Count(v.Book.Small) + " 人次的，以及能由合计推算出这些的，回访评价不公布。"
	return web.Whole(p, web.Section(web.Box{}, web.TableView(v.Table), web.Quiet(note)), web.Assumed(v.Book.Banner))
}

var verdictOptions = []web.Option{{Value: "1", Text: "是"}, {Value: "2", Text: "否"}}

// ratings lists what residents said, without who, where and in which report: who
// knows the report knows the resident. What too few said is not listed (PI-3).
func (d *Desk) ratings(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var l *web.List
	var t web.Table
	var withheld bool
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		districts, err := districtOptions(ctx, tx, r)
		if err != nil {
			return err
		}
		if l, err = web.ReadList(r, web.ListSpec{Filters: []web.Filter{
			{Name: "district", Label: "区县", Options: districts},
			{Name: "solved", Label: "已解决", Options: verdictOptions},
			{Name: "satisfied", Label: "满意", Options: verdictOptions},
			{Name: "enterprise", Label: "企业", Like: web.LikeCode},
			{Name: "from", Label: "受理日期起", Date: true},
			{Name: "to", Label: "受理日期止", Date: true},
		}}); err != nil {
			return err
		}
		t, withheld, err = d.ratingTable(ctx, tx, l)
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "回访评价", t)
	}
	p := web.Page{Title: "回访评价", Lead: "居民对答复的评价，不含个人信息", Crumbs: []web.Link{{Text: "居民诉求", Href: "/reports"}, {Text: "办理三率", Href: "/reports/rates"}}}
	if withheld {
		return web.Show(w, r, http.StatusOK, web.Whole(p, web.Notice(web.Info, "这一范围的评价不公布", "评价的人太少，公布会认出个人。请回到办理三率，扩大范围后再看。")))
	}
	return web.Show(w, r, http.StatusOK, listPage(p, t))
}

func (d *Desk) ratingTable(ctx context.Context, tx *db.Tx, l *web.List) (t web.Table, withheld bool, err error) {
	q := resident.RatingQuery{Division: code.Division(l.Get("district")), Enterprise: code.USCC(l.Get("enterprise")), After: l.After(), Limit: l.Limit()}
	for name, to := range map[string]*day.Date{"from": &q.From, "to": &q.To} {
		if s := l.Get(name); s != "" {
			if *to, err = day.Parse(s); err != nil {
				return t, false, l.Unknown(name)
			}
		}
	}
	for name, to := range map[string]*resident.Verdict{"solved": &q.Solved, "satisfied": &q.Satisfied} {
		switch l.Get(name) {
		case "1":
			*to = resident.Yes
		case "2":
			*to = resident.No
		}
	}
	book, err := d.Reports.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return t, false, err
	}
	if q.From != 0 {
		q.From = q.From.FirstOfMonth()
	}
	if q.To != 0 {
		_, q.To = months(q.To, q.To, tx.Today())
	}
	shield, err := resident.ShieldOf(ctx, tx, book, d.City, cmp.Or(q.From, firstDay), cmp.Or(q.To, tx.Today()), q.Way())
	if err != nil {
		return t, false, err
	}
	t = web.Table{
		Caption: "回访评价", List: l, None: web.Nothing{Text: "还没有评价。", Act: web.Link{Text: "查看诉求", Href: "/reports"}},
		Cols: []web.Col{{Name: "受理月份"}, {Name: "类别"}, {Name: "已解决"}, {Name: "满意"}},
	}
	if shield.List(q, d.City) {
		l.Total(0)
		return t, true, nil
	}
	rows, err := resident.Ratings(ctx, tx, q)
	if err != nil {
		return t, false, err
	}
	total, err := resident.CountRatings(ctx, tx, q)
	if err != nil {
		return t, false, err
	}
	rows = web.Cut(l.Total(total), rows, func(x resident.RatingRow) []string { return []string{x.ReceivedOn.String(), x.ID.String()} })
	for _, x := range rows {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(x.ReceivedOn.String()[:7]), web.T(book.TopicTitle(x.Topic)), web.T(x.Solved.Title()), web.T(x.Satisfied.Title())}})
	}
	return t, false, nil
}

// firstDay is before any report.
var firstDay = day.MustParse("2000-01-01")
