package credit

import (
	"context"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// keepMend keeps the duty to mend in step with its record.
func (s *Records) keepMend(ctx context.Context, tx *db.Tx, o *opened) error {
	if !o.bad() {
		return nil
	}
	m, known, err := casework.About(ctx, tx, MendMachine, o.f.Object())
	if err != nil {
		return err
	}
	w := casework.Way{Act: o.mendStep(m, known), Calendar: s.Calendar}
	switch w.Act {
	case "":
		return nil
	case mendOwe:
		return s.owe(ctx, tx, o)
	case mendAgain:
		w.Due = o.c.Due
	}
	_, err = casework.Do(ctx, tx, robot, MendMachine, casework.Move{Case: m.ID, Way: w})
	return err
}

// owe puts the duty on the desk of the record's subject, with the day of its notice.
func (s *Records) owe(ctx context.Context, tx *db.Tx, o *opened) error {
	if _, ok := casework.HolderAt(authz.Enterprise, o.f.Place()); !ok {
		return nil
	}
	_, err := casework.Open(ctx, tx, robot, MendMachine, casework.Opening{
		Object: o.f.Object(), Title: o.title(), Place: o.f.Place(), Way: casework.Way{Act: mendOwe, Due: o.c.Due, Calendar: s.Calendar},
	})
	return err
}

func (o *opened) title() string {
	if it := o.item(); it != nil {
		return it.Title
	}
	return o.f.Item
}

// ReportMendIn is the subject's word that what the record was made for is mended,
// with proof; the district looks at it and confirms it (RectifyIn) or returns it.
func (s *Records) ReportMendIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, p Plain) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	if err := authz.Require(who, authz.CreditAnswer, o.f.Place()); err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	if len(p.Files) == 0 && who.SystemName() == "" {
		return fault.New(fault.Invalid, "credit.mend-proof", "请上传整改后的照片或材料。").With("files", "请上传整改后的照片或材料。")
	}
	if !o.reportable() {
		return fault.New(fault.Conflict, "credit.mend-none", "这条信息现在不需要报告整改。")
	}
	m, known, err := s.mending(ctx, tx, o, t.Version)
	if err != nil {
		return err
	}
	w := casework.Way{Act: ActReportMend, Note: strings.TrimSpace(p.Text), Calendar: s.Calendar}
	if known {
		_, err = casework.Do(ctx, tx, who, MendMachine, casework.Move{Case: m.ID, Version: m.Version, Way: w})
	} else { // it was given no day, or stood there before duties were kept
		_, err = casework.Open(ctx, tx, who, MendMachine, casework.Opening{Object: o.f.Object(), Title: o.title(), Place: o.f.Place(), Way: w})
	}
	if err != nil {
		return err
	}
	if err := s.attach(ctx, tx, who, o, "rectify", p.Files); err != nil {
		return err
	}
	return s.mended(ctx, tx, who, o, "credit.mend-reported", authz.CreditAnswer)
}

// ReturnMendIn says that what was reported is not mended yet, and why; the subject
// reports again.
func (s *Records) ReturnMendIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	if err := authz.Require(who, authz.CreditCheck, o.f.Place()); err != nil {
		return err
	}
	m, known, err := s.mending(ctx, tx, o, t.Version)
	if err != nil {
		return err
	}
	if !known {
		return fault.New(fault.Conflict, "credit.mend-none", "这条信息没有待确认的整改报告。")
	}
	due := max(o.c.Due, s.dueAgain(tx.Today()))
	w := casework.Way{Act: ActReturnMend, Note: t.Note, Due: due, Calendar: s.Calendar}
	if _, err := casework.Do(ctx, tx, who, MendMachine, casework.Move{Case: m.ID, Version: m.Version, Way: w}); err != nil {
		return err
	}
	return s.mended(ctx, tx, who, o, "credit.mend-returned", authz.CreditCheck)
}

// dueAgain is by when a returned report is expected anew.
func (s *Records) dueAgain(today day.Date) day.Date {
	due, _ := s.calendar().Due(today, mendCheck)
	return due
}

// mending is the duty of a record, for an act decided on a version of the record.
func (s *Records) mending(ctx context.Context, tx *db.Tx, o *opened, version int64) (casework.Case, bool, error) {
	c, err := casework.Find(ctx, tx, RecordMachine, o.f.ID)
	if err != nil {
		return c, false, err
	}
	if err := casework.Current(c, version); err != nil {
		return c, false, err
	}
	return casework.About(ctx, tx, MendMachine, o.f.Object())
}

func (s *Records) mended(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, event string, act authz.Act) error {
	return audit.Append(ctx, tx, who, event, o.f.Object(), audit.Change{
		Act: act, At: o.f.Place(), Detail: map[string]any{"item": o.f.Item, "enterprise": o.f.Enterprise, "project": o.f.Project},
	})
}

// mendFor reads the duty for the record's page, and adds what the actor may do with
// it to what is allowed.
func (s *Records) mendFor(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, d *Dossier) error {
	m, known, err := casework.About(ctx, tx, MendMachine, o.f.Object())
	if err != nil {
		return err
	}
	if known {
		d.Mend = m
		if d.MendSteps, err = casework.History(ctx, tx, m); err != nil {
			return err
		}
	}
	place := o.f.Place()
	if o.reportable() && (!known || m.State == MendOwed) && authz.May(who, authz.CreditAnswer, place) {
		a, _ := MendMachine.Act(ActReportMend)
		d.Allowed = append(d.Allowed, a)
	}
	if known && m.State == MendReported && authz.May(who, authz.CreditCheck, place) {
		a, _ := MendMachine.Act(ActReturnMend)
		d.Allowed = append(d.Allowed, a)
	}
	return nil
}

// oweBatch is how many records one transaction looks through.
const oweBatch = 500

// OweMissing puts on the desks what records ask to be mended that got no duty when
// they were noticed: those taken over from a file, or older than the duties.
func (s *Records) OweMissing(ctx context.Context) error {
	for after, n := db.ID(0), oweBatch; n == oweBatch; {
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			ids, err := unmended(ctx, tx, after, oweBatch)
			if n = len(ids); err != nil || n == 0 {
				return err
			}
			after = ids[n-1]
			return s.oweAll(ctx, tx, ids)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Records) oweAll(ctx context.Context, tx *db.Tx, ids []db.ID) error {
	known, err := casework.AboutAny(ctx, tx, MendMachine, objects(ids))
	if err != nil {
		return err
	}
	for _, id := range ids {
		if known[ObjectOf(id)] {
			continue
		}
		o, err := s.open(ctx, tx, robot, id)
		if err != nil {
			return err
		}
		if !o.owed() {
			continue
		}
		if err := s.owe(ctx, tx, o); err != nil {
			return err
		}
	}
	return nil
}

func objects(ids []db.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = ObjectOf(id)
	}
	return out
}
