package identity

import (
	"context"
	"fmt"
	"strings"

	"juli/internal/audit"
	"juli/internal/db"
)

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
