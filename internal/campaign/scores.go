package campaign

import (
	"context"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
)

// A ProjectScore is what the settled inspections of a period say of a project in the
// hands of the enterprise that served it then.
type ProjectScore struct {
	Project    code.ProjectCode
	Enterprise code.USCC
	Made       int64
	Mean       money.Points
}

// ScoresOf reads the inspections that were settled from a day to a day, both
// included, by project and enterprise: what red and black lists look at.
func ScoresOf(ctx context.Context, tx *db.Tx, from, to day.Date) ([]ProjectScore, error) {
	return db.All(ctx, tx, func(row db.Scanner) (p ProjectScore, err error) {
		var sum int64
		err = row.Scan(&p.Project, &p.Enterprise, &p.Made, &sum)
		p.Mean = money.Points(sum / max(p.Made, 1))
		return p, err
	}, `
		SELECT project, enterprise, COUNT(*), CAST(SUM(score) AS BIGINT) FROM inspection
		WHERE settled_on >= $1 AND settled_on <= $2 GROUP BY project, enterprise ORDER BY project, enterprise`, from, to)
}
