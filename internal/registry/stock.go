package registry

import (
	"context"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/money"
)

// A Stock is one enterprise or project with what it looks after: the
// denominators beside any figure about it.
type Stock struct {
	ID         db.ID
	USCC       code.USCC // of an enterprise
	Code       code.ProjectCode
	Name       string
	Enterprise code.USCC
	Division   code.Division
	Homes      int64
	Area       money.Area
	Built      int64 // year; of an enterprise the mean of its projects; 0 unknown
	Projects   int64
}

// Stocks are the projects that an enterprise holds, and those enterprises.
type Stocks struct{ Enterprises, Projects []Stock }

// StockOf reads the city's stock, by code.
func StockOf(ctx context.Context, tx *db.Tx) (s Stocks, err error) {
	s.Projects, err = db.All(ctx, tx, func(row db.Scanner) (x Stock, err error) {
		x.Projects = 1
		return x, row.Scan(&x.ID, &x.Code, &x.Name, &x.Enterprise, &x.Division, &x.Homes, (*int64)(&x.Area), &x.Built)
	}, `SELECT id, code, name, enterprise, division, households, area, built FROM project
		WHERE enterprise IS NOT NULL AND enterprise <> '' AND state <> 'LEFT' ORDER BY code`)
	if err != nil {
		return s, err
	}
	s.Enterprises, err = db.All(ctx, tx, func(row db.Scanner) (x Stock, err error) {
		return x, row.Scan(&x.ID, &x.USCC, &x.Name, &x.Division, &x.Homes, (*int64)(&x.Area), &x.Built, &x.Projects)
	}, `
		SELECT e.id, e.uscc, e.name, e.division, CAST(SUM(p.households) AS BIGINT), CAST(SUM(p.area) AS BIGINT),
			CAST(COALESCE(SUM(p.built) FILTER (WHERE p.built > 0) / NULLIF(COUNT(*) FILTER (WHERE p.built > 0), 0), 0) AS BIGINT), COUNT(*)
		FROM enterprise e JOIN project p ON p.enterprise = e.uscc AND p.state <> 'LEFT'
		WHERE e.state <> 'LEFT' GROUP BY e.id, e.uscc, e.name, e.division ORDER BY e.uscc`)
	return s, err
}
