package public

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/feed"
	"juli/internal/registry"
	"juli/internal/web"
)

// feedRoutes are the page about subscribing and what it leads to.
func (d *Desk) feedRoutes(g *web.Gates) {
	g.On("GET /feeds", authz.FeedRead, web.Handler(d.feedsPage))
	g.On("GET /feeds/{file}", authz.FeedRead, web.Handler(d.feedFile))
}

// feedsView is what the page about subscribing shows.
type feedsView struct {
	scope  feed.Scope
	words  string
	topics []web.Chip
	places []web.Chip
	up     web.Link
}

// feedsPage tells an ordinary person how to subscribe, and gives the addresses for
// what they choose.
func (d *Desk) feedsPage(w http.ResponseWriter, r *http.Request) error {
	s, err := feedScope(r, "")
	if err != nil {
		return err
	}
	ctx := r.Context()
	v := feedsView{scope: s}
	err = d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if err := d.Feeds.Check(ctx, tx, &v.scope); err != nil {
			return err
		}
		if v.words, err = d.Feeds.Describe(ctx, tx, v.scope); err != nil {
			return err
		}
		if err := d.feedTopics(ctx, tx, &v); err != nil {
			return err
		}
		return d.feedPlaces(ctx, tx, &v)
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, d.feedsBody(r, v))
}

// feedTopics are the kinds of reports to choose from, where reports are asked for.
func (d *Desk) feedTopics(ctx context.Context, tx *db.Tx, v *feedsView) error {
	v.topics = nil
	if !slices.Contains(v.scope.Kinds, feed.Reports) {
		return nil
	}
	book, err := d.Reports.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return err
	}
	chip := func(name, topic string) {
		s := v.scope
		s.Topic = topic
		v.topics = append(v.topics, web.Chip{Text: name, Href: feedsPage(s), On: v.scope.Topic == topic})
	}
	chip("全部类别", "")
	for _, t := range book.Topics {
		chip(t.Title, t.Code)
	}
	return nil
}

// feedPlaces are the divisions below the chosen one, and the way back up.
func (d *Desk) feedPlaces(ctx context.Context, tx *db.Tx, v *feedsView) error {
	v.places, v.up = nil, web.Link{}
	if v.scope.Project != "" {
		s := v.scope
		s.Project = ""
		v.up = web.Link{Text: "改为全市", Href: feedsPage(s)}
		return nil
	}
	at := max(v.scope.Division, d.City)
	list, err := registry.Districts(ctx, tx, tx.Today())
	if at != d.City {
		s := v.scope
		if s.Division = at.Parent(); s.Division.Level() <= code.City {
			s.Division = ""
		}
		v.up = web.Link{Text: "返回上一级", Href: feedsPage(s)}
		list, err = registry.Divisions(ctx, tx, at, tx.Today())
	}
	for _, x := range list {
		s := v.scope
		s.Division = x.Code
		v.places = append(v.places, web.Chip{Text: x.Name, Href: feedsPage(s)})
	}
	return err
}

func (d *Desk) feedsBody(r *http.Request, v feedsView) templ.Component {
	kinds := []web.Chip{{Text: "全部", Href: feedsPage(feed.Scope{Division: v.scope.Division, Project: v.scope.Project}), On: len(v.scope.Kinds) == 0}}
	for _, k := range feed.Kinds {
		s := feed.Scope{Division: v.scope.Division, Project: v.scope.Project, Kinds: []feed.Kind{k}}
		kinds = append(kinds, web.Chip{Text: k.Title(), Href: feedsPage(s), On: slices.Contains(v.scope.Kinds, k)})
	}
	choose := []templ.Component{web.Chips("内容", kinds)}
	if len(v.topics) > 0 {
		choose = append(choose, web.Chips("诉求类别", v.topics))
	}
	if len(v.places) > 0 {
		choose = append(choose, web.Chips("地区", v.places))
	}
	if v.up.Href != "" {
		choose = append(choose, web.Buttons([]web.Link{v.up}))
	}
	choose = append(choose, web.Quiet("只看一个小区：在“项目”中打开小区的页面，点“订阅”。"))
	ics := d.address(r, feedPath(v.scope, "ics"))
	buttons := []web.Link{{Text: "打开日历文件", Href: feedPath(v.scope, "ics"), Main: true}, {Text: "打开 RSS", Href: feedPath(v.scope, "rss")}, {Text: "打开 Atom", Href: feedPath(v.scope, "atom")}}
	return web.Whole(web.Page{
		Title: "订阅", Lead: "不用登录，也不留下您的信息；只有网站上已经公开的内容", Crumbs: []web.Link{{Text: "首页", Href: "/"}}, Feeds: feedLinks(v.scope, v.words),
	},
		web.Section(web.Box{Title: "怎么订阅"},
			web.Para("手机日历：复制下面的日历地址，在手机“设置 → 日历 → 账户 → 添加已订阅的日历”（或日历软件的“通过网址添加”）中粘贴，志愿服务、调查和各种期限就会出现在日历里，变动了会自动更新。\n新闻阅读器：把下面的 RSS 地址粘贴到阅读软件的“添加订阅”，有新消息就会收到。")),
		web.Section(web.Box{Title: v.words, ID: "addresses"},
			web.Facts([]web.Fact{
				{Name: "日历地址", Text: ics, Wide: true},
				{Name: "RSS 地址", Text: d.address(r, feedPath(v.scope, "rss")), Wide: true},
				{Name: "Atom 地址", Text: d.address(r, feedPath(v.scope, "atom")), Wide: true},
			}),
			web.Buttons(buttons),
			web.Quiet("订阅含最近 50 条消息，日历含 30 天前到以后的最多 300 项。列榜前的申辩期限不公开，所以不在日历里。")),
		web.Section(web.Box{Title: "选择内容和地区"}, choose...))
}

// subscribe is the way from a page to its feeds.
func subscribe(p web.Page, s feed.Scope, title string) web.Page {
	p.Acts = append(slices.Clone(p.Acts), web.Link{Text: "订阅", Href: feedsPage(s)})
	p.Feeds = feedLinks(s, title)
	return p
}
