package resident

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/fault"
)

const (
	codeFor    = 5 * time.Minute
	draftFor   = 24 * time.Hour
	codeTries  = 5
	phoneDaily = 10 // codes to one telephone
	addrDaily  = 50 // codes asked for from one address
	draftsMax  = 500
)

// A Draft is what waits for the code that was sent to the telephone: a report, a
// voice for another's report, or the wish for a new secret.
type Draft struct {
	Submission *Submission `json:"submission,omitempty"`
	Join       db.ID       `json:"join,omitzero"`
	Note       string      `json:"note,omitempty"`
	Find       db.ID       `json:"find,omitzero"`
	Mine       bool        `json:"mine,omitempty"`   // all reports of the telephone
	Proven     bool        `json:"proven,omitempty"` // the code was right: the ticket opens the list of them
}

// BeginIn keeps a draft sealed and sends a code of six digits to the telephone.
// The ticket opens the page that asks for the code. The code itself is given
// back for demonstrations alone, which have no telephones.
func (s *Reports) BeginIn(ctx context.Context, tx *db.Tx, who authz.Actor, phone string, d Draft) (ticket, code string, err error) {
	if !ValidPhone(phone) {
		return "", "", fault.New(fault.Invalid, "resident.phone", "请填写 11 位手机号。").With("phone", "请填写 11 位手机号。")
	}
	if err := s.spend(ctx, tx, phone, who.Addr); err != nil {
		return "", "", err
	}
	content, err := json.Marshal(d)
	if err != nil {
		return "", "", fmt.Errorf("encode draft: %w", err)
	}
	id := tx.NewID()
	ticket, hash := newSecret()
	code = newCode()
	sealedPhone, err := s.Keys.Seal("resident_draft", "phone_sealed", id, []byte(phone))
	if err != nil {
		return "", "", err
	}
	sealed, err := s.Keys.Seal("resident_draft", "content_sealed", id, content)
	if err != nil {
		return "", "", err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO resident_draft (id, ticket, phone_sealed, phone_blind, content_sealed, code_hash, code_until, tries, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)`,
		id, hash, sealedPhone, s.blind(phone), sealed, s.codeHash(id, code), db.Millis(tx.Real.Add(codeFor)), db.Millis(tx.Real))
	if err != nil {
		return "", "", err
	}
	if err := s.queueText(ctx, tx, phone, "验证码 "+code+"，5分钟内有效，用于反映诉求。非本人操作请忽略。", codeFor); err != nil {
		return "", "", err
	}
	return ticket, code, audit.Append(ctx, tx, who, "resident.code-sent", "resident_draft:"+id.String(), nil)
}

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
	}{{"phone:" + hex.EncodeToString(s.blind(phone)[:16]), phoneDaily}, {"addr:" + hex.EncodeToString(hashOf(addr)[:16]), addrDaily}} {
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

type draftRow struct {
	id             db.ID
	phone, content []byte
	hash           []byte
	until, tries   int64
	made           int64
}

func draftOf(ctx context.Context, tx *db.Tx, ticket string) (draftRow, error) {
	d, ok, err := db.One(ctx, tx, func(row db.Scanner) (d draftRow, err error) {
		return d, row.Scan(&d.id, &d.phone, &d.content, &d.hash, &d.until, &d.tries, &d.made)
	}, `SELECT id, phone_sealed, content_sealed, code_hash, code_until, tries, made_at FROM resident_draft WHERE ticket = $1`, hashOf(ticket))
	if err == nil && (!ok || d.made < db.Millis(tx.Real.Add(-draftFor))) {
		err = noReport()
	}
	return d, err
}

// Waiting says whether a ticket still waits for its code, and to which telephone
// the code went, masked.
func (s *Reports) Waiting(ctx context.Context, tx *db.Tx, ticket string) (phone string, err error) {
	d, err := draftOf(ctx, tx, ticket)
	if err != nil {
		return "", err
	}
	plain, err := s.Keys.Open("resident_draft", "phone_sealed", d.id, d.phone)
	return string(plain), err
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

// ConfirmIn turns a draft into what it was meant for. It is asked after CheckCode.
func (s *Reports) ConfirmIn(ctx context.Context, tx *db.Tx, who authz.Actor, ticket, code string) (Receipt, error) {
	d, err := draftOf(ctx, tx, ticket)
	if err != nil {
		return Receipt{}, err
	}
	if err := s.judge(tx, d, code); err != nil {
		return Receipt{}, err
	}
	if n, err := tx.Exec(ctx, `DELETE FROM resident_draft WHERE id = $1 AND tries <= $2`, d.id, codeTries); err != nil || n == 0 {
		return Receipt{}, fault.New(fault.Conflict, "resident.used", "这个验证码已经用过。")
	}
	phone, err := s.Keys.Open("resident_draft", "phone_sealed", d.id, d.phone)
	if err != nil {
		return Receipt{}, err
	}
	plain, err := s.Keys.Open("resident_draft", "content_sealed", d.id, d.content)
	if err != nil {
		return Receipt{}, err
	}
	var draft Draft
	if err := json.Unmarshal(plain, &draft); err != nil {
		return Receipt{}, fmt.Errorf("decode draft: %w", err)
	}
	switch {
	case draft.Submission != nil:
		draft.Submission.Phone = string(phone)
		return s.SubmitIn(ctx, tx, who, *draft.Submission)
	case draft.Join != 0:
		return s.JoinAgainIn(ctx, tx, who, draft.Join, 0, string(phone), draft.Note)
	case draft.Mine:
		return s.proven(ctx, tx, string(phone))
	}
	return s.secretAgain(ctx, tx, who, draft.Find, 0, string(phone))
}

// Sweep drops drafts that nobody confirmed, with their files, and old counts.
func (s *Reports) Sweep(ctx context.Context) error {
	for more := true; more; {
		err := s.DB.Write(ctx, func(tx *db.Tx) (err error) { more, err = s.sweepIn(ctx, tx); return err })
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Reports) sweepIn(ctx context.Context, tx *db.Tx) (more bool, err error) {
	old, err := db.All(ctx, tx, func(row db.Scanner) (d draftRow, err error) { return d, row.Scan(&d.id, &d.content) },
		`SELECT id, content_sealed FROM resident_draft WHERE made_at < $1 ORDER BY made_at, id LIMIT $2`, db.Millis(tx.Real.Add(-draftFor)), draftsMax)
	if err != nil {
		return false, err
	}
	for _, d := range old {
		plain, err := s.Keys.Open("resident_draft", "content_sealed", d.id, d.content)
		if err != nil {
			return false, err
		}
		var draft Draft
		if err := json.Unmarshal(plain, &draft); err != nil {
			return false, fmt.Errorf("decode draft: %w", err)
		}
		if draft.Submission != nil {
			for _, f := range draft.Submission.Files {
				if err := blob.Delete(ctx, tx, f); err != nil {
					return false, err
				}
			}
		}
		if _, err := tx.Exec(ctx, `DELETE FROM resident_draft WHERE id = $1`, d.id); err != nil {
			return false, err
		}
	}
	_, err = tx.Exec(ctx, `DELETE FROM resident_try WHERE slot < $1`, db.Millis(tx.Real)/time.Hour.Milliseconds()-48)
	return len(old) == draftsMax, err
}
