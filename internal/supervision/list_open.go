package supervision

import (
	"context"
	"fmt"
	"strings"

	"juli/internal/db"
)

// OpenOf counts, by project, the cases of some severities that were found true
// and are not closed, whenever that was.
func OpenOf(ctx context.Context, tx *db.Tx, severities []string) ([]Tally, error) {
	if len(severities) == 0 {
		return nil, nil
	}
	args, in := []any{}, make([]string, len(severities))
	for i, s := range severities {
		args = append(args, s)
		in[i] = fmt.Sprintf("$%d", i+1)
	}
	return db.All(ctx, tx, func(row db.Scanner) (t Tally, err error) {
		return t, row.Scan(&t.Project, &t.Enterprise, &t.Open, &t.Last)
	}, `
		SELECT project, enterprise, COUNT(*), MAX(id) FROM supervision_case
		WHERE severity IN (`+strings.Join(in, ", ")+`) AND verified IS NOT NULL AND closed_on IS NULL AND state IN ('found', 'longer', 'handing', 'ending', 'ordered', 'asking', 'overdue', 'reported')
		GROUP BY project, enterprise ORDER BY project, enterprise LIMIT 100000`, args...)
}

// LapsedNotLate lists the numbers of cases whose steps tell of a missed deadline
// while the case itself does not (`juli doctor`).
func LapsedNotLate(ctx context.Context, tx *db.Tx) ([]string, error) {
	return db.All(ctx, tx, func(row db.Scanner) (no string, err error) { return no, row.Scan(&no) }, `
		SELECT c.no FROM supervision_case c
		WHERE NOT c.late AND EXISTS (SELECT 1 FROM casework_step s WHERE s.case_id = c.id AND s.act = '`+ActLapse+`')
		ORDER BY c.id LIMIT 1000`)
}
