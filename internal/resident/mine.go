package resident

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

const (
	mineFor = 30 * time.Minute // a proven telephone opens the list of its reports
	mineMax = 50
)

// JoinAgainIn joins, and gives who joined or reported before a new secret: whose
// telephone or account it is, is proven.
func (s *Reports) JoinAgainIn(ctx context.Context, tx *db.Tx, who authz.Actor, report, account db.ID, phone, note string) (Receipt, error) {
	out, err := s.JoinIn(ctx, tx, who, report, account, phone, note)
	if fault.Is(err, "resident.joined") {
		return s.secretAgain(ctx, tx, who, report, account, phone)
	}
	return out, err
}

// secretAgain gives a new secret to who lost the old one, which dies.
func (s *Reports) secretAgain(ctx context.Context, tx *db.Tx, who authz.Actor, report, account db.ID, phone string) (Receipt, error) {
	type row struct {
		id, report db.ID
		number     string
	}
	v, ok, err := db.One(ctx, tx, func(sc db.Scanner) (x row, err error) { return x, sc.Scan(&x.id, &x.report, &x.number) }, `
		SELECT v.id, r.id, r.number FROM resident_voice v JOIN resident_report r ON r.id = v.report
		WHERE (v.report = $1 OR v.report IN (SELECT merged_into FROM resident_report WHERE id = $1))
			AND (CAST($2 AS BIGINT) <> 0 AND v.account = $2 OR v.phone_blind = $3) ORDER BY v.id LIMIT 1`, report, int64(account), s.blindOrNil(phone))
	if err != nil {
		return Receipt{}, err
	}
	if !ok {
		return Receipt{}, fault.New(fault.Conflict, "resident.not-yours", "这个编号下没有用该手机号反映的记录。")
	}
	follow, hash := newSecret()
	if _, err := tx.Exec(ctx, `UPDATE resident_voice SET follow = $2 WHERE id = $1`, v.id, hash); err != nil {
		return Receipt{}, err
	}
	return Receipt{Report: v.report, Voice: v.id, Number: v.number, Follow: follow, Known: true},
		audit.Append(ctx, tx, who, "resident.secret-renewed", "resident_report:"+v.report.String(), nil)
}

// proven keeps for a short time that a telephone was proven. The ticket opens the
// list of the reports made with it.
func (s *Reports) proven(ctx context.Context, tx *db.Tx, phone string) (Receipt, error) {
	content, err := json.Marshal(Draft{Mine: true, Proven: true})
	if err != nil {
		return Receipt{}, fmt.Errorf("encode draft: %w", err)
	}
	id := tx.NewID()
	ticket, hash := newSecret()
	_, nobodys := newSecret() // no code opens it
	sealedPhone, err := s.Keys.Seal("resident_draft", "phone_sealed", id, []byte(phone))
	if err != nil {
		return Receipt{}, err
	}
	sealed, err := s.Keys.Seal("resident_draft", "content_sealed", id, content)
	if err != nil {
		return Receipt{}, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO resident_draft (id, ticket, phone_sealed, phone_blind, content_sealed, code_hash, code_until, tries, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)`, id, hash, sealedPhone, s.blind(phone), sealed, nobodys, codeTries, db.Millis(tx.Real))
	return Receipt{Mine: ticket}, err
}

// A Mine is a report made with a telephone, for the list of them.
type Mine struct {
	Report     db.ID
	Number     string
	Project    code.ProjectCode
	Topic      string
	Book       string
	State      string
	ReceivedOn day.Date
}

// MineIn lists the reports that the proven telephone of a ticket reported or
// joined, the newest first.
func (s *Reports) MineIn(ctx context.Context, tx *db.Tx, ticket string) ([]Mine, error) {
	phone, err := s.provenPhone(ctx, tx, ticket)
	if err != nil {
		return nil, err
	}
	return db.All(ctx, tx, func(row db.Scanner) (x Mine, err error) {
		return x, row.Scan(&x.Report, &x.Number, &x.Project, &x.Topic, &x.Book, &x.State, &x.ReceivedOn)
	}, `SELECT r.id, r.number, r.project, r.topic, r.book, r.state, r.received_on
		FROM resident_voice v JOIN resident_report r ON r.id = v.report
		WHERE v.phone_blind = $1 ORDER BY r.id DESC LIMIT `+strconv.Itoa(mineMax), s.blind(phone))
}

// OpenMineIn gives a new secret for one of the reports of a proven telephone.
func (s *Reports) OpenMineIn(ctx context.Context, tx *db.Tx, who authz.Actor, ticket string, report db.ID) (Receipt, error) {
	phone, err := s.provenPhone(ctx, tx, ticket)
	if err != nil {
		return Receipt{}, err
	}
	return s.secretAgain(ctx, tx, who, report, 0, phone)
}

// provenPhone is the telephone of a ticket whose code was right.
func (s *Reports) provenPhone(ctx context.Context, tx *db.Tx, ticket string) (string, error) {
	d, err := draftOf(ctx, tx, ticket)
	if err != nil {
		return "", err
	}
	plain, err := s.Keys.Open("resident_draft", "content_sealed", d.id, d.content)
	if err != nil {
		return "", err
	}
	var draft Draft
	if err := json.Unmarshal(plain, &draft); err != nil {
		return "", fmt.Errorf("decode draft: %w", err)
	}
	if !draft.Proven || d.made < db.Millis(tx.Real.Add(-mineFor)) {
		return "", noReport()
	}
	phone, err := s.Keys.Open("resident_draft", "phone_sealed", d.id, d.phone)
	return string(phone), err
}
