package identity

import "juli/internal/authz"

// Givable lists the roles that the actor may give to people of the own body, in
// the matrix's order, for forms.
func Givable(who authz.Actor) []authz.Role {
	var out []authz.Role
	for _, d := range authz.Roles() {
		for _, g := range who.Grants {
			if d.Role != authz.Public && gives(g, d.Role) {
				out = append(out, d.Role)
				break
			}
		}
	}
	return out
}
