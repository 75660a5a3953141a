package listing

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
)

// ScoreIn ends the collecting of a batch: what was taken is its content.
func (s *Service) ScoreIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) (Batch, error) {
	if err := s.notEmpty(ctx, tx, t.ID); err != nil {
		return Batch{}, err
	}
	return s.move(ctx, tx, who, t, ActScore, "listing.scored")
}

func (s *Service) notEmpty(ctx context.Context, tx *db.Tx, batch db.ID) error {
	all, err := entriesOf(ctx, tx, batch)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.Conflict, "listing.empty", "这一批还没有选定的条目，请先从候选中选定。")
	}
	return err
}

// BackIn takes a scored batch back to collecting.
func (s *Service) BackIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) (Batch, error) {
	return s.move(ctx, tx, who, t, ActBack, "listing.reopened")
}

// SendIn sends every entry to its district for review.
func (s *Service) SendIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) (Batch, error) {
	b, err := s.move(ctx, tx, who, t, ActSend, "listing.sent")
	if err != nil {
		return b, err
	}
	book, err := s.Books.ByDigest(ctx, tx, b.Book)
	if err != nil {
		return b, err
	}
	all, err := entriesOf(ctx, tx, b.ID)
	if err != nil {
		return b, err
	}
	for _, e := range all {
		if e.State != Taken {
			continue
		}
		if e, err = s.step(ctx, tx, robot, e, 0, casework.Way{Act: actAskReview, Term: &book.Terms.Review, Calendar: s.Calendar}); err != nil {
			return b, err
		}
		if err := setEntry(ctx, tx, e); err != nil {
			return b, err
		}
	}
	return b, nil
}

// step takes an act on an entry's case; the caller stores the entry.
func (s *Service) step(ctx context.Context, tx *db.Tx, who authz.Actor, e Entry, version int64, w casework.Way) (Entry, error) {
	if w.Calendar == nil {
		w.Calendar = s.Calendar
	}
	w.Note = tidy(w.Note)
	c, err := casework.Do(ctx, tx, who, EntryMachine, casework.Move{Case: e.ID, Version: version, Way: w})
	e.State = c.State
	return e, err
}

// ReviewIn is the district's word on an entry: confirmed, or not to be listed
// with the reason. Who nominated a subject does not review it (AZ-5). The last
// review of a batch has the enterprises told.
func (s *Service) ReviewIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, confirm bool) (Entry, error) {
	e, err := s.entryFor(ctx, tx, who, t.ID)
	if err != nil {
		return e, err
	}
	if err := authz.Require(who, authz.ListReview, e.Place()); err != nil {
		return e, err
	}
	if err := authz.RequireOther(who, authz.ListReview, e.nominator); err != nil {
		return e, err
	}
	act, event := ActConfirm, "listing.confirmed"
	if !confirm {
		act, event = ActReject, "listing.rejected"
	}
	if e, err = s.step(ctx, tx, who, e, t.Version, casework.Way{Act: act, Note: t.Note}); err != nil {
		return e, err
	}
	if err := setEntry(ctx, tx, e); err != nil {
		return e, err
	}
	if err := audit.Append(ctx, tx, who, event, e.Object(), audit.Change{Act: authz.ListReview, At: e.Place()}); err != nil {
		return e, err
	}
	return e, s.reviewed(ctx, tx, e.Batch)
}

// reviewed moves a batch on when no district has to look any more.
func (s *Service) reviewed(ctx context.Context, tx *db.Tx, batch db.ID) error {
	if err := tx.Lock(ctx, "case", batch); err != nil {
		return err
	}
	open, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM listing_entry WHERE batch = $1 AND state = $2`, batch, InReview)
	if err != nil || open > 0 {
		return err
	}
	b, err := s.move(ctx, tx, robot, Take{ID: batch}, actReviewed, "")
	if err != nil {
		return err
	}
	if err := s.tellAll(ctx, tx, b); err != nil {
		return err
	}
	return s.replied(ctx, tx, batch)
}

// tellAll tells each enterprise what is to be published of it, with the clock of
// its reply.
func (s *Service) tellAll(ctx context.Context, tx *db.Tx, b Batch) error {
	book, err := s.Books.ByDigest(ctx, tx, b.Book)
	if err != nil {
		return err
	}
	all, err := entriesOf(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.State != Confirmed {
			continue
		}
		if err := s.tell(ctx, tx, book, b, e); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, book *Book, b Batch, e Entry) (err error) {
	if e, err = s.step(ctx, tx, robot, e, 0, casework.Way{Act: actNotify, Term: &book.Terms.Reply}); err != nil {
		return err
	}
	e.NotifiedOn = tx.Today()
	e.ReplyDue, _ = s.calendar().Due(tx.Today(), book.Terms.Reply)
	if e.Notice, err = notify.NextNumber(ctx, tx, noticeSeries, tx.Today().Year()); err != nil {
		return err
	}
	if err := setEntry(ctx, tx, e); err != nil {
		return err
	}
	_, err = notify.Send(ctx, tx, robot, notify.Message{
		Kind: "listing.notice", Title: "拟列入" + e.Side.Title() + "告知书：" + e.Name, Object: e.Object(), Link: "/enterprise/lists/" + e.ID.String(), Number: e.Notice,
		Body: b.Title + "拟将" + e.Name + "列入" + e.Side.Title() + "。\n理由：" + e.Reason + "。\n如有意见，请在" + e.ReplyDue.Chinese() + "（含当日）以前在平台陈述申辩；申辩内容将与条目一并公开。",
		To:   []notify.Party{notify.ToEnterprise(e.Enterprise)},
	})
	if err != nil {
		return err
	}
	return audit.Append(ctx, tx, robot, "listing.notified", e.Object(), map[string]any{"number": e.Notice, "due": e.ReplyDue})
}

// noticeSeries numbers the letters to enterprises.
const noticeSeries = "物业榜单告知"

// replied hands a batch to the city when no enterprise's reply is awaited.
func (s *Service) replied(ctx context.Context, tx *db.Tx, batch db.ID) error {
	if err := tx.Lock(ctx, "case", batch); err != nil {
		return err
	}
	open, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM listing_entry WHERE batch = $1 AND state = $2`, batch, InReply)
	if err != nil || open > 0 {
		return err
	}
	_, err = s.move(ctx, tx, robot, Take{ID: batch}, actReplied, "")
	return err
}
