package credit

import (
	"time"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
	"juli/internal/notify"
)

// A Document is what proves a record: a penalty decision, a commendation.
type Document struct {
	Type    string   `json:"type,omitempty"` // of the rulebook's evidence, e.g. "HLJ-N2"
	Number  string   `json:"number,omitempty"`
	Issuer  string   `json:"issuer,omitempty"`
	Date    day.Date `json:"date,omitzero"`
	Expires day.Date `json:"expires,omitzero"` // stated by the document itself
}

// A FileRef is an uploaded file; digest and name are blob's.
type FileRef struct {
	ID     db.ID  `json:"id"`
	SHA256 string `json:"-"`
	Name   string `json:"-"` // may name a person
}

// A Proposal is one event with its evidence, that may score several subjects
// (PC-24). Without Projects and Person the subject follows from the item: the
// project where it happened, else the enterprise.
type Proposal struct {
	Item       string             `json:"item"`
	Level      string             `json:"level,omitempty"`
	Enterprise code.USCC          `json:"enterprise,omitempty"` // may be left out when a project is named
	Project    code.ProjectCode   `json:"project,omitempty"`    // where it happened
	Projects   []code.ProjectCode `json:"projects,omitempty"`   // further projects that the event scores
	Person     db.ID              `json:"person,omitzero"`      // who answers for it, of the staff
	Event      day.Date           `json:"event,omitzero"`
	Summary    string             `json:"summary,omitempty"`
	Document   Document           `json:"document,omitzero"`
	Honour     string             `json:"honour,omitempty"` // key of the honour or article: counted once (PC-19)
	Files      []FileRef          `json:"files,omitempty"`
	Value      money.Points       `json:"value,omitempty"` // measure, count or ratio (PC-16, PC-20)
	Parent     db.ID              `json:"parent,omitzero"` // the order that it hangs on (PC-22)
	Due        day.Date           `json:"due,omitzero"`    // last day for rectification
	Known      bool               `json:"known,omitempty"` // the likenesses shown were looked at: it is another event
}

// A Filed record is the immutable core of a record.
type Filed struct {
	ID     db.ID
	Book   string   // digest of the rulebook that governs its way
	Opened day.Date // day whose rulebook governs it
	Proposal
	Class        string
	EnterpriseID db.ID
	ProjectID    db.ID
	Division     code.Division
	Source       string // "person", "system", "import"
	Body         string // who proposed it: casework.Holder key
	Account      db.ID
	At           time.Time
	Subjects     []EntrySubject
}

// Object names the record in audit events, cases and messages.
func (f *Filed) Object() string { return ObjectOf(f.ID) }

// ObjectOf names a record in audit events, cases and messages.
func ObjectOf(record db.ID) string { return "credit_record:" + record.String() }

// Place is where the record stands.
func (f *Filed) Place() authz.Place {
	return authz.Place{Division: f.Division, Enterprise: f.Enterprise, Project: string(f.Project)}
}

// An EntrySubject is one subject that a record scores, with its row of the scoring table.
type EntrySubject struct {
	Entry   db.ID
	Subject Subject
}

// A Condition is where a record stands, and its dates.
type Condition struct {
	Version    int64
	State      string
	Identified day.Date
	Effective  day.Date
	Until      day.Date // last day on which it counts, 0 open
	Due        day.Date // last day for rectification
	Rectified  day.Date
	Repaired   day.Date
	Annulled   day.Date
	Points     money.Points // by discretion
	Reasoned   bool
	Contested  bool
	Number     string // 文号 of the notice
	At         time.Time
}

// A Plea is an objection or an application for repair, with its decision.
type Plea struct {
	ID      db.ID
	Record  db.ID
	Repair  bool   // else an objection
	Ground  string // of the rulebook's grounds
	Text    string
	Account db.ID
	At      time.Time
	Decided bool
	Granted bool
	Reason  string
	Number  string // 文号 of the decision
	By      db.ID
	On      time.Time
}

// A RecordRow is a record in a list.
type RecordRow struct {
	ID             db.ID
	Item, Class    string
	ItemTitle      string // of the governing rulebook, "" if it is gone
	Level          string
	Enterprise     code.USCC
	EnterpriseName string
	Project        code.ProjectCode
	ProjectName    string
	Division       code.Division
	Event          day.Date
	Document       Document
	Condition
	StateTitle string
	Deadline   day.Date // of the step that it waits for
	Assumed    bool
	Holder     casework.Holder
}

// A Dossier is all that one record's page shows.
type Dossier struct {
	Filed
	Condition
	Case           casework.Case
	StateTitle     string
	ItemTitle      string
	ItemPoints     money.Points // what the item gives, before discretion; 0 if it depends
	Banner         string       // the rulebook's notice, e.g. that its values are assumed
	EnterpriseName string
	ProjectName    string
	Steps          []casework.Step
	Allowed        []casework.Act // what this actor may do now
	Owner          string         // number of the case that it came from
	Annul          casework.Case  // the request to take it back, if there was one
	AnnulSteps     []casework.Step
	Files          []FileRow
	Pleas          []Plea
	Messages       []notify.Item
	MayObject      Verdict // may it be objected to today, until when
	MayRepair      Verdict // may repair be applied for today
	Words          string  // 还剩3天
	Late           bool
	Mend           casework.Case // the subject's duty to mend; zero: none was kept
	MendSteps      []casework.Step
}

// A FileRow is a file of a record and what it was handed in for.
type FileRow struct {
	FileRef
	Purpose string // "evidence", "answer", "objection", "repair", "rectify"
	At      time.Time
	By      db.ID
}

// A Likeness is an existing record that looks like the one proposed.
type Likeness struct {
	Record db.ID
	Why    string // "file", "document", "honour"
	Item   string
	State  string
	Event  day.Date

	place authz.Place
	body  string
}

// Title says in Chinese what is alike.
func (d Likeness) Title() string {
	return map[string]string{"file": "证明材料相同", "document": "文号和制发机关相同", "honour": "同一荣誉"}[d.Why]
}
