// Package bureau is the desk of the officials: city, district, subdistrict and
// community, and of the association. What they may do is asked by the services;
// the desk shows what waits, by when, and one form for each act.
//
//	desk.go       routes, who may come in
//	todo.go       home: what waits, by statutory deadline
//	todo_second.go  what another proposed and this person may decide
//	records.go    credit records: the list, approval of many at once
//	entry.go      entering a record, draft or proposal
//	entry_read.go  what was entered, and whether it lies in the area
//	entry_save.go  keeping it
//	record.go     one record: facts, steps, evidence, acts
//	act.go        the acts on a record
//	evaluate.go   runs of the evaluation
//	publish.go    publication with a second person
//	simulate.go   a draft rulebook over recorded history
//	cases.go      cases of supervision: the list, registering a fault
//	case.go       one case; case_act.go the acts on it; case_measure.go measures
//	lists.go      red and black lists: batches, a new one
//	lists_batch.go  one batch with its entries
//	lists_parts.go  its steps, entries with denominators, balance of the districts
//	lists_act.go  acts on a batch, publication by a second person
//	lists_candidates.go  candidates, nominations
//	lists_entry.go  one entry: evidence, replies
//	lists_entry_act.go  review, decisions, correction
//	lists_follow.go  what repeated listing calls for
//	filings.go    what enterprises filed, against the register
//	campaigns.go  campaigns: the list; campaign.go one of them; campaign_act.go draft and acts
//	inspections.go  inspections: the list, one; inspection_page.go shows it; inspection_act.go acts, photos
//	visit.go      the record that an inspector takes on the spot
//	imports.go    files of enterprises, projects, staff and past records
//	import_columns.go  which of a file's columns is which
//	register.go   enterprises and projects: lists
//	register_page.go  one of them with what is not public
//	surveys.go    surveys: the list, planning
//	survey_page.go  one survey: how it stands, what may be done
//	survey_paper.go  slips, paper answers, their second reading
//	volunteers.go, volunteer.go  the roster, one of it
//	volunteer_calls.go, volunteer_call.go  calls; sign-ups, attendance, hours
//	rulebooks.go  upload, compare, comment, adopt
//	overview.go   the cockpit
//	messages.go   the inbox
//	reports.go    residents' reports: the list; report.go one of them
//	report_rates.go  response, solution and satisfaction in the own area
//	report_act.go   sign, dispatch, answer, review, merge
//	report_more.go  what the public may read, call-backs, telephones
//	deeds.go      practical deeds: the ledger and a new one
//	deed.go       one deed: what it is, its acts
//	deed_act.go   taking an act on a deed
//	deed_call.go  those served: list, calls, sheet
//	deed_month.go  the districts' months
//	deed_programme.go  programmes with their budgets
package bureau

import (
	"net/http"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/campaign"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/fault"
	"juli/internal/importing"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/rulebook"
	"juli/internal/supervision"
	"juli/internal/survey"
	"juli/internal/volunteer"
	"juli/internal/web"
)

// Key names the desk in pages.
const Key = "bureau"

// Home is the desk's first page.
const Home = "/bureau/"

// Nav are the desk's pages.
var Nav = []web.Link{
	{Text: "待办", Href: Home},
	{Text: "消息", Href: "/bureau/messages"},
	{Text: "诉求", Href: "/bureau/reports"},
	{Text: "整改", Href: "/bureau/cases"},
	{Text: "检查", Href: "/bureau/campaigns"},
	{Text: "红黑榜", Href: "/bureau/lists"},
	{Text: "信用信息", Href: "/bureau/records"},
	{Text: "概况", Href: "/bureau/overview"},
	{Text: "信用评价", Href: "/bureau/evaluations"},
	{Text: "登记备案", Href: "/bureau/filings"},
	{Text: "满意度调查", Href: "/bureau/surveys"},
	{Text: "志愿服务", Href: "/bureau/volunteer-calls"},
	{Text: "办实事", Href: "/bureau/deeds"},
	{Text: "规则", Href: "/bureau/rulebooks"},
}

// works are the procedures whose cases wait at this desk.
var works = []work{recordWork, annulWork, mendWork, filingWork, pastWork, caseWork, measureWork, surveyWork, volunteerWork, callWork, reportWork, campaignWork, inspectionWork, deedWork, deedMonthWork, batchWork, listEntryWork, followWork}

// A Desk answers the officials' pages.
type Desk struct {
	DB          *db.DB
	City        code.Division
	CityName    string
	Files       *blob.Store
	Registry    *registry.Service
	Rulebooks   *rulebook.Service
	Listing     *listing.Service
	Books       *credit.Books
	Records     *credit.Records
	Evaluations *credit.Evaluations
	Deeds       *deed.Service
	Cases       *supervision.Cases
	Surveys     *survey.Service
	Volunteers  *volunteer.Service
	Importing   *importing.Service
	Reports     *resident.Reports
	Campaigns   *campaign.Campaigns
	Published   func() // drops the public pages that are kept drawn
}

// For says whether the desk is the actor's: officials and the association.
func For(who authz.Actor) bool { return area(who) != "" }

// area is the widest division that the actor looks after at this desk.
func area(who authz.Actor) code.Division {
	var at code.Division
	for _, g := range who.Grants {
		d := g.Scope.Division
		if (g.Role.Official() && !g.Role.Admin() || g.Role == authz.Association) && d != "" && (at == "" || len(d) < len(at)) {
			at = d
		}
	}
	return at
}

// Routes lists every page of the desk.
func (d *Desk) Routes(g *web.Gates) {
	on := g.At(web.Audience{Key: Key, For: For, Refusal: "这是主管部门的工作台，您的角色不能使用。"})
	on("GET /bureau/{$}", authz.TodoRead, d.todos)

	on("GET /bureau/records", authz.CreditRead, d.records)
	on("GET /bureau/records/many", authz.CreditRead, d.many)
	on("POST /bureau/records/many", authz.CreditRead, d.decideMany)
	on("GET /bureau/records/new", authz.CreditPropose, d.newRecord)
	on("POST /bureau/records/new", authz.CreditPropose, d.addRecord)
	on("GET /bureau/records/{id}", authz.CreditRead, d.record)
	on("POST /bureau/records/{id}", authz.CreditRead, d.actOnRecord)
	on("GET /bureau/records/{id}/edit", authz.CreditPropose, d.editRecord)
	on("POST /bureau/records/{id}/edit", authz.CreditPropose, d.saveRecord)
	on("GET /bureau/records/{id}/files/{file}", authz.FileRead, d.recordFile)

	on("GET /bureau/evaluations", authz.CreditRead, d.evaluations)
	on("POST /bureau/evaluations", authz.CreditEvaluate, d.evaluate)
	on("GET /bureau/evaluations/{id}", authz.CreditRead, d.evaluation)
	on("POST /bureau/evaluations/{id}/propose", authz.CreditPublishPropose, d.proposePublication)
	on("GET /bureau/evaluations/{id}/{uscc}", authz.CreditRead, d.explained)
	on("POST /bureau/publications/{id}", authz.CreditPublishApprove, d.decidePublication)
	on("GET /bureau/evaluation-runs/{id}", authz.JobOwn, d.evaluationRun)
	on("POST /bureau/evaluation-runs/{id}/stop", authz.JobOwn, d.stopEvaluation)

	on("GET /bureau/simulate", authz.CreditSimulate, d.simulation)
	on("POST /bureau/simulate", authz.CreditSimulate, d.simulate)

	on("GET /bureau/filings", authz.RegistryRead, d.filings)
	on("GET /bureau/filings/{id}", authz.RegistryRead, d.filing)
	on("POST /bureau/filings/{id}", authz.RegistryCheck, d.decideFiling)
	on("GET /bureau/enterprises", authz.RegistryRead, d.enterprises)
	on("GET /bureau/enterprises/{uscc}", authz.RegistryRead, d.enterprise)
	on("POST /bureau/enterprises/{uscc}", authz.DataUnmask, d.unmask)
	on("GET /bureau/projects", authz.RegistryRead, d.projects)
	on("GET /bureau/projects/{code}", authz.RegistryRead, d.project)

	on("GET /bureau/rulebooks", authz.RulebookRead, d.rulebooks)
	on("POST /bureau/rulebooks", authz.RulebookUpload, d.uploadRulebook)
	on("GET /bureau/rulebooks/{id}", authz.RulebookRead, d.rulebook)
	on("POST /bureau/rulebooks/{id}", authz.RulebookRead, d.moveRulebook)
	on("GET /bureau/rulebooks/{id}/compare", authz.RulebookRead, d.compareRulebooks)

	on("GET /bureau/import", authz.RegistryImport, d.importPage)
	on("POST /bureau/import", authz.RegistryImport, d.importSent)
	on("GET /bureau/import-templates/{kind}", authz.RegistryImport, d.importTemplate)
	on("GET /bureau/exports/{file}", authz.RegistryExport, d.exportFile)
	on("GET /bureau/import/{id}", authz.JobOwn, d.importRun)
	on("POST /bureau/import/{id}", authz.JobOwn, d.importChecked)
	on("POST /bureau/import/{id}/second", authz.CreditImport, d.importSecond)
	on("GET /bureau/import/{id}/columns", authz.JobOwn, d.importColumns)
	on("POST /bureau/import/{id}/columns", authz.JobOwn, d.importColumnsSent)
	on("GET /bureau/import/{id}/annotated", authz.JobOwn, d.importAnnotated)

	d.reportRoutes(on)
	d.deedRoutes(on)
	d.caseRoutes(on)
	d.listRoutes(on)
	d.surveyRoutes(on)
	d.volunteerRoutes(on)
	d.campaignRoutes(on)

	on("GET /bureau/overview", authz.OverviewRead, d.overview)
	on("GET /bureau/messages", authz.NotifyRead, d.messages)
	on("GET /bureau/messages/{id}", authz.NotifyRead, d.message)
}

// pathID is the id in the address; what is no id isn't there.
func pathID(r *http.Request, name string) (db.ID, error) {
	id, err := db.ParseID(r.PathValue(name))
	if err != nil || id == 0 {
		return 0, fault.New(fault.NotFound, "page.none", "没有这个页面。请检查网址，或从首页重新查找。")
	}
	return id, nil
}
