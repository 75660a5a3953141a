package resident

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

const (
	codeFor    = 5 * time.Minute
	codeTries  = 5
	phoneDaily = 10 // codes to one telephone
	addrDaily  = 50 // codes asked for from one network
)

func newCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand ends the program instead
	}
	return fmt.Sprintf("%06d", n)
}

// codeHash is keyed: six digits alone would be found by trying them all.
func (s *Reports) codeHash(draft db.ID, code string) []byte {
	return s.Keys.Blind("resident_draft.code", []byte(draft.String()+code))
}

// spend counts a code against the day's limits of the telephone and the address.
func (s *Reports) spend(ctx context.Context, tx *db.Tx, phone, addr string) error {
	slot := db.Millis(tx.Real) / time.Hour.Milliseconds()
	for _, t := range []struct {
		key  string
		most int64
	}{{"phone:" + hex.EncodeToString(s.blind(phone)[:16]), phoneDaily}, {"addr:" + hex.EncodeToString(hashOf(authz.Network(addr))[:16]), addrDaily}} {
		if err := tx.Lock(ctx, "resident_try", t.key); err != nil {
			return err
		}
		n, err := db.Value[int64](ctx, tx, `SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM resident_try WHERE key = $1 AND slot > $2`, t.key, slot-24)
		if err != nil {
			return err
		}
		if n >= t.most {
			return fault.New(fault.TooMany, "resident.codes", "今天发送验证码的次数已到上限，请明天再试，或拨打12345。")
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO resident_try (key, slot, n) VALUES ($1, $2, 1)
			ON CONFLICT (key, slot) DO UPDATE SET n = resident_try.n + 1`, t.key, slot); err != nil {
			return err
		}
	}
	return nil
}

// queueCode puts the message with a code on its way.
func (s *Reports) queueCode(ctx context.Context, tx *db.Tx, phone, code string) error {
	return s.queueText(ctx, tx, phone, "验证码 "+code+"，5分钟内有效，用于反映诉求。非本人操作请忽略。", codeFor)
}

// CodeAgainIn sends a new code for a draft that waits: the old one ends, the tries
// begin anew, what was written stays. It counts against the day's limits like the
// first, so that no more can be guessed than these allow.
func (s *Reports) CodeAgainIn(ctx context.Context, tx *db.Tx, who authz.Actor, ticket string) (code string, err error) {
	d, err := draftOf(ctx, tx, ticket)
	if err != nil {
		return "", err
	}
	if d.until == 0 { // a proven telephone's: no code opens it
		return "", noReport()
	}
	phone, err := s.Keys.Open("resident_draft", "phone_sealed", d.id, d.phone)
	if err != nil {
		return "", err
	}
	if err := s.spend(ctx, tx, string(phone), who.Addr); err != nil {
		return "", err
	}
	code = newCode()
	if _, err := tx.Exec(ctx, `UPDATE resident_draft SET code_hash = $2, code_until = $3, tries = 0 WHERE id = $1`,
		d.id, s.codeHash(d.id, code), db.Millis(tx.Real.Add(codeFor))); err != nil {
		return "", err
	}
	if err := s.queueCode(ctx, tx, string(phone), code); err != nil {
		return "", err
	}
	return code, audit.Append(ctx, tx, who, "resident.code-sent", "resident_draft:"+d.id.String(), map[string]any{"again": true})
}

// CheckCode counts a try of a code and says whether it is right. It commits by
// itself: what is refused afterwards must not give the try back.
func (s *Reports) CheckCode(ctx context.Context, ticket, code string) error {
	var wrong error
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		wrong = nil
		d, err := draftOf(ctx, tx, ticket)
		if fault.Is(err, "authz.not-found") {
			return nil // it was confirmed before: the form's key knows
		}
		if err != nil {
			return err
		}
		if err := tx.Lock(ctx, "resident_draft", d.id); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE resident_draft SET tries = tries + 1 WHERE id = $1 AND tries < $2`, d.id, codeTries)
		if err != nil {
			return err
		}
		if n == 0 {
			wrong = fault.New(fault.TooMany, "resident.code-tries", "验证码输错次数过多，请重新填写并获取新的验证码。")
			return nil
		}
		wrong = s.judge(tx, d, code)
		return nil
	})
	if err != nil {
		return err
	}
	return wrong
}

func (s *Reports) judge(tx *db.Tx, d draftRow, code string) error {
	code = strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == ' ':
			return -1
		}
		return r
	}, code)
	if d.until < db.Millis(tx.Real) || subtle.ConstantTimeCompare(d.hash, s.codeHash(d.id, code)) != 1 {
		return fault.New(fault.Invalid, "resident.code", "验证码不对或已过期。").With("code", "验证码不对或已过期，请核对短信。")
	}
	return nil
}
