package volunteer

import (
	"context"
	"crypto/subtle"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
)

// QuitIn is somebody leaving by themselves, by the name and the phone that they
// joined with: a phone alone is known to many. Whether there was such a volunteer is
// not told.
func (s *Service) QuitIn(ctx context.Context, tx *db.Tx, who authz.Actor, division code.Division, name, typed string) error {
	phone, err := Phone(typed)
	if err != nil {
		return err
	}
	if err := authz.Require(who, authz.VolunteerPublic, authz.Place{Division: division}); err != nil {
		return err
	}
	if err := s.spend(ctx, tx, who); err != nil {
		return err
	}
	v, ok, err := db.One(ctx, tx, s.scan, `SELECT `+columns+` FROM volunteer WHERE division = $1 AND phone_blind = $2 AND state IN ('applied', 'active')`, string(division), s.Keys.Blind("volunteer.phone", []byte(phone)))
	if err != nil {
		return err
	}
	if ok {
		if ok, err = s.named(ctx, tx, v.ID, name); err != nil {
			return err
		}
	}
	if !ok { // counted above; there is nothing to tell of
		return nil
	}
	c, err := casework.Find(ctx, tx, RosterMachine, v.ID)
	if err != nil {
		return err
	}
	return s.moveVolunteer(ctx, tx, who, v, Take{ID: v.ID, Version: c.Version}, ActQuit, "volunteer.left")
}

// named says whether a volunteer has that name.
func (s *Service) named(ctx context.Context, tx *db.Tx, id db.ID, name string) (bool, error) {
	sealed, err := db.Value[[]byte](ctx, tx, `SELECT name_sealed FROM volunteer WHERE id = $1`, id)
	if err != nil {
		return false, err
	}
	plain, err := s.Keys.Open("volunteer", "name_sealed", id, sealed)
	return err == nil && subtle.ConstantTimeCompare(plain, []byte(strings.TrimSpace(name))) == 1, err
}

func (s *Service) moveVolunteer(ctx context.Context, tx *db.Tx, who authz.Actor, v Volunteer, t Take, act, event string) error {
	c, err := casework.Do(ctx, tx, who, RosterMachine, casework.Move{Case: v.ID, Version: t.Version, Way: casework.Way{Act: act, Note: t.Note, Calendar: s.Calendar}})
	if err != nil {
		return err
	}
	switch c.State {
	case Active:
		v.Joined = tx.Today()
		if err := s.seat(ctx, tx, v.ID); err != nil {
			return err
		}
	case Refused, Left:
		v.Ended, v.Open = tx.Today(), false
		if err := s.signOff(ctx, tx, v.ID, v.State == Active); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `UPDATE volunteer SET state = $2, joined_on = $3, left_on = $4, open = $5, changed_at = $6 WHERE id = $1`, v.ID, c.State, v.Joined, v.Ended, v.Open, db.Millis(tx.Now))
	if err != nil {
		return err
	}
	m, _ := RosterMachine.Act(act)
	return audit.Append(ctx, tx, who, event, v.Object(), audit.Change{Act: m.May, At: authz.Place{Division: v.Division}})
}

// seat gives somebody who was accepted a place in the calls signed up for before,
// while there is one.
func (s *Service) seat(ctx context.Context, tx *db.Tx, id db.ID) error {
	calls, err := openCalls(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, c := range calls {
		n, err := tx.Exec(ctx, `UPDATE volunteer_call SET signed = signed + 1 WHERE id = $1 AND signed < places`, c)
		if err == nil && n == 0 {
			_, err = tx.Exec(ctx, `DELETE FROM volunteer_signup WHERE call = $1 AND volunteer = $2`, c, id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func openCalls(ctx context.Context, tx *db.Tx, id db.ID) ([]db.ID, error) {
	return db.All(ctx, tx, func(row db.Scanner) (c db.ID, err error) { return c, row.Scan(&c) },
		`SELECT u.call FROM volunteer_signup u JOIN volunteer_call c ON c.id = u.call WHERE u.volunteer = $1 AND c.state = 'open' ORDER BY u.call LIMIT 1000`, id)
}

// signOff takes somebody who is no volunteer any more from the calls to come; who
// was accepted had a place in them.
func (s *Service) signOff(ctx context.Context, tx *db.Tx, id db.ID, seated bool) error {
	calls, err := openCalls(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, c := range calls {
		if _, err := tx.Exec(ctx, `DELETE FROM volunteer_signup WHERE call = $1 AND volunteer = $2`, c, id); err != nil {
			return err
		}
		if !seated {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE volunteer_call SET signed = signed - 1 WHERE id = $1`, c); err != nil {
			return err
		}
	}
	return nil
}
