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

// A Recovery gives an account back to a person who lost the password or the
// authenticator. It never skips the second factor: its end is a new enrolment of
// both (AUT-6). Officials need a second approver, and wait a day in which the old
// channel is told and can object.
type Recovery struct {
	ID, Account db.ID
	Login, Name string
	State       string // proposed, approved, refused, cancelled, done
	Reason      string
	ProposedBy  db.ID // person
	ProposedAt  time.Time
	Opens       time.Time // real
}

// A RecoveryCode is the one-time code that ends a recovery. It is shown once; it
// works between Opens and Ends, on the real clock.
type RecoveryCode struct {
	ID          db.ID
	Code        string // "" while a second person must approve
	Opens, Ends time.Time
}

// Recover begins a recovery by who looks after the account. For other than
// officials it needs nobody else, and the code comes at once.
func (s *Service) Recover(ctx context.Context, who authz.Actor, id db.ID, reason string) (rc RecoveryCode, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		rc, err = s.RecoverIn(ctx, tx, who, id, reason)
		return err
	})
	return rc, err
}

// RecoverIn is Recover inside the caller's transaction.
func (s *Service) RecoverIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, reason string) (rc RecoveryCode, err error) {
	if err := requireOverAll(ctx, tx, who, authz.RecoverPropose, id); err != nil {
		return rc, err
	}
	a, err := accountByID(ctx, tx, id)
	if err != nil {
		return rc, err
	}
	switch {
	case a.person == who.Person && who.Person != 0:
		return rc, fault.New(fault.Forbidden, "identity.own-recovery", "不能为本人办理找回。")
	case a.state != "active":
		return rc, fault.New(fault.Conflict, "identity.state", "账号未激活或已停用，请重新邀请或先恢复。")
	}
	rc, err = s.proposeRecovery(ctx, tx, who, a, reason)
	return rc, err
}

func (s *Service) proposeRecovery(ctx context.Context, tx *db.Tx, who authz.Actor, a account, reason string) (rc RecoveryCode, err error) {
	roles, err := rolesOfAccount(ctx, tx, a.id)
	if err != nil {
		return rc, err
	}
	official := false
	for _, r := range roles {
		official = official || r.Official()
	}
	rc.ID, rc.Opens = tx.NewID(), tx.Real
	if official {
		rc.Opens = tx.Real.Add(s.Policy.Hold)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO identity_recovery (id, account_id, state, reason, proposed_by, proposed_at, opens_real) VALUES ($1, $2, 'proposed', $3, $4, $5, $6)`,
		rc.ID, a.id, reason, who.Person, db.Millis(tx.Now), db.Millis(rc.Opens))
	if db.IsUnique(err) {
		return rc, fault.New(fault.Conflict, "identity.recovering", "这个账号正在办理找回。")
	}
	if err != nil {
		return rc, fmt.Errorf("recovery: %w", err)
	}
	if err := audit.Append(ctx, tx, who, "identity.recovery-proposed", object("account", a.id), map[string]any{"recovery": rc.ID, "official": official}); err != nil {
		return rc, err
	}
	err = tell(ctx, tx, who, a.id, "identity.recovery", "有人为您的账号办理找回", "如果不是您本人申请的，请立即在“我的账号”中取消，并联系安全管理员。")
	if err != nil || official {
		return rc, err
	}
	return s.issue(ctx, tx, who, rc, a.id)
}

func (s *Service) issue(ctx context.Context, tx *db.Tx, who authz.Actor, rc RecoveryCode, account db.ID) (RecoveryCode, error) {
	if rc.Opens.Before(tx.Real) {
		rc.Opens = tx.Real
	}
	rc.Ends = rc.Opens.Add(s.Policy.RecoverFor)
	shown, inv, err := s.code(ctx, tx, account, "recover", db.Millis(rc.Opens), db.Millis(rc.Ends), int64(who.Account))
	if err != nil {
		return rc, err
	}
	rc.Code = shown
	_, err = tx.Exec(ctx, `UPDATE identity_recovery SET state = 'approved', invitation_id = $2 WHERE id = $1`, rc.ID, inv)
	return rc, err
}

// ApproveRecovery is the second person's consent for an official; the code opens
// when the hold is over.
func (s *Service) ApproveRecovery(ctx context.Context, who authz.Actor, id db.ID) (rc RecoveryCode, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		rc, err = s.ApproveRecoveryIn(ctx, tx, who, id)
		return err
	})
	return rc, err
}

// ApproveRecoveryIn is ApproveRecovery inside the caller's transaction.
func (s *Service) ApproveRecoveryIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (rc RecoveryCode, err error) {
	r, err := openRecovery(ctx, tx, id)
	if err != nil {
		return rc, err
	}
	if err := requireOverAll(ctx, tx, who, authz.RecoverApprove, r.Account); err != nil {
		return rc, err
	}
	a, err := accountByID(ctx, tx, r.Account)
	if err != nil {
		return rc, err
	}
	if err := authz.RequireOther(who, authz.RecoverApprove, r.ProposedBy, a.person); err != nil {
		return rc, err
	}
	if err := tx.Lock(ctx, "account", r.Account); err != nil {
		return rc, err
	}
	n, err := tx.Exec(ctx, `UPDATE identity_recovery SET decided_by = $2, decided_at = $3 WHERE id = $1 AND state = 'proposed' AND decided_by IS NULL`, id, who.Person, db.Millis(tx.Now))
	if err != nil {
		return rc, err
	}
	if n == 0 || a.state != "active" {
		return rc, decided()
	}
	if rc, err = s.issue(ctx, tx, who, RecoveryCode{ID: id, Opens: r.Opens}, r.Account); err != nil {
		return rc, err
	}
	return rc, audit.Append(ctx, tx, who, "identity.recovery-approved", object("account", r.Account), map[string]any{"recovery": id})
}

func decided() error {
	return fault.New(fault.Conflict, "identity.decided", "这项找回已经办理过。")
}

// CancelRecovery stops a recovery: by the account's owner, who objects, or by a
// checker. Its code dies, and what was begun with it.
func (s *Service) CancelRecovery(ctx context.Context, who authz.Actor, id db.ID) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.CancelRecoveryIn(ctx, tx, who, id) })
}

// CancelRecoveryIn is CancelRecovery inside the caller's transaction.
func (s *Service) CancelRecoveryIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) error {
	r, err := openRecovery(ctx, tx, id)
	if err != nil {
		return err
	}
	state := "cancelled"
	if r.Account != who.Account || who.Account == 0 {
		state = "refused"
		if err := requireOver(ctx, tx, who, authz.RecoverPropose, r.Account); err != nil {
			return err
		}
	}
	if err := tx.Lock(ctx, "account", r.Account); err != nil { // waits for an enrolment under way
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE identity_recovery SET state = $2 WHERE id = $1 AND state IN ('proposed', 'approved')`, id, state)
	if err != nil {
		return err
	}
	if n == 0 {
		return decided()
	}
	_, err = tx.Exec(ctx, `UPDATE identity_invitation SET ends_real = 0 WHERE used_real = 0 AND id IN (SELECT invitation_id FROM identity_recovery WHERE id = $1)`, id)
	if err != nil {
		return err
	}
	if err := dropJoining(ctx, tx, r.Account); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "identity.recovery-"+state, object("account", r.Account), map[string]any{"recovery": id})
}

const recoveryColumns = `r.id, r.account_id, a.login, p.display, r.state, r.reason, r.proposed_by, r.proposed_at, r.opens_real`

func scanRecovery(row db.Scanner) (r Recovery, err error) {
	var at, opens int64
	err = row.Scan(&r.ID, &r.Account, &r.Login, &r.Name, &r.State, &r.Reason, &r.ProposedBy, &at, &opens)
	r.ProposedAt, r.Opens = db.FromMillis(at), db.FromMillis(opens)
	return r, err
}

const fromRecovery = ` FROM identity_recovery r JOIN identity_account a ON a.id = r.account_id JOIN identity_person p ON p.id = a.person_id `

func openRecovery(ctx context.Context, tx *db.Tx, id db.ID) (Recovery, error) {
	r, ok, err := db.One(ctx, tx, scanRecovery, `SELECT `+recoveryColumns+fromRecovery+`WHERE r.id = $1`, id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "identity.recovery-not-found", "没有找到这项找回。")
	}
	return r, err
}

// Recoveries lists the open recoveries of accounts that the actor looks after,
// oldest first.
func (s *Service) Recoveries(ctx context.Context, tx *db.Tx, who authz.Actor, after db.ID, limit int) ([]Recovery, error) {
	limit = min(max(limit, 1), pageMax)
	if err := authz.RequireAny(who, authz.RecoverPropose); err != nil {
		return nil, err
	}
	cond, args := authz.Filter(authz.Scopes(who, authz.RecoverPropose), grantColumnsOf, 4)
	return db.All(ctx, tx, scanRecovery, `SELECT `+recoveryColumns+fromRecovery+`
		WHERE r.state IN ('proposed', 'approved') AND r.id > $2
		  AND (r.account_id = $1 OR EXISTS (SELECT 1 FROM identity_grant g WHERE g.account_id = r.account_id AND `+cond+`))
		ORDER BY r.id LIMIT $3`, append([]any{who.Account, int64(after), limit}, args...)...)
}

// OwnRecoveries lists the open recoveries of one's own account, to object to.
func (s *Service) OwnRecoveries(ctx context.Context, tx *db.Tx, who authz.Actor) ([]Recovery, error) {
	if err := requireSelf(who); err != nil {
		return nil, err
	}
	return db.All(ctx, tx, scanRecovery, `SELECT `+recoveryColumns+fromRecovery+`
		WHERE r.state IN ('proposed', 'approved') AND r.account_id = $1 ORDER BY r.id LIMIT 10`, who.Account)
}
