package registry

import (
	"context"
	"iter"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
)

// ExportEnterprises yields the enterprises that an actor may export, by code, in
// the columns of [EnterpriseColumns]. Personal data is masked unless clear is
// asked for, which is an act of its own; a masked file comes back unchanged.
// The cells are reused for the next row.
func (s *Service) ExportEnterprises(ctx context.Context, tx *db.Tx, who authz.Actor, division code.Division, clear bool) iter.Seq2[[]string, error] {
	return export(ctx, tx, who, clear, enterpriseFields, s.scanEnterprise, "enterprise", func(cond string) string {
		return `SELECT ` + enterpriseCols + ` FROM enterprise WHERE division >= $1 AND division < $2 AND ` + cond + ` ORDER BY uscc`
	}, authz.Columns{Division: "division", Enterprise: "uscc"}, division)
}

// ExportProjects yields the projects that an actor may export, by code, in the
// columns of [ProjectColumns].
func (s *Service) ExportProjects(ctx context.Context, tx *db.Tx, who authz.Actor, division code.Division) iter.Seq2[[]string, error] {
	return export(ctx, tx, who, false, projectFields, scanProject, "project", func(cond string) string {
		return `SELECT ` + projectCols + ` FROM project WHERE division >= $1 AND division < $2 AND ` + cond + ` ORDER BY code`
	}, authz.Columns{Division: "division", Enterprise: "enterprise", Project: "code"}, division)
}

// ExportStaff yields the posts that an actor may export, in the columns of
// [StaffColumns]; as for enterprises, personal data is masked unless clear.
func (s *Service) ExportStaff(ctx context.Context, tx *db.Tx, who authz.Actor, division code.Division, clear bool) iter.Seq2[[]string, error] {
	return export(ctx, tx, who, clear, staffFields, s.scanStaff, "staff", func(cond string) string {
		return `
			SELECT ` + staffSelect + `
			FROM staff s JOIN staff_person n ON n.id = s.person
			JOIN enterprise e ON e.uscc = s.enterprise LEFT JOIN project p ON p.code = s.project
			WHERE COALESCE(p.division, e.division) >= $1 AND COALESCE(p.division, e.division) < $2 AND ` + cond + `
			ORDER BY s.enterprise, s.id`
	}, authz.Columns{Division: "COALESCE(p.division, e.division)", Enterprise: "s.enterprise", Project: "s.project"}, division)
}

// export streams the rows of a query within the actor's scopes. Rows in clear
// need an audit event, so the caller's transaction must be a writing one.
func export[T any](ctx context.Context, tx *db.Tx, who authz.Actor, clear bool, fields []field[T], scan func(db.Scanner) (T, error), kind string,
	query func(cond string) string, cols authz.Columns, division code.Division,
) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		act := authz.RegistryExport
		if err := authz.RequireAny(who, act); err != nil {
			yield(nil, err)
			return
		}
		if clear {
			act = authz.DataExport
			if err := authz.RequireAny(who, act); err != nil {
				yield(nil, err)
				return
			}
			if err := audit.Append(ctx, tx, who, "registry.exported", kind+":export", nil); err != nil {
				yield(nil, err)
				return
			}
		}
		cond, args := authz.Filter(authz.Scopes(who, act), cols, 3)
		args = append([]any{string(division), string(division) + ":"}, args...)
		cells := make([]string, len(fields))
		for v, err := range db.Rows(ctx, tx, scan, query(cond), args...) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i, f := range fields {
				cells[i] = f.get(&v)
				if f.Private && !clear {
					cells[i] = maskText(f.Key, cells[i])
				}
			}
			if !yield(cells, nil) {
				return
			}
		}
	}
}
