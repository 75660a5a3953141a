package resident

import (
	"context"
	"unicode/utf8"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// followed finds the voice that a secret opens, and the report as it stands: for
// a merged report the one that it became part of.
func (s *Reports) followed(ctx context.Context, tx *db.Tx, secret string) (*Report, Voice, error) {
	v, ok, err := db.One(ctx, tx, scanVoice, `SELECT `+voiceCols+` FROM resident_voice WHERE follow = $1`, hashOf(secret))
	if err != nil {
		return nil, v, err
	}
	if !ok {
		return nil, v, noReport()
	}
	r, err := reportOf(ctx, tx, v.Report)
	if err == nil && r.MergedInto != 0 {
		r, err = reportOf(ctx, tx, r.MergedInto)
	}
	return r, v, err
}

// A Followed is a report as one of its voices sees it.
type Followed struct {
	Report *Report
	Voice  Voice
	Own    *Report // as this voice reported it; the same unless it was merged
	Steps  []casework.Step
	Photos []Photo
}

// Follow opens a report by the secret of a voice.
func (s *Reports) Follow(ctx context.Context, tx *db.Tx, secret string) (f Followed, err error) {
	if f.Report, f.Voice, err = s.followed(ctx, tx, secret); err != nil {
		return f, err
	}
	f.Own = f.Report
	if f.Voice.Report != f.Report.ID {
		if f.Own, err = reportOf(ctx, tx, f.Voice.Report); err != nil {
			return f, err
		}
	}
	if f.Steps, err = casework.History(ctx, tx, f.Report.Case); err != nil {
		return f, err
	}
	f.Photos, err = PhotosOf(ctx, tx, f.Report.ID)
	return f, err
}

// Rateable says whether residents may rate a report now.
func (r *Report) Rateable() bool { return r.State == ReviewPassed || r.State == Rated }

// Reopenable says whether a resident may still say of a closed report that it
// isn't solved.
func (r *Report) Reopenable(b *Book, today day.Date) bool {
	return r.State == Closed && !b.Reopen.IsZero() && today <= r.Case.Due && r.Reopened < int64(b.ReopenMax)
}

// A Rating is what a resident says of an answer.
type Rating struct {
	Solved, Satisfied bool
	Said              string
}

// RateIn rates by the secret of a voice. “Not solved” reopens the report with a
// new deadline, as often as the rulebook allows.
func (s *Reports) RateIn(ctx context.Context, tx *db.Tx, secret string, x Rating) error {
	r, v, err := s.followed(ctx, tx, secret)
	if err != nil {
		return err
	}
	return s.rate(ctx, tx, r, v, x)
}

// CalledBackIn rates in the name of a voice whom the hotline called: officials
// and the interface of 12345 may do it for reports of that channel.
func (s *Reports) CalledBackIn(ctx context.Context, tx *db.Tx, who authz.Actor, report db.ID, x Rating) error {
	r, err := s.at(ctx, tx, who, report, authz.ReportSign)
	if err != nil {
		return err
	}
	voices, err := voicesOf(ctx, tx, report)
	if err != nil {
		return err
	}
	if r.Channel != Hotline || len(voices) == 0 {
		return fault.New(fault.Conflict, "resident.callback", "只有12345工单可以登记回访结果。")
	}
	if r.MergedInto != 0 {
		if r, err = reportOf(ctx, tx, r.MergedInto); err != nil {
			return err
		}
	}
	return s.rate(ctx, tx, r, voices[0], x)
}

func (s *Reports) rate(ctx context.Context, tx *db.Tx, r *Report, v Voice, x Rating) error {
	if err := tx.Lock(ctx, "case", r.ID); err != nil {
		return err
	}
	r, err := reportOf(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	book, err := s.Books.ByDigest(ctx, tx, r.Book)
	if err != nil {
		return err
	}
	if !r.Rateable() && (x.Solved || !r.Reopenable(book, tx.Today())) {
		return fault.New(fault.Conflict, "resident.not-rateable", "现在还不能评价：这件诉求%s。", r.StateTitle())
	}
	x.Said = tidy(x.Said)
	if utf8.RuneCountInString(x.Said) > spotMax*5 {
		return fault.New(fault.Invalid, "resident.form", "评价不超过 500 个字。").With("said", "不超过 500 个字。")
	}
	if _, err := tx.Exec(ctx, `UPDATE resident_voice SET solved = $2, satisfied = $3, said = $4, rated_on = $5 WHERE id = $1`,
		v.ID, int64(VerdictOf(x.Solved)), int64(VerdictOf(x.Satisfied)), x.Said, tx.Today()); err != nil {
		return err
	}
	if err := audit.Append(ctx, tx, authz.System("resident"), "resident.rated", r.object(), map[string]any{"solved": x.Solved, "satisfied": x.Satisfied}); err != nil {
		return err
	}
	if !x.Solved && r.Reopened < int64(book.ReopenMax) {
		return s.reopen(ctx, tx, r, book)
	}
	return s.note(ctx, tx, r, x.Solved)
}

// reopen gives the report back to its office.
func (s *Reports) reopen(ctx context.Context, tx *db.Tx, r *Report, book *Book) error {
	h, err := r.holder(r.Office)
	if err != nil {
		return err
	}
	r.Reopened, r.Outcome, r.Checked, r.ClosedOn = r.Reopened+1, NotSolved, checkedNone, 0
	t := Take{r.ID, r.Case.Version, ""}
	if err := s.move(ctx, tx, authz.System("resident"), r, t, casework.Way{Act: actReopen, Holder: h, Term: &book.Again}, "resident.reopened"); err != nil {
		return err
	}
	return s.notice(ctx, tx, r, h, "居民表示未解决，请重新办理")
}

// note keeps what the ratings say together: one voice that says “not solved” outweighs.
func (s *Reports) note(ctx context.Context, tx *db.Tx, r *Report, solved bool) error {
	against, err := db.Value[int64](ctx, tx, `
		SELECT COUNT(*) FROM resident_voice v JOIN resident_report o ON o.id = v.report
		WHERE (o.id = $1 OR o.merged_into = $1) AND v.solved = 2`, r.ID)
	if err != nil {
		return err
	}
	r.Outcome = ByResident
	if !solved || against > 0 {
		r.Outcome = NotSolved
	}
	if r.State == Rated {
		return updateReport(ctx, tx, r)
	}
	return s.move(ctx, tx, authz.System("resident"), r, Take{r.ID, r.Case.Version, ""}, casework.Way{Act: actRate, Due: r.Case.Due}, "resident.rating-noted")
}
