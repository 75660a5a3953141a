package identity

import (
	"context"
	"fmt"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

// live is a session as it was found.
type live struct {
	id, account, person        db.ID
	display, state             string
	second                     bool
	seen, idle, ends, secondAt int64
}

func noSession() error {
	return fault.New(fault.Unauthenticated, "session.ended", "登录已失效，请重新登录。")
}

func findSession(ctx context.Context, tx *db.Tx, token string) (live, error) {
	if len(token) != 43 {
		return live{}, noSession()
	}
	l, ok, err := db.One(ctx, tx, func(row db.Scanner) (l live, err error) {
		return l, row.Scan(&l.id, &l.account, &l.person, &l.display, &l.state, &l.second, &l.seen, &l.idle, &l.ends, &l.secondAt)
	}, `
		SELECT s.id, s.account_id, a.person_id, p.display, a.state, s.second, s.seen_real, s.idle_ms, s.ends_real, s.second_real
		FROM identity_session s
		JOIN identity_account a ON a.id = s.account_id
		JOIN identity_person p ON p.id = a.person_id
		WHERE s.token_hash = $1 AND s.ended_real = 0`, hashOf(token))
	now := db.Millis(tx.Real)
	switch {
	case err != nil:
		return live{}, fmt.Errorf("session: %w", err)
	case !ok, l.state != "active", now >= l.ends, now-l.seen >= l.idle, now < l.seen-time.Minute.Milliseconds():
		return live{}, noSession() // a clock that went back fails safe (CRS-6)
	}
	return l, nil
}

// Actor is who holds a session token, with the grants of today: two indexed
// queries. It fails Unauthenticated "session.ended". Grants that need two factors
// are left out of a session that has one (AUT-2).
func (s *Service) Actor(ctx context.Context, tx *db.Tx, token string) (authz.Actor, error) {
	l, err := findSession(ctx, tx, token)
	if err != nil {
		return authz.Actor{}, err
	}
	return s.actorOf(ctx, tx, l)
}

func (s *Service) actorOf(ctx context.Context, tx *db.Tx, l live) (authz.Actor, error) {
	grants, err := grantsToday(ctx, tx, l.account)
	if err != nil {
		return authz.Actor{}, err
	}
	who := authz.Actor{Account: l.account, Person: l.person, Name: l.display, Session: l.id, Second: l.second}
	for _, g := range grants {
		if l.second || !g.Role.Staff() {
			who.Grants = append(who.Grants, g)
		}
	}
	if at := db.FromMillis(l.secondAt); l.second && tx.Real.Sub(at) < s.Policy.StepUp && !at.After(tx.Real) {
		who.StepUp = at
	}
	return who, nil
}

// Signed is Actor in a transaction of its own. It also moves the session's idle
// time, at most once in half a minute, so that most requests write nothing.
func (s *Service) Signed(ctx context.Context, token string) (who authz.Actor, err error) {
	stale := false
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		l, err := findSession(ctx, tx, token)
		if err != nil {
			return err
		}
		stale = db.Millis(tx.Real)-l.seen >= touchEvery.Milliseconds()
		who, err = s.actorOf(ctx, tx, l)
		return err
	})
	if err != nil || !stale {
		return who, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		now := db.Millis(tx.Real)
		if _, err := tx.Exec(ctx, `UPDATE identity_session SET seen_real = $2 WHERE id = $1 AND seen_real < $2 AND ended_real = 0`, who.Session, now); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE identity_account SET seen_real = $2 WHERE id = $1 AND seen_real < $2`, who.Account, now)
		return err
	})
	return who, err
}

// Idle is how long the actor's session lives without a request (SES-2).
func (s *Service) Idle(who authz.Actor) time.Duration {
	if who.Staff() {
		return s.Policy.StaffIdle
	}
	return s.Policy.OthersIdle
}

// Recheck asks again, inside the transaction that writes, whether the session
// still lives, and keeps it from ending until the transaction does: after a
// revocation was acknowledged no write of that session commits (SES-3). The edge
// calls it first in every writing transaction. It returns the actor afresh.
func (s *Service) Recheck(ctx context.Context, tx *db.Tx, who authz.Actor) (authz.Actor, error) {
	if who.Session == 0 {
		return who, nil
	}
	if err := tx.Lock(ctx, "account", who.Account); err != nil {
		return authz.Actor{}, err
	}
	l, ok, err := db.One(ctx, tx, func(row db.Scanner) (l live, err error) {
		return l, row.Scan(&l.id, &l.account, &l.person, &l.display, &l.state, &l.second, &l.ends, &l.secondAt)
	}, `
		SELECT s.id, s.account_id, a.person_id, p.display, a.state, s.second, s.ends_real, s.second_real
		FROM identity_session s
		JOIN identity_account a ON a.id = s.account_id
		JOIN identity_person p ON p.id = a.person_id
		WHERE s.id = $1 AND s.ended_real = 0`, who.Session)
	if err != nil {
		return authz.Actor{}, err
	}
	if !ok || l.state != "active" || db.Millis(tx.Real) >= l.ends {
		return authz.Actor{}, noSession()
	}
	fresh, err := s.actorOf(ctx, tx, l)
	fresh.Request, fresh.Addr = who.Request, who.Addr
	return fresh, err
}

// ActorOf is an account's holder without a session: for whom work is kept, or to
// whom it is handed. Nothing that needs a second factor passes with it.
func (s *Service) ActorOf(ctx context.Context, tx *db.Tx, id db.ID) (authz.Actor, error) {
	a, err := accountByID(ctx, tx, id)
	if err != nil {
		return authz.Actor{}, err
	}
	grants, err := grantsToday(ctx, tx, id)
	return authz.Actor{Account: a.id, Person: a.person, Name: a.display, Grants: grants}, err
}

// SignOut ends the present session. A token that no longer holds is no error.
func (s *Service) SignOut(ctx context.Context, from Origin, token string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		l, err := findSession(ctx, tx, token)
		if err != nil {
			if fault.Is(err, "session.ended") {
				return nil
			}
			return err
		}
		if err := tx.Lock(ctx, "account", l.account); err != nil { // waits for a write under way (SES-3)
			return err
		}
		who := from.actor(l.account, l.person)
		who.Session = l.id
		return s.endOwn(ctx, tx, who)
	})
}

func (s *Service) endOwn(ctx context.Context, tx *db.Tx, who authz.Actor) error {
	_, err := tx.Exec(ctx, `UPDATE identity_session SET ended_real = $2, ended_why = 'signed-out' WHERE id = $1`, who.Session, db.Millis(tx.Real))
	if err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "identity.signed-out", object("account", who.Account), nil)
}

// StepUp takes the second factor again. The session gets a new token (SES-1) and
// counts as fresh for Policy.StepUp. At most five wrong codes in 15 minutes.
func (s *Service) StepUp(ctx context.Context, from Origin, token, code string) (fresh string, err error) {
	var who authz.Actor
	good := false
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		good = false
		l, err := findSession(ctx, tx, token)
		if err != nil {
			return err
		}
		who = from.actor(l.account, l.person)
		who.Session = l.id
		tries := s.tries(from, "step-up", l.account.String(), l.id)
		if err := spend(ctx, tx, tries); err != nil {
			return err
		}
		good, err = s.useSecond(ctx, tx, l.account, code)
		if err != nil || !good {
			return err
		}
		if err := refund(ctx, tx, tries); err != nil {
			return err
		}
		var hash []byte
		fresh, hash = newToken()
		now := db.Millis(tx.Real)
		_, err = tx.Exec(ctx, `UPDATE identity_session SET token_hash = $2, second = TRUE, second_real = $3, seen_real = $3 WHERE id = $1`, l.id, hash, now)
		if err != nil {
			return err
		}
		return audit.Append(ctx, tx, who, "identity.step-up", object("account", l.account), nil)
	})
	if err == nil && !good {
		s.failed(ctx, who, "identity.step-up-failed")
		return "", wrongSecond()
	}
	return fresh, err
}

func scanID(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) }
