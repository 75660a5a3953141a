// Package bureau is the desk of the officials: city, district, subdistrict and
// community, and of the association. What they may do is asked by the services;
// the desk shows what waits, by when, and one form for each act.
//
//	desk.go       routes, who may come in
//	todo.go       home: what waits, by statutory deadline
//	records.go    credit records: the list, approval of many at once
//	entry.go      entering a record, draft or proposal
//	record.go     one record: facts, steps, evidence, acts
//	act.go        the acts on a record
//	evaluate.go   runs of the evaluation
//	publish.go    publication with a second person
//	simulate.go   a draft rulebook over recorded history
//	filings.go    what enterprises filed, against the register
//	imports.go    files of enterprises, projects, staff and past records
//	import_columns.go  which of a file's columns is which
//	register.go   enterprises and projects: lists
//	register_page.go  one of them with what is not public
//	rulebooks.go  upload, compare, comment, adopt
//	overview.go   the cockpit
//	messages.go   the inbox
package bureau

import (
	"net/http"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/importing"
	"juli/internal/registry"
	"juli/internal/rulebook"
	"juli/internal/web"
)

// Key names the desk in pages.
const Key = "bureau"

// Home is the desk's first page.
const Home = "/bureau/"

// Nav are the desk's pages.
var Nav = []web.Link{
	{Text: "待办", Href: Home},
	{Text: "信用信息", Href: "/bureau/records"},
	{Text: "评价", Href: "/bureau/evaluations"},
	{Text: "登记", Href: "/bureau/filings"},
	{Text: "规则", Href: "/bureau/rulebooks"},
	{Text: "概况", Href: "/bureau/overview"},
	{Text: "消息", Href: "/bureau/messages"},
}

// machines are the procedures whose cases wait at this desk.
var machines = []*casework.Machine{credit.RecordMachine, registry.FilingMachine}

// A Desk answers the officials' pages.
type Desk struct {
	DB          *db.DB
	City        code.Division
	CityName    string
	Files       *blob.Store
	Registry    *registry.Service
	Rulebooks   *rulebook.Service
	Books       *credit.Books
	Records     *credit.Records
	Evaluations *credit.Evaluations
	Importing   *importing.Service
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

// inside lets only the desk's own people in.
func inside(h web.Handler) web.Handler {
	return web.SignedInOnly(func(w http.ResponseWriter, r *http.Request) error {
		if !For(web.Actor(r)) {
			return fault.New(fault.Forbidden, "authz.denied", "这是主管部门的工作台，您的角色不能使用。")
		}
		return h(w, r)
	})
}

// Routes lists every page of the desk.
func (d *Desk) Routes(mux *http.ServeMux) {
	on := func(pattern string, h web.Handler) { mux.Handle(pattern, inside(h)) }
	on("GET /bureau/{$}", d.todos)

	on("GET /bureau/records", d.records)
	on("GET /bureau/records/many", d.many)
	on("POST /bureau/records/many", d.decideMany)
	on("GET /bureau/records/new", d.newRecord)
	on("POST /bureau/records/new", d.addRecord)
	on("GET /bureau/records/{id}", d.record)
	on("POST /bureau/records/{id}", d.actOnRecord)
	on("GET /bureau/records/{id}/edit", d.editRecord)
	on("POST /bureau/records/{id}/edit", d.saveRecord)
	on("GET /bureau/records/{id}/files/{file}", d.recordFile)

	on("GET /bureau/evaluations", d.evaluations)
	on("POST /bureau/evaluations", d.evaluate)
	on("GET /bureau/evaluations/{id}", d.evaluation)
	on("POST /bureau/evaluations/{id}/propose", d.proposePublication)
	on("GET /bureau/evaluations/{id}/{uscc}", d.explained)
	on("POST /bureau/publications/{id}", d.decidePublication)
	on("GET /bureau/evaluation-runs/{id}", d.evaluationRun)
	on("POST /bureau/evaluation-runs/{id}/stop", d.stopEvaluation)

	on("GET /bureau/simulate", d.simulation)
	on("POST /bureau/simulate", d.simulate)

	on("GET /bureau/filings", d.filings)
	on("GET /bureau/filings/{id}", d.filing)
	on("POST /bureau/filings/{id}", d.decideFiling)
	on("GET /bureau/enterprises", d.enterprises)
	on("GET /bureau/enterprises/{uscc}", d.enterprise)
	on("POST /bureau/enterprises/{uscc}", d.unmask)
	on("GET /bureau/projects", d.projects)
	on("GET /bureau/projects/{code}", d.project)

	on("GET /bureau/rulebooks", d.rulebooks)
	on("POST /bureau/rulebooks", d.uploadRulebook)
	on("GET /bureau/rulebooks/{id}", d.rulebook)
	on("POST /bureau/rulebooks/{id}", d.moveRulebook)
	on("GET /bureau/rulebooks/{id}/compare", d.compareRulebooks)

	on("GET /bureau/import", d.importPage)
	on("POST /bureau/import", d.importSent)
	on("GET /bureau/import-templates/{kind}", d.importTemplate)
	on("GET /bureau/exports/{file}", d.exportFile)
	on("GET /bureau/import/{id}", d.importRun)
	on("GET /bureau/import/{id}/columns", d.importColumns)
	on("POST /bureau/import/{id}/columns", d.importColumnsSent)
	on("GET /bureau/import/{id}/annotated", d.importAnnotated)

	on("GET /bureau/overview", d.overview)
	on("GET /bureau/messages", d.messages)
	on("GET /bureau/messages/{id}", d.message)
}

// pathID is the id in the address; what is no id isn't there.
func pathID(r *http.Request, name string) (db.ID, error) {
	id, err := db.ParseID(r.PathValue(name))
	if err != nil || id == 0 {
		return 0, fault.New(fault.NotFound, "page.none", "没有这个页面。请检查网址，或从首页重新查找。")
	}
	return id, nil
}
