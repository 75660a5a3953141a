package app

import (
	"context"

	"juli/internal/audit"
	"juli/internal/identity"
	"juli/internal/web"
	"juli/internal/web/admin"
)

// administration is the administrators' desk over this city.
func (a *App) administration() *admin.Desk {
	return &admin.Desk{
		DB: a.DB, Identity: a.Identity, Files: a.Files, Audit: &audit.Log{DB: a.DB}, Settings: a.settings(),
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
		{Name: "人员无操作退出", Text: p.StaffIdle.String()},
		{Name: "登录最长", Text: p.Absolute.String()},
		{Name: "同时登录数", Text: web.Count(int64(p.StaffSessions))},
		{Name: "再次确认身份的有效时间", Text: p.StepUp.String()},
		{Name: "密码更换周期", Text: p.PasswordAge.String()},
		{Name: "长期不用停用", Text: p.IdleDisable.String()},
		{Name: "激活码有效时间", Text: p.InviteFor.String()},
		{Name: "找回等待时间", Text: p.Hold.String()},
		{Name: "授权最长（年）", Text: web.Count(int64(p.GrantYears))},
		{Name: "代理最长（天）", Text: web.Count(int64(p.DeputyDays))},
		{Name: "密码要求", Text: identity.Dengbao.Title + "（工作人员）；" + identity.Modern.Title + "（业主）"},
	}
}
