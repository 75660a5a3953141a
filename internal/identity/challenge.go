package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"juli/internal/db"
	"juli/internal/fault"
)

// A challenge stands between two steps: password and second factor, one-time
// code and enrolment. It is bound to one account and one purpose, lives ten
// minutes and takes five tries (AUT-5). Its token stands in the next form.
type challenge struct {
	id, account, device, invitation db.ID
	pending                         []byte
	tries                           int64
}

// pending is what an enrolment will change once it is confirmed.
type pending struct {
	Password, Second, Name, Number, Phone string
}

func badChallenge() error {
	return fault.New(fault.Invalid, "identity.challenge", "这一步已超时或尝试过多，请重新开始。")
}

func (s *Service) challenge(ctx context.Context, tx *db.Tx, account db.ID, purpose string, device, invitation db.ID, p *pending) (string, error) {
	token, hash := newToken()
	id := tx.NewID()
	var sealed []byte
	if p != nil {
		text, err := json.Marshal(p)
		if err != nil {
			return "", err
		}
		if sealed, err = s.Keys.Seal("identity_challenge", "pending", id, text); err != nil {
			return "", err
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO identity_challenge (id, token_hash, account_id, purpose, device_id, invitation_id, pending, ends_real)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id, hash, account, purpose, device, invitation, sealed, db.Millis(tx.Real)+challengeFor.Milliseconds())
	if err != nil {
		return "", fmt.Errorf("challenge: %w", err)
	}
	return token, nil
}

func findChallenge(ctx context.Context, tx *db.Tx, token, purpose string) (challenge, error) {
	c, ok, err := db.One(ctx, tx, func(row db.Scanner) (c challenge, err error) {
		return c, row.Scan(&c.id, &c.account, &c.device, &c.invitation, &c.pending, &c.tries)
	}, `
		SELECT id, account_id, device_id, invitation_id, pending, tries FROM identity_challenge
		WHERE token_hash = $1 AND purpose = $2 AND ends_real > $3 AND tries < $4`,
		hashOf(token), purpose, db.Millis(tx.Real), challengeMax)
	if err == nil && !ok {
		err = badChallenge()
	}
	return c, err
}

// takeTry finds a challenge and counts a try of it, in turn with what ends it: that
// takes the account first, too.
func takeTry(ctx context.Context, tx *db.Tx, token, purpose string) (challenge, error) {
	c, err := findChallenge(ctx, tx, token, purpose)
	if err != nil {
		return c, err
	}
	if err := tx.Lock(ctx, "account", c.account); err != nil {
		return c, err
	}
	n, err := tx.Exec(ctx, `UPDATE identity_challenge SET tries = tries + 1 WHERE id = $1 AND tries < $2`, c.id, challengeMax)
	if err == nil && n == 0 {
		err = badChallenge()
	}
	return c, err
}

func dropChallenge(ctx context.Context, tx *db.Tx, id db.ID) error {
	n, err := tx.Exec(ctx, `DELETE FROM identity_challenge WHERE id = $1`, id)
	if err == nil && n == 0 {
		err = badChallenge()
	}
	return err
}

// dropJoining drops the enrolments of an account that stand open: its one-time
// codes changed or died.
func dropJoining(ctx context.Context, tx *db.Tx, account db.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM identity_challenge WHERE account_id = $1 AND purpose = $2`, account, needEnrol)
	return err
}

// closeCodes ends the one-time codes of an account and what was begun with them.
func closeCodes(ctx context.Context, tx *db.Tx, account db.ID) error {
	_, err := tx.Exec(ctx, `UPDATE identity_invitation SET ends_real = $2 WHERE account_id = $1 AND used_real = 0 AND ends_real > $2`, account, db.Millis(tx.Real))
	if err != nil {
		return err
	}
	return dropJoining(ctx, tx, account)
}

func (s *Service) pendingOf(c challenge) (p pending, err error) {
	text, err := s.Keys.Open("identity_challenge", "pending", c.id, c.pending)
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal(text, &p)
}

func logFailure(ctx context.Context, kind string, err error) {
	slog.LogAttrs(ctx, slog.LevelError, "audit event not written", slog.String("kind", kind), slog.Any("err", err))
}
