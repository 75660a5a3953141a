package job

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"juli/internal/db"
	"juli/internal/fault"
)

const (
	attemptsUsual = 10
	argsMax       = 64 << 10
	listMax       = 200
	purgeMax      = 1000
)

// A State is where a job stands.
type State string

// The states. Done, Failed and Cancelled are final.
const (
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

var stateNames = map[State]string{
	Queued: "等待处理", Running: "正在处理", Done: "已完成", Failed: "未成功", Cancelled: "已取消",
}

// String is the state's Chinese name.
func (s State) String() string { return stateNames[s] }

// Final tells that nothing will happen to the job any more.
func (s State) Final() bool { return s == Done || s == Failed || s == Cancelled }

// Opts say more about a job. The zero value is right for most.
type Opts struct {
	At       time.Time // not before; zero: at once
	Key      string    // while a job of the same kind and key is queued or running, it stands for the new one
	Attempts int       // runs before it has failed; zero: 10
	Owner    db.ID     // the account that started it and may watch and cancel it
	Total    int64     // steps, where known already
}

// An Info is a job as its owner may see it.
type Info struct {
	ID      db.ID
	Kind    string
	Owner   db.ID
	State   State
	Attempt int
	Done    int64 // steps
	Total   int64 // 0: unknown
	Note    string
	Result  json.RawMessage // what the handler left, or empty
	Rule    string          // why it failed, or why it has to be tried again
	Problem string          // the same, for people
	Due     time.Time       // queued: when it is tried; running: how long its lease lasts
	Created time.Time
	Started time.Time
	Ended   time.Time
	Cancel  bool // somebody asked for its end
}

// Percent is how far the job is, 0 to 100.
func (i Info) Percent() int {
	switch {
	case i.State == Done:
		return 100
	case i.Total <= 0:
		return 0
	}
	return int(min(max(i.Done, 0), i.Total) * 100 / i.Total)
}

// Enqueue adds a job in the transaction of the act that wants it. args are
// stored as JSON and name things by id. Under Opts.Key it returns the job that
// is already there.
func Enqueue(ctx context.Context, tx *db.Tx, kind string, args any, o Opts) (db.ID, error) {
	text, err := json.Marshal(args)
	if err != nil {
		return 0, fmt.Errorf("job arguments: %w", err)
	}
	if len(text) > argsMax {
		return 0, fault.New(fault.Internal, "job.args", "后台任务的参数过长。")
	}
	if o.Attempts <= 0 {
		o.Attempts = attemptsUsual
	}
	due := tx.Real
	if o.At.After(due) {
		due = o.At
	}
	id := tx.NewID()
	for {
		n, err := tx.Exec(ctx, `
			INSERT INTO job (id, kind, key, args, owner, state, due_ms, holder, attempt, attempts, cancel,
				steps_done, steps_total, note, result, rule, problem, created_ms, started_ms, ended_ms)
			VALUES ($1, $2, $3, $4, $5, 'queued', $6, '', 0, $7, FALSE, 0, $8, '', '', '', '', $9, 0, 0)
			ON CONFLICT DO NOTHING`,
			id, kind, o.Key, string(text), int64(o.Owner), db.Millis(due), o.Attempts, o.Total, db.Millis(tx.Real))
		if err != nil || n == 1 {
			return id, err
		}
		live, found, err := db.One(ctx, tx, func(row db.Scanner) (id db.ID, err error) {
			return id, row.Scan(&id)
		}, `SELECT id FROM job WHERE kind = $1 AND key = $2 AND key <> '' AND state IN ('queued', 'running')`, kind, o.Key)
		if err != nil || found {
			return live, err
		}
		if o.Key == "" {
			return 0, fault.New(fault.Internal, "job.id", "任务编号重复。")
		} // it ended between the two statements: try again
	}
}

const infoCols = `id, kind, owner, state, attempt, steps_done, steps_total, note, result, rule, problem, due_ms, created_ms, started_ms, ended_ms, cancel`

func scanInfo(row db.Scanner) (i Info, err error) {
	var due, created, started, ended int64
	var result string
	err = row.Scan(&i.ID, &i.Kind, &i.Owner, (*string)(&i.State), &i.Attempt, &i.Done, &i.Total, &i.Note,
		&result, &i.Rule, &i.Problem, &due, &created, &started, &ended, &i.Cancel)
	i.Result = json.RawMessage(result)
	i.Due, i.Created = db.FromMillis(due), db.FromMillis(created)
	i.Started, i.Ended = db.FromMillis(started), db.FromMillis(ended)
	return i, err
}

// Status tells how a job stands. Permission is the caller's to ask: its Owner,
// or an administrator.
func Status(ctx context.Context, tx *db.Tx, id db.ID) (Info, error) {
	s, found, err := db.One(ctx, tx, scanInfo, `SELECT `+infoCols+` FROM job WHERE id = $1`, int64(id))
	if err == nil && !found {
		err = fault.New(fault.NotFound, "job.not-found", "没有找到这个任务，可能已过保存期限。")
	}
	return s, err
}

// Arguments are what a job was enqueued with. Permission is the caller's to ask.
func Arguments(ctx context.Context, tx *db.Tx, id db.ID) (json.RawMessage, error) {
	args, err := db.Value[string](ctx, tx, `SELECT args FROM job WHERE id = $1`, int64(id))
	return json.RawMessage(args), err
}

// List pages through the jobs of an owner (0: everybody's) in a state (empty:
// any), the newest first; before is the last id of the page above, or 0.
func List(ctx context.Context, tx *db.Tx, owner db.ID, state State, before db.ID, limit int) ([]Info, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return db.All(ctx, tx, scanInfo, `
		SELECT `+infoCols+` FROM job
		WHERE id < $1 AND (CAST($2 AS BIGINT) = 0 OR owner = $2) AND ($3 = '' OR state = $3)
		ORDER BY id DESC LIMIT $4`,
		int64(before), int64(owner), string(state), min(max(limit, 1), listMax))
}

// Cancel asks for a job's end: at once while it waits, as soon as its handler
// notices while it runs. A job that has ended is left as it is.
func Cancel(ctx context.Context, tx *db.Tx, id db.ID) error {
	n, err := tx.Exec(ctx, `
		UPDATE job SET cancel = TRUE,
			ended_ms = CASE WHEN state = 'queued' THEN $2 ELSE ended_ms END,
			state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END
		WHERE id = $1 AND state IN ('queued', 'running')`, int64(id), db.Millis(tx.Real))
	if err != nil || n == 1 {
		return err
	}
	_, err = Status(ctx, tx, id)
	return err
}

// Retry queues a failed or cancelled job once more, with all its attempts.
func Retry(ctx context.Context, tx *db.Tx, id db.ID) error {
	s, err := Status(ctx, tx, id)
	if err != nil {
		return err
	}
	if s.State != Failed && s.State != Cancelled {
		return fault.New(fault.Conflict, "job.retry", "只有未成功或已取消的任务可以重新处理。")
	}
	err = tx.Try(ctx, func() error {
		_, err := tx.Exec(ctx, `
			UPDATE job SET state = 'queued', due_ms = $2, attempt = 0, cancel = FALSE, holder = '',
				steps_done = 0, note = '', rule = '', problem = '', ended_ms = 0
			WHERE id = $1 AND state IN ('failed', 'cancelled')`, int64(id), db.Millis(tx.Real))
		return err
	})
	if db.IsUnique(err) {
		return fault.Wrap(err, fault.Conflict, "job.retry", "同一任务已在处理中。")
	}
	return err
}

// Purge deletes jobs that ended before an instant, at most a thousand at a time,
// and tells how many.
func Purge(ctx context.Context, tx *db.Tx, before time.Time) (int64, error) {
	return tx.Exec(ctx, `
		DELETE FROM job WHERE id IN (
			SELECT id FROM job WHERE ended_ms > 0 AND ended_ms < $1 ORDER BY ended_ms, id LIMIT $2)`,
		db.Millis(before), purgeMax)
}
