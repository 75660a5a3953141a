// Package committee is the desk of owners' committees and property management
// committees (业委会、物管会): the residents' reports that the rulebook sends to
// them, and their answers; the cases about their estate, and whether what was
// mended is so. The pages of reports are those of package reports.
package committee

import (
	"context"
	"net/http"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/supervision"
	"juli/internal/web"
	"juli/internal/web/reports"
)

// Key names the desk in pages.
const Key = "committee"

// Home is the desk's first page.
const Home = "/committee/"

// Nav are the desk's pages.
var Nav = []web.Link{{Text: "待办", Href: Home}, {Text: "诉求", Href: "/committee/reports"}, {Text: "整改案件", Href: "/committee/cases"}}

// A Desk answers the committees' pages.
type Desk struct {
	DB       *db.DB
	Files    *blob.Store
	Registry *registry.Service
	Reports  *resident.Reports
	Cases    *supervision.Cases
}

// For says whether the desk is the actor's.
func For(who authz.Actor) bool { return who.Has(authz.Committee) }

// Routes lists every page of the desk.
func (d *Desk) Routes(g *web.Gates) {
	on := g.At(web.Audience{Key: Key, For: For, Refusal: "这是业委会（物管会）的工作台，您的角色不能使用。"})
	on("GET /committee/{$}", authz.TodoRead, d.home)
	d.caseRoutes(on)
	answers := reports.Desk{DB: d.DB, Files: d.Files, Registry: d.Registry, Reports: d.Reports, Key: Key, Lead: "派给业委会（物管会）办理的诉求", Office: authz.Committee}
	on("GET /committee/reports", authz.ReportRead, answers.List)
	on("GET /committee/reports/{id}", authz.ReportRead, answers.Report)
	on("POST /committee/reports/{id}", authz.ReportAnswer, answers.Answer)
	on("GET /committee/reports/{id}/photos/{photo}", authz.ReportRead, answers.Photo)
}

func page(title string) web.Page { return web.Page{Title: title, Desk: Key} }

// words are what a report waits for at this desk, by state.
var words = map[string]string{resident.Dispatched: "答复", resident.Reopened: "重新办理", resident.ReviewBack: "重新答复", resident.Supervised: "重新答复"}

var machines = []*casework.Machine{resident.Machine}

// home is what waits for the committee, the nearest deadline first.
func (d *Desk) home(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, web.ListSpec{Size: 50})
	if err != nil {
		return err
	}
	var todos []web.Todo
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := web.Paged(l, func(after string, limit int) ([]casework.Todo, string, error) {
			part, next, err := casework.Todos(ctx, tx, who, machines, casework.Filter{}, casework.ReadCursor(after), limit)
			return part, next.String(), err
		})
		if err != nil {
			return err
		}
		todos, err = lines(ctx, tx, list)
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "待办事项", web.TodoTable(todos))
	}
	p := page("待办")
	p.Lead = "派给业委会（物管会）的居民诉求，按期限排列"
	none := web.Nothing{Text: "没有等您办理的事项。", Act: web.Link{Text: "查看诉求", Href: "/committee/reports"}}
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.Todos(todos, none), web.Pager(l))))
}

func lines(ctx context.Context, tx *db.Tx, list []casework.Todo) (out []web.Todo, err error) {
	var projects []code.ProjectCode
	for _, t := range list {
		projects = append(projects, code.ProjectCode(t.Place.Project))
	}
	names, err := registry.ProjectNames(ctx, tx, projects)
	for _, t := range list {
		act := words[t.State]
		if act == "" {
			act = "查看"
		}
		out = append(out, web.Todo{
			Title: act + "：" + t.Title, Href: "/committee/reports/" + t.ID.String(), Act: act, Due: web.DueOf(t.Due, tx.Today()),
			Detail: names[code.ProjectCode(t.Place.Project)] + " · " + t.StateTitle(),
		})
	}
	return out, err
}
