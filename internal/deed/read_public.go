package deed

import (
	"context"

	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/notify"
)

// A Public is what everybody may see of an open deed.
type Public struct {
	Deed
	Milestones []Milestone
	Files      []File
	Answers    Answers
	Rounds     []Round // ends that those served sent back
	Of         Programme
	Book       *Book
}

// A Round is an end of a deed that those served did not confirm.
type Round struct {
	Done, Back day.Date
	Answers    Answers
	Why        string // "" where it holds personal data
}

// roundsOf are the ends that were sent back, oldest first.
func roundsOf(ctx context.Context, tx *db.Tx, id db.ID) (out []Round, err error) {
	c, err := casework.Find(ctx, tx, Machine, id)
	if err != nil {
		return nil, err
	}
	steps, err := casework.History(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	var round int64
	var done day.Date
	for _, x := range steps {
		switch x.Act {
		case ActDone:
			round, done = round+1, day.FromTime(x.At)
		case ActRedo:
			r := Round{Done: done, Back: day.FromTime(x.At)}
			if !notify.Personal(x.Note) {
				r.Why = x.Note
			}
			if r.Answers, err = answersIn(ctx, tx, id, round); err != nil {
				return nil, err
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// Public reads an open deed; one that isn't open isn't there.
func (s *Service) Public(ctx context.Context, tx *db.Tx, id db.ID) (x Public, err error) {
	if x.Deed, err = byID(ctx, tx, id); err != nil {
		return x, err
	}
	if !x.Open {
		return x, missing()
	}
	x.Detail, x.SourceRef, x.Leader, x.Link, x.Responsible = "", "", "", "", 0
	if x.Book, err = s.Books.InForce(ctx, tx, tx.Today()); err != nil {
		return x, err
	}
	if x.Milestones, err = milestonesOf(ctx, tx, id); err != nil {
		return x, err
	}
	all, err := filesOf(ctx, tx, id)
	if err != nil {
		return x, err
	}
	for _, f := range all {
		if f.Released {
			x.Files = append(x.Files, f)
		}
	}
	if x.Programme != 0 {
		if x.Of, err = programmeByID(ctx, tx, x.Programme); err != nil {
			return x, err
		}
	}
	if x.Rounds, err = roundsOf(ctx, tx, id); err != nil {
		return x, err
	}
	x.Answers, err = s.answersOf(ctx, tx, id)
	return x, err
}

// PublicFile says whether the public may see a file of a deed.
func (s *Service) PublicFile(ctx context.Context, tx *db.Tx, id, file db.ID) error {
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM deed_file f JOIN deed d ON d.id = f.deed WHERE f.deed = $1 AND f.file = $2 AND f.released AND d.is_open`, id, file)
	if err == nil && n == 0 {
		err = missing()
	}
	return err
}
