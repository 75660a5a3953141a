package credit

import (
	"context"
	"slices"

	"juli/internal/casework"
	"juli/internal/db"
)

// FollowIn keeps a record in step with the case that it came from: what it was
// for is mended (rectified), or came back, before or after it was identified. A record that is not in the way, or
// already says so, is left alone.
func (s *Records) FollowIn(ctx context.Context, tx *db.Tx, record db.ID, rectified bool) error {
	o, err := s.open(ctx, tx, robot, record)
	if err != nil {
		return err
	}
	act, _ := RecordMachine.Act(ActRectify)
	if !slices.Contains(act.From, o.c.State) || (o.c.Rectified != 0) == rectified {
		return nil
	}
	w, event := casework.Way{Act: ActRectify}, "credit.rectified"
	if !rectified {
		w, event = casework.Way{Act: ActRelapse}, "credit.relapsed"
	}
	if err := s.follow(ctx, tx, o, w, event, func(c *Condition) {
		c.Rectified = 0
		if rectified {
			c.Rectified = tx.Today()
		}
		if c.Effective != 0 {
			c.Until = o.b.Until(o.f.record(o.b, *c))
		}
	}); err != nil {
		return err
	}
	if o.c.Until != 0 && o.c.Until < tx.Today() && o.c.State == RecordEffective {
		return s.expire(ctx, tx, o)
	}
	return nil
}
