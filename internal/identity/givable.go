package identity

import "juli/internal/authz"

// Givable lists the roles that the actor may give to people of the own body, in
// the matrix's order, for forms.
func Givable(who authz.Actor) []authz.Role {
	var out []authz.Role
	for _, d := range authz.Roles() {
		if d.Role != authz.Public && len(GivableIn(who, d.Role)) > 0 {
			out = append(out, d.Role)
		}
	}
	return out
}

// GivableIn lists the scopes within which the actor may give a role.
func GivableIn(who authz.Actor, role authz.Role) []authz.Scope {
	var out []authz.Scope
	for _, g := range who.Grants {
		if gives(g, role) {
			out = append(out, g.Scope)
		}
	}
	return out
}
