// Package public is the desk that everybody may read without an account: the
// register, the results and why, the rules and their drafts, who answers for
// what, and the data itself.
//
//	desk.go        routes
//	home.go        the front page
//	register.go    enterprises and projects: lists and pages
//	why.go         a result line by line
//	record.go      one record that took effect, without persons
//	report.go      the credit report, to be printed
//	league.go      the table of results, with its denominators
//	rules.go       rulebooks in force and in draft
//	comment.go     comments on a draft that is out for them
//	duties.go      the duty matrix
//	opendata.go    the register and the results as files
//	log.go         the public log of official acts, and proofs
//	search.go      one search over the city
package public

import (
	"context"
	"net/http"

	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/rulebook"
	"juli/internal/web"
)

// A Desk answers the public pages.
type Desk struct {
	DB          *db.DB
	City        code.Division
	CityName    string
	Registry    *registry.Service
	Evaluations *credit.Evaluations
	Books       *credit.Books
	Records     *credit.Records
	Rulebooks   *rulebook.Service
	Cache       *web.Cache
}

// Routes lists every page of the desk.
func (d *Desk) Routes(mux *http.ServeMux) {
	page := func(pattern string, h web.Handler) { mux.Handle(pattern, d.Cache.Page(h)) }
	page("GET /{$}", d.home)
	page("GET /enterprises", d.enterprises)
	page("GET /enterprises/{uscc}", d.enterprise)
	page("GET /records/{id}", d.record)
	mux.Handle("GET /enterprises/{uscc}/report", web.Handler(d.report))
	page("GET /projects", d.projects)
	page("GET /projects/{code}", d.project)
	page("GET /league", d.league)
	page("GET /rulebooks", d.rulebooks)
	page("GET /rulebooks/{digest}", d.rulebook)
	mux.Handle("POST /rulebooks/{digest}/comments", web.SignedInOnly(d.comment))
	page("GET /duties", d.duties)
	page("GET /open-data", d.openData)
	page("GET /accessibility", d.accessibility)
	mux.Handle("GET /open-data/{file}", web.Handler(d.openFile))
	page("GET /log", d.log)
	page("GET /log/entries/{number}", d.logEntry)
	mux.Handle("GET /log/entries/{number}/proof", web.Handler(d.logProof))
	mux.Handle("GET /log/checkpoint", web.Handler(d.logCheckpoint))
	mux.Handle("GET /log/key", web.Handler(d.logKey))
	mux.Handle("GET /log/tile/{path...}", web.Handler(d.logTile))
	mux.Handle("GET /search", web.Handler(d.search))
}

// published is the newest published result; ok is false before the first.
func (d *Desk) published(ctx context.Context, tx *db.Tx) (p credit.Release, ok bool, err error) {
	cycles, err := d.Evaluations.Cycles(ctx, tx)
	if err != nil || len(cycles) == 0 {
		return p, false, err
	}
	return cycles[0], true, nil
}

// districtOptions are the districts and counties, to filter by.
func districtOptions(ctx context.Context, tx *db.Tx, on day.Date) ([]web.Option, error) {
	list, err := registry.Districts(ctx, tx, on)
	if err != nil {
		return nil, err
	}
	options := make([]web.Option, len(list))
	for i, x := range list {
		options[i] = web.Option{Value: string(x.Code), Text: x.Name}
	}
	return options, nil
}

func choices(list []registry.Choice) []web.Option {
	options := make([]web.Option, len(list))
	for i, c := range list {
		options[i] = web.Option{Value: c.Code, Text: c.Title}
	}
	return options
}
