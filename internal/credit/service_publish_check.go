package credit

import (
	"context"

	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/rulebook"
)

// inForce are the publications that nothing has corrected, as a condition on
// credit_publication p.
const inForce = `p.state = 'published' AND NOT EXISTS (SELECT 1 FROM credit_publication c WHERE c.corrects = p.id AND c.state = 'published')`

// lockReleases makes this transaction the only one that decides publications:
// what may be published follows from what is.
func lockReleases(ctx context.Context, tx *db.Tx) error {
	return tx.Lock(ctx, "credit_publication", series)
}

// mayPublish refuses what must not be published now, and ties a correction to
// the result in force that it corrects; 0: the first of its period.
func (s *Evaluations) mayPublish(ctx context.Context, tx *db.Tx, e Evaluation) (corrects db.ID, err error) {
	if err := refuseStale(ctx, tx, e); err != nil {
		return 0, err
	}
	scan := func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) }
	old, has, err := db.One(ctx, tx, scan, `SELECT p.id FROM credit_publication p WHERE p.period = $1 AND `+inForce+` ORDER BY p.id DESC LIMIT 1`, e.Period.Name)
	switch {
	case err != nil:
		return 0, err
	case has && e.Purpose == ForCycle:
		return 0, fault.New(fault.Conflict, "credit.published", "%s 的结果已经公布，变动请用更正公布。", e.Period.Name)
	case !has && e.Purpose == ForCorrection:
		return 0, fault.New(fault.Conflict, "credit.nothing-to-correct", "%s 没有已公布的结果可以更正。", e.Period.Name)
	case has:
		return old, nil // an old period stays correctable under its old rules (PC-11)
	}
	if err := s.refuseSuperseded(ctx, tx, e); err != nil {
		return 0, err
	}
	return 0, refuseOverlap(ctx, tx, e)
}

// stillPublishable asks again, when publication is decided, what was asked when
// it was proposed: meanwhile another result may have been published.
func (s *Evaluations) stillPublishable(ctx context.Context, tx *db.Tx, p Release) error {
	e, err := evaluationOf(ctx, tx, p.Evaluation)
	if err != nil {
		return err
	}
	corrects, err := s.mayPublish(ctx, tx, e)
	if err == nil && corrects != p.Corrects {
		err = fault.New(fault.Conflict, "credit.corrected", "%s 的结果在这次提请之后已经更正，请重新运行更正评价后再提请公布。", p.Period)
	}
	return err
}

// refuseSuperseded refuses the first result of a period whose last day lies
// under another rulebook. Days that a book adds after the period's end only let
// late information come in, and a cut-off may lie before the end.
func (s *Evaluations) refuseSuperseded(ctx context.Context, tx *db.Tx, e Evaluation) error {
	last := min(e.AsOf, e.Period.To)
	v, err := rulebook.InForce(ctx, tx, kindName, s.City, last)
	switch {
	case fault.Is(err, "rulebook.none-in-force"):
		return fault.New(fault.Conflict, "credit.book-ended", "%s 截止日 %s 没有施行中的规则册，不能公布本期结果。", e.Period.Name, last)
	case err != nil:
		return err
	case v.Digest != e.Book:
		return fault.New(fault.Conflict, "credit.book-ended", "%s 截止日 %s 施行的规则册是 %s，这次评价用的是 %s，不能公布。请以施行规则册的周期重新评价。",
			e.Period.Name, last, v.Name(), e.BookCode+"@"+e.BookVersion)
	}
	return nil
}

// refuseOverlap refuses a second result for days that a published period of
// another length covers. A real-time result is the state of one day, not of a
// period, and may stand beside others.
func refuseOverlap(ctx context.Context, tx *db.Tx, e Evaluation) error {
	if e.Period.From == 0 {
		return nil
	}
	type period struct {
		name     string
		from, to day.Date
	}
	scan := func(row db.Scanner) (p period, err error) { return p, row.Scan(&p.name, &p.from, &p.to) }
	other, found, err := db.One(ctx, tx, scan, `
		SELECT x.period, x.period_from, x.period_to
		FROM credit_publication p JOIN credit_evaluation x ON x.id = p.evaluation
		WHERE `+inForce+` AND x.period <> $1 AND x.period_from <= $2 AND x.period_to >= $3
		ORDER BY x.period_from, p.id LIMIT 1`, e.Period.Name, e.Period.To, e.Period.From)
	if err == nil && found {
		err = fault.New(fault.Conflict, "credit.period-overlap", "%s 与已公布的 %s（%s 至 %s）重叠，不能再公布一个结果。", e.Period.Name, other.name, other.from, other.to)
	}
	return err
}
