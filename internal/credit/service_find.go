package credit

import (
	"context"

	"juli/internal/db"
	"juli/internal/registry"
)

// Findings are the records that the system would propose today under a book
// (PC-25): one look at the whole city. [Records.ProposeFinding] hands each in.
func (s *Evaluations) Findings(ctx context.Context, tx *db.Tx, b *Book) ([]Finding, error) {
	today := tx.Today()
	snap, err := registry.SnapshotOn(ctx, tx, today)
	if err != nil {
		return nil, err
	}
	l, err := newLoader(ctx, tx, b, snap, today)
	if err != nil {
		return nil, err
	}
	ev := b.ForPeriod(b.Period(today), Options{AsOf: today, Known: today})
	var found []Finding
	for bundle, err := range l.bundles(ctx, tx) {
		if err != nil {
			return nil, err
		}
		found = append(found, ev.Findings(bundle)...)
	}
	return found, nil
}
