package credit

import (
	"context"
	"slices"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// A register is what a proposal needs to know of enterprises, projects and
// people. For a file of thousands of rows it keeps what it has read.
type register struct {
	tx          *db.Tx
	enterprises map[code.USCC]subjectRow // nil: nothing is kept
	projects    map[code.ProjectCode]subjectRow
	holdings    map[code.ProjectCode][]holding
	posts       map[post][]string
}

type post struct {
	person db.ID
	at     code.USCC
}

// A holding is the time in which an enterprise served a project.
type holding struct {
	enterprise code.USCC
	span       Span
}

func lookUp(tx *db.Tx) *register { return &register{tx: tx} }

func keepingRegister(tx *db.Tx) *register {
	return &register{tx, map[code.USCC]subjectRow{}, map[code.ProjectCode]subjectRow{}, map[code.ProjectCode][]holding{}, map[post][]string{}}
}

// remembered answers from m, or asks and keeps the answer.
func remembered[K comparable, V any](m map[K]V, key K, ask func() (V, error)) (V, error) {
	if v, has := m[key]; has {
		return v, nil
	}
	v, err := ask()
	if err == nil && m != nil {
		m[key] = v
	}
	return v, err
}

// subjectRow is what a proposal needs to know of an enterprise or project; id 0:
// there is none.
type subjectRow struct {
	id       db.ID
	name     string
	division code.Division
}

func (r *register) subject(ctx context.Context, query, key string) (subjectRow, error) {
	s, _, err := db.One(ctx, r.tx, func(row db.Scanner) (s subjectRow, err error) {
		return s, row.Scan(&s.id, &s.name, &s.division)
	}, query, key)
	return s, err
}

func (r *register) enterprise(ctx context.Context, c code.USCC) (subjectRow, error) {
	s, err := remembered(r.enterprises, c, func() (subjectRow, error) {
		return r.subject(ctx, `SELECT id, name, division FROM enterprise WHERE uscc = $1`, string(c))
	})
	if err == nil && s.id == 0 {
		err = fault.New(fault.NotFound, "credit.no-enterprise", "没有找到这家企业。").With("enterprise", "请从登记的企业中选择。")
	}
	return s, err
}

func (r *register) project(ctx context.Context, c code.ProjectCode) (subjectRow, error) {
	s, err := remembered(r.projects, c, func() (subjectRow, error) {
		return r.subject(ctx, `SELECT id, name, division FROM project WHERE code = $1`, string(c))
	})
	if err == nil && s.id == 0 {
		err = fault.New(fault.NotFound, "credit.no-project", "没有找到这个项目。").With("project", "请从登记的项目中选择。")
	}
	return s, err
}

// holder is the enterprise that managed a project on a day, "" if nobody did.
// For a day before the register knows of any, it is the first one that it knows,
// as the register's own snapshots have it.
func (r *register) holder(ctx context.Context, c code.ProjectCode, on day.Date) (code.USCC, error) {
	all, err := remembered(r.holdings, c, func() ([]holding, error) {
		return db.All(ctx, r.tx, func(row db.Scanner) (h holding, err error) {
			return h, row.Scan(&h.enterprise, &h.span.From, &h.span.To)
		}, `SELECT enterprise, held_from, held_to FROM project_holding WHERE project = $1 ORDER BY held_from, id LIMIT 200`, string(c))
	})
	if err != nil || len(all) == 0 {
		return "", err
	}
	if on < all[0].span.From {
		return all[0].enterprise, nil
	}
	for _, h := range slices.Backward(all) {
		if h.span.Covers(on) {
			return h.enterprise, nil
		}
	}
	return "", nil
}

// serves tells whether somebody has a post at an enterprise, and whether as a
// project manager.
func (r *register) serves(ctx context.Context, person db.ID, at code.USCC) (manager, ok bool, err error) {
	posts, err := remembered(r.posts, post{person, at}, func() ([]string, error) {
		return db.All(ctx, r.tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) },
			`SELECT DISTINCT post FROM staff WHERE person = $1 AND enterprise = $2 ORDER BY post LIMIT 20`, person, string(at))
	})
	return slices.Contains(posts, "MANAGER"), len(posts) > 0, err
}
