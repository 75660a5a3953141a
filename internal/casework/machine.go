package casework

import (
	"fmt"
	"slices"

	"juli/internal/authz"
	"juli/internal/day"
)

// Start is the state before a case exists: an act from it opens a case. Same as
// the goal of an act leaves the case where it is, with its holder and deadline:
// an answer, a finding, a note.
const (
	Start = ""
	Same  = "="
)

// A Machine is a procedure: its states and the acts between them.
type Machine struct {
	Name  string // stable, e.g. "credit_record"
	Title string // Chinese
	Basis string // the regulation it follows

	Personal bool // whose name stands on a case has it alone: colleagues of the body can do nothing

	States []State
	Acts   []Act
}

// A State is where a case can stand. A final one has no way out and no holder.
type State struct {
	Name, Title string
	Final       bool
}

// An Act leads a case from one of some states to another.
type Act struct {
	Name, Title string
	From        []string // Start among them: the act may open a case
	To          string
	May         authz.Act  // the duty; "" only the program itself
	ByHolder    bool       // only who holds the case
	Not         []string   // earlier acts whose person may not take this one
	NeedsNote   bool       // a reason must be written
	Most        int        // how often in one case; 0: as often as its states allow
	Holder      authz.Role // who holds the case next, at the case's place; "" nobody
	Term        day.Term   // how long they have; zero: no deadline
}

// Must checks a machine written in the program and panics on a broken one.
func Must(m Machine) *Machine {
	if err := m.Check(); err != nil {
		panic(err)
	}
	return &m
}

// State finds a state by name.
func (m *Machine) State(name string) (State, bool) {
	i := slices.IndexFunc(m.States, func(s State) bool { return s.Name == name })
	if i < 0 {
		return State{}, false
	}
	return m.States[i], true
}

// StateTitle is the Chinese name of a state.
func (m *Machine) StateTitle(name string) string {
	s, _ := m.State(name)
	return s.Title
}

// Act finds an act by name.
func (m *Machine) Act(name string) (Act, bool) {
	i := slices.IndexFunc(m.Acts, func(a Act) bool { return a.Name == name })
	if i < 0 {
		return Act{}, false
	}
	return m.Acts[i], true
}

// Check says what is wrong with a machine: names used twice or unknown, a state
// that is never reached or never left, a final one that is left, an act that is
// not in the duty matrix.
func (m *Machine) Check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("machine %s: %s", m.Name, fmt.Sprintf(format, args...))
	}
	if m.Name == "" || m.Title == "" {
		return bad("has no name or title")
	}
	seen := map[string]bool{}
	for _, s := range m.States {
		if s.Name == Start || s.Title == "" || seen[s.Name] {
			return bad("state %q has no name or title or is there twice", s.Name)
		}
		seen[s.Name] = true
	}
	acts, left := map[string]bool{}, map[string]bool{}
	for _, a := range m.Acts {
		if a.Name == "" || a.Title == "" || acts[a.Name] {
			return bad("act %q has no name or title or is there twice", a.Name)
		}
		acts[a.Name] = true
		if a.May != "" && a.May.Title() == "" {
			return bad("act %s: %q is not in the duty matrix", a.Name, a.May)
		}
		if len(a.From) == 0 || !seen[a.To] && (a.To != Same || slices.Contains(a.From, Start)) {
			return bad("act %s leads from nowhere or to no state", a.Name)
		}
		for _, from := range a.From {
			if from != Start && !seen[from] {
				return bad("act %s: no state %q", a.Name, from)
			}
			left[from] = left[from] || a.To != Same
		}
		if to, _ := m.State(a.To); to.Final && (a.Holder != "" || a.Term.N > 0) {
			return bad("act %s gives a closed case a holder or a deadline", a.Name)
		}
	}
	for _, a := range m.Acts {
		for _, not := range a.Not {
			if !acts[not] {
				return bad("act %s: no act %q before it", a.Name, not)
			}
		}
	}
	reached := m.reachable()
	for _, s := range m.States {
		if !reached[s.Name] {
			return bad("state %s is never reached", s.Name)
		}
		if s.Final == left[s.Name] {
			return bad("state %s: final %v, left %v", s.Name, s.Final, left[s.Name])
		}
	}
	return nil
}

func (m *Machine) reachable() map[string]bool {
	reached := map[string]bool{Start: true}
	for range m.States {
		for _, a := range m.Acts {
			if a.To != Same && slices.ContainsFunc(a.From, func(s string) bool { return reached[s] }) {
				reached[a.To] = true
			}
		}
	}
	return reached
}
