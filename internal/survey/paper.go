package survey

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"slices"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

// Unanswered are the drawn homes that have not answered yet, for who enters paper.
func (s *Service) Unanswered(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) ([]int64, error) {
	x, err := byID(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if err := authz.Require(who, authz.SurveyPaper, x.place()); err != nil {
		return nil, err
	}
	return db.All(ctx, tx, func(row db.Scanner) (n int64, err error) { return n, row.Scan(&n) },
		`SELECT home FROM survey_home WHERE survey = $1 AND mode = '' ORDER BY home LIMIT $2`, id, answersMax)
}

// EnterIn enters what a home filled in on paper. Paper may still be entered after
// the asking has ended, until the result is proposed.
func (s *Service) EnterIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, home int64, choices string) error {
	x, book, err := s.take(ctx, tx, who, Take{Survey: id}, authz.SurveyPaper)
	if err != nil {
		return err
	}
	if x.State != Open && x.State != Closed {
		return fault.New(fault.Conflict, "survey.not-open", "调查%s，不能录入答卷。", x.StateTitle())
	}
	if err := book.checkChoices(choices); err != nil {
		return err
	}
	if err := used(ctx, tx, id, home, paper); err != nil {
		return err
	}
	if err := insertAnswer(ctx, tx, id, paper, home, choices, who.Account, who.Person); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "survey.entered", x.Object(), audit.Change{Act: authz.SurveyPaper, At: x.place()})
}

// A Checking is how the second reading of the paper answers stands.
type Checking struct {
	Paper, Need, Done, Different int64
	Open                         int64  // of those that differ, not settled yet
	Next                         *Paper // that the actor may read next; nil: none
	Settle                       *Paper // that the actor may settle; nil: none
	Reread
}

// Over says whether enough was read again, and every difference settled.
func (c Checking) Over() bool { return c.Done >= c.Need && c.Open == 0 }

// CheckingOf tells it for an actor. Which answers are read again follows from the
// survey's seed, so that nobody chooses them.
func (s *Service) CheckingOf(ctx context.Context, tx *db.Tx, who authz.Actor, x Survey, book *Book) (Checking, error) {
	list, err := papers(ctx, tx, x.ID)
	if err != nil {
		return Checking{}, err
	}
	c := Checking{Paper: int64(len(list))}
	for _, p := range list {
		if p.Checked {
			c.Done++
			if !p.Same {
				c.Different++
			}
			if !p.Same && p.Settled == "" {
				c.Open++
			}
			if p.Settled != "" && p.Settled != p.Choices {
				c.Mended++
			}
		}
	}
	c.Checked, c.Differed = c.Done, c.Different
	c.Need = book.ToCheck(c.Paper, c.Done, c.Different)
	rank := func(p Paper) []byte {
		sum := sha256.Sum256([]byte(x.Seed + ":check:" + p.ID.String()))
		return sum[:]
	}
	slices.SortFunc(list, func(a, b Paper) int { return cmp.Or(bytes.Compare(rank(a), rank(b)), cmp.Compare(a.ID, b.ID)) })
	i := slices.IndexFunc(list, func(p Paper) bool { return p.Checked && !p.Same && p.Settled == "" && apart(p, who) })
	if i >= 0 {
		c.Settle = &list[i]
	}
	for _, p := range list[:min(c.Need, c.Paper)] {
		if !p.Checked && apart(p, who) {
			c.Next = &p
			break
		}
	}
	return c, nil
}

// apart says whether somebody else than the actor entered a paper.
func apart(p Paper, who authz.Actor) bool { return p.Person == 0 || p.Person != who.Person }

// CheckIn keeps what another person read on the paper of an answer, who did not see
// the entry. Where the two differ, neither counts until [Service.SettleIn].
func (s *Service) CheckIn(ctx context.Context, tx *db.Tx, who authz.Actor, id, answer db.ID, choices string) (same bool, err error) {
	x, book, err := s.take(ctx, tx, who, Take{Survey: id}, authz.SurveyCheck)
	if err != nil {
		return false, err
	}
	if x.State != Closed {
		return false, fault.New(fault.Conflict, "survey.not-closed", "调查%s，不能复核答卷。", x.StateTitle())
	}
	if err := book.checkChoices(choices); err != nil {
		return false, err
	}
	list, err := papers(ctx, tx, id)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(list, func(p Paper) bool { return p.ID == answer })
	if i < 0 {
		return false, notFound()
	}
	if list[i].Checked {
		return false, fault.New(fault.Conflict, "survey.checked", "这份答卷已经复核过了。")
	}
	if err := authz.RequireOther(who, authz.SurveyCheck, list[i].Person); err != nil {
		return false, err
	}
	drawn, err := s.CheckingOf(ctx, tx, who, x, book)
	if err != nil {
		return false, err
	}
	if drawn.Next == nil || drawn.Next.ID != answer {
		return false, fault.New(fault.Conflict, "survey.not-drawn", "这份答卷没有轮到复核。复核哪一份由系统抽取，不能自选，请重新打开复核页。")
	}
	same = choices == list[i].Choices
	_, err = tx.Exec(ctx, `INSERT INTO survey_check (survey, answer, choices, same, account, person, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`, id, answer, choices, same, who.Account, who.Person, db.Millis(tx.Now))
	if err != nil {
		return false, err
	}
	return same, audit.Append(ctx, tx, who, "survey.checked", x.Object(), audit.Change{Act: authz.SurveyCheck, At: x.place(), Detail: map[string]any{"same": same}})
}

// SettleIn says, for a paper on which entry and second reading differ, what stands on
// it: both are known now, so a slip of either can be seen. That they differed stays
// counted. Who entered the paper has no say.
func (s *Service) SettleIn(ctx context.Context, tx *db.Tx, who authz.Actor, id, answer db.ID, choices string) error {
	x, book, err := s.take(ctx, tx, who, Take{Survey: id}, authz.SurveyCheck)
	if err != nil {
		return err
	}
	if x.State != Closed {
		return fault.New(fault.Conflict, "survey.not-closed", "调查%s，不能核定答卷。", x.StateTitle())
	}
	if err := book.checkChoices(choices); err != nil {
		return err
	}
	list, err := papers(ctx, tx, id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(p Paper) bool { return p.ID == answer })
	if i < 0 {
		return notFound()
	}
	p := list[i]
	if !p.Checked || p.Same || p.Settled != "" {
		return fault.New(fault.Conflict, "survey.settled", "这份答卷没有待核定的不一致。")
	}
	if err := authz.RequireOther(who, authz.SurveyCheck, p.Person); err != nil {
		return err
	}
	for q := range choices {
		if p.Choices[q] == p.Right[q] && choices[q] != p.Right[q] {
			return fault.New(fault.Invalid, "survey.agreed", "录入和复核一致的题目不能改。")
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO survey_settle (survey, answer, choices, account, person, at) VALUES ($1, $2, $3, $4, $5, $6)`, id, answer, choices, who.Account, who.Person, db.Millis(tx.Now))
	if err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "survey.settled", x.Object(), audit.Change{Act: authz.SurveyCheck, At: x.place(), Detail: map[string]any{"entry": choices == p.Choices, "reading": choices == p.Right}})
}
