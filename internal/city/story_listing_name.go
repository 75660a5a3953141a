package city

import (
	"context"
	"slices"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/listing"
)

// chosen picks n candidates of a side: the best of the red and the worst of the
// black, those of the sign-in enterprises first in the last batch, and at most
// two black ones that stood in the batch before.
func (dr *driver) chosen(ctx context.Context, tx *db.Tx, who authz.Actor, b *batchStory, side listing.Side, n int) ([]listing.Entry, error) {
	all, err := dr.Listing.Entries(ctx, tx, who, listing.Query{Batch: b.batch, Side: side, State: listing.Candidate, Sort: "score", Desc: side == listing.Red, Limit: 500})
	if err != nil {
		return nil, err
	}
	if b.last {
		first := map[code.USCC]bool{}
		for _, e := range dr.biggest()[:min(4, len(dr.plan.Enterprises))] {
			first[dr.plan.Enterprises[e].USCC] = true
		}
		slices.SortStableFunc(all, func(x, y listing.Entry) int { return order(first[x.Enterprise], first[y.Enterprise]) })
	}
	var out, again []listing.Entry
	for _, e := range all {
		standing, err := listing.StandingOf(ctx, tx, e.Kind, e.Subject)
		if err != nil {
			return nil, err
		}
		if len(standing) > 0 {
			again = append(again, e)
		} else {
			out = append(out, e)
		}
	}
	repeat := 0
	if side == listing.Black {
		repeat = min(2, len(again), max(n-1, 0))
	}
	fresh := out[:min(len(out), n-repeat)]
	return slices.Concat(again[:min(len(again), n-len(fresh))], fresh), nil
}

// least is how many of a side the last batch takes in the smallest city.
func (dr *driver) least(b *batchStory) int {
	if b.last {
		return 3
	}
	return 0
}

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// name has the districts of the largest enterprises name one project of each,
// with a paper that proves it, so that those who sign in have something to answer.
func (dr *driver) name(ctx context.Context, tx *db.Tx, b *batchStory) error {
	order := dr.biggest()
	for i, firm := range order[:min(2, len(order))] {
		at := dr.first(func(p *Project) bool { return p.Owner == firm })
		if at < 0 {
			continue
		}
		p := &dr.plan.Projects[at]
		who, err := dr.people.body(ctx, tx, authz.DistrictBureau, authz.Scope{Division: p.Division.Up(code.District)}, 1)
		if err != nil {
			return err
		}
		file, err := dr.Files.Put(ctx, tx, "现场检查记录.png", scan(i))
		if err != nil {
			return err
		}
		side, reason := listing.Black, "连续两次降雪后主路积雪没有清除，业主反映集中"
		if i%2 == 1 {
			side, reason = listing.Red, "降雪当夜清出主路和坡道，街道书面表扬"
		}
		n := listing.Nomination{Batch: b.batch, Side: side, Kind: listing.OfProject, Subject: string(p.Code), Reason: reason, Files: []db.ID{file.ID}}
		if err := dr.try(ctx, tx, task{"list-name", func(ctx context.Context, tx *db.Tx) error {
			_, err := dr.Listing.NominateIn(ctx, tx, who, n)
			return err
		}}); err != nil {
			return err
		}
	}
	return nil
}

// nameAgain has a district name a project that the batch before put on the black
// list and that has not mended since.
func (dr *driver) nameAgain(ctx context.Context, tx *db.Tx, b *batchStory) error {
	batches, err := dr.Listing.Batches(ctx, tx, authz.System("demo"), listing.Published, 0, 1)
	if err != nil || len(batches) == 0 {
		return err
	}
	before, err := dr.Listing.Entries(ctx, tx, authz.System("demo"), listing.Query{Batch: batches[0].ID, Side: listing.Black, State: listing.Listed, Sort: "score", Limit: 1})
	if err != nil || len(before) == 0 {
		return err
	}
	e := before[0]
	who, err := dr.districtOf(ctx, tx, e, 1)
	if err != nil {
		return err
	}
	file, err := dr.Files.Put(ctx, tx, "回头看记录.png", scan(9))
	if err != nil {
		return err
	}
	n := listing.Nomination{Batch: b.batch, Side: listing.Black, Kind: e.Kind, Subject: e.Subject, Reason: "上一批列入黑榜后仍未整改，回头看发现同类问题", Files: []db.ID{file.ID}}
	return dr.try(ctx, tx, task{"list-name", func(ctx context.Context, tx *db.Tx) error {
		_, err := dr.Listing.NominateIn(ctx, tx, who, n)
		return err
	}})
}

// collectNext begins the batch after the last one: candidates wait to be taken.
func (dr *driver) collectNext(ctx context.Context, tx *db.Tx) error {
	who, err := dr.clerk(ctx, tx, 1)
	if err != nil {
		return err
	}
	today := tx.Today()
	b, err := dr.Listing.OpenIn(ctx, tx, who, listing.Opening{Sides: listing.Both, Theme: "DAILY", From: today.AddMonths(-2), To: today, Media: "市住建局网站"})
	if err != nil {
		return err
	}
	_, err = dr.Listing.CollectIn(ctx, tx, who, b.ID)
	return err
}

// nominate has the subject's district stand behind a candidate.
func (dr *driver) nominate(ctx context.Context, tx *db.Tx, b *batchStory, e listing.Entry) error {
	who, err := dr.districtOf(ctx, tx, e, 1)
	if err != nil {
		return err
	}
	_, err = dr.Listing.NominateIn(ctx, tx, who, listing.Nomination{Batch: b.batch, Side: e.Side, Kind: e.Kind, Subject: e.Subject, Reason: "区县日常检查多次发现同类问题，业主反映集中"})
	return err
}

func (dr *driver) districtOf(ctx context.Context, tx *db.Tx, e listing.Entry, nth int) (authz.Actor, error) {
	return dr.people.body(ctx, tx, authz.DistrictBureau, authz.Scope{Division: e.Division.Up(code.District)}, nth)
}
