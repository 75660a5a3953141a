package app

import (
	"context"

	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/supervision"
)

// casesFound tells the lists what cases say of a period, and whose open case
// touches a red line.
func casesFound(ctx context.Context, tx *db.Tx, from, to day.Date, redLine []string) ([]listing.Cased, error) {
	found, err := supervision.FoundOf(ctx, tx, "", from, to)
	if err != nil {
		return nil, err
	}
	out := make([]listing.Cased, 0, len(found))
	for _, t := range found {
		out = append(out, listing.Cased{Enterprise: t.Enterprise, Project: t.Project, Found: t.Found, Open: t.Open})
	}
	open, err := supervision.OpenOf(ctx, tx, redLine)
	for _, t := range open {
		out = append(out, listing.Cased{Enterprise: t.Enterprise, Project: t.Project, RedLine: true})
	}
	return out, err
}
