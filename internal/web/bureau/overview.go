package bureau

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/metric"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/supervision"
	"juli/internal/web"
)

// overviewKeys are the key figures of the cockpit, in their order.
var overviewKeys = []string{"enterprises", "projects", "managed_area", "rated_share", "good_share", "credit_records"}

// voiceKeys are those of what the city found, listed and mended.
var voiceKeys = []string{"red_entries", "black_entries", "inspection_pass_rate", "surveys", "deeds_solved", "people_served"}

// overview is the cockpit: every figure leads to its records.
func (d *Desk) overview(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, web.ListSpec{})
	if err != nil {
		return err
	}
	var parts []templ.Component
	var defs, districts web.Table
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		parts = nil
		if err := authz.RequireAny(who, authz.OverviewRead); err != nil {
			return err
		}
		list, err := metric.City(ctx, tx, d.Evaluations, "", tx.Today())
		if err != nil {
			return err
		}
		open, err := d.openMatters(ctx, tx, who)
		if err != nil {
			return err
		}
		parts = append(parts, web.Figures("全市主要指标", keyFigures(list, overviewKeys)), web.Figures("本区域的诉求和整改", open), web.Figures("全市榜单、检查和实事", keyFigures(list, voiceKeys)))
		release, ok, err := d.Evaluations.PublishedOn(ctx, tx, tx.Today())
		if err != nil {
			return err
		}
		if ok {
			more, table, err := d.creditCards(ctx, tx, release)
			if err != nil {
				return err
			}
			districts = table
			parts = append(parts, more...)
		}
		waiting, err := d.waiting(ctx, tx, who)
		if err != nil {
			return err
		}
		defs = definitions(list)
		parts = append(parts, cols(
			card(web.Box{Title: "等待办理的信用信息", Cols: 6, More: web.Link{Text: "全部待办理", Href: "/bureau/records?state=waiting"}}, web.TableView(waiting), quiet("单位：条；按在当前状态停留的天数，只含您可以查看的信息。")),
			card(web.Box{Title: "指标口径", Cols: 6}, web.TableView(defs)),
		))
		return nil
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "各区县等级分布", districts)
	}
	p := web.Page{Title: d.CityName + "概况", Desk: Key, Charts: true, Lead: web.Today(r).Chinese() + " · 指标和带下划线的数字可以点开，看到计入的记录"}
	if len(districts.Rows) > 0 {
		p.Acts = []web.Link{{Text: "导出各区县", Href: l.Export("xlsx")}}
	}
	return web.Show(w, r, http.StatusOK, page(p, parts...))
}

// openMatters are residents' reports and cases of the official's own area, since
// their lists show no others.
func (d *Desk) openMatters(ctx context.Context, tx *db.Tx, who authz.Actor) ([]web.Figure, error) {
	var out []web.Figure
	for _, x := range []struct{ label, count string }{{"未办结的诉求", resident.CountOpen}, {"逾期过的诉求", resident.CountLate}} {
		n, err := resident.Count(ctx, tx, resident.Query{Scopes: authz.Scopes(who, authz.ReportRead), Count: x.count})
		if err != nil {
			return nil, err
		}
		out = append(out, web.Figure{Label: x.label, Value: web.Count(n), Unit: "件", Href: "/bureau/reports?count=" + x.count})
	}
	cases, err := supervision.Counts(ctx, tx, area(who))
	var all, late int64
	for _, c := range cases {
		all, late = all+c.N, late+c.Late
	}
	return append(out,
		web.Figure{Label: "整改案件", Value: web.Count(all), Unit: "件", Of: "含已办结的", Href: "/bureau/cases"},
		web.Figure{Label: "曾逾期的案件", Value: web.Count(late), Unit: "件", Href: "/bureau/cases?late=1"}), err
}

func keyFigures(list []metric.Figure, keys []string) []web.Figure {
	var out []web.Figure
	for _, key := range keys {
		for _, f := range list {
			if f.Key == key {
				x := figureOf(f, "")
				if key == "rated_share" {
					x.Of += "，有等级的 / 登记的"
				}
				out = append(out, x)
			}
		}
	}
	return out
}

func definitions(list []metric.Figure) web.Table {
	t := web.Table{Caption: "指标口径", Cols: []web.Col{{Name: "指标"}, {Name: "口径"}}}
	for _, f := range list {
		if slices.Contains(overviewKeys, f.Key) || slices.Contains(voiceKeys, f.Key) {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.L(f.Name, f.Records), web.T(f.Definition)}})
		}
	}
	return t
}

// creditCards are the grades of the newest published result, in all and by
// district: compared by rate, since districts differ in size.
func (d *Desk) creditCards(ctx context.Context, tx *db.Tx, p credit.Release) ([]templ.Component, web.Table, error) {
	var none web.Table
	shares, err := d.Evaluations.GradeCounts(ctx, tx, p.Evaluation, credit.Enterprise, "")
	if err != nil {
		return nil, none, err
	}
	e, err := d.Evaluations.Evaluation(ctx, tx, p.Evaluation)
	if err != nil {
		return nil, none, err
	}
	book, err := d.Books.ByDigest(ctx, tx, e.Book)
	if err != nil {
		return nil, none, err
	}
	by, err := d.Evaluations.DistrictGrades(ctx, tx, p.Evaluation)
	if err != nil {
		return nil, none, err
	}
	names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
		for _, x := range by {
			if !yield(x.District) {
				return
			}
		}
	})
	if err != nil {
		return nil, none, err
	}
	rows := districtRates(by)
	table := districtTable(rows, names)
	return []templ.Component{
		assumed(book),
		cols(
			card(web.Box{Title: "各区县信用状况", Cols: 7, Tags: []web.Mark{{Text: p.Period}}}, web.ChartView(districtChart(rows, names))),
			card(web.Box{Title: "信用等级分布", Cols: 5, More: web.Link{Text: "公布文号 " + p.Number, Href: "/league"}}, web.TableView(gradeTable(book, shares, func(g string) string { return "/league?grade=" + g }))),
		),
		card(web.Box{Title: "各区县等级明细"}, web.TableView(table), quiet("按企业的注册区县统计：企业在管面积是这些企业在全市服务的面积，不是坐落在本区县的面积。")),
	}, table, nil
}

// assumed says so where values of the book are (PC-11).
func assumed(b *credit.Book) templ.Component {
	if b.Banner == "" {
		return nothing()
	}
	return web.Assumed(b.Banner)
}

// A districtRate is how many of a district's graded enterprises are good.
type districtRate struct {
	at                 code.Division
	rated, good, unfit int64
	all                int64
	in                 [3][]string // the grades of the rated, the good and the unfit
	area               int64
}

// href leads to the results that were counted, "" where none were.
func (r districtRate) href(n int) string {
	if len(r.in[n]) == 0 {
		return ""
	}
	return with(metric.League(r.in[n]...), "district", string(r.at))
}

func districtRates(by []credit.DistrictShare) []districtRate {
	var out []districtRate
	for _, x := range by {
		if len(out) == 0 || out[len(out)-1].at != x.District {
			out = append(out, districtRate{at: x.District})
		}
		r := &out[len(out)-1]
		r.all += x.Count
		r.area += int64(x.Area)
		if x.Grade == "" {
			continue
		}
		r.rated += x.Count
		r.in[0] = append(r.in[0], x.Grade)
		switch x.Grade {
		case "AAA", "AA":
			r.good += x.Count
			r.in[1] = append(r.in[1], x.Grade)
		case "C", "D":
			r.unfit += x.Count
			r.in[2] = append(r.in[2], x.Grade)
		}
	}
	slices.SortStableFunc(out, func(a, b districtRate) int { return int(rate(b.good, b.rated) - rate(a.good, a.rated)) })
	return out
}

// rate is a share in tenths of a percent.
func rate(part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	return (part*2000/whole + 1) / 2
}

func districtChart(rows []districtRate, names map[code.Division]string) web.Chart {
	c := web.Chart{Kind: web.Bars, Title: "各区县 AA 级及以上企业占有等级企业的比例", Unit: "%", Places: 1, Series: []web.Series{{Name: "AA 级及以上"}}}
	for _, x := range rows {
		c.Labels = append(c.Labels, names[x.at])
		c.Hrefs = append(c.Hrefs, x.href(1))
		c.Notes = append(c.Notes, web.Ratio(x.good, x.rated))
		c.Series[0].Values = append(c.Series[0].Values, rate(x.good, x.rated))
	}
	return c
}

func districtTable(rows []districtRate, names map[code.Division]string) web.Table {
	t := web.Table{
		Caption: "各区县等级明细", None: web.Nothing{Text: "还没有公布的结果。"},
		Cols: []web.Col{{Name: "区县"}, {Name: "参评率", Num: true}, {Name: "有等级（家）", Num: true}, {Name: "AA 级及以上占比", Num: true}, {Name: "AA 级及以上（家）", Num: true}, {Name: "C 级及以下占比", Num: true}, {Name: "C 级及以下（家）", Num: true}, {Name: "企业在管面积（万㎡）", Num: true}},
	}
	for _, x := range rows {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			web.L(names[x.at], "/league?district="+string(x.at)),
			{Text: web.Percent(x.rated, x.all), Sub: web.Ratio(x.rated, x.all) + "，有等级的 / 参加评价的"},
			web.N(x.rated, x.href(0)), web.T(web.Percent(x.good, x.rated)), web.N(x.good, x.href(1)),
			web.T(web.Percent(x.unfit, x.rated)), web.N(x.unfit, x.href(2)), web.T(tenThousandUnits(x.area)),
		}})
	}
	return t
}

// waiting counts the records that wait for an official, by how long they have stood.
func (d *Desk) waiting(ctx context.Context, tx *db.Tx, who authz.Actor) (web.Table, error) {
	t := web.Table{Caption: "等待办理的信用信息", Scroll: true, Cols: []web.Col{{Name: "状态"}}, None: web.Nothing{Text: "没有等待办理的信用信息。"}}
	counts := map[string][]int64{}
	for i, a := range ages {
		t.Cols = append(t.Cols, web.Col{Name: a.title, Num: true})
		q := credit.RecordQuery{States: waitingStates}
		aged(&q, a.key, tx.Today())
		list, err := d.Records.Counts(ctx, tx, who, q)
		if err != nil {
			return t, err
		}
		for _, c := range list {
			if counts[c.State] == nil {
				counts[c.State] = make([]int64, len(ages))
			}
			counts[c.State][i] = c.N
		}
	}
	for _, s := range waitingStates {
		if counts[s] == nil {
			continue
		}
		href := "/bureau/records?state=" + s
		row := web.Row{Cells: []web.Cell{web.L(credit.RecordMachine.StateTitle(s), href)}}
		for i, a := range ages {
			cell := web.N(counts[s][i], href+"&age="+a.key)
			if counts[s][i] == 0 {
				cell.Href = ""
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}
