package survey

import (
	"context"
	"encoding/binary"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
)

// codeChars is how long a code is: 50 bits. A survey has a few hundred of them, so
// a guess hits one in 10¹² times.
const codeChars = 10

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// code is the code of a home's slip. It follows from the database's own key, the
// survey, the home and how often a slip was issued: it stands in no table, and a
// slip can be printed again.
func (s *Service) code(survey db.ID, home, issue int64) string {
	var b [24]byte
	binary.BigEndian.PutUint64(b[:], uint64(survey))
	binary.BigEndian.PutUint64(b[8:], uint64(home))
	binary.BigEndian.PutUint64(b[16:], uint64(issue))
	v := binary.BigEndian.Uint64(s.Keys.Blind("survey.slip", b[:]))
	var out [codeChars]byte
	for i := range out {
		out[i] = alphabet[v&31]
		v >>= 5
	}
	return string(out[:])
}

// blind is the keyed hash by which a code is found.
func (s *Service) blind(code string) []byte { return s.Keys.Blind("survey_home.code", []byte(code)) }

// ShowCode writes a code in groups, as it stands on the slip.
func ShowCode(code string) string { return code[:5] + "-" + code[5:] }

// readCode drops what people add when they type a code, and takes look-alikes for
// what they look like.
func readCode(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			r += '0' - '０'
		case r >= 'ａ' && r <= 'ｚ':
			r += 'A' - 'ａ'
		case r >= 'Ａ' && r <= 'Ｚ':
			r += 'A' - 'Ａ'
		case r >= 'a' && r <= 'z':
			r += 'A' - 'a'
		}
		switch r {
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		if strings.ContainsRune(alphabet, r) {
			return r
		}
		return -1
	}, typed)
}

// A Slip is what the community brings to a home that was drawn.
type Slip struct {
	Home int64
	Code string
	Mode string // how it was answered, "" not yet
}

// PrintIn lets somebody print the slips. Whoever prints them sees every code, so it
// is a step of the survey, after which the person has no other part in it.
func (s *Service) PrintIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	x, _, err := s.take(ctx, tx, who, t, authz.SurveySlips)
	if err != nil {
		return err
	}
	return s.move(ctx, tx, who, x, t, casework.Way{Act: ActPrint}, "survey.slips-printed", map[string]any{"count": x.Drawn})
}

// SlipsIn are the slips of the homes that have not answered yet, for who printed them
// by [Service.PrintIn]. Each look at the codes is an event.
func (s *Service) SlipsIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Survey, []Slip, error) {
	x, err := byID(ctx, tx, id)
	if err != nil {
		return x, nil, err
	}
	if err := authz.Require(who, authz.SurveySlips, x.place()); err != nil {
		return x, nil, err
	}
	if x.State != Open {
		return x, nil, fault.New(fault.Conflict, "survey.not-open", "调查%s，没有可打印的答卷单。", x.StateTitle())
	}
	k, err := casework.Find(ctx, tx, Machine, id)
	if err != nil {
		return x, nil, err
	}
	steps, err := casework.History(ctx, tx, k)
	if err != nil {
		return x, nil, err
	}
	if !casework.Took(steps, who, ActPrint) {
		return x, nil, fault.New(fault.Conflict, "survey.not-printed", "请先在调查页面办理“打印答卷单”。打印的人会看到全部答卷码，不能再结束调查、提请公布或公布。")
	}
	type row struct{ home, issue int64 }
	rows, err := db.All(ctx, tx, func(r db.Scanner) (h row, err error) { return h, r.Scan(&h.home, &h.issue) },
		`SELECT home, issue FROM survey_home WHERE survey = $1 AND mode = '' ORDER BY home LIMIT $2`, id, answersMax)
	if err != nil {
		return x, nil, err
	}
	var out []Slip
	for _, r := range rows {
		out = append(out, Slip{Home: r.home, Code: s.code(id, r.home, r.issue)})
	}
	return x, out, audit.Append(ctx, tx, who, "survey.slips-seen", x.Object(), audit.Change{Act: authz.SurveySlips, At: x.place(), Detail: map[string]any{"count": len(out)}})
}

// ReissueIn makes new codes for the homes that have not answered: slips were lost
// or seen by others. The old codes are dead.
func (s *Service) ReissueIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	x, _, err := s.take(ctx, tx, who, t, authz.SurveySlips)
	if err != nil {
		return err
	}
	if x.State != Open {
		return fault.New(fault.Conflict, "survey.not-open", "调查%s，不能换发答卷码。", x.StateTitle())
	}
	type row struct{ home, issue int64 }
	rows, err := db.All(ctx, tx, func(r db.Scanner) (h row, err error) { return h, r.Scan(&h.home, &h.issue) },
		`SELECT home, issue FROM survey_home WHERE survey = $1 AND mode = '' ORDER BY home LIMIT $2`, x.ID, answersMax)
	if err != nil {
		return err
	}
	for _, r := range rows {
		_, err := tx.Exec(ctx, `UPDATE survey_home SET issue = $3, code_blind = $4 WHERE survey = $1 AND home = $2 AND mode = ''`, x.ID, r.home, r.issue+1, s.blind(s.code(x.ID, r.home, r.issue+1)))
		if err != nil {
			return err
		}
	}
	return audit.Append(ctx, tx, who, "survey.slips-reissued", x.Object(), audit.Change{Act: authz.SurveySlips, At: x.place(), Detail: map[string]any{"count": len(rows)}})
}

// Asked is the survey that a code belongs to, while it may be answered by it.
func (s *Service) Asked(ctx context.Context, tx *db.Tx, code string) (Survey, *Book, error) {
	id, _, err := s.home(ctx, tx, code)
	if err != nil {
		return Survey{}, nil, err
	}
	return s.Questions(ctx, tx, id)
}

// Questions is an open survey with its questions, for anybody.
func (s *Service) Questions(ctx context.Context, tx *db.Tx, id db.ID) (Survey, *Book, error) {
	x, err := byID(ctx, tx, id)
	if err != nil {
		return x, nil, err
	}
	if x.State != Open || tx.Today() > x.Closes {
		return x, nil, fault.New(fault.NotFound, "survey.closed", "这次调查没有开放。结果公布后可以在“满意度调查”里查到。")
	}
	book, err := s.Books.ByDigest(ctx, tx, x.Book)
	return x, book, err
}

// home finds the drawn home of a code that has not answered.
func (s *Service) home(ctx context.Context, tx *db.Tx, typed string) (survey db.ID, home int64, err error) {
	wrong := fault.New(fault.Invalid, "survey.code", "答卷码不对。").With("code", "没有这个答卷码，请对照答卷单再输入一次。如果答卷单换发过，请用新的。")
	code := readCode(typed)
	if len(code) != codeChars {
		return 0, 0, wrong
	}
	type row struct {
		survey db.ID
		home   int64
		mode   string
	}
	r, ok, err := db.One(ctx, tx, func(x db.Scanner) (r row, err error) { return r, x.Scan(&r.survey, &r.home, &r.mode) },
		`SELECT survey, home, mode FROM survey_home WHERE code_blind = $1`, s.blind(code))
	switch {
	case err != nil:
		return 0, 0, err
	case !ok:
		return 0, 0, wrong
	case r.mode != "":
		return 0, 0, fault.New(fault.Invalid, "survey.answered", "这一户已经答过了。").With("code", "这个答卷码已经用过，每户只能答一次。")
	}
	return r.survey, r.home, nil
}

// AnswerIn takes a home's answer by its code, once. The answer is kept without the
// home.
func (s *Service) AnswerIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, code, choices string) error {
	x, book, err := s.Questions(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := authz.Require(who, authz.SurveyPublic, x.place()); err != nil {
		return err
	}
	if err := book.checkChoices(choices); err != nil {
		return err
	}
	survey, home, err := s.home(ctx, tx, code)
	if err != nil {
		return err
	}
	if survey != id {
		return fault.New(fault.Invalid, "survey.code", "答卷码不对。").With("code", "这个答卷码是另一次调查的，请对照答卷单上的网址。")
	}
	if err := used(ctx, tx, id, home, online); err != nil {
		return err
	}
	if err := insertAnswer(ctx, tx, id, online, nil, choices, nil, nil); err != nil {
		return err
	}
	return audit.Append(ctx, tx, authz.Anonymous, "survey.answered", x.Object(), nil)
}

// used notes that a home has answered; a second answer at the same moment finds it so.
func used(ctx context.Context, tx *db.Tx, survey db.ID, home int64, mode string) error {
	n, err := tx.Exec(ctx, `UPDATE survey_home SET mode = $3 WHERE survey = $1 AND home = $2 AND mode = ''`, survey, home, mode)
	if err == nil && n == 0 {
		err = fault.New(fault.Invalid, "survey.answered", "这一户已经答过了，或者没有抽中。").With("home", "这一户已经答过了，或者没有抽中。").With("code", "这个答卷码已经用过，每户只能答一次。")
	}
	return err
}
