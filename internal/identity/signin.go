package identity

import (
	"context"
	"errors"
	"fmt"
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
		if err := tx.Lock(ctx, "account", c.account); err != nil {
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

func (s *Service) idleTooLong(tx *db.Tx, a account) bool {
	return a.seenReal > 0 && db.Millis(tx.Real)-a.seenReal > s.Policy.IdleDisable.Milliseconds()
}

// openSession makes the session: a new token, the staff limit of sessions kept,
// the device remembered.
func (s *Service) openSession(ctx context.Context, tx *db.Tx, from Origin, a account, second, recovered bool) (p Progress, err error) {
	roles, err := rolesOfAccount(ctx, tx, a.id)
	if err != nil {
		return p, err
	}
	staff := ProfileOf(roles...) == Dengbao
	if staff {
		if err := s.makeRoom(ctx, tx, a.id); err != nil {
			return p, err
		}
	}
	token, hash := newToken()
	now, idle, secondAt := db.Millis(tx.Real), s.Policy.OthersIdle, int64(0)
	if staff {
		idle = s.Policy.StaffIdle
	}
	if second {
		secondAt = now
	}
	id := tx.NewID()
	_, err = tx.Exec(ctx, `
		INSERT INTO identity_session (id, account_id, token_hash, second, staff, created_real, seen_real, idle_ms, ends_real, second_real, addr, agent)
		VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11)`,
		id, a.id, hash, second, staff, now, idle.Milliseconds(), now+s.Policy.Absolute.Milliseconds(), secondAt, short(from.Addr), short(from.Agent))
	if err != nil {
		return p, fmt.Errorf("session: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE identity_account SET seen_real = $2 WHERE id = $1`, a.id, now); err != nil {
		return p, err
	}
	p = Progress{Session: token, Account: a.id}
	if p.Device, err = s.rememberDevice(ctx, tx, from, a.id); err != nil {
		return p, err
	}
	who := from.actor(a.id, a.person)
	who.Session, who.Second = id, second
	return p, audit.Append(ctx, tx, who, "identity.signed-in", object("account", a.id), map[string]any{
		"second": second, "new_device": p.Device != "", "recovered": recovered,
	})
}

// makeRoom ends the oldest sessions of staff beyond the limit (SES-3).
func (s *Service) makeRoom(ctx context.Context, tx *db.Tx, id db.ID) error {
	open, err := db.All(ctx, tx, scanID, `SELECT id FROM identity_session WHERE account_id = $1 AND ended_real = 0 ORDER BY id DESC LIMIT 1000`, id)
	if err != nil {
		return err
	}
	for i, old := range open {
		if i < s.Policy.StaffSessions-1 {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE identity_session SET ended_real = $2, ended_why = 'replaced' WHERE id = $1`, old, db.Millis(tx.Real)); err != nil {
			return err
		}
	}
	return nil
}

func knownDevice(ctx context.Context, tx *db.Tx, account db.ID, token string) (db.ID, error) {
	id, _, err := db.One(ctx, tx, scanID, `SELECT id FROM identity_device WHERE token_hash = $1 AND account_id = $2`, hashOf(token), int64(account))
	return id, err
}

// rememberDevice makes a device token after a whole sign-in from a new browser
// and tells the owner of it.
func (s *Service) rememberDevice(ctx context.Context, tx *db.Tx, from Origin, account db.ID) (string, error) {
	now := db.Millis(tx.Real)
	known, err := knownDevice(ctx, tx, account, from.Device)
	if err != nil {
		return "", err
	}
	if known != 0 {
		_, err := tx.Exec(ctx, `UPDATE identity_device SET seen_real = $2 WHERE id = $1`, known, now)
		return "", err
	}
	others, err := db.All(ctx, tx, scanID, `SELECT id FROM identity_device WHERE account_id = $1 ORDER BY seen_real DESC, id DESC LIMIT 1000`, account)
	if err != nil {
		return "", err
	}
	for i, old := range others {
		if i < devicesMax-1 {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identity_device WHERE id = $1`, old); err != nil {
			return "", err
		}
	}
	token, hash := newToken()
	_, err = tx.Exec(ctx, `INSERT INTO identity_device (id, account_id, token_hash, agent, seen_real) VALUES ($1, $2, $3, $4, $5)`,
		tx.NewID(), account, hash, short(from.Agent), now)
	if err != nil || len(others) == 0 {
		return token, err
	}
	return token, tell(ctx, tx, from.actor(account, 0), account, "identity.new-device", "您的账号在新设备上登录", "如果不是您本人登录，请立即修改密码并联系本单位管理员。")
}

func short(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > 200 {
		return string(r[:200])
	}
	return s
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
