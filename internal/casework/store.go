package casework

import (
	"context"
	"fmt"
	"strings"

	"juli/internal/day"
	"juli/internal/db"
)

// noDue is how a case without a deadline is stored, so that it sorts last.
const noDue = "9999-12-31"

func dueText(d day.Date) string {
	if d == 0 {
		return noDue
	}
	return d.String()
}

// ParseDue reads a stored deadline, for features that join the table of cases.
func ParseDue(s string) (day.Date, error) {
	if s == noDue {
		return 0, nil
	}
	return day.Parse(s)
}

var caseNames = []string{
	"id", "machine", "object", "title", "division", "enterprise", "project", "state", "version",
	"due", "due_assumed", "holder", "account", "closed", "opened_at", "opened_by", "moved_at", "ready",
}

func (c *Case) values() []any {
	return []any{
		c.ID, c.Machine.Name, c.Object, c.Title, string(c.Place.Division), string(c.Place.Enterprise), c.Place.Project,
		c.State, c.Version, dueText(c.Due), c.Assumed, c.Holder.Key(), c.Account, c.Closed,
		db.Millis(c.OpenedAt), c.OpenedBy, db.Millis(c.MovedAt), c.Ready.String(),
	}
}

func insertCase(ctx context.Context, tx *db.Tx, c Case) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO casework_case (id, machine, object, title, division, enterprise, project, state, version,
			due, due_assumed, holder, account, closed, opened_at, opened_by, moved_at, ready)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`, c.values()...)
	if err != nil {
		return fmt.Errorf("insert case: %w", err)
	}
	return nil
}

// updateCase writes a case whose version grew by one; another's change in between loses.
func updateCase(ctx context.Context, tx *db.Tx, c Case) error {
	n, err := tx.Exec(ctx, `
		UPDATE casework_case
		SET state = $3, version = $4, due = $5, due_assumed = $6, holder = $7, account = $8, closed = $9, moved_at = $10, title = $11,
			division = $12, enterprise = $13, project = $14, ready = $15
		WHERE id = $1 AND version = $2`,
		c.ID, c.Version-1, c.State, c.Version, dueText(c.Due), c.Assumed, c.Holder.Key(), c.Account, c.Closed, db.Millis(c.MovedAt), c.Title,
		string(c.Place.Division), string(c.Place.Enterprise), c.Place.Project, c.Ready.String())
	if err != nil {
		return fmt.Errorf("update case: %w", err)
	}
	if n != 1 {
		return stale(c)
	}
	return nil
}

func insertStep(ctx context.Context, tx *db.Tx, id db.ID, s Step, request string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO casework_step (case_id, version, act, from_state, to_state, account, person, system, body, note,
			due, holder, at, at_real, request)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`, s.values(id, request)...)
	if err != nil {
		return fmt.Errorf("insert step: %w", err)
	}
	return nil
}

var stepNames = []string{
	"case_id", "version", "act", "from_state", "to_state", "account", "person", "system", "body", "note",
	"due", "holder", "at", "at_real", "request",
}

func (s *Step) values(id db.ID, request string) []any {
	return []any{
		id, s.Version, s.Act, s.From, s.To, s.Account, s.Person, s.System, s.Body, s.Note,
		dueText(s.Due), s.Holder.Key(), db.Millis(s.At), db.Millis(s.AtReal), request,
	}
}

// insertAll stores cases with their first steps.
func insertAll(ctx context.Context, tx *db.Tx, cases []Case, steps []Step, request string) error {
	_, err := tx.Bulk(ctx, "casework_case", caseNames, func(yield func([]any) bool) {
		for i := range cases {
			if !yield(cases[i].values()) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	_, err = tx.Bulk(ctx, "casework_step", stepNames, func(yield func([]any) bool) {
		for i := range steps {
			if !yield(steps[i].values(cases[i].ID, request)) {
				return
			}
		}
	})
	return err
}

const caseColumns = `c.id, c.machine, c.object, c.title, c.division, c.enterprise, c.project, c.state, c.version,
	c.due, c.due_assumed, c.holder, c.account, c.closed, c.opened_at, c.opened_by, c.moved_at, c.ready`

func scanCase(row db.Scanner) (c Case, err error) {
	var machine, division, enterprise, project, due, holder, ready string
	var opened, moved int64
	if err = row.Scan(&c.ID, &machine, &c.Object, &c.Title, &division, &enterprise, &project, &c.State, &c.Version,
		&due, &c.Assumed, &holder, &c.Account, &c.Closed, &opened, &c.OpenedBy, &moved, &ready); err != nil {
		return c, err
	}
	c.Machine = &Machine{Name: machine}
	c.Place, c.Holder = placeOf(division, enterprise, project), ParseHolder(holder)
	c.OpenedAt, c.MovedAt = db.FromMillis(opened), db.FromMillis(moved)
	if ready != "" {
		if c.Ready, err = day.Parse(ready); err != nil {
			return c, err
		}
	}
	c.Due, err = ParseDue(due)
	return c, err
}

func caseByID(ctx context.Context, tx *db.Tx, id db.ID) (Case, bool, error) {
	return db.One(ctx, tx, scanCase, `SELECT `+caseColumns+` FROM casework_case c WHERE c.id = $1`, id)
}

func caseAbout(ctx context.Context, tx *db.Tx, machine, object string) (Case, bool, error) {
	return db.One(ctx, tx, scanCase, `SELECT `+caseColumns+` FROM casework_case c WHERE c.object = $1 AND c.machine = $2`, object, machine)
}

func casesPastDue(ctx context.Context, tx *db.Tx, machine, state string, today day.Date, after Cursor, limit int) ([]Case, error) {
	return db.All(ctx, tx, scanCase, `
		SELECT `+caseColumns+` FROM casework_case c
		WHERE c.machine = $1 AND c.state = $2 AND c.due < $3 AND (c.due, c.id) > ($4, $5)
		ORDER BY c.due, c.id LIMIT $6`, machine, state, today, after.Due, int64(after.ID), limit)
}

// personsOf are the persons who took any of some acts on a case.
func personsOf(ctx context.Context, tx *db.Tx, id db.ID, acts []string) ([]db.ID, error) {
	in, args := make([]string, len(acts)), []any{id}
	for i, a := range acts {
		args = append(args, a)
		in[i] = fmt.Sprintf("$%d", i+2)
	}
	return db.All(ctx, tx, func(row db.Scanner) (p db.ID, err error) { return p, row.Scan(&p) },
		`SELECT DISTINCT person FROM casework_step WHERE case_id = $1 AND person IS NOT NULL AND act IN (`+strings.Join(in, ", ")+`)`, args...)
}

func timesOf(ctx context.Context, tx *db.Tx, id db.ID, act string) (int64, error) {
	return db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM casework_step WHERE case_id = $1 AND act = $2`, id, act)
}

func stepsOf(ctx context.Context, tx *db.Tx, c Case) ([]Step, error) {
	return db.All(ctx, tx, func(row db.Scanner) (s Step, err error) {
		var due, holder string
		var at, real int64
		if err = row.Scan(&s.Version, &s.Act, &s.From, &s.To, &s.Account, &s.Person, &s.System, &s.Body, &s.Note,
			&due, &holder, &at, &real); err != nil {
			return s, err
		}
		if a, ok := c.Machine.Act(s.Act); ok {
			s.ActTitle = a.Title
		} else {
			s.ActTitle = handTitles[s.Act]
		}
		s.Holder, s.At, s.AtReal = ParseHolder(holder), db.FromMillis(at), db.FromMillis(real)
		s.Due, err = ParseDue(due)
		return s, err
	}, `
		SELECT version, act, from_state, to_state, account, person, system, body, note, due, holder, at, at_real
		FROM casework_step WHERE case_id = $1 ORDER BY version LIMIT $2`, c.ID, stepsMax)
}

// AboutAny says of which objects a procedure has a case.
func AboutAny(ctx context.Context, tx *db.Tx, m *Machine, objects []string) (map[string]bool, error) {
	out := map[string]bool{}
	if len(objects) == 0 {
		return out, nil
	}
	args, in := []any{m.Name}, make([]string, len(objects))
	for i, o := range objects {
		args = append(args, o)
		in[i] = fmt.Sprintf("$%d", i+2)
	}
	found, err := db.All(ctx, tx, func(row db.Scanner) (o string, err error) { return o, row.Scan(&o) },
		`SELECT object FROM casework_case WHERE machine = $1 AND object IN (`+strings.Join(in, ", ")+`)`, args...)
	for _, o := range found {
		out[o] = true
	}
	return out, err
}
