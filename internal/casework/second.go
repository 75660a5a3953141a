package casework

import (
	"fmt"
	"slices"
	"strings"

	"juli/internal/authz"
)

// A second is a state that waits for another person than who took one of some acts.
type second struct {
	state string
	not   []string
}

// seconds are the states of a procedure that wait for another person.
func (m *Machine) seconds() []second {
	var out []second
	for _, s := range m.States {
		var not []string
		for _, a := range m.Acts {
			if a.ByHolder && slices.Contains(a.From, s.Name) {
				not = append(not, a.Not...)
			}
		}
		if len(not) > 0 {
			slices.Sort(not)
			out = append(out, second{s.Name, slices.Compact(not)})
		}
	}
	return out
}

// notMine is the condition that leaves out of an actor's to-dos what waits for
// another person than him: who verified finds nothing to verify again (AZ-5), and
// what was given to one person by name does not wait for the colleagues.
func notMine(who authz.Actor, machines []*Machine, arg func(any) string) string {
	cond := named(who, machines, arg)
	if who.Person == 0 {
		return cond
	}
	var any []string
	for _, m := range machines {
		for _, s := range m.seconds() {
			acts := make([]string, len(s.not))
			for i, a := range s.not {
				acts[i] = arg(a)
			}
			any = append(any, fmt.Sprintf("c.machine = %s AND c.state = %s AND s.act IN (%s)", arg(m.Name), arg(s.state), strings.Join(acts, ", ")))
		}
	}
	if len(any) == 0 {
		return cond
	}
	return cond + " AND NOT EXISTS (SELECT 1 FROM casework_step s WHERE s.case_id = c.id AND s.person = " + arg(int64(who.Person)) + " AND (" + strings.Join(any, " OR ") + "))"
}

// named leaves out the cases of personal procedures that stand in another's name.
func named(who authz.Actor, machines []*Machine, arg func(any) string) string {
	var personal []string
	for _, m := range machines {
		if m.Personal {
			personal = append(personal, arg(m.Name))
		}
	}
	if len(personal) == 0 {
		return ""
	}
	mine := []string{arg(int64(who.Account))}
	for _, g := range who.Grants {
		if g.Deputy != 0 {
			mine = append(mine, arg(int64(g.Deputy)))
		}
	}
	return " AND NOT (c.machine IN (" + strings.Join(personal, ", ") + ") AND c.account IS NOT NULL AND c.account NOT IN (" + strings.Join(mine, ", ") + "))"
}

// A Barred act is one that only somebody else may take, and why.
type Barred struct {
	Act   Act
	Taken string // the earlier act of this person, in Chinese
}

// String says so: “第二人核实属实”须由另一人办理：您已办理“核实属实”。
func (b Barred) String() string {
	return "“" + b.Act.Title + "”须由另一人办理：您已办理“" + b.Taken + "”。"
}

// BarredFor lists the acts that would be the actor's, had he not taken an
// earlier step of the case himself.
func BarredFor(who authz.Actor, c Case, steps []Step) []Barred {
	var out []Barred
	for _, a := range c.Machine.Acts {
		if a.May == "" || len(a.Not) == 0 || !authz.May(who, a.May, c.Place) || verdict(c, a, who) != nil {
			continue
		}
		for _, s := range steps {
			if slices.Contains(a.Not, s.Act) && s.Person != 0 && s.Person == who.Person {
				out = append(out, Barred{a, s.ActTitle})
				break
			}
		}
	}
	return out
}
