// Package app is the roof: it opens the city, hands every service what it
// needs, lists the reactions to audit events, and serves the desks.
//
//	app.go        open a city: database, keys, services
//	reactions.go  what happens after an event, at least once
//	site.go       routes of all desks, the header's switch
//	serve.go      listen, ready, stop in order
//	floors_test.go  the house as a test
package app

import (
	"context"

	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/seal"
)

// A Config is how a city is opened; every field mirrors a flag.
type Config struct {
	DB     string        // sqlite:///path or postgres://…
	Keys   string        // key file; "" beside the SQLite file
	Files  string        // folder of uploaded files; "" beside the SQLite file
	City   code.Division // "2301"
	Name   string        // "哈尔滨市"
	Unsafe bool          // allow settings that may lose the last commits
}

// Harbin is the first city.
const (
	Harbin     code.Division = "2301"
	HarbinName               = "哈尔滨市"
)

// An App is an open city with its services.
type App struct {
	Config
	DB       *db.DB
	Keys     *seal.Keys
	Calendar *day.Calendar

	Registry    *registry.Service
	Evaluations *credit.Evaluations
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
	if cfg.Files, err = filesOf(d, cfg.Files); err != nil {
		return nil, err
	}
	a := &App{Config: cfg, DB: d, Keys: keys, Calendar: day.DefaultCalendar()}
	a.Registry = &registry.Service{DB: d, Keys: keys, Calendar: a.Calendar}
	a.Evaluations = &credit.Evaluations{DB: d, City: cfg.City}
	return a, d.Write(ctx, func(tx *db.Tx) error { return registry.EnsureDivisions(ctx, tx) })
}

// Close closes the database.
func (a *App) Close() error { return a.DB.Close() }
