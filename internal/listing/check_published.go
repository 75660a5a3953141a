package listing

import (
	"context"
	"slices"

	"juli/internal/casework"
	"juli/internal/db"
)

// A Checked is a published batch whose digest was computed anew, and the entries of
// it that no longer stand.
type Checked struct {
	Batch
	Again string  // the digest of what is stored now
	Ended []Entry // by correction, repair or time
	Stand []Entry
}

// CheckPublished computes the digest of every published batch anew from its entries,
// as they were at publication.
func (s *Service) CheckPublished(ctx context.Context, tx *db.Tx) ([]Checked, error) {
	list, err := db.All(ctx, tx, scanBatch, batchSelect+`WHERE published_on IS NOT NULL ORDER BY id`)
	if err != nil {
		return nil, err
	}
	out := make([]Checked, 0, len(list))
	for _, b := range list {
		c := Checked{Batch: b}
		all, err := entriesOf(ctx, tx, b.ID)
		if err != nil {
			return nil, err
		}
		flow, err := casework.Find(ctx, tx, BatchMachine, b.ID)
		if err != nil {
			return nil, err
		}
		steps, err := casework.History(ctx, tx, flow)
		if err != nil {
			return nil, err
		}
		until := int64(0)
		if i := slices.IndexFunc(steps, func(x casework.Step) bool { return x.Act == ActPublish }); i >= 0 {
			until = db.Millis(steps[i].At)
		}
		if c.Again, err = s.digest(ctx, tx, b, all, until); err != nil {
			return nil, err
		}
		for _, e := range all {
			if e.Standing() {
				c.Stand = append(c.Stand, e)
			} else {
				c.Ended = append(c.Ended, e)
			}
		}
		out = append(out, c)
	}
	return out, nil
}
