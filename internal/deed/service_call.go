package deed

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
)

// A Named is one of those served, to be called back.
type Named struct{ Name, Phone string }

var phoneForm = regexp.MustCompile(`^(1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8})$`)

// NameIn puts people served on the call-back list. Their names and numbers are
// sealed; each gets a confirmation code, of which the table keeps the digest alone.
func (s *Service) NameIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, list []Named) error {
	return s.act(ctx, tx, who, t, authz.DeedVerify, func(d *Deed, b *Book) (casework.Way, string, error) {
		way := casework.Way{Act: ActName}
		round, err := s.round(ctx, tx, d.ID)
		if err != nil {
			return way, "", err
		}
		a, err := s.answersOf(ctx, tx, d.ID)
		if err != nil {
			return way, "", err
		}
		if err := b.CheckNames(a, int64(len(list)), d.People); err != nil {
			return way, "", err
		}
		for _, one := range list {
			if err := s.nameOne(ctx, tx, d.ID, round, one, who.Account, nil); err != nil {
				return way, "", err
			}
		}
		return way, "deed.named", nil
	})
}

// nameOne seals one of the list; again is who the person was on the list before.
func (s *Service) nameOne(ctx context.Context, tx *db.Tx, id db.ID, round int64, one Named, by, again any) error {
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
		INSERT INTO deed_served (id, deed, round, name_sealed, phone_sealed, phone_blind, code_hash, added_by, added_at, again)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		row, id, round, name, sealed, blind, hashCode(s.code(row)), by, db.Millis(tx.Now), again)
	return err
}

// carry puts those on the list of the end that now begins who said of the last one
// that it is not solved, or whose word of an earlier one still stood.
func (s *Service) carry(ctx context.Context, tx *db.Tx, id db.ID) error {
	round, err := s.round(ctx, tx, id)
	if err != nil || round == 0 {
		return err
	}
	list, err := s.servedOf(ctx, tx, id, true)
	if err != nil {
		return err
	}
	for _, x := range list {
		if x.Phone == "" || x.Answer == nil && !x.Again || x.Answer != nil && x.Answer.Solved {
			continue
		}
		if err := s.nameOne(ctx, tx, id, round+1, Named{x.Name, x.Phone}, nil, int64(x.ID)); err != nil {
			return err
		}
	}
	return nil
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
	return answersIn(ctx, tx, id, round)
}

// answersIn counts what those served say of one end of the deed.
func answersIn(ctx context.Context, tx *db.Tx, id db.ID, round int64) (a Answers, err error) {
	a, _, err = db.One(ctx, tx, func(row db.Scanner) (a Answers, err error) {
		return a, row.Scan(&a.Named, &a.Answered, &a.Solved, &a.Satisfied, &a.Standing)
	}, `
		SELECT COUNT(*), COUNT(a.served), COUNT(*) FILTER (WHERE a.solved), COUNT(*) FILTER (WHERE a.satisfied), COUNT(*) FILTER (WHERE s.again IS NOT NULL AND a.served IS NULL)
		FROM deed_served s LEFT JOIN deed_answer a ON a.served = s.id
		WHERE s.deed = $1 AND s.round = $2`, id, round)
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
// counted until it is done again. The reason is public with its day.
func (s *Service) RedoIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	return s.act(ctx, tx, who, t, authz.DeedVerify, func(d *Deed, b *Book) (casework.Way, string, error) {
		if notify.Personal(t.Note) {
			return casework.Way{}, "", fault.New(fault.Invalid, "deed.private", "请修改标出的内容。").With("note", "理由会对外公开，不能写电话、证件号码、银行账号或邮箱。")
		}
		d.People, d.How, d.Households, d.Percent, d.DoneOn = 0, "", 0, 0, 0
		reported := d.Reported == string(MonthOf(tx.Today()))
		return casework.Way{Act: ActRedo, Holder: &d.Lead, Due: b.Waits(tx.Today(), d.Deadline, reported)}, "deed.sent-back", nil
	})
}
