package credit

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/job"
)

// EvaluateJob is the kind of job that evaluates the city beside the request.
const EvaluateJob = "credit-evaluate"

// evaluateMax bounds one run: a million rows take seconds.
const evaluateMax = 10 * time.Minute

// attemptsMax is how often a run is tried before its asker is told that it failed.
const attemptsMax = 5

// An order is what an evaluation job was asked for.
type order struct {
	Book     string   `json:"book"` // digest
	Purpose  string   `json:"purpose"`
	AsOf     day.Date `json:"as_of"`
	Known    day.Date `json:"known"`
	Period   Period   `json:"period"`
	Corrects db.ID    `json:"corrects"`
	Why      string   `json:"why"`
	Second   bool     `json:"second"` // the asker had signed in with both factors
}

// EnqueueIn asks for an evaluation that a job runs: everybody goes on writing
// while it computes. While one of the same purpose, period and day is under way
// there is no second: its job is the answer.
func (s *Evaluations) EnqueueIn(ctx context.Context, tx *db.Tx, who authz.Actor, q Request) (db.ID, error) {
	if err := authz.Require(who, authz.CreditEvaluate, s.place()); err != nil {
		return 0, err
	}
	q, err := settleRequest(q, tx.Today())
	if err != nil {
		return 0, err
	}
	if err := s.worthwhile(ctx, tx, q); err != nil {
		return 0, err
	}
	return s.enqueue(ctx, tx, who, q, fmt.Sprintf("%s %s %s", q.Purpose, q.Period.Name, q.AsOf))
}

// worthwhile refuses at once what could never be published, and a correction
// without its reason.
func (s *Evaluations) worthwhile(ctx context.Context, tx *db.Tx, q Request) error {
	switch q.Purpose {
	case ForCorrection:
		if strings.TrimSpace(q.Why) == "" {
			return fault.New(fault.Invalid, "credit.correction-why", "更正须写明原因。").With("why", "请写明更正的原因。")
		}
	case ForCycle:
		cycles, err := s.Cycles(ctx, tx)
		if err != nil {
			return err
		}
		for _, p := range cycles {
			if p.Period == q.Period.Name {
				return fault.New(fault.Invalid, "credit.published", "%s 的结果已经公布。", p.Period).With("purpose", p.Period+" 的结果已经公布（"+p.Number+"），不能再运行本期评价；有变动的请选“更正”。")
			}
		}
	}
	return nil
}

func (s *Evaluations) enqueue(ctx context.Context, tx *db.Tx, who authz.Actor, q Request, key string) (db.ID, error) {
	id, err := job.Enqueue(ctx, tx, EvaluateJob,
		order{q.Book.Digest, q.Purpose, q.AsOf, q.Known, q.Period, q.Corrects, q.Why, who.Second},
		job.Opts{Owner: who.Account, Attempts: attemptsMax, Key: key})
	if err != nil {
		return 0, err
	}
	return id, audit.Append(ctx, tx, who, "credit.evaluation-asked", "job:"+id.String(), audit.Change{
		Act: authz.CreditEvaluate, At: s.place(),
		Detail: map[string]any{"purpose": q.Purpose, "period": q.Period.Name, "as_of": q.AsOf, "book": q.Book.Digest},
	})
}

// Handle runs one evaluation job: it computes over a snapshot of the database,
// and stores the result in the transaction in which the job ends. The result is
// of the snapshot's instant, which its records and digest show; what is recorded
// meanwhile counts in the next run, and what is annulled before publication
// stops that ([refuseStale]). Only a correction that follows from an annulment
// must have seen all of them.
func (s *Evaluations) Handle(ctx context.Context, j *job.Job) error {
	var o order
	if err := j.Args(&o); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, evaluateMax)
	defer cancel()
	follows := j.Owner == 0 // nobody asked: an annulment did
	who := corrector
	var c *computed
	var aside int64
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if !follows {
			if who, err = s.Actor(ctx, tx, j.Owner); err != nil {
				return err
			}
			who.Second = o.Second
		}
		if err = authz.Require(who, authz.CreditEvaluate, s.place()); err != nil {
			return err
		}
		if aside, err = setAside(ctx, tx); err != nil {
			return err
		}
		q := Request{Purpose: o.Purpose, AsOf: o.AsOf, Known: o.Known, Period: o.Period, Corrects: o.Corrects, Why: o.Why}
		if q.Book, err = s.Books.ByDigest(ctx, tx, o.Book); err != nil {
			return err
		}
		if follows {
			q.Known = tx.Today()
		}
		c, err = s.computeTold(ctx, tx, q, func(done, total int64) error { return j.Progress(ctx, done, total, "正在逐家计算") })
		return err
	})
	if err != nil {
		return err
	}
	return j.Write(ctx, func(tx *db.Tx) error {
		if now, err := setAside(ctx, tx); err != nil {
			return err
		} else if follows && now != aside {
			return fault.New(fault.Unavailable, "credit.changed", "计算期间又有信用信息被撤销，正在重新计算。")
		}
		if err := s.keep(ctx, tx, who, c); err != nil {
			return err
		}
		if follows {
			if err := s.replaceWaiting(ctx, tx, c.Evaluation); err != nil {
				return err
			}
		}
		return j.Done(ctx, tx, c.ID)
	})
}

// A Run is an evaluation job as officials see it.
type Run struct {
	job.Info
	Purpose    string
	Period     string
	AsOf       day.Date
	Evaluation db.ID // once done
}

// RunOf tells how an evaluation job stands.
func (s *Evaluations) RunOf(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Run, error) {
	if err := authz.Require(who, authz.CreditEvaluate, s.place()); err != nil {
		return Run{}, err
	}
	info, err := job.Status(ctx, tx, id)
	if err == nil && info.Kind != EvaluateJob {
		err = fault.New(fault.NotFound, "credit.no-run", "没有找到这次评价。")
	}
	if err != nil {
		return Run{}, err
	}
	args, err := job.Arguments(ctx, tx, id)
	if err != nil {
		return Run{}, err
	}
	var o order
	if err := json.Unmarshal(args, &o); err != nil {
		return Run{}, fmt.Errorf("evaluation job %s: %w", id, err)
	}
	r := Run{Info: info, Purpose: o.Purpose, Period: o.Period.Name, AsOf: o.AsOf}
	if len(info.Result) > 0 {
		err = json.Unmarshal(info.Result, &r.Evaluation)
	}
	return r, err
}

// CancelRun ends an evaluation job; whoever may run one may end one.
func (s *Evaluations) CancelRun(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) error {
	if _, err := s.RunOf(ctx, tx, who, id); err != nil {
		return err
	}
	if err := job.Cancel(ctx, tx, id); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "credit.evaluation-cancelled", "job:"+id.String(), audit.Change{Act: authz.CreditEvaluate, At: s.place()})
}

// telling adds results and tells how far the city is.
func (c *collector) telling(total int64, tell func(done, total int64) error) func(*Result) error {
	done := int64(0)
	return func(r *Result) error {
		if err := c.add(r); err != nil {
			return err
		}
		done++
		return tell(done, total)
	}
}
