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
	Next                         *Paper // that the actor may read next; nil: none
}

// Over says whether enough was read again.
func (c Checking) Over() bool { return c.Done >= c.Need }

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
		}
	}
	c.Need = book.ToCheck(c.Paper, c.Done, c.Different)
	rank := func(p Paper) []byte {
		sum := sha256.Sum256([]byte(x.Seed + ":check:" + p.ID.String()))
		return sum[:]
	}
	slices.SortFunc(list, func(a, b Paper) int { return cmp.Or(bytes.Compare(rank(a), rank(b)), cmp.Compare(a.ID, b.ID)) })
	for _, p := range list[:min(c.Need, c.Paper)] {
		if !p.Checked && (p.Person == 0 || p.Person != who.Person) {
			c.Next = &p
			break
		}
	}
	return c, nil
}

// CheckIn keeps what another person read on the paper of an answer. Where the two
// differ, the second reading counts.
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
