package volunteer

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
)

const (
	keepYears = 3 // after leaving; the schema says the same
	eraseMax  = 200
	waitDays  = 90 // for a community to decide on who applied
)

// erasedName stands where a name was.
const erasedName = "（已到期清除）"

// Erase erases what has reached its term, a batch a transaction.
func (s *Service) Erase(ctx context.Context) error {
	for more := true; more; {
		err := s.DB.Write(ctx, func(tx *db.Tx) (err error) { more, err = s.EraseIn(ctx, tx); return err })
		if err != nil {
			return err
		}
	}
	return nil
}

// expire refuses who applied and was not decided on in time, and gives back whom it
// found: their names and phones are not kept.
func (s *Service) expire(ctx context.Context, tx *db.Tx) (gone []db.ID, err error) {
	gone, err = db.All(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) }, `
		SELECT id FROM volunteer WHERE state = 'applied' AND consent_on <= $1 ORDER BY id LIMIT $2`, tx.Today().AddDays(-waitDays), eraseMax)
	if err != nil {
		return nil, err
	}
	for _, id := range gone {
		v, err := s.byID(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if err := s.moveVolunteer(ctx, tx, authz.System("volunteer"), v, Take{ID: id}, ActExpire, "volunteer.expired"); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// EraseIn erases name, telephone and skills of who left three years ago, and who
// signed up for what three years ago; confirmed hours stay, without a name. Who
// applied and was never decided on is erased after ninety days.
func (s *Service) EraseIn(ctx context.Context, tx *db.Tx) (more bool, err error) {
	if err := forgetTries(ctx, tx); err != nil {
		return false, err
	}
	never, err := s.expire(ctx, tx)
	if err != nil {
		return false, err
	}
	until := tx.Today().AddYears(-keepYears)
	gone, err := db.All(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) }, `
		SELECT id FROM volunteer WHERE left_on IS NOT NULL AND erased_on IS NULL AND left_on <= $1 ORDER BY left_on, id LIMIT $2`, until, eraseMax)
	if err != nil {
		return false, err
	}
	for _, id := range append(never, gone...) {
		if _, err := tx.Exec(ctx, `
			UPDATE volunteer SET shown = $2, name_sealed = $3, phone_sealed = $3, phone_blind = $3, skills = '', open = FALSE, person = NULL, erased_on = $4, changed_at = $5
			WHERE id = $1`, id, erasedName, []byte{}, tx.Today(), db.Millis(tx.Now)); err != nil {
			return false, err
		}
		if err := audit.Append(ctx, tx, authz.System("volunteer"), "volunteer.erased", "volunteer:"+id.String(), nil); err != nil {
			return false, err
		}
	}
	n, err := tx.Exec(ctx, `
		DELETE FROM volunteer_signup WHERE (call, volunteer) IN (
			SELECT call, volunteer FROM volunteer_signup WHERE at < $1 ORDER BY at, call, volunteer LIMIT $2)`, db.Millis(until.Time()), eraseMax)
	return len(gone) == eraseMax || len(never) == eraseMax || n == eraseMax, err
}
