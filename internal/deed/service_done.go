package deed

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"regexp"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// DoneIn ends the work: what came of it, whom it serves and how they were counted,
// with pictures of before and after.
func (s *Service) DoneIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, r Result, files []FileRef) error {
	return s.act(ctx, tx, who, t, authz.DeedWork, func(d *Deed, b *Book) (casework.Way, string, error) {
		way := casework.Way{Act: ActDone, Term: &b.Callback}
		if len(files) > 0 {
			if err := keepFiles(ctx, tx, who, d.ID, files); err != nil {
				return way, "", err
			}
		}
		have, err := filesOf(ctx, tx, d.ID)
		if err != nil {
			return way, "", err
		}
		if err := b.CheckResult(r, pictures(have, Before), pictures(have, After)); err != nil {
			return way, "", err
		}
		d.Result, d.People, d.How, d.Households, d.Spent = strings.TrimSpace(r.Text), r.People, r.How, r.Households, r.Spent
		d.Percent, d.DoneOn = 100, tx.Today()
		return way, "deed.done", reachAll(ctx, tx, d.ID, tx.Today())
	})
}

// A Named is one of those served, to be called back.
type Named struct{ Name, Phone string }

var phoneForm = regexp.MustCompile(`^(1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8})$`)

// NameIn puts people served on the call-back list. Their names and numbers are
// sealed; each gets a confirmation code, of which the table keeps the digest alone.
func (s *Service) NameIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, list []Named) error {
	return s.act(ctx, tx, who, t, authz.DeedVerify, func(d *Deed, _ *Book) (casework.Way, string, error) {
		way := casework.Way{Act: ActName}
		round, err := s.round(ctx, tx, d.ID)
		if err != nil {
			return way, "", err
		}
		have, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM deed_served WHERE deed = $1 AND round = $2`, d.ID, round)
		if err != nil {
			return way, "", err
		}
		if len(list) == 0 || have+int64(len(list)) > namesMax || have+int64(len(list)) > d.People {
			return way, "", fault.New(fault.Invalid, "deed.names", "请修改标出的内容。").With("names", fmt.Sprintf("请填写 1 到 %d 人，且不超过受益人数。", namesMax))
		}
		for _, one := range list {
			if err := s.nameOne(ctx, tx, who, d.ID, round, one); err != nil {
				return way, "", err
			}
		}
		return way, "deed.named", nil
	})
}

func (s *Service) nameOne(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, round int64, one Named) error {
	one.Name, one.Phone = strings.TrimSpace(one.Name), strings.TrimSpace(one.Phone)
	if n := len([]rune(one.Name)); n == 0 || n > 30 || !phoneForm.MatchString(one.Phone) {
		return fault.New(fault.Invalid, "deed.names", "请修改标出的内容。").With("names", "每行一人，写成“姓名 电话”，电话是手机号或带区号的固定电话。")
	}
	row, phone := tx.NewID(), []byte(strings.ReplaceAll(one.Phone, "-", ""))
	blind := s.Keys.Blind("deed-phone", phone)
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM deed_served WHERE deed = $1 AND round = $2 AND phone_blind = $3`, id, round, blind)
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Invalid, "deed.named-twice", "请修改标出的内容。").With("names", "同一电话只登记一次。")
	}
	name, err := s.Keys.Seal("deed_served", "name_sealed", row, []byte(one.Name))
	if err != nil {
		return err
	}
	sealed, err := s.Keys.Seal("deed_served", "phone_sealed", row, []byte(one.Phone))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO deed_served (id, deed, round, name_sealed, phone_sealed, phone_blind, code_hash, added_by, added_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		row, id, round, name, sealed, blind, hashCode(s.code(row)), who.Account, db.Millis(tx.Now))
	return err
}

// round counts how often the deed was said to be done: those called about an
// earlier end are not counted for a later one.
func (s *Service) round(ctx context.Context, tx *db.Tx, id db.ID) (int64, error) {
	return db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM casework_step WHERE case_id = $1 AND act = $2`, id, ActDone)
}

var codeText = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// code is the confirmation code of somebody on the list. It comes out of the
// city's keys, so that the sheet can be printed again and no table holds it.
func (s *Service) code(served db.ID) string {
	return codeText.EncodeToString(s.Keys.Blind("deed-code", []byte(served.String())))[:12]
}

func hashCode(text string) []byte {
	sum := sha256.Sum256([]byte("juli deed code " + text))
	return sum[:]
}

// CleanCode brings a typed code to one form.
func CleanCode(text string) string {
	return strings.NewReplacer(" ", "", "-", "", "I", "1", "L", "1", "O", "0").Replace(strings.ToUpper(text))
}

// CallIn notes what somebody on the list said on the telephone.
func (s *Service) CallIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, served db.ID, a Answer) error {
	return s.act(ctx, tx, who, t, authz.DeedVerify, func(d *Deed, _ *Book) (casework.Way, string, error) {
		return casework.Way{Act: ActCall}, "deed.called", s.answer(ctx, tx, d.ID, served, "call", who, a)
	})
}

func (s *Service) answer(ctx context.Context, tx *db.Tx, id, served db.ID, way string, who authz.Actor, a Answer) error {
	refuse := func(text string) error {
		return fault.New(fault.Invalid, "deed.served", "请修改标出的内容。").With("served", text)
	}
	round, err := s.round(ctx, tx, id)
	if err != nil {
		return err
	}
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM deed_served WHERE id = $1 AND deed = $2 AND round = $3`, served, id, round)
	if err != nil {
		return err
	}
	if n == 0 {
		return refuse("请从回访名单中选择。")
	}
	if n, err = db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM deed_answer WHERE served = $1`, served); err != nil {
		return err
	}
	if n > 0 {
		return refuse("这个人已经回访或确认过。")
	}
	_, err = tx.Exec(ctx, `INSERT INTO deed_answer (served, deed, round, way, solved, satisfied, account, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		served, id, round, way, a.Solved, a.Satisfied, who.Account, db.Millis(tx.Now))
	return err
}

// ConfirmIn takes what somebody says who was given a code: once, while the deed
// waits for its call-back. It gives the deed.
func (s *Service) ConfirmIn(ctx context.Context, tx *db.Tx, who authz.Actor, text string, a Answer) (Deed, error) {
	if err := authz.Require(who, authz.DeedConfirm, authz.Place{}); err != nil {
		return Deed{}, err
	}
	refused := fault.New(fault.Invalid, "deed.code", "确认码不正确，或者已经用过、已经过期。").With("slip", "请核对回访单上的 12 位确认码；每个码只能用一次。")
	type row struct{ id, deed db.ID }
	found, ok, err := db.One(ctx, tx, func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.id, &x.deed) },
		`SELECT id, deed FROM deed_served WHERE code_hash = $1`, hashCode(CleanCode(text)))
	if err != nil {
		return Deed{}, err
	}
	if !ok {
		return Deed{}, refused
	}
	if err := tx.Lock(ctx, "case", found.deed); err != nil {
		return Deed{}, err
	}
	d, err := byID(ctx, tx, found.deed)
	if err != nil {
		return Deed{}, err
	}
	if d.State != Done {
		return Deed{}, refused
	}
	if err := s.apart(ctx, tx, who, authz.DeedConfirm, d.ID); err != nil {
		return Deed{}, err
	}
	if err := s.answer(ctx, tx, d.ID, found.id, "code", who, a); err != nil {
		if fault.Is(err, "deed.served") {
			return Deed{}, refused
		}
		return Deed{}, err
	}
	return d, audit.Append(ctx, tx, who, "deed.confirmed", d.object(), audit.Change{Act: authz.DeedConfirm, At: d.place(), Detail: map[string]any{"number": d.Number}})
}

// answersOf counts what those served say of the deed's last end.
func (s *Service) answersOf(ctx context.Context, tx *db.Tx, id db.ID) (a Answers, err error) {
	round, err := s.round(ctx, tx, id)
	if err != nil {
		return a, err
	}
	a, _, err = db.One(ctx, tx, func(row db.Scanner) (a Answers, err error) {
		return a, row.Scan(&a.Named, &a.Answered, &a.Solved, &a.Satisfied)
	}, `
		SELECT (SELECT COUNT(*) FROM deed_served s WHERE s.deed = $1 AND s.round = $2), COUNT(*), COUNT(*) FILTER (WHERE solved), COUNT(*) FILTER (WHERE satisfied)
		FROM deed_answer WHERE deed = $1 AND round = $2`, id, round)
	return a, err
}

// VerifyIn says that those served confirm the deed.
func (s *Service) VerifyIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	return s.act(ctx, tx, who, t, authz.DeedVerify, func(d *Deed, b *Book) (casework.Way, string, error) {
		way := casework.Way{Act: ActVerify, Term: &b.Close}
		a, err := s.answersOf(ctx, tx, d.ID)
		if err != nil {
			return way, "", err
		}
		return way, "deed.verified", b.CheckVerify(a, d.People)
	})
}

// RedoIn sends a deed back to work: those served say it is not solved. Nobody is
// counted until it is done again.
func (s *Service) RedoIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	return s.act(ctx, tx, who, t, authz.DeedVerify, func(d *Deed, b *Book) (casework.Way, string, error) {
		d.People, d.How, d.Households, d.Percent, d.DoneOn = 0, "", 0, 0, 0
		reported := d.Reported == string(MonthOf(tx.Today()))
		return casework.Way{Act: ActRedo, Holder: &d.Lead, Due: b.Waits(tx.Today(), d.Deadline, reported)}, "deed.sent-back", nil
	})
}

// CloseIn counts the deed as solved, today: months that are frozen stay as they are.
func (s *Service) CloseIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	return s.act(ctx, tx, who, t, authz.DeedAccept, func(d *Deed, _ *Book) (casework.Way, string, error) {
		d.ClosedOn = tx.Today()
		return casework.Way{Act: ActClose}, "deed.closed", nil
	})
}

// PublishIn opens a deed to the public or closes it again, and says which of its
// pictures the public sees.
func (s *Service) PublishIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, open bool, released []db.ID) error {
	return s.act(ctx, tx, who, t, authz.DeedPublish, func(d *Deed, _ *Book) (casework.Way, string, error) {
		way := casework.Way{Act: ActPublish}
		d.Open = open
		if _, err := tx.Exec(ctx, `UPDATE deed_file SET released = FALSE WHERE deed = $1 AND released`, d.ID); err != nil {
			return way, "", err
		}
		for _, id := range released {
			n, err := tx.Exec(ctx, `UPDATE deed_file SET released = TRUE WHERE deed = $1 AND file = $2 AND type IN ('image/jpeg', 'image/png')`, d.ID, id)
			if err != nil {
				return way, "", err
			}
			if n != 1 {
				return way, "", fault.New(fault.Invalid, "deed.release", "请修改标出的内容。").With("released", "请从这件实事的照片中选择。")
			}
		}
		if open {
			return way, "deed.published", nil
		}
		return way, "deed.unpublished", nil
	})
}

// ForgetIn deletes names and numbers of people whose deed was closed longer ago
// than the rulebook keeps them; it tells how many.
func (s *Service) ForgetIn(ctx context.Context, tx *db.Tx) (int64, error) {
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return 0, err
	}
	// KeepNames counts backwards from today.
	cut := tx.Today().AddDays(-book.KeepNames.N)
	switch book.KeepNames.Unit {
	case day.Years:
		cut = tx.Today().AddYears(-book.KeepNames.N)
	case day.Months:
		cut = tx.Today().AddMonths(-book.KeepNames.N)
	}
	return tx.Exec(ctx, `
		UPDATE deed_served SET name_sealed = NULL, phone_sealed = NULL, phone_blind = NULL
		WHERE name_sealed IS NOT NULL AND deed IN (SELECT id FROM deed WHERE closed_on <> '' AND closed_on < $1)`, cut.String())
}

// masked is a name and a number as lists show them.
func masked(name, phone string) (string, string) { return code.MaskName(name), code.MaskPhone(phone) }
