package campaign

import (
	"context"
	"fmt"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

const listMax = 200

// A Query chooses campaigns; zero fields choose all. Public leaves out what is
// not fixed yet. Before is the last one of the page before.
type Query struct {
	State  string
	Kind   string
	Public bool
	Before db.ID
	Limit  int
}

// List reads campaigns, the newest first.
func (s *Campaigns) List(ctx context.Context, tx *db.Tx, who authz.Actor, q Query) ([]Campaign, error) {
	cond, args := "pool_digest <> ''", []any(nil)
	if !q.Public {
		if err := authz.RequireAny(who, authz.CampaignRead); err != nil {
			return nil, err
		}
		cond, args = authz.Filter(authz.Scopes(who, authz.CampaignRead), authz.Columns{Division: "division"}, 1)
	}
	arg := func(v any) string { args = append(args, v); return fmt.Sprint("$", len(args)) }
	if q.State != "" {
		cond += " AND state = " + arg(q.State)
	}
	if q.Kind != "" {
		cond += " AND kind = " + arg(q.Kind)
	}
	if q.Before != 0 {
		cond += " AND id < " + arg(q.Before)
	}
	return db.All(ctx, tx, scan, `SELECT `+columns+` FROM campaign WHERE `+cond+` ORDER BY id DESC LIMIT `+arg(min(max(q.Limit, 1), listMax)), args...)
}

// A Sift chooses inspections; zero fields choose all.
type Sift struct {
	Campaign db.ID
	State    string
	Result   string // "settled": it stands; "pass", "fail"; "mended": failed, and mended in time; "open"
	Division code.Division
	Mine     bool // led or to be confirmed by the actor
	Public   bool // of everybody's page: what stands, and after the end what was drawn
	Settled  day.Date
	Before   db.ID
	Limit    int
}

// rectified is: everything that was found was mended by its day.
const rectified = `NOT EXISTS (SELECT 1 FROM inspection_finding f WHERE f.inspection = i.id AND f.round = i.round AND (f.mended_on IS NULL OR f.mended_on > f.due))`

// Inspections reads inspections, the newest first, kept to what the actor may see.
func (s *Campaigns) Inspections(ctx context.Context, tx *db.Tx, who authz.Actor, q Sift) ([]Inspection, error) {
	cond, args := "(i.settled_on IS NOT NULL OR EXISTS (SELECT 1 FROM campaign c WHERE c.id = i.campaign AND c.state = 'concluded'))", []any(nil)
	if !q.Public {
		if err := authz.RequireAny(who, authz.InspectionRead); err != nil {
			return nil, err
		}
		cond, args = authz.Filter(authz.Scopes(who, authz.InspectionRead), authz.Columns{Division: "i.division", Enterprise: "i.enterprise", Project: "i.project"}, 1)
		if !Official(who) {
			cond += " AND i.settled_on IS NOT NULL"
		}
	}
	arg := func(v any) string { args = append(args, v); return fmt.Sprint("$", len(args)) }
	if q.Campaign != 0 {
		cond += " AND i.campaign = " + arg(q.Campaign)
	}
	if q.State != "" {
		cond += " AND i.state = " + arg(q.State)
	}
	switch q.Result {
	case "":
	case "settled":
		cond += " AND i.settled_on IS NOT NULL"
	case "pass":
		cond += " AND i.settled_on IS NOT NULL AND i.passed"
	case "fail":
		cond += " AND i.settled_on IS NOT NULL AND NOT i.passed"
	case "mended":
		cond += " AND i.settled_on IS NOT NULL AND NOT i.passed AND " + rectified
	case "open":
		cond += " AND i.settled_on IS NULL"
	default:
		return nil, fault.New(fault.Invalid, "campaign.result", "没有这种检查结果。")
	}
	if q.Division != "" {
		cond += " AND i.division >= " + arg(string(q.Division)) + " AND i.division < " + arg(string(q.Division)+":")
	}
	if q.Mine {
		me := arg(who.Account)
		cond += " AND (i.first_account = " + me + " OR i.second_account = " + me + ")"
	}
	if q.Settled != 0 {
		cond += " AND i.settled_on <= " + arg(q.Settled)
	}
	if q.Before != 0 {
		cond += " AND i.id < " + arg(q.Before)
	}
	return db.All(ctx, tx, scanInspection, `SELECT `+inspectionColumns+` FROM inspection i WHERE `+cond+` ORDER BY i.id DESC LIMIT `+arg(min(max(q.Limit, 1), listMax)), args...)
}

const tallySelect = `
	SELECT COUNT(*), COUNT(i.settled_on), COUNT(*) FILTER (WHERE i.settled_on IS NOT NULL AND i.passed), COUNT(*) FILTER (WHERE i.settled_on IS NOT NULL AND NOT i.passed),
		COUNT(*) FILTER (WHERE i.settled_on IS NOT NULL AND NOT i.passed AND ` + rectified + `)
	FROM inspection i `

func scanTally(row db.Scanner) (t Tally, err error) {
	return t, row.Scan(&t.Planned, &t.Inspected, &t.Passed, &t.Failed, &t.Rectified)
}

// TallyOf counts a campaign's inspections as they stand.
func TallyOf(ctx context.Context, tx *db.Tx, id db.ID) (Tally, error) {
	t, _, err := db.One(ctx, tx, scanTally, tallySelect+`WHERE i.campaign = $1`, id)
	if err != nil {
		return t, err
	}
	type two struct{ findings, cases int64 }
	n, _, err := db.One(ctx, tx, func(row db.Scanner) (n two, err error) { return n, row.Scan(&n.findings, &n.cases) }, `
		SELECT COUNT(*), COUNT(f.case_id) FROM inspection_finding f JOIN inspection i ON i.id = f.inspection AND i.round = f.round
		WHERE i.campaign = $1 AND i.settled_on IS NOT NULL`, id)
	t.Findings, t.Cases = n.findings, n.cases
	return t, err
}

// MadeBy counts what was inspected in a division ("" all of it) by a day.
func MadeBy(ctx context.Context, tx *db.Tx, at code.Division, on day.Date) (Tally, error) {
	t, _, err := db.One(ctx, tx, scanTally, tallySelect+`WHERE i.settled_on <= $1 AND i.division >= $2 AND i.division < $3`, on, string(at), string(at)+":")
	return t, err
}
