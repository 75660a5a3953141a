package importing

import (
	"context"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/job"
	"juli/internal/sheet"
)

// InspectIn shows what the heads of an upload say, before a job reads it.
func (s *Service) InspectIn(ctx context.Context, tx *db.Tx, who authz.Actor, r Request) (sheet.Inspection, error) {
	if err := authz.RequireAny(who, r.Kind.Act()); err != nil {
		return sheet.Inspection{}, err
	}
	f, done, err := s.fileOf(ctx, tx, r)
	if err != nil {
		return sheet.Inspection{}, err
	}
	defer done()
	return s.Inspect(ctx, who, f)
}

// Columns shows the owner of a run the heads of its file, and which of them the
// run took for which column.
func (s *Service) Columns(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Run, sheet.Inspection, error) {
	run, err := s.Run(ctx, tx, who, id)
	if err != nil {
		return Run{}, sheet.Inspection{}, err
	}
	in, err := s.InspectIn(ctx, tx, who, run.Request)
	if len(run.Request.Mapping.Columns) > 0 {
		in.Mapping.Columns = run.Request.Mapping.Columns
	}
	return run, in, err
}

// AgainIn queues the file of an earlier run of the same account once more, its
// columns read as they are given now.
func (s *Service) AgainIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, columns map[string]int, dry bool) (db.ID, error) {
	run, in, err := s.Columns(ctx, tx, who, id)
	if err != nil {
		return 0, err
	}
	r := run.Request
	r.Mapping, r.Dry = sheet.Mapping{Row: in.Row, Columns: columns}, dry
	if err := r.Kind.Schema().Fits(r.Mapping, s.limits()); err != nil {
		return 0, err
	}
	return s.EnqueueIn(ctx, tx, who, r)
}

// Clean says whether a run checked a file, wrote nothing of it, and found that all
// of it could be written: there is something to write, and nobody was asked yet.
func (r Run) Clean() bool {
	out := r.Outcome
	return r.State == job.Done && r.Request.Dry && out.Report.Total == 0 && !out.Stopped && out.New+out.Changed > 0
}

// TakeIn queues the file that an earlier run of the same account checked, now to
// be stored. While that is under way, asking again gives the same run.
func (s *Service) TakeIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (db.ID, error) {
	run, err := s.Run(ctx, tx, who, id)
	if err != nil {
		return 0, err
	}
	if !run.Clean() || run.Owner != who.Account {
		return 0, fault.New(fault.Conflict, "importing.not-clean", "这次检查没有通过，不能导入。请改正后重新上传。")
	}
	r := run.Request
	r.Dry = false
	return s.enqueue(ctx, tx, who, r, "checked:"+id.String())
}

func (s *Service) limits() sheet.Limits {
	if s.Limits == (sheet.Limits{}) {
		return sheet.Standard
	}
	return s.Limits
}
