package resident

import (
	"context"
	"slices"
	"unicode/utf8"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Take is an act on a report that the actor saw at a version.
type Take struct {
	Report  db.ID
	Version int64
	Note    string
	Checked bool  // of [Reports.ReleaseIn]: the original words were checked for personal data, sentence by sentence
	Release int64 // of [Reports.ReleaseIn]: the writing of the public words that the actor saw
}

// Find reads a report for whoever may read at its place; to others it does not exist.
func (s *Reports) Find(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (*Report, error) {
	return s.at(ctx, tx, who, id, authz.ReportRead)
}

func (s *Reports) at(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, act authz.Act) (*Report, error) {
	r, err := reportOf(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return r, authz.Require(who, act, r.Place())
}

// locked reads a report under the lock of its case, so that two acts at once
// meet one after the other.
func (s *Reports) locked(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, act authz.Act) (*Report, error) {
	if err := tx.Lock(ctx, "case", id); err != nil {
		return nil, err
	}
	return s.at(ctx, tx, who, id, act)
}

// move takes an act on the report's case, notes the state and says so in the log.
func (s *Reports) move(ctx context.Context, tx *db.Tx, who authz.Actor, r *Report, t Take, way casework.Way, event string) error {
	way.Note, way.Calendar = tidy(t.Note), s.Calendar
	c, err := casework.Do(ctx, tx, who, Machine, casework.Move{Case: r.ID, Version: t.Version, Way: way})
	if err != nil {
		return err
	}
	r.Case, r.State = c, c.State
	if r.State == Refused {
		r.ClosedOn = tx.Today()
	}
	if err := updateReport(ctx, tx, r); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, event, r.object(), nil)
}

// holder is the body of a role in charge of the report's place.
func (r *Report) holder(role authz.Role) (*casework.Holder, error) {
	h, ok := casework.HolderAt(role, r.Place())
	if !ok {
		return nil, fault.New(fault.Conflict, "resident.no-office", "这个小区没有可以办理的%s。", role.Title())
	}
	return &h, nil
}

// SignIn confirms that the signing body has the report.
func (s *Reports) SignIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	r, err := s.locked(ctx, tx, who, t.Report, authz.ReportSign)
	if err != nil {
		return err
	}
	book, err := s.Books.ByDigest(ctx, tx, r.Book)
	if err != nil {
		return err
	}
	h := r.Case.Holder
	return s.move(ctx, tx, who, r, t, casework.Way{Act: ActSign, Holder: &h, Term: &book.Dispatch}, "resident.signed")
}

// DispatchIn gives a signed or returned report to an office; "" is whom the
// rulebook names. The time to answer begins.
func (s *Reports) DispatchIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, to authz.Role) error {
	r, err := s.locked(ctx, tx, who, t.Report, authz.ReportSign)
	if err != nil {
		return err
	}
	book, err := s.Books.ByDigest(ctx, tx, r.Book)
	if err != nil {
		return err
	}
	route, err := RouteAt(ctx, tx, book, r.Class, r.Topic, r.Project, r.Enterprise != "")
	if err != nil {
		return err
	}
	if to == "" {
		to = route.To
	}
	offices, err := r.Offices(ctx, tx)
	if err != nil {
		return err
	}
	if !slices.Contains(offices, to) {
		return fault.New(fault.Invalid, "resident.office", "请选择承办单位。").With("office", "请从列出的单位中选择。")
	}
	if r.State == Returned && to == r.Office {
		return fault.New(fault.Invalid, "resident.same-office", "该单位刚刚退回，请改派其他单位。").With("office", "请改派其他单位。")
	}
	r.Office, r.Review = to, reviewOf(route, to)
	h, err := r.holder(to)
	if err != nil {
		return err
	}
	term := book.AnswerTerm(route, r.Class)
	if r.Due, _ = s.calendar().Due(tx.Today(), term); r.Due == 0 {
		return fault.New(fault.Internal, "resident.term", "规则没有写明答复期限。")
	}
	return s.move(ctx, tx, who, r, t, casework.Way{Act: ActDispatch, Holder: h, Term: &term}, "resident.dispatched")
}

// RefuseIn ends a report that is not for this procedure, with the reason.
func (s *Reports) RefuseIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	r, err := s.locked(ctx, tx, who, t.Report, authz.ReportSign)
	if err != nil {
		return err
	}
	if err := s.move(ctx, tx, who, r, t, casework.Way{Act: ActRefuse}, "resident.refused"); err != nil {
		return err
	}
	return s.tell(ctx, tx, r, "不予受理，理由见查询页面")
}

// ReturnIn gives a report back that is another office's, once.
func (s *Reports) ReturnIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	r, err := s.locked(ctx, tx, who, t.Report, authz.ReportAnswer)
	if err != nil {
		return err
	}
	book, err := s.Books.ByDigest(ctx, tx, r.Book)
	if err != nil {
		return err
	}
	h, err := r.holder(book.SignBy)
	if err != nil {
		return err
	}
	if err := s.move(ctx, tx, who, r, t, casework.Way{Act: ActReturn, Holder: h, Term: &book.Dispatch}, "resident.returned"); err != nil {
		return err
	}
	return s.notice(ctx, tx, r, h, "诉求被退回，请重新派单")
}

// MayAnswer says whether the actor acts for the office that owes the answer; the
// manager of a project answers for its enterprise.
func (r *Report) MayAnswer(who authz.Actor) bool {
	if !authz.May(who, authz.ReportAnswer, r.Place()) || !slices.Contains(answerable, r.State) {
		return false
	}
	h, ok := casework.HolderAt(r.Office, r.Place())
	if ok && casework.Holds(who, h) {
		return true
	}
	g, ok := authz.GrantFor(who, authz.ReportAnswer, r.Place())
	return ok && r.Office == authz.Enterprise && g.Role == authz.ProjectManager
}

// AnswerIn answers with a text and photos. The first answer decides whether the
// deadline was kept.
func (s *Reports) AnswerIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, text string, files []db.ID) error {
	r, err := s.locked(ctx, tx, who, t.Report, authz.ReportAnswer)
	if err != nil {
		return err
	}
	if slices.Contains(answerable, r.State) && !r.MayAnswer(who) {
		return fault.New(fault.Forbidden, "resident.not-office", "这件诉求由%s答复。", r.Office.Title())
	}
	text = tidy(text)
	if n := utf8.RuneCountInString(text); n < 2 || n > bodyMax {
		return fault.New(fault.Invalid, "resident.form", "请写明答复。").With("answer", "请写明答复，2 到 2000 个字。")
	}
	book, err := s.Books.ByDigest(ctx, tx, r.Book)
	if err != nil {
		return err
	}
	way := casework.Way{Act: ActAnswer}
	if r.Review != "" {
		if way.Holder, err = r.holder(r.Review); err != nil {
			return err
		}
		way.Term = &book.Review
	}
	r.Answer, r.Checked = text, checkedNone
	if r.AnsweredOn == 0 {
		r.AnsweredOn, r.InTime = tx.Today(), inTime(tx.Today(), r.Due)
	}
	if err := s.move(ctx, tx, who, r, t, way, "resident.answered"); err != nil {
		return err
	}
	if err := s.keepReply(ctx, tx, who, r); err != nil {
		return err
	}
	if err := s.addPhotos(ctx, tx, r.ID, "answer", files); err != nil {
		return err
	}
	if r.Review != "" {
		return nil
	}
	return s.pass(ctx, tx, authz.System("resident"), r, Take{Report: r.ID, Version: r.Case.Version}, actPassAuto, book.Rate)
}

// keepReply keeps every answer, not only the last one.
func (s *Reports) keepReply(ctx context.Context, tx *db.Tx, who authz.Actor, r *Report) error {
	id := tx.NewID()
	sealed, err := s.Keys.Seal("resident_reply", "body_sealed", id, []byte(r.Answer))
	if err != nil {
		return err
	}
	by := ""
	if g, ok := authz.GrantFor(who, authz.ReportAnswer, r.Place()); ok {
		by = authz.Body(g.Role, g.Scope)
	}
	_, err = tx.Exec(ctx, `INSERT INTO resident_reply (id, report, body_sealed, by_body, said_at) VALUES ($1, $2, $3, $4, $5)`, id, r.ID, sealed, by, db.Millis(tx.Now))
	return err
}

// ReviewBackIn sends an answer back with the reason.
func (s *Reports) ReviewBackIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	r, err := s.locked(ctx, tx, who, t.Report, authz.ReportReview)
	if err != nil {
		return err
	}
	book, err := s.Books.ByDigest(ctx, tx, r.Book)
	if err != nil {
		return err
	}
	h, err := r.holder(r.Office)
	if err != nil {
		return err
	}
	return s.move(ctx, tx, who, r, t, casework.Way{Act: ActReviewBack, Holder: h, Term: &book.Again}, "resident.review-back")
}

// PassIn lets an answer go to the resident. seen says that the reviewer saw the
// problem mended: only then does the reviewer's word count as a confirmation.
func (s *Reports) PassIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, seen bool) error {
	r, err := s.locked(ctx, tx, who, t.Report, authz.ReportReview)
	if err != nil {
		return err
	}
	book, err := s.Books.ByDigest(ctx, tx, r.Book)
	if err != nil {
		return err
	}
	if seen {
		r.Checked, r.Outcome = checkedYes, BySurvey
	}
	return s.pass(ctx, tx, who, r, t, ActPass, book.Rate)
}

func (s *Reports) pass(ctx context.Context, tx *db.Tx, who authz.Actor, r *Report, t Take, act string, rate day.Term) error {
	if err := s.move(ctx, tx, who, r, t, casework.Way{Act: act, Term: &rate}, "resident.passed"); err != nil {
		return err
	}
	return s.tell(ctx, tx, r, "已有答复，请查看并评价是否解决")
}

func (s *Reports) calendar() *day.Calendar {
	if s.Calendar != nil {
		return s.Calendar
	}
	return day.DefaultCalendar()
}
