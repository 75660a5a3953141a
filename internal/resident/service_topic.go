package resident

import (
	"context"
	"slices"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// CorrectIn gives a report the topic that it really has, with the reason. Until the
// first answer that decides, by the rulebook under which it came, who answers, who
// reviews and by when: what waits to be signed or dispatched waits on, or goes straight
// to its office where the rulebook says so; what an office has goes on to the right one.
func (s *Reports) CorrectIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, topic string) error {
	r, err := s.locked(ctx, tx, who, t.Report, authz.ReportSign)
	if err != nil {
		return err
	}
	book, err := s.Books.ByDigest(ctx, tx, r.Book)
	if err != nil {
		return err
	}
	_, known := book.Topic(topic)
	switch {
	case !known || topic == r.Topic:
		return fault.New(fault.Invalid, "resident.topic", "请选择另一个类别。").With("topic", "请从列出的类别中选择另一个。")
	case r.State == Dispatched && r.Case.Due != 0 && r.Case.Due < tx.Today():
		return fault.New(fault.Conflict, "resident.too-late", "期限已过，不能再更正类别。")
	}
	route, err := RouteAt(ctx, tx, book, r.Class, topic, r.Project, r.Enterprise != "")
	if err != nil {
		return err
	}
	r.Topic = topic
	way := casework.Way{Act: ActTopic, Title: title(book, r)}
	term, was := book.AnswerTerm(route, r.Class), r.Office
	switch r.State {
	case Submitted, Signed:
		r.Office, r.Review = route.To, route.Review
	case Dispatched:
		r.Office, r.Review = route.To, route.Review
		if way.Holder, err = r.holder(r.Office); err != nil {
			return err
		}
		if way.Due, err = s.dueOfTopic(ctx, tx, r, was, term); err != nil {
			return err
		}
		if !r.Late && r.AnsweredOn == 0 {
			r.Due = way.Due
		}
	}
	if err := s.move(ctx, tx, who, r, t, way, "resident.topic-corrected"); err != nil {
		return err
	}
	if r.State == Submitted && route.Direct {
		if err := s.handOn(ctx, tx, r, term); err != nil {
			return err
		}
	}
	if h := r.Case.Holder; r.State == Dispatched && h.Role != "" {
		if err := s.notice(ctx, tx, r, &h, "诉求类别已更正，请按现在的类别办理"); err != nil {
			return err
		}
	}
	return s.tell(ctx, tx, r, "的类别已更正，请查看承办单位和期限")
}

// handOn gives a report that waited to be signed straight to its office.
func (s *Reports) handOn(ctx context.Context, tx *db.Tx, r *Report, term day.Term) error {
	h, err := r.holder(r.Office)
	if err != nil {
		return err
	}
	r.Due, _ = s.calendar().Due(tx.Today(), term)
	t := Take{Report: r.ID, Version: r.Case.Version}
	return s.move(ctx, tx, authz.System("resident"), r, t, casework.Way{Act: actAuto, Holder: h, Term: &term}, "resident.dispatched")
}

// dueOfTopic is the last day to answer under another topic. Another office has the whole
// term from today; the same one has it from the day on which it got the report.
func (s *Reports) dueOfTopic(ctx context.Context, tx *db.Tx, r *Report, was authz.Role, term day.Term) (day.Date, error) {
	fresh, _ := s.calendar().Due(tx.Today(), term)
	if was != r.Office {
		return fresh, nil
	}
	steps, err := casework.History(ctx, tx, r.Case)
	if err != nil {
		return 0, err
	}
	whole := fresh
	for _, x := range slices.Backward(steps) {
		if x.Act == ActDispatch || x.Act == actAuto {
			whole, _ = s.calendar().Due(day.FromTime(x.At), term)
			break
		}
	}
	return dueAgain(r.Case.Due, whole, fresh), nil
}

// dueAgain is the last day of the same office under another topic: a longer term counts
// from the dispatch, so that correcting gains no time; a shorter one from today, and no
// later than the day that held until now, so that nobody is late at once.
func dueAgain(old, whole, fresh day.Date) day.Date {
	if whole >= old {
		return whole
	}
	return min(old, fresh)
}
