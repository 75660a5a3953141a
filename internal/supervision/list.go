package supervision

import (
	"context"
	"strconv"
	"strings"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/registry"
)

const pageMax = 10_000 // rows of one list or export

// A Query asks for a page of cases, newest first; zero fields choose all.
type Query struct {
	Division   code.Division // and everything below it
	Enterprise code.USCC
	Project    code.ProjectCode
	State      string
	Channel    Channel
	Violation  string
	Late       bool     // was overdue
	From, To   day.Date // found true from and to these days, merged ones left out; 0 any
	After      db.ID    // the last of the page before
	Limit      int
}

// List reads the cases that the actor may see.
func (s *Cases) List(ctx context.Context, tx *db.Tx, who authz.Actor, q Query) ([]Case, error) {
	scopes := authz.Scopes(who, authz.SupervisionRead)
	cond, args := authz.Filter(scopes, authz.Columns{Division: "division", Enterprise: "enterprise", Project: "project"}, 1)
	if len(scopes) == 1 && s.whole(scopes[0], q.Division) { // the place asked for says it already, by an index of its own
		cond, args = "TRUE", nil
	}
	if !sees(who, &Case{}) {
		cond += " AND verified IS NOT NULL"
	}
	return s.list(ctx, tx, q, cond, args)
}

// whole says whether a scope covers all that is asked for: the whole city, or a
// place within it.
func (s *Cases) whole(scope authz.Scope, at code.Division) bool {
	if scope.Division == "" || scope.Enterprise != "" || scope.Project != "" {
		return false
	}
	return scope.Division == s.Books.City || at.Level() > code.City && scope.Division.Contains(at)
}

// Public lists what everybody may see: cases that were verified, without facts.
func (s *Cases) Public(ctx context.Context, tx *db.Tx, q Query) ([]Case, error) {
	list, err := s.list(ctx, tx, q, "verified IS NOT NULL", nil)
	for i := range list {
		list[i].Facts, list[i].Spot, list[i].Channel, list[i].Wished = "", "", "", 0
	}
	return list, err
}

func (s *Cases) list(ctx context.Context, tx *db.Tx, q Query, cond string, args []any) ([]Case, error) {
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	where := []string{cond}
	switch q.Division.Level() {
	case code.District:
		where = append(where, "district = "+arg(string(q.Division)))
	case code.Street:
		where = append(where, "street = "+arg(string(q.Division)))
	case code.Community:
		where = append(where, "division = "+arg(string(q.Division)))
	}
	if q.Enterprise != "" {
		where = append(where, "enterprise = "+arg(string(q.Enterprise)))
	}
	if q.Project != "" {
		where = append(where, "project = "+arg(string(q.Project)))
	}
	if q.State != "" {
		where = append(where, "state = "+arg(q.State))
	}
	if q.Channel != "" {
		where = append(where, "channel = "+arg(string(q.Channel)))
	}
	if q.Violation != "" {
		where = append(where, "violation = "+arg(q.Violation))
	}
	if q.Late {
		where = append(where, "late")
	}
	if q.From != 0 {
		where = append(where, "verified >= "+arg(q.From))
	}
	if q.To != 0 {
		where = append(where, "verified <= "+arg(q.To))
	}
	if q.From != 0 || q.To != 0 {
		where = append(where, "state <> "+arg(Merged))
	}
	if q.After != 0 {
		where = append(where, "id < "+arg(q.After))
	}
	list, err := db.All(ctx, tx, scanCase, `SELECT `+caseColumns+` FROM supervision_case WHERE `+strings.Join(where, " AND ")+
		` ORDER BY id DESC LIMIT `+arg(min(max(q.Limit, 1), pageMax)), args...)
	if err != nil {
		return nil, err
	}
	return list, s.names(ctx, tx, list)
}

// names fills in the names of enterprises, projects and violations.
func (s *Cases) names(ctx context.Context, tx *db.Tx, list []Case) error {
	var firms []code.USCC
	var projects []code.ProjectCode
	for _, c := range list {
		firms, projects = append(firms, c.Enterprise), append(projects, c.Project)
	}
	firm, err := registry.EnterpriseNames(ctx, tx, firms)
	if err != nil {
		return err
	}
	project, err := registry.ProjectNames(ctx, tx, projects)
	if err != nil {
		return err
	}
	for i := range list {
		c := &list[i]
		b, err := s.Books.ByDigest(ctx, tx, c.Book)
		if err != nil {
			return err
		}
		v, _ := b.Violation(c.Violation)
		c.EnterpriseName, c.ProjectName, c.ViolationTitle = firm[c.Enterprise], project[c.Project], v.Title
	}
	return nil
}

// A Tally counts the cases of an enterprise at one project within a period.
type Tally struct {
	Project    code.ProjectCode
	Enterprise code.USCC
	Found      int64 // verified in it
	Late       int64 // whose term to be mended ran out in it, whenever they were verified
	Reopened   int64
	Open       int64 // neither closed nor over
	Last       db.ID // the newest of them: evidence
}

// FoundOf counts, by project and enterprise, the cases that were verified, or whose
// term ran out, from a day to a day, both included, within a division ("" for all): of
// periods that follow each other nothing falls between two.
func FoundOf(ctx context.Context, tx *db.Tx, division code.Division, from, to day.Date) ([]Tally, error) {
	return db.All(ctx, tx, func(row db.Scanner) (t Tally, err error) {
		return t, row.Scan(&t.Project, &t.Enterprise, &t.Found, &t.Late, &t.Reopened, &t.Open, &t.Last)
	}, `
		SELECT project, enterprise, COUNT(*) FILTER (WHERE verified >= $1 AND verified <= $2), COUNT(*) FILTER (WHERE late_on >= $1 AND late_on <= $2), COUNT(*) FILTER (WHERE reopened > 0),
			COUNT(*) FILTER (WHERE closed_on IS NULL AND state NOT IN ('handed', 'ended')), MAX(id)
		FROM supervision_case
		WHERE (verified >= $1 AND verified <= $2 OR late_on >= $1 AND late_on <= $2) AND state <> $3 AND division >= $4 AND division < $5
		GROUP BY project, enterprise ORDER BY project, enterprise LIMIT 100000`,
		from, to, Merged, string(division), string(division)+":")
}

// A Count is how many cases of a division stand in a state.
type Count struct {
	State   string
	N, Late int64
}

// Counts counts the cases of a division by state, for figures.
func Counts(ctx context.Context, tx *db.Tx, division code.Division) ([]Count, error) {
	return db.All(ctx, tx, func(row db.Scanner) (c Count, err error) { return c, row.Scan(&c.State, &c.N, &c.Late) }, `
		SELECT state, COUNT(*), COUNT(*) FILTER (WHERE late) FROM supervision_case
		WHERE division >= $1 AND division < $2 GROUP BY state ORDER BY state`, string(division), string(division)+":")
}
