package identity

import (
	"context"
	"fmt"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

const needEnrol = "enrol"

// A Joining is what an invited person fills in. Recovery takes the same way.
type Joining struct {
	Code     string // the one-time code
	Name     string
	Number   string // ID number: staff act under their real identity
	Phone    string // may be empty
	Password string
}

// An Enrolment is the second step of joining: the authenticator is set up and its
// first code given to [Service.Enrol]. Residents need none and get a session.
type Enrolment struct {
	Login     string
	Challenge string
	Secret    string // for typing into an authenticator
	URI       string // for its QR code
	Progress  Progress
}

// An Invitation is what a one-time code opens.
type Invitation struct {
	Login      string
	Recovering bool
	Roles      []authz.Role
	Profile    Profile
	Known      bool // name and number are known: the number must be given as proof
}

type opened struct {
	id, account db.ID
	purpose     string
}

func badCode() error {
	text := "激活码不对、已使用或不在有效期内。"
	return fault.New(fault.Invalid, "identity.code", "%s", text).With("code", text)
}

func openInvitation(ctx context.Context, tx *db.Tx, code string) (opened, error) {
	o, ok, err := db.One(ctx, tx, func(row db.Scanner) (o opened, err error) {
		return o, row.Scan(&o.id, &o.account, &o.purpose)
	}, `SELECT id, account_id, purpose FROM identity_invitation WHERE code_hash = $1 AND used_real = 0 AND opens_real <= $2 AND ends_real > $2`,
		hashOf(readCode(code)), db.Millis(tx.Real))
	if err == nil && !ok {
		err = badCode()
	}
	return o, err
}

// Invited shows what a one-time code is for. A wrong code counts as a guess.
func (s *Service) Invited(ctx context.Context, from Origin, code string) (inv Invitation, err error) {
	wrong := false
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		wrong = false
		tries := s.tries(from, "code", authz.Network(from.Addr), 0)
		if err := spend(ctx, tx, tries); err != nil {
			return err
		}
		o, err := openInvitation(ctx, tx, code)
		if fault.Is(err, "identity.code") {
			wrong = true
			return nil
		}
		if err != nil {
			return err
		}
		a, err := accountByID(ctx, tx, o.account)
		if err != nil {
			return err
		}
		roles, err := rolesOfAccount(ctx, tx, a.id)
		if err != nil {
			return err
		}
		known, err := hasNumber(ctx, tx, a)
		inv = Invitation{Login: a.login, Recovering: o.purpose == "recover", Roles: roles, Profile: ProfileOf(roles...), Known: known}
		if err != nil {
			return err
		}
		return refund(ctx, tx, tries)
	})
	if err == nil && wrong {
		s.failed(ctx, from.actor(0, 0), "identity.code-failed")
		return Invitation{}, badCode()
	}
	return inv, err
}

// Join checks a one-time code and what the person filled in. Nothing changes yet
// for staff: that is Enrol's, so an enrolment may be begun again.
func (s *Service) Join(ctx context.Context, from Origin, j Joining) (Enrolment, error) {
	inv, err := s.Invited(ctx, from, j.Code)
	if err != nil {
		return Enrolment{}, err
	}
	if err := CheckPassword(inv.Profile, j.Password, inv.Login, j.Name, j.Number, j.Phone, "juli"); err != nil {
		return Enrolment{}, err
	}
	phc, err := hashPassword(ctx, j.Password)
	if err != nil {
		return Enrolment{}, err
	}
	staff := inv.Profile == Dengbao
	e := Enrolment{Login: inv.Login}
	p := pending{Password: phc, Name: j.Name, Number: j.Number, Phone: j.Phone}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		o, err := openInvitation(ctx, tx, j.Code)
		if err != nil {
			return err
		}
		if err := s.fits(ctx, tx, o.account, j, staff); err != nil {
			return err
		}
		if !staff {
			e.Progress, err = s.takeOver(ctx, tx, from, o, p)
			return err
		}
		p.Second = newSecond()
		e.Secret, e.URI = p.Second, secondURI(s.Issuer, inv.Login, p.Second)
		e.Challenge, err = s.challenge(ctx, tx, o.account, needEnrol, 0, o.id, &p)
		return err
	})
	return e, err
}

// Enrol confirms the authenticator by its first code; then the account is the
// person's and the one-time code is dead.
func (s *Service) Enrol(ctx context.Context, from Origin, token, code string) (p Progress, err error) {
	good := false
	var who authz.Actor
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		p, good = Progress{}, false
		c, err := takeTry(ctx, tx, token, needEnrol)
		if err != nil {
			return err
		}
		who = from.actor(c.account, 0)
		pend, err := s.pendingOf(c)
		if err != nil {
			return err
		}
		step, err := matchStep(pend.Second, code, 0, tx.Real)
		if good = step != 0; err != nil || !good {
			return err
		}
		o, ok, err := db.One(ctx, tx, func(row db.Scanner) (o opened, err error) {
			return o, row.Scan(&o.id, &o.account, &o.purpose)
		}, `SELECT id, account_id, purpose FROM identity_invitation WHERE id = $1`, c.invitation)
		if err != nil {
			return err
		}
		if !ok {
			return badCode()
		}
		if err := dropChallenge(ctx, tx, c.id); err != nil {
			return err
		}
		if p, err = s.takeOver(ctx, tx, from, o, pend); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE identity_account SET second_step = $2 WHERE id = $1`, o.account, step)
		return err
	})
	if err == nil && !good {
		s.failed(ctx, who, "identity.second-failed")
		return Progress{}, wrongSecond()
	}
	return p, err
}

// takeOver makes the account the person's: identity, password, second factor,
// session. A recovery ends all that stood before. The code must be good at this
// moment, not only when it was typed: meanwhile it may have been cancelled,
// replaced or used by somebody else.
func (s *Service) takeOver(ctx context.Context, tx *db.Tx, from Origin, o opened, p pending) (Progress, error) {
	if err := tx.Lock(ctx, "account", o.account); err != nil {
		return Progress{}, err
	}
	n, err := tx.Exec(ctx, `UPDATE identity_invitation SET used_real = $2 WHERE id = $1 AND used_real = 0 AND opens_real <= $2 AND ends_real > $2`, o.id, db.Millis(tx.Real))
	if err != nil {
		return Progress{}, err
	}
	if n == 0 {
		return Progress{}, badCode()
	}
	a, err := accountByID(ctx, tx, o.account)
	if err != nil {
		return Progress{}, err
	}
	if a.state == "suspended" {
		return Progress{}, badCode()
	}
	if err := s.identify(ctx, tx, &a, p.Name, p.Number, p.Phone); err != nil {
		return Progress{}, err
	}
	var second []byte
	if p.Second != "" {
		if second, err = s.Keys.Seal("identity_account", "second_sealed", a.id, []byte(p.Second)); err != nil {
			return Progress{}, err
		}
	}
	_, err = tx.Exec(ctx, `
		UPDATE identity_account SET state = 'active', password = $2, password_real = $3, second_sealed = $4, changed_at = $5 WHERE id = $1`,
		a.id, p.Password, db.Millis(tx.Real), second, db.Millis(tx.Now))
	if err != nil {
		return Progress{}, fmt.Errorf("take over: %w", err)
	}
	if _, err := endSessions(ctx, tx, a.id, 0, "recovered"); err != nil {
		return Progress{}, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM identity_challenge WHERE account_id = $1`, a.id); err != nil {
		return Progress{}, err
	}
	if err := s.endRecovery(ctx, tx, a.id, o); err != nil {
		return Progress{}, err
	}
	kind := map[string]string{"join": "identity.joined", "recover": "identity.recovered"}[o.purpose]
	if err := audit.Append(ctx, tx, from.actor(a.id, a.person), kind, object("account", a.id), nil); err != nil {
		return Progress{}, err
	}
	return s.openSession(ctx, tx, from, a, p.Second != "", o.purpose == "recover")
}

func (s *Service) endRecovery(ctx context.Context, tx *db.Tx, account db.ID, o opened) error {
	if o.purpose != "recover" {
		return nil
	}
	n, err := tx.Exec(ctx, `UPDATE identity_recovery SET state = 'done' WHERE invitation_id = $1 AND state = 'approved'`, o.id)
	if err != nil {
		return err
	}
	if n == 0 {
		return badCode()
	}
	_, err = tx.Exec(ctx, `DELETE FROM identity_device WHERE account_id = $1`, account)
	return err
}

// code makes a one-time code for an account and kills the older ones.
func (s *Service) code(ctx context.Context, tx *db.Tx, account db.ID, purpose string, opens, ends, by int64) (shown string, id db.ID, err error) {
	if err := tx.Lock(ctx, "account", account); err != nil {
		return "", 0, err
	}
	if err := closeCodes(ctx, tx, account); err != nil {
		return "", 0, err
	}
	shown, hash := newCode()
	id = tx.NewID()
	_, err = tx.Exec(ctx, `
		INSERT INTO identity_invitation (id, account_id, code_hash, purpose, opens_real, ends_real, made_by, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, account, hash, purpose, opens, ends, db.ID(by), db.Millis(tx.Now))
	return shown, id, err
}
