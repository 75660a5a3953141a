package identity

import (
	"context"
	"fmt"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Firm is what the register says of an enterprise.
type Firm struct {
	Name     string
	Division code.Division
	State    string // as people read it
	Legal    string // the legal representative in full: to compare with, not to show
}

// A Manager is somebody who looks after an enterprise's account.
type Manager struct {
	Account db.ID
	Name    string // masked
	Invited bool   // the one-time code is still open
}

// place puts a request where the register has its enterprise. Only one that the
// register does not know stands where the applicant said.
func (s *Service) place(ctx context.Context, tx *db.Tx, r *Request) error {
	if s.Registered == nil {
		return nil
	}
	f, ok, err := s.Registered(ctx, tx, r.Enterprise)
	if err != nil || !ok {
		return err
	}
	r.Firm, r.Division = &f, f.Division
	return nil
}

// replace moves undecided requests whose enterprise the register has elsewhere by
// now, so that they stand in the list of who decides them.
func (s *Service) replace(ctx context.Context, tx *db.Tx) error {
	open, err := db.All(ctx, tx, scanRequest, `SELECT `+requestColumns+` FROM identity_request WHERE state = 'open' ORDER BY id LIMIT $1`, sweepMax)
	if err != nil {
		return err
	}
	for _, r := range open {
		was := r.Division
		if err := s.place(ctx, tx, &r.Request); err != nil {
			return err
		}
		if r.Division == was {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE identity_request SET division = $2 WHERE id = $1 AND state = 'open'`, r.ID, string(r.Division)); err != nil {
			return fmt.Errorf("place request: %w", err)
		}
	}
	return nil
}

// managersOf are the managers of an enterprise's account who are in office, or
// whose one-time code is still open.
func managersOf(ctx context.Context, tx *db.Tx, uscc code.USCC) ([]Manager, error) {
	return db.All(ctx, tx, func(row db.Scanner) (m Manager, err error) { return m, row.Scan(&m.Account, &m.Name, &m.Invited) }, `
		SELECT DISTINCT a.id, p.display, a.state = 'invited'
		FROM identity_grant g JOIN identity_account a ON a.id = g.account_id JOIN identity_person p ON p.id = a.person_id
		WHERE g.enterprise = $1 AND g.role = 'enterprise' AND g.manager AND g.state = 'active' AND g.valid_to >= $2
		  AND (a.state = 'active' OR a.state = 'invited' AND EXISTS (
			SELECT 1 FROM identity_invitation i WHERE i.account_id = a.id AND i.used_real = 0 AND i.ends_real > $3))
		ORDER BY a.id LIMIT 20`, string(uscc), tx.Today(), db.Millis(tx.Real))
}

// unmanaged refuses an enterprise that has a manager; of two confirmations at once
// the second finds the first's.
func unmanaged(ctx context.Context, tx *db.Tx, uscc code.USCC) error {
	if err := tx.Lock(ctx, "enterprise-account", string(uscc)); err != nil {
		return err
	}
	has, err := managersOf(ctx, tx, uscc)
	if err == nil && len(has) > 0 {
		err = fault.New(fault.Conflict, "identity.managed", "这家企业已有管理员账号，不能再确认：其他人员由该管理员邀请；管理员丢失账号的办理找回，离任的办理移交。")
	}
	return err
}

// tellManagers lets an enterprise's managers know that somebody asked in its name.
func tellManagers(ctx context.Context, tx *db.Tx, from Origin, uscc code.USCC) error {
	managers, err := managersOf(ctx, tx, uscc)
	if err != nil {
		return err
	}
	for _, m := range managers {
		err := tell(ctx, tx, from.actor(0, 0), m.Account, "identity.requested", "有人以本企业名义申请账号", "本企业已有管理员账号，这项申请不会获得确认。如果是本企业人员需要账号，请由您在“人员”中邀请；否则请联系登记地的区县住建局。")
		if err != nil {
			return err
		}
	}
	return nil
}
