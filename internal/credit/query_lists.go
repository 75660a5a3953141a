package credit

import (
	"context"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
)

// Everybody lists every subject of a kind in an evaluation with its name and
// code, the best score first: what a list's triggers look at.
func (s *Evaluations) Everybody(ctx context.Context, tx *db.Tx, evaluation db.ID, kind SubjectKind) (all []Ranked, err error) {
	for after := ""; ; {
		list, next, err := s.Standings(ctx, tx, League{Evaluation: evaluation, Kind: kind, After: after, Limit: pageMax})
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if after = next; next == "" {
			return all, nil
		}
	}
}

// A Noted is credit information that counted in a period.
type Noted struct {
	Record     db.ID
	Item       string
	Class      string
	Enterprise code.USCC
	Project    string // "" for the enterprise's own
	Event      day.Date
}

// NotedIn lists the credit information that took effect in a period, whenever its
// event was, and was neither repaired nor annulled: by the day of the event, what is
// decided after a period's end would be in none.
func NotedIn(ctx context.Context, tx *db.Tx, from, to day.Date) ([]Noted, error) {
	return db.All(ctx, tx, func(row db.Scanner) (n Noted, err error) {
		return n, row.Scan(&n.Record, &n.Item, &n.Class, &n.Enterprise, &n.Project, &n.Event)
	}, `
		SELECT record, item, class, enterprise, project, event FROM credit_current
		WHERE effective >= $1 AND effective <= $2 AND state IN ($3, $4, $5) ORDER BY event, record`, from, to, RecordEffective, RecordRepairing, RecordExpired)
}

// NotedOf is [NotedIn] of one project, or of an enterprise itself where project
// is "", the newest first.
func NotedOf(ctx context.Context, tx *db.Tx, enterprise code.USCC, project string, from, to day.Date, limit int) ([]Noted, error) {
	return db.All(ctx, tx, func(row db.Scanner) (n Noted, err error) {
		return n, row.Scan(&n.Record, &n.Item, &n.Class, &n.Enterprise, &n.Project, &n.Event)
	}, `
		SELECT record, item, class, enterprise, project, event FROM credit_current
		WHERE enterprise = $1 AND project = $2 AND effective >= $3 AND effective <= $4 AND state IN ($5, $6, $7) ORDER BY event DESC, record LIMIT $8`,
		string(enterprise), project, from, to, RecordEffective, RecordRepairing, RecordExpired, limit)
}
