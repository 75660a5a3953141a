package identity

import (
	"context"
	"encoding/hex"
	"strings"

	"golang.org/x/text/unicode/norm"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

const numberPurpose = "identity_person.number"

// hasNumber says whether a number is known or noted: who takes the account over
// must give the same.
func hasNumber(ctx context.Context, tx *db.Tx, a account) (bool, error) {
	return db.Value[bool](ctx, tx, `
		SELECT p.number_blind IS NOT NULL OR EXISTS (SELECT 1 FROM identity_noted n WHERE n.account_id = $2)
		FROM identity_person p WHERE p.id = $1`, a.person, a.id)
}

// note keeps the number of somebody who is invited, to be compared when the person
// joins. It says nothing of the person yet: no proof was given.
func (s *Service) note(ctx context.Context, tx *db.Tx, account db.ID, number string) error {
	if number == "" {
		return nil
	}
	id, err := code.ParseIDNumber(number)
	if err != nil {
		return err
	}
	sealed, err := s.Keys.Seal("identity_noted", "number_sealed", account, []byte(id))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO identity_noted (account_id, number_sealed, number_blind) VALUES ($1, $2, $3)`,
		account, sealed, s.Keys.Blind(numberPurpose, []byte(id)))
	return err
}

// fits checks what a person filled in, before the second factor is set up.
func (s *Service) fits(ctx context.Context, tx *db.Tx, account db.ID, j Joining, staff bool) error {
	f := fault.New(fault.Invalid, "identity.person", "请核对填写的内容。")
	name := strings.TrimSpace(norm.NFC.String(j.Name))
	if n := len([]rune(name)); n == 0 || n > 50 {
		f.With("name", "请填写姓名，不超过50字。")
	}
	if phone := strings.TrimSpace(j.Phone); phone != "" && !mobile(phone) {
		f.With("phone", "手机号码应为11位数字。")
	}
	if j.Number == "" && staff {
		f.With("number", "请填写身份证号码：工作人员实名使用。")
		return f
	}
	var number code.IDNumber
	if j.Number != "" {
		var err error
		if number, err = code.ParseIDNumber(j.Number); err != nil {
			f.With("number", fault.From(err).Text)
			return f
		}
	}
	if err := s.sameNumber(ctx, tx, account, number); err != nil { // also none, where one is known or noted
		if !fault.Is(err, "identity.number") {
			return err
		}
		f.With("number", fault.From(err).Text)
	}
	return f.OrNil()
}

func (s *Service) sameNumber(ctx context.Context, tx *db.Tx, account db.ID, number code.IDNumber) error {
	has, ok, err := db.One(ctx, tx, func(row db.Scanner) (b []byte, err error) { return b, row.Scan(&b) }, `
		SELECT COALESCE(p.number_blind, n.number_blind) FROM identity_account a JOIN identity_person p ON p.id = a.person_id
		LEFT JOIN identity_noted n ON n.account_id = a.id WHERE a.id = $1`, account)
	if err != nil || !ok || len(has) == 0 {
		return err
	}
	if string(has) != string(s.Keys.Blind(numberPurpose, []byte(number))) {
		return fault.New(fault.Invalid, "identity.number", "身份证号码与登记的不一致。")
	}
	return nil
}

func mobile(s string) bool {
	return len(s) == 11 && s[0] == '1' && s[1] >= '3' && strings.Trim(s, "0123456789") == ""
}

// identify writes down who took an account over, by what the person gave. Where
// the number is a known person's, the account and its grants become that person's,
// the rules that look at persons are asked again, and nothing that is known of the
// person is overwritten.
func (s *Service) identify(ctx context.Context, tx *db.Tx, a *account, name, number, phone string) error {
	if number == "" {
		return s.describe(ctx, tx, a, name, "", phone)
	}
	id, err := code.ParseIDNumber(number)
	if err != nil {
		return err
	}
	blind := s.Keys.Blind(numberPurpose, []byte(id))
	if err := tx.Lock(ctx, "person", hex.EncodeToString(blind)); err != nil {
		return err
	}
	if err := s.sameNumber(ctx, tx, a.id, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM identity_noted WHERE account_id = $1`, a.id); err != nil {
		return err
	}
	known, found, err := db.One(ctx, tx, scanID, `SELECT id FROM identity_person WHERE number_blind = $1`, blind)
	if err != nil {
		return err
	}
	if !found {
		return s.describe(ctx, tx, a, name, id, phone)
	}
	if known != a.person {
		if err := s.merge(ctx, tx, a, known); err != nil {
			return err
		}
	}
	return s.complete(ctx, tx, a, name, phone)
}

// complete adds to a known person what was missing, and shows the name as the
// person's roles want it now.
func (s *Service) complete(ctx context.Context, tx *db.Tx, a *account, name, phone string) error {
	has, err := s.full(ctx, tx, a.person)
	if err != nil {
		return err
	}
	if has.Name != "" {
		name = has.Name
	}
	if has.Phone != "" {
		phone = ""
	}
	return s.describe(ctx, tx, a, name, "", phone)
}

// merge gives an account to a person who was known before, and tells the person's
// other accounts.
func (s *Service) merge(ctx context.Context, tx *db.Tx, a *account, to db.ID) error {
	roles, err := openRoles(ctx, tx, to)
	if err != nil {
		return err
	}
	mine, err := rolesOfAccount(ctx, tx, a.id)
	if err != nil {
		return err
	}
	if err := authz.Exclusive(append(roles, mine...)...); err != nil {
		return err
	}
	own, err := db.Value[int64](ctx, tx, `
		SELECT COUNT(*) FROM identity_grant
		WHERE account_id = $1 AND official AND state IN ('proposed', 'active') AND (proposed_by = $2 OR decided_by = $2)`, a.id, to)
	if err != nil {
		return err
	}
	if own > 0 {
		return ownGrant()
	}
	_, err = tx.Exec(ctx, `UPDATE identity_grant SET person_id = $2 WHERE account_id = $1 AND state IN ('proposed', 'active')`, a.id, to)
	if db.IsUnique(err) {
		return fault.New(fault.Forbidden, "authz.exclusive", "同一自然人只能担任一个管理员席位，请由另一人激活。")
	}
	if err != nil {
		return err
	}
	others, err := db.All(ctx, tx, scanID, `SELECT id FROM identity_account WHERE person_id = $1 AND state = 'active' ORDER BY id LIMIT 20`, to)
	if err != nil {
		return err
	}
	for _, other := range others {
		if err := tell(ctx, tx, authz.System("identity"), other, "identity.linked", "您的身份证号用于激活了另一个账号", "账号 "+a.login+"。如果不是您本人激活的，请立即联系安全管理员。"); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `UPDATE identity_account SET person_id = $2 WHERE id = $1`, a.id, to)
	a.person = to
	return err
}

func ownGrant() error {
	return fault.New(fault.Forbidden, "identity.own-grant", "不能经办或批准给本人的授权。")
}

// describe stores name, number and phone, sealed. The name of an official is
// shown within the platform, every other one masked (PI-2).
func (s *Service) describe(ctx context.Context, tx *db.Tx, a *account, name string, number code.IDNumber, phone string) error {
	name = strings.TrimSpace(norm.NFC.String(name))
	seal := func(column, plain string) ([]byte, error) {
		if plain == "" {
			return nil, nil
		}
		return s.Keys.Seal("identity_person", column, a.person, []byte(plain))
	}
	sealedName, err := seal("name_sealed", name)
	if err != nil {
		return err
	}
	sealedNumber, err := seal("number_sealed", string(number))
	if err != nil {
		return err
	}
	sealedPhone, err := seal("phone_sealed", strings.TrimSpace(phone))
	if err != nil {
		return err
	}
	var blind []byte
	if number != "" {
		blind = s.Keys.Blind(numberPurpose, []byte(number))
	}
	if name != "" {
		if a.display, err = s.displayName(ctx, tx, a.person, name); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `
		UPDATE identity_person SET display = $2, name_sealed = COALESCE($3, name_sealed), number_sealed = COALESCE($4, number_sealed),
			number_blind = COALESCE($5, number_blind), phone_sealed = COALESCE($6, phone_sealed) WHERE id = $1`,
		a.person, a.display, sealedName, sealedNumber, blind, sealedPhone)
	return err
}

func (s *Service) displayName(ctx context.Context, tx *db.Tx, person db.ID, name string) (string, error) {
	roles, err := openRoles(ctx, tx, person)
	if err != nil {
		return "", err
	}
	for _, r := range roles {
		if r.Official() {
			return name, nil
		}
	}
	return code.MaskName(name), nil
}
