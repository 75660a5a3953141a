package resident

import (
	"context"
	"slices"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/identity"
)

// Offices are the bodies to which a report may be dispatched.
func (r *Report) Offices(ctx context.Context, tx *db.Tx) ([]authz.Role, error) {
	all := []authz.Role{authz.Enterprise, authz.Committee, authz.Community, authz.Subdistrict, authz.DistrictBureau, authz.CityBureau}
	has, err := identity.Served(ctx, tx, authz.Committee, string(r.Project))
	return slices.DeleteFunc(all, func(role authz.Role) bool {
		_, ok := casework.HolderAt(role, r.Place())
		return !ok || role == authz.Committee && !has
	}), err
}

// RouteAt is the route of a class and topic at a project. Where nobody acts for
// the committee that it names, the body that the rulebook names instead answers.
func RouteAt(ctx context.Context, tx *db.Tx, b *Book, class, topic string, project code.ProjectCode, managed bool) (Route, error) {
	route := b.RouteOf(class, topic, managed)
	if route.To != authz.Committee {
		return route, nil
	}
	has, err := identity.Served(ctx, tx, authz.Committee, string(project))
	if !has {
		if route.To = route.Absent; route.Review == route.To {
			route.Review = ""
		}
	}
	return route, err
}

// reviewOf is who reviews: the route's body, but for an office that is not the
// route's: then the community for an enterprise and the street for the others.
func reviewOf(route Route, to authz.Role) authz.Role {
	review := route.Review
	if to != route.To {
		review = authz.Subdistrict
		if to == authz.Enterprise {
			review = authz.Community
		}
	}
	if review == to {
		return ""
	}
	return review
}
