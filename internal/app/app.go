// Package app is the roof: it opens the city, hands every service what it
// needs, lists the reactions to audit events, and serves the desks.
//
//	app.go        open a city: database, keys, services
//	reactions.go  what happens after an event, at least once
//	periodic.go   what returns by the clock
//	site.go       routes of all desks, the header's switch
//	serve.go      listen, stop in order
//	ready.go      ready or why not, room on the disk
//	watch.go      metrics and profiles, on a listener of their own
//	floors_test.go  the house as a test
package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"path/filepath"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/campaign"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/feed"
	"juli/internal/hook"
	"juli/internal/identity"
	"juli/internal/importing"
	"juli/internal/job"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/rulebook"
	"juli/internal/seal"
	"juli/internal/supervision"
	"juli/internal/survey"
	"juli/internal/volunteer"
	"juli/rulebooks"
)

// A Config is how a city is opened; every field mirrors a flag.
type Config struct {
	DB     string        // sqlite:///path or postgres://…
	Keys   string        // key file; "" beside the SQLite file
	Folder string        // folder of uploaded files; "" beside the SQLite file
	City   code.Division // "2301"
	Name   string        // "哈尔滨市"
	Secure bool          // reached by https
	Unsafe bool          // allow settings that may lose the last commits

	Drain   time.Duration  // between losing readiness and refusing connections
	Hosts   []string       // host names it answers to; none = any
	Proxies []netip.Prefix // whose X-Forwarded-For is believed

	Jurisdiction string // how Open311 clients call the city; "" hrb.gov.cn
}

// Harbin is the first city.
const Harbin code.Division = "2301"

// HarbinName is its name.
const HarbinName = "哈尔滨市"

// HarbinJurisdiction is how Open311 clients call it.
const HarbinJurisdiction = "hrb.gov.cn"

// An App is an open city with its services.
type App struct {
	Config
	DB       *db.DB
	Keys     *seal.Keys
	Calendar *day.Calendar

	Files       *blob.Store
	Identity    *identity.Service
	Registry    *registry.Service
	Rulebooks   *rulebook.Service
	Books       *credit.Books
	Records     *credit.Records
	Evaluations *credit.Evaluations
	Reports     *resident.Reports
	Deeds       *deed.Service
	Cases       *supervision.Cases
	Listing     *listing.Service
	Surveys     *survey.Service
	Volunteers  *volunteer.Service
	Importing   *importing.Service
	Campaigns   *campaign.Campaigns
	Feeds       *feed.Feeds
	Hooks       *hook.Service
	Jobs        *job.Runner

	// Admin, if set, is the listener of metrics and profiles (OBS-1).
	Admin net.Listener
	// TLS, if set, makes Serve speak https itself.
	TLS *tls.Config

	disk  *disk
	watch *watch
	gate  *gate
}

// Open opens the city's database, brings its schema up to date and wires the services.
func Open(ctx context.Context, cfg Config) (*App, error) {
	var opts []db.Option
	if cfg.Unsafe {
		opts = append(opts, db.Unsafe())
	}
	d, err := db.Open(ctx, cfg.DB, opts...)
	if err != nil {
		return nil, err
	}
	a, err := wire(ctx, cfg, d)
	if err != nil {
		d.Close()
		return nil, err
	}
	return a, nil
}

func wire(ctx context.Context, cfg Config, d *db.DB) (*App, error) {
	if cfg.City == "" {
		cfg.City, cfg.Name = Harbin, HarbinName
	}
	if cfg.Jurisdiction == "" {
		cfg.Jurisdiction = HarbinJurisdiction
	}
	if err := d.Migrate(ctx); err != nil {
		return nil, err
	}
	path, err := seal.Path(d, cfg.Keys)
	if err != nil {
		return nil, err
	}
	keys, err := seal.Load(ctx, d, path)
	if err != nil {
		return nil, err
	}
	if cfg.Folder, err = filesOf(d, cfg.Folder); err != nil {
		return nil, err
	}
	a := &App{Config: cfg, DB: d, Keys: keys, Calendar: day.DefaultCalendar()}
	if a.Files, err = blob.At(cfg.Folder); err != nil {
		return nil, err
	}
	a.disk = &disk{paths: []string{cfg.Folder}}
	if d.Path() != "" {
		a.disk.paths = append(a.disk.paths, filepath.Dir(d.Path()))
	}
	a.watch, a.gate = newWatch(a), new(gate)
	a.services(d)
	a.Jobs = job.NewRunner(d)
	a.handlers()
	return a, d.Write(ctx, func(tx *db.Tx) error { return a.furnish(ctx, tx) })
}

// services makes the services over a view of the database.
func (a *App) services(d *db.DB) {
	a.DB = d
	a.Identity = identity.New(d, a.Keys)
	a.Identity.OnHandover = casework.HandOver
	a.Registry = &registry.Service{DB: d, Keys: a.Keys, Calendar: a.Calendar}
	a.Identity.Registered = a.Registry.Firm
	a.Rulebooks = &rulebook.Service{DB: d, Kinds: Kinds()}
	a.Books = &credit.Books{City: a.City}
	a.Records = &credit.Records{DB: d, Calendar: a.Calendar, Books: a.Books.InForce}
	a.Evaluations = &credit.Evaluations{DB: d, City: a.City, Books: a.Books, Actor: a.Identity.ActorOf}
	a.Deeds = &deed.Service{DB: d, Keys: a.Keys, Calendar: a.Calendar, Books: &deed.Books{City: a.City}}
	a.Listing = &listing.Service{
		DB: d, City: a.City, Calendar: a.Calendar, Books: &listing.Books{City: a.City}, Evaluations: a.Evaluations, Records: a.Records, Cases: casesFound, Inspections: inspected,
	}
	a.Cases = &supervision.Cases{DB: d, Calendar: a.Calendar, Books: &supervision.Books{City: a.City}, Records: a.Records}
	a.Surveys = &survey.Service{DB: d, Keys: a.Keys, Calendar: a.Calendar, Books: &survey.Books{City: a.City}, Registry: a.Registry, Evaluations: a.Evaluations}
	a.Volunteers = &volunteer.Service{DB: d, Keys: a.Keys, Calendar: a.Calendar, Books: &volunteer.Books{City: a.City}}
	a.Reports = &resident.Reports{
		DB: d, Keys: a.Keys, City: a.City, Calendar: a.Calendar, Books: &resident.Books{City: a.City}, Registry: a.Registry, Files: a.Files, Evaluations: a.Evaluations, Cases: a.Cases,
	}
	a.Campaigns = &campaign.Campaigns{
		DB: d, City: a.City, Calendar: a.Calendar, Books: &campaign.Books{City: a.City}, CreditBooks: a.Books, Evaluations: a.Evaluations, Cases: a.Cases,
	}
	a.Feeds = &feed.Feeds{City: a.City, Reports: a.Reports, Cases: a.Cases, Listing: a.Listing, Campaigns: a.Campaigns, Volunteers: a.Volunteers}
	a.Hooks = a.hooks(d)
	a.Importing = &importing.Service{DB: d, Registry: a.Registry, Records: a.Records, Ledger: a.Deeds, Reports: a.Reports, Files: a.Files, Actor: a.Identity.ActorOf}
}

// On is the same city on another calendar: the simulated days of a demo.
func (a *App) On(d *db.DB) *App {
	c := *a
	c.services(d)
	c.Identity = a.Identity.On(d)
	return &c
}

// furnish puts into a new database what the program ships: divisions and
// rulebooks; and sets the routes of the outbox.
func (a *App) furnish(ctx context.Context, tx *db.Tx) error {
	if err := registry.EnsureDivisions(ctx, tx); err != nil {
		return err
	}
	names, err := fs.Glob(rulebooks.Files, "*/*.yaml")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := rulebooks.Files.ReadFile(name)
		if err != nil {
			return err
		}
		if _, err := a.Rulebooks.InstallIn(ctx, tx, authz.System("install"), text); err != nil {
			return fmt.Errorf("install %s: %w", name, err)
		}
	}
	if err := audit.SetRoutes(ctx, tx, routes()); err != nil {
		return err
	}
	return catchUp(ctx, tx)
}

// Close closes files and database.
func (a *App) Close() error { return errors.Join(a.Files.Close(), a.DB.Close()) }
