package app

import (
	"context"
	"encoding/json"
	"fmt"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/campaign"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/supervision"
	"juli/internal/tlog"
)

// exposuresMax is how many exposures of a period a batch looks at.
const exposuresMax = 10_000

// casesFound tells the lists what cases say of a period, and whose open case
// touches a red line.
func casesFound(ctx context.Context, tx *db.Tx, from, to day.Date, redLine []string) ([]listing.Cased, error) {
	found, err := supervision.FoundOf(ctx, tx, "", from, to)
	if err != nil {
		return nil, err
	}
	out := make([]listing.Cased, 0, len(found))
	for _, t := range found {
		out = append(out, listing.Cased{Enterprise: t.Enterprise, Project: t.Project, Found: t.Found, Open: t.Open, Late: t.Late})
	}
	exposed, err := supervision.Exposures(ctx, tx, "", from, exposuresMax)
	if err != nil {
		return nil, err
	}
	for _, m := range exposed {
		if m.Decided <= to {
			out = append(out, listing.Cased{Enterprise: m.Enterprise, Project: m.Project, Exposed: 1})
		}
	}
	open, err := supervision.OpenOf(ctx, tx, redLine)
	for _, t := range open {
		out = append(out, listing.Cased{Enterprise: t.Enterprise, Project: t.Project, RedLine: true})
	}
	return out, err
}

// describeBatch tells the public log of a published batch, as it was at the act.
func (a *App) describeBatch(ctx context.Context, tx *db.Tx, e audit.Event, act *tlog.Act) error {
	id, err := idOf(e.Object)
	if err != nil {
		return err
	}
	var said struct {
		Number, Digest string
		Red, Black     int64
	}
	if err := json.Unmarshal(e.Detail, &said); err != nil {
		return err
	}
	b, err := a.Listing.Batch(ctx, tx, authz.System("publiclog"), id)
	if err != nil {
		return err
	}
	act.Number, act.Digest, act.Href = said.Number, said.Digest, "/lists/"+id.String()
	act.Text = fmt.Sprintf("%s，红榜 %d 条，黑榜 %d 条", b.Title, said.Red, said.Black)
	return nil
}

// describeEntry tells of an entry that no longer stands on a list, and of the
// publication that had put it there.
func (a *App) describeEntry(ctx context.Context, tx *db.Tx, e audit.Event, act *tlog.Act) error {
	id, err := idOf(e.Object)
	if err != nil {
		return err
	}
	x, err := a.Listing.PublicEntry(ctx, tx, id)
	if err != nil {
		return err
	}
	b, err := a.Listing.Batch(ctx, tx, authz.System("publiclog"), x.Batch)
	if err != nil {
		return err
	}
	act.Number, act.Digest, act.Href = b.Number, b.Digest, "/lists/entries/"+id.String()
	act.Text = fmt.Sprintf("%s：%s %s", b.Title, x.Side.Title(), x.Name)
	return nil
}

// inspected tells the lists what settled inspections of a period say.
func inspected(ctx context.Context, tx *db.Tx, from, to day.Date) ([]listing.Inspected, error) {
	scores, err := campaign.ScoresOf(ctx, tx, from, to)
	out := make([]listing.Inspected, 0, len(scores))
	for _, x := range scores {
		out = append(out, listing.Inspected{Project: x.Project, Enterprise: x.Enterprise, Made: x.Made, Score: x.Mean})
	}
	return out, err
}
