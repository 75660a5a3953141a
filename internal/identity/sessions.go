package identity

import (
	"context"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Session is one sign-in, as its owner and the administrators see it.
type Session struct {
	ID            db.ID
	Account       db.ID
	Created, Seen time.Time // real
	Ends          time.Time
	Second        bool
	Addr, Agent   string
}

// Sessions lists an account's live sessions: one's own, or those of people whom
// one looks after (SES-3).
func (s *Service) Sessions(ctx context.Context, tx *db.Tx, who authz.Actor, account db.ID) ([]Session, error) {
	if err := s.mayEnd(ctx, tx, who, account); err != nil {
		return nil, err
	}
	return db.All(ctx, tx, func(row db.Scanner) (x Session, err error) {
		var created, seen, ends int64
		err = row.Scan(&x.ID, &x.Account, &created, &seen, &ends, &x.Second, &x.Addr, &x.Agent)
		x.Created, x.Seen, x.Ends = db.FromMillis(created), db.FromMillis(seen), db.FromMillis(ends)
		return x, err
	}, `
		SELECT id, account_id, created_real, seen_real, ends_real, second, addr, agent FROM identity_session
		WHERE account_id = $1 AND ended_real = 0 AND ends_real > $2 AND seen_real + idle_ms > $2
		ORDER BY id DESC LIMIT $3`, account, db.Millis(tx.Real), pageMax)
}

func (s *Service) mayEnd(ctx context.Context, tx *db.Tx, who authz.Actor, account db.ID) error {
	if account == who.Account && account != 0 {
		return requireSelf(who)
	}
	return requireOver(ctx, tx, who, authz.AccountEndSession, account)
}

// EndSession ends one session: one's own, or of people whom one looks after.
func (s *Service) EndSession(ctx context.Context, who authz.Actor, session db.ID) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.EndSessionIn(ctx, tx, who, session) })
}

// EndSessionIn is EndSession inside the caller's transaction.
func (s *Service) EndSessionIn(ctx context.Context, tx *db.Tx, who authz.Actor, session db.ID) error {
	account, ok, err := db.One(ctx, tx, scanID, `SELECT account_id FROM identity_session WHERE id = $1`, session)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.NotFound, "session.not-found", "没有找到这次登录。")
	}
	if err := s.mayEnd(ctx, tx, who, account); err != nil {
		return err
	}
	if err := tx.Lock(ctx, "account", account); err != nil {
		return err
	}
	why := "signed-out"
	if account != who.Account {
		why = "ended-by-manager"
	}
	n, err := tx.Exec(ctx, `UPDATE identity_session SET ended_real = $2, ended_why = $3 WHERE id = $1 AND ended_real = 0`, session, db.Millis(tx.Real), why)
	if err != nil || n == 0 {
		return err
	}
	return audit.Append(ctx, tx, who, "identity.session-ended", object("session", session), map[string]any{"account": account, "why": why})
}

// EndOtherSessions ends all of one's own sessions but the present one.
func (s *Service) EndOtherSessions(ctx context.Context, who authz.Actor) (n int64, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err = s.EndOtherSessionsIn(ctx, tx, who)
		return err
	})
	return n, err
}

// EndOtherSessionsIn is EndOtherSessions inside the caller's transaction.
func (s *Service) EndOtherSessionsIn(ctx context.Context, tx *db.Tx, who authz.Actor) (n int64, err error) {
	if err := requireSelf(who); err != nil {
		return n, err
	}
	if err := tx.Lock(ctx, "account", who.Account); err != nil {
		return n, err
	}
	if n, err = endSessions(ctx, tx, who.Account, who.Session, "signed-out-elsewhere"); err != nil {
		return n, err
	}
	return n, audit.Append(ctx, tx, who, "identity.sessions-ended", object("account", who.Account), map[string]any{"sessions": n})
}
