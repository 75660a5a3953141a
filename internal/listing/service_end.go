package listing

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
)

// DecideRepairIn takes a black entry off the list, or keeps it there with the
// reason. Who took the entry into the batch does not decide.
func (s *Service) DecideRepairIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, grant bool) (Entry, error) {
	e, err := s.entryFor(ctx, tx, who, t.ID)
	if err != nil {
		return e, err
	}
	if err := authz.Require(who, authz.ListDecide, s.place()); err != nil {
		return e, err
	}
	text := tidy(t.Note)
	if err := public(text); err != nil {
		return e, err
	}
	act, event := ActGrantRepair, "listing.repaired"
	if !grant {
		act, event = ActDenyRepair, "listing.repair-refused"
	}
	if e, err = s.step(ctx, tx, who, e, t.Version, casework.Way{Act: act, Note: text}); err != nil {
		return e, err
	}
	if err := addWord(ctx, tx, e.ID, wordDecision, text, who.Account); err != nil {
		return e, err
	}
	if !grant {
		if err := setEntry(ctx, tx, e); err != nil {
			return e, err
		}
		if err := s.sayEnd(ctx, tx, e, "不予移出黑榜", text); err != nil {
			return e, err
		}
		return e, audit.Append(ctx, tx, who, event, e.Object(), audit.Change{Act: authz.ListDecide, At: e.Place()})
	}
	return s.end(ctx, tx, who, e, "修复移出", event, true)
}

// AskCorrectIn says that an entry should not have been published; another person
// decides.
func (s *Service) AskCorrectIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) (Entry, error) {
	e, err := s.entryFor(ctx, tx, who, t.ID)
	if err != nil {
		return e, err
	}
	if err := authz.Require(who, authz.ListPropose, s.place()); err != nil {
		return e, err
	}
	book, err := s.bookOf(ctx, tx, e)
	if err != nil {
		return e, err
	}
	if e, err = s.step(ctx, tx, who, e, t.Version, casework.Way{Act: ActAskCorrect, Note: t.Note, Term: &book.Terms.Correct}); err != nil {
		return e, err
	}
	if err := setEntry(ctx, tx, e); err != nil {
		return e, err
	}
	return e, audit.Append(ctx, tx, who, "listing.correction-asked", e.Object(), audit.Change{Act: authz.ListPropose, At: e.Place()})
}

// CorrectIn takes an entry back by an act of its own, or keeps it. The entry
// stays to be seen, with the reason; it no longer counts.
func (s *Service) CorrectIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, annul bool) (Entry, error) {
	e, err := s.entryFor(ctx, tx, who, t.ID)
	if err != nil {
		return e, err
	}
	if err := authz.Require(who, authz.ListCorrect, s.place()); err != nil {
		return e, err
	}
	text := tidy(t.Note)
	if err := public(text); err != nil {
		return e, err
	}
	act := ActKeep
	if annul {
		act = ActCorrect
	}
	if e, err = s.step(ctx, tx, who, e, t.Version, casework.Way{Act: act, Note: text}); err != nil {
		return e, err
	}
	if err := addWord(ctx, tx, e.ID, wordDecision, text, who.Account); err != nil {
		return e, err
	}
	if !annul {
		if err := setEntry(ctx, tx, e); err != nil {
			return e, err
		}
		return e, audit.Append(ctx, tx, who, "listing.correction-refused", e.Object(), audit.Change{Act: authz.ListCorrect, At: e.Place()})
	}
	if err := s.voidFollows(ctx, tx, e.ID); err != nil {
		return e, err
	}
	return s.end(ctx, tx, who, e, "更正撤销", "listing.corrected", false)
}

// end notes that an entry no longer stands on the list and why, and closes the
// batch when it was the last.
func (s *Service) end(ctx context.Context, tx *db.Tx, who authz.Actor, e Entry, why, event string, repaired bool) (Entry, error) {
	e.EndedOn, e.EndedWhy = tx.Today(), why
	if err := setEntry(ctx, tx, e); err != nil {
		return e, err
	}
	if err := credit.LeaveList(ctx, tx, e.ID, e.EndedOn, repaired); err != nil {
		return e, err
	}
	b, err := batchByID(ctx, tx, e.Batch)
	if err != nil {
		return e, err
	}
	if err := s.sayEnd(ctx, tx, e, "移出"+e.Side.Title(), why); err != nil {
		return e, err
	}
	if err := audit.Append(ctx, tx, who, event, e.Object(), map[string]any{"batch": b.ID, "number": b.Number, "why": why}); err != nil {
		return e, err
	}
	if event == "listing.corrected" && b.State == Published {
		if _, err = s.move(ctx, tx, robot, Take{ID: b.ID}, actCorrect, ""); err != nil {
			return e, err
		}
	}
	standing, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM listing_entry WHERE batch = $1 AND listed_on IS NOT NULL AND ended_on IS NULL`, e.Batch)
	if err != nil || standing > 0 {
		return e, err
	}
	_, err = s.move(ctx, tx, robot, Take{ID: e.Batch}, actExpire, "listing.expired")
	return e, err
}

func (s *Service) sayEnd(ctx context.Context, tx *db.Tx, e Entry, what, why string) error {
	_, err := notify.Send(ctx, tx, robot, notify.Message{
		Kind: "listing.ended", Title: e.Name + what, Object: e.Object(), Link: "/enterprise/lists/" + e.ID.String(),
		Body: e.Name + what + "：" + why, To: []notify.Party{notify.ToEnterprise(e.Enterprise)},
	})
	return err
}

// entryFor reads an entry for who may know of it at its stage: the public once
// it was published, the enterprise once it was told, officials of the place before.
func (s *Service) entryFor(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Entry, error) {
	e, err := entryByID(ctx, tx, id)
	switch {
	case err != nil:
		return e, err
	case e.ListedOn != 0:
		return e, nil
	case !authz.May(who, authz.ListRead, e.Place()):
		return Entry{}, noEntry()
	case e.NotifiedOn == 0 && !worksOn(who):
		return Entry{}, noEntry()
	}
	return e, nil
}

// Entry is [Service.entryFor] for the pages.
func (s *Service) Entry(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Entry, error) {
	return s.entryFor(ctx, tx, who, id)
}

// PublicEntry reads an entry as everybody may see it.
func (s *Service) PublicEntry(ctx context.Context, tx *db.Tx, id db.ID) (Entry, error) {
	e, err := entryByID(ctx, tx, id)
	if err == nil && e.ListedOn == 0 {
		err = fault.New(fault.NotFound, "listing.no-entry", "没有找到这条红黑榜条目。")
	}
	return e, err
}
