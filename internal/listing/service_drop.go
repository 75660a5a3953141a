package listing

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
)

// DropIn leaves an entry out of the batch, with the reason: before the review, because
// the reply is right, or because its district is silent beyond the term of its review
// and holds everybody else up.
func (s *Service) DropIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) (Entry, error) {
	e, err := s.entryFor(ctx, tx, who, t.ID)
	if err != nil {
		return e, err
	}
	if err := authz.Require(who, authz.ListPropose, s.place()); err != nil {
		return e, err
	}
	b, err := batchByID(ctx, tx, e.Batch)
	if err != nil {
		return e, err
	}
	if b.State == Approved {
		return e, fault.New(fault.Conflict, "listing.approved", "这一批已审定，请先退回再调整条目。")
	}
	act, silent := ActDrop, e.State == InReview
	if silent {
		act = ActDropLate
		if err := silentDistrict(ctx, tx, e); err != nil {
			return e, err
		}
	}
	if e, err = s.step(ctx, tx, who, e, t.Version, casework.Way{Act: act, Note: t.Note}); err != nil {
		return e, err
	}
	if err := setEntry(ctx, tx, e); err != nil {
		return e, err
	}
	if err := audit.Append(ctx, tx, who, "listing.dropped", e.Object(), audit.Change{Act: authz.ListPropose, At: e.Place()}); err != nil || !silent {
		return e, err
	}
	return e, s.reviewed(ctx, tx, e.Batch)
}

// silentDistrict refuses while the district still has time to look.
func silentDistrict(ctx context.Context, tx *db.Tx, e Entry) error {
	c, err := casework.Find(ctx, tx, EntryMachine, e.ID)
	if err != nil || c.Due != 0 && c.Due < tx.Today() {
		return err
	}
	return fault.New(fault.Conflict, "listing.review-runs", "“%s”的区县复核期限到%s（含当日），期满仍未复核的，市级才能处理。", e.Name, c.Due.Chinese())
}

// Silent says whether the review of an entry of a batch is overdue: its district lets
// the batch wait.
func Silent(ctx context.Context, tx *db.Tx, batch db.ID) (bool, error) {
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM listing_entry e JOIN casework_case c ON c.id = e.id WHERE e.batch = $1 AND e.state = $2 AND c.due < $3`,
		batch, InReview, tx.Today())
	return n > 0, err
}

// AbandonIn ends a batch that will not be published; the entries on their way
// end with it. While districts look, only once one of them is overdue.
func (s *Service) AbandonIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) (Batch, error) {
	if err := authz.Require(who, authz.ListPropose, s.place()); err != nil {
		return Batch{}, err
	}
	b, err := batchByID(ctx, tx, t.ID)
	if err != nil {
		return b, err
	}
	act := ActAbandon
	if b.State == Reviewing {
		act = ActAbandonLate
		late, err := Silent(ctx, tx, b.ID)
		if err != nil {
			return b, err
		}
		if !late {
			return b, fault.New(fault.Conflict, "listing.review-runs", "区县复核的期限还没有届满，期满仍有条目未复核的，才能终止本批。")
		}
	}
	if b, err = s.move(ctx, tx, who, t, act, "listing.abandoned"); err != nil {
		return b, err
	}
	all, err := entriesOf(ctx, tx, b.ID)
	if err != nil {
		return b, err
	}
	for _, e := range all {
		if e, err = s.step(ctx, tx, robot, e, 0, casework.Way{Act: actAbandoned}); err != nil {
			return b, err
		}
		if err := setEntry(ctx, tx, e); err != nil {
			return b, err
		}
	}
	return b, nil
}
