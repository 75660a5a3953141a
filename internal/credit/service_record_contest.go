package credit

import (
	"cmp"
	"context"
	"slices"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// contestMax bounds how many records are looked at in either state.
const contestMax = 30

// Contestable lists the records to which the actor may object today by the same
// verdict as the record's own page, the nearest deadline first: those that it was
// told of, and those in effect whose term has not run out. The Deadline of each
// is the last day for it.
func (s *Records) Contestable(ctx context.Context, tx *db.Tx, who authz.Actor, limit int) ([]RecordRow, error) {
	told, _, err := s.List(ctx, tx, who, RecordQuery{States: []string{RecordNoticed}, Sort: "due", Limit: contestMax})
	if err != nil {
		return nil, err
	}
	b, err := s.Books(ctx, tx, tx.Today())
	if err != nil {
		return nil, err
	}
	inForce, _, err := s.List(ctx, tx, who, RecordQuery{States: []string{RecordEffective}, Since: b.Objection.open(tx.Today()), Limit: contestMax})
	if err != nil {
		return nil, err
	}
	var out []RecordRow
	for _, x := range append(told, inForce...) {
		may, due, err := s.contest(ctx, tx, who, x.ID)
		if err != nil {
			return nil, err
		}
		if may {
			x.Deadline = due
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b RecordRow) int { return cmp.Compare(orLast(a.Deadline), orLast(b.Deadline)) })
	return out[:min(len(out), limit)], nil
}

// open is the earliest day on which a record may have been told of that can still
// be contested today, 0 without a term. Holidays stretch a term in working days to
// no more than three times its length and two weeks.
func (o *Objection) open(today day.Date) day.Date {
	switch o.Within.Unit {
	case day.Months:
		return today.AddMonths(-o.Within.N - 1)
	case day.Years:
		return today.AddYears(-o.Within.N - 1)
	default:
		if o.Within.N == 0 {
			return 0
		}
		return today.AddDays(-3*o.Within.N - 14)
	}
}

func (s *Records) contest(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (bool, day.Date, error) {
	o, err := s.load(ctx, tx, who, id)
	if err != nil {
		if fault.From(err).Kind == fault.NotFound {
			err = nil
		}
		return false, 0, err
	}
	c, err := casework.Find(ctx, tx, RecordMachine, id)
	if err != nil {
		return false, 0, err
	}
	if !slices.ContainsFunc(casework.AllowedBy(who, c, nil), func(a casework.Act) bool { return a.Name == ActObject }) {
		return false, 0, nil
	}
	ground := ""
	if len(o.b.Objection.Grounds) > 0 {
		ground = o.b.Objection.Grounds[0].Code
	}
	v, err := s.mayObject(ctx, tx, o, ground)
	return v.OK, v.Due, err
}

// orLast puts what has no last day after all that has one.
func orLast(d day.Date) day.Date {
	if d == 0 {
		return 1<<31 - 1
	}
	return d
}
