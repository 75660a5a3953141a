package casework

import (
	"time"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
)

// A Case is where one object stands in its procedure.
type Case struct {
	ID      db.ID
	Machine *Machine
	Object  string // what it is about, e.g. "credit_record:0ABC…"
	Title   string // without personal data
	Place   authz.Place
	State   string
	Version int64 // grows with every step; forms carry it
	Due     day.Date
	Ready   day.Date // before this day nothing can be done; 0: at once
	Assumed bool     // Due lies past the last known holiday decree
	Holder  Holder
	Account db.ID // who of the holder's people claimed it
	Closed  bool

	OpenedAt, MovedAt time.Time
	OpenedBy          db.ID
}

// StateTitle is the Chinese name of the case's state.
func (c Case) StateTitle() string { return c.Machine.StateTitle(c.State) }

// A Step is one act that was taken.
type Step struct {
	Version         int64
	Act, ActTitle   string
	From, To        string
	Account, Person db.ID
	System          string // the program's part that acted, "" for people
	Body            string // for which body the person acted
	Who             string // the person's shown name, filled in by a desk that may show it
	Note            string
	Due             day.Date
	Holder          Holder
	At, AtReal      time.Time
}

// An Opening describes a case to be opened.
type Opening struct {
	ID     db.ID // 0: a new one
	Object string
	Title  string
	Place  authz.Place
	Way
}

// A Way is one act to be taken, with what the rulebook says of it.
type Way struct {
	Act      string
	Note     string
	Holder   *Holder       // instead of the machine's
	Account  db.ID         // who of the next holder's people has it, where a draw or a roster says so
	Term     *day.Term     // instead of the machine's
	Due      day.Date      // instead of any term: a fixed last day
	Ready    day.Date      // what comes next can't be done before this day
	From     day.Date      // the term runs from this day; 0: today
	Calendar *day.Calendar // nil: the library's
	Place    *authz.Place  // the object stands elsewhere now
	Title    string        // its title changed; "" keeps it
}

// A Move takes an act on a case that the actor saw at a version.
type Move struct {
	Case    db.ID
	Version int64 // 0: whatever it is now; only for the program itself
	Way
}
