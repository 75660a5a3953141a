// Package enterprise is the desk of the property service enterprises and of their
// project managers: what waits for them, what is said about them and how to
// contest it, their own file, their letters.
//
//	desk.go      routes, who may come in, for whom they act
//	home.go      to-dos, own grade, what may be contested
//	records.go   own credit information: the list
//	record.go    one record: facts, evidence, steps, letters, acts
//	plea.go      answer, object, report what is mended, apply for repair, withdraw
//	propose.go   propose good information with evidence; drafts
//	cases.go     cases about oneself: order, reply, extension, report
//	file.go      the register's data about oneself; staff
//	filing.go    declare a change or a new project; drafts
//	lists.go     red and black lists: entries about oneself
//	lists_say.go reply, and apply for repair
//	surveys.go   what homes were asked about the own projects
//	reports.go   residents' reports: the list, one of them, the answer
//	inspections.go  what inspections found, and that it is mended
//	messages.go  letters; opening one leaves the receipt
package enterprise

import (
	"context"
	"net/http"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/campaign"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/supervision"
	"juli/internal/web"
	"juli/internal/web/reports"
)

// Key names the desk in pages.
const Key = "enterprise"

// Home is the desk's first page.
const Home = "/enterprise/"

// Nav are the desk's pages.
var Nav = []web.Link{
	{Text: "待办", Href: Home},
	{Text: "消息", Href: "/enterprise/messages"},
	{Text: "诉求", Href: "/enterprise/reports"},
	{Text: "整改", Href: "/enterprise/cases"},
	{Text: "现场检查", Href: "/enterprise/inspections"},
	{Text: "红黑榜", Href: "/enterprise/lists"},
	{Text: "信用信息", Href: "/enterprise/records"},
	{Text: "企业档案", Href: "/enterprise/file"},
	{Text: "登记备案", Href: "/enterprise/filings"},
	{Text: "满意度", Href: "/enterprise/surveys"},
	{Text: "人员", Href: "/enterprise/staff"},
}

// A work is one procedure as the desk shows it.
type work struct {
	machine *casework.Machine
	at      string            // address of its cases, before the id
	acts    map[string]string // state → the word for what it waits for
}

// works are the procedures whose cases wait at this desk.
var works = []work{
	{credit.RecordMachine, "/enterprise/records/", map[string]string{credit.RecordDraft: "提交", credit.RecordNoticed: "答复或提出异议"}},
	{credit.MendMachine, "/enterprise/records/", map[string]string{credit.MendOwed: "整改并报告"}},
	{registry.FilingMachine, "/enterprise/filings/", map[string]string{registry.Draft: "提交"}},
	{supervision.CaseMachine, "/enterprise/cases/", map[string]string{supervision.Ordered: "整改"}},
	{supervision.MendMachine, "/enterprise/cases/", map[string]string{supervision.MendOwed: "整改"}},
	{supervision.PleaMachine, "/enterprise/cases/", map[string]string{supervision.PleaOpen: "陈述申辩"}},
	{resident.Machine, "/enterprise/reports/", map[string]string{
		resident.Dispatched: "答复", resident.Reopened: "重新办理", resident.ReviewBack: "重新答复", resident.Supervised: "重新答复",
	}},
	{campaign.InspectionMachine, "/enterprise/inspections/", nil},
	{listing.EntryMachine, "/enterprise/lists/", map[string]string{listing.InReply: "陈述申辩"}},
}

// A Desk answers the enterprises' pages.
type Desk struct {
	DB          *db.DB
	Calendar    *day.Calendar
	Files       *blob.Store
	Registry    *registry.Service
	Books       *credit.Books
	Records     *credit.Records
	Evaluations *credit.Evaluations
	Reports     *resident.Reports
	Listing     *listing.Service
	Cases       *supervision.Cases
	Campaigns   *campaign.Campaigns
}

// For says whether the desk is the actor's.
func For(who authz.Actor) bool { return who.Has(authz.Enterprise) || who.Has(authz.ProjectManager) }

// Routes lists every page of the desk.
func (d *Desk) Routes(g *web.Gates) {
	on := g.At(web.Audience{Key: Key, For: For, Refusal: "这是企业的工作台，您的角色不能使用。"})
	on("GET /enterprise/{$}", authz.TodoRead, d.home)

	on("GET /enterprise/records", authz.CreditRead, d.records)
	on("GET /enterprise/records/new", authz.CreditPropose, d.proposePage)
	on("POST /enterprise/records/new", authz.CreditPropose, d.propose)
	on("GET /enterprise/records/{id}", authz.CreditRead, d.record)
	on("GET /enterprise/records/{id}/edit", authz.CreditPropose, d.editPage)
	on("POST /enterprise/records/{id}/edit", authz.CreditPropose, d.edit)
	on("GET /enterprise/records/{id}/files/{file}", authz.FileRead, d.recordFile)
	on("GET /enterprise/records/{id}/object", authz.CreditObject, d.pleaPage("object"))
	on("POST /enterprise/records/{id}/object", authz.CreditObject, d.pleaSent("object"))
	on("GET /enterprise/records/{id}/answer", authz.CreditAnswer, d.pleaPage("answer"))
	on("POST /enterprise/records/{id}/answer", authz.CreditAnswer, d.pleaSent("answer"))
	on("GET /enterprise/records/{id}/repair", authz.CreditApplyRepair, d.pleaPage("repair"))
	on("POST /enterprise/records/{id}/repair", authz.CreditApplyRepair, d.pleaSent("repair"))
	on("GET /enterprise/records/{id}/mend", authz.CreditAnswer, d.pleaPage("mend"))
	on("POST /enterprise/records/{id}/mend", authz.CreditAnswer, d.pleaSent("mend"))
	on("GET /enterprise/records/{id}/withdraw", authz.CreditWithdraw, d.pleaPage("withdraw"))
	on("POST /enterprise/records/{id}/withdraw", authz.CreditWithdraw, d.pleaSent("withdraw"))

	on("GET /enterprise/file", authz.RegistryRead, d.file)
	on("GET /enterprise/file/history", authz.RegistryRead, d.history)
	on("GET /enterprise/staff", authz.RegistryRead, d.staff)
	on("GET /enterprise/staff/new", authz.RegistryFile, d.staffPage)
	on("POST /enterprise/staff/new", authz.RegistryFile, d.addStaff)

	on("GET /enterprise/filings", authz.RegistryRead, d.filings)
	on("GET /enterprise/filings/new", authz.RegistryFile, d.filingNew)
	on("POST /enterprise/filings/new", authz.RegistryFile, d.filingAdd)
	on("GET /enterprise/filings/{id}", authz.RegistryRead, d.filing)
	on("GET /enterprise/filings/{id}/edit", authz.RegistryFile, d.filingEdit)
	on("POST /enterprise/filings/{id}/edit", authz.RegistryFile, d.filingSave)
	on("POST /enterprise/filings/{id}/withdraw", authz.RegistryFile, d.filingWithdraw)

	answers := reports.Desk{DB: d.DB, Files: d.Files, Registry: d.Registry, Reports: d.Reports, Key: Key, Lead: "本企业项目收到的诉求和12345工单"}
	on("GET /enterprise/reports", authz.ReportRead, answers.List)
	on("GET /enterprise/reports/{id}", authz.ReportRead, answers.Report)
	on("POST /enterprise/reports/{id}", authz.ReportAnswer, answers.Answer)
	on("GET /enterprise/reports/{id}/photos/{photo}", authz.ReportRead, answers.Photo)
	d.caseRoutes(on)
	d.listRoutes(on)
	on("GET /enterprise/surveys", authz.SurveyRead, d.surveys)
	d.inspectionRoutes(on)

	on("GET /enterprise/messages", authz.NotifyRead, d.messages)
	on("GET /enterprise/messages/{id}", authz.NotifyRead, d.message)
}

// pathID is the id in the address; what is no id isn't there.
func pathID(r *http.Request, name string) (db.ID, error) {
	id, err := db.ParseID(r.PathValue(name))
	if err != nil || id == 0 {
		return 0, fault.New(fault.NotFound, "page.none", "没有这个页面。请检查网址，或从首页重新查找。")
	}
	return id, nil
}

// A party is for whom the actor acts: a whole enterprise, or some of its projects.
type party struct {
	registry.Enterprise // as the public sees it
	Whole               bool
	Managed             []registry.Project // of a project manager
}

// party finds the actor's enterprise. Who works for several acts for the first
// here and signs in to the others by their own accounts.
func (d *Desk) party(ctx context.Context, tx *db.Tx, who authz.Actor) (p party, err error) {
	var uscc code.USCC
	for _, g := range who.Grants {
		switch {
		case g.Role == authz.Enterprise && g.Scope.Enterprise != "" && !p.Whole:
			uscc, p.Whole = g.Scope.Enterprise, true
		case g.Role == authz.ProjectManager:
			project, err := d.Registry.Project(ctx, tx, code.ProjectCode(g.Scope.Project))
			if err != nil {
				return p, err
			}
			if p.Managed = append(p.Managed, project); uscc == "" {
				uscc = project.Enterprise
			}
		}
	}
	if uscc == "" {
		return p, fault.New(fault.NotFound, "enterprise.none", "您负责的项目目前没有企业服务。")
	}
	p.Enterprise, err = d.Registry.Enterprise(ctx, tx, uscc)
	return p, err
}

// projectsMax bounds how many projects a form offers.
const projectsMax = 2000

// projects are those that the party may speak of, to choose from.
func (p party) projects(ctx context.Context, tx *db.Tx) ([]web.Option, error) {
	var out []web.Option
	if !p.Whole {
		for _, x := range p.Managed {
			out = append(out, web.Option{Value: string(x.Code), Text: x.Name})
		}
		return out, nil
	}
	q := registry.ListQuery{Enterprise: p.USCC, Sort: registry.ByName, Limit: 100}
	for len(out) < projectsMax {
		rows, next, err := registry.ListProjects(ctx, tx, q)
		if err != nil {
			return nil, err
		}
		for _, x := range rows {
			out = append(out, web.Option{Value: string(x.Code), Text: x.Name})
		}
		if q.After = next; next == "" {
			break
		}
	}
	return out, nil
}

// page is a page of this desk.
func page(title string) web.Page { return web.Page{Title: title, Desk: Key} }
