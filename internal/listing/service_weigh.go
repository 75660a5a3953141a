package listing

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Weighing is what the city makes of an enterprise's reply to an entry that is to
// be published all the same: it is right and will be said with the entry, or it is
// not, and why.
type Weighing struct {
	Adopted bool
	Reason  string
	At      int64
}

// Title says which it is.
func (w Weighing) Title() string {
	if w.Adopted {
		return "采纳"
	}
	return "不采纳"
}

// WeighIn says what becomes of a reply. Until the batch is approved it may be said
// anew. A reply that speaks against listing at all has the entry dropped instead.
func (s *Service) WeighIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, adopted bool) error {
	e, err := s.entryFor(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	if err := authz.Require(who, authz.ListPropose, s.place()); err != nil {
		return err
	}
	b, err := batchByID(ctx, tx, e.Batch)
	if err != nil {
		return err
	}
	if b.State == Approved {
		return fault.New(fault.Conflict, "listing.approved", "这一批已审定，请先退回再处理申辩。")
	}
	text := tidy(t.Note)
	if err := public(text); err != nil {
		return err
	}
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM listing_word WHERE entry = $1 AND kind = $2`, e.ID, wordReply)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "listing.no-reply", "企业没有申辩，没有可以处理的内容。")
	}
	if _, err = s.step(ctx, tx, who, e, t.Version, casework.Way{Act: ActWeigh}); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO listing_weighed (entry, adopted, reason, account, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (entry) DO UPDATE SET adopted = excluded.adopted, reason = excluded.reason, account = excluded.account, at = excluded.at`,
		e.ID, adopted, text, who.Account, db.Millis(tx.Now))
	if err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "listing.weighed", e.Object(), audit.Change{Act: authz.ListPropose, At: e.Place(), Detail: map[string]any{"adopted": adopted}})
}

// WeighingOf is what became of an entry's reply; none where nobody said so.
func WeighingOf(ctx context.Context, tx *db.Tx, entry db.ID) (Weighing, bool, error) {
	return db.One(ctx, tx, func(row db.Scanner) (w Weighing, err error) { return w, row.Scan(&w.Adopted, &w.Reason, &w.At) },
		`SELECT adopted, reason, at FROM listing_weighed WHERE entry = $1`, entry)
}

// weighed refuses a batch with a reply of which nobody said what becomes of it.
func (s *Service) weighed(ctx context.Context, tx *db.Tx, batch db.ID) error {
	name, open, err := db.One(ctx, tx, func(row db.Scanner) (name string, err error) { return name, row.Scan(&name) }, `
		SELECT e.name FROM listing_entry e
		WHERE e.batch = $1 AND e.state = $2 AND EXISTS (SELECT 1 FROM listing_word w WHERE w.entry = e.id AND w.kind = $3)
			AND NOT EXISTS (SELECT 1 FROM listing_weighed x WHERE x.entry = e.id)
		ORDER BY e.id LIMIT 1`, batch, Answered, wordReply)
	if err == nil && open {
		text := "“" + name + "”的申辩还没有写明采纳或不采纳及理由，请在条目页面处理。"
		err = fault.New(fault.Conflict, "listing.unweighed", "%s", text).With("act", text)
	}
	return err
}
