package public

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/web"
)

// reportRoutes are the pages of residents: report, join, follow, and what
// everybody may see of it.
func (d *Desk) reportRoutes(g *web.Gates) {
	on := func(pattern string, act authz.Act, h web.Handler) { g.On(pattern, act, h) }
	on("GET /report", authz.ReportFile, d.reportPlace)
	on("GET /report/new/{project}", authz.ReportFile, d.reportForm)
	on("GET /report/new/{project}/{topic}", authz.ReportFile, d.reportForm)
	on("POST /report/new/{project}/{topic}", authz.ReportFile, d.reportSent)
	on("GET /report/join/{number}", authz.ReportFile, d.joinForm)
	on("POST /report/join/{number}", authz.ReportFile, d.joinSent)
	on("GET /report/confirm/{ticket}", authz.ReportFile, d.confirmForm)
	on("POST /report/confirm", authz.ReportFile, d.confirmSent)
	on("POST /report/confirm/again", authz.ReportFile, d.codeAgain)
	on("GET /report/find", authz.ReportFile, d.findForm)
	on("POST /report/find", authz.ReportFile, d.findSent)
	on("GET /report/mine/{ticket}", authz.ReportFile, d.mine)
	on("POST /report/mine", authz.ReportFile, d.mineSent)
	on("GET /report/follow/{secret}", authz.ReportFile, d.follow)
	on("GET /report/follow/{secret}/photos/{photo}", authz.ReportFile, d.followPhoto)
	on("POST /report/follow", authz.ReportFile, d.rateSent)
	on("POST /report/follow/add", authz.ReportFile, d.addSent)
	on("GET /open311", authz.Open311, d.open311)
	g.On("GET /reports", authz.ReportPublic, d.Cache.Page(d.reports))
	g.On("GET /reports/{number}", authz.ReportPublic, d.Cache.Page(d.publicReport))
	on("GET /reports/{number}/photos/{photo}", authz.ReportPublic, d.publicPhoto)
	g.On("GET /reports/rates", authz.ReportPublic, d.Cache.Page(d.rates))
	g.On("GET /reports/ratings", authz.ReportPublic, d.Cache.Page(d.ratings))
}

// reportPlace asks where: a search by name, or a walk from the district down.
func (d *Desk) reportPlace(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	at := d.City
	var l *web.List
	var t web.Table
	var below []web.Chip
	var crumbs []web.Link
	var asked bool
	err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		places, err := placeOptions(ctx, tx, r.URL.Query().Get("at"))
		if err != nil {
			return err
		}
		if l, err = web.ReadList(r, web.ListSpec{Sorts: []string{"name"}, Search: "小区名称", Size: 20, Choices: true, Filters: []web.Filter{{Name: "at", Label: "区县", Options: places}}}); err != nil {
			return err
		}
		if v := l.Get("at"); v != "" {
			if at, err = code.ParseDivision(v); err != nil {
				return l.Unknown("at")
			}
		}
		if below, err = divisionChips(ctx, tx, at); err != nil {
			return err
		}
		if crumbs, err = divisionCrumbs(ctx, tx, at, d.City); err != nil {
			return err
		}
		if asked = l.Q != "" || at != d.City; !asked {
			return nil // twenty estates of a whole city help nobody
		}
		rows, err := web.Paged(l, func(after string, limit int) ([]registry.ProjectRow, string, error) {
			q := registry.ListQuery{Division: at, Text: l.Q, Sort: registry.ByName, After: after, Limit: limit, State: registry.Active}
			return registry.ListProjects(ctx, tx, q)
		})
		if err != nil {
			return err
		}
		t, err = placeTable(ctx, tx, rows)
		return err
	})
	if err != nil {
		return err
	}
	p := web.Page{
		Title: "反映问题", Lead: "第一步：选择小区。可以搜索，也可以按区划逐级查找", Crumbs: append([]web.Link{{Text: "居民诉求", Href: "/reports"}}, crumbs...),
		Acts: []web.Link{{Text: "查询我反映的问题", Href: "/report/find"}},
	}
	parts := []templ.Component{web.Finder(l)}
	var found, walk []templ.Component
	if asked {
		found = []templ.Component{web.TableView(t), web.Pager(l)}
	}
	if len(below) > 0 {
		walk = []templ.Component{web.Chips("按区划查找", below)}
	}
	if l.Q != "" { // what was searched for comes before another way to look
		parts = append(append(parts, found...), walk...)
	} else {
		parts = append(append(parts, walk...), found...)
	}
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, parts...), web.Notice(web.Info, "找不到小区？", placeMissing)))
}

// placeMissing is what to do where the estate is not in the register.
const placeMissing = "小区可能用了别的名称：可以只输两个字，或按区县、街道、社区逐级查找。仍找不到的，请拨打 12345，或向所在社区居委会反映。"

// placeOptions are the districts and, on the walk down, where it has come to.
func placeOptions(ctx context.Context, tx *db.Tx, at string) (options []web.Option, err error) {
	list, err := registry.Districts(ctx, tx, tx.Today())
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		options = append(options, web.Option{Value: string(x.Code), Text: x.Name})
	}
	here, err := code.ParseDivision(at)
	if err != nil || here.Level() == code.District {
		return options, nil
	}
	names, err := registry.DivisionNames(ctx, tx, slices.Values([]code.Division{here}))
	if names[here] != "" {
		options = append(options, web.Option{Value: string(here), Text: names[here]})
	}
	return options, err
}

func divisionChips(ctx context.Context, tx *db.Tx, at code.Division) ([]web.Chip, error) {
	list, err := registry.Divisions(ctx, tx, at, tx.Today())
	var chips []web.Chip
	for _, x := range list {
		chips = append(chips, web.Chip{Text: x.Name, Href: "/report?at=" + string(x.Code)})
	}
	return chips, err
}

func divisionCrumbs(ctx context.Context, tx *db.Tx, at, city code.Division) (crumbs []web.Link, err error) {
	path, err := registry.DivisionPath(ctx, tx, at)
	for _, x := range path {
		if len(x.Code) >= len(city) {
			crumbs = append(crumbs, web.Link{Text: x.Name, Href: "/report?at=" + string(x.Code)})
		}
	}
	return crumbs, err
}

func placeTable(ctx context.Context, tx *db.Tx, rows []registry.ProjectRow) (web.Table, error) {
	names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
		for _, p := range rows {
			if !yield(p.Division.Up(code.District)) || !yield(p.Division) {
				return
			}
		}
	})
	t := web.Table{
		Caption: "小区", Cols: []web.Col{{Name: "小区"}, {Name: "区县和社区"}, {Name: "地址"}},
		None: web.Nothing{Text: "没有找到小区。换一个词，或按区划查找。", Act: web.Link{Text: "从区县开始", Href: "/report"}},
	}
	for _, p := range rows {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			web.L(p.Name, "/report/new/"+string(p.Code)), web.T(names[p.Division.Up(code.District)] + " " + names[p.Division]), web.T(p.Address),
		}})
	}
	return t, err
}

// A newView is what the page of a new report shows.
type newView struct {
	project registry.Project
	place   string
	book    *resident.Book
	topic   string
	route   resident.Route // of a call for help
	near    []resident.Report
	signed  bool
	texts   bool
	inside  bool // the account answers or supervises here
}

func (d *Desk) newViewOf(ctx context.Context, who authz.Actor, project, topic string) (v newView, err error) {
	c, err := code.ParseProjectCode(project)
	if err != nil {
		return v, fault.New(fault.NotFound, "page.none", "没有这个小区。")
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		v = newView{topic: topic, signed: who.SignedIn(), texts: d.Texting()}
		if v.project, err = d.Registry.Project(ctx, tx, c); err != nil {
			return err
		}
		path, err := registry.DivisionPath(ctx, tx, v.project.Division)
		if err != nil {
			return err
		}
		v.place = registry.PlaceName(path)
		if v.book, err = d.Reports.Books.InForce(ctx, tx, tx.Today()); err != nil {
			return err
		}
		if _, ok := v.book.Topic(topic); !ok {
			v.topic = ""
			return nil
		}
		if v.route, err = resident.RouteAt(ctx, tx, v.book, "HELP", topic, c, v.project.Enterprise != ""); err != nil {
			return err
		}
		v.near, err = resident.Near(ctx, tx, v.book, c, topic, 0, tx.Today().AddDays(-v.book.MergeDays))
		v.near = slices.DeleteFunc(v.near, func(x resident.Report) bool { return !x.Joinable() || !x.Comparable(topic) })
		v.near = v.near[:min(len(v.near), 10)]
		v.inside = resident.Insider(who, authz.Place{Division: v.project.Division, Enterprise: v.project.Enterprise, Project: string(c)})
		return err
	})
	return v, err
}

func reportFields(v newView) []web.Field {
	classes := web.Field{Name: "class", Label: "类型", Kind: web.Select, Required: true}
	for _, c := range v.book.Classes {
		classes.Options = append(classes.Options, web.Option{Value: c.Code, Text: c.Title})
	}
	fields := []web.Field{
		classes,
		{Name: "building", Label: "楼栋", Kind: web.Number, Unit: "栋", Max: 3, Hint: "几号楼；与楼栋无关可以不填"},
		{Name: "spot", Label: "具体位置", Max: 100, Hint: "例如：二单元门口。请不要写门牌号以外的个人信息"},
		{Name: "body", Label: "情况", Kind: web.Long, Required: true, Max: 2000, Hint: "什么时候、什么情况、希望怎样解决"},
		{Name: "photos", Label: "照片", Kind: web.Files, Accept: ".jpg,.jpeg,.png,.webp", Hint: "最多 6 张；拍摄地点等隐藏信息会自动去除，未经审核不公开"},
	}
	if !v.signed {
		fields = append(fields, phoneField)
	}
	return fields
}

var phoneField = web.Field{Name: "phone", Label: "手机号", Required: true, Max: 11, Auto: "tel", Hint: "用来接收验证码和办理进展；加密保存，不公开"}

func (d *Desk) reportForm(w http.ResponseWriter, r *http.Request) error {
	v, err := d.newViewOf(r.Context(), web.Actor(r), r.PathValue("project"), r.PathValue("topic"))
	if err != nil {
		return err
	}
	f := web.NewForm(reportFields(v)...).Set("class", "HELP")
	return web.Show(w, r, http.StatusOK, newPage(v, f))
}

func newPage(v newView, f *web.Form) templ.Component {
	p := web.Page{
		Title: "反映问题", Lead: v.project.Name + " · " + v.place, Narrow: true,
		Crumbs: []web.Link{{Text: "居民诉求", Href: "/reports"}, {Text: "选择小区", Href: "/report?at=" + string(v.project.Division)}},
	}
	var chips []web.Chip
	for _, t := range v.book.Topics {
		chips = append(chips, web.Chip{Text: t.Title, Href: "/report/new/" + string(v.project.Code) + "/" + t.Code, On: t.Code == v.topic})
	}
	parts := []templ.Component{web.Section(web.Box{Title: "第二步：哪一类问题"}, web.Chips("问题类别", chips))}
	switch {
	case v.topic == "":
	case v.inside:
		parts = append(parts, web.Notice(web.Warn, "这个账号不能以居民身份反映", "您的账号负责这个小区的管理、答复或监督。您本人是居民的，请退出登录后凭手机号反映。"))
	case !v.signed && !v.texts:
		parts = append(parts, web.Notice(web.Warn, "暂时不能在网上反映", "短信服务没有开通。请登录后反映，或拨打 12345。"))
	default:
		if len(v.near) > 0 {
			parts = append(parts, web.Section(web.Box{Title: "近期已有人反映，是同一件事吗"}, nearTable(v), web.Quiet("是同一件事请点“我也遇到了”，会一起办理，您也会收到进展。")))
		}
		parts = append(parts, web.Section(web.Box{Title: "第三步：说明情况"}, web.FormView(f, web.FormBox{Submit: submitWord(v.signed), Cancel: "/report"})))
		parts = append(parts, web.Quiet(routeWords(v.book, v.route)))
	}
	return web.Whole(p, parts...)
}

func submitWord(signed bool) string {
	if signed {
		return "提交"
	}
	return "获取验证码"
}

// routeWords tells before the resident writes who will answer and by when.
func routeWords(b *resident.Book, route resident.Route) string {
	text := "这类问题由" + route.To.Title() + "答复"
	if route.Department != "" {
		text += "（" + route.Department + "配合）"
	}
	text += "，求助类期限 " + b.AnswerTerm(route, "HELP").Chinese()
	if route.Review != "" {
		text += "，答复由" + route.Review.Title() + "审核"
	}
	return text + "。" + b.Banner + "。"
}

// nearTable tells what neighbours reported as far as everybody may know it: when,
// where, and the words that were released.
func nearTable(v newView) templ.Component {
	t := web.Table{Caption: "近期的诉求", Cols: []web.Col{{Name: "编号"}, {Name: "反映日期"}, {Name: "地点"}, {Name: "内容"}, {Name: "状态"}, {Name: "反映人数（人）", Num: true}, {Name: "加入"}}}
	for _, x := range v.near {
		text := x.PublicBody
		if x.Released.IsZero() || text == "" {
			text = v.book.TopicTitle(x.Topic) + "，详情未经审核，暂不公开"
		}
		place := "未写明楼栋"
		if x.Building != 0 {
			place = buildingText(x.Building)
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			web.L(x.Number, "/reports/"+x.Number), web.D(x.ReceivedOn),
			{Text: v.project.Name + "，" + place},
			{Text: text},
			web.T(x.StateTitle()), web.N(x.Voices, ""), web.L("我也遇到了", "/report/join/"+x.Number),
		}})
	}
	return web.TableView(t)
}

func buildingText(n int64) string {
	if n == 0 {
		return "不限"
	}
	return strconv.FormatInt(n, 10) + " 栋"
}
