package city

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/supervision"
)

// clear has the districts go through what lies overdue, on Fridays: what late
// reports made into cases, and the credit records that measures proposed.
func (dr *driver) clear(ctx context.Context, tx *db.Tx, _ *rand.Rand, today day.Date) error {
	if today < casesFrom || today.Time().Weekday() != time.Friday {
		return nil
	}
	for _, district := range slices.Compact(slices.Sorted(maps.Values(dr.district))) {
		who, err := dr.people.body(ctx, tx, authz.DistrictBureau, authz.Scope{Division: district}, 4) // others proposed, and decide on repair
		if err != nil {
			return err
		}
		for _, m := range []*casework.Machine{supervision.CaseMachine, credit.RecordMachine} {
			todos, _, err := casework.Todos(ctx, tx, who, []*casework.Machine{m}, casework.Filter{Machine: m.Name, Late: true}, casework.Cursor{}, 100)
			if err != nil {
				return err
			}
			for _, t := range todos {
				if err := dr.try(ctx, tx, task{"clear", func(ctx context.Context, tx *db.Tx) error { return dr.clearOne(ctx, tx, who, t) }}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (dr *driver) clearOne(ctx context.Context, tx *db.Tx, who authz.Actor, t casework.Todo) error {
	switch t.State {
	case supervision.Registered:
		return dr.Cases.DismissIn(ctx, tx, who, supervision.Take{ID: t.ID, Version: t.Version, Note: "现场查看，诉求已经办结，问题已消除，不另立案。"})
	case credit.RecordChecked:
		return dr.Records.IdentifyIn(ctx, tx, who, credit.Take{Record: t.ID, Version: t.Version}, credit.Discretion{})
	}
	return nil
}
