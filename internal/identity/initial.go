package identity

import (
	"context"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

// A First is one of the first four administrators: a one-time code for a person
// who names themselves when they take the account over.
type First struct {
	Login string
	Role  authz.Role
	Code  string
	Ends  time.Time
}

// firsts are four natural persons: grants need a maker and a checker, so there are
// two security administrators.
var firsts = []struct {
	login string
	role  authz.Role
}{
	{"sysadmin", authz.SysAdmin},
	{"auditadmin", authz.AuditAdmin},
	{"secadmin1", authz.SecAdmin},
	{"secadmin2", authz.SecAdmin},
}

// Init makes the first four accounts and their one-time codes, which live a day
// (AUT-1). While none of the four was taken over it may be run again and makes
// new codes; afterwards it is refused. No password exists at any time before.
func (s *Service) Init(ctx context.Context, city code.Division) (out []First, err error) {
	who := authz.System("admin init")
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		out = nil
		if err := tx.Lock(ctx, "identity", "init"); err != nil {
			return err
		}
		taken, err := db.Value[int64](ctx, tx, `
			SELECT COUNT(*) FROM identity_account a
			WHERE a.state <> 'invited' AND EXISTS (SELECT 1 FROM identity_grant g WHERE g.account_id = a.id AND g.admin)`)
		if err != nil {
			return err
		}
		if taken > 0 {
			return fault.New(fault.Conflict, "identity.initialised", "管理员账号已经启用，不能再次初始化。")
		}
		for _, f := range firsts {
			first, err := s.first(ctx, tx, who, f.login, f.role, city)
			if err != nil {
				return err
			}
			out = append(out, first)
		}
		return nil
	})
	return out, err
}

func (s *Service) first(ctx context.Context, tx *db.Tx, who authz.Actor, login string, role authz.Role, city code.Division) (First, error) {
	a, found, err := accountByLogin(ctx, tx, login)
	if err != nil {
		return First{}, err
	}
	if !found {
		if a.person, err = insertPerson(ctx, tx); err != nil {
			return First{}, err
		}
		if a.id, err = insertAccount(ctx, tx, a.person, login, 0); err != nil {
			return First{}, err
		}
		scope := authz.Scope{Division: city}
		if err := authz.CheckScope(role, scope); err != nil {
			return First{}, err
		}
		today := tx.Today()
		if _, _, err := s.give(ctx, tx, who, newGrant{
			account: a.id, person: a.person, role: role, scope: scope, from: today, to: today.AddMonths(12 * s.Policy.GrantYears),
		}); err != nil {
			return First{}, err
		}
	}
	ends := tx.Real.Add(s.Policy.FirstFor)
	shown, _, err := s.code(ctx, tx, a.id, "join", db.Millis(tx.Real), db.Millis(ends), 0)
	if err != nil {
		return First{}, err
	}
	return First{login, role, shown, ends}, audit.Append(ctx, tx, who, "identity.initialised", object("account", a.id), map[string]any{"role": role})
}
