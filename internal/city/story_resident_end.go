package city

import (
	"context"
	"math/rand/v2"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/resident"
)

func (dr *driver) rates(p *plaint, on day.Date, round int) {
	dr.later(on, "report-rate", func(ctx context.Context, tx *db.Tx) error {
		solved := p.r.IntN(100) < 84
		x := resident.Rating{Solved: solved, Satisfied: solved && p.r.IntN(100) < 95 || p.r.IntN(100) < 20}
		if err := dr.Reports.RateIn(ctx, tx, authz.Anonymous, p.follow, x); err != nil {
			return err
		}
		if !solved && round < 2 {
			wait := 1 + p.r.IntN(2)
			if p.r.IntN(5) == 0 {
				wait += 7
			}
			dr.answers(p, on.AddDays(wait), round+1)
		}
		return nil
	})
}

// again has a neighbour report the same, and the street merge the two.
func (dr *driver) again(p *plaint, on day.Date) {
	twin := &plaint{complaint: p.complaint, project: p.project, r: rand.New(rand.NewPCG(p.r.Uint64(), 13))}
	dr.later(on, "report", func(ctx context.Context, tx *db.Tx) error { return dr.handIn(ctx, tx, twin) })
	dr.later(on.AddDays(1), "report-merge", func(ctx context.Context, tx *db.Tx) error {
		c, err := casework.Find(ctx, tx, resident.Machine, twin.id)
		if err != nil {
			return err
		}
		who, err := dr.bodyAt(ctx, tx, twin, authz.Subdistrict, 1)
		if err != nil {
			return err
		}
		return dr.Reports.MergeIn(ctx, tx, who, resident.Take{Report: twin.id, Version: c.Version}, p.id)
	})
}
