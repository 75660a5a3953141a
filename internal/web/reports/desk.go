// Package reports holds the pages of residents' reports at the desks of those who
// answer them: enterprises, and committees where the rulebook sends reports there.
//
//	desk.go    what differs between the desks; they name the routes
//	list.go    the list
//	report.go  one report as its office sees it
//	answer.go  the answer, or giving it back
package reports

import (
	"net/http"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/web"
)

// A Desk answers the pages of reports of one desk.
type Desk struct {
	DB       *db.DB
	Files    *blob.Store
	Registry *registry.Service
	Reports  *resident.Reports

	Key    string     // of the desk; its pages stand below it
	Lead   string     // of the list: whose reports these are
	Office authz.Role // only what was sent to this office; "" all of the own projects
}

func (d *Desk) path() string { return "/" + d.Key + "/reports" }

func (d *Desk) at(id db.ID) string { return d.path() + "/" + id.String() }

func (d *Desk) page(title string) web.Page { return web.Page{Title: title, Desk: d.Key} }

// pathID is the id in the address; what is no id isn't there.
func pathID(r *http.Request, name string) (db.ID, error) {
	id, err := db.ParseID(r.PathValue(name))
	if err != nil || id == 0 {
		return 0, fault.New(fault.NotFound, "page.none", "没有这个页面。请检查网址，或从首页重新查找。")
	}
	return id, nil
}
