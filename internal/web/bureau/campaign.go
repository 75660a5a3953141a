package bureau

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/campaign"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/web"
)

// campaignView is a campaign with what its page shows beside it.
type campaignView struct {
	c      campaign.Campaign
	b      *campaign.Book
	n      campaign.Tally
	steps  []casework.Step
	may    []casework.Act
	second templ.Component // what only another person may do
	body   func(string) string
	place  map[code.Division]string
	waits  string
	parish []string // names of the scope
}

func (d *Desk) campaignView(ctx context.Context, who authz.Actor, id db.ID) (v campaignView, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if v.c, err = d.Campaigns.Campaign(ctx, tx, who, id); err != nil {
			return err
		}
		if v.b, err = d.Campaigns.Books.ByDigest(ctx, tx, v.c.Book); err != nil {
			return err
		}
		if v.n, err = campaign.TallyOf(ctx, tx, id); err != nil {
			return err
		}
		if v.steps, err = casework.History(ctx, tx, v.c.Case); err != nil {
			return err
		}
		v.may = casework.AllowedBy(who, v.c.Case, v.steps)
		v.second = otherPerson(who, v.c.Case, v.steps)
		v.waits, _ = casework.Waits(v.c.Case.Due, tx.Today(), v.c.Case.Assumed)
		if v.place, err = registry.DivisionNames(ctx, tx, slices.Values(append([]code.Division{v.c.Division}, v.c.Scope...))); err != nil {
			return err
		}
		v.parish = nil
		for _, s := range v.c.Scope {
			v.parish = append(v.parish, v.place[s])
		}
		keys := []string{v.c.Case.Holder.Key()}
		if err := nameSteps(ctx, tx, v.steps); err != nil {
			return err
		}
		for _, s := range v.steps {
			keys = append(keys, s.Body)
		}
		v.body, err = bodyNames(ctx, tx, keys...)
		return err
	})
	return v, err
}

// fields ask for what the allowed acts want.
func (v campaignView) fields() []web.Field {
	which := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true}
	hints := map[string]string{
		campaign.ActApprove: "由另一人批准；名单随即封存，不能再改", campaign.ActSeed: "公布当天起，由一人登记，另一人输入同样的数字后抽取", campaign.ActDraw: "结果摘要立即公开，不能重抽", campaign.ActStart: "派到检查人员的待办",
		campaign.ActConclude: "公布合格率，没有检查的注明", campaign.ActCancel: "须写明理由",
	}
	seed := false
	for _, a := range v.may {
		if v.c.SeedRule == "" && a.Name == campaign.ActSeed {
			continue
		}
		which.Options = append(which.Options, web.Option{Value: a.Name, Text: a.Title, Hint: hints[a.Name]})
		seed = seed || (a.Name == campaign.ActDraw || a.Name == campaign.ActSeed) && v.c.SeedRule != ""
	}
	if len(which.Options) == 0 {
		return nil
	}
	fields := []web.Field{{Name: "version", Kind: web.Carried, Max: 20}, which}
	if seed {
		fields = append(fields, web.Field{Name: "seed", Label: "公布的数字", Max: 60, Hint: "事先约定：" + agreed(v.c), When: "登记或抽取时必填"})
	}
	if slices.ContainsFunc(v.may, func(a casework.Act) bool { return a.Name == campaign.ActCancel }) {
		fields = append(fields, web.Field{Name: "note", Label: "取消的理由", Kind: web.Long, Max: 1000, When: "取消时必填"})
	}
	return fields
}

func (d *Desk) campaign(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.campaignView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	var f *web.Form
	if fields := v.fields(); fields != nil {
		f = web.NewForm(fields...).Set("version", itoa(v.c.Case.Version)).Set("act", v.may[0].Name)
	}
	return web.Show(w, r, http.StatusOK, campaignPage(v, f))
}

func campaignPage(v campaignView, f *web.Form) templ.Component {
	c := v.c
	p := web.Page{
		Title: c.Title, Desk: Key, Lead: join(c.KindTitle(), c.ThemeTitle(), c.From.String()+" 至 "+c.To.String()), Tags: []web.Mark{{Text: c.StateTitle(), Tone: campaignTone(c.State)}},
		Crumbs: []web.Link{{Text: "专项检查", Href: "/bureau/campaigns"}},
	}
	if c.PoolDigest != "" {
		p.Acts = []web.Link{{Text: "公开页", Href: "/campaigns/" + c.ID.String()}}
	}
	left := 12
	var side []templ.Component
	if f != nil {
		left = 8
		box := web.Box{Title: "办理", ID: "act", Cols: 4}
		if c.Case.Due != 0 {
			box.Tags = []web.Mark{{Text: v.waits}}
		}
		side = append(side, card(box, ask(f, web.FormBox{Action: "/bureau/campaigns/" + c.ID.String(), Submit: "提交"})))
	}
	var events []web.Event
	for _, s := range slices.Backward(v.steps) {
		by := "系统"
		if s.System == "" {
			by = doer(v.body, s)
		}
		events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Who: by, Detail: s.Note})
	}
	parts := []templ.Component{web.Assumed(v.b.Title + "，" + v.b.Banner), v.second}
	if v.n.Planned > 0 {
		parts = append(parts, web.Figures("检查结果", tallyFigures(c.ID, v.n)))
	}
	return page(p, append(parts,
		cols(append([]templ.Component{card(web.Box{Title: "检查方案", Cols: left}, web.Facts(v.facts()))}, side...)...),
		card(web.Box{Title: "办理记录"}, web.Timeline(events)))...)
}

// tallyFigures are the counts and rates of a campaign, each with its list.
func tallyFigures(id db.ID, n campaign.Tally) []web.Figure {
	share := func(label, result string, part, whole int64) web.Figure {
		f := web.Figure{Label: label, Value: web.Percent(part, whole), Of: web.Ratio(part, whole), Href: inspectionsOf(id, result)}
		if whole == 0 {
			f.Value = "—"
		}
		return f
	}
	pass, inspected := n.PassRate()
	not, all := n.NotInspected()
	mended, failed := n.RectifiedRate()
	return []web.Figure{
		{Label: "抽取项目", Value: web.Count(n.Planned), Unit: "个", Href: inspectionsOf(id, "")},
		{Label: "已检查", Value: web.Count(n.Inspected), Unit: "个", Href: inspectionsOf(id, "settled")},
		share("合格率", "pass", pass, inspected), share("未检查", "open", not, all), share("按期整改率", "mended", mended, failed),
	}
}

// agreed is the number that was agreed on: which, when it is public, how long.
func agreed(c campaign.Campaign) string {
	if c.SeedOn == 0 {
		return c.SeedRule
	}
	return c.SeedRule + "，" + c.SeedOn.String() + " 公布，" + web.Count(int64(c.SeedDigits)) + " 位数字"
}

func (v campaignView) facts() []web.Fact {
	c := v.c
	all := func(list []string) string {
		if len(list) == 0 {
			return "全部"
		}
		return strings.Join(list, "、")
	}
	uses := make([]string, len(c.Uses))
	for i, u := range c.Uses {
		uses[i] = registry.Use(u).Title()
	}
	list := v.b.Checklist(c.From, c.Items)
	titles := make([]string, len(list))
	for i, it := range list {
		titles[i] = it.Title
	}
	seed := "由系统随机产生"
	if c.SeedRule != "" {
		seed = "事先约定：" + agreed(c)
	}
	facts := []web.Fact{
		{Name: "依据", Text: c.Basis, Wide: true},
		{Name: "组织单位", Text: v.place[c.Division]},
		{Name: "检查范围", Text: all(v.parish)},
		{Name: "项目类型", Text: all(uses)},
		{Name: "项目信用等级", Text: all(c.Grades)},
		{Name: "抽取数量", Text: web.Count(int64(c.Sample)) + " 个"},
		{Name: "每次检查人数", Text: web.Count(int64(v.b.Each)) + " 人"},
		{Name: "抽取种子", Text: seed},
		{Name: "检查规则", Text: v.b.Title, Href: "/rulebooks/" + v.b.Digest},
		{Name: "检查内容", Text: web.Count(int64(len(list))) + " 项：" + strings.Join(titles, "、"), Wide: true},
	}
	if c.PoolDigest != "" {
		facts = append(facts, web.Fact{Name: "封存名单", Text: web.Count(c.PoolSize) + " 个项目，" + clock(db.FromMillis(c.FrozenAt)) + " 封存"}, web.Fact{Name: "名单摘要（SHA-256）", Text: c.PoolDigest, Wide: true})
	}
	if c.Seed != "" {
		facts = append(facts, web.Fact{Name: "本次种子", Text: c.Seed, Wide: true}, web.Fact{Name: "结果摘要（SHA-256）", Text: c.ResultDigest, Wide: true})
	}
	return facts
}
