package listing

import (
	"context"

	"juli/internal/db"
)

// begin opens the batch whose turn the rulebook says has come, and finds its
// candidates: from then on it waits on the city's to-do list. The first one is begun
// by people.
func (s *Service) begin(ctx context.Context, tx *db.Tx) error {
	all, err := db.All(ctx, tx, scanBatch, batchSelect+`ORDER BY id LIMIT 10000`)
	if err != nil || len(all) == 0 {
		return err
	}
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return err
	}
	from, to := book.Due(all, tx.Today(), s.calendar())
	if from == 0 {
		return nil
	}
	b, err := s.openIn(ctx, tx, robot, Opening{Sides: book.Next.Sides, Theme: book.Next.Theme, From: from, To: to}, true)
	if err != nil {
		return err
	}
	_, err = s.CollectIn(ctx, tx, robot, b.ID)
	return err
}
