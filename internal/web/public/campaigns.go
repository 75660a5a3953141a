package public

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/campaign"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/feed"
	"juli/internal/registry"
	"juli/internal/tlog"
	"juli/internal/web"
)

var campaignSpec = web.ListSpec{Filters: []web.Filter{{Name: "kind", Label: "种类", Chips: true, Options: choices(campaign.KindTitles)}}}

// page0 is the id after which a list that runs backwards goes on.
func page0(after string) db.ID {
	id, err := db.ParseID(after)
	if err != nil {
		return 0
	}
	return id
}

func (d *Desk) campaigns(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	l, err := web.ReadList(r, campaignSpec)
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "专项检查", List: l, None: web.Nothing{Text: "还没有公布的专项检查。", Act: web.Link{Text: "看公开日志", Href: "/log"}},
		Cols: []web.Col{{Name: "名称"}, {Name: "主题"}, {Name: "检查期"}, {Name: "状态"}, {Name: "抽取（个）", Num: true}, {Name: "已检查（个）", Num: true}, {Name: "合格率"}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		rows, err := web.Paged(l, func(after string, limit int) ([]campaign.Campaign, string, error) {
			list, err := d.Campaigns.List(ctx, tx, authz.Anonymous, campaign.Query{Public: true, Kind: l.Get("kind"), Before: page0(after), Limit: limit + 1})
			if err != nil || len(list) <= limit {
				return list, "", err
			}
			return list[:limit], list[limit-1].ID.String(), nil
		})
		if err != nil {
			return err
		}
		for _, c := range rows {
			n, err := campaign.TallyOf(ctx, tx, c.ID)
			if err != nil {
				return err
			}
			rate, href := web.Cell{Text: "—"}, "/campaigns/"+c.ID.String()
			drawnAt := ""
			if c.Open() {
				drawnAt = href
			}
			if n.Inspected > 0 {
				rate = web.Cell{Text: web.Percent(n.PassRate()), Sub: web.Ratio(n.PassRate()), Href: href + "?result=pass"}
			}
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				{Text: c.Title, Href: href, Sub: c.KindTitle()},
				web.T(c.ThemeTitle()), web.T(c.From.String() + " 至 " + c.To.String()), web.Tagged(c.StateTitle(), web.Plain),
				web.N(n.Planned, drawnAt), web.N(n.Inspected, href+"?result=settled"), rate,
			}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "专项检查", t)
	}
	return web.Show(w, r, http.StatusOK, listPage(subscribe(web.Page{Title: "专项检查", Lead: "检查对象和检查人员随机抽取，抽取过程和结果公开、可以核验"}, feed.Scope{Kinds: []feed.Kind{feed.Campaigns}}, "专项检查"), t))
}

var drawnSpec = web.ListSpec{Filters: []web.Filter{{Name: "result", Label: "结果", Chips: true, Options: []web.Option{
	{Value: "settled", Text: "已检查"}, {Value: "pass", Text: "合格"}, {Value: "fail", Text: "不合格"}, {Value: "mended", Text: "不合格，按期整改"}, {Value: "open", Text: "未检查"},
}}}}

// campaignView is a campaign as everybody may see it.
type campaignView struct {
	c     campaign.Campaign
	b     *campaign.Book
	n     campaign.Tally
	place string
	acts  []tlog.Entry
	table web.Table
}

// campaign shows what was drawn from what by which seed, with the proofs, and
// what came out, estate by estate.
func (d *Desk) campaign(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := db.ParseID(r.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "page.none", "没有这个页面。请检查网址，或从首页重新查找。")
	}
	l, err := web.ReadList(r, drawnSpec)
	if err != nil {
		return err
	}
	v := campaignView{table: web.Table{
		Caption: "抽取的项目和检查结果", List: l, None: web.Nothing{Text: "还没有抽取。名单已经封存，抽取后在这里公布。"},
		Cols: []web.Col{{Name: "项目"}, {Name: "区县"}, {Name: "物业企业"}, {Name: "检查日"}, {Name: "得分（分）", Num: true}, {Name: "结果"}},
	}}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if v.c, err = d.Campaigns.Public(ctx, tx, id); err != nil {
			return err
		}
		if v.b, err = d.Campaigns.Books.ByDigest(ctx, tx, v.c.Book); err != nil {
			return err
		}
		if v.n, err = campaign.TallyOf(ctx, tx, id); err != nil {
			return err
		}
		names, err := registry.DivisionNames(ctx, tx, slices.Values([]code.Division{v.c.Division}))
		if err != nil {
			return err
		}
		v.place = names[v.c.Division]
		if v.acts, err = tlog.Of(ctx, tx, "campaign:"+id.String()); err != nil {
			return err
		}
		v.table.None.Text = v.nothing(l.Get("result"))
		return d.drawnRows(ctx, tx, l, &v)
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, v.c.Title, v.table)
	}
	return web.Show(w, r, http.StatusOK, v.page())
}

func (v campaignView) page() templ.Component {
	c, at := v.c, "/campaigns/"+v.c.ID.String()
	p := web.Page{
		Title: c.Title, Lead: c.KindTitle() + " · " + c.ThemeTitle() + " · " + c.From.String() + " 至 " + c.To.String(), Tags: []web.Mark{{Text: c.StateTitle()}},
		Crumbs: []web.Link{{Text: "专项检查", Href: "/campaigns"}},
	}
	if c.Open() {
		p.Acts = []web.Link{{Text: "下载抽取文件", Href: at + "/draw.json"}}
	}
	seed := "由系统随机产生"
	if c.SeedRule != "" {
		seed = "封存名单时约定：" + c.SeedRule
		if c.SeedOn != 0 {
			seed += "，" + c.SeedOn.String() + " 公布，" + web.Count(int64(c.SeedDigits)) + " 位数字"
		}
	}
	facts := []web.Fact{
		{Name: "依据", Text: c.Basis, Wide: true},
		{Name: "组织单位", Text: v.place},
		{Name: "检查规则", Text: v.b.Title, Href: "/rulebooks/" + v.b.Digest},
		{Name: "抽取名单", Text: web.Count(c.PoolSize) + " 个项目，" + when(c.FrozenAt) + " 封存"},
		{Name: "抽取数量", Text: web.Count(int64(c.Sample)) + " 个"},
		{Name: "种子来源", Text: seed},
		{Name: "名单摘要（SHA-256）", Text: c.PoolDigest, Wide: true},
	}
	if c.Seed != "" {
		facts = append(facts, web.Fact{Name: "种子", Text: c.Seed, Wide: true}, web.Fact{Name: "抽取时间", Text: when(c.DrawnAt)}, web.Fact{Name: "结果摘要（SHA-256）", Text: c.ResultDigest, Wide: true})
	}
	var events []web.Event
	for _, e := range v.acts {
		events = append(events, web.Event{When: e.At.In(day.Shanghai).Format(logTime), Title: e.Title, Detail: e.Text, Href: logHref(e.Number)})
	}
	parts := []templ.Component{web.Assumed(v.b.Title + "，" + v.b.Banner)}
	if v.n.Planned > 0 {
		parts = append(parts, web.Figures("检查结果", publicTally(at, v.n, v.c.Open())))
	}
	parts = append(parts,
		web.Section(web.Box{Title: "抽取"}, web.Facts(facts), web.Folded("怎样自己核验",
			web.Para("先封存名单，把名单的摘要记入公开日志，然后才有种子；抽取后把结果的摘要也记入。检查期间不公布名单和结果，以免被检查的单位事先知道；种子在抽取后公布，名单和结果在检查结束后公布，对照摘要就知道没有改过。抽取由名单和种子按公开的算法算出：各区县按项目数分配，区县内按权重抽项目（权重随信用等级），再为每个项目抽两名不需要回避、任务最少的检查人员。\n下载抽取文件后，运行 juli verify draw.json 可以重新抽取并对照；算法写在文件格式 juli-draw-1 的说明里，用任何语言都能重做。检查人员以编号代替姓名，每次检查重新编号。"))),
		web.Section(web.Box{Title: "公开日志中的记录"}, web.Timeline(events)),
		web.Section(web.Box{Title: "抽取的项目和检查结果"}, append(unseen(v), web.Quiet("合格：得分不低于 "+v.b.Pass.String()+" 分，且没有须计入信用评价的问题；有这类问题的，得分再高也不合格。"), web.TableView(v.table))...))
	return web.Whole(p, parts...)
}

func when(ms int64) string { return db.FromMillis(ms).In(day.Shanghai).Format(logTime) }
