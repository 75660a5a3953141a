package deed

import (
	"context"
	"fmt"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/seal"
)

// A Service keeps the ledger.
type Service struct {
	DB       *db.DB
	Keys     *seal.Keys
	Calendar *day.Calendar // nil: the library's
	Books    *Books
}

// A Take is an act on a deed that the actor saw at a version.
type Take struct {
	Deed    db.ID
	Version int64
	Note    string
}

// A FileRef is a kept upload and the moment that it shows.
type FileRef struct {
	ID     db.ID
	Moment string
}

// PlanIn promises a measure with its days and milestones.
func (s *Service) PlanIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, p Plan) error {
	for i := range p.Milestones {
		p.Milestones[i].Seq = int64(i + 1)
	}
	return s.act(ctx, tx, who, t, authz.DeedWork, func(d *Deed, _ *Book) (casework.Way, string, error) {
		if err := p.Check(tx.Today()); err != nil {
			return casework.Way{}, "", err
		}
		if d.Deadline != 0 && p.Deadline > d.Deadline {
			return casework.Way{}, "", fault.New(fault.Invalid, "deed.later", "请修改标出的内容。").With("deadline", "恢复办理时确定的完成期限是 "+d.Deadline.String()+"，不能再晚。")
		}
		if d.First == 0 {
			d.First = p.Deadline
		}
		d.Promise, d.Starts, d.Deadline, d.Responsible = strings.TrimSpace(p.Promise), p.Starts, p.Deadline, who.Account
		return casework.Way{Act: ActPlan, Holder: &d.Lead, Due: max(p.Starts, tx.Today())}, "deed.planned", savePlan(ctx, tx, d.ID, t.Version, p.Milestones)
	})
}

// BeginIn begins the work; from now on every month wants its report.
func (s *Service) BeginIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	return s.act(ctx, tx, who, t, authz.DeedWork, func(d *Deed, b *Book) (casework.Way, string, error) {
		return casework.Way{Act: ActBegin, Holder: &d.Lead, Due: b.Waits(tx.Today(), d.Deadline, false)}, "deed.begun", nil
	})
}

// A Report is what was done this month.
type Report struct {
	Percent int64
	Text    string
	Reached []int64 // milestones
}

// ReportIn reports the month's progress.
func (s *Service) ReportIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, r Report) error {
	return s.act(ctx, tx, who, t, authz.DeedWork, func(d *Deed, b *Book) (casework.Way, string, error) {
		refused := fault.New(fault.Invalid, "deed.report", "请修改标出的内容。")
		bounded(refused, "text", r.Text, textMax, true)
		if r.Percent < d.Percent || r.Percent > 99 {
			refused.With("percent", fmt.Sprintf("进度应在 %d%% 和 99%% 之间，全部完成请选“办结”。", d.Percent))
		}
		if err := refused.OrNil(); err != nil {
			return casework.Way{}, "", err
		}
		month := string(MonthOf(tx.Today()))
		if _, err := tx.Exec(ctx, `INSERT INTO deed_progress (deed, version, month, percent, text, account, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			d.ID, t.Version, month, r.Percent, strings.TrimSpace(r.Text), who.Account, db.Millis(tx.Now)); err != nil {
			return casework.Way{}, "", err
		}
		d.Percent, d.Reported = r.Percent, month
		return casework.Way{Act: ActReport, Due: b.Waits(tx.Today(), d.Deadline, true)}, "deed.reported", reach(ctx, tx, d.ID, r.Reached, tx.Today())
	})
}

// AddFilesIn adds pictures and papers while the deed is on its way.
func (s *Service) AddFilesIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, files []FileRef) error {
	return s.act(ctx, tx, who, t, authz.DeedWork, func(d *Deed, _ *Book) (casework.Way, string, error) {
		if len(files) == 0 {
			return casework.Way{}, "", fault.New(fault.Invalid, "deed.files", "请选择照片或材料。").With("files", "请选择照片或材料。")
		}
		return casework.Way{Act: ActFile}, "deed.file-added", keepFiles(ctx, tx, who, d.ID, files)
	})
}

func keepFiles(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, files []FileRef) error {
	var ids []db.ID
	for _, f := range files {
		ids = append(ids, f.ID)
	}
	known, err := blob.Files(ctx, tx, ids...)
	if err != nil {
		return err
	}
	have, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM deed_file WHERE deed = $1`, id)
	if err != nil {
		return err
	}
	if have+int64(len(files)) > filesMax {
		return fault.New(fault.Invalid, "deed.files", "一件实事最多 %d 个文件。", filesMax).With("files", fmt.Sprintf("一件实事最多 %d 个文件。", filesMax))
	}
	for _, f := range files {
		b, ok := known[f.ID]
		if !ok {
			return fault.New(fault.NotFound, "blob.not-found", "没有找到这个文件。")
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO deed_file (deed, file, moment, sha256, name, type, size, released, account, at) VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE, $8, $9)`,
			id, f.ID, f.Moment, b.SHA256, b.Name, b.Type, b.Size, who.Account, db.Millis(tx.Now)); err != nil {
			return err
		}
	}
	return nil
}

// SuspendIn asks to put a deed off, with the policy limit as reason.
func (s *Service) SuspendIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	return s.act(ctx, tx, who, t, authz.DeedWork, func(_ *Deed, b *Book) (casework.Way, string, error) {
		return casework.Way{Act: ActSuspend, Term: &b.Sign}, "deed.suspend-asked", nil
	})
}

// SignIn is a leader's decision about a suspension: another person than who asked.
func (s *Service) SignIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, agree bool) error {
	return s.act(ctx, tx, who, t, authz.DeedSign, func(d *Deed, b *Book) (casework.Way, string, error) {
		if agree {
			return casework.Way{Act: ActSign}, "deed.suspended", nil
		}
		way, err := wayBack(ctx, tx, d)
		return way, "deed.suspend-refused", err
	})
}

// wayBack is the way out of a refused suspension: to the state that the deed had, by
// the day by which it was due. Asking gains nothing.
func wayBack(ctx context.Context, tx *db.Tx, d *Deed) (casework.Way, error) {
	way := casework.Way{Act: ActUnsign, Holder: &d.Lead}
	c, err := casework.Find(ctx, tx, Machine, d.ID)
	if err != nil {
		return way, err
	}
	steps, err := casework.History(ctx, tx, c)
	for i, step := range steps {
		if step.Act == ActSuspend && i > 0 {
			way.Act, way.Due = unsigns[step.From], steps[i-1].Due
		}
	}
	return way, err
}

// ResumeIn takes a suspended deed up again; it is to be planned anew. What was promised
// once may then be promised until a day that the district names, and not later; the
// first promise stays to be seen.
func (s *Service) ResumeIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, until day.Date) error {
	return s.act(ctx, tx, who, t, authz.DeedAccept, func(d *Deed, b *Book) (casework.Way, string, error) {
		if d.Deadline != 0 {
			if until < tx.Today() {
				return casework.Way{}, "", fault.New(fault.Invalid, "deed.until", "请修改标出的内容。").With("until", "请填写今天或以后的日期。")
			}
			d.Deadline = until
		}
		return casework.Way{Act: ActResume, Holder: &d.Lead, Term: &b.Plan}, "deed.resumed", nil
	})
}

// act is one act on a deed: place from the tables, permission, rule, case, row,
// audit event. change judges and sets the row's new values; Same acts keep the
// state and the holder. The case judges version, state and persons; of a deed seen
// at an older version nothing is judged but that.
func (s *Service) act(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, may authz.Act, change func(*Deed, *Book) (casework.Way, string, error)) error {
	if err := tx.Lock(ctx, "case", t.Deed); err != nil {
		return err
	}
	d, err := byID(ctx, tx, t.Deed)
	if err != nil {
		return err
	}
	if err := authz.Require(who, may, d.place()); err != nil {
		return err
	}
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return err
	}
	old := d
	way, event, refused := change(&d, book)
	if way.Act == "" && refused != nil { // a rule says no; where the state says no, that comes first
		return refused
	}
	way.Note, way.Calendar = strings.TrimSpace(t.Note), s.Calendar
	c, err := casework.Do(ctx, tx, who, Machine, casework.Move{Case: d.ID, Version: t.Version, Way: way})
	if err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	d.State, d.Version = c.State, c.Version
	if err := update(ctx, tx, d); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, event, d.object(), audit.Change{Act: may, At: d.place(), Before: old, After: d, Detail: map[string]any{"number": d.Number, "state": d.State}})
}
