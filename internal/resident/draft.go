package resident

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

const draftFor = 24 * time.Hour

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
	from, size, err := s.weigh(ctx, tx, who.Addr, d)
	if err != nil {
		return "", "", err
	}
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
		INSERT INTO resident_draft (id, ticket, phone_sealed, phone_blind, content_sealed, code_hash, code_until, tries, made_at, origin, size)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10)`,
		id, hash, sealedPhone, s.blind(phone), sealed, s.codeHash(id, code), db.Millis(tx.Real.Add(codeFor)), db.Millis(tx.Real), from, size)
	if err != nil {
		return "", "", err
	}
	if err := s.queueCode(ctx, tx, phone, code); err != nil {
		return "", "", err
	}
	return ticket, code, audit.Append(ctx, tx, who, "resident.code-sent", "resident_draft:"+id.String(), nil)
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
