package importing

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/job"
)

// The states of a file of past credit information that waits for a second person.
const (
	Waiting = "waiting"
	Taken   = "taken"
	Left    = "left"
)

// The acts on it.
const (
	ActAsk   = "ask"
	ActTake  = "take"
	ActLeave = "leave"
)

// PastMachine is the way of a file of past credit information. What is taken
// over counts at once, without notice and objection, so another person of the
// same body looks at the checked file before anything of it is stored (AZ-5).
var PastMachine = casework.Must(casework.Machine{
	Name: "credit_import", Title: "历史信用信息导入", Basis: "导入即生效，须由经办人以外的人复核（系统的内控要求，非法规条文）",
	States: []casework.State{
		{Name: Waiting, Title: "待复核导入"},
		{Name: Taken, Title: "已同意导入", Final: true},
		{Name: Left, Title: "不予导入", Final: true},
	},
	Acts: []casework.Act{
		{Name: ActAsk, Title: "提请导入", From: []string{casework.Start}, To: Waiting, May: authz.CreditImport},
		{Name: ActTake, Title: "同意导入", From: []string{Waiting}, To: Taken, May: authz.CreditImport, ByHolder: true, Not: []string{ActAsk}},
		{Name: ActLeave, Title: "不予导入", From: []string{Waiting}, To: Left, May: authz.CreditImport, ByHolder: true, NeedsNote: true, Not: []string{ActAsk}},
	},
})

// wantsSecond says whether a request is stored only after another person agreed.
func wantsSecond(who authz.Actor, r Request) bool {
	return r.Kind == Records && !r.Dry && r.Asked == 0 && who.SystemName() == ""
}

// ask opens the case of a checked file; its id is the job's.
func ask(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, title string) error {
	for _, g := range who.Grants {
		one := who
		one.Grants = []authz.Grant{g}
		at := g.Scope.Place()
		bodies := casework.Bodies(one)
		if len(bodies) != 1 || !authz.May(one, authz.CreditImport, at) {
			continue
		}
		_, err := casework.Open(ctx, tx, who, PastMachine, casework.Opening{
			ID: id, Object: "job:" + id.String(), Title: title, Place: at, Way: casework.Way{Act: ActAsk, Holder: &bodies[0]},
		})
		return err
	}
	return fault.New(fault.Forbidden, "importing.no-body", "没有可以复核这次导入的单位。")
}

// A Second is how the second person's look at a run stands; the zero one: none is asked for.
type Second struct {
	Case  casework.Case
	Steps []casework.Step
	May   []casework.Act
}

// secondOf reads it for who may take part in it.
func secondOf(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (s Second, ok bool, err error) {
	if s.Case, err = casework.Find(ctx, tx, PastMachine, id); err != nil {
		if fault.Is(err, "casework.not-found") {
			err = nil
		}
		return Second{}, false, err
	}
	if !authz.May(who, authz.CreditImport, s.Case.Place) {
		return Second{}, false, nil
	}
	if s.Steps, err = casework.History(ctx, tx, s.Case); err != nil {
		return Second{}, false, err
	}
	s.May = casework.AllowedBy(who, s.Case, s.Steps)
	return s, true, nil
}

// DecideIn agrees to a checked file, which then is stored in its maker's name,
// or leaves it. It gives the run in which that happens.
func (s *Service) DecideIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64, act, note string) (db.ID, error) {
	run, err := s.Run(ctx, tx, who, id)
	if err != nil {
		return 0, err
	}
	c, err := casework.Do(ctx, tx, who, PastMachine, casework.Move{Case: id, Version: version, Way: casework.Way{Act: act, Note: note}})
	if err != nil {
		return 0, err
	}
	event := "import.left"
	next := id
	if act == ActTake {
		r := run.Request
		r.Asked, event = id, "import.agreed"
		if next, err = job.Enqueue(ctx, tx, JobKind, r, job.Opts{Owner: run.Owner, Attempts: 3}); err != nil {
			return 0, err
		}
	}
	return next, audit.Append(ctx, tx, who, event, c.Object, audit.Change{Act: authz.CreditImport, At: c.Place, Detail: map[string]any{"file": run.Request.File, "run": next}})
}
