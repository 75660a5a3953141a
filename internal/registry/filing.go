package registry

import (
	"context"
	"encoding/json"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Subject says what a filing is about.
type Subject string

// The subjects.
const (
	EnterpriseSubject Subject = "ENTERPRISE"
	ProjectSubject    Subject = "PROJECT"
)

// Subjects lists them with their titles.
var Subjects = []Choice{{"ENTERPRISE", "企业信息"}, {"PROJECT", "项目信息"}}

// Title is the subject in Chinese.
func (s Subject) Title() string { return titleOf(Subjects, s) }

// A Filing is what an enterprise declares of itself or of a project, kept as it
// was typed until the district has checked it. Values are by the keys of
// [EnterpriseColumns] or [ProjectColumns].
type Filing struct {
	ID          db.ID
	Subject     Subject
	Code        string // USCC or project code; "" for a new project
	Title       string
	Enterprise  code.USCC     // who files
	Division    code.Division // whose district checks
	BaseVersion int64         // of the subject when the filing was begun; 0: a new one
	Values      map[string]string
	Reason      string
	Case        casework.Case
}

const (
	valuesMax = 60
	reasonMax = 1000
)

// place is where a filing stands: with the subject's district and the filer.
func (f Filing) place() authz.Place {
	at := authz.Place{Division: f.Division, Enterprise: f.Enterprise}
	if f.Subject == ProjectSubject {
		at.Project = f.Code
	}
	return at
}

// SaveDraft begins a filing, or changes one that is a draft or was returned. ID 0
// begins one; version is the case's version that was edited (CRS-7).
func (s *Service) SaveDraft(ctx context.Context, who authz.Actor, f Filing, version int64) (out Filing, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error { out, err = s.SaveDraftIn(ctx, tx, who, f, version); return err })
	return out, err
}

// SaveDraftIn is SaveDraft in the caller's transaction.
func (s *Service) SaveDraftIn(ctx context.Context, tx *db.Tx, who authz.Actor, f Filing, version int64) (Filing, error) {
	if f.ID != 0 {
		return s.changeDraft(ctx, tx, who, f, version)
	}
	if err := s.prepare(ctx, tx, &f); err != nil {
		return Filing{}, err
	}
	if err := authz.Require(who, authz.RegistryFile, f.place()); err != nil {
		return Filing{}, err
	}
	f.ID = tx.NewID()
	if err := s.insertFiling(ctx, tx, f); err != nil {
		return Filing{}, err
	}
	var err error
	f.Case, err = casework.Open(ctx, tx, who, FilingMachine, casework.Opening{
		ID: f.ID, Object: "registry_filing:" + f.ID.String(), Title: f.Title, Place: f.place(), Way: casework.Way{Act: actDraft, Calendar: s.Calendar},
	})
	if err != nil {
		return Filing{}, err
	}
	return f, audit.Append(ctx, tx, who, "registry.drafted", "registry_filing:"+f.ID.String(), nil)
}

func (s *Service) changeDraft(ctx context.Context, tx *db.Tx, who authz.Actor, f Filing, version int64) (Filing, error) {
	old, err := s.filingIn(ctx, tx, who, f.ID, authz.RegistryFile)
	if err != nil {
		return Filing{}, err
	}
	if err := tx.Lock(ctx, "case", f.ID); err != nil {
		return Filing{}, err
	}
	if old.Case, err = casework.Find(ctx, tx, FilingMachine, f.ID); err != nil {
		return Filing{}, err
	}
	if old.Case.Version != version {
		return Filing{}, stale()
	}
	if old.Case.State != Draft && old.Case.State != Returned {
		return Filing{}, fault.New(fault.Conflict, "registry.not-draft", "这份备案%s，不能修改。", old.Case.StateTitle())
	}
	f.Subject, f.Code, f.Enterprise, f.BaseVersion, f.Case = old.Subject, old.Code, old.Enterprise, old.BaseVersion, old.Case
	if err := s.describe(ctx, tx, &f); err != nil {
		return Filing{}, err
	}
	if f.Division != old.Division {
		return Filing{}, fault.New(fault.Conflict, "registry.other-division", "所在区划变了，请另行起草一份备案。")
	}
	if err := s.updateFiling(ctx, tx, f, old.Case.State); err != nil {
		return Filing{}, err
	}
	return f, audit.Append(ctx, tx, who, "registry.draft-changed", "registry_filing:"+f.ID.String(), nil)
}

// prepare fills what a new filing takes from the register: the version it starts
// from, the place, the title.
func (s *Service) prepare(ctx context.Context, tx *db.Tx, f *Filing) error {
	switch f.Subject {
	case EnterpriseSubject:
		uscc, err := code.ParseUSCC(f.Code)
		if err != nil {
			return err
		}
		f.Code, f.Enterprise = string(uscc), uscc
		e, err := s.enterpriseOf(ctx, tx, uscc)
		if err != nil && !fault.Is(err, "registry.no-enterprise") {
			return err
		}
		f.BaseVersion = e.Version
	case ProjectSubject:
		f.BaseVersion = 0
		if f.Code != "" {
			c, err := code.ParseProjectCode(f.Code)
			if err != nil {
				return err
			}
			p, err := projectOf(ctx, tx, c)
			if err != nil {
				return err
			}
			f.Code, f.BaseVersion = string(c), p.Version
			if f.Enterprise == "" {
				f.Enterprise = p.Enterprise
			}
			if takes := clean(f.Values["enterprise"]); p.Enterprise != f.Enterprise && takes != string(f.Enterprise) {
				return fault.New(fault.Forbidden, "registry.not-manager", "这个项目由其他企业服务；接管项目请在物业企业代码中填写本企业。")
			}
		}
	default:
		return invalid("registry.subject", "请选择备案的对象。")
	}
	return s.describe(ctx, tx, f)
}

// describe checks the form's size and finds division and title. A known subject
// stands where the register says, a new one where the form says.
func (s *Service) describe(ctx context.Context, tx *db.Tx, f *Filing) error {
	if len(f.Values) > valuesMax || len([]rune(f.Reason)) > reasonMax {
		return fault.New(fault.TooLarge, "registry.filing-max", "填写的内容过多。")
	}
	name := clean(f.Values["name"])
	f.Division = ""
	switch {
	case f.BaseVersion == 0:
		d, err := code.ParseDivision(f.Values["division"])
		if err != nil {
			return fault.New(fault.Invalid, "registry.form", "请先选择所在区划。").With("division", fault.From(err).Text)
		}
		f.Division = d
	case f.Subject == EnterpriseSubject:
		e, err := s.enterpriseOf(ctx, tx, f.Enterprise)
		if err != nil {
			return err
		}
		f.Division, name = e.Division, e.Name
	default:
		p, err := projectOf(ctx, tx, code.ProjectCode(f.Code))
		if err != nil {
			return err
		}
		f.Division, name = p.Division, p.Name
	}
	if len([]rune(name)) > textMax {
		return invalid("registry.text-max", "名称不能超过 %d 个字。", textMax)
	}
	if f.Division.Up(code.District) == "" {
		return fault.New(fault.Invalid, "registry.form", "请先选择所在区划。").With("division", "请选择到区县。")
	}
	f.Title = f.Subject.Title() + "备案：" + name
	return nil
}

// File submits a draft to the district. Everything is checked as if it were
// registered now, so that the district sees no form with holes.
func (s *Service) File(ctx context.Context, who authz.Actor, id db.ID, version int64) (out Filing, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error { out, err = s.FileIn(ctx, tx, who, id, version); return err })
	return out, err
}

// FileIn is File in the caller's transaction.
func (s *Service) FileIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64) (Filing, error) {
	f, err := s.filingIn(ctx, tx, who, id, authz.RegistryFile)
	if err != nil {
		return Filing{}, err
	}
	if err := s.checkFiling(ctx, tx, f); err != nil {
		return Filing{}, err
	}
	return s.move(ctx, tx, who, f, version, actFile, "", "registry.filed")
}

// checkFiling applies every rule to what is declared.
func (s *Service) checkFiling(ctx context.Context, tx *db.Tx, f Filing) error {
	if f.Subject == EnterpriseSubject {
		e, err := s.enterpriseFrom(ctx, tx, f)
		if err := together(err, wanting(enterpriseFields, &e), checkEnterprise(&e, tx.Today()), checkPhone(f.Values["phone"])); err != nil {
			return err
		}
		return checkReferences(ctx, tx, e.Division, "")
	}
	p, err := s.projectFrom(ctx, tx, f)
	if err := together(err, wanting(projectFields, &p), checkProject(&p, tx.Today())); err != nil {
		return err
	}
	return checkReferences(ctx, tx, p.Division, p.Enterprise)
}

// Faults tells all that is wrong with a filing that has not been kept, as filing
// it would: a form that is refused for one thing names the others with it.
func (s *Service) Faults(ctx context.Context, tx *db.Tx, who authz.Actor, f Filing) error {
	var begun error
	if f.ID == 0 {
		begun = s.prepare(ctx, tx, &f)
	}
	if err := together(begun); err != nil && len(fault.From(err).Fields) == 0 {
		return err
	}
	if f.Division != "" {
		if err := authz.Require(who, authz.RegistryFile, f.place()); err != nil {
			return err
		}
	}
	return together(begun, s.checkFiling(ctx, tx, f))
}

// enterpriseFrom is the registered enterprise with the declared values over it.
func (s *Service) enterpriseFrom(ctx context.Context, tx *db.Tx, f Filing) (e Enterprise, err error) {
	if f.BaseVersion != 0 {
		if e, err = s.enterpriseOf(ctx, tx, f.Enterprise); err != nil {
			return e, err
		}
	}
	err = fill(enterpriseFields, &e, f.Values)
	e.USCC, e.Version = f.Enterprise, f.BaseVersion
	return e, err
}

func (s *Service) projectFrom(ctx context.Context, tx *db.Tx, f Filing) (p Project, err error) {
	if f.BaseVersion != 0 {
		if p, err = projectOf(ctx, tx, code.ProjectCode(f.Code)); err != nil {
			return p, err
		}
	}
	district := p.Division.Up(code.District)
	err = fill(projectFields, &p, f.Values)
	if err == nil && f.BaseVersion != 0 && p.Division.Up(code.District) != district {
		err = fault.New(fault.Invalid, "registry.form", "请改正标出的内容。").With("division", "项目不能改到另一个区县。")
	}
	p.Code, p.Version = code.ProjectCode(f.Code), f.BaseVersion
	if f.BaseVersion == 0 && p.Enterprise == "" {
		p.Enterprise = f.Enterprise
	}
	return p, err
}

// Accept registers what was declared: by the district, by another person than
// the one who filed (AZ-5). If the register changed meanwhile the filing is to be
// returned, never laid over the change.
func (s *Service) Accept(ctx context.Context, who authz.Actor, id db.ID, version int64) (out Filing, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error { out, err = s.AcceptIn(ctx, tx, who, id, version); return err })
	return out, err
}

// AcceptIn is Accept in the caller's transaction.
func (s *Service) AcceptIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64) (Filing, error) {
	f, err := s.filingIn(ctx, tx, who, id, authz.RegistryCheck)
	if err != nil {
		return Filing{}, err
	}
	if f, err = s.move(ctx, tx, who, f, version, ActAccept, "", "registry.accepted"); err != nil {
		return Filing{}, err
	}
	change := Change{tx.Now, who.Account, FromFiling, f.Reason}
	if f.Subject == EnterpriseSubject {
		e, err := s.enterpriseFrom(ctx, tx, f)
		if err != nil {
			return Filing{}, err
		}
		_, err = s.putEnterprise(ctx, tx, who, e, change)
		return f, err
	}
	p, err := s.projectFrom(ctx, tx, f)
	if err != nil {
		return Filing{}, err
	}
	if p, err = s.putProject(ctx, tx, who, p, change); err != nil {
		return Filing{}, err
	}
	f.Code = string(p.Code)
	return f, s.updateFiling(ctx, tx, f, f.Case.State)
}

// Return sends a filing back with reasons.
func (s *Service) Return(ctx context.Context, who authz.Actor, id db.ID, version int64, reasons string) (out Filing, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error { out, err = s.ReturnIn(ctx, tx, who, id, version, reasons); return err })
	return out, err
}

// ReturnIn is Return in the caller's transaction.
func (s *Service) ReturnIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64, reasons string) (Filing, error) {
	f, err := s.filingIn(ctx, tx, who, id, authz.RegistryCheck)
	if err != nil {
		return Filing{}, err
	}
	return s.move(ctx, tx, who, f, version, ActReturn, clean(reasons), "registry.returned")
}

// Withdraw takes a filing back before it is decided.
func (s *Service) Withdraw(ctx context.Context, who authz.Actor, id db.ID, version int64) (out Filing, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		out, err = s.WithdrawIn(ctx, tx, who, id, version)
		return err
	})
	return out, err
}

// WithdrawIn is Withdraw inside the caller's transaction.
func (s *Service) WithdrawIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64) (Filing, error) {
	f, err := s.filingIn(ctx, tx, who, id, authz.RegistryFile)
	if err != nil {
		return Filing{}, err
	}
	return s.move(ctx, tx, who, f, version, actWithdraw, "", "registry.withdrawn")
}

// move takes one act on the filing's case and notes its new state.
func (s *Service) move(ctx context.Context, tx *db.Tx, who authz.Actor, f Filing, version int64, act, note, event string) (Filing, error) {
	way := casework.Way{Act: act, Note: note, Calendar: s.Calendar}
	if act == actFile && !s.CheckTerm.IsZero() {
		way.Term = &s.CheckTerm
	}
	c, err := casework.Do(ctx, tx, who, FilingMachine, casework.Move{Case: f.ID, Version: version, Way: way})
	if err != nil {
		return Filing{}, err
	}
	f.Case = c
	if _, err := tx.Exec(ctx, `UPDATE registry_filing SET state = $2, changed_at = $3 WHERE id = $1`, f.ID, c.State, db.Millis(tx.Now)); err != nil {
		return Filing{}, err
	}
	return f, audit.Append(ctx, tx, who, event, "registry_filing:"+f.ID.String(), map[string]any{"subject": string(f.Subject), "code": f.Code})
}

// Filing reads a filing for whoever may read at its place; to others it does not
// exist (AZ-2). Personal data is in clear only for those who may file there.
func (s *Service) Filing(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Filing, error) {
	f, err := s.filingIn(ctx, tx, who, id, authz.RegistryRead)
	if err != nil {
		return Filing{}, err
	}
	if f.Subject == EnterpriseSubject && !authz.May(who, authz.RegistryFile, f.place()) {
		f.Values = mapValues(f.Values, maskValue(enterpriseFields))
	}
	return f, nil
}

// Compare lists what a filing would change in the register as it stands.
func (s *Service) Compare(ctx context.Context, tx *db.Tx, f Filing) ([]Difference, error) {
	if f.Subject == EnterpriseSubject {
		before := Enterprise{}
		if f.BaseVersion != 0 {
			var err error
			if before, err = s.enterpriseOf(ctx, tx, f.Enterprise); err != nil {
				return nil, err
			}
		}
		return compareForms(enterpriseFields, before.Masked().Values(), f.Values), nil
	}
	before := Project{}
	if f.BaseVersion != 0 {
		var err error
		if before, err = projectOf(ctx, tx, code.ProjectCode(f.Code)); err != nil {
			return nil, err
		}
	}
	return compareForms(projectFields, before.Values(), f.Values), nil
}

func encodeValues(values map[string]string) ([]byte, error) { return json.Marshal(values) }

func decodeValues(b []byte) (values map[string]string, err error) {
	return values, json.Unmarshal(b, &values)
}
