//go:build browser

package web_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"juli/internal/web"
	"juli/internal/web/webtest"
)

// site is a site with nothing behind it but the edge and the design page.
func site() *web.Site {
	return &web.Site{
		City: "哈尔滨市", Search: "/search", Log: slog.New(slog.DiscardHandler),
		Desks: []web.Desk{{Name: "", Home: "/", Nav: []web.Link{
			{Text: "企业信用", Href: "/enterprises"}, {Text: "项目", Href: "/projects"}, {Text: "红黑榜", Href: "/lists"},
			{Text: "组件", Href: "/design"}, {Text: "开放数据", Href: "/data"}, {Text: "职责边界", Href: "/duties", Count: "12"},
		}}},
		Footer: []web.Link{{Text: "职责边界", Href: "/duties"}, {Text: "无障碍声明", Href: "/accessibility"}, {Text: "公开日志", Href: "/log"}},
		Help:   web.Link{Text: "帮助与电话", Href: "/help"},
	}
}

func TestDesignPageInABrowser(t *testing.T) {
	b := webtest.Open(t, site().Handler(http.NewServeMux()))
	for _, view := range []string{"", "dark", "large.0", "large.2.dark"} {
		if view != "" {
			b.Cookie("juli-view", view)
		}
		for _, width := range []int{320, 360, 768, 1280, 1920} {
			b.Width(width)
			b.Go("/design")
			b.Check()
			b.Shot(fmt.Sprintf("design-%s-%d.png", view, width))
		}
	}
}
