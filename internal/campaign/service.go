package campaign

import (
	"context"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// DraftIn is Draft in the caller's transaction.
func (s *Campaigns) DraftIn(ctx context.Context, tx *db.Tx, who authz.Actor, c Campaign) (db.ID, error) {
	if err := authz.Require(who, authz.CampaignDraft, c.place()); err != nil {
		return 0, err
	}
	b, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return 0, err
	}
	c.Title, c.Basis, c.SeedRule, c.Book = strings.TrimSpace(c.Title), strings.TrimSpace(c.Basis), strings.TrimSpace(c.SeedRule), b.Digest
	if err := c.check(b, tx.Today()); err != nil {
		return 0, err
	}
	c.ID = tx.NewID()
	if err := insert(ctx, tx, c); err != nil {
		return 0, err
	}
	_, err = casework.Open(ctx, tx, who, Machine, casework.Opening{
		ID: c.ID, Object: c.object(), Title: c.Title, Place: c.place(),
		Way: casework.Way{Act: actDraft, Holder: c.lead(), Term: &b.Terms.Approve, Calendar: s.Calendar},
	})
	if err != nil {
		return 0, err
	}
	return c.ID, audit.Append(ctx, tx, who, "campaign.drafted", c.object(), map[string]any{"title": c.Title})
}

// ApproveIn approves a campaign by a second person and freezes the pool: from
// now on nobody can change who may be drawn, and its digest goes into the public
// log before there is a seed.
func (s *Campaigns) ApproveIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64) error {
	c, err := find(ctx, tx, who, id, authz.CampaignApprove)
	if err != nil {
		return err
	}
	b, err := s.Books.ByDigest(ctx, tx, c.Book)
	if err != nil {
		return err
	}
	if c.SeedRule != "" && c.SeedOn <= tx.Today() {
		return fault.New(fault.Conflict, "campaign.seed-late", "约定的数字 %s 公布，名单要在那之前封存。请取消后重新起草，约定以后公布的数字。", c.SeedOn)
	}
	way := casework.Way{Act: ActApprove, Holder: c.lead(), Term: &b.Terms.Draw}
	if c.SeedRule != "" { // the term runs from the day on which there is a number
		way.From = c.SeedOn
	}
	if err := s.move(ctx, tx, who, &c, version, way); err != nil {
		return err
	}
	p, err := s.pool(ctx, tx, c, b)
	if err != nil {
		return err
	}
	text := p.Text()
	if err := freeze(ctx, tx, id, text, len(p.Projects)); err != nil {
		return err
	}
	return s.note(ctx, tx, who, c, "campaign.approved", authz.CampaignApprove, map[string]any{
		"title": c.Title, "pool": DigestOf(text), "projects": len(p.Projects), "inspectors": len(p.Inspectors), "seed_rule": c.SeedRule, "seed_on": c.SeedOn, "seed_digits": c.SeedDigits,
	})
}

// note writes what was done, by the grant that allowed it.
func (s *Campaigns) note(ctx context.Context, tx *db.Tx, who authz.Actor, c Campaign, kind string, act authz.Act, detail any) error {
	return audit.Append(ctx, tx, who, kind, c.object(), audit.Change{Act: act, At: c.place(), Detail: detail})
}

// move takes an act on the campaign's case and notes its state.
func (s *Campaigns) move(ctx context.Context, tx *db.Tx, who authz.Actor, c *Campaign, version int64, way casework.Way) (err error) {
	way.Calendar = s.Calendar
	if c.Case, err = casework.Do(ctx, tx, who, Machine, casework.Move{Case: c.ID, Version: version, Way: way}); err != nil {
		return err
	}
	c.State = c.Case.State
	_, err = tx.Exec(ctx, `UPDATE campaign SET state = $2 WHERE id = $1`, c.ID, c.State)
	return err
}

// StartIn sends the inspectors out: one inspection for each drawn project, on
// the to-do list of the one who leads it.
func (s *Campaigns) StartIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64) error {
	c, err := find(ctx, tx, who, id, authz.CampaignDraw)
	if err != nil {
		return err
	}
	b, err := s.Books.ByDigest(ctx, tx, c.Book)
	if err != nil {
		return err
	}
	due, _ := s.Calendar.Due(c.To, b.Terms.Conclude)
	if err := s.move(ctx, tx, who, &c, version, casework.Way{Act: ActStart, Holder: c.lead(), Due: due}); err != nil {
		return err
	}
	n, err := s.assign(ctx, tx, who, c, b)
	if err != nil {
		return err
	}
	return s.note(ctx, tx, who, c, "campaign.started", authz.CampaignDraw, map[string]any{"inspections": n})
}

// ConcludeIn ends a campaign whose time is over, or that is all done: what was
// not inspected says so, and the rates are published with their counts.
func (s *Campaigns) ConcludeIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64) error {
	c, err := find(ctx, tx, who, id, authz.CampaignConclude)
	if err != nil {
		return err
	}
	t, err := TallyOf(ctx, tx, id)
	if err != nil {
		return err
	}
	if tx.Today() <= c.To && t.Inspected < t.Planned {
		return fault.New(fault.Conflict, "campaign.not-over", "检查期到 %s 为止，还有 %d 个项目没有检查完，现在不能总结。", c.To, t.Planned-t.Inspected)
	}
	if err := s.move(ctx, tx, who, &c, version, casework.Way{Act: ActConclude}); err != nil {
		return err
	}
	if err := s.endOpen(ctx, tx, id); err != nil {
		return err
	}
	if t, err = TallyOf(ctx, tx, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE campaign SET concluded_at = $2 WHERE id = $1`, id, db.Millis(tx.Now)); err != nil {
		return err
	}
	return s.note(ctx, tx, who, c, "campaign.concluded", authz.CampaignConclude, map[string]any{"title": c.Title, "tally": t})
}

// CancelIn gives a campaign up before it began, with the reason.
func (s *Campaigns) CancelIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64, why string) error {
	c, err := find(ctx, tx, who, id, authz.CampaignConclude)
	if err != nil {
		return err
	}
	if err := s.move(ctx, tx, who, &c, version, casework.Way{Act: ActCancel, Note: strings.TrimSpace(why)}); err != nil {
		return err
	}
	return s.note(ctx, tx, who, c, "campaign.cancelled", authz.CampaignConclude, map[string]any{"title": c.Title})
}

// Campaign reads a campaign for officials; to others it is not there.
func (s *Campaigns) Campaign(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Campaign, error) {
	return find(ctx, tx, who, id, authz.CampaignRead)
}

// Public reads a campaign that the public may know of: one whose pool is fixed.
func (s *Campaigns) Public(ctx context.Context, tx *db.Tx, id db.ID) (Campaign, error) {
	c, err := byID(ctx, tx, id)
	if err == nil && c.PoolDigest == "" {
		return Campaign{}, missing()
	}
	return c, err
}

// dueIn is when an inspection is to be made: by the book's term, at the latest on
// the campaign's last day.
func (s *Campaigns) dueIn(c Campaign, b *Book, from day.Date) day.Date {
	due, _ := s.Calendar.Due(max(from, c.From), b.Terms.Inspect)
	if due > c.To {
		return max(c.To, from)
	}
	return due
}
