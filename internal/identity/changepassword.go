package identity

import (
	"context"
	"fmt"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

// RenewPassword replaces a password that grew too old; both factors were given.
func (s *Service) RenewPassword(ctx context.Context, from Origin, challenge, password string) (p Progress, err error) {
	var a account
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		c, err := findChallenge(ctx, tx, challenge, NeedRenewal)
		if err != nil {
			return err
		}
		a, err = accountByID(ctx, tx, c.account)
		return err
	}); err != nil {
		return Progress{}, err
	}
	phc, err := s.nextPassword(ctx, a, Dengbao, password)
	if err != nil {
		return Progress{}, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := takeTry(ctx, tx, challenge, NeedRenewal)
		if err != nil {
			return err
		}
		if err := dropChallenge(ctx, tx, c.id); err != nil {
			return err
		}
		if a, err = accountByID(ctx, tx, c.account); err != nil {
			return err
		}
		if a.state != "active" {
			return badChallenge()
		}
		if err := s.setPassword(ctx, tx, from.actor(a.id, a.person), a.id, 0, phc); err != nil {
			return err
		}
		p, err = s.openSession(ctx, tx, from, a, true, false)
		return err
	})
	return p, err
}

// ChangePassword replaces one's own password and ends one's other sessions.
func (s *Service) ChangePassword(ctx context.Context, from Origin, who authz.Actor, old, password string) error {
	if err := requireSelf(who); err != nil {
		return err
	}
	a, profile, err := s.reauth(ctx, from, who, old)
	if err != nil {
		return err
	}
	phc, err := s.nextPassword(ctx, a, profile, password)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.setPassword(ctx, tx, who, a.id, who.Session, phc); err != nil {
			return err
		}
		return tell(ctx, tx, who, a.id, "identity.password-changed", "您的密码已修改", "如果不是您本人修改的，请立即联系本单位管理员。")
	})
}

// reauth evaluates the password of somebody who is signed in.
func (s *Service) reauth(ctx context.Context, from Origin, who authz.Actor, password string) (a account, p Profile, err error) {
	tries := s.tries(from, "reauth", who.Account.String(), who.Session)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if a, err = accountByID(ctx, tx, who.Account); err != nil {
			return err
		}
		roles, err := rolesOfAccount(ctx, tx, a.id)
		p = ProfileOf(roles...)
		if err != nil {
			return err
		}
		return spend(ctx, tx, tries)
	})
	if err != nil {
		return a, p, err
	}
	good, err := checkPassword(ctx, password, a.password)
	if err != nil {
		return a, p, err
	}
	if !good {
		s.failed(ctx, who, "identity.reauth-failed")
		return a, p, fault.New(fault.Invalid, "identity.reauth", "当前密码不正确。").With("old", "当前密码不正确。")
	}
	return a, p, s.DB.Write(ctx, func(tx *db.Tx) error { return refund(ctx, tx, tries) })
}

// nextPassword checks a new password and hashes it, outside any transaction.
func (s *Service) nextPassword(ctx context.Context, a account, p Profile, password string) (string, error) {
	if err := CheckPassword(p, password, a.login, a.display, s.Issuer, "juli"); err != nil {
		return "", err
	}
	if a.password != "" {
		same, err := checkPassword(ctx, password, a.password)
		if err != nil {
			return "", err
		}
		if same {
			return "", fault.New(fault.Invalid, "identity.password", "新密码不能与原密码相同。").With("password", "新密码不能与原密码相同。")
		}
	}
	return hashPassword(ctx, password)
}

func (s *Service) setPassword(ctx context.Context, tx *db.Tx, who authz.Actor, id, keep db.ID, phc string) error {
	if err := tx.Lock(ctx, "account", id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE identity_account SET password = $2, password_real = $3, changed_at = $4 WHERE id = $1`,
		id, phc, db.Millis(tx.Real), db.Millis(tx.Now))
	if err != nil {
		return fmt.Errorf("password: %w", err)
	}
	if _, err := endSessions(ctx, tx, id, keep, "password-changed"); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "identity.password-changed", object("account", id), nil)
}
