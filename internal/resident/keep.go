package resident

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/supervision"
)

// What is still kept of an ended report.
const (
	keptAll   = "all"
	keptWords = "words" // nobody's telephone or name any more
	keptNone  = "none"  // what was counted alone
)

// A KeepRule says for how many months after its end a report keeps who reported,
// and what was said. A shorter time than the floors is refused (PI-6).
type KeepRule struct{ Contacts, Words int }

const (
	contactsFloor = 6
	wordsFloor    = 36
	eraseMax      = 200 // reports in one transaction
)

// keepShipped holds for a rulebook without terms of its own; the schema says the same.
var keepShipped = KeepRule{Contacts: 12, Words: 60}

const keyContactYears = 3 // after a key ended

// An Erasing is how far the erasing has come: what was held back is not met again.
type Erasing struct {
	stage  int
	closed day.Date
	id     db.ID
}

// Erase erases what has reached its term, a batch a transaction.
func (s *Reports) Erase(ctx context.Context) error {
	var at Erasing
	for more := true; more; {
		var next Erasing
		err := s.DB.Write(ctx, func(tx *db.Tx) (err error) { next, more, err = s.EraseIn(ctx, tx, at); return err })
		if err != nil {
			return err
		}
		at = next
	}
	return nil
}

// EraseIn erases a batch: who reported, one term after the end of the report; what
// was said, with photos and answers, after the longer one. Reports that were
// merged go with the one that they became part of. While a case that it led to is
// open, a report keeps everything. A city without a rulebook has no reports.
func (s *Reports) EraseIn(ctx context.Context, tx *db.Tx, at Erasing) (next Erasing, more bool, err error) {
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if f := fault.From(err); err != nil && f != nil && f.Kind == fault.NotFound {
		return at, false, nil
	}
	if err != nil {
		return at, false, err
	}
	stages := []struct {
		from, to, event string
		months          int
		do              func(context.Context, *db.Tx, db.ID) error
	}{
		{keptAll, keptWords, "resident.contacts-erased", book.Keep.Contacts, s.eraseContacts},
		{keptWords, keptNone, "resident.words-erased", book.Keep.Words, s.eraseWords},
	}
	if at.stage == len(stages) {
		return at, false, s.eraseKeys(ctx, tx)
	}
	x := stages[at.stage]
	list, err := ended(ctx, tx, x.from, tx.Today().AddMonths(-x.months), at)
	if err != nil {
		return at, false, err
	}
	for _, r := range list {
		held, err := s.onHold(ctx, tx, r)
		if err == nil && !held {
			err = s.eraseOne(ctx, tx, r.id, x.do, x.to, x.event)
		}
		if err != nil {
			return at, false, err
		}
	}
	if len(list) < eraseMax {
		return Erasing{stage: at.stage + 1}, true, nil
	}
	last := list[len(list)-1]
	return Erasing{at.stage, last.closed, last.id}, true, nil
}

type endedRow struct {
	id, supervised db.ID
	closed         day.Date
}

// ended lists reports that ended on a day or before, of which something is kept.
func ended(ctx context.Context, tx *db.Tx, kept string, until day.Date, after Erasing) ([]endedRow, error) {
	since := ""
	if after.id != 0 {
		since = after.closed.String()
	}
	return db.All(ctx, tx, func(row db.Scanner) (r endedRow, err error) { return r, row.Scan(&r.id, &r.supervised, &r.closed) }, `
		SELECT id, supervised, closed_on FROM resident_report
		WHERE kept = $1 AND closed_on IS NOT NULL AND closed_on <= $2 AND (closed_on, id) > ($3, $4) ORDER BY closed_on, id LIMIT $5`,
		kept, until, since, int64(after.id), eraseMax)
}

func (s *Reports) onHold(ctx context.Context, tx *db.Tx, r endedRow) (bool, error) {
	if r.supervised == 0 {
		return false, nil
	}
	c, err := casework.Find(ctx, tx, supervision.CaseMachine, r.supervised)
	return !c.Closed, err
}

func (s *Reports) eraseOne(ctx context.Context, tx *db.Tx, id db.ID, do func(context.Context, *db.Tx, db.ID) error, kept, event string) error {
	if err := tx.Lock(ctx, "case", id); err != nil {
		return err
	}
	all, err := db.All(ctx, tx, scanID, `SELECT id FROM resident_report WHERE id = $1 OR merged_into = $1 ORDER BY id LIMIT 1000`, id)
	if err != nil {
		return err
	}
	for _, one := range all {
		if err := do(ctx, tx, one); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE resident_report SET kept = $2, changed_at = $3 WHERE id = $1`, one, kept, db.Millis(tx.Now)); err != nil {
			return err
		}
		if err := audit.Append(ctx, tx, authz.System("resident"), event, "resident_report:"+one.String(), nil); err != nil {
			return err
		}
	}
	return nil
}

func scanID(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) }

// eraseContacts leaves of the voices what they rated; nobody's link opens any more.
// A digest of what a client sent would still tell whether a guess is right.
func (s *Reports) eraseContacts(ctx context.Context, tx *db.Tx, report db.ID) error {
	voices, err := db.All(ctx, tx, scanID, `SELECT id FROM resident_voice WHERE report = $1 ORDER BY id LIMIT $2`, report, voicesMax)
	if err != nil {
		return err
	}
	for _, v := range voices {
		_, nobodys := newSecret()
		if _, err := tx.Exec(ctx, `UPDATE resident_voice SET account = NULL, phone_sealed = NULL, phone_blind = NULL, follow = $2, note = '', said = '' WHERE id = $1`, v, nobodys); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE open311_request SET given_sealed = $2, once = $2, digest = $2 WHERE report = $1`, report, []byte{}); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE open311_update SET media_sealed = NULL, said_sealed = NULL, once = $2, digest = $2 WHERE report = $1`, report, []byte{})
	return err
}

// eraseWords leaves kind, place, state and days: what the rates are counted from.
func (s *Reports) eraseWords(ctx context.Context, tx *db.Tx, report db.ID) error {
	photos, err := PhotosOf(ctx, tx, report)
	if err != nil {
		return err
	}
	for _, p := range photos {
		if p.File == 0 {
			continue
		}
		if err := blob.Delete(ctx, tx, p.File); err != nil {
			return err
		}
	}
	for _, query := range []string{
		`DELETE FROM resident_photo WHERE report = $1`,
		`DELETE FROM resident_reply WHERE report = $1`,
		`UPDATE resident_report SET spot = '', body = '', answer = '', public_body = '', public_answer = '', released_at = 0 WHERE id = $1`,
	} {
		if _, err := tx.Exec(ctx, query, report); err != nil {
			return err
		}
	}
	return nil
}

// eraseKeys forgets whom to reach about keys that ended long ago.
func (s *Reports) eraseKeys(ctx context.Context, tx *db.Tx) error {
	until := db.Millis(tx.Today().AddYears(-keyContactYears).Time())
	keys, err := db.All(ctx, tx, scanID, `SELECT id FROM interface_key WHERE ended_at > 0 AND ended_at < $1 AND contact_sealed IS NOT NULL ORDER BY id LIMIT 500`, until)
	if err != nil {
		return err
	}
	for _, id := range keys {
		if _, err := tx.Exec(ctx, `UPDATE interface_key SET contact_sealed = NULL WHERE id = $1`, id); err != nil {
			return err
		}
		if err := audit.Append(ctx, tx, authz.System("resident"), "resident.key-contact-erased", keyObject(id), nil); err != nil {
			return err
		}
	}
	return nil
}
