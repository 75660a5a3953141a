package feed

import (
	"context"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/campaign"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/listing"
	"juli/internal/resident"
	"juli/internal/supervision"
	"juli/internal/survey"
	"juli/internal/volunteer"
)

// newsEvents are the audit events that are news, by kind: the types of webhooks.
// What they lead to is told only if everybody may see it.
var newsEvents = map[Kind][]string{
	Reports: {
		"resident.reported", "resident.dispatched", "resident.refused", "resident.answered", "resident.passed", "resident.released", "resident.overdue",
		"resident.reopened", "resident.merged", "resident.rated", "resident.closed",
	},
	Cases: {
		"supervision.verified", "supervision.found", "supervision.ordered", "supervision.extended", "supervision.reported", "supervision.passed",
		"supervision.failed", "supervision.overdue", "supervision.closed", "supervision.reopened", "supervision.ended",
	},
	Lists:      {"listing.published", "listing.corrected", "listing.repaired", "listing.removed"},
	Volunteers: {"volunteer.called", "volunteer.call-cancelled", "volunteer.confirmed"},
	Campaigns:  {"campaign.approved", "campaign.drawn", "campaign.concluded", "campaign.cancelled"},
	Surveys:    {"survey.opened", "survey.published", "survey.cancelled"},
}

// KindOf is what an audit event that is news tells of.
func KindOf(event string) Kind {
	for k, events := range newsEvents {
		if slices.Contains(events, event) {
			return k
		}
	}
	return ""
}

// Events are the kinds of audit events that are news.
func Events() []string {
	var all []string
	for _, k := range Kinds {
		all = append(all, newsEvents[k]...)
	}
	return all
}

// Of reads what an audit event's object is, as everybody may see it: nothing if
// they may not. A batch of lists is an item for the city, and one for each entry.
func (f *Feeds) Of(ctx context.Context, tx *db.Tx, object string) (items []Item, err error) {
	what, name, _ := strings.Cut(object, ":")
	id, err := db.ParseID(name)
	if err != nil {
		return nil, nil // no object of ours: no news
	}
	switch what {
	case "resident_report":
		items, err = f.report(ctx, tx, id)
	case "supervision_case":
		var list []supervision.Case
		if list, err = f.Cases.Public(ctx, tx, supervision.Query{After: id + 1, Limit: 1}); err == nil && len(list) == 1 && list[0].ID == id {
			items = f.ofCases(list)
		}
	case "listing_batch":
		items, err = f.batch(ctx, tx, id)
	case "listing_entry":
		var e listing.Entry
		if e, err = f.Listing.PublicEntry(ctx, tx, id); err == nil {
			items = ofEntries([]listing.Entry{e})
			city := items[0]
			city.whole = true
			items = append(items, city)
		}
	case "volunteer_call":
		var c volunteer.Call
		if c, err = f.Volunteers.Call(ctx, tx, id); err == nil {
			items = ofCalls([]volunteer.Call{c})
		}
	case "campaign":
		items, err = f.campaign(ctx, tx, id)
	case "survey":
		items, err = f.survey(ctx, tx, id)
	}
	if e := fault.From(err); e != nil && e.Kind == fault.NotFound {
		return nil, nil
	}
	return items, err
}

func (f *Feeds) report(ctx context.Context, tx *db.Tx, id db.ID) ([]Item, error) {
	r, err := f.Reports.Find(ctx, tx, authz.System("feed"), id)
	if err != nil {
		return nil, err
	}
	return f.ofReports(ctx, tx, []resident.Report{*r})
}

func (f *Feeds) batch(ctx context.Context, tx *db.Tx, id db.ID) ([]Item, error) {
	b, err := f.Listing.Batch(ctx, tx, authz.Anonymous, id)
	if err != nil {
		return nil, err
	}
	items := []Item{ofBatch(b, f.City)}
	list, err := f.Listing.Entries(ctx, tx, authz.Anonymous, listing.Query{Public: true, Batch: id, Sort: "listed", Limit: entriesMax})
	return append(items, ofEntries(list)...), err
}

const entriesMax = 500 // of a batch

func (f *Feeds) campaign(ctx context.Context, tx *db.Tx, id db.ID) ([]Item, error) {
	c, err := f.Campaigns.Public(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return ofCampaigns([]campaign.Campaign{c}), nil
}

func (f *Feeds) survey(ctx context.Context, tx *db.Tx, id db.ID) ([]Item, error) {
	x, err := survey.Find(ctx, tx, id)
	if err != nil || x.State != survey.Open && x.State != survey.Published && x.State != survey.Cancelled {
		return nil, err
	}
	return f.ofSurveys(ctx, tx, []survey.Survey{x})
}
