package supervision

import (
	"context"
	"strings"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
)

// What one official alone must not decide about a case that was found true: a
// deadline beyond the rulebook's, handing it on, ending it unmended. One asks,
// another decides; both are persons of the body that orders.

func (s *Cases) ask(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, t Take, act, event string, change func(*Case)) error {
	return s.move(ctx, tx, who, o, t, casework.Way{Act: act, Holder: new(o.body()), Term: &o.book.Terms.Order}, event, change)
}

// AskLongerIn asks for a deadline beyond the rulebook's, with the reason.
func (s *Cases) AskLongerIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, x Order) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	f := fault.New(fault.Invalid, "supervision.order", "请补正标出的内容。")
	if usual := o.rectifyBy(s.calendar(), tx.Today()); x.Deadline <= usual {
		f.With("deadline", "规则规定的期限到"+usual.Chinese()+"；不超过这一天的，请直接责令整改。")
	}
	if x.Deadline > tx.Today().AddDays(deadlineMax) {
		f.With("deadline", "整改期限应在180天以内。")
	}
	if titleOf(Classes, x.Class) == "" {
		f.With("class", "请选择整改方式。")
	}
	if err := f.OrNil(); err != nil {
		return err
	}
	return s.ask(ctx, tx, who, o, t, ActLonger, "supervision.longer-asked", func(c *Case) { c.Class, c.Wished = x.Class, x.Deadline })
}

// GrantLongerIn orders by the longer deadline that another person asked for.
func (s *Cases) GrantLongerIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	if o.Wished != 0 && o.Wished <= tx.Today() {
		return fault.New(fault.Conflict, "supervision.longer-past", "提出的整改期限%s已过，请退回后重新责令。", o.Wished.Chinese())
	}
	return s.order(ctx, tx, who, o, t, ActGrantLonger, Order{Class: o.Class, Deadline: o.Wished})
}

// AskHandIn asks to hand a verified case to another authority.
func (s *Cases) AskHandIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, x Receiver) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	if err := x.check(false); err != nil {
		return err
	}
	return s.ask(ctx, tx, who, o, t, ActAskHand, "supervision.hand-asked", func(c *Case) { c.HandedTo = x.To })
}

// HandIn hands a case to another authority. What was found true is handed on by
// another person than who asked for it, and against the receiver's document.
func (s *Cases) HandIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, x Receiver) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	if x.To == "" {
		x.To = o.HandedTo
	}
	if err := x.check(o.Verified != 0); err != nil {
		return err
	}
	return s.move(ctx, tx, who, o, t, casework.Way{Act: ActHand}, "supervision.handed", func(c *Case) { c.HandedTo, c.HandedDocument = x.To, x.Document })
}

// check trims what was written and tells what is missing.
func (x *Receiver) check(taken bool) error {
	x.To, x.Document = strings.TrimSpace(x.To), strings.TrimSpace(x.Document)
	f := fault.New(fault.Invalid, "supervision.handing", "请补正标出的内容。")
	if n := len([]rune(x.To)); n == 0 || n > spotMax {
		f.With("to", "请写明移送给哪个部门，不超过200字。")
	}
	if n := len([]rune(x.Document)); taken && n == 0 || n > spotMax {
		f.With("document", "已查实的案件，请填写对方受理文书的文号，不超过200字。")
	}
	return f.OrNil()
}

// AskEndIn asks to end a case that cannot be mended any more.
func (s *Cases) AskEndIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	return s.ask(ctx, tx, who, o, t, ActAskEnd, "supervision.end-asked", nil)
}

// EndIn ends such a case, by another person; it is never shown as fixed.
func (s *Cases) EndIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	return s.move(ctx, tx, who, o, t, casework.Way{Act: ActEnd}, "supervision.ended", nil)
}

// KeepIn says no to what was asked, or takes it back: the case is ordered as usual.
func (s *Cases) KeepIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	return s.ask(ctx, tx, who, o, t, ActKeep, "supervision.kept", func(c *Case) { c.Wished, c.HandedTo = 0, "" })
}
