package identity

import (
	"context"
	"encoding/json"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

const requestColumns = `id, uscc, name, division, legal_sealed, contact_sealed, proof_id, state, asked_at, reason, account_id`

type sealedRequest struct {
	Request
	legal, contact []byte
}

func scanRequest(row db.Scanner) (r sealedRequest, err error) {
	var uscc, division string
	var at int64
	err = row.Scan(&r.ID, &uscc, &r.Name, &division, &r.legal, &r.contact, &r.Proof, &r.State, &at, &r.Reason, &r.Account)
	r.Enterprise, r.Division, r.AskedAt = code.USCC(uscc), code.Division(division), db.FromMillis(at)
	return r, err
}

// Requests lists requests in a state ("" for all) where the actor confirms,
// oldest first, without names of people.
func (s *Service) Requests(ctx context.Context, tx *db.Tx, who authz.Actor, state string, after db.ID, limit int) ([]Request, error) {
	if err := authz.RequireAny(who, authz.AccountConfirm); err != nil {
		return nil, err
	}
	cond, args := authz.Filter(authz.Scopes(who, authz.AccountConfirm), authz.Columns{Division: "division", Enterprise: "uscc"}, 4)
	rows, err := db.All(ctx, tx, scanRequest, `SELECT `+requestColumns+` FROM identity_request
		WHERE ($1 = '' OR state = $1) AND id > $2 AND `+cond+` ORDER BY id LIMIT $3`,
		append([]any{state, int64(after), min(max(limit, 1), pageMax)}, args...)...)
	out := make([]Request, len(rows))
	for i, r := range rows {
		out[i] = r.Request
	}
	return out, err
}

// Request reads one request with its people, for the comparison with the proof;
// the reading is an event (AUD-1).
func (s *Service) Request(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Request, error) {
	r, err := s.requestFor(ctx, tx, who, id)
	if err != nil {
		return Request{}, err
	}
	if r.Managers, err = managersOf(ctx, tx, r.Enterprise); err != nil {
		return Request{}, err
	}
	return r, audit.Append(ctx, tx, who, "identity.request-read", object("request", id), audit.Change{Act: authz.AccountConfirm, At: authz.Place{Division: r.Division, Enterprise: r.Enterprise}})
}

func (s *Service) requestFor(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Request, error) {
	if err := tx.Lock(ctx, "request", id); err != nil {
		return Request{}, err
	}
	r, ok, err := db.One(ctx, tx, scanRequest, `SELECT `+requestColumns+` FROM identity_request WHERE id = $1`, id)
	if err != nil {
		return Request{}, err
	}
	if !ok {
		return Request{}, fault.New(fault.NotFound, "authz.not-found", "没有找到您要查看的内容。")
	}
	if r.State == "open" {
		if err := s.place(ctx, tx, &r.Request); err != nil {
			return Request{}, err
		}
	}
	if err := authz.Require(who, authz.AccountConfirm, authz.Place{Division: r.Division, Enterprise: r.Enterprise}); err != nil {
		return Request{}, err
	}
	if r.Legal, err = s.open("identity_request", "legal_sealed", id, r.legal); err != nil {
		return Request{}, err
	}
	text, err := s.Keys.Open("identity_request", "contact_sealed", id, r.contact)
	if err != nil {
		return Request{}, err
	}
	err = json.Unmarshal(text, &r.Contact)
	return r.Request, err
}

// Confirm gives the enterprise its account: its contact becomes the manager, with
// a one-time code that the district hands over. An enterprise that has a manager
// gets no second one so: the manager invites people, a lost account is recovered,
// a leaver hands over.
func (s *Service) Confirm(ctx context.Context, who authz.Actor, id db.ID, to day.Date) (out Invited, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		out, err = s.ConfirmIn(ctx, tx, who, id, to)
		return err
	})
	return out, err
}

// ConfirmIn is Confirm inside the caller's transaction.
func (s *Service) ConfirmIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, to day.Date) (out Invited, err error) {
	r, err := s.requestFor(ctx, tx, who, id)
	if err != nil {
		return out, err
	}
	if r.State != "open" {
		return out, requestDecided()
	}
	if err := s.checkTerm(tx.Today(), tx.Today(), to); err != nil {
		return out, err
	}
	if err := unmanaged(ctx, tx, r.Enterprise); err != nil {
		return out, err
	}
	p, err := insertPerson(ctx, tx)
	if err != nil {
		return out, err
	}
	a := account{person: p, login: "e" + strings.ToLower(id.String())}
	if a.id, err = insertAccount(ctx, tx, p, a.login, who.Account); err != nil {
		return out, err
	}
	if err := s.describe(ctx, tx, &a, r.Contact.Name, "", r.Contact.Phone); err != nil {
		return out, err
	}
	if err := s.note(ctx, tx, a.id, r.Contact.Number); err != nil {
		return out, err
	}
	grant, _, err := s.give(ctx, tx, who, newGrant{
		account: a.id, person: a.person, role: authz.Enterprise, scope: authz.Scope{Enterprise: r.Enterprise}, manager: true, from: tx.Today(), to: to,
	})
	if err != nil {
		return out, err
	}
	if err := s.settle(ctx, tx, who, r, "confirmed", "", a.id); err != nil {
		return out, err
	}
	out, err = s.sendCode(ctx, tx, who, a, grant, false)
	return out, err
}

// RefuseRequest turns an enterprise's request down, with the reason it will be told.
func (s *Service) RefuseRequest(ctx context.Context, who authz.Actor, id db.ID, reason string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.RefuseRequestIn(ctx, tx, who, id, reason) })
}

// RefuseRequestIn is RefuseRequest inside the caller's transaction.
func (s *Service) RefuseRequestIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fault.New(fault.Invalid, "identity.reason", "请说明理由。").With("reason", "请说明理由。")
	}
	r, err := s.requestFor(ctx, tx, who, id)
	if err != nil {
		return err
	}
	return s.settle(ctx, tx, who, r, "refused", reason, 0)
}

func (s *Service) settle(ctx context.Context, tx *db.Tx, who authz.Actor, r Request, state, reason string, account db.ID) error {
	n, err := tx.Exec(ctx, `
		UPDATE identity_request SET state = $2, decided_by = $3, decided_at = $4, reason = $5, account_id = $6 WHERE id = $1 AND state = 'open'`,
		r.ID, state, who.Person, db.Millis(tx.Now), reason, account)
	if err != nil {
		return err
	}
	if n == 0 {
		return requestDecided()
	}
	return audit.Append(ctx, tx, who, "identity.request-"+state, object("request", r.ID), audit.Change{
		Act: authz.AccountConfirm, At: authz.Place{Division: r.Division, Enterprise: r.Enterprise}, Before: "open", After: state,
		Detail: map[string]any{"enterprise": r.Enterprise, "account": account},
	})
}

func requestDecided() error {
	return fault.New(fault.Conflict, "identity.decided", "这项申请已经办理过。")
}
