package identity

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/text/unicode/norm"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

// What is still needed to be signed in.
const (
	NeedNothing = ""
	NeedSecond  = "second" // the code of the authenticator: SignInSecond
	NeedRenewal = "renew"  // the password is too old: RenewPassword
)

// A Progress is how far somebody came in signing in: a session, or a challenge
// and what it needs.
type Progress struct {
	Session   string // token of the session cookie
	Device    string // token of the device cookie, if it is to be set
	Challenge string // for the next step's hidden field
	Need      string
	Account   db.ID
}

func wrongSignIn() error {
	return fault.New(fault.Invalid, "identity.signin", "账号或密码不正确，或者账号已停用。")
}

// FoldLogin is how a login name is stored and compared.
func FoldLogin(s string) string {
	return strings.ToLower(strings.TrimSpace(norm.NFKC.String(s)))
}

// SignIn evaluates a password. Unknown names, wrong passwords and accounts that
// are not in use get the same answer after the same work (AUT-3). Staff come no
// further than a challenge for the second factor (AUT-2).
func (s *Service) SignIn(ctx context.Context, from Origin, login, password string) (Progress, error) {
	login = FoldLogin(login)
	if login == "" || len(login) > 200 {
		login = "?"
	}
	var a account
	var device db.ID
	err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if a, _, err = accountByLogin(ctx, tx, login); err != nil {
			return err
		}
		if device, err = knownDevice(ctx, tx, a.id, from.Device); err != nil {
			return err
		}
		return spend(ctx, tx, s.tries(from, "password", login, device))
	})
	if err != nil {
		if fault.Is(err, "identity.too-many") {
			s.failed(ctx, from.actor(a.id, a.person), "identity.signin-throttled")
		}
		return Progress{}, err
	}
	phc := a.password
	if a.state != "active" {
		phc = ""
	}
	good, err := checkPassword(ctx, password, phc)
	if err != nil {
		return Progress{}, err
	}
	if !good {
		s.failed(ctx, from.actor(a.id, a.person), "identity.signin-failed")
		return Progress{}, wrongSignIn()
	}
	return s.afterPassword(ctx, from, a.id, phc, device)
}

// afterPassword goes on with a right password, if nothing changed meanwhile.
func (s *Service) afterPassword(ctx context.Context, from Origin, id db.ID, phc string, device db.ID) (p Progress, err error) {
	refused := false
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		p, refused = Progress{}, false
		if err := tx.Lock(ctx, "account", id); err != nil {
			return err
		}
		a, err := accountByID(ctx, tx, id)
		if err != nil {
			return err
		}
		roles, err := rolesOfAccount(ctx, tx, id)
		if err != nil {
			return err
		}
		staff := ProfileOf(roles...) == Dengbao
		switch {
		case a.state != "active" || a.password != phc:
			refused = true
			return nil
		case staff && s.idleTooLong(tx, a):
			refused = true
			return s.setState(ctx, tx, from.actor(a.id, a.person), a.id, "suspended", "超过期限未使用")
		case a.second != nil:
			p.Need, p.Account = NeedSecond, a.id
			p.Challenge, err = s.challenge(ctx, tx, a.id, NeedSecond, device, 0, nil)
			return err
		case staff:
			return fault.New(fault.Forbidden, "identity.need-second", "您的岗位须使用动态码登录，请向本单位管理员索取激活码。")
		}
		if err := refund(ctx, tx, s.tries(from, "password", a.login, device)); err != nil {
			return err
		}
		p, err = s.openSession(ctx, tx, from, a, false, false)
		return err
	})
	if err == nil && refused {
		s.failed(ctx, from.actor(id, 0), "identity.signin-failed")
		return Progress{}, wrongSignIn()
	}
	return p, err
}

// SignInSecond evaluates the second factor of a challenge.
func (s *Service) SignInSecond(ctx context.Context, from Origin, challenge, code string) (p Progress, err error) {
	var who authz.Actor
	good := false
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		p, good = Progress{}, false
		c, err := takeTry(ctx, tx, challenge, NeedSecond)
		if err != nil {
			return err
		}
		a, err := accountByID(ctx, tx, c.account)
		if err != nil {
			return err
		}
		who = from.actor(a.id, a.person)
		second := s.tries(from, "second", a.login, c.device)
		if err := spend(ctx, tx, second); err != nil {
			return err
		}
		if a.state != "active" {
			return badChallenge()
		}
		if good, err = s.useSecond(ctx, tx, a.id, code); err != nil || !good {
			return err
		}
		if err := dropChallenge(ctx, tx, c.id); err != nil {
			return err
		}
		if err := refund(ctx, tx, append(second, s.tries(from, "password", a.login, c.device)...)); err != nil {
			return err
		}
		roles, err := rolesOfAccount(ctx, tx, a.id)
		if err != nil {
			return err
		}
		if ProfileOf(roles...).Renews && db.Millis(tx.Real)-a.passwordReal > s.Policy.PasswordAge.Milliseconds() {
			p.Need, p.Account = NeedRenewal, a.id
			p.Challenge, err = s.challenge(ctx, tx, a.id, NeedRenewal, c.device, 0, nil)
			return err
		}
		p, err = s.openSession(ctx, tx, from, a, true, false)
		return err
	})
	if err == nil && !good {
		s.failed(ctx, who, "identity.second-failed")
		return Progress{}, wrongSecond()
	}
	return p, err
}

// failed writes the event of a failure, which the failing transaction can't.
func (s *Service) failed(ctx context.Context, who authz.Actor, kind string) {
	obj := "account:"
	if who.Account != 0 {
		obj = object("account", who.Account)
	}
	err := s.Denials.Write(context.WithoutCancel(ctx), who, kind, obj, audit.Failed, nil)
	if err != nil && !errors.Is(err, context.Canceled) {
		logFailure(ctx, kind, err)
	}
}
