package resident

import (
	"time"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
)

// A Report is one thing that a resident wants mended or answered.
type Report struct {
	ID         db.ID
	Number     string // as people dictate it
	Project    code.ProjectCode
	Division   code.Division // the community
	Enterprise code.USCC     // who managed the project when it came in
	Channel    string
	SourceRef  string // number of the 12345 order
	Class      string
	Topic      string
	Building   int64
	Spot       string // where exactly, as the resident said
	Body       string
	Book       string // digest of the rulebook it was routed under
	State      string
	Office     authz.Role // who answers
	Review     authz.Role // who reviews the answer, "" nobody
	ReceivedOn day.Date
	ReceivedAt time.Time
	Due        day.Date // of the first answer
	Answer     string
	AnsweredOn day.Date // the first time
	InTime     bool     // the first answer kept its deadline
	Late       bool     // some deadline of an answer passed
	Checked    string   // the reviewer saw it mended
	Outcome    string
	Released   time.Time // zero: text and photos are not public
	Release    int64     // how often its public words were written
	PublicBody string
	PublicAns  string
	MergedInto db.ID
	Voices     int64 // how many residents say so, the merged ones' too
	Reopened   int64
	Supervised db.ID // the supervision case
	ClosedOn   day.Date
	ChangedAt  time.Time
	Case       casework.Case // only where it was asked for
}

// Place is where the report stands for permissions.
func (r *Report) Place() authz.Place {
	return authz.Place{Division: r.Division, Enterprise: r.Enterprise, Project: string(r.Project)}
}

// StateTitle is the state in Chinese.
func (r *Report) StateTitle() string { return Machine.StateTitle(r.State) }

// OutcomeTitle says who confirmed that it is mended, "" while nobody did.
func (r *Report) OutcomeTitle() string { return OutcomeTitle(r.State, r.Outcome) }

func (r *Report) object() string { return "resident_report:" + r.ID.String() }

// A Submission is what is reported. Whoever calls has made sure that the
// telephone or the account is the reporter's own.
type Submission struct {
	Channel   string
	SourceRef string
	Class     string // "" HELP
	Topic     string // "" found by the words of the text
	Project   code.ProjectCode
	Building  int64
	Spot      string
	Body      string
	Account   db.ID
	Phone     string
	Files     []db.ID // kept files, not yet painted anew
	Received  day.Date
}

// A Receipt is what the reporter takes home: a number and the secret that opens
// the page to follow the report. The secret is kept nowhere in clear.
type Receipt struct {
	Report db.ID
	Voice  db.ID
	Number string
	Follow string
	Known  bool   // it was reported or joined before: the secret alone is new
	Mine   string // instead of all that: opens the list of the reports of a telephone
}

// A Voice is one resident who says the same.
type Voice struct {
	ID        db.ID
	Report    db.ID
	Account   db.ID
	Joined    day.Date
	Note      string
	Solved    Verdict
	Satisfied Verdict
	Said      string
	RatedOn   day.Date
}

// A Verdict is yes, no, or not asked yet.
type Verdict int64

// The verdicts.
const (
	NotAsked Verdict = iota
	Yes
	No
)

// VerdictOf is yes or no.
func VerdictOf(yes bool) Verdict {
	if yes {
		return Yes
	}
	return No
}

// Title is the verdict in Chinese.
func (v Verdict) Title() string { return [...]string{"未评价", "是", "否"}[v] }
