package credit

import (
	"context"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// RectifyIn confirms that the subject put things right on a day: by another person
// than who made the record, with words and a proof. A record that came from a case
// follows the case, whose re-check says so.
func (s *Records) RectifyIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, on day.Date, files []FileRef) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	if o.c.Rectified != 0 {
		return fault.New(fault.Conflict, "credit.rectified", "整改已于%s确认。", o.c.Rectified)
	}
	if err := s.mayRectify(ctx, tx, who, o, on, len(files)); err != nil {
		return err
	}
	if err := s.attach(ctx, tx, who, o, "rectify", files); err != nil {
		return err
	}
	if _, err := s.move(ctx, tx, who, o, t, casework.Way{Act: ActRectify}, "credit.rectified", func(c *Condition) {
		c.Rectified = on
		if c.Effective != 0 {
			c.Until = o.b.Until(o.f.record(o.b, *c))
		}
	}); err != nil {
		return err
	}
	if o.c.Until != 0 && o.c.Until < tx.Today() && o.c.State == RecordEffective {
		return s.expire(ctx, tx, o)
	}
	return nil
}

// mayRectify holds a confirmation to what the record already says of the days on
// which the fault stood.
func (s *Records) mayRectify(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, on day.Date, files int) error {
	if !authz.May(who, authz.CreditCheck, o.f.Place()) {
		return nil // refused for that by the procedure
	}
	no, owned, err := OwnerOf(ctx, tx, o.f.ID)
	if err != nil {
		return err
	}
	if owned {
		return fault.New(fault.Conflict, "credit.owned", "这条信息来自监管案件%s，整改由该案复查确认，不能在这里单独确认。", no)
	}
	if o.c.Identified == 0 {
		return fault.New(fault.Conflict, "credit.rectify-early", "这条信息还没有认定，认定后再确认整改。")
	}
	since, err := o.unmended(ctx, tx)
	if err != nil {
		return err
	}
	f := fault.New(fault.Invalid, "credit.rectify", "请补正标出的内容。")
	if on < since || on > tx.Today() {
		f = fault.New(fault.Invalid, "credit.rectify-day", "整改完成日期不正确。").With("on", "应不早于"+since.String()+"（记录表明当日问题仍在），且不晚于今天。")
	}
	m, known, err := casework.About(ctx, tx, MendMachine, o.f.Object())
	if err != nil {
		return err
	}
	shown := known && m.State == MendReported // by its subject, with files
	if files == 0 && !shown && who.SystemName() == "" {
		f.With("files", "请上传整改的佐证材料。")
	}
	return f.OrNil()
}

// unmended is the last day on which the record itself says that the fault stood:
// when it happened and when the paper on it was made; where the system found it, or
// where it counts as long as it stands, also when it was identified; where it came
// back, or was punished as overdue, from then on.
func (o *opened) unmended(ctx context.Context, tx *db.Tx) (day.Date, error) {
	on := o.f.Event
	if d := o.f.Document.Date; d <= tx.Today() {
		on = max(on, d)
	}
	if o.f.Source == "system" {
		on = max(on, o.f.Opened)
	}
	if it := o.item(); it != nil && it.Valid.Kind == ValidRectified {
		on = max(on, o.c.Identified)
	}
	c, err := casework.Find(ctx, tx, RecordMachine, o.f.ID)
	if err != nil {
		return 0, err
	}
	steps, err := casework.History(ctx, tx, c)
	for _, x := range steps {
		if x.Act == ActRelapse {
			on = max(on, day.FromTime(x.At))
		}
	}
	if err != nil || o.c.Due == 0 || on > o.c.Due {
		return on, err
	}
	late, err := o.punished(ctx, tx)
	if late {
		on = o.c.Due.AddDays(1)
	}
	return on, err
}

// punished says whether another record established that this one's fault was not
// mended in time.
func (o *opened) punished(ctx context.Context, tx *db.Tx) (bool, error) {
	items, err := db.All(ctx, tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) }, `
		SELECT r.item FROM credit_record r JOIN credit_current c ON c.record = r.id
		WHERE r.parent = $1 AND c.identified IS NOT NULL AND c.state NOT IN ('`+RecordUpheld+`', '`+RecordAnnulled+`') ORDER BY r.id LIMIT 100`, o.f.ID)
	for _, code := range items {
		if it := o.b.Item(o.b.ItemNo(code)); it != nil && it.Overdue {
			return true, err
		}
	}
	return false, err
}
