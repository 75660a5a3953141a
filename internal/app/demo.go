package app

import (
	"context"

	"juli/internal/city"
	"juli/internal/db"
)

// BuildDemo fills the empty city with a synthetic one and keeps its accounts.
func (a *App) BuildDemo(ctx context.Context, opt city.Options) ([]city.Account, error) {
	list, err := city.Build(ctx, a.DB, func(d *db.DB) city.Services {
		b := a.On(d)
		return city.Services{DB: d, City: a.City, Identity: b.Identity, Registry: b.Registry, Books: b.Books, Records: b.Records, Evaluations: b.Evaluations, Cases: b.Cases, Surveys: b.Surveys, Volunteers: b.Volunteers, Files: a.Files, Reports: b.Reports, Settle: b.Settle, Campaigns: b.Campaigns, Deeds: b.Deeds, Listing: b.Listing, Hooks: b.Hooks}
	}, opt)
	if err != nil {
		return nil, err
	}
	return list, city.SaveAccounts(a.Config.DB, list)
}
