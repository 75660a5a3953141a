package credit

import (
	"slices"

	"juli/internal/authz"
	"juli/internal/casework"
)

// seenBySubject are the states in which the subject of a record may see it,
// when somebody else proposed it: from the notice on.
var seenBySubject = []string{
	RecordNoticed, RecordObjected, RecordEffective, RecordRepairing, RecordRepaired, RecordExpired, RecordUpheld, RecordAnnulled,
}

// roleWords are the short words for roles in rulebooks; the roles' own names
// are understood too.
var roleWords = map[string]authz.Role{
	"city": authz.CityBureau, "district": authz.DistrictBureau, "street": authz.Subdistrict, "subdistrict": authz.Subdistrict,
	"community": authz.Community, "association": authz.Association, "enterprise": authz.Enterprise, "firm": authz.Enterprise,
	"manager": authz.ProjectManager, "committee": authz.Committee, "owner": authz.Owner,
}

// SystemRole is the word in a procedure for the program itself (PC-25).
const SystemRole = "system"

// RoleOf is the role that a rulebook's word means; false for the program itself
// and for bodies without a desk.
func RoleOf(word string) (authz.Role, bool) {
	if r, ok := roleWords[word]; ok {
		return r, true
	}
	duty, ok := authz.DutyOf(authz.Role(word))
	return duty.Role, ok
}

// holderOf is the first body of some roles that is in charge of a place.
func holderOf(words []string, at authz.Place) (casework.Holder, bool) {
	for _, w := range words {
		if role, ok := RoleOf(w); ok {
			if h, ok := casework.HolderAt(role, at); ok {
				return h, true
			}
		}
	}
	return casework.Holder{}, false
}

// bodyAs is the body for which the actor may do act at the place in one of the
// roles; no roles: in any.
func bodyAs(who authz.Actor, act authz.Act, at authz.Place, words []string) (casework.Holder, bool) {
	for _, g := range who.Grants {
		one := who
		one.Grants = []authz.Grant{g}
		fits := len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { r, ok := RoleOf(w); return ok && r == g.Role })
		if bodies := casework.Bodies(one); fits && len(bodies) == 1 && authz.May(one, act, at) {
			return bodies[0], true
		}
	}
	return casework.Holder{}, false
}

// sees says whether the actor may know of a record: officials and the
// association from the proposal on, its subject from the notice on, whoever
// proposed it always; a draft only its own body.
func sees(who authz.Actor, at authz.Place, state, body string) bool {
	if who.SystemName() != "" {
		return true
	}
	for _, g := range who.Grants {
		one := who
		one.Grants = []authz.Grant{g}
		if !authz.May(one, authz.CreditRead, at) {
			continue
		}
		own := slices.ContainsFunc(casework.Bodies(one), func(h casework.Holder) bool { return h.Key() == body })
		if own || overseer(g.Role) && state != RecordDraft || slices.Contains(seenBySubject, state) {
			return true
		}
	}
	return false
}

// overseer says whether a role sees records before their subject does.
func overseer(r authz.Role) bool { return r.Official() || r == authz.Association }

// heights order the bodies that identify and decide, the lowest first.
var heights = []authz.Role{authz.Community, authz.Subdistrict, authz.DistrictBureau, authz.CityBureau}

// notBelow are the roles that don't stand below one.
func notBelow(words []string, than authz.Role) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		r, ok := RoleOf(w)
		return ok && slices.Contains(heights, r) && slices.Index(heights, r) < slices.Index(heights, than)
	})
}
