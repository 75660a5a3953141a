package app_test

import (
	"testing"

	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/money"
)

// TestWhatMovedAScoreAddsUp: the differences between two published results of an
// enterprise or a project sum up to the difference of their scores.
func TestWhatMovedAScoreAddsUp(t *testing.T) {
	tn := newTown(t)
	moved := 0
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) error {
		ctx := t.Context()
		cycles, err := tn.Evaluations.Cycles(ctx, tx)
		if err != nil || len(cycles) < 2 {
			t.Fatalf("%d results, %v", len(cycles), err)
		}
		var books [2]*credit.Book
		for i := range books {
			e, err := tn.Evaluations.Evaluation(ctx, tx, cycles[i].Evaluation)
			if err != nil {
				return err
			}
			if books[i], err = tn.Books.ByDigest(ctx, tx, e.Book); err != nil {
				return err
			}
		}
		firms, err := db.All(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) }, `SELECT n.enterprise FROM credit_explanation n JOIN credit_explanation o ON o.enterprise = n.enterprise WHERE n.evaluation = $1 AND o.evaluation = $2 ORDER BY n.enterprise`, cycles[0].Evaluation, cycles[1].Evaluation)
		if err != nil {
			return err
		}
		for _, firm := range firms {
			is, err := tn.Evaluations.Explained(ctx, tx, cycles[0].Evaluation, firm)
			if err != nil {
				return err
			}
			was, err := tn.Evaluations.Explained(ctx, tx, cycles[1].Evaluation, firm)
			if err != nil {
				return err
			}
			for _, o := range append([]credit.Outcome{is.Enterprise}, is.Projects...) {
				old, ok := was.OutcomeOf(o.Subject)
				if !ok || !o.Scored || !old.Scored {
					continue
				}
				var sum money.Points
				for _, m := range credit.Shifts(&old, books[1], &o, books[0]) {
					if m.Before == m.After || m.New && m.Before != 0 || m.Gone && m.After != 0 {
						t.Errorf("%v: %+v", o.Subject, m)
					}
					sum += m.After - m.Before
				}
				if by := o.Score - old.Score; sum != by {
					t.Errorf("%v: the lines moved by %v, the score by %v", o.Subject, sum, by)
				} else if by != 0 {
					moved++
				}
			}
		}
		return nil
	})
	if err != nil || moved < 10 {
		t.Errorf("%d scores moved, %v", moved, err)
	}
}
