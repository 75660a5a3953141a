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
//	surveys.go     published surveys and how they were drawn
//	answer.go      the page on which a home answers
//	volunteers.go  calls and totals of volunteers
//	volunteer_forms.go  joining, signing up, leaving, confirming
//	rules.go       rulebooks in force and in draft
//	comment.go     comments on a draft that is out for them
//	duties.go      the duty matrix
//	campaigns.go   campaigns with their draws and results
//	lists.go       red and black lists, their entries
//	lists_entry.go one entry, the reply beside it
//	opendata.go    the register and the results as files
//	log.go         the public log of official acts, and proofs
//	deeds.go       practical deeds: list, one, programmes, confirmation by code
//	search.go      one search over the city
//	feeds.go       how to subscribe; feeds_file.go the feeds and calendars
//	resident.go    reporting: where and what; resident_send.go the forms behind it
//	resident_follow.go  following and rating one's own report
//	resident_list.go    what everybody may see of reports
//	resident_confirm.go the code by SMS; resident_find.go a new link
//	resident_rates.go   the rates with what they were counted from
//	open311.go     how other systems connect, with examples
package public

import (
	"context"
	"net/http"
	"slices"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/campaign"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/feed"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/rulebook"
	"juli/internal/supervision"
	"juli/internal/survey"
	"juli/internal/volunteer"
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
	Cases       *supervision.Cases
	Rulebooks   *rulebook.Service
	Listing     *listing.Service
	Surveys     *survey.Service
	Volunteers  *volunteer.Service
	Reports     *resident.Reports
	Files       *blob.Store
	Texting     func() bool // whether short messages can be sent
	Demo        func() bool // whether this is a demonstration
	Campaigns   *campaign.Campaigns
	Deeds       *deed.Service
	Cache       *web.Cache
	Feeds       *feed.Feeds
	changed     changes
	// Jurisdiction is what Open311 clients call the city.
	Jurisdiction string
	Base         string // address of the platform; "" as the visitor calls it
}

// Routes lists every page of the desk.
func (d *Desk) Routes(g *web.Gates) {
	page := func(pattern string, act authz.Act, h web.Handler) { g.On(pattern, act, d.Cache.Page(h)) }
	page("GET /{$}", authz.SiteUse, d.home)
	page("GET /enterprises", authz.RegistryPublic, d.enterprises)
	page("GET /enterprises/{uscc}", authz.CreditPublic, d.enterprise)
	page("GET /records/{id}", authz.CreditPublic, d.record)
	page("GET /cases", authz.SupervisionPublic, d.cases)
	page("GET /cases/{id}", authz.SupervisionPublic, d.publicCase)
	g.On("GET /enterprises/{uscc}/report", authz.CreditReport, web.Handler(d.report))
	page("GET /projects", authz.RegistryPublic, d.projects)
	page("GET /projects/{code}", authz.RegistryPublic, d.project)
	page("GET /lists", authz.ListPublic, d.lists)
	page("GET /lists/{id}", authz.ListPublic, d.listBatch)
	page("GET /lists/entries", authz.ListPublic, d.listEntries)
	page("GET /lists/entries/{id}", authz.ListPublic, d.listEntry)
	page("GET /league", authz.CreditPublic, d.league)
	page("GET /rulebooks", authz.RulebookRead, d.rulebooks)
	page("GET /rulebooks/{digest}", authz.RulebookRead, d.rulebook)
	g.On("POST /rulebooks/{digest}/comments", authz.RulebookComment, web.Handler(d.comment))
	d.surveyRoutes(g)
	d.volunteerRoutes(g)
	d.deedRoutes(g, page)
	page("GET /duties", authz.DutiesRead, d.duties)
	page("GET /duties/matrix", authz.DutiesRead, d.matrix)
	page("GET /campaigns", authz.CampaignPublic, d.campaigns)
	page("GET /campaigns/{id}", authz.CampaignPublic, d.campaign)
	g.On("GET /campaigns/{id}/draw.json", authz.CampaignPublic, web.Handler(d.campaignDraw))
	page("GET /open-data", authz.RegistryPublic, d.openData)
	g.On("GET /open-data/{file}", authz.RegistryPublic, web.Handler(d.openFile))
	page("GET /help", authz.SiteUse, d.help)
	page("GET /accessibility", authz.SiteUse, d.accessibility)
	page("GET /log", authz.LogRead, d.log)
	page("GET /log/entries/{number}", authz.LogRead, d.logEntry)
	g.On("GET /log/entries/{number}/proof", authz.LogRead, web.Handler(d.logProof))
	g.On("GET /log/checkpoint", authz.LogRead, web.Handler(d.logCheckpoint))
	g.On("GET /log/key", authz.LogRead, web.Handler(d.logKey))
	g.On("GET /log/tile/{path...}", authz.LogRead, web.Handler(d.logTile))
	d.reportRoutes(g)
	d.feedRoutes(g)
	g.On("GET /search", authz.RegistryPublic, web.Handler(d.search))
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
func districtOptions(ctx context.Context, tx *db.Tx, r *http.Request) ([]web.Option, error) {
	list, err := registry.Districts(ctx, tx, tx.Today())
	if err != nil {
		return nil, err
	}
	options := make([]web.Option, len(list))
	for i, x := range list {
		options[i] = web.Option{Value: string(x.Code), Text: x.Name}
	}
	at, err := code.ParseDivision(r.URL.Query().Get("district"))
	if err != nil || at.Level() <= code.District {
		return options, nil
	}
	names, err := registry.DivisionNames(ctx, tx, slices.Values([]code.Division{at}))
	if names[at] != "" { // a street or a community, to which a figure of its own led
		options = append(options, web.Option{Value: string(at), Text: names[at]})
	}
	return options, err
}

func choices(list []registry.Choice) []web.Option {
	options := make([]web.Option, len(list))
	for i, c := range list {
		options[i] = web.Option{Value: c.Code, Text: c.Title}
	}
	return options
}
