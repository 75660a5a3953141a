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
func (s *Reports) RateIn(ctx context.Context, tx *db.Tx, who authz.Actor, secret string, x Rating) error {
	r, v, err := s.followed(ctx, tx, secret)
	if err != nil {
		return err
	}
	if err := r.asResident(who); err != nil {
		return err
	}
	return s.rate(ctx, tx, authz.System("resident"), r, v, x) // the log does not tie an account to a voice
}

func (s *Reports) rate(ctx context.Context, tx *db.Tx, who authz.Actor, r *Report, v Voice, x Rating) error {
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
	if !r.Rateable() && (x.Solved || !r.Reopenable(book, tx.Today()) || !r.owed(v)) {
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
	if err := keepRating(ctx, tx, v.ID); err != nil {
		return err
	}
	said := audit.Change{At: r.Place(), Detail: map[string]any{"solved": x.Solved, "satisfied": x.Satisfied}}
	if who.SignedIn() {
		said.Act = authz.ReportSign
	}
	if err := audit.Append(ctx, tx, who, "resident.rated", r.object(), said); err != nil {
		return err
	}
	if !x.Solved && r.Reopened < int64(book.ReopenMax) && r.owed(v) {
		return s.reopen(ctx, tx, r, book)
	}
	return s.note(ctx, tx, r, x.Solved)
}

// owed says whether the answer was owed to a voice: who came after it may rate it,
// but not have the report opened again and so made late. A neighbour with the same
// fault reports anew.
func (r *Report) owed(v Voice) bool { return r.AnsweredOn == 0 || v.Joined <= r.AnsweredOn }

// reopen gives the report back to its office.
func (s *Reports) reopen(ctx context.Context, tx *db.Tx, r *Report, book *Book) error {
	h, err := r.holder(r.Office)
	if err != nil {
		return err
	}
	r.Reopened, r.Outcome, r.Checked, r.ClosedOn = r.Reopened+1, NotSolved, checkedNone, 0
	t := Take{Report: r.ID, Version: r.Case.Version}
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
	return s.move(ctx, tx, authz.System("resident"), r, Take{Report: r.ID, Version: r.Case.Version}, casework.Way{Act: actRate, Due: r.Case.Due}, "resident.rating-noted")
}
