package deed

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
)

// A Deed is one matter of the ledger.
type Deed struct {
	ID                                 db.ID
	Number, State                      string
	Title, Category, Source, SourceRef string
	Link                               string
	Division, District                 code.Division
	Project                            code.ProjectCode
	Detail                             string
	Programme                          db.ID
	Lead                               casework.Holder
	Helping, Leader                    string
	Responsible                        db.ID // account of who planned it
	Promise                            string
	Starts, Deadline                   day.Date
	Percent                            int64
	Reported                           string // the last month with a report
	Result                             string
	People                             int64
	How                                string
	Households                         int64
	Spent                              money.Fen
	DoneOn, ClosedOn                   day.Date
	Open, Imported                     bool
	Version                            int64
	CollectedOn                        day.Date
	First                              day.Date // the deadline that was promised first
}

// StateTitle is the state in Chinese.
func (d Deed) StateTitle() string { return Machine.StateTitle(d.State) }

// Solved says whether the deed is counted: done, called back and closed.
func (d Deed) Solved() bool { return d.State == Closed }

// Late says whether the promised end has passed; a deed that was resumed has one
// before it is planned anew, and one whose suspension nobody signed yet keeps its own.
func (d Deed) Late(today day.Date) bool {
	return slices.Contains(promised, d.State) && d.Deadline != 0 && d.Deadline < today
}

// promised are the states in which the promised end holds.
var promised = []string{Accepted, Scheduled, Doing, Suspending}

// lateIf is the condition of Late for the day in an argument.
func lateIf(today string) string {
	return `state IN ('` + strings.Join(promised, `', '`) + `') AND deadline <> '' AND deadline < ` + today
}

func (d Deed) place() authz.Place {
	return authz.Place{Division: d.Division, Project: string(d.Project)}
}

func (d Deed) object() string { return "deed:" + d.ID.String() }

const columns = `d.id, d.number, d.state, d.title, d.category, d.source, d.source_ref, COALESCE(d.link, ''), d.division, d.district, d.project, d.detail,
	d.programme, d.lead, d.helping, d.leader, d.responsible, d.promise, d.starts, d.deadline, d.percent, d.reported, d.result, d.people, d.counted_how,
	d.households, d.spent, d.done_on, d.closed_on, d.is_open, d.imported, d.version, d.collected_on, d.first_deadline`

func scanDeed(row db.Scanner) (d Deed, err error) {
	var lead, starts, deadline, done, closed, first string
	err = row.Scan(&d.ID, &d.Number, &d.State, &d.Title, &d.Category, &d.Source, &d.SourceRef, &d.Link, &d.Division, &d.District, &d.Project, &d.Detail,
		&d.Programme, &lead, &d.Helping, &d.Leader, &d.Responsible, &d.Promise, &starts, &deadline, &d.Percent, &d.Reported, &d.Result, &d.People, &d.How,
		&d.Households, &d.Spent, &done, &closed, &d.Open, &d.Imported, &d.Version, &d.CollectedOn, &first)
	if err != nil {
		return d, err
	}
	d.Lead = casework.ParseHolder(lead)
	for _, x := range []struct {
		text string
		into *day.Date
	}{{starts, &d.Starts}, {deadline, &d.Deadline}, {done, &d.DoneOn}, {closed, &d.ClosedOn}, {first, &d.First}} {
		if x.text != "" {
			if *x.into, err = day.Parse(x.text); err != nil {
				return d, err
			}
		}
	}
	return d, nil
}

var names = []string{
	"id", "number", "state", "title", "category", "source", "source_ref", "link", "division", "district", "project", "detail",
	"programme", "lead", "helping", "leader", "responsible", "promise", "starts", "deadline", "percent", "reported", "result", "people", "counted_how",
	"households", "spent", "done_on", "closed_on", "is_open", "imported", "version", "collected_on", "first_deadline",
}

func (d *Deed) values() []any {
	var link any
	if d.Link != "" {
		link = d.Link
	}
	return []any{
		d.ID, d.Number, d.State, d.Title, d.Category, d.Source, d.SourceRef, link, string(d.Division), string(d.District), string(d.Project), d.Detail,
		d.Programme, d.Lead.Key(), d.Helping, d.Leader, d.Responsible, d.Promise, d.Starts.String(), d.Deadline.String(), d.Percent, d.Reported, d.Result, d.People, d.How,
		d.Households, int64(d.Spent), d.DoneOn.String(), d.ClosedOn.String(), d.Open, d.Imported, d.Version, d.CollectedOn, d.First.String(),
	}
}

func insertDeeds(ctx context.Context, tx *db.Tx, list []Deed) error {
	_, err := tx.Bulk(ctx, "deed", names, func(yield func([]any) bool) {
		for i := range list {
			if !yield(list[i].values()) {
				return
			}
		}
	})
	return err
}

// update writes what acts change; the case, whose lock is held, keeps versions.
func update(ctx context.Context, tx *db.Tx, d Deed) error {
	n, err := tx.Exec(ctx, `
		UPDATE deed SET state = $2, programme = $3, lead = $4, helping = $5, leader = $6, responsible = $7, promise = $8, starts = $9, deadline = $10,
			percent = $11, reported = $12, result = $13, people = $14, counted_how = $15, households = $16, spent = $17, done_on = $18, closed_on = $19,
			is_open = $20, version = $21, first_deadline = $22
		WHERE id = $1`,
		d.ID, d.State, d.Programme, d.Lead.Key(), d.Helping, d.Leader, d.Responsible, d.Promise, d.Starts.String(), d.Deadline.String(),
		d.Percent, d.Reported, d.Result, d.People, d.How, d.Households, int64(d.Spent), d.DoneOn.String(), d.ClosedOn.String(), d.Open, d.Version, d.First.String())
	if err == nil && n != 1 {
		err = fmt.Errorf("deed %s: %d rows changed", d.ID, n)
	}
	return err
}

func missing() error {
	return fault.New(fault.NotFound, "authz.not-found", "没有找到您要查看的内容。")
}

func byID(ctx context.Context, tx *db.Tx, id db.ID) (Deed, error) {
	d, ok, err := db.One(ctx, tx, scanDeed, `SELECT `+columns+` FROM deed d WHERE d.id = $1`, id)
	if err == nil && !ok {
		err = missing()
	}
	return d, err
}

// number is the next of a district's year: SS230103-2021-0001.
func number(ctx context.Context, tx *db.Tx, district code.Division, on day.Date) (string, error) {
	head := fmt.Sprintf("SS%s-%d-", district, on.Year())
	if err := tx.Lock(ctx, "deed_number", head); err != nil {
		return "", err
	}
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM deed WHERE district = $1 AND number LIKE $2`, string(district), head+"%")
	return fmt.Sprintf("%s%04d", head, n+1), err
}

func milestonesOf(ctx context.Context, tx *db.Tx, id db.ID) ([]Milestone, error) {
	return db.All(ctx, tx, func(row db.Scanner) (m Milestone, err error) {
		var due, reached string
		if err = row.Scan(&m.Seq, &m.Title, &due, &reached); err != nil {
			return m, err
		}
		if m.Due, err = day.Parse(due); err == nil && reached != "" {
			m.Reached, err = day.Parse(reached)
		}
		return m, err
	}, `
		SELECT seq, title, due, reached FROM deed_milestone
		WHERE deed = $1 AND plan = (SELECT MAX(plan) FROM deed_milestone WHERE deed = $1) ORDER BY seq`, id)
}

// savePlan keeps the milestones of the plan made at a version.
func savePlan(ctx context.Context, tx *db.Tx, id db.ID, version int64, list []Milestone) error {
	for _, m := range list {
		if _, err := tx.Exec(ctx, `INSERT INTO deed_milestone (deed, plan, seq, title, due, reached) VALUES ($1, $2, $3, $4, $5, '')`,
			id, version, m.Seq, m.Title, m.Due.String()); err != nil {
			return err
		}
	}
	return nil
}

func reach(ctx context.Context, tx *db.Tx, id db.ID, seqs []int64, on day.Date) error {
	for _, seq := range seqs {
		n, err := tx.Exec(ctx, `
			UPDATE deed_milestone SET reached = $3
			WHERE deed = $1 AND seq = $2 AND reached = '' AND plan = (SELECT MAX(plan) FROM deed_milestone WHERE deed = $1)`, id, seq, on.String())
		if err != nil {
			return err
		}
		if n != 1 {
			return fault.New(fault.Invalid, "deed.milestone", "请从没有完成的节点中选择。").With("reached", "请从没有完成的节点中选择。")
		}
	}
	return nil
}

// reachAll ends the milestones of a deed that is done.
func reachAll(ctx context.Context, tx *db.Tx, id db.ID, on day.Date) error {
	_, err := tx.Exec(ctx, `UPDATE deed_milestone SET reached = $2 WHERE deed = $1 AND reached = '' AND plan = (SELECT MAX(plan) FROM deed_milestone WHERE deed = $1)`, id, on.String())
	return err
}

// A Progress is one report.
type Progress struct {
	Month   string
	Percent int64
	Text    string
	At      int64
}

func progressOf(ctx context.Context, tx *db.Tx, id db.ID) ([]Progress, error) {
	return db.All(ctx, tx, func(row db.Scanner) (p Progress, err error) {
		return p, row.Scan(&p.Month, &p.Percent, &p.Text, &p.At)
	}, `SELECT month, percent, text, at FROM deed_progress WHERE deed = $1 ORDER BY version DESC LIMIT 200`, id)
}

// The moments of a picture.
const (
	Before = "before"
	After  = "after"
	Other  = "other"
)

// A File is a picture or a document of a deed.
type File struct {
	ID           db.ID
	Moment       string
	SHA256, Name string
	Type         string
	Size         int64
	Released     bool
	At           int64
}

// Picture says whether a browser shows it.
func (f File) Picture() bool { return f.Type == "image/jpeg" || f.Type == "image/png" }

func filesOf(ctx context.Context, tx *db.Tx, id db.ID) ([]File, error) {
	return db.All(ctx, tx, func(row db.Scanner) (f File, err error) {
		return f, row.Scan(&f.ID, &f.Moment, &f.SHA256, &f.Name, &f.Type, &f.Size, &f.Released, &f.At)
	}, `SELECT file, moment, sha256, name, type, size, released, at FROM deed_file WHERE deed = $1 ORDER BY moment DESC, at, file LIMIT 200`, id)
}

func pictures(files []File, moment string) (n int64) {
	for _, f := range files {
		if f.Moment == moment && f.Picture() {
			n++
		}
	}
	return n
}
