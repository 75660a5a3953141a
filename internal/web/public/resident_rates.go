package public

import (
	"context"
	"net/http"
	"slices"
	"strconv"
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
			QuarterFilter(tx.Today()),
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
	Table   web.Table
	All     resident.Rates
	Quarter resident.Quarter
	Book    *resident.Book
}

// QuarterFilter chooses one of the quarters for which rates are counted.
func QuarterFilter(today day.Date) web.Filter {
	f := web.Filter{Name: "quarter", Label: "季度", Any: "最近结束的季度"}
	for _, q := range resident.Quarters(today) {
		text := q.Title()
		if !q.Ended(today) {
			text += "（未结束）"
		}
		f.Options = append(f.Options, web.Option{Value: q.String(), Text: text})
	}
	return f
}

// quarterOf is the quarter that a list's address names, else the last that is over.
func quarterOf(l *web.List, today day.Date) resident.Quarter {
	if q, ok := resident.ParseQuarter(l.Get("quarter")); ok {
		return q
	}
	return resident.QuarterOf(today).Before()
}

// RatesOf counts the rates that a list's address asks for, of an area of the
// city. Counts of reports lead to a list of them.
func RatesOf(ctx context.Context, tx *db.Tx, reports *resident.Reports, l *web.List, city, area code.Division, list string) (v RatesView, err error) {
	v.Quarter = quarterOf(l, tx.Today())
	from, to := v.Quarter.First(), v.Quarter.Last()
	by, within := orText(l.Get("by"), resident.ByDistrict), code.Division(orText(l.Get("district"), string(area)))
	if v.Book, err = reports.Books.InForce(ctx, tx, tx.Today()); err != nil {
		return v, err
	}
	rows, err := resident.RatesBy(ctx, tx, by, within, v.Quarter)
	if err != nil {
		return v, err
	}
	shield, err := resident.ShieldOf(ctx, tx, v.Book, city, v.Quarter, tx.Today(), by, resident.WayOf(within))
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
	place := func(where string) places { return places{where, from, to, v.Quarter} }
	part := ""
	if by == resident.ByEnterprise && within != city {
		part = "&district=" + string(within)
	}
	for _, x := range rows {
		where := key + "=" + x.Key + part
		if key == "district" && len(x.Key) < len(within) { // counted within a place that is smaller
			where = key + "=" + string(within)
		}
		at := place(where)
		if x.Key == "" {
			at = places{} // no list has only those without an enterprise
		}
		cells := append([]web.Cell{web.T(name(x.Key))}, rateCells(x.Rates, v.Book, list, at, shield.Row(by, x, within == city))...)
		v.Table.Rows = append(v.Table.Rows, web.Row{Cells: cells})
	}
	where := ""
	if within != city {
		where = "district=" + string(within)
	}
	v.Table.Total = append([]web.Cell{web.T("合计")}, rateCells(v.All, v.Book, list, place(where), shield.Place(within, city))...)
	return v, nil
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

// places are the lists of what a row counted: which part of the city, and when.
type places struct {
	where    string
	from, to day.Date
	quarter  resident.Quarter
}

func (p places) reports(list, count string) string {
	if p.from == 0 {
		return ""
	}
	return list + "?" + p.and() + "from=" + p.from.String() + "&to=" + p.to.String() + "&count=" + count
}

func (p places) ratings(more string) string {
	if p.from == 0 {
		return ""
	}
	return "/reports/ratings?" + p.and() + "quarter=" + p.quarter.String() + more
}

func (p places) and() string {
	if p.where == "" {
		return ""
	}
	return p.where + "&"
}

// rateCells are counts, each a link to just what it counted, and the shares; a
// rate of nothing is none.
func rateCells(x resident.Rates, b *resident.Book, list string, at places, withheld bool) []web.Cell {
	cells := []web.Cell{web.N(x.Received, at.reports(list, "received")), web.N(x.InTime, at.reports(list, "in_time")), web.T(x.Response().Percent(1))}
	if withheld {
		for range 6 {
			cells = append(cells, web.T("不公布"))
		}
		return cells
	}
	return append(cells,
		web.N(x.Called, at.ratings("")), web.N(x.Solved, at.ratings("&solved=1")), web.T(x.Solution().Percent(1)),
		web.N(x.Satisfied, at.ratings("&satisfied=1")), web.T(x.Satisfaction().Percent(1)), web.T(x.Composite(b.Weights)))
}

// RatesPage draws them.
func RatesPage(p web.Page, v RatesView) templ.Component {
	p.Title, p.Lead = "诉求办理三率", v.Quarter.Title()+"（"+v.Quarter.First().String()+" 至 "+v.Quarter.Last().String()+"）受理的诉求和作出的评价"
	w := v.Book.Weights
	note := "响应率＝按期答复÷受理；解决率、满意率＝回访中答“是”的÷回访，没有回访的不计算。受理、按期答复按诉求受理日计入本季度；回访、解决、满意按居民作出评价的日期计入本季度，不论诉求何时受理，每人每件每季度以最后一次评价为准，以后再评的计入以后的季度，已结束季度的评价数字不再变动。综合＝响应×" + w.Response.String() + "＋解决×" + w.Solution.String() + "＋满意×" + w.Satisfaction.String() + "。不予受理和已并入其他诉求的不计入受理。不作排名。回访评价只按已结束的季度公布。回访不足 " + web.Count(v.Book.Small) + " 人次的，以及能由合计推算出这些的，回访评价不公布。"
	return web.Whole(p, web.Section(web.Box{}, web.TableView(v.Table), web.Quiet(note)), web.Assumed(v.Book.Banner))
}

var verdictOptions = []web.Option{{Value: "1", Text: "是"}, {Value: "2", Text: "否"}}

// ratings lists what residents said, without who, where, of what and in which
// report: who knows the report knows the resident. What too few said is not listed
// (PI-3).
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
			QuarterFilter(tx.Today()),
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
		return web.Show(w, r, http.StatusOK, web.Whole(p, web.Notice(web.Info, "这一范围的评价不公布", "季度还没有结束，或评价的人太少、公布会认出个人。请回到办理三率，换一个季度或更大的范围。")))
	}
	return web.Show(w, r, http.StatusOK, listPage(p, t))
}

func (d *Desk) ratingTable(ctx context.Context, tx *db.Tx, l *web.List) (t web.Table, withheld bool, err error) {
	q := resident.RatingQuery{Division: code.Division(l.Get("district")), Enterprise: code.USCC(l.Get("enterprise")), Quarter: quarterOf(l, tx.Today())}
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
	shield, err := resident.ShieldOf(ctx, tx, book, d.City, q.Quarter, tx.Today(), q.Way())
	if err != nil {
		return t, false, err
	}
	t = web.Table{
		Caption: "回访评价", List: l, None: web.Nothing{Text: "还没有评价。", Act: web.Link{Text: "查看诉求", Href: "/reports"}},
		Cols: []web.Col{{Name: "评价季度"}, {Name: "已解决"}, {Name: "满意"}},
	}
	if shield.List(q, d.City) {
		l.Total(0)
		return t, true, nil
	}
	all, err := resident.VerdictsOf(ctx, tx, q)
	if err != nil {
		return t, false, err
	}
	var rows []web.Row
	skip, total := skipped(l), int64(0)
	for _, x := range all { // those who said the same are told apart by nothing
		for range x.N {
			if total++; total > skip && len(rows) < l.Limit() {
				rows = append(rows, web.Row{Cells: []web.Cell{web.T(q.Quarter.Title()), web.T(x.Solved.Title()), web.T(x.Satisfied.Title())}})
			}
		}
	}
	n := skip + int64(l.Limit()) - 1
	t.Rows = web.Cut(l.Total(total), rows, func(web.Row) []string { return []string{strconv.FormatInt(n, 10)} })
	return t, false, nil
}

// skipped is how many ratings lie on the pages before.
func skipped(l *web.List) int64 {
	if last := l.After(); len(last) == 1 {
		if n, err := strconv.ParseInt(last[0], 10, 64); err == nil && n > 0 {
			return n
		}
	}
	return 0
}
