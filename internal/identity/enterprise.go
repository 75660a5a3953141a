package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Request is an enterprise asking for its account. Who confirms compares it
// with the register and the proof. It stands where the register has the
// enterprise: the applicant does not choose who decides.
type Request struct {
	ID         db.ID
	Enterprise code.USCC
	Name       string // of the enterprise
	Division   code.Division
	Legal      string // legal representative
	Contact    Contact
	Proof      db.ID // file: business licence and letter of authority
	State      string
	AskedAt    time.Time
	Reason     string
	Account    db.ID // once confirmed

	Firm     *Firm     // what the register says; nil: it doesn't know the enterprise
	Managers []Manager // who looks after the enterprise's account now; only [Service.Request] fills it
}

// A Contact becomes the first manager of the enterprise's account.
type Contact struct{ Name, Number, Phone string }

// Ask takes an enterprise's request; anybody may ask, at a bounded rate.
func (s *Service) Ask(ctx context.Context, from Origin, r Request) (id db.ID, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		id, err = s.AskIn(ctx, tx, from, r)
		return err
	})
	return id, err
}

// AskIn is Ask inside the caller's transaction.
func (s *Service) AskIn(ctx context.Context, tx *db.Tx, from Origin, r Request) (id db.ID, err error) {
	number, err := checkRequest(r)
	if err != nil {
		return 0, err
	}
	r.Contact.Number = string(number)
	tries := []try{{askKey(from), tryAccount}}
	if err := spend(ctx, tx, tries); err != nil {
		return 0, err
	}
	if err := s.place(ctx, tx, &r); err != nil {
		return 0, err
	}
	if err := room(ctx, tx, from, r.Enterprise); err != nil {
		return 0, err
	}
	id = tx.NewID()
	legal, err := s.Keys.Seal("identity_request", "legal_sealed", id, []byte(strings.TrimSpace(r.Legal)))
	if err != nil {
		return 0, err
	}
	text, err := json.Marshal(r.Contact)
	if err != nil {
		return 0, err
	}
	contact, err := s.Keys.Seal("identity_request", "contact_sealed", id, text)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO identity_request (id, uscc, name, division, legal_sealed, contact_sealed, proof_id, state, asked_at, asked_from)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9)`,
		id, string(r.Enterprise), strings.TrimSpace(r.Name), string(r.Division), legal, contact, r.Proof, db.Millis(tx.Now), askKey(from))
	if err != nil {
		return 0, fmt.Errorf("request: %w", err)
	}
	err = audit.Append(ctx, tx, from.actor(0, 0), "identity.requested", object("request", id), map[string]any{"enterprise": r.Enterprise, "division": r.Division})
	if err != nil {
		return 0, err
	}
	return id, tellManagers(ctx, tx, from, r.Enterprise)
}

const (
	requestsOfAddr = 3  // undecided ones of one enterprise from one address
	requestsOfFirm = 20 // and from all of them
)

func askKey(from Origin) string { return tryKey("ask", authz.Network(from.Addr)) }

// room bounds how many undecided requests of one enterprise stand beside each
// other: nobody who asks in its name keeps the enterprise itself from asking.
func room(ctx context.Context, tx *db.Tx, from Origin, uscc code.USCC) error {
	if err := tx.Lock(ctx, "enterprise-account", string(uscc)); err != nil {
		return err
	}
	for key, most := range map[string]int64{askKey(from): requestsOfAddr, "": requestsOfFirm} {
		n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM identity_request WHERE uscc = $1 AND state = 'open' AND ($2 = '' OR asked_from = $2)`, string(uscc), key)
		if err != nil {
			return err
		}
		if n >= most {
			return fault.New(fault.Conflict, "identity.request-open", "这家企业已有申请正在核对，请等候结果，或直接联系登记地的区县住建局。")
		}
	}
	return nil
}

func checkRequest(r Request) (code.IDNumber, error) {
	f := fault.New(fault.Invalid, "identity.request", "请核对填写的内容。")
	if _, err := code.ParseUSCC(string(r.Enterprise)); err != nil {
		f.With("uscc", fault.From(err).Text)
	}
	if n := len([]rune(strings.TrimSpace(r.Name))); n == 0 || n > 100 {
		f.With("name", "请填写企业名称。")
	}
	if d, err := code.ParseDivision(string(r.Division)); err != nil || d.Level() < code.City || d.Level() > code.District {
		f.With("division", "请选择所在的区县。")
	}
	if n := len([]rune(strings.TrimSpace(r.Legal))); n == 0 || n > 50 {
		f.With("legal", "请填写法定代表人姓名。")
	}
	if n := len([]rune(strings.TrimSpace(r.Contact.Name))); n == 0 || n > 50 {
		f.With("contact", "请填写经办人姓名。")
	}
	if !mobile(strings.TrimSpace(r.Contact.Phone)) {
		f.With("phone", "手机号码应为11位数字。")
	}
	number, err := code.ParseIDNumber(r.Contact.Number)
	if err != nil {
		f.With("number", fault.From(err).Text)
	}
	if r.Proof == 0 {
		f.With("proof", "请上传营业执照和授权书。")
	}
	return number, f.OrNil()
}
