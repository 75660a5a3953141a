package resident

import (
	"context"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/supervision"
)

const clockMax = 200 // cases of one state in one transaction

// Advance lets time do its work until nothing is due.
func (s *Reports) Advance(ctx context.Context) error {
	for more := true; more; {
		err := s.DB.Write(ctx, func(tx *db.Tx) (err error) { more, err = s.AdvanceIn(ctx, tx); return err })
		if err != nil {
			return err
		}
	}
	return nil
}

// AdvanceIn moves overdue answers to the district, closes what nobody rated or
// rated and nobody contested, and puts away what was closed long enough; more tells that there was too much for one go.
func (s *Reports) AdvanceIn(ctx context.Context, tx *db.Tx) (more bool, err error) {
	for _, state := range []string{Dispatched, Reopened, ReviewBack, ReviewPassed, Rated, Closed} {
		late, err := casework.PastDue(ctx, tx, Machine, state, tx.Today(), casework.Cursor{}, clockMax)
		if err != nil {
			return false, err
		}
		more = more || len(late) == clockMax
		for _, c := range late {
			if err := s.expire(ctx, tx, c.ID); err != nil {
				return false, err
			}
		}
	}
	return more, nil
}

func (s *Reports) expire(ctx context.Context, tx *db.Tx, id db.ID) error {
	who := authz.System("resident")
	r, err := s.locked(ctx, tx, who, id, authz.ReportSign)
	if err != nil {
		return err
	}
	t := Take{Report: r.ID, Version: r.Case.Version}
	if r.State == Closed {
		return s.move(ctx, tx, who, r, t, casework.Way{Act: actArchive}, "resident.archived")
	}
	book, err := s.Books.ByDigest(ctx, tx, r.Book)
	if err != nil {
		return err
	}
	if r.Rateable() {
		r.ClosedOn = tx.Today()
		return s.move(ctx, tx, who, r, t, s.closing(tx.Today(), book), "resident.closed")
	}
	r.Late = true
	return s.move(ctx, tx, who, r, t, casework.Way{Act: actOverdue, Term: &book.Urge}, "resident.overdue")
}

// closing closes a report until the day on which it is put away; where the
// rulebook lets nobody open it again, that is the next one.
func (s *Reports) closing(today day.Date, book *Book) casework.Way {
	way := casework.Way{Act: actClose, Due: today}
	if !book.Reopen.IsZero() {
		way.Due, _ = s.calendar().Due(today, book.Reopen)
	}
	return way
}

// GiveTimeIn lets the office of an overdue report have more time, with a reason.
func (s *Reports) GiveTimeIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	r, err := s.locked(ctx, tx, who, t.Report, authz.ReportUrge)
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
	return s.move(ctx, tx, who, r, t, casework.Way{Act: ActGiveTime, Holder: h, Term: &book.Extend}, "resident.time-given")
}

// CaseIn registers a supervision case about an overdue report, in the same
// transaction: the office still owes its answer, and the case has its own course.
func (s *Reports) CaseIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	r, err := s.locked(ctx, tx, who, t.Report, authz.ReportUrge)
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
	if r.Enterprise == "" {
		return fault.New(fault.Conflict, "resident.no-firm", "这个小区没有物业企业，不能立案；请准予延后并督促承办单位。")
	}
	topic, _ := book.Topic(r.Topic)
	found := tx.Today()
	if now, err := registry.HolderOn(ctx, tx, r.Project, found); err != nil {
		return err
	} else if now != r.Enterprise {
		found = r.ReceivedOn // when the enterprise that the report is about still served there
	}
	r.Supervised, err = s.Cases.RegisterIn(ctx, tx, who, supervision.Fault{
		Channel: channelOf(r.Channel), SourceRef: r.object(), Project: r.Project, Enterprise: r.Enterprise, Violation: topic.Violation,
		Facts: "居民诉求 " + r.Number + "（" + topic.Title + "）逾期未答复或未解决。", Spot: r.Spot, FoundOn: found,
	})
	if err != nil {
		return err
	}
	if err := s.move(ctx, tx, who, r, t, casework.Way{Act: ActCase, Holder: h, Term: &book.Supervised}, "resident.supervised"); err != nil {
		return err
	}
	return s.notice(ctx, tx, r, h, "诉求逾期，已立案督办")
}

func channelOf(channel string) supervision.Channel {
	switch channel {
	case Hotline:
		return supervision.Hotline
	case Owner:
		return supervision.OwnerApp
	}
	return supervision.PublicReport
}

// ExtendIn gives the office more time, once, before its term is over.
func (s *Reports) ExtendIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	r, err := s.locked(ctx, tx, who, t.Report, authz.ReportSign)
	if err != nil {
		return err
	}
	if r.Case.Due != 0 && r.Case.Due < tx.Today() {
		return fault.New(fault.Conflict, "resident.too-late", "期限已过，不能再延期。")
	}
	book, err := s.Books.ByDigest(ctx, tx, r.Book)
	if err != nil {
		return err
	}
	due, _ := s.calendar().Due(r.Case.Due, book.Extend)
	if r.AnsweredOn == 0 {
		r.Due = due
	}
	return s.move(ctx, tx, who, r, t, casework.Way{Act: ActExtend, Due: due}, "resident.extended")
}
