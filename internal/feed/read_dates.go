package feed

import (
	"cmp"
	"context"
	"slices"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/resident"
	"juli/internal/supervision"
	"juli/internal/volunteer"
)

// Dates reads the dates of a scope that [Feeds.Check] has seen, the next first:
// from 30 days ago on. Of cases it looks at the newest 200.
func (f *Feeds) Dates(ctx context.Context, tx *db.Tx, s Scope) ([]Item, error) {
	from := tx.Today().AddDays(-pastDays)
	var all []Item
	for _, read := range []struct {
		kind Kind
		do   func(context.Context, *db.Tx, Scope) ([]Item, error)
	}{
		{Reports, f.reportDates}, {Cases, f.caseDates}, {Lists, f.listDates}, {Volunteers, f.callDates}, {Campaigns, f.campaigns}, {Surveys, f.surveys},
	} {
		if !s.Wants(read.kind) {
			continue
		}
		list, err := read.do(ctx, tx, s)
		if err != nil {
			return nil, err
		}
		if read.kind == Lists { // the entries have dates, wherever they are
			list = slices.DeleteFunc(list, func(it Item) bool { return it.Date == nil })
		} else {
			list = taken(s, list)
		}
		all = append(all, list...)
	}
	all = slices.DeleteFunc(all, func(it Item) bool { return it.Date == nil || it.Date.From == 0 || it.Date.To < from })
	slices.SortStableFunc(all, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Date.To, b.Date.To), cmp.Compare(a.ID, b.ID))
	})
	return all[:min(len(all), datesMax)], nil
}

// reportDays is how old a report with a date can be: nothing is due later, and a
// city's years need not be looked through.
const reportDays = 180

// reportDates are by when open reports are to be answered.
func (f *Feeds) reportDates(ctx context.Context, tx *db.Tx, s Scope) ([]Item, error) {
	list, err := resident.List(ctx, tx, resident.Query{
		Public: true, Division: s.below(), Project: s.Project, Topic: s.Topic, Count: resident.CountOpen, Sort: "due", Limit: kindMax, From: tx.Today().AddDays(-reportDays),
		After: []string{tx.Today().AddDays(-pastDays - 1).String(), db.ID(1<<63 - 1).String()},
	})
	if err != nil {
		return nil, err
	}
	return f.ofReports(ctx, tx, list)
}

func (f *Feeds) caseDates(ctx context.Context, tx *db.Tx, s Scope) ([]Item, error) {
	list, err := f.Cases.Public(ctx, tx, supervision.Query{Division: s.below(), Project: s.Project, Limit: kindMax})
	return f.ofCases(list), err
}

// listDates are until when entries stand.
func (f *Feeds) listDates(ctx context.Context, tx *db.Tx, s Scope) ([]Item, error) {
	list, err := f.Listing.Entries(ctx, tx, authz.Anonymous, listing.Query{
		Public: true, Standing: "1", District: s.below(), Project: string(s.Project), Sort: "listed", Desc: true, Limit: kindMax,
	})
	return ofEntries(list), err
}

func (f *Feeds) callDates(ctx context.Context, tx *db.Tx, s Scope) ([]Item, error) {
	list, err := volunteer.Calls(ctx, tx, volunteer.CallQuery{Division: s.place(), From: tx.Today().AddDays(-pastDays), Limit: kindMax})
	return ofCalls(list), err
}
