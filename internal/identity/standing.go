package identity

import (
	"context"
	"slices"

	"juli/internal/authz"
	"juli/internal/db"
)

// A Standing is one deputising that holds or will: of one's own post, or of a
// colleague's that one stands in for.
type Standing struct {
	Grant    authz.Grant
	Owner    string // whose post it is
	Deputy   string
	Mine     bool   // of one's own post
	State    string // proposed, active
	Reason   string
	MayWait  bool // a checker must approve it
	HasBegun bool
}

// Deputies lists the deputisings of one's own posts and of posts that one stands
// in for, which have not ended.
func (s *Service) Deputies(ctx context.Context, tx *db.Tx, who authz.Actor) ([]Standing, error) {
	if err := requireSelf(who); err != nil {
		return nil, err
	}
	return db.All(ctx, tx, func(row db.Scanner) (x Standing, err error) {
		var role, division, enterprise string
		var owner db.ID
		err = row.Scan(&x.Grant.ID, &role, &division, &enterprise, &x.Grant.Scope.Project, &x.Grant.Manager, &x.Grant.From, &x.Grant.To,
			&owner, &x.Owner, &x.Deputy, &x.State, &x.Reason)
		x.Grant.Role, x.Grant.Scope.Division, x.Grant.Scope.Enterprise = authz.Role(role), divisionOf(division), usccOf(enterprise)
		x.Grant.Deputy, x.Mine = owner, owner == who.Account
		x.HasBegun = x.Grant.From <= tx.Today()
		return x, err
	}, `
		SELECT `+grantColumns+`, o.account_id, op.display, dp.display, g.state, g.reason
		FROM identity_grant g JOIN identity_grant o ON o.id = g.deputy_of
		JOIN identity_person op ON op.id = o.person_id JOIN identity_person dp ON dp.id = g.person_id
		WHERE (g.account_id = $1 OR o.account_id = $1) AND g.state IN ('proposed', 'active') AND g.valid_to >= $2
		ORDER BY g.valid_from, g.id LIMIT 200`, who.Account, tx.Today())
}

// Served says whether somebody in office acts for a body that a project has of
// its own: its committee, its manager.
func Served(ctx context.Context, tx *db.Tx, role authz.Role, project string) (bool, error) {
	return db.Value[bool](ctx, tx, `
		SELECT EXISTS (SELECT 1 FROM identity_grant WHERE project = $1 AND state = 'active' AND role = $2 AND valid_from <= $3 AND valid_to >= $3)`,
		project, string(role), tx.Today())
}

// A Colleague is somebody of the same body who may stand in.
type Colleague struct {
	Account     db.ID
	Login, Name string
}

// Colleagues lists the people of one's own bodies who are in office today, but
// oneself: whom one may name as a deputy.
func (s *Service) Colleagues(ctx context.Context, tx *db.Tx, who authz.Actor) ([]Colleague, error) {
	if err := requireSelf(who); err != nil {
		return nil, err
	}
	var out []Colleague
	for _, mine := range who.Grants {
		if mine.Deputy != 0 || mine.Role.Admin() {
			continue
		}
		type found struct {
			Colleague
			grant authz.Grant
		}
		list, err := db.All(ctx, tx, func(row db.Scanner) (f found, err error) {
			var role, division, enterprise string
			g := &f.grant
			err = row.Scan(&g.ID, &role, &division, &enterprise, &g.Scope.Project, &g.Manager, &g.From, &g.To, &f.Account, &f.Login, &f.Name)
			g.Role, g.Scope.Division, g.Scope.Enterprise = authz.Role(role), divisionOf(division), usccOf(enterprise)
			return f, err
		}, `
			SELECT `+grantColumns+`, a.id, a.login, p.display
			FROM identity_grant g JOIN identity_account a ON a.id = g.account_id JOIN identity_person p ON p.id = a.person_id
			WHERE g.division = $2 AND g.enterprise = $3 AND ($3 <> '' OR g.project = $4) AND `+holdsToday(1)+`
			  AND g.deputy_of IS NULL AND a.state = 'active' AND a.id <> $5 AND a.person_id <> $6
			ORDER BY a.id, g.id LIMIT 500`,
			tx.Today(), string(mine.Scope.Division), string(mine.Scope.Enterprise), mine.Scope.Project, who.Account, who.Person)
		if err != nil {
			return nil, err
		}
		for _, f := range list {
			if colleagues([]authz.Grant{f.grant}, mine) && !slices.Contains(out, f.Colleague) {
				out = append(out, f.Colleague)
			}
		}
	}
	return out, nil
}
