package app

import (
	"context"
	"strconv"
	"strings"
	"time"

	"juli/internal/audit"
	"juli/internal/identity"
	"juli/internal/web"
	"juli/internal/web/admin"
)

// administration is the administrators' desk over this city.
func (a *App) administration() *admin.Desk {
	return &admin.Desk{
		DB: a.DB, Identity: a.Identity, Files: a.Files, Audit: &audit.Log{DB: a.DB}, Settings: a.settings(), JobTitles: jobTitles(), Reports: a.Reports, Hooks: a.Hooks, City: a.City,
		Doctor: func(ctx context.Context) ([]admin.Check, error) {
			found, err := Doctor(ctx, a.Config)
			var out []admin.Check
			for _, f := range found {
				out = append(out, admin.Check{Name: f.Name, Detail: f.Detail, OK: f.OK})
			}
			return out, err
		},
	}
}

// settings are what an administrator may see of how the program runs: never an
// address of the database or a path, which may hold a password.
func (a *App) settings() []web.Fact {
	yes := func(on bool) string {
		if on {
			return "是"
		}
		return "否"
	}
	p := a.Identity.Policy
	return []web.Fact{
		{Name: "城市", Text: a.Name + "（" + string(a.City) + "）"},
		{Name: "数据库", Text: a.DB.Engine()},
		{Name: "经 https 访问", Text: yes(a.Secure)},
		{Name: "允许丢失最近提交的设置", Text: yes(a.Unsafe)},
		{Name: "城市日历与真实时间不同", Text: yes(a.DB.Offset() != 0)},
		{Name: "人员无操作退出", Text: span(p.StaffIdle)},
		{Name: "登录最长", Text: span(p.Absolute)},
		{Name: "同时登录数", Text: web.Count(int64(p.StaffSessions))},
		{Name: "再次确认身份的有效时间", Text: span(p.StepUp)},
		{Name: "密码更换周期", Text: span(p.PasswordAge)},
		{Name: "长期不用停用", Text: span(p.IdleDisable)},
		{Name: "激活码有效时间", Text: span(p.InviteFor)},
		{Name: "找回等待时间", Text: span(p.Hold)},
		{Name: "推送连续失败几次暂停", Text: web.Count(a.Hooks.Policy.FailuresMax) + " 次"},
		{Name: "允许推送的主机", Text: web.Count(int64(len(a.Hooks.Way.Out.Hosts))) + " 个"},
		{Name: "授权最长（年）", Text: web.Count(int64(p.GrantYears))},
		{Name: "代理最长（天）", Text: web.Count(int64(p.DeputyDays))},
		{Name: "密码要求", Text: identity.Dengbao.Title + "（工作人员）；" + identity.Modern.Title + "（业主）"},
	}
}

// span is a duration in words, in the largest units that leave nothing over.
func span(d time.Duration) string {
	var words []string
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{dayLong, " 天"}, {time.Hour, " 小时"}, {time.Minute, " 分钟"}, {time.Second, " 秒"}} {
		if n := d / u.of; n > 0 {
			words = append(words, strconv.FormatInt(int64(n), 10)+u.name)
			d -= n * u.of
		}
	}
	if len(words) == 0 {
		return "0"
	}
	return strings.Join(words, " ")
}
