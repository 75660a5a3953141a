package supervision

import (
	"slices"
	"strings"
	"time"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
)

// A Channel is how a fault became known.
type Channel string

// The channels; the first three, media and public reports are those of the
// 整治 campaign, the others what is handed on or noticed by the office itself.
const (
	Inspection   Channel = "INSPECTION"
	Media        Channel = "MEDIA"
	Petition     Channel = "PETITION"
	Hotline      Channel = "HOTLINE_12345"
	PublicReport Channel = "PUBLIC_REPORT"
	OwnerApp     Channel = "OWNER_APP"
	Transfer     Channel = "TRANSFER"
	SelfFound    Channel = "SELF_FOUND"
)

// Channels lists them with their names.
var Channels = []Named{
	{string(Inspection), "巡查检查"},
	{string(Media), "媒体反映"},
	{string(Petition), "信访投诉"},
	{string(PublicReport), "群众举报"},
	{string(Hotline), "12345热线"},
	{string(OwnerApp), "业主反映"},
	{string(Transfer), "部门移送"},
	{string(SelfFound), "自行发现"},
}

// Title is the channel's name.
func (c Channel) Title() string { return titleOf(Channels, string(c)) }

func titleOf(list []Named, code string) string {
	for _, n := range list {
		if n.Code == code {
			return n.Title
		}
	}
	return ""
}

// Classes are how a found fault can be solved (four classes of domain §2.2, Dazhou).
var Classes = []Named{{"now", "立行立改"}, {"deadline", "限期整改"}, {"stages", "分步推进"}, {"policy", "受政策限制"}}

// A Fault is what somebody says is wrong.
type Fault struct {
	Channel    Channel
	SourceRef  string // "report:0ABC…", "inspection:0ABC…", an order's number
	Project    code.ProjectCode
	Enterprise code.USCC // "" who manages the project
	Violation  string    // of the catalogue, "" until verified
	Facts      string
	Spot       string // where in the estate
	FoundOn    day.Date
	Files      []db.ID // photos of before
}

// A Case is one fault on its way to its end.
type Case struct {
	ID             db.ID
	No, Book       string
	Channel        Channel
	Project        code.ProjectCode
	ProjectID      db.ID
	Enterprise     code.USCC
	Division       code.Division
	Violation      string
	Severity       string
	Facts, Spot    string
	FoundOn        day.Date
	RegisteredOn   day.Date
	Body           string // casework.Holder key of who registered and orders
	State          string
	Due            day.Date // of the step it waits for
	ReplyDue       day.Date
	Replied        day.Date
	Verified       day.Date
	OrderNo        string
	OrderedOn      day.Date
	Deadline       day.Date // for the rectification
	Wished         day.Date // a longer one that waits for a second person
	HandedTo       string   // the other authority
	HandedDocument string   // by which it took the case over
	Class          string
	AskedUntil     day.Date // the longer time that the enterprise asked for
	Extended, Late bool
	Reopened       int64
	Fixed          string // "", FixedRechecked, FixedConfirmed
	ClosedOn       day.Date
	Into           db.ID
	ChangedAt      time.Time
	EnterpriseName string // of lists
	ProjectName    string
	ViolationTitle string
}

// How a fault is known to be mended.
const (
	FixedRechecked = "rechecked"
	FixedConfirmed = "confirmed"
)

// Place is where the case stands.
func (c *Case) Place() authz.Place {
	return authz.Place{Division: c.Division, Enterprise: c.Enterprise, Project: string(c.Project)}
}

// Object names the case in audit events and messages.
func (c *Case) Object() string { return "supervision_case:" + c.ID.String() }

// caseOfObject reads what Object wrote.
func caseOfObject(object string) (db.ID, error) {
	return db.ParseID(strings.TrimPrefix(object, "supervision_case:"))
}

// StateTitle is the state in Chinese. A closed case says how it is known that
// the fault is gone.
func (c *Case) StateTitle() string {
	t := CaseMachine.StateTitle(c.State)
	if c.State == Closed || c.State == Archived {
		if c.Fixed == FixedConfirmed {
			return t + "（居民已确认）"
		}
		return t + "（复查合格）"
	}
	return t
}

func (c *Case) body() casework.Holder { return casework.ParseHolder(c.Body) }

// A Source is one report of the fault.
type Source struct {
	Case    db.ID
	N       int64
	Channel Channel
	Ref     string
	Facts   string
	Spot    string
	FoundOn day.Date
	At      time.Time
}

// A Proof is a photo or paper of a case: the digest says that it is the one that
// was handed in, the spot and the instant where and when (before/after).
type Proof struct {
	Case    db.ID
	File    db.ID
	Purpose string // "before", "after", "reply", "minutes", "recheck"
	SHA256  string
	Spot    string
	At      time.Time
	Name    string
}

// PurposeTitle is what the file is for.
func (p Proof) PurposeTitle() string {
	return map[string]string{"before": "整改前", "after": "整改后", "reply": "陈述申辩", "minutes": "约谈记录", "recheck": "复查"}[p.Purpose]
}

// A Measure is one consequence of a case.
type Measure struct {
	ID         db.ID
	Case       db.ID
	Kind       string
	Project    code.ProjectCode
	Enterprise code.USCC
	District   code.Division
	Violation  string
	Basis      string
	Reason     string
	Ground     string // of a supervised exit: a code of the rulebook's
	Body       string
	State      string
	Number     string
	Record     db.ID // in credit
	Decided    day.Date
	Done       day.Date
	Outcome    string
	ListedFrom day.Date
	ListedTo   day.Date
	Document   string
	ChangedAt  time.Time
	CaseNo     string // of lists

	RecordState string // where its record of credit stands; "" without one
}

// StateTitle is the state in Chinese; of points that do not count any more, that.
func (m *Measure) StateTitle() string {
	if m.Void() {
		return "扣分已失效（信用信息" + credit.RecordMachine.StateTitle(m.RecordState) + "）"
	}
	return MeasureMachine.StateTitle(m.State)
}

// Void says whether the record of a deduction came to nothing: refused, withdrawn,
// set aside by an objection or annulled. The measure follows its record.
func (m *Measure) Void() bool {
	return slices.Contains([]string{credit.RecordWithdrawn, credit.RecordRefused, credit.RecordUpheld, credit.RecordAnnulled}, m.RecordState)
}

// A Take is one act on a case or measure that the actor saw at a version (CRS-7).
type Take struct {
	ID      db.ID
	Version int64
	Note    string
	Files   []db.ID
	Spot    string   // where the photos were taken
	Until   day.Date // of an extension: asked for, or granted
}

// An Order is what the enterprise has to do, by when.
type Order struct {
	Class    string
	Deadline day.Date // 0: by the rulebook
}

// A Receiver is who takes a case over, and the paper by which it does.
type Receiver struct{ To, Document string }

// A Dossier is all that one case's page shows.
type Dossier struct {
	Case
	Flow      casework.Case
	Steps     []casework.Step
	Allowed   []casework.Act
	Barred    []casework.Barred // only for another person than who asks
	Sources   []Source
	IntoNo    string // of the case that it was merged into
	Merged    []Case // those that were merged into it
	Alike     []Case // what may be the same fault
	Proofs    []Proof
	Measures  []Measure
	Possible  []Possible // what may be proposed now, and what not yet
	Rule      Violation
	BookTitle string
	Authority string // the office that leads the case
	Heard     bool   // the enterprise has no word any more: its term is over, or it said all it may
	Words     string
	LateNow   bool
	ExtendTo  day.Date // the longest that the deadline can be extended to; 0: not now
}

// A Possible is a measure with whether it may be proposed, and why not.
type Possible struct {
	Step
	OK      bool
	Why     string
	Skipped []Step // milder ones that would be passed over
}

// A Wish is a measure that somebody proposes.
type Wish struct {
	Kind, Reason string
	Ground       string // of a supervised exit
}
