package listing

import (
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
)

// An Entry is a candidate and, once it is taken, a line of the list.
type Entry struct {
	ID      db.ID
	Batch   db.ID
	Side    Side
	Kind    SubjectKind
	Subject string // USCC or project code
	Name    string

	subjectID  db.ID // of the subject in the register
	Enterprise code.USCC
	Project    string // "" for an enterprise itself
	Division   code.Division

	State  string
	Origin string // RULE or NOMINATION
	Rule   string // the trigger
	Reason string
	Score  money.Points

	Homes           int64
	Area            money.Area
	Built           int64
	Projects        int64
	Inspections     int64
	InspectionScore money.Points // -1: none
	CasesFound      int64
	CasesOpen       int64
	Bad, Good       int64
	RedLine         bool

	NominatedBy string // body
	nominator   db.ID  // person

	Notice     string // 文号 of the letter to the enterprise
	NotifiedOn day.Date
	ReplyDue   day.Date
	ListedOn   day.Date
	Until      day.Date // last day on the list
	EndedOn    day.Date
	EndedWhy   string
	Record     db.ID // credit information that publication proposed
}

// The origins.
const (
	ByRule       = "RULE"
	ByNomination = "NOMINATION"
)

// Object names the entry in the audit log.
func (e Entry) Object() string { return "listing_entry:" + e.ID.String() }

// Place is where the entry stands.
func (e Entry) Place() authz.Place {
	return authz.Place{Division: e.Division, Enterprise: e.Enterprise, Project: e.Project}
}

// StateTitle is the entry's state in Chinese.
func (e Entry) StateTitle() string {
	if e.State == Candidate {
		return "候选"
	}
	return EntryMachine.StateTitle(e.State)
}

// Standing says whether the entry is on the list now.
func (e Entry) Standing() bool { return e.ListedOn != 0 && e.EndedOn == 0 }

// Page is the subject's public page.
func (e Entry) Page() string {
	if e.Kind == OfProject {
		return "/projects/" + e.Subject
	}
	return "/enterprises/" + e.Subject
}
