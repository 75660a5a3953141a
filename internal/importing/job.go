package importing

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/job"
	"juli/internal/sheet"
)

// JobKind is the kind of the jobs that import.
const JobKind = "import"

// A Request is a file that a job shall import: an upload and how to read it.
type Request struct {
	Kind    Kind          `json:"kind"`
	File    db.ID         `json:"file"` // of package blob
	Sheet   string        `json:"sheet,omitempty"`
	Mapping sheet.Mapping `json:"mapping,omitzero"`
	Dry     bool          `json:"dry,omitempty"`
	Reason  string        `json:"reason,omitempty"`
	Second  bool          `json:"second,omitempty"` // two factors were given when it was asked for
	Asked   db.ID         `json:"asked,omitzero"`   // the run in which another person agreed
}

// Enqueue is EnqueueIn in a transaction of its own.
func (s *Service) Enqueue(ctx context.Context, who authz.Actor, r Request) (id db.ID, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		id, err = s.EnqueueIn(ctx, tx, who, r)
		return err
	})
	return id, err
}

// EnqueueIn queues a file. One that cannot be read at all is refused at once.
func (s *Service) EnqueueIn(ctx context.Context, tx *db.Tx, who authz.Actor, r Request) (db.ID, error) {
	return s.enqueue(ctx, tx, who, r, "")
}

// enqueue is EnqueueIn under a job's key.
func (s *Service) enqueue(ctx context.Context, tx *db.Tx, who authz.Actor, r Request, key string) (db.ID, error) {
	if err := authz.RequireAny(who, r.Kind.Act()); err != nil {
		return 0, err
	}
	f, done, err := s.fileOf(ctx, tx, r)
	if err != nil {
		return 0, err
	}
	defer done()
	if _, err := s.open(ctx, f); err != nil {
		return 0, err
	}
	r.Second, r.Asked = who.Second, 0 // nobody has agreed to this one
	id, err := job.Enqueue(ctx, tx, JobKind, r, job.Opts{Key: key, Owner: who.Account, Attempts: 3})
	if err != nil {
		return 0, err
	}
	return id, audit.Append(ctx, tx, who, "import.asked", "job:"+id.String(), audit.Change{Act: r.Kind.Act(), Detail: map[string]any{"kind": r.Kind, "file": r.File, "dry": r.Dry}})
}

// Handle does one job: it checks the file beside everybody else's work, and if
// nothing is wrong stores it in the transaction in which the job ends.
func (s *Service) Handle(ctx context.Context, j *job.Job) error {
	var r Request
	if err := j.Args(&r); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*timeMax)
	defer cancel()
	var who authz.Actor
	var f File
	var done func()
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if who, err = s.Actor(ctx, tx, j.Owner); err != nil {
			return err
		}
		who.Second = r.Second
		f, done, err = s.fileOf(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	defer done()
	show := func(rows int64) { _ = j.Progress(ctx, rows, 0, fmt.Sprintf("已核对 %d 行", rows)) } // a cancelled job ends ctx
	out, err := s.Check(ctx, who, f, show)
	if err != nil {
		return err
	}
	if r.Dry || out.Report.Total > 0 {
		return j.Write(ctx, func(tx *db.Tx) error { return j.Done(ctx, tx, out) })
	}
	if wantsSecond(who, r) {
		return j.Write(ctx, func(tx *db.Tx) error {
			if out.New > 0 {
				if err := ask(ctx, tx, who, j.ID, fmt.Sprintf("历史信用信息 %d 条", out.New)); err != nil {
					return err
				}
			}
			return j.Done(ctx, tx, out)
		})
	}
	if err := j.Progress(ctx, out.Rows, 2*out.Rows, fmt.Sprintf("核对无误，正在写入 %d 行", out.Rows)); err != nil {
		return err
	}
	return j.Write(ctx, func(tx *db.Tx) error {
		out, err := s.ImportIn(ctx, tx, who, f, nil)
		if err != nil {
			return err
		}
		if !out.Committed { // the city changed between the two passes; the next run reports
			return fault.New(fault.Unavailable, "importing.changed", "核对之后登记信息有变化，正在重新核对。")
		}
		return j.Done(ctx, tx, out)
	})
}

// fileOf opens an upload; done closes it.
func (s *Service) fileOf(ctx context.Context, tx *db.Tx, r Request) (f File, done func(), err error) {
	content, kept, err := s.Files.Open(ctx, tx, r.File)
	if err != nil {
		return File{}, nil, err
	}
	at, ok := content.(io.ReaderAt)
	if !ok {
		_ = content.Close()
		return File{}, nil, fmt.Errorf("upload %s cannot be read from the middle", r.File)
	}
	f = File{Kind: r.Kind, Content: at, Size: kept.Size, Sheet: r.Sheet, Mapping: r.Mapping, Reason: r.Reason}
	return f, func() { _ = content.Close() }, nil
}

// A Run is an import as its owner sees it.
type Run struct {
	job.Info
	Request Request
	Outcome Outcome // once the job is done
	Second  Second  // where another person has to agree
}

// Run shows a job to the account that started it, and to who may agree to it; to
// others it doesn't exist.
func (s *Service) Run(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Run, error) {
	missing := fault.New(fault.NotFound, "importing.not-found", "没有找到这次导入。")
	info, err := job.Status(ctx, tx, id)
	if err == nil && (info.Kind != JobKind || who.Account == 0) {
		err = missing
	}
	if err != nil {
		return Run{}, err
	}
	run := Run{Info: info}
	args, err := job.Arguments(ctx, tx, id)
	if err != nil {
		return Run{}, err
	}
	if err := json.Unmarshal(args, &run.Request); err != nil {
		return Run{}, fmt.Errorf("import %s: %w", id, err)
	}
	second, asked, err := secondOf(ctx, tx, who, cmp.Or(run.Request.Asked, id))
	switch {
	case err != nil:
		return Run{}, err
	case info.Owner != who.Account && !asked:
		return Run{}, missing
	}
	run.Second = second
	if len(info.Result) > 0 {
		if err := json.Unmarshal(info.Result, &run.Outcome); err != nil {
			return Run{}, fmt.Errorf("import %s: %w", id, err)
		}
	}
	return run, nil
}

// Annotated writes the file of a finished run again with a column 问题.
func (s *Service) Annotated(ctx context.Context, w io.Writer, who authz.Actor, id db.ID) error {
	var run Run
	var f File
	var done func()
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if run, err = s.Run(ctx, tx, who, id); err != nil {
			return err
		}
		if run.State != job.Done {
			return fault.New(fault.Conflict, "importing.running", "导入还没有结束。")
		}
		f, done, err = s.fileOf(ctx, tx, run.Request)
		return err
	})
	if err != nil {
		return err
	}
	defer done()
	return s.Annotate(ctx, w, f, run.Outcome)
}

// Annotate writes a file again with what an outcome says of each row.
func (s *Service) Annotate(ctx context.Context, w io.Writer, f File, out Outcome) error {
	file, err := s.open(ctx, f)
	if err != nil {
		return err
	}
	byRow := map[int][]sheet.Problem{}
	for _, p := range out.Report.Problems {
		byRow[p.Row] = append(byRow[p.Row], p)
	}
	return file.Annotate(ctx, w, out.Mapping, func(row int) []sheet.Problem { return byRow[row] })
}
