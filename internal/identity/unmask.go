package identity

import (
	"context"
	"strings"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

const unmaskMax = 100 // persons an hour (PI-2)

// Unmasked allows and records that somebody sees personal data in full: with a
// reason, after a step-up, at most 100 persons an hour (PI-2). Every feature that
// unmasks calls it in the transaction of the reading and names each person whose
// data are seen, so that the quota counts persons and the log can tell any of them
// who looked; what holds several persons' data names them all.
func Unmasked(ctx context.Context, tx *db.Tx, who authz.Actor, at authz.Place, person, reason string, others ...string) error {
	if err := authz.Require(who, authz.DataUnmask, at); err != nil {
		return err
	}
	if n := len([]rune(strings.TrimSpace(reason))); n < 2 || n > 200 {
		return fault.New(fault.Invalid, "identity.reason", "请说明查看的理由。").With("reason", "请说明查看的理由，2至200字。")
	}
	if err := tx.Lock(ctx, "unmask", who.Person); err != nil {
		return err
	}
	list, err := db.All(ctx, tx, func(row db.Scanner) (object string, err error) { return object, row.Scan(&object) }, `
		SELECT DISTINCT object FROM audit_event WHERE person = $1 AND kind = 'data.unmasked' AND at_real > $2 LIMIT $3`,
		who.Person, db.Millis(tx.Real.Add(-time.Hour)), unmaskMax)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, object := range list {
		seen[object] = true
	}
	persons := append([]string{person}, others...)
	for _, object := range persons {
		seen[object] = true
	}
	if len(seen) > unmaskMax {
		return fault.New(fault.TooMany, "identity.unmask-quota", "一小时内查看的人数将超过上限（%d 人），请稍后再试。", unmaskMax)
	}
	for _, object := range persons {
		err := audit.Append(ctx, tx, who, "data.unmasked", object, audit.Change{Act: authz.DataUnmask, At: at, Detail: map[string]any{"reason": reason, "alert": len(seen) == unmaskMax}})
		if err != nil {
			return err
		}
	}
	return nil
}

// A FullPerson is somebody's personal data in full.
type FullPerson struct{ Name, Number, Phone string }

// Unmask shows who holds an account.
func (s *Service) Unmask(ctx context.Context, who authz.Actor, account db.ID, reason string) (p FullPerson, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		p, err = s.UnmaskIn(ctx, tx, who, account, reason)
		return err
	})
	return p, err
}

// UnmaskIn is Unmask inside the caller's transaction.
func (s *Service) UnmaskIn(ctx context.Context, tx *db.Tx, who authz.Actor, account db.ID, reason string) (p FullPerson, err error) {
	if err := requireOver(ctx, tx, who, authz.AccountRead, account); err != nil {
		return p, err
	}
	a, err := accountByID(ctx, tx, account)
	if err != nil {
		return p, err
	}
	own, ok, err := db.One(ctx, tx, scanGrant, `SELECT `+grantColumns+` FROM identity_grant g WHERE g.account_id = $1 AND g.deputy_of IS NULL
		ORDER BY CASE WHEN g.state = 'active' THEN 0 ELSE 1 END, g.id LIMIT 1`, account)
	if err != nil || !ok {
		return p, err
	}
	if err := Unmasked(ctx, tx, who, placeOf(own.Scope), object("account", account), reason); err != nil {
		return p, err
	}
	p, err = s.full(ctx, tx, a.person)
	return p, err
}

func (s *Service) full(ctx context.Context, tx *db.Tx, person db.ID) (p FullPerson, err error) {
	type sealed struct{ name, number, phone []byte }
	x, _, err := db.One(ctx, tx, func(row db.Scanner) (x sealed, err error) { return x, row.Scan(&x.name, &x.number, &x.phone) },
		`SELECT name_sealed, number_sealed, phone_sealed FROM identity_person WHERE id = $1`, person)
	if err != nil {
		return p, err
	}
	for _, c := range []struct {
		to     *string
		column string
		from   []byte
	}{{&p.Name, "name_sealed", x.name}, {&p.Number, "number_sealed", x.number}, {&p.Phone, "phone_sealed", x.phone}} {
		if *c.to, err = s.open("identity_person", c.column, person, c.from); err != nil {
			return p, err
		}
	}
	return p, nil
}
