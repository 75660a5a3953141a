package identity

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

const needReplace = "replace"

// BeginSecond starts setting up another authenticator for oneself. Whoever has
// one already must have shown it within the step-up time, others their password.
func (s *Service) BeginSecond(ctx context.Context, from Origin, who authz.Actor, password string) (Enrolment, error) {
	if err := requireSelf(who); err != nil {
		return Enrolment{}, err
	}
	a, _, err := s.reauth(ctx, from, who, password)
	if err != nil {
		return Enrolment{}, err
	}
	if a.second != nil && who.StepUp.IsZero() {
		return Enrolment{}, fault.New(fault.StepUp, "authz.step-up", "更换动态码前，需要再次输入现有动态码。")
	}
	p := pending{Second: newSecond()}
	e := Enrolment{Login: a.login, Secret: p.Second, URI: secondURI(s.Issuer, a.login, p.Second)}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		e.Challenge, err = s.challenge(ctx, tx, a.id, needReplace, 0, 0, &p)
		return err
	})
	return e, err
}

// ConfirmSecond puts the new authenticator in force by its first code and ends
// one's other sessions.
func (s *Service) ConfirmSecond(ctx context.Context, who authz.Actor, token, code string) error {
	good := false
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := takeTry(ctx, tx, token, needReplace)
		if err != nil {
			return err
		}
		if c.account != who.Account {
			return badChallenge()
		}
		p, err := s.pendingOf(c)
		if err != nil {
			return err
		}
		step, err := matchStep(p.Second, code, 0, tx.Real)
		if good = step != 0; err != nil || !good {
			return err
		}
		if err := dropChallenge(ctx, tx, c.id); err != nil {
			return err
		}
		sealed, err := s.Keys.Seal("identity_account", "second_sealed", c.account, []byte(p.Second))
		if err != nil {
			return err
		}
		if err := tx.Lock(ctx, "account", c.account); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE identity_account SET second_sealed = $2, second_step = $3, changed_at = $4 WHERE id = $1`, c.account, sealed, step, db.Millis(tx.Now))
		if err != nil {
			return err
		}
		if _, err := endSessions(ctx, tx, c.account, who.Session, "second-changed"); err != nil {
			return err
		}
		if err := audit.Append(ctx, tx, who, "identity.second-changed", object("account", c.account), nil); err != nil {
			return err
		}
		return tell(ctx, tx, who, c.account, "identity.second-changed", "您的动态码已更换", "如果不是您本人更换的，请立即联系安全管理员。")
	})
	if err == nil && !good {
		s.failed(ctx, who, "identity.second-failed")
		return wrongSecond()
	}
	return err
}

// ForgetDevices makes every browser unknown to the account again.
func (s *Service) ForgetDevices(ctx context.Context, who authz.Actor) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.ForgetDevicesIn(ctx, tx, who) })
}

// ForgetDevicesIn is ForgetDevices inside the caller's transaction.
func (s *Service) ForgetDevicesIn(ctx context.Context, tx *db.Tx, who authz.Actor) error {
	if err := requireSelf(who); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `DELETE FROM identity_device WHERE account_id = $1`, who.Account)
	if err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "identity.devices-forgotten", object("account", who.Account), map[string]any{"devices": n})
}

// useSecond evaluates a TOTP code; a code is used up by being right (AUT-5).
func (s *Service) useSecond(ctx context.Context, tx *db.Tx, id db.ID, code string) (bool, error) {
	a, err := accountByID(ctx, tx, id)
	if err != nil {
		return false, err
	}
	secret, err := s.open("identity_account", "second_sealed", id, a.second)
	if err != nil || secret == "" {
		return false, err
	}
	step, err := matchStep(secret, code, a.secondStep, tx.Real)
	if err != nil || step == 0 {
		return false, err
	}
	n, err := tx.Exec(ctx, `UPDATE identity_account SET second_step = $2 WHERE id = $1 AND second_step < $2`, id, step)
	return n == 1, err
}
