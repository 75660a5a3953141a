package identity

import (
	"context"
	"time"

	"juli/internal/authz"
	"juli/internal/db"
)

// A Proposal is a grant that waits for its checker, or one that was given.
type Proposal struct {
	Grant      authz.Grant
	Account    db.ID
	Login      string
	Name       string
	State      string
	ProposedBy db.ID // person
	ProposedAt time.Time
	Mine       bool // the reader proposed it, or holds it: another must decide
}

// Proposals lists the grants that wait for a checker where the actor is one,
// oldest first, after the last of the page before.
func (s *Service) Proposals(ctx context.Context, tx *db.Tx, who authz.Actor, after db.ID, limit int) ([]Proposal, error) {
	if err := authz.RequireAny(who, authz.GrantApprove); err != nil {
		return nil, err
	}
	cond, args := authz.Filter(authz.Scopes(who, authz.GrantApprove), grantColumnsOf, 3)
	if !who.Has(authz.SecAdmin) {
		cond += " AND NOT g.admin"
	}
	return db.All(ctx, tx, func(row db.Scanner) (p Proposal, err error) {
		var role, division, enterprise string
		var at int64
		var person db.ID
		err = row.Scan(&p.Grant.ID, &role, &division, &enterprise, &p.Grant.Scope.Project, &p.Grant.Manager, &p.Grant.From, &p.Grant.To,
			&p.Account, &p.Login, &p.Name, &p.State, &p.ProposedBy, &at, &person)
		p.Grant.Role, p.Grant.Scope.Division, p.Grant.Scope.Enterprise = authz.Role(role), divisionOf(division), usccOf(enterprise)
		p.ProposedAt = db.FromMillis(at)
		p.Mine = who.Person != 0 && (p.ProposedBy == who.Person || person == who.Person)
		return p, err
	}, `
		SELECT `+grantColumns+`, a.id, a.login, p.display, g.state, g.proposed_by, g.proposed_at, g.person_id
		FROM identity_grant g JOIN identity_account a ON a.id = g.account_id JOIN identity_person p ON p.id = g.person_id
		WHERE g.state = 'proposed' AND g.id > $1 AND `+cond+`
		ORDER BY g.id LIMIT $2`, append([]any{int64(after), min(max(limit, 1), pageMax)}, args...)...)
}
