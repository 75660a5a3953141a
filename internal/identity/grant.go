package identity

import (
	"context"
	"fmt"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// givers says which roles a manager of a body may give to people. Security
// administrators give every role but an owner's, which comes from the register
// alone: a firm can neither make nor re-bind an owner (AUT-6).
func gives(by authz.Grant, role authz.Role) bool {
	switch by.Role {
	case authz.SecAdmin:
		return role != authz.Owner
	case authz.CityBureau, authz.DistrictBureau, authz.Subdistrict, authz.Community:
		return by.Manager && (role.Official() && !role.Admin() || role == authz.Association || role == authz.Committee)
	case authz.Association:
		return by.Manager && role == authz.Association
	case authz.Enterprise:
		return by.Manager && (role == authz.Enterprise || role == authz.ProjectManager)
	case authz.Committee:
		return by.Manager && role == authz.Committee
	}
	return false
}

// requireGive asks whether the actor may do act for a role at a scope.
func requireGive(who authz.Actor, act authz.Act, role authz.Role, scope authz.Scope) error {
	at := placeOf(scope)
	for _, need := range []authz.Act{act, authz.GrantPropose} {
		if err := authz.Require(who, need, at); err != nil {
			return err
		}
		if act == authz.GrantApprove {
			break
		}
	}
	if who.SystemName() != "" {
		return nil
	}
	for _, g := range who.Grants {
		if gives(g, role) && (g.Role == authz.SecAdmin || g.Scope.Covers(at)) {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "identity.role", "您不能授予“%s”角色。", role.Title())
}

// give stores a grant: at once where one person is enough, else as a proposal.
func (s *Service) give(ctx context.Context, tx *db.Tx, who authz.Actor, g newGrant) (id db.ID, state string, err error) {
	if g.person == who.Person && who.Person != 0 {
		return 0, "", ownGrant()
	}
	if err := tx.Lock(ctx, "person", g.person); err != nil {
		return 0, "", err
	}
	roles, err := openRoles(ctx, tx, g.person)
	if err != nil {
		return 0, "", err
	}
	if err := authz.Exclusive(append(roles, g.role)...); err != nil {
		return 0, "", err
	}
	if err := expireSeat(ctx, tx, g.person); err != nil {
		return 0, "", err
	}
	g.state, g.by = "active", who.Person
	if g.role.Official() && who.SystemName() == "" {
		g.state = "proposed"
	}
	id, err = insertGrant(ctx, tx, g)
	if err != nil {
		return 0, "", err
	}
	kind := map[string]string{"active": "identity.granted", "proposed": "identity.grant-proposed"}[g.state]
	return id, g.state, audit.Append(ctx, tx, who, kind, object("grant", id), audit.Change{
		Act: authz.GrantPropose, At: placeOf(g.scope), After: g.role,
		Detail: map[string]any{"account": g.account, "role": g.role, "body": authz.Body(g.role, g.scope), "manager": g.manager, "from": g.from, "to": g.to},
	})
}

// expireSeat ends an administrator's grant whose last day has passed, so that its
// seat is free.
func expireSeat(ctx context.Context, tx *db.Tx, person db.ID) error {
	_, err := tx.Exec(ctx, `UPDATE identity_grant SET state = 'ended', ended_at = $3, reason = '到期'
		WHERE person_id = $1 AND admin AND state IN ('proposed', 'active') AND valid_to < $2`, person, tx.Today(), db.Millis(tx.Now))
	return err
}

// A GrantRequest gives an existing account one more role.
type GrantRequest struct {
	Account  db.ID
	Role     authz.Role
	Scope    authz.Scope
	Manager  bool
	From, To day.Date
	Reason   string
}

// Propose gives a role to an account: an authority's as a proposal that another
// person approves, any other at once.
func (s *Service) Propose(ctx context.Context, who authz.Actor, r GrantRequest) (id db.ID, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		id, err = s.ProposeIn(ctx, tx, who, r)
		return err
	})
	return id, err
}

// ProposeIn is Propose inside the caller's transaction.
func (s *Service) ProposeIn(ctx context.Context, tx *db.Tx, who authz.Actor, r GrantRequest) (db.ID, error) {
	if err := requireGive(who, authz.GrantPropose, r.Role, r.Scope); err != nil {
		return 0, err
	}
	if err := authz.CheckScope(r.Role, r.Scope); err != nil {
		return 0, err
	}
	if r.From == 0 {
		r.From = tx.Today()
	}
	if err := s.checkTerm(tx.Today(), r.From, r.To); err != nil {
		return 0, err
	}
	a, err := accountByID(ctx, tx, r.Account)
	if err != nil {
		return 0, err
	}
	if a.state == "suspended" {
		return 0, fault.New(fault.Conflict, "identity.suspended", "账号已停用，请先恢复。")
	}
	id, _, err := s.give(ctx, tx, who, newGrant{
		account: a.id, person: a.person, role: r.Role, scope: r.Scope, manager: r.Manager, from: r.From, to: r.To, reason: r.Reason,
	})
	return id, err
}

// held is a stored grant with its account and state.
type held struct {
	authz.Grant
	account, person, proposedBy db.ID
	state                       string
}

func grantByID(ctx context.Context, tx *db.Tx, id db.ID) (held, error) {
	if err := tx.Lock(ctx, "grant", id); err != nil {
		return held{}, err
	}
	h, ok, err := db.One(ctx, tx, func(row db.Scanner) (h held, err error) {
		var role, division, enterprise string
		err = row.Scan(&h.ID, &role, &division, &enterprise, &h.Scope.Project, &h.Manager, &h.From, &h.To,
			&h.account, &h.person, &h.proposedBy, &h.state)
		h.Role, h.Scope.Division, h.Scope.Enterprise = authz.Role(role), divisionOf(division), usccOf(enterprise)
		return h, err
	}, `SELECT `+grantColumns+`, g.account_id, g.person_id, g.proposed_by, g.state FROM identity_grant g WHERE g.id = $1`, id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "identity.grant-not-found", "没有找到这项授权。")
	}
	return h, err
}

// Approve makes a proposed grant hold: another natural person than the maker and
// the holder (AZ-5). Of many at once one takes effect.
func (s *Service) Approve(ctx context.Context, who authz.Actor, grant db.ID) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.ApproveIn(ctx, tx, who, grant) })
}

// ApproveIn is Approve inside the caller's transaction.
func (s *Service) ApproveIn(ctx context.Context, tx *db.Tx, who authz.Actor, grant db.ID) error {
	return s.decide(ctx, tx, who, grant, "active", "identity.granted", "")
}

// Refuse turns a proposed grant down.
func (s *Service) Refuse(ctx context.Context, who authz.Actor, grant db.ID, reason string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.RefuseIn(ctx, tx, who, grant, reason) })
}

// RefuseIn is Refuse inside the caller's transaction.
func (s *Service) RefuseIn(ctx context.Context, tx *db.Tx, who authz.Actor, grant db.ID, reason string) error {
	return s.decide(ctx, tx, who, grant, "refused", "identity.grant-refused", reason)
}

func (s *Service) decide(ctx context.Context, tx *db.Tx, who authz.Actor, grant db.ID, state, kind, reason string) error {
	h, err := grantByID(ctx, tx, grant)
	if err != nil {
		return err
	}
	if err := requireGive(who, authz.GrantApprove, h.Role, h.Scope); err != nil {
		return err
	}
	if err := authz.RequireOther(who, authz.GrantApprove, h.proposedBy); err != nil {
		return err
	}
	if h.person == who.Person && who.Person != 0 {
		return ownGrant()
	}
	if state == "active" && h.To < tx.Today() {
		return fault.New(fault.Conflict, "identity.term", "这项授权的截止日期已过。")
	}
	n, err := tx.Exec(ctx, `
		UPDATE identity_grant SET state = $2, decided_by = $3, decided_at = $4, reason = CASE WHEN $5 = '' THEN reason ELSE $5 END
		WHERE id = $1 AND state = 'proposed'`, grant, state, who.Person, db.Millis(tx.Now), reason)
	if err != nil {
		return fmt.Errorf("decide grant: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "identity.decided", "这项授权已经办理过。")
	}
	return audit.Append(ctx, tx, who, kind, object("grant", grant), audit.Change{
		Act: authz.GrantApprove, At: placeOf(h.Scope), Before: h.state, After: state,
		Detail: map[string]any{"account": h.account, "role": h.Role, "body": authz.Body(h.Role, h.Scope)},
	})
}

// Revoke ends a grant at once; the holder's next request goes without it (SES-3).
// The last security administrator can't be removed (AZ-4).
func (s *Service) Revoke(ctx context.Context, who authz.Actor, grant db.ID, reason string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.RevokeIn(ctx, tx, who, grant, reason) })
}

// RevokeIn is Revoke inside the caller's transaction.
func (s *Service) RevokeIn(ctx context.Context, tx *db.Tx, who authz.Actor, grant db.ID, reason string) error {
	h, err := grantByID(ctx, tx, grant)
	if err != nil {
		return err
	}
	if err := requireGive(who, authz.GrantRevoke, h.Role, h.Scope); err != nil {
		return err
	}
	if h.Role == authz.SecAdmin {
		if err := otherSecAdmin(ctx, tx, h.account); err != nil {
			return err
		}
	}
	if err := tx.Lock(ctx, "account", h.account); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `
		UPDATE identity_grant SET state = 'ended', ended_by = $2, ended_at = $3, reason = $4
		WHERE id = $1 AND state IN ('proposed', 'active')`, grant, who.Person, db.Millis(tx.Now), reason)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "identity.decided", "这项授权已经结束。")
	}
	if err := lastGrant(ctx, tx, h.account); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "identity.revoked", object("grant", grant), audit.Change{
		Act: authz.GrantRevoke, At: placeOf(h.Scope), Before: h.state, After: "ended",
		Detail: map[string]any{"account": h.account, "role": h.Role, "body": authz.Body(h.Role, h.Scope)},
	})
}

// lastGrant stops a joining that stands open: it was begun for the grant that
// ended. The invitation dies with the last grant, since nothing is left to join for.
func lastGrant(ctx context.Context, tx *db.Tx, account db.ID) error {
	left, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM identity_grant WHERE account_id = $1 AND state IN ('proposed', 'active')`, account)
	if err != nil {
		return err
	}
	if left == 0 {
		return closeCodes(ctx, tx, account)
	}
	return dropJoining(ctx, tx, account)
}

// otherSecAdmin refuses unless another active account holds a security
// administrator's grant today.
func otherSecAdmin(ctx context.Context, tx *db.Tx, but db.ID) error {
	if err := tx.Lock(ctx, "secadmin", 0); err != nil {
		return err
	}
	n, err := db.Value[int64](ctx, tx, `
		SELECT COUNT(*) FROM identity_grant g JOIN identity_account a ON a.id = g.account_id
		WHERE g.role = 'secadmin' AND `+holdsToday(2)+` AND a.state = 'active' AND g.account_id <> $1`, but, tx.Today())
	if err == nil && n == 0 {
		err = fault.New(fault.Forbidden, "identity.last-secadmin", "这是最后一名安全管理员，不能移除。")
	}
	return err
}
