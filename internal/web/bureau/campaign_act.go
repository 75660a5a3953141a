package bureau

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/campaign"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/web"
)

// campaignFields ask for what a campaign is; its choices are the drafter's area
// and the rulebooks in force.
func (d *Desk) campaignFields(ctx context.Context, tx *db.Tx, at code.Division) ([]web.Field, error) {
	b, err := d.Campaigns.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return nil, err
	}
	scored, err := d.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return nil, err
	}
	parts, err := registry.Divisions(ctx, tx, at, tx.Today())
	if at.Level() <= code.City {
		parts, err = registry.Districts(ctx, tx, tx.Today())
	}
	if err != nil {
		return nil, err
	}
	scope := web.Field{Name: "scope", Label: "检查范围", Kind: web.Checks, Hint: "不选为全部"}
	for _, p := range parts {
		scope.Options = append(scope.Options, web.Option{Value: string(p.Code), Text: p.Name})
	}
	grades := web.Field{Name: "grades", Label: "项目信用等级", Kind: web.Checks, Hint: "不选为全部；按最近一次公布的结果"}
	for _, g := range scored.Subjects[credit.Project].Grades {
		grades.Options = append(grades.Options, web.Option{Value: g.Code, Text: g.Code})
	}
	items := web.Field{Name: "items", Label: "检查内容", Kind: web.Checks, Hint: "不选为整张检查表；只检查一部分时，得分按所选内容折算为百分制"}
	for _, s := range b.Sections {
		for _, it := range s.Items {
			items.Options = append(items.Options, web.Option{Value: it.Code, Text: s.Title + "：" + it.Title, Hint: it.Basis})
		}
	}
	return []web.Field{
		{Name: "kind", Label: "种类", Kind: web.Radio, Required: true, Options: choices(campaign.KindTitles)},
		{Name: "theme", Label: "主题", Kind: web.Select, Required: true, Options: choices(campaign.Themes)},
		{Name: "title", Label: "名称", Required: true, Max: 60, Hint: "例如：2021年秋季住宅小区消防安全专项检查"},
		{Name: "basis", Label: "依据", Kind: web.Long, Required: true, Max: 500, Hint: "法规条款或部署文件"},
		{Name: "from", Label: "开始日期", Kind: web.Date, Required: true},
		{Name: "to", Label: "结束日期", Kind: web.Date, Required: true},
		scope,
		{Name: "uses", Label: "项目类型", Kind: web.Checks, Options: choices(registry.Uses), Hint: "不选为全部"},
		grades,
		{Name: "sample", Label: "抽取数量", Kind: web.Number, Required: true, Unit: "个", Hint: "按区县的项目数分配；不少于名单总数时全部检查"},
		{Name: "seed_rule", Label: "抽取种子", Max: 60, Hint: "可约定一个尚未公布的公开数字，例如某期彩票的开奖号码；不填时由系统随机产生"},
		{Name: "seed_on", Label: "数字公布日期", Kind: web.Date, When: "约定公开数字时必填", Hint: "应在批准之后；到那天才能抽取"},
		{Name: "seed_digits", Label: "数字位数", Kind: web.Number, Unit: "位", When: "约定公开数字时必填", Hint: "例如双色球七个两位数，共 14 位"},
		items,
	}, nil
}

// drafts is the division for which somebody drafts campaigns.
func drafts(who authz.Actor) code.Division {
	for _, s := range authz.Scopes(who, authz.CampaignDraft) {
		return s.Division
	}
	return ""
}

func (d *Desk) newCampaign(w http.ResponseWriter, r *http.Request) error {
	var f *web.Form
	var banner string
	err := d.DB.Read(r.Context(), func(tx *db.Tx) error {
		fields, err := d.campaignFields(r.Context(), tx, drafts(web.Actor(r)))
		if err != nil {
			return err
		}
		f = web.NewForm(fields...).Set("kind", campaign.KindInspection)
		banner, err = d.bookBanner(r.Context(), tx)
		return err
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, campaignForm(f, banner))
}

// offered says whether a form's choice of acts, its second field, has the act.
func offered(fields []web.Field, act string) bool {
	return len(fields) > 1 && slices.ContainsFunc(fields[1].Options, func(o web.Option) bool { return o.Value == act })
}

func noAct() error {
	return fault.New(fault.Invalid, "casework.act", "没有这项操作。").With("act", "请选择操作。")
}

// picked are the choices of a field of many, without empty ones.
func picked[T ~string](f *web.Form, name string) (out []T) {
	for _, v := range f.All(name) {
		if v != "" {
			out = append(out, T(v))
		}
	}
	return out
}

func campaignForm(f *web.Form, banner string) templ.Component {
	return page(web.Page{Title: "起草专项检查", Desk: Key, Narrow: true, Crumbs: []web.Link{{Text: "专项检查", Href: "/bureau/campaigns"}}},
		web.Assumed(banner), card(web.Box{}, ask(f, web.FormBox{Submit: "提交审批", Cancel: "/bureau/campaigns"})))
}

func (d *Desk) addCampaign(w http.ResponseWriter, r *http.Request) error {
	who := web.Actor(r)
	var fields []web.Field
	var banner string
	err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if fields, err = d.campaignFields(r.Context(), tx, drafts(who)); err == nil {
			banner, err = d.bookBanner(r.Context(), tx)
		}
		return err
	})
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	c := campaign.Campaign{
		Kind: f.Str("kind"), Theme: f.Str("theme"), Title: f.Str("title"), Basis: f.Str("basis"), Division: drafts(who), Uses: picked[string](f, "uses"), Grades: picked[string](f, "grades"),
		Items: picked[string](f, "items"), Scope: picked[code.Division](f, "scope"), From: f.Date("from"), To: f.Date("to"), Sample: int(f.Int("sample")), SeedRule: f.Str("seed_rule"), SeedOn: f.Date("seed_on"), SeedDigits: int(f.Int("seed_digits")),
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		id, err := d.Campaigns.DraftIn(ctx, tx, web.Actor(r), c)
		web.Say(r, "已提交，等待另一人批准。")
		return "/bureau/campaigns/" + id.String(), err
	}, func() templ.Component { return campaignForm(f, banner) })
}

// actOnCampaign takes what the page's form chose.
func (d *Desk) actOnCampaign(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.campaignView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	fields := v.fields()
	if !offered(fields, web.Posted(r, "act")) { // decided meanwhile: the service says what is the matter
		fields = []web.Field{{Name: "version", Kind: web.Carried}, {Name: "act", Kind: web.Carried}, {Name: "note", Kind: web.Carried, Max: 1000}, {Name: "seed", Kind: web.Carried}}
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(f.Str("version"), 10, 64)
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		to, who := "/bureau/campaigns/"+id.String(), web.Actor(r)
		note := ""
		if f.Str("act") == campaign.ActCancel {
			note = f.Str("note")
		}
		switch f.Str("act") {
		case campaign.ActApprove:
			web.Say(r, "已批准，抽取名单已封存，摘要记入公开日志。")
			return to, d.Campaigns.ApproveIn(ctx, tx, who, id, version)
		case campaign.ActSeed:
			web.Say(r, "已登记，请另一人输入同样的数字抽取。")
			return to, d.Campaigns.SeedIn(ctx, tx, who, id, version, f.Str("seed"))
		case campaign.ActDraw:
			seed := ""
			if v.c.SeedRule != "" && v.c.State == campaign.Approved {
				seed = f.Str("seed")
			}
			web.Say(r, "已抽取，结果记入公开日志。")
			return to, d.Campaigns.DrawIn(ctx, tx, who, id, version, seed)
		case campaign.ActStart:
			web.Say(r, "检查任务已派到检查人员的待办。")
			return to, d.Campaigns.StartIn(ctx, tx, who, id, version)
		case campaign.ActConclude:
			web.Say(r, "已总结并公布。")
			return to, d.Campaigns.ConcludeIn(ctx, tx, who, id, version)
		case campaign.ActCancel:
			web.Say(r, "已取消。")
			return to, d.Campaigns.CancelIn(ctx, tx, who, id, version, note)
		}
		return "", noAct()
	}, func() templ.Component { return campaignPage(v, f) })
}
