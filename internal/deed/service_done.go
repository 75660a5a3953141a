package deed

import (
	"context"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// DoneIn ends the work: what came of it, whom it serves and how they were counted,
// with pictures of before and after.
func (s *Service) DoneIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, r Result, files []FileRef) error {
	return s.act(ctx, tx, who, t, authz.DeedWork, func(d *Deed, b *Book) (casework.Way, string, error) {
		way := casework.Way{Act: ActDone, Term: &b.Callback}
		if len(files) > 0 {
			if err := keepFiles(ctx, tx, who, d.ID, files); err != nil {
				return way, "", err
			}
		}
		if err := s.checkEnd(ctx, tx, d, b, r); err != nil {
			return way, "", err
		}
		d.Result, d.People, d.How, d.Households, d.Spent = strings.TrimSpace(r.Text), r.People, r.How, r.Households, r.Spent
		d.Percent, d.DoneOn = 100, tx.Today()
		for _, m := range r.Reached {
			if err := reach(ctx, tx, d.ID, []int64{m.Seq}, m.On); err != nil {
				return way, "", err
			}
		}
		return way, "deed.done", s.carry(ctx, tx, d.ID)
	})
}

// checkEnd holds a result to the rules: what came of it, its pictures, and the day
// of each milestone that no report named.
func (s *Service) checkEnd(ctx context.Context, tx *db.Tx, d *Deed, b *Book, r Result) error {
	files, err := filesOf(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	steps, err := milestonesOf(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	open := slices.DeleteFunc(steps, func(m Milestone) bool { return m.Reached != 0 })
	refused := fault.New(fault.Invalid, "deed.result", "请修改标出的内容。")
	merge(refused, b.CheckResult(r, proofsOf(files)))
	merge(refused, r.CheckReached(open, d.CollectedOn, tx.Today()))
	return refused.OrNil()
}

// proofsOf counts the pictures of before and after, and says whether one is both.
func proofsOf(files []File) (p Proofs) {
	before := map[string]bool{}
	for _, f := range files {
		if f.Picture() && f.Moment == Before {
			p.Before++
			before[f.SHA256] = true
		}
	}
	for _, f := range files {
		if f.Picture() && f.Moment == After {
			p.After++
			p.Same = p.Same || before[f.SHA256]
		}
	}
	return p
}

// CloseIn counts the deed as solved, today: months that are frozen stay as they are.
func (s *Service) CloseIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	return s.act(ctx, tx, who, t, authz.DeedAccept, func(d *Deed, _ *Book) (casework.Way, string, error) {
		d.ClosedOn = tx.Today()
		return casework.Way{Act: ActClose}, "deed.closed", nil
	})
}

// PublishIn opens a deed to the public or closes it again, and says which of its
// pictures the public sees.
func (s *Service) PublishIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, open bool, released []db.ID) error {
	return s.act(ctx, tx, who, t, authz.DeedPublish, func(d *Deed, _ *Book) (casework.Way, string, error) {
		way := casework.Way{Act: ActPublish}
		d.Open = open
		if _, err := tx.Exec(ctx, `UPDATE deed_file SET released = FALSE WHERE deed = $1 AND released`, d.ID); err != nil {
			return way, "", err
		}
		for _, id := range released {
			n, err := tx.Exec(ctx, `UPDATE deed_file SET released = TRUE WHERE deed = $1 AND file = $2 AND type IN ('image/jpeg', 'image/png')`, d.ID, id)
			if err != nil {
				return way, "", err
			}
			if n != 1 {
				return way, "", fault.New(fault.Invalid, "deed.release", "请修改标出的内容。").With("released", "请从这件实事的照片中选择。")
			}
		}
		if open {
			return way, "deed.published", nil
		}
		return way, "deed.unpublished", nil
	})
}

// ForgetIn deletes names and numbers of people whose deed was closed longer ago
// than the rulebook keeps them; it tells how many.
func (s *Service) ForgetIn(ctx context.Context, tx *db.Tx) (int64, error) {
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return 0, err
	}
	// KeepNames counts backwards from today.
	cut := tx.Today().AddDays(-book.KeepNames.N)
	switch book.KeepNames.Unit {
	case day.Years:
		cut = tx.Today().AddYears(-book.KeepNames.N)
	case day.Months:
		cut = tx.Today().AddMonths(-book.KeepNames.N)
	}
	return tx.Exec(ctx, `
		UPDATE deed_served SET name_sealed = NULL, phone_sealed = NULL, phone_blind = NULL
		WHERE name_sealed IS NOT NULL AND deed IN (SELECT id FROM deed WHERE closed_on <> '' AND closed_on < $1)`, cut.String())
}

// masked is a name and a number as lists show them.
func masked(name, phone string) (string, string) { return code.MaskName(name), code.MaskPhone(phone) }
