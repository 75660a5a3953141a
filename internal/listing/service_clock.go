package listing

import (
	"context"

	"juli/internal/audit"
	"juli/internal/casework"
	"juli/internal/db"
)

// roundMax is how many entries one round of the clock takes on.
const roundMax = 200

// Advance lets time do its work, round by round.
func (s *Service) Advance(ctx context.Context) (moved int, err error) {
	for more := true; more; {
		var n int
		err := s.DB.Write(ctx, func(tx *db.Tx) (err error) { n, more, err = s.AdvanceIn(ctx, tx); return err })
		if err != nil {
			return moved, err
		}
		moved += n
	}
	return moved, nil
}

// AdvanceIn ends the terms that have run out: an enterprise that did not answer
// in time is heard no longer, an entry past its last day leaves the list, and a
// batch whose turn has come begins.
// A district's silence is not consent: its reviews wait on, overdue.
func (s *Service) AdvanceIn(ctx context.Context, tx *db.Tx) (moved int, more bool, err error) {
	if err := s.begin(ctx, tx); err != nil {
		return 0, false, err
	}
	today := tx.Today()
	silent, err := db.All(ctx, tx, scanEntry, `SELECT `+entryColumns+` FROM listing_entry e WHERE e.state = $1 AND e.reply_due < $2 ORDER BY e.id LIMIT $3`, InReply, today, roundMax)
	if err != nil {
		return 0, false, err
	}
	for _, e := range silent {
		if e, err = s.step(ctx, tx, robot, e, 0, casework.Way{Act: actSilent}); err != nil {
			return 0, false, err
		}
		if err := setEntry(ctx, tx, e); err != nil {
			return 0, false, err
		}
		if err := audit.Append(ctx, tx, robot, "listing.reply-lapsed", e.Object(), nil); err != nil {
			return 0, false, err
		}
		if err := s.replied(ctx, tx, e.Batch); err != nil {
			return 0, false, err
		}
	}
	over, err := db.All(ctx, tx, scanEntry, `SELECT `+entryColumns+` FROM listing_entry e
		WHERE e.state IN ($1, $2, $3) AND e.until_day < $4 ORDER BY e.until_day, e.id LIMIT $5`, Listed, Repairing, Disputed, today, roundMax)
	if err != nil {
		return 0, false, err
	}
	for _, e := range over {
		if e, err = s.step(ctx, tx, robot, e, 0, casework.Way{Act: actEnd}); err != nil {
			return 0, false, err
		}
		if _, err := s.end(ctx, tx, robot, e, "期满移出", "listing.removed", false); err != nil {
			return 0, false, err
		}
	}
	return len(silent) + len(over), len(silent) == roundMax || len(over) == roundMax, nil
}
