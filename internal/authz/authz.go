package authz

import (
	"log/slog"
	"time"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Scope is what a grant covers: every field that is set must match. The empty
// scope covers nothing.
type Scope struct {
	Division   code.Division
	Enterprise code.USCC
	Project    string

	Everywhere bool // only in what Scopes returns: no limit
	Above      bool // only in what Scopes returns: also the divisions above
}

// A Place is where an object stands, read from the tables, never from a request.
type Place struct {
	Division   code.Division
	Enterprise code.USCC
	Project    string
}

// A Grant gives a role for a scope, from a day to a day, both included (AZ-6).
type Grant struct {
	ID       db.ID
	Role     Role
	Scope    Scope
	From, To day.Date
	Manager  bool  // looks after the people of the body
	Deputy   db.ID // the account that this grant stands in for, during leave
}

// An Actor is who acts. identity makes it from a session: Grants hold today and
// StepUp is set only while the step-up is fresh (SES-4).
type Actor struct {
	Account, Person db.ID
	Name            string // as shown to the person; never logged
	Grants          []Grant
	Session         db.ID
	Second          bool      // two factors were given
	StepUp          time.Time // when the second factor was given again; zero: not fresh
	Request, Addr   string
	system          string
}

// System is the program itself acting: a job, a reaction, an import by command.
func System(name string) Actor { return Actor{system: name} }

// Anonymous is a visitor.
var Anonymous Actor

// SystemName is the name given to System, "" for people.
func (a Actor) SystemName() string { return a.system }

// SignedIn says whether a person acts.
func (a Actor) SignedIn() bool { return a.Account != 0 }

// Staff says whether the actor holds a role that needs two factors.
func (a Actor) Staff() bool {
	for _, g := range a.Grants {
		if g.Role.Staff() {
			return true
		}
	}
	return false
}

// Has says whether the actor holds the role, anywhere.
func (a Actor) Has(r Role) bool {
	for _, g := range a.Grants {
		if g.Role == r {
			return true
		}
	}
	return false
}

// StandsFor says whether work claimed by an account is the actor's to do: it is
// the own account, or that of somebody on leave whom the actor stands in for.
func (a Actor) StandsFor(account db.ID) bool {
	if account == a.Account {
		return true
	}
	for _, g := range a.Grants {
		if g.Deputy != 0 && g.Deputy == account {
			return true
		}
	}
	return false
}

// LogValue keeps the name out of logs.
func (a Actor) LogValue() slog.Value {
	if a.system != "" {
		return slog.StringValue("system:" + a.system)
	}
	return slog.StringValue(a.Account.String())
}

// Require refuses unless the actor may do act at the place: a role that lacks the
// act is Forbidden "authz.denied"; a place outside the scope looks as if it were
// not there, NotFound "authz.not-found"; an act that wants a fresh second factor
// and lacks it is StepUp "authz.step-up". The program itself may do everything.
func Require(who Actor, act Act, at Place) error {
	if who.system != "" {
		return nil
	}
	row, ok := byAct[act]
	if !ok {
		return denied(act)
	}
	if _, err := find(who, row, &at); err != nil {
		return err
	}
	if row.StepUp && who.StepUp.IsZero() {
		return fault.New(fault.StepUp, "authz.step-up", "“%s”需要再次输入动态码确认身份。", row.Title)
	}
	return nil
}

// May says whether the actor may do act at the place, if need be after a step-up.
func May(who Actor, act Act, at Place) bool {
	err := Require(who, act, at)
	return err == nil || fault.From(err).Kind == fault.StepUp
}

// Can says whether the actor may do act anywhere at all: for menus and routes.
func Can(who Actor, act Act) bool { return len(Scopes(who, act)) > 0 }

// RequireAny refuses, as Require does, who may not do act anywhere.
func RequireAny(who Actor, act Act) error {
	if who.system != "" {
		return nil
	}
	row, ok := byAct[act]
	if !ok {
		return denied(act)
	}
	_, err := find(who, row, nil)
	return err
}

// GrantFor is the grant by which the actor may do act at the place, for the audit
// event; false for visitors' acts and for the program itself.
func GrantFor(who Actor, act Act, at Place) (Grant, bool) {
	g, err := find(who, byAct[act], &at)
	return g, err == nil && g.Role != ""
}

// RequireOther refuses when the person acting is one of those who took the steps
// before (AZ-5). makers are persons, not accounts.
func RequireOther(who Actor, act Act, makers ...db.ID) error {
	for _, m := range makers {
		if who.system == "" && m != 0 && m == who.Person {
			return fault.New(fault.Forbidden, "authz.same-person", "“%s”须由另一人办理，不能由经办人本人完成。", act.Title())
		}
	}
	return nil
}

// Scopes lists where the actor may do act, for the WHERE of a list; none: nowhere.
func Scopes(who Actor, act Act) []Scope {
	if who.system != "" {
		return []Scope{{Everywhere: true}}
	}
	row := byAct[act]
	if row.Cell(Public).How == Anywhere {
		return []Scope{{Everywhere: true}}
	}
	var out []Scope
	for _, g := range who.Grants {
		cell := row.Cell(g.Role)
		if !holds(who, g, cell) {
			continue
		}
		if cell.How == Anywhere {
			return []Scope{{Everywhere: true}}
		}
		if g.Scope == (Scope{}) {
			continue
		}
		s := g.Scope
		s.Above = cell.How == OwnAbove && s.Division != ""
		out = append(out, s)
	}
	return out
}

// find is the grant that allows the row's act at the place; nil: at any place.
func find(who Actor, row Row, at *Place) (Grant, error) {
	if row.Cell(Public).How == Anywhere {
		return Grant{}, nil
	}
	if who.Account == 0 {
		return Grant{}, fault.New(fault.Unauthenticated, "authz.anonymous", "请先登录。")
	}
	able, second := false, false
	for _, g := range who.Grants {
		cell := row.Cell(g.Role)
		if cell.How == Never || cell.Manager && !g.Manager {
			continue
		}
		if !holds(who, g, cell) {
			second = true
			continue
		}
		able = true
		if at == nil || cell.How == Anywhere || g.Scope.Covers(*at) || cell.How == OwnAbove && g.Scope.below(*at) {
			return g, nil
		}
	}
	switch {
	case able:
		return Grant{}, fault.New(fault.NotFound, "authz.not-found", "没有找到您要查看的内容。")
	case second:
		return Grant{}, fault.New(fault.Unauthenticated, "authz.second-factor", "请先完成动态码验证。")
	}
	return Grant{}, denied(row.Act)
}

func holds(who Actor, g Grant, cell Reach) bool {
	return cell.How != Never && (g.Manager || !cell.Manager) && (who.Second || !g.Role.Staff())
}

func denied(act Act) error {
	title := act.Title()
	if title == "" {
		title = string(act)
	}
	return fault.New(fault.Forbidden, "authz.denied", "您的角色没有“%s”的权限。", title)
}

// Covers says whether the place lies within the scope.
func (s Scope) Covers(at Place) bool {
	switch {
	case s.Everywhere:
		return true
	case s.Division == "" && s.Enterprise == "" && s.Project == "":
		return false
	case s.Division != "" && (at.Division == "" || !s.Division.Contains(at.Division)):
		return false
	case s.Enterprise != "" && s.Enterprise != at.Enterprise:
		return false
	case s.Project != "" && s.Project != at.Project:
		return false
	}
	return true
}

// below says whether the place is a division above the scope's.
func (s Scope) below(at Place) bool {
	return s.Division != "" && at.Division != "" && at.Project == "" && at.Division.Contains(s.Division)
}

// Place is the scope seen as a place: where a body of that scope stands.
func (s Scope) Place() Place { return Place{s.Division, s.Enterprise, s.Project} }
