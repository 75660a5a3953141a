package supervision

import (
	"context"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
)

// AdvanceIn lets time do its work on at most a hundred cases: deadlines run out,
// unopposed re-checks close, closed cases are filed. more tells to call again.
func (s *Cases) AdvanceIn(ctx context.Context, tx *db.Tx) (n int, more bool, err error) {
	const batch = 100
	for _, x := range []struct{ state, act string }{{Ordered, ActLapse}, {Asking, ActLapse}, {Passed, ActSettle}} {
		list, err := casework.PastDue(ctx, tx, CaseMachine, x.state, tx.Today(), casework.Cursor{}, batch)
		if err != nil {
			return n, false, err
		}
		for _, c := range list {
			if x.act == ActLapse {
				var o *opened
				if o, err = s.open(ctx, tx, robot, c.ID); err == nil {
					err = s.lapse(ctx, tx, o, 0)
				}
			} else {
				err = s.end(ctx, tx, robot, Take{ID: c.ID}, ActSettle, FixedRechecked)
			}
			if err != nil {
				return n, false, err
			}
			n++
		}
		more = more || len(list) == batch
	}
	pleas, further, err := s.lapsePleas(ctx, tx, batch)
	if err != nil {
		return n, false, err
	}
	n, more = n+pleas, more || further
	list, err := closedBefore(ctx, tx, tx.Today().AddDays(-archiveAfter), batch)
	if err != nil {
		return n, false, err
	}
	for _, id := range list {
		if err := s.archive(ctx, tx, id); err != nil {
			return n, false, err
		}
		n++
	}
	return n, more || len(list) == batch, nil
}

// archiveAfter bounds the search; each case's own rulebook decides.
const archiveAfter = 90

// lapse makes a case late and gives it to the district.
func (s *Cases) lapse(ctx context.Context, tx *db.Tx, o *opened, version int64) error {
	district, ok := casework.HolderAt(authz.DistrictBureau, o.Place())
	if !ok {
		district = o.orderer()
	}
	err := s.move(ctx, tx, robot, o, Take{ID: o.ID, Version: version}, casework.Way{Act: ActLapse, Holder: &district, Term: &o.book.Terms.Escalate}, "supervision.overdue", func(c *Case) {
		c.Late, c.Body = true, district.Key()
	})
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, robot, o, "supervision.overdue", "整改逾期", "整改期限已过，案件已提级督办。", "")
}

func (s *Cases) archive(ctx context.Context, tx *db.Tx, id db.ID) error {
	o, err := s.open(ctx, tx, robot, id)
	if err != nil {
		return err
	}
	return s.move(ctx, tx, robot, o, Take{ID: id}, casework.Way{Act: ActArchive}, "supervision.archived", nil)
}
