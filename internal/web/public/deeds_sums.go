package public

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/registry"
	"juli/internal/web"
)

// deedProgrammes lists the open programmes with what their open deeds come to.
func (d *Desk) deedProgrammes(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	t := web.Table{Caption: "专项", None: web.Nothing{Text: "还没有公开的专项。", Act: web.Link{Text: "看各件实事", Href: "/deeds"}}, Cols: []web.Col{
		{Name: "专项"}, {Name: "目标"}, {Name: "起止日期"}, {Name: "公开的实事（件）", Num: true}, {Name: "已销号（件）", Num: true}, {Name: "平均进度（%）", Num: true}, {Name: "受益人数（人）", Num: true}, {Name: "预算（元）", Num: true}, {Name: "已投入（元）", Num: true},
	}}
	if err := d.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := deed.Programmes(ctx, tx, true)
		t.Rows = nil
		for _, p := range list {
			to := "/deeds?programme=" + p.ID.String()
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(p.Name, to), web.T(p.Goal), web.T(p.Starts.String() + " 至 " + p.Ends.String()), web.N(p.Deeds, to), web.N(p.Solved, to+"&state=closed"), web.N(p.Percent, ""), web.N(p.People, to+"&sort=-people"), web.F(p.Budget), web.F(p.Spent),
			}})
		}
		return err
	}); err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, web.Whole(web.Page{Title: "实事专项", Lead: "合计来自各件公开的实事", Crumbs: []web.Link{{Text: "我为群众办实事", Href: "/deeds"}}}, web.Section(web.Box{}, web.TableView(t))))
}

// onTime is how many of the closed deeds with a promised end were done by it.
func onTime(n, of int64, to string) web.Cell {
	if of == 0 {
		return web.T("")
	}
	c := web.L(web.Ratio(n, of), to)
	c.Nowrap = true
	return c
}

// deedDistricts adds the open deeds up by district.
func (d *Desk) deedDistricts(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	t := web.Table{Caption: "各区县", None: web.Nothing{Text: "还没有公开的实事。", Act: web.Link{Text: "返回首页", Href: "/"}}, Cols: []web.Col{
		{Name: "区县"}, {Name: "已销号（件）", Num: true}, {Name: "按期完成（件）", Num: true}, {Name: "受益人数（人）", Num: true}, {Name: "受益户数（户）", Num: true}, {Name: "其他状态（件）", Num: true},
	}}
	if err := d.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := deed.Shares(ctx, tx)
		if err != nil {
			return err
		}
		var at []code.Division
		for _, s := range list {
			at = append(at, s.District)
		}
		names, err := registry.DivisionNames(ctx, tx, slices.Values(at))
		var sum deed.Totals
		var timely, promised int64
		t.Rows = nil
		for _, s := range list {
			to := "/deeds?district=" + string(s.District)
			sum.Add(s.Totals)
			timely, promised = timely+s.Timely, promised+s.Promised
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.L(names[s.District], to), web.N(s.Matters, to+"&state=closed"), onTime(s.Timely, s.Promised, to+"&end="+deed.OnTime), web.N(s.People, to+"&state=closed&sort=-people"), web.N(s.Households, ""), web.N(s.Underway, "")}})
		}
		if len(list) > 0 {
			t.Total = []web.Cell{web.T("全市"), web.N(sum.Matters, "/deeds?state=closed"), onTime(timely, promised, "/deeds?end="+deed.OnTime), web.N(sum.People, "/deeds?state=closed&sort=-people"), web.N(sum.Households, ""), web.N(sum.Underway, "")}
		}
		return err
	}); err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, web.Whole(web.Page{Title: "各区县办实事合计", Lead: "全市合计等于各区县之和；只计公开的实事。按期完成：已销号各件中，办结不晚于承诺期限的件数和有承诺期限的件数", Crumbs: []web.Link{{Text: "我为群众办实事", Href: "/deeds"}}}, web.Section(web.Box{}, web.TableView(t))))
}

var deedConfirmFields = []web.Field{
	{Name: "slip", Label: "确认码", Required: true, Max: 20, Hint: "12 位，在回访单上，例如 8K2M-4QXZ-07TB；每个码只能用一次"},
	{Name: "solved", Label: "问题解决了吗", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "yes", Text: "已解决"}, {Value: "no", Text: "没有解决"}}},
	{Name: "satisfied", Label: "您满意吗", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "yes", Text: "满意"}, {Value: "no", Text: "不满意"}}},
}

func confirmForm(f *web.Form) templ.Component {
	return web.Whole(web.Page{Title: "确认实事办理结果", Narrow: true, Lead: "不用登录，不留姓名；您的答复决定这件实事能不能销号", Crumbs: []web.Link{{Text: "我为群众办实事", Href: "/deeds"}}},
		web.Section(web.Box{}, web.FormView(f, web.FormBox{Action: "/deeds/confirm", Submit: "确认", Cancel: "/deeds"})))
}

func (d *Desk) confirmPage(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, confirmForm(web.NewForm(deedConfirmFields...)))
}

// confirm takes the word of somebody served, by the code of the call-back sheet.
func (d *Desk) confirm(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, deedConfirmFields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		x, err := d.Deeds.ConfirmIn(ctx, tx, web.Actor(r), f.Str("slip"), deed.Answer{Solved: f.Str("solved") == "yes", Satisfied: f.Str("satisfied") == "yes"})
		if err != nil {
			return "", err
		}
		web.Say(r, "谢谢，您的答复已记录。")
		tx.OnCommit(d.Cache.Drop)
		if x.Open {
			return "/deeds/" + x.ID.String(), nil
		}
		return "/deeds", nil
	}, func() templ.Component { return confirmForm(f) })
}
