package registry

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/identity"
	"juli/internal/seal"
)

// A Service is the register.
type Service struct {
	DB       *db.DB
	Keys     *seal.Keys
	Calendar *day.Calendar // for the days in which a filing is checked

	// CheckTerm is how long the district has to check a filing; zero: 5 working days ([D]).
	CheckTerm day.Term
}

// PlaceOfEnterprise is where an enterprise stands: registered division and itself.
func PlaceOfEnterprise(ctx context.Context, tx *db.Tx, uscc code.USCC) (authz.Place, error) {
	d, ok, err := db.One(ctx, tx, scanCode[code.Division], `SELECT division FROM enterprise WHERE uscc = $1`, string(uscc))
	if err == nil && !ok {
		err = noEnterprise()
	}
	return authz.Place{Division: d, Enterprise: uscc}, err
}

// PlaceOfProject is where a project stands: its community, who manages it, itself.
func PlaceOfProject(ctx context.Context, tx *db.Tx, c code.ProjectCode) (authz.Place, error) {
	p, ok, err := db.One(ctx, tx, func(row db.Scanner) (p authz.Place, err error) {
		return p, row.Scan(&p.Division, &p.Enterprise)
	}, `SELECT division, COALESCE(enterprise, '') FROM project WHERE code = $1`, string(c))
	if err == nil && !ok {
		err = noProject()
	}
	p.Project = string(c)
	return p, err
}

func scanCode[S ~string](row db.Scanner) (s S, err error) { return s, row.Scan(&s) }

// Enterprise reads one enterprise for the public: personal data is masked, the
// number of party members left out.
func (s *Service) Enterprise(ctx context.Context, tx *db.Tx, uscc code.USCC) (Enterprise, error) {
	e, err := s.enterpriseOf(ctx, tx, uscc)
	e.PartyMembers = 0
	return e.Masked(), err
}

// EnterpriseFor reads one enterprise with what is not public, for an actor who
// may read it; to others it does not exist (AZ-2). Personal data stays masked.
func (s *Service) EnterpriseFor(ctx context.Context, tx *db.Tx, who authz.Actor, uscc code.USCC) (Enterprise, error) {
	e, err := s.enterpriseOf(ctx, tx, uscc)
	if err != nil {
		return Enterprise{}, err
	}
	if err := authz.Require(who, authz.RegistryRead, placeOf(e)); err != nil {
		return Enterprise{}, err
	}
	return e.Masked(), nil
}

// UnmaskEnterprise reads one enterprise in clear: with a reason, a fresh second
// factor and an audit event (PI-2).
func (s *Service) UnmaskEnterprise(ctx context.Context, who authz.Actor, uscc code.USCC, reason string) (e Enterprise, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		e, err = s.UnmaskEnterpriseIn(ctx, tx, who, uscc, reason)
		return err
	})
	return e, err
}

// UnmaskEnterpriseIn is UnmaskEnterprise inside the caller's transaction.
func (s *Service) UnmaskEnterpriseIn(ctx context.Context, tx *db.Tx, who authz.Actor, uscc code.USCC, reason string) (Enterprise, error) {
	e, err := s.enterpriseOf(ctx, tx, uscc)
	if err != nil {
		return Enterprise{}, err
	}
	if err := authz.Require(who, authz.DataUnmask, placeOf(e)); err != nil {
		return Enterprise{}, err
	}
	if clean(reason) == "" {
		return Enterprise{}, invalid("registry.unmask-reason", "请说明查看完整信息的理由。")
	}
	if err := identity.Unmasked(ctx, tx, who, placeOf(e), "enterprise:"+string(uscc), clean(reason)); err != nil {
		return Enterprise{}, err
	}
	return e, nil
}

// Project reads one project. Everything of it is public.
func (s *Service) Project(ctx context.Context, tx *db.Tx, c code.ProjectCode) (Project, error) {
	return projectOf(ctx, tx, c)
}

// ProjectFor reads one project for an actor who may read beyond the public; to
// others it does not exist (AZ-2).
func (s *Service) ProjectFor(ctx context.Context, tx *db.Tx, who authz.Actor, c code.ProjectCode) (Project, error) {
	p, err := projectOf(ctx, tx, c)
	if err != nil {
		return Project{}, err
	}
	if err := authz.Require(who, authz.RegistryRead, placeOfProject(p)); err != nil {
		return Project{}, err
	}
	return p, nil
}

func placeOf(e Enterprise) authz.Place {
	return authz.Place{Division: e.Division, Enterprise: e.USCC}
}

func placeOfProject(p Project) authz.Place {
	return authz.Place{Division: p.Division, Enterprise: p.Enterprise, Project: string(p.Code)}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
