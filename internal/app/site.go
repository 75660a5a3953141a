package app

import (
	"context"
	"net/http"
	"time"

	"juli/internal/api"
	"juli/internal/api/open311"
	"juli/internal/authz"
	"juli/internal/fault"
	"juli/internal/web"
	"juli/internal/web/account"
	"juli/internal/web/admin"
	"juli/internal/web/bureau"
	"juli/internal/web/committee"
	"juli/internal/web/enterprise"
	"juli/internal/web/public"
)

// publicFor is how long a public page is kept drawn.
const publicFor = time.Minute

// Handler is the whole site.
func (a *App) Handler() http.Handler {
	site := a.site()
	return site.Handler(a.mux(site))
}

// HandlerAs is the whole site with another way to tell who asks: for tests of
// what each role reaches.
func (a *App) HandlerAs(who func(ctx context.Context, token string) (authz.Actor, error)) http.Handler {
	site := a.site()
	site.Sessions = web.SessionsFunc(who)
	site.Recheck = nil
	return site.Handler(a.mux(site))
}

func (a *App) mux(site *web.Site) *http.ServeMux {
	mux := http.NewServeMux()
	a.routes(web.NewGates(mux), site)
	return mux
}

// Routes is the whole site's table of routes, each with the act that opens it.
func (a *App) Routes() []web.Route {
	g := web.NewGates(http.NewServeMux())
	a.routes(g, a.site())
	web.Everybodys(g)
	return g.Routes()
}

// routes adds every desk's pages.
func (a *App) routes(g *web.Gates, site *web.Site) {
	cache := web.NewCache(publicFor)
	(&public.Desk{
		DB: a.DB, City: a.City, CityName: a.Name, Registry: a.Registry, Evaluations: a.Evaluations, Books: a.Books, Records: a.Records, Rulebooks: a.Rulebooks,
		Cases: a.Cases, Listing: a.Listing, Deeds: a.Deeds, Campaigns: a.Campaigns, Surveys: a.Surveys, Volunteers: a.Volunteers, Reports: a.Reports, Files: a.Files, Texting: a.texting, Demo: a.demo, Cache: cache, Feeds: a.Feeds, Base: base(), Jurisdiction: a.Jurisdiction,
	}).Routes(g)
	(&bureau.Desk{
		DB: a.DB, City: a.City, CityName: a.Name, Files: a.Files, Registry: a.Registry, Rulebooks: a.Rulebooks,
		Books: a.Books, Records: a.Records, Evaluations: a.Evaluations, Surveys: a.Surveys, Volunteers: a.Volunteers, Importing: a.Importing, Cases: a.Cases, Listing: a.Listing, Deeds: a.Deeds, Campaigns: a.Campaigns, Reports: a.Reports, Published: cache.Drop,
	}).Routes(g)
	(&enterprise.Desk{
		DB: a.DB, Calendar: a.Calendar, Files: a.Files, Registry: a.Registry, Books: a.Books, Records: a.Records, Evaluations: a.Evaluations, Cases: a.Cases, Listing: a.Listing, Campaigns: a.Campaigns, Reports: a.Reports,
	}).Routes(g)
	(&committee.Desk{DB: a.DB, Files: a.Files, Registry: a.Registry, Reports: a.Reports}).Routes(g)
	(&api.API{DB: a.DB, City: a.City, CityName: a.Name, Registry: a.Registry, Evaluations: a.Evaluations, Books: a.Books, Reports: a.Reports}).Routes(g)
	(&open311.API{
		DB: a.DB, Keys: a.Keys, Reports: a.Reports, Files: a.Files, Jurisdiction: a.Jurisdiction, CityName: a.Name, Full: a.disk.room,
	}).Routes(g)
	a.administration().Routes(g)
	(&account.Desk{DB: a.DB, Identity: a.Identity, Home: func(who authz.Actor) string { return home(site, who) }}).Routes(g)
}

func (a *App) site() *web.Site {
	return &web.Site{
		City: a.Name, DB: a.DB, Search: "/search", Secure: a.Secure, Hosts: a.Hosts, Proxies: a.Proxies,
		Seen: a.watch.seen, Full: a.disk.room,
		Sessions: web.SessionsFunc(a.Identity.Signed),
		Recheck:  a.Identity.Recheck,
		Desks:    desks(),
		Idle:     a.Identity.Idle,
		Footer:   []web.Link{{Text: "谁负责什么", Href: "/duties"}, {Text: "评价规则", Href: "/rulebooks"}, {Text: "开放数据", Href: "/open-data"}, {Text: "公开日志", Href: "/log"}, {Text: "订阅", Href: "/feeds"}, {Text: "无障碍说明", Href: "/accessibility"}},
		Help:     web.Link{Text: "帮助", Href: "/help"},
		Denied: func(ctx context.Context, who authz.Actor, f *fault.Error, where string) {
			if err := a.Identity.Denials.Append(ctx, who, f, where); err != nil {
				a.log().Error("denial not recorded", "err", err)
			}
		},
	}
}

// home is the first page of who signs in: the first desk that is theirs.
func home(site *web.Site, who authz.Actor) string {
	for _, d := range site.Desks {
		if d.For != nil && d.For(who) {
			return d.Home
		}
	}
	return "/account"
}

// desks are the audiences, as the header's switch lists them.
func desks() []web.Desk {
	return []web.Desk{
		{Key: "public", Name: "公众", Home: "/", Nav: []web.Link{
			{Text: "居民诉求", Href: "/reports"},
			{Text: "项目", Href: "/projects"},
			{Text: "企业", Href: "/enterprises"},
			{Text: "信用排行", Href: "/league"},
			{Text: "红黑榜", Href: "/lists"},
			{Text: "整改案件", Href: "/cases"},
			{Text: "办实事", Href: "/deeds"},
			{Text: "志愿服务", Href: "/volunteers"},
			{Text: "专项检查", Href: "/campaigns"},
			{Text: "满意度调查", Href: "/surveys"},
			{Text: "评价规则", Href: "/rulebooks"},
			{Text: "开放数据", Href: "/open-data"},
		}},
		{Key: bureau.Key, Name: "主管部门", Home: bureau.Home, Nav: bureau.Nav, For: bureau.For},
		{Key: enterprise.Key, Name: "物业企业", Home: enterprise.Home, Nav: enterprise.Nav, For: enterprise.For},
		{Key: committee.Key, Name: "业委会", Home: committee.Home, Nav: committee.Nav, For: committee.For},
		{Key: admin.Key, Name: "管理", Home: admin.Home, For: admin.For, Menu: admin.Menu},
	}
}
