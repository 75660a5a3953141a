package identity

import (
	"context"
	"fmt"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Deputising lets a colleague stand in during leave, both days included.
type Deputising struct {
	Deputy   db.ID   // account
	Grants   []db.ID // of one's own; none: all
	From, To day.Date
	Reason   string
}

// Deputise gives a colleague one's own roles for the time of leave, marked as
// deputised; the body's management stays behind. Where the colleague holds the
// same role at the same scope already, it holds at once; an authority's role that
// is new to the colleague waits for a checker like every other (AZ-5).
// Administrators have no deputies: they exclude each other (AZ-4). It gives rights
// away, so it wants a fresh second factor (SES-4).
func (s *Service) Deputise(ctx context.Context, who authz.Actor, d Deputising) (ids []db.ID, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		ids, err = s.DeputiseIn(ctx, tx, who, d)
		return err
	})
	return ids, err
}

// DeputiseIn is Deputise inside the caller's transaction.
func (s *Service) DeputiseIn(ctx context.Context, tx *db.Tx, who authz.Actor, d Deputising) ([]db.ID, error) {
	for _, g := range who.Grants {
		if g.Role.Admin() {
			return nil, fault.New(fault.Forbidden, "identity.deputy-admin", "%s不能由他人代理。", g.Role.Title())
		}
	}
	if err := authz.Require(who, authz.AccountDeputise, authz.Place{}); err != nil {
		return nil, err
	}
	if err := s.checkDeputising(tx, who, d); err != nil {
		return nil, err
	}
	a, err := accountByID(ctx, tx, d.Deputy)
	if err != nil {
		return nil, err
	}
	theirs, err := grantsToday(ctx, tx, d.Deputy)
	if err != nil {
		return nil, err
	}
	own, err := grantsToday(ctx, tx, who.Account)
	if err != nil {
		return nil, err
	}
	var ids []db.ID
	for _, g := range own {
		if g.Deputy != 0 || len(d.Grants) > 0 && !contains(d.Grants, g.ID) {
			continue
		}
		id, err := s.deputiseOne(ctx, tx, who, d, g, a, theirs)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil, fault.New(fault.Invalid, "identity.deputy", "没有可以代理的岗位。")
	}
	return ids, nil
}

func (s *Service) checkDeputising(tx *db.Tx, who authz.Actor, d Deputising) error {
	f := fault.New(fault.Invalid, "identity.deputy", "请核对代理的人员和期限。")
	switch {
	case d.From == 0 || d.To == 0 || d.To < d.From || d.To < tx.Today():
		f.With("to", "请填写代理的起止日期。")
	case d.To > d.From.AddDays(s.Policy.DeputyDays):
		f.With("to", fmt.Sprintf("代理最长%d天。", s.Policy.DeputyDays))
	}
	if d.Deputy == who.Account {
		f.With("deputy", "不能由本人代理本人。")
	}
	if n := len([]rune(strings.TrimSpace(d.Reason))); n < 2 || n > 200 {
		f.With("reason", "请写明代理的原因，2至200字。")
	}
	return f.OrNil()
}

func (s *Service) deputiseOne(ctx context.Context, tx *db.Tx, who authz.Actor, d Deputising, g authz.Grant, a account, theirs []authz.Grant) (db.ID, error) {
	if g.Role.Admin() {
		return 0, fault.New(fault.Forbidden, "identity.deputy-admin", "%s不能由他人代理。", g.Role.Title())
	}
	if a.state != "active" || !colleagues(theirs, g) || a.person == who.Person {
		return 0, fault.New(fault.Invalid, "identity.deputy", "代理人应是本单位的在岗人员。").With("deputy", "请选择本单位的在岗人员。")
	}
	same := false
	for _, t := range theirs {
		same = same || t.Deputy == 0 && t.Role == g.Role && t.Scope == g.Scope
	}
	twice, err := db.Value[int64](ctx, tx, `
		SELECT COUNT(*) FROM identity_grant WHERE deputy_of = $1 AND account_id = $2 AND state IN ('proposed', 'active') AND valid_from <= $4 AND valid_to >= $3`,
		g.ID, a.id, d.From, d.To)
	if err != nil {
		return 0, err
	}
	if twice > 0 {
		return 0, fault.New(fault.Conflict, "identity.deputy-twice", "此人在这段时间已经代理您的岗位。")
	}
	state := "active"
	if g.Role.Official() && !same {
		state = "proposed"
	}
	id, err := insertGrant(ctx, tx, newGrant{
		account: a.id, person: a.person, role: g.Role, scope: g.Scope, deputyOf: g.ID,
		from: d.From, to: min(d.To, g.To), state: state, by: who.Person, reason: d.Reason,
	})
	if err != nil {
		return 0, err
	}
	if err := audit.Append(ctx, tx, who, "identity.deputised", object("grant", id), map[string]any{
		"deputy": a.id, "grant": g.ID, "role": g.Role, "from": d.From, "to": d.To, "state": state,
	}); err != nil {
		return 0, err
	}
	return id, tell(ctx, tx, who, a.id, "identity.deputised", "同事请您代理岗位", g.Role.Title()+"，"+d.From.String()+" 至 "+min(d.To, g.To).String()+"。这段时间内，同事认领的事项也由您办理。")
}

// EndDeputy ends a deputising early: by who went on leave, or by the deputy.
func (s *Service) EndDeputy(ctx context.Context, who authz.Actor, grant db.ID) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.EndDeputyIn(ctx, tx, who, grant) })
}

// EndDeputyIn is EndDeputy inside the caller's transaction.
func (s *Service) EndDeputyIn(ctx context.Context, tx *db.Tx, who authz.Actor, grant db.ID) error {
	if err := requireSelf(who); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `
		UPDATE identity_grant SET state = 'ended', ended_by = $2, ended_at = $3
		WHERE id = $1 AND deputy_of IS NOT NULL AND state IN ('proposed', 'active')
		  AND (account_id = $4 OR deputy_of IN (SELECT o.id FROM identity_grant o WHERE o.account_id = $4))`,
		grant, who.Person, db.Millis(tx.Now), who.Account)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.NotFound, "identity.grant-not-found", "没有找到这项代理。")
	}
	return audit.Append(ctx, tx, who, "identity.deputy-ended", object("grant", grant), nil)
}

func contains(ids []db.ID, id db.ID) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}
