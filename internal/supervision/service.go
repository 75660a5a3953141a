package supervision

import (
	"context"
	"slices"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
	"juli/internal/registry"
)

const (
	factsMax = 2000 // characters
	spotMax  = 200
	filesMax = 12
)

// Cases leads faults from their report to their end.
type Cases struct {
	DB       *db.DB
	Calendar *day.Calendar
	Books    *Books
	Records  *credit.Records
}

// robot takes the steps that follow by themselves.
var robot = authz.System("supervision")

func missing() error {
	return fault.New(fault.NotFound, "supervision.no-case", "没有找到这件案件。")
}

// Register is RegisterIn in a transaction of its own.
func (s *Cases) Register(ctx context.Context, who authz.Actor, f Fault) (id db.ID, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error { id, err = s.RegisterIn(ctx, tx, who, f); return err })
	return id, err
}

// RegisterIn opens a case for a fault. It belongs to the actor's body; what the
// program hands in belongs to the district.
func (s *Cases) RegisterIn(ctx context.Context, tx *db.Tx, who authz.Actor, f Fault) (db.ID, error) {
	c, err := s.locate(ctx, tx, f)
	if err != nil {
		return 0, err
	}
	if err := authz.Require(who, authz.SupervisionRegister, c.Place()); err != nil {
		return 0, err
	}
	b, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return 0, err
	}
	if err := b.check(&f, tx.Today()); err != nil {
		return 0, err
	}
	v, _ := b.Violation(f.Violation)
	if c.Enterprise, err = answers(ctx, tx, f, v.Former); err != nil {
		return 0, err
	}
	holder, ok := bodyFor(who, authz.SupervisionRegister, c.Place())
	if !ok {
		return 0, fault.New(fault.Conflict, "supervision.no-body", "没有可以承办这件案件的单位。")
	}
	c.ID, c.Book, c.Body, c.RegisteredOn, c.ChangedAt, c.Severity = tx.NewID(), b.Digest, holder.Key(), tx.Today(), tx.Now, v.Severity
	if c.No, err = notify.NextNumber(ctx, tx, b.Series+"案", tx.Today().Year()); err != nil {
		return 0, err
	}
	flow, err := casework.Open(ctx, tx, who, CaseMachine, casework.Opening{
		ID: c.ID, Object: c.Object(), Title: b.caseTitle(&c), Place: c.Place(),
		Way: casework.Way{Act: ActRegister, Holder: &holder, Term: &b.Terms.Verify, Calendar: s.Calendar},
	})
	if err != nil {
		return 0, err
	}
	c.State, c.Due = flow.State, flow.Due
	if err := insertCase(ctx, tx, &c); err != nil {
		return 0, err
	}
	if err := addSource(ctx, tx, who, c.ID, 1, f); err != nil {
		return 0, err
	}
	if err := addFiles(ctx, tx, who, c.ID, "before", f.Spot, f.Files); err != nil {
		return 0, err
	}
	return c.ID, audit.Append(ctx, tx, who, "supervision.registered", c.Object(), audit.Change{
		Act: authz.SupervisionRegister, At: c.Place(), After: f, Detail: map[string]any{"no": c.No, "channel": f.Channel, "project": f.Project, "source": f.SourceRef},
	})
}

// locate fills in where a fault lies.
func (s *Cases) locate(ctx context.Context, tx *db.Tx, f Fault) (Case, error) {
	c := Case{
		Channel: f.Channel, Project: f.Project, Violation: f.Violation,
		Facts: strings.TrimSpace(f.Facts), Spot: strings.TrimSpace(f.Spot), FoundOn: f.FoundOn,
	}
	at, err := registry.PlaceOfProject(ctx, tx, f.Project)
	if err != nil {
		return c, err
	}
	c.Division, c.Enterprise = at.Division, at.Enterprise
	c.ProjectID, err = projectID(ctx, tx, f.Project)
	return c, err
}

func (b *Book) check(f *Fault, today day.Date) error {
	e := fault.New(fault.Invalid, "supervision.fault", "请补正标出的内容。")
	if f.Channel.Title() == "" {
		e.With("channel", "请选择来源。")
	}
	if n := len([]rune(strings.TrimSpace(f.Facts))); n == 0 || n > factsMax {
		e.With("facts", "请写明事实，不超过2000字。")
	}
	if len([]rune(f.Spot)) > spotMax {
		e.With("spot", "具体位置不超过200字。")
	}
	if f.FoundOn == 0 || f.FoundOn > today || f.FoundOn < today.AddYears(-3) {
		e.With("found", "请填写发现日期，不能晚于今天，也不能早于三年前。")
	}
	if _, ok := b.Violation(f.Violation); f.Violation != "" && !ok {
		e.With("violation", "违规目录中没有这一项。")
	}
	return e.OrNil()
}

func (b *Book) caseTitle(c *Case) string {
	if v, ok := b.Violation(c.Violation); ok {
		return v.Title
	}
	return "待核实问题（" + c.Channel.Title() + "）"
}

// bodyFor is the actor's body for an act at a place; the district's for the program.
func bodyFor(who authz.Actor, act authz.Act, at authz.Place) (casework.Holder, bool) {
	if who.SystemName() != "" {
		return casework.HolderAt(authz.DistrictBureau, at)
	}
	g, ok := authz.GrantFor(who, act, at)
	if !ok {
		return casework.Holder{}, false
	}
	one := who
	one.Grants = []authz.Grant{g}
	bodies := casework.Bodies(one)
	return append(bodies, casework.Holder{})[0], len(bodies) == 1
}

// An opened case is held by this transaction, with the rulebook that governs it.
type opened struct {
	Case
	book *Book
}

// open locks and reads a case; to whom it is not shown it isn't there.
func (s *Cases) open(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (*opened, error) {
	if err := tx.Lock(ctx, "case", id); err != nil {
		return nil, err
	}
	return s.load(ctx, tx, who, id)
}

func (s *Cases) load(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (*opened, error) {
	c, ok, err := caseByID(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if !ok || authz.Require(who, authz.SupervisionRead, c.Place()) != nil || !sees(who, &c) {
		return nil, missing()
	}
	b, err := s.Books.ByDigest(ctx, tx, c.Book)
	return &opened{c, b}, err
}

// sees says whether an enterprise or committee is shown the case: only what was
// verified, so that nobody is warned or accused by a mere report.
func sees(who authz.Actor, c *Case) bool {
	if who.SystemName() != "" || slices.ContainsFunc(who.Grants, func(g authz.Grant) bool { return g.Role.Official() || g.Role == authz.Association }) {
		return true
	}
	return c.Verified != 0
}

// move takes an act on the case's flow and keeps the table in step.
func (s *Cases) move(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, t Take, w casework.Way, event string, change func(*Case)) error {
	w.Note, w.Calendar = t.Note, s.Calendar
	before := o.Case
	flow, err := casework.Do(ctx, tx, who, CaseMachine, casework.Move{Case: o.ID, Version: t.Version, Way: w})
	if err != nil {
		return err
	}
	o.State, o.Due, o.ChangedAt = flow.State, flow.Due, tx.Now
	if change != nil {
		change(&o.Case)
	}
	if err := updateCase(ctx, tx, &o.Case); err != nil {
		return err
	}
	if err := s.keepMend(ctx, tx, o, before.State); err != nil {
		return err
	}
	if st, _ := CaseMachine.State(o.State); st.Final { // nothing is left to be heard about
		if err := endPlea(ctx, tx, robot, o, pleaLapse); err != nil {
			return err
		}
	}
	a, _ := CaseMachine.Act(w.Act)
	return audit.Append(ctx, tx, who, event, o.Object(), audit.Change{
		Act: a.May, At: o.Place(), Before: before, After: o.Case,
		Detail: map[string]any{"no": o.No, "project": o.Project, "enterprise": o.Enterprise, "from": before.State, "to": o.State, "violation": o.Violation},
	})
}

// tell sends a letter to the enterprise and to the project's manager.
func (s *Cases) tell(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, kind, title, text, number string) error {
	project, err := registry.ProjectNames(ctx, tx, []code.ProjectCode{o.Project})
	if err != nil {
		return err
	}
	at, err := registry.PlaceOfProject(ctx, tx, o.Project)
	if err != nil {
		return err
	}
	to := []notify.Party{notify.ToEnterprise(o.Enterprise)}
	if at.Enterprise == o.Enterprise { // else the project's manager is another enterprise's
		to = append(to, notify.ToProject(authz.ProjectManager, string(o.Project)))
	}
	v, _ := o.book.Violation(o.Violation)
	_, err = notify.Send(ctx, tx, who, notify.Message{
		Kind: kind, Title: title + "：" + project[o.Project] + "，" + v.Title, Object: o.Object(), Number: number, Deemed: o.book.Terms.Reply,
		Body: strings.Join([]string{"案件编号：" + o.No, "项目：" + project[o.Project], "问题：" + v.Title, "依据：" + v.Basis, text}, "\n"),
		Link: "/enterprise/cases/" + o.ID.String(),
		To:   to,
	})
	return err
}
