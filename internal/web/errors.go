package web

import (
	"context"
	"maps"
	"slices"

	"juli/internal/fault"
)

func faultTitle(f *fault.Error) string {
	switch f.Kind {
	case fault.Invalid:
		return "提交的内容有问题"
	case fault.NotFound:
		return "没有找到"
	case fault.Forbidden:
		if f.Rule == "csrf.token" {
			return "页面已过期"
		}
		return "没有权限"
	case fault.Unauthenticated:
		return "登录已过期"
	case fault.StepUp:
		return "需要再次验证"
	case fault.Conflict:
		return "情况已经变化"
	case fault.TooMany:
		return "操作太频繁"
	case fault.TooLarge:
		return "内容太大"
	case fault.Unavailable:
		return "暂时不可用"
	}
	return "系统出现问题"
}

func sentences(f *fault.Error) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		all = append(all, f.Fields[name])
	}
	return all
}

// wayOut is what to do after a refusal.
func wayOut(ctx context.Context, f *fault.Error) []Link {
	st := stateOf(ctx)
	home := Link{Text: "回到首页", Href: st.ownDesk().Home}
	if st.req == nil {
		return []Link{home}
	}
	again := Link{Text: "返回刚才的页面", Href: cameFrom(st.req), Main: true}
	switch f.Kind {
	case fault.Unauthenticated:
		return []Link{{Text: "登录", Href: Signin(st.req), Main: true}, home}
	case fault.NotFound:
		return []Link{home}
	case fault.Internal, fault.Unavailable, fault.TooMany:
		again.Text = "再试一次"
		return []Link{again, home}
	}
	if again.Href == "/" {
		return []Link{home}
	}
	return []Link{again, home}
}
