package registry

import (
	"context"
	"time"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
)

// A Snapshot is the register as it stood on a day, reduced to what the rules
// of evaluation need: a few thousand rows even for a large city.
type Snapshot struct {
	Day         day.Date
	Enterprises []SnapEnterprise
	Projects    []Project
	Holdings    []Holding
	Managers    []ManagerTerm
}

// A SnapEnterprise is an enterprise without its personal data.
type SnapEnterprise struct {
	USCC     code.USCC
	ID       db.ID
	Kind     Kind
	Head     string
	Name     string
	Division code.Division
	Founded  day.Date
	State    State
	Entered  day.Date
	LeftOn   day.Date
	Area     money.Area // managed on the day, summed from its projects
	Projects int64
}

// A ManagerTerm says who managed a project, by person and employer.
type ManagerTerm struct {
	Person     db.ID
	Enterprise code.USCC
	Project    code.ProjectCode
	From, To   day.Date
}

// SnapshotOn reads the register as it stood at the end of on: the last state of
// each subject that was recorded by then. A subject recorded later but in
// business before (a legacy import) is seen in its first recorded state.
func SnapshotOn(ctx context.Context, tx *db.Tx, on day.Date) (*Snapshot, error) {
	s := &Snapshot{Day: on}
	end := db.Millis(on.AddDays(1).Time()) - 1
	var err error
	if s.Enterprises, err = enterprisesOn(ctx, tx, on, end); err != nil {
		return nil, err
	}
	if s.Projects, err = projectsOn(ctx, tx, on, end); err != nil {
		return nil, err
	}
	s.Holdings, err = db.All(ctx, tx, scanHolding, `SELECT `+holdingSelect+` FROM project_holding WHERE held_from <= $1 ORDER BY project, held_from, id`, on)
	if err != nil {
		return nil, err
	}
	s.Managers, err = db.All(ctx, tx, func(row db.Scanner) (m ManagerTerm, err error) {
		return m, row.Scan(&m.Person, &m.Enterprise, &m.Project, &m.From, &m.To)
	}, `SELECT person, enterprise, project, served_from, served_to FROM staff WHERE post = 'MANAGER' AND served_from <= $1 ORDER BY person, served_from, id`, on)
	s.count()
	return s, err
}

// count sums projects and area per enterprise, as the register counts them.
func (s *Snapshot) count() {
	at := make(map[code.USCC]int, len(s.Enterprises))
	for i := range s.Enterprises {
		at[s.Enterprises[i].USCC] = i
	}
	for i := range s.Projects {
		p := &s.Projects[i]
		if n, ok := at[p.Enterprise]; ok && p.State != Left {
			s.Enterprises[n].Area += p.Area
			s.Enterprises[n].Projects++
		}
	}
}

// latest keeps, of the states of one subject in order of version, the last one
// made by end, or the first one.
type latest[K comparable, T any] struct {
	all  []T
	last K
}

func (l *latest[K, T]) add(key K, v T, made, end time.Time) {
	switch {
	case len(l.all) == 0 || key != l.last:
		l.all, l.last = append(l.all, v), key
	case !made.After(end):
		l.all[len(l.all)-1] = v
	}
}

func enterprisesOn(ctx context.Context, tx *db.Tx, on day.Date, end int64) ([]SnapEnterprise, error) {
	const cols = `uscc, version, id, kind, head, name, division, founded, state, entered, left_on, changed_at`
	type state struct {
		SnapEnterprise
		at int64
	}
	scan := func(row db.Scanner) (e state, err error) {
		var version int64
		return e, row.Scan(&e.USCC, &version, &e.ID, &e.Kind, &e.Head, &e.Name, &e.Division, &e.Founded, &e.State, &e.Entered, &e.LeftOn, &e.at)
	}
	var l latest[code.USCC, SnapEnterprise]
	for e, err := range db.Rows(ctx, tx, scan, `SELECT `+cols+` FROM enterprise_version UNION ALL SELECT `+cols+` FROM enterprise ORDER BY uscc, version`) {
		if err != nil {
			return nil, err
		}
		if e.Entered <= on {
			l.add(e.USCC, e.SnapEnterprise, db.FromMillis(e.at), db.FromMillis(end))
		}
	}
	return l.all, nil
}

func projectsOn(ctx context.Context, tx *db.Tx, on day.Date, end int64) ([]Project, error) {
	var l latest[code.ProjectCode, Project]
	for p, err := range db.Rows(ctx, tx, scanProject, `SELECT `+projectCols+` FROM project_version UNION ALL SELECT `+projectCols+` FROM project ORDER BY code, version`) {
		if err != nil {
			return nil, err
		}
		if p.Entered <= on {
			l.add(p.Code, p, p.At, db.FromMillis(end))
		}
	}
	return l.all, nil
}
