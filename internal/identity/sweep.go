package identity

import (
	"context"
	"fmt"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

const sweepMax = 1000 // of each kind in one run

// Swept counts what one run of Sweep did.
type Swept struct{ Lapsed, Idle, Dropped int64 }

// Sweep ends what ends by itself: grants past their last day get the event
// "identity.grant-lapsed" (they stopped to hold before), staff accounts that
// nobody used for 90 days are suspended (AZ-6), leftovers of signing in go, requests follow the register. A job
// runs it every hour; nothing depends on its being in time.
func (s *Service) Sweep(ctx context.Context) (n Swept, err error) {
	who := authz.System("identity")
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		n = Swept{}
		if n.Lapsed, err = lapse(ctx, tx, who); err != nil {
			return err
		}
		if n.Idle, err = s.disableIdle(ctx, tx, who); err != nil {
			return err
		}
		if n.Dropped, err = drop(ctx, tx); err != nil {
			return err
		}
		return s.replace(ctx, tx)
	})
	return n, err
}

func lapse(ctx context.Context, tx *db.Tx, who authz.Actor) (int64, error) {
	type due struct{ grant, account db.ID }
	over, err := db.All(ctx, tx, func(row db.Scanner) (d due, err error) { return d, row.Scan(&d.grant, &d.account) },
		`SELECT id, account_id FROM identity_grant WHERE state IN ('active', 'proposed') AND valid_to < $1 ORDER BY id LIMIT $2`, tx.Today(), sweepMax)
	if err != nil {
		return 0, err
	}
	for _, d := range over {
		_, err := tx.Exec(ctx, `UPDATE identity_grant SET state = 'ended', ended_at = $2, reason = '到期' WHERE id = $1`, d.grant, db.Millis(tx.Now))
		if err != nil {
			return 0, err
		}
		if err := audit.Append(ctx, tx, who, "identity.grant-lapsed", object("grant", d.grant), map[string]any{"account": d.account}); err != nil {
			return 0, err
		}
	}
	return int64(len(over)), nil
}

func (s *Service) disableIdle(ctx context.Context, tx *db.Tx, who authz.Actor) (n int64, err error) {
	before := db.Millis(tx.Real.Add(-s.Policy.IdleDisable))
	idle, err := db.All(ctx, tx, scanID, `
		SELECT a.id FROM identity_account a
		WHERE a.state = 'active' AND a.seen_real < $1
		  AND EXISTS (SELECT 1 FROM identity_grant g WHERE g.account_id = a.id AND g.state = 'active' AND g.role <> 'owner')
		ORDER BY a.id LIMIT $2`, before, sweepMax)
	if err != nil {
		return 0, err
	}
	for _, id := range idle {
		err := tx.Try(ctx, func() error { return s.setState(ctx, tx, who, id, "suspended", "超过期限未使用") })
		switch {
		case fault.Is(err, "identity.last-secadmin"):
		case err != nil:
			return n, err
		default:
			n++
		}
	}
	return n, nil
}

func drop(ctx context.Context, tx *db.Tx) (n int64, err error) {
	const day = 24 * 3600 * 1000
	now := db.Millis(tx.Real)
	for _, old := range []struct {
		statement string
		before    int64
	}{
		{`DELETE FROM identity_challenge WHERE ends_real < $1`, now},
		{`DELETE FROM identity_try WHERE slot < $1`, (now - day) / slotMillis},
		{`DELETE FROM identity_device WHERE seen_real < $1`, now - 365*day},
		{`DELETE FROM identity_session WHERE (ended_real > 0 OR ends_real < $1) AND seen_real < $1`, now - 180*day},
	} {
		dropped, err := tx.Exec(ctx, old.statement, old.before)
		if err != nil {
			return n, fmt.Errorf("sweep: %w", err)
		}
		n += dropped
	}
	return n, nil
}
