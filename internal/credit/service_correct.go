package credit

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// corrector takes the steps of a correction that follows by itself.
var corrector = authz.System("信用更正")

// OnAnnulled is the reaction to a record that was annulled: every published
// period that counted it is run again under its own rulebook by a job of its
// own, and the result waits for its publication as a correction (PC-49). While
// such a job waits or runs, it stands for the next one too: it looks at the end
// whether more was annulled meanwhile.
func (s *Evaluations) OnAnnulled(ctx context.Context, tx *db.Tx, record db.ID, book func(digest string) (*Book, error)) error {
	seenFrom, ok, err := db.One(ctx, tx, func(row db.Scanner) (d day.Date, err error) { return d, row.Scan(&d) },
		`SELECT MIN(COALESCE(effective, identified)) FROM credit_entry WHERE record = $1`, record)
	if err != nil || !ok || seenFrom == 0 {
		return err
	}
	cycles, err := s.Cycles(ctx, tx)
	if err != nil {
		return err
	}
	for _, p := range cycles {
		if p.AsOf < seenFrom {
			continue
		}
		old, err := evaluationOf(ctx, tx, p.Evaluation)
		if err != nil {
			return err
		}
		b, err := book(old.Book)
		if err != nil {
			return err
		}
		if !b.Reversal.Rerun {
			continue
		}
		_, err = s.enqueue(ctx, tx, corrector, Request{
			Book: b, Purpose: ForCorrection, AsOf: old.AsOf, Known: tx.Today(), Period: old.Period, Corrects: old.ID, Why: "信用信息 " + record.String() + " 被撤销",
		}, "correct "+old.Period.Name)
		if err != nil {
			return err
		}
	}
	return nil
}

// replaceWaiting puts a correction up for its publication; one that waits
// already was computed before and gives way.
func (s *Evaluations) replaceWaiting(ctx context.Context, tx *db.Tx, e Evaluation) error {
	if err := lockReleases(ctx, tx); err != nil {
		return err
	}
	waiting, err := db.All(ctx, tx, scanRelease, releaseSelect+`
		WHERE period = $1 AND state = 'proposed' AND corrects IS NOT NULL ORDER BY id LIMIT 100`, e.Period.Name)
	if err != nil {
		return err
	}
	const why = "另有信用信息被撤销，已重新计算"
	for _, p := range waiting {
		n, err := tx.Exec(ctx, `UPDATE credit_publication SET state = $1, decided_at = $2, why = $3 WHERE id = $4 AND state = 'proposed'`, PublishRefused, db.Millis(tx.Now), why, p.ID)
		if err != nil || n == 0 {
			return err
		}
		if err := audit.Append(ctx, tx, corrector, "credit.publish-refused", "credit_publication:"+p.ID.String(), map[string]any{"evaluation": p.Evaluation, "period": p.Period, "why": why}); err != nil {
			return err
		}
	}
	_, err = s.ProposePublication(ctx, tx, corrector, e.ID, e.Why)
	return err
}

// setAside counts the records that were taken back from the start: a correction
// that was computed while the number changed is computed again.
func setAside(ctx context.Context, tx *db.Tx) (int64, error) {
	return db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM credit_current WHERE state IN ('`+RecordAnnulled+`', '`+RecordUpheld+`')`)
}

// refuseStale refuses to publish a result that counts what was annulled after it
// was computed.
func refuseStale(ctx context.Context, tx *db.Tx, e Evaluation) error {
	n, err := db.Value[int64](ctx, tx, `
		SELECT COUNT(*) FROM credit_current
		WHERE state IN ('`+RecordAnnulled+`', '`+RecordUpheld+`') AND effective <= $1 AND at > $2`, e.AsOf, e.MadeAt)
	if err == nil && n > 0 {
		err = fault.New(fault.Conflict, "credit.publish-stale", "这次评价之后有 %d 条信用信息被撤销，请重新运行评价后再公布。", n)
	}
	return err
}
