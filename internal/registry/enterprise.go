package registry

import (
	"time"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
)

// A Kind says how an enterprise stands in the city. Branches of firms of the
// province count under their head; a branch of an outside firm is evaluated by
// itself (黑龙江省物业服务企业信用信息管理办法).
type Kind string

// The kinds of enterprises.
const (
	Local         Kind = "LOCAL"
	Branch        Kind = "BRANCH"
	OutsideBranch Kind = "OUTSIDE_BRANCH"
)

// Kinds lists them with their titles.
var Kinds = []Choice{{"LOCAL", "本地企业"}, {"BRANCH", "省内企业分支机构"}, {"OUTSIDE_BRANCH", "外地企业分支机构"}}

// Title is the kind in Chinese.
func (k Kind) Title() string { return titleOf(Kinds, k) }

// A State says whether a subject works in the city.
type State string

// The states of enterprises and projects.
const (
	Active    State = "ACTIVE"
	Suspended State = "SUSPENDED"
	Left      State = "LEFT"
)

// States lists them with their titles.
var States = []Choice{{"ACTIVE", "在册"}, {"SUSPENDED", "暂停"}, {"LEFT", "已退出"}}

// Title is the state in Chinese.
func (s State) Title() string { return titleOf(States, s) }

// A Source says by which way a state of the register came about.
type Source string

// The sources.
const (
	FromFiling Source = "FILING"
	FromImport Source = "IMPORT"
	FromOffice Source = "OFFICE" // the authority's own act
)

// Sources lists them with their titles.
var Sources = []Choice{{"FILING", "企业备案"}, {"IMPORT", "批量导入"}, {"OFFICE", "主管部门登记"}}

// Title is the source in Chinese.
func (s Source) Title() string { return titleOf(Sources, s) }

// A Change says who brought a subject to its state, when, and why.
type Change struct {
	At     time.Time
	By     db.ID // account; none for the system
	Source Source
	Reason string
}

// An Enterprise is a property service enterprise in the city's register.
// LegalPerson and Phone are personal data: sealed in the tables, masked on pages.
type Enterprise struct {
	USCC    code.USCC
	ID      db.ID
	Version int64

	Kind         Kind
	Name         string
	Head         string // of a branch: its head's code, or its name when outside the province
	LegalPerson  string
	Division     code.Division // where it is registered
	Address      string
	Phone        string
	Founded      day.Date
	Capital      money.Fen
	Staff        int64
	PartyMembers int64
	State        State

	Entered day.Date // first day in the register
	LeftOn  day.Date // day it left
	Change

	Projects int64      // active projects it manages; kept by the register
	Managed  money.Area // their floor area
}

var enterpriseFields = []field[Enterprise]{
	usccField(Column{Key: "uscc", Title: "统一社会信用代码", Hint: "18 位", Required: true}, func(e *Enterprise) *code.USCC { return &e.USCC }),
	textField(Column{Key: "name", Title: "企业名称", Required: true}, func(e *Enterprise) *string { return &e.Name }, textMax),
	choiceField(Column{Key: "kind", Title: "企业类型", Required: true}, func(e *Enterprise) *Kind { return &e.Kind }, Kinds),
	textField(Column{Key: "head", Title: "总公司", Hint: "分支机构填写总公司的代码或名称"}, func(e *Enterprise) *string { return &e.Head }, textMax),
	textField(Column{Key: "legal_person", Title: "法定代表人", Private: true}, func(e *Enterprise) *string { return &e.LegalPerson }, 50),
	divisionField(Column{Key: "division", Title: "注册区划代码", Hint: "区县 6 位，或街道 9 位、社区 12 位", Required: true}, func(e *Enterprise) *code.Division { return &e.Division }),
	textField(Column{Key: "address", Title: "注册地址"}, func(e *Enterprise) *string { return &e.Address }, textMax),
	textField(Column{Key: "phone", Title: "联系电话", Private: true}, func(e *Enterprise) *string { return &e.Phone }, 30),
	dateField(Column{Key: "founded", Title: "成立日期", Hint: "2026-07-01"}, func(e *Enterprise) *day.Date { return &e.Founded }),
	fenField(Column{Key: "capital", Title: "注册资本（元）"}, func(e *Enterprise) *money.Fen { return &e.Capital }),
	countField(Column{Key: "staff", Title: "从业人数"}, func(e *Enterprise) *int64 { return &e.Staff }),
	countField(Column{Key: "party_members", Title: "党员人数"}, func(e *Enterprise) *int64 { return &e.PartyMembers }),
	choiceField(Column{Key: "state", Title: "状态", Hint: "不填为在册"}, func(e *Enterprise) *State { return &e.State }, States),
}

// EnterpriseColumns are the fields of an enterprise: forms, files and
// differences show them in this order.
func EnterpriseColumns() []Column { return columns(enterpriseFields) }

// Values shows an enterprise as a form, personal data in clear.
func (e Enterprise) Values() map[string]string { return values(enterpriseFields, &e) }

// Masked is e with its personal data masked, as pages show it by default (PI-2).
func (e Enterprise) Masked() Enterprise {
	e.LegalPerson, e.Phone = code.MaskName(e.LegalPerson), code.MaskPhone(e.Phone)
	return e
}
