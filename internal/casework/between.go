package casework

import (
	"context"
	"strconv"
	"strings"
	"time"

	"juli/internal/db"
)

// A Passed step is one of a case among many.
type Passed struct {
	Case    db.ID
	Version int64
	To      string
	At      time.Time
}

// Between lists the steps that the cases of a machine took in a time, oldest
// first; within one instant by case and version. Where cases are named, theirs alone.
func Between(ctx context.Context, tx *db.Tx, m *Machine, cases []db.ID, from, to time.Time, limit, skip int) ([]Passed, error) {
	cond, args := "", []any{db.Millis(from), db.Millis(to), m.Name, limit, skip}
	if len(cases) > 0 {
		var marks []string
		for _, id := range cases {
			args = append(args, id)
			marks = append(marks, "$"+strconv.Itoa(len(args)))
		}
		cond = " AND s.case_id IN (" + strings.Join(marks, ", ") + ")"
	}
	return db.All(ctx, tx, func(row db.Scanner) (p Passed, err error) {
		var at int64
		err = row.Scan(&p.Case, &p.Version, &p.To, &at)
		p.At = db.FromMillis(at)
		return p, err
	}, `
		SELECT s.case_id, s.version, s.to_state, s.at
		FROM casework_step s JOIN casework_case c ON c.id = s.case_id
		WHERE s.at >= $1 AND s.at <= $2 AND c.machine = $3`+cond+`
		ORDER BY s.at, s.case_id, s.version LIMIT $4 OFFSET $5`, args...)
}
