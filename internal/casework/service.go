package casework

import (
	"context"
	"fmt"
	"slices"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

const (
	noteMax  = 4000 // characters
	stepsMax = 500  // shown of one case; who did what is asked of all of them
)

// Open opens a case of m by one of its opening acts.
func Open(ctx context.Context, tx *db.Tx, who authz.Actor, m *Machine, o Opening) (Case, error) {
	c, step, err := begin(tx, who, m, o)
	if err != nil {
		return Case{}, err
	}
	if err := insertCase(ctx, tx, c); err != nil {
		return Case{}, err
	}
	return c, insertStep(ctx, tx, c.ID, step, who.Request)
}

// OpenAll is Open for many at once: what a file takes over. Nothing of it stands
// unless all do.
func OpenAll(ctx context.Context, tx *db.Tx, who authz.Actor, m *Machine, list []Opening) ([]Case, error) {
	cases, steps := make([]Case, len(list)), make([]Step, len(list))
	for i, o := range list {
		var err error
		if cases[i], steps[i], err = begin(tx, who, m, o); err != nil {
			return nil, err
		}
	}
	return cases, insertAll(ctx, tx, cases, steps, who.Request)
}

// begin is a case after its first act.
func begin(tx *db.Tx, who authz.Actor, m *Machine, o Opening) (Case, Step, error) {
	a, ok := m.Act(o.Act)
	if !ok {
		return Case{}, Step{}, fmt.Errorf("machine %s has no act %q", m.Name, o.Act)
	}
	c := Case{
		ID: o.ID, Machine: m, Object: o.Object, Title: o.Title, Place: o.Place, State: Start,
		OpenedAt: tx.Now, OpenedBy: who.Account,
	}
	if c.ID == 0 {
		c.ID = tx.NewID()
	}
	if err := require(who, a, c.Place); err != nil {
		return Case{}, Step{}, err
	}
	if err := verdict(c, Act{Title: a.Title, From: a.From, May: a.May}, who); err != nil {
		return Case{}, Step{}, err
	}
	step, err := advance(&c, a, o.Way, who, tx)
	return c, step, err
}

// Do takes an act: permission, version, state, holder, maker ≠ checker, in that
// order. A case that somebody else moved meanwhile is Conflict "casework.stale",
// and nothing is lost: the form is shown again beside the new state (CRS-7).
func Do(ctx context.Context, tx *db.Tx, who authz.Actor, m *Machine, mv Move) (Case, error) {
	a, ok := m.Act(mv.Act)
	if !ok {
		return Case{}, fault.New(fault.Invalid, "casework.act", "没有这项操作。")
	}
	if err := tx.Lock(ctx, "case", mv.Case); err != nil {
		return Case{}, err
	}
	c, err := Find(ctx, tx, m, mv.Case)
	if err != nil {
		return Case{}, err
	}
	if err := require(who, a, c.Place); err != nil {
		return Case{}, err
	}
	if mv.Version != c.Version && (mv.Version != 0 || who.SystemName() == "") {
		return Case{}, stale(c)
	}
	if err := verdict(c, a, who); err != nil {
		return Case{}, err
	}
	if err := other(ctx, tx, who, c, a); err != nil {
		return Case{}, err
	}
	if err := enough(ctx, tx, who, c, a); err != nil {
		return Case{}, err
	}
	step, err := advance(&c, a, mv.Way, who, tx)
	if err != nil {
		return Case{}, err
	}
	if err := updateCase(ctx, tx, c); err != nil {
		return Case{}, err
	}
	return c, insertStep(ctx, tx, c.ID, step, who.Request)
}

func require(who authz.Actor, a Act, at authz.Place) error {
	if a.May == "" {
		if who.SystemName() != "" {
			return nil
		}
		return fault.New(fault.Forbidden, "casework.program", "“%s”由系统按规定自动办理。", a.Title)
	}
	return authz.Require(who, a.May, at)
}

// Current refuses what was decided on an older version of a case, for acts that
// do not move it.
func Current(c Case, version int64) error {
	if c.Version != version {
		return stale(c)
	}
	return nil
}

func stale(c Case) error {
	return fault.New(fault.Conflict, "casework.stale", "这件事项刚刚已有变动，现在是“%s”。请核对最新内容后再办理，您填写的内容没有丢失。", c.StateTitle())
}

// other holds maker and checker apart: they are persons, not accounts.
func other(ctx context.Context, tx *db.Tx, who authz.Actor, c Case, a Act) error {
	if len(a.Not) == 0 || who.SystemName() != "" {
		return nil
	}
	makers, err := personsOf(ctx, tx, c.ID, a.Not)
	if err != nil {
		return err
	}
	return authz.RequireOther(who, a.May, makers...)
}

// enough bounds what can be said again and again, so that nobody drowns a case.
func enough(ctx context.Context, tx *db.Tx, who authz.Actor, c Case, a Act) error {
	if a.Most == 0 || who.SystemName() != "" {
		return nil
	}
	n, err := timesOf(ctx, tx, c.ID, a.Name)
	if err == nil && n >= int64(a.Most) {
		return fault.New(fault.Conflict, "casework.often", "“%s”已有%d次，不能再办理。", a.Title, n)
	}
	return err
}

// advance puts the case into the act's state and gives it its deadline and holder.
func advance(c *Case, a Act, w Way, who authz.Actor, tx *db.Tx) (Step, error) {
	if n := len([]rune(w.Note)); n > noteMax || a.NeedsNote && n == 0 && who.SystemName() == "" {
		return Step{}, fault.New(fault.Invalid, "casework.note", "“%s”需要写明理由，且不超过%d字。", a.Title, noteMax).
			With("note", "请写明理由。")
	}
	from := c.State
	if w.Place != nil {
		c.Place = *w.Place
	}
	if w.Title != "" {
		c.Title = w.Title
	}
	c.Version++
	c.MovedAt = tx.Now
	if a.To != Same {
		to, _ := c.Machine.State(a.To)
		c.State, c.Closed, c.Account = a.To, to.Final, 0
		c.Due, c.Assumed, c.Holder, c.Ready = 0, false, Holder{}, 0
	}
	if !c.Closed {
		if w.Ready != 0 {
			c.Ready = w.Ready
		}
		if w.Account != 0 {
			c.Account = w.Account
		}
		if err := c.handTo(a, w); err != nil {
			return Step{}, err
		}
		c.setDue(a, w, tx.Today())
	}
	return Step{
		Version: c.Version, Act: a.Name, From: from, To: c.State, Account: who.Account, Person: who.Person,
		System: who.SystemName(), Body: bodyOf(who, a, c.Place), Note: w.Note, Due: c.Due, Holder: c.Holder,
		At: tx.Now, AtReal: tx.Real,
	}, nil
}

func (c *Case) handTo(a Act, w Way) error {
	switch {
	case w.Holder != nil:
		c.Holder = *w.Holder
	case a.Holder != "":
		h, ok := HolderAt(a.Holder, c.Place)
		if !ok {
			return fault.New(fault.Conflict, "casework.no-holder", "没有可以承办“%s”下一步的%s。", a.Title, a.Holder.Title())
		}
		c.Holder = h
	}
	return nil
}

func (c *Case) setDue(a Act, w Way, today day.Date) {
	term := a.Term
	if w.Term != nil {
		term = *w.Term
	}
	switch {
	case w.Due != 0:
		c.Due = w.Due
	case term.N > 0:
		cal, from := w.Calendar, w.From
		if cal == nil {
			cal = day.DefaultCalendar()
		}
		if from == 0 {
			from = today
		}
		c.Due, c.Assumed = cal.Due(from, term)
	}
}

// bodyOf names the body for which the actor takes the act.
func bodyOf(who authz.Actor, a Act, at authz.Place) string {
	if a.May == "" {
		return ""
	}
	if g, ok := authz.GrantFor(who, a.May, at); ok {
		return authz.Body(g.Role, g.Scope)
	}
	return ""
}

// Find reads a case of m, whoever may see it: features ask permission for their
// own object.
func Find(ctx context.Context, tx *db.Tx, m *Machine, id db.ID) (Case, error) {
	c, ok, err := caseByID(ctx, tx, id)
	if err != nil {
		return Case{}, err
	}
	if !ok || c.Machine.Name != m.Name {
		return Case{}, fault.New(fault.NotFound, "casework.not-found", "没有找到这件事项。")
	}
	c.Machine = m
	return c, nil
}

// About finds the case of a procedure that is about an object; there is at most one.
func About(ctx context.Context, tx *db.Tx, m *Machine, object string) (Case, bool, error) {
	c, ok, err := caseAbout(ctx, tx, m.Name, object)
	c.Machine = m
	return c, ok, err
}

// History lists what was done with a case, oldest first.
func History(ctx context.Context, tx *db.Tx, c Case) ([]Step, error) { return stepsOf(ctx, tx, c) }

// Allowed lists the acts that the actor may take on the case now, for its page.
func Allowed(ctx context.Context, tx *db.Tx, who authz.Actor, c Case) ([]Act, error) {
	steps, err := stepsOf(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	return AllowedBy(who, c, steps), nil
}

// Resumed is the deadline of a case that goes on after an act held it up: the days that
// were left when the act was taken last, counted from today. A deadline that had passed
// by then stays. So nobody gains a day by taking an act and taking it back.
func Resumed(steps []Step, act string, today day.Date) day.Date {
	for i := len(steps) - 1; i > 0; i-- {
		if steps[i].Act != act {
			continue
		}
		due, held := steps[i-1].Due, day.FromTime(steps[i].At)
		if due == 0 || due < held {
			return due
		}
		return today + due - held
	}
	return 0
}

// Took says whether the person took an act of the case.
func Took(steps []Step, who authz.Actor, act string) bool {
	return slices.ContainsFunc(steps, func(s Step) bool { return s.Act == act && s.Person != 0 && s.Person == who.Person })
}

// AllowedBy is Allowed for steps already read.
func AllowedBy(who authz.Actor, c Case, steps []Step) []Act {
	var out []Act
	for _, a := range c.Machine.Acts {
		if a.May == "" || !authz.May(who, a.May, c.Place) || verdict(c, a, who) != nil {
			continue
		}
		same := slices.ContainsFunc(steps, func(s Step) bool {
			return slices.Contains(a.Not, s.Act) && s.Person != 0 && s.Person == who.Person
		})
		if !same {
			out = append(out, a)
		}
	}
	return out
}

// PastDue lists cases of a machine in a state whose last day lies before today,
// for the jobs that act when a term runs out. The caller pages by the last case.
func PastDue(ctx context.Context, tx *db.Tx, m *Machine, state string, today day.Date, after Cursor, limit int) ([]Case, error) {
	all, err := casesPastDue(ctx, tx, m.Name, state, today, after, limit)
	for i := range all {
		all[i].Machine = m
	}
	return all, err
}

// placeOf reads the three columns.
func placeOf(division, enterprise, project string) authz.Place {
	return authz.Place{Division: code.Division(division), Enterprise: code.USCC(enterprise), Project: project}
}
