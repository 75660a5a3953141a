package town

import (
	"fmt"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
)

// Actor is a new person with one grant that holds for years and both factors
// given; no two actors are the same person.
func (tn *Town) Actor(role authz.Role, scope authz.Scope) authz.Actor {
	n := db.ID(tn.next())
	return authz.Actor{
		Account: n, Person: n + 1_000_000, Name: role.Title(), Second: true,
		Grants: []authz.Grant{{ID: n, Role: role, Scope: scope, From: day.MustParse("2015-01-01"), To: day.MustParse("2049-12-31")}},
	}
}

// Fresh is who with the second factor given again just now.
func (tn *Town) Fresh(who authz.Actor) authz.Actor {
	who.StepUp = tn.DB.Real()
	return who
}

// City is an official of the city bureau.
func (tn *Town) City() authz.Actor {
	return tn.Actor(authz.CityBureau, authz.Scope{Division: "2301"})
}

// District is an official of a district bureau.
func (tn *Town) District(d code.Division) authz.Actor {
	return tn.Actor(authz.DistrictBureau, authz.Scope{Division: d.Up(code.District)})
}

// Street is an official of a subdistrict office.
func (tn *Town) Street(d code.Division) authz.Actor {
	return tn.Actor(authz.Subdistrict, authz.Scope{Division: d.Up(code.Street)})
}

// Community is somebody of a residents' committee.
func (tn *Town) Community(d code.Division) authz.Actor {
	return tn.Actor(authz.Community, authz.Scope{Division: d})
}

// Association is somebody of the industry association.
func (tn *Town) Association() authz.Actor {
	return tn.Actor(authz.Association, authz.Scope{Division: "2301"})
}

// Firm is somebody of an enterprise.
func (tn *Town) Firm(uscc code.USCC) authz.Actor {
	return tn.Actor(authz.Enterprise, authz.Scope{Enterprise: uscc})
}

// ProjectManager is the manager's account of a project.
func (tn *Town) ProjectManager(p code.ProjectCode) authz.Actor {
	return tn.Actor(authz.ProjectManager, authz.Scope{Project: string(p)})
}

// USCC is the n-th valid code of a district, both check characters right.
func USCC(district string, n int) code.USCC {
	for x := n * 50; ; x++ {
		for _, inner := range "0123456789X" {
			u, err := code.MakeUSCC(fmt.Sprintf("91%sMA%06d%c", district, x, inner))
			if err == nil && u.InnerOK() {
				return u
			}
		}
	}
}

// Identity is the n-th valid identity number of nobody.
func Identity(n int) code.IDNumber {
	body := fmt.Sprintf("230103%d%02d%02d%03d", 1960+n/336%40, n%12+1, n/12%28+1, n%1000)
	for _, check := range "0123456789X" {
		if id, err := code.ParseIDNumber(body + string(check)); err == nil {
			return id
		}
	}
	panic("no check digit fits " + body)
}
