// Package admin is the desk of who looks after people and the system: managers of
// a body for their own people, districts for the enterprises' accounts, and the
// three administrators, who exclude each other. A page shows itself to whoever
// may; the services ask again.
//
//	desk.go      routes, who may come in, navigation
//	home.go      what waits
//	people.go    accounts: list; person.go one account; invite.go inviting
//	acts.go      what is done to an account
//	places.go    a grant's role and place, chosen from lists
//	rows.go      the same for many, from a file; invite_rows.go invites many
//	grants.go    grants and recoveries that wait for a second person
//	requests.go  enterprises asking for their account
//	system.go    jobs, self-check, settings
//	keys.go      keys of the interfaces
//	audit.go     the audit log
//	hooks.go     webhooks of public news
package admin

import (
	"context"
	"net/http"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/hook"
	"juli/internal/identity"
	"juli/internal/resident"
	"juli/internal/web"
)

// Key names the desk in pages.
const Key = "admin"

// Home is the desk's first page.
const Home = "/admin/"

// A Check is one finding of the self-check.
type Check struct {
	Name, Detail string
	OK           bool
}

// A Desk answers the administrators' pages. Doctor runs the self-check; Settings
// are shown, never secrets.
type Desk struct {
	DB        *db.DB
	Identity  *identity.Service
	Files     *blob.Store
	Audit     *audit.Log
	Doctor    func(ctx context.Context) ([]Check, error)
	Settings  []web.Fact
	JobTitles map[string]string // kind → what it is called
	Reports   *resident.Reports
	Hooks     *hook.Service
	City      code.Division
}

// sections are the desk's pages, each with the act that opens it.
var sections = []struct {
	link web.Link
	act  authz.Act
}{
	{web.Link{Text: "人员", Href: "/admin/people"}, authz.AccountRead},
	{web.Link{Text: "待批授权", Href: "/admin/grants"}, authz.GrantApprove},
	{web.Link{Text: "找回账号", Href: "/admin/recoveries"}, authz.RecoverPropose},
	{web.Link{Text: "企业账号申请", Href: "/admin/requests"}, authz.AccountConfirm},
	{web.Link{Text: "任务队列", Href: "/admin/jobs"}, authz.JobRead},
	{web.Link{Text: "12345接口密钥", Href: "/admin/order-keys"}, authz.ReportKeys},
	{web.Link{Text: "开放接口密钥", Href: "/admin/open311-keys"}, authz.ReportKeys},
	{web.Link{Text: "数据推送", Href: "/admin/hooks"}, authz.HookManage},
	{web.Link{Text: "系统设置", Href: "/admin/settings"}, authz.SettingsRead},
	{web.Link{Text: "系统自检", Href: "/admin/doctor"}, authz.DoctorRun},
	{web.Link{Text: "审计记录", Href: "/admin/audit"}, authz.AuditRead},
}

// For says whether any page of the desk is the actor's.
func For(who authz.Actor) bool { return len(Menu(who)) > 1 }

// Menu are the desk's pages that an actor may open.
func Menu(who authz.Actor) []web.Link {
	links := []web.Link{{Text: "首页", Href: Home}}
	for _, s := range sections {
		if authz.Can(who, s.act) {
			links = append(links, s.link)
		}
	}
	return links
}

// Routes lists every page of the desk.
func (d *Desk) Routes(g *web.Gates) {
	on := func(pattern string, act authz.Act, h web.Handler) { g.On(pattern, act, h) }
	g.At(web.Audience{Key: Key, For: For, Refusal: "这是管理工作台，您的角色不能使用。"})("GET /admin/{$}", authz.AccountSelf, d.home)

	on("GET /admin/people", authz.AccountRead, d.people)
	on("GET /admin/people/new", authz.AccountInvite, d.invitePage)
	on("POST /admin/people/new", authz.AccountInvite, d.invite)
	on("GET /admin/people-file", authz.AccountSuspend, d.rowsPage)
	on("POST /admin/people-file", authz.AccountSuspend, d.rows)
	on("GET /admin/people-file/template", authz.AccountSuspend, d.rowsTemplate)
	on("GET /admin/people-invite", authz.AccountInvite, d.inviteRowsPage)
	on("POST /admin/people-invite", authz.AccountInvite, d.inviteRows)
	on("GET /admin/people-invite/template", authz.AccountInvite, d.inviteTemplate)
	on("GET /admin/people/{id}", authz.AccountRead, d.person)
	on("POST /admin/people/{id}/suspend", authz.AccountSuspend, d.suspend)
	on("POST /admin/people/{id}/resume", authz.AccountSuspend, d.resume)
	on("POST /admin/people/{id}/again", authz.AccountInvite, d.again)
	on("GET /admin/people/{id}/handover", authz.AccountHandover, d.handoverPage)
	on("POST /admin/people/{id}/handover", authz.AccountHandover, d.handover)
	on("GET /admin/people/{id}/grant", authz.GrantPropose, d.grantPage)
	on("POST /admin/people/{id}/grant", authz.GrantPropose, d.grant)
	on("POST /admin/people/{id}/revoke", authz.GrantRevoke, d.revoke)
	on("POST /admin/people/{id}/sessions", authz.AccountEndSession, d.endSession)
	on("POST /admin/people/{id}/recover", authz.RecoverPropose, d.recover)

	on("GET /admin/grants", authz.GrantApprove, d.grants)
	on("POST /admin/grants/{id}/approve", authz.GrantApprove, d.approve)
	on("POST /admin/grants/{id}/refuse", authz.GrantApprove, d.refuse)
	on("GET /admin/recoveries", authz.RecoverPropose, d.recoveries)
	on("POST /admin/recoveries/{id}/approve", authz.RecoverApprove, d.approveRecovery)
	on("POST /admin/recoveries/{id}/cancel", authz.RecoverPropose, d.cancelRecovery)

	on("GET /admin/requests", authz.AccountConfirm, d.requests)
	on("GET /admin/requests/{id}", authz.AccountConfirm, d.request)
	on("GET /admin/requests/{id}/proof", authz.AccountConfirm, d.proof)
	on("POST /admin/requests/{id}/confirm", authz.AccountConfirm, d.confirm)
	on("POST /admin/requests/{id}/refuse", authz.AccountConfirm, d.refuseRequest)
	on("GET /enterprise-account", authz.AccountRequest, d.askPage)
	on("POST /enterprise-account", authz.AccountRequest, d.ask)

	on("GET /admin/jobs", authz.JobRead, d.jobs)
	on("POST /admin/jobs/{id}/cancel", authz.JobCancel, d.cancelJob)
	on("POST /admin/jobs/{id}/retry", authz.JobCancel, d.retryJob)
	d.keyRoutes(on)
	d.hookRoutes(on)
	on("GET /admin/settings", authz.SettingsRead, d.settings)
	on("GET /admin/doctor", authz.DoctorRun, d.doctor)
	on("GET /admin/audit", authz.AuditRead, d.audit)
}

// fresh asks for a fresh second factor before a form is filled in, not after.
func fresh(r *http.Request, act authz.Act) error {
	if row, ok := authz.RowOf(act); ok && row.StepUp && web.Actor(r).StepUp.IsZero() {
		return fault.New(fault.StepUp, "authz.step-up", "“%s”需要再次输入动态码确认身份。", row.Title)
	}
	return nil
}

func page(r *http.Request, title string) web.Page {
	return web.Page{Title: title, Desk: Key, Nav: Menu(web.Actor(r))}
}

func pathID(r *http.Request) (db.ID, error) {
	id, err := db.ParseID(r.PathValue("id"))
	if err != nil || id == 0 {
		return 0, fault.New(fault.NotFound, "page.none", "没有这个页面。请检查网址，或从首页重新查找。")
	}
	return id, nil
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(day.Shanghai).Format("2006-01-02 15:04")
}
