package supervision

import (
	"context"
	"slices"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
)

const deadlineMax = 180 // days that an order may grant

func (s *Cases) calendar() *day.Calendar {
	if s.Calendar == nil {
		return day.DefaultCalendar()
	}
	return s.Calendar
}

// OrderIn orders the enterprise to mend the fault by a day, in writing, no later
// than the rulebook says: more time takes a reason and a second person.
func (s *Cases) OrderIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, x Order) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	if x.Deadline == 0 {
		x.Deadline = o.rectifyBy(s.calendar(), tx.Today())
	}
	f := fault.New(fault.Invalid, "supervision.order", "请补正标出的内容。")
	switch usual := o.rectifyBy(s.calendar(), tx.Today()); {
	case x.Deadline <= tx.Today():
		f.With("deadline", "整改期限最早是明天。")
	case x.Deadline > usual:
		f.With("deadline", "规则规定的期限到"+usual.Chinese()+"。更长的期限请选“提出较长的整改期限”，写明理由，由另一人决定。")
	}
	if titleOf(Classes, x.Class) == "" {
		f.With("class", "请选择整改方式。")
	}
	if err := f.OrNil(); err != nil {
		return err
	}
	return s.order(ctx, tx, who, o, t, ActOrder, x)
}

// order takes one of the acts that order.
func (s *Cases) order(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, t Take, act string, x Order) error {
	number, err := notify.NextNumber(ctx, tx, o.book.Series, tx.Today().Year())
	if err != nil {
		return err
	}
	err = s.move(ctx, tx, who, o, t, casework.Way{Act: act, Due: x.Deadline}, "supervision.ordered", func(c *Case) {
		c.OrderNo, c.OrderedOn, c.Deadline, c.Class, c.Wished = number, tx.Today(), x.Deadline, x.Class, 0
	})
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, who, o, "supervision.order", "责令限期整改通知书", "请于"+x.Deadline.Chinese()+"前完成整改，并上传整改前后的照片。", number)
}

// rectifyBy is the last day by the violation's own term, else the book's.
func (o *opened) rectifyBy(cal *day.Calendar, from day.Date) day.Date {
	term := o.book.Terms.Rectify
	if v, ok := o.book.Violation(o.Violation); ok && v.Rectify.N > 0 {
		term = v.Rectify
	}
	due, _ := cal.Due(from, term)
	return due
}

// ReplyIn is the enterprise's word to what was found, until its term is over.
func (s *Cases) ReplyIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	if o.Verified != 0 && !mayPlead(&o.Case, tx.Today()) {
		return fault.New(fault.Conflict, "supervision.late-plea", "陈述申辩的期限到%s（含当日），已经届满。对信用扣分有不同意见，可以在“信用信息”中提出异议。", o.ReplyDue.Chinese())
	}
	if err := addFiles(ctx, tx, who, o.ID, "reply", t.Spot, t.Files); err != nil {
		return err
	}
	if err := s.move(ctx, tx, who, o, t, casework.Way{Act: ActReply}, "supervision.replied", func(c *Case) { c.Replied = tx.Today() }); err != nil {
		return err
	}
	return endPlea(ctx, tx, who, o, pleaSay)
}

// AskIn asks for time until a day, once, before the deadline.
func (s *Cases) AskIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	if tx.Today() > o.Deadline {
		return fault.New(fault.Conflict, "supervision.late-ask", "延期须在整改期限届满前申请，期限是%s。", o.Deadline)
	}
	if err := s.extendable(o, t.Until); err != nil && o.State == Ordered {
		return err
	}
	way := casework.Way{Act: ActAsk, Holder: new(o.orderer()), Due: o.Deadline}
	return s.move(ctx, tx, who, o, t, way, "supervision.extension-asked", func(c *Case) { c.AskedUntil = t.Until })
}

// longest is the last day to which the rulebook lets a deadline be extended.
func (s *Cases) longest(o *opened) day.Date {
	due, _ := s.calendar().Due(o.Deadline, o.book.Terms.Extension)
	return due
}

// extendable judges the day to which a deadline is to be extended.
func (s *Cases) extendable(o *opened, until day.Date) error {
	if most := s.longest(o); until <= o.Deadline || until > most {
		text := "请填写" + o.Deadline.AddDays(1).String() + "至" + most.String() + "之间的日期。"
		return fault.New(fault.Invalid, "supervision.extension", "延期应在原期限之后，且不超过规则规定的最迟日期。").With("until", text)
	}
	return nil
}

// GrantIn gives the enterprise the time that it asked for, or as much of what the
// rulebook allows as the official names.
func (s *Cases) GrantIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	due := t.Until
	if due == 0 {
		due = o.AskedUntil
	}
	if due == 0 { // asked before a day had to be named
		due = s.longest(o)
	}
	if err := s.extendable(o, due); err != nil && o.State == Asking {
		return err
	}
	err = s.move(ctx, tx, who, o, t, casework.Way{Act: ActGrant, Due: due}, "supervision.extended", func(c *Case) { c.Extended, c.Deadline = true, due })
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, who, o, "supervision.extended", "同意延期", "整改期限延至"+due.Chinese()+"。", "")
}

// DenyIn leaves the deadline as it was.
func (s *Cases) DenyIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	return s.move(ctx, tx, who, o, t, casework.Way{Act: ActDeny, Due: o.Deadline}, "supervision.extension-denied", nil)
}

// ReportIn says that the fault is mended, with photos of after. What is reported
// after the deadline is late, whether or not the clock was there first.
func (s *Cases) ReportIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	if len(t.Files) == 0 && who.SystemName() == "" {
		return fault.New(fault.Invalid, "supervision.no-proof", "请上传整改后的照片。").With("files", "请上传整改后的照片。")
	}
	if slices.Contains([]string{Ordered, Asking}, o.State) && tx.Today() > o.Deadline {
		if err := s.lapse(ctx, tx, o, t.Version); err != nil {
			return err
		}
		if t.Version != 0 {
			t.Version++
		}
	}
	if err := addFiles(ctx, tx, who, o.ID, "after", t.Spot, t.Files); err != nil {
		return err
	}
	checker, ok := casework.HolderAt(o.book.Recheck, o.Place())
	if !ok {
		checker = o.orderer()
	}
	return s.move(ctx, tx, who, o, t, casework.Way{Act: ActReport, Holder: &checker, Term: &o.book.Terms.Recheck}, "supervision.reported", nil)
}

// PassIn says, by another person than who ordered, that the fault is gone. The
// residents may contradict for a while.
func (s *Cases) PassIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	if err := addFiles(ctx, tx, who, o.ID, "recheck", t.Spot, t.Files); err != nil {
		return err
	}
	caller, ok := casework.HolderAt(o.book.Recheck, o.Place()) // asks the residents
	if !ok {
		caller = o.orderer()
	}
	return s.move(ctx, tx, who, o, t, casework.Way{Act: ActPass, Holder: &caller, Term: &o.book.Terms.Settle}, "supervision.passed", func(c *Case) { c.Fixed = FixedRechecked })
}

// FailIn sends the enterprise back to work. A report that was not true stops no
// clock: the time that it has anew isn't shorter than what was ordered, and once
// that is over the case is late.
func (s *Cases) FailIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	if err := addFiles(ctx, tx, who, o.ID, "recheck", t.Spot, t.Files); err != nil {
		return err
	}
	ordered, err := orderedBy(ctx, tx, o)
	if err != nil {
		return err
	}
	due, _ := s.calendar().Due(tx.Today(), o.book.Terms.Again)
	due = max(due, ordered)
	err = s.move(ctx, tx, who, o, t, casework.Way{Act: ActFail, Due: due}, "supervision.failed", func(c *Case) {
		c.Deadline, c.Late = due, c.Late || tx.Today() > ordered
	})
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, who, o, "supervision.failed", "复查不合格", "请于"+due.Chinese()+"前重新整改。原因："+t.Note, "")
}

// orderedBy is the last day that was ordered, granted or given by opening again;
// what a failed re-check adds isn't one.
func orderedBy(ctx context.Context, tx *db.Tx, o *opened) (day.Date, error) {
	flow, err := casework.Find(ctx, tx, CaseMachine, o.ID)
	if err != nil {
		return 0, err
	}
	steps, err := casework.History(ctx, tx, flow)
	by := o.Deadline
	for _, x := range steps {
		if slices.Contains([]string{ActOrder, ActGrantLonger, ActGrant, ActReopen}, x.Act) {
			by = x.Due
		}
	}
	return by, err
}

// CallIn notes what an office heard from the residents. It closes nothing: only
// they themselves confirm, or their committee.
func (s *Cases) CallIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	return s.move(ctx, tx, who, o, t, casework.Way{Act: ActCall}, "supervision.called", nil)
}

// AgreeIn closes a case because the residents' committee says that it is solved.
func (s *Cases) AgreeIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	return s.end(ctx, tx, who, t, ActAgree, FixedConfirmed)
}

// SolvedIn is a resident's own word, in the report that the case came from, that
// the fault is gone. It closes a case that was found mended; before that it is
// one opinion among others.
func (s *Cases) SolvedIn(ctx context.Context, tx *db.Tx, id db.ID) error {
	if c, ok, err := caseByID(ctx, tx, id); err != nil || !ok || c.State != Passed {
		return err
	}
	return s.end(ctx, tx, robot, Take{ID: id, Note: "居民本人在诉求评价中确认已解决。"}, ActAgree, FixedConfirmed)
}

func (s *Cases) end(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, act, how string) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	err = s.move(ctx, tx, who, o, t, casework.Way{Act: act}, "supervision.closed", func(c *Case) { c.Fixed, c.ClosedOn = how, tx.Today() })
	if err != nil {
		return err
	}
	return s.rectified(ctx, tx, o, false)
}

// ReopenIn opens a case again whose fault is still there or came back, within the
// rulebook's term; the consequences that its closing had lifted count again.
func (s *Cases) ReopenIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	if slices.Contains([]string{Passed, Closed}, o.State) && !o.book.reopenable(&o.Case, tx.Today()) {
		return fault.New(fault.Conflict, "supervision.reopen", "结案已超过%s，请另行登记。", o.book.Terms.Reopen.Chinese())
	}
	due, _ := s.calendar().Due(tx.Today(), o.book.Terms.Again)
	err = s.move(ctx, tx, who, o, t, casework.Way{Act: ActReopen, Due: due}, "supervision.reopened", func(c *Case) {
		c.Fixed, c.ClosedOn, c.Deadline, c.Reopened = "", 0, due, c.Reopened+1
	})
	if err != nil {
		return err
	}
	if err := s.rectified(ctx, tx, o, true); err != nil {
		return err
	}
	return s.tell(ctx, tx, who, o, "supervision.reopened", "案件重新打开", "问题没有解决或再次发生，请于"+due.Chinese()+"前完成整改。", "")
}

// rectified tells credit that the orders of a case are fulfilled, or that they are
// not any more (back).
func (s *Cases) rectified(ctx context.Context, tx *db.Tx, o *opened, back bool) error {
	list, err := measuresOf(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.Record == 0 {
			continue
		}
		if err := s.Records.FollowIn(ctx, tx, m.Record, !back); err != nil {
			return err
		}
	}
	return nil
}
