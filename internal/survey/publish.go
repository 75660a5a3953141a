package survey

import (
	"context"
	"strings"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
)

// ProposeIn counts the answers and asks another person to publish the result. The
// paper answers must have been read again as far as the rulebook wants.
func (s *Service) ProposeIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	x, book, err := s.take(ctx, tx, who, t, authz.SurveyRun)
	if err != nil {
		return err
	}
	check, err := s.CheckingOf(ctx, tx, who, x, book)
	if err != nil {
		return err
	}
	if x.State == Closed && !check.Over() {
		return fault.New(fault.Invalid, "survey.unchecked", "纸质答卷还没有复核完。").With("act", unchecked(check))
	}
	list, err := answers(ctx, tx, x.ID)
	if err != nil {
		return err
	}
	x.Tally, x.Reread = book.Count(list), check.Reread
	if err := s.keepCounts(ctx, tx, x, book); err != nil {
		return err
	}
	return s.move(ctx, tx, who, x, t, casework.Way{Act: ActPropose, Term: &book.Publish}, "survey.proposed", map[string]any{"count": x.Answered})
}

// unchecked says what the second reading still lacks.
func unchecked(c Checking) string {
	if c.Done < c.Need {
		return "纸质答卷须由另一人复核，还差 " + count(c.Need-c.Done) + " 份。"
	}
	return "有 " + count(c.Open) + " 份纸质答卷的录入和复核不一致，须先对照答卷核定。"
}

// keepCounts freezes the counts of every question; what was counted before is
// counted anew.
func (s *Service) keepCounts(ctx context.Context, tx *db.Tx, x Survey, book *Book) error {
	for q, row := range x.Counts {
		for c, n := range row {
			_, err := tx.Exec(ctx, `INSERT INTO survey_count (survey, question, choice, homes) VALUES ($1, $2, $3, $4)
				ON CONFLICT (survey, question, choice) DO UPDATE SET homes = excluded.homes`, x.ID, book.Questions[q].Code, book.Choices[c].Code, n)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// ReturnIn sends a result back to be looked at again.
func (s *Service) ReturnIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	x, book, err := s.take(ctx, tx, who, t, authz.SurveyPublish)
	if err != nil {
		return err
	}
	x.Tally, x.Reread = Tally{}, Reread{}
	return s.move(ctx, tx, who, x, t, casework.Way{Act: ActReturn, Note: t.Note, Term: &book.Close}, "survey.returned", nil)
}

// PublishIn publishes a result, by another person than who proposed it, and
// reports it to the credit evaluation if the rulebook says so. Where the second
// reading of the papers differed in too many, it is published with the reason alone.
func (s *Service) PublishIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	x, book, err := s.take(ctx, tx, who, t, authz.SurveyPublish)
	if err != nil {
		return err
	}
	if x.State == Proposed && book.Doubtful(x.Reread) {
		switch x.Despite = strings.TrimSpace(t.Note); {
		case x.Despite == "":
			return fault.New(fault.Invalid, "survey.doubtful", "纸质答卷复核不一致过多。").With("note", "复核 "+count(x.Checked)+" 份，"+count(x.Differed)+" 份与录入不一致：请退回核对，或者写明为什么仍然可信；理由会公布。")
		case notify.Personal(x.Despite):
			return fault.New(fault.Invalid, "survey.private", "请修改标出的内容。").With("note", "理由会公布，不能写电话、证件号码、银行账号或邮箱。")
		}
	}
	x.Published = tx.Today()
	err = s.move(ctx, tx, who, x, t, casework.Way{Act: ActPublish, Note: t.Note}, "survey.published", map[string]any{"project": x.Project, "count": x.Answered, "rated": x.Rated, "satisfied": x.Satisfied, "seed": x.Seed, "digest": x.Draw})
	if err != nil || !book.Credit {
		return err
	}
	for _, f := range []struct {
		name  string
		value int64
	}{{"satisfaction", int64(Share(x.Satisfied, x.Rated))}, {"sample_ok", flag(x.SampleOK())}, {"last_survey", int64(x.Published)}} {
		subject := credit.Subject{Kind: credit.Project, ID: x.projectID}
		if err := s.Evaluations.ReportInput(ctx, tx, who, subject, x.place(), f.name, x.Published, f.value, "survey"); err != nil {
			return err
		}
	}
	return nil
}

// SampleOK says whether enough homes with an opinion answered for the margin that
// the rulebook asks for.
func (x Survey) SampleOK() bool { return x.Rated >= x.Needed }

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
