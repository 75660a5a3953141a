package registry

import (
	"context"
	"encoding/json"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
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
	filed, err := filedOn(ctx, tx, f)
	if err != nil {
		return Filing{}, err
	}
	if p, err = s.putProject(ctx, tx, who, p, change, filed); err != nil {
		return Filing{}, err
	}
	f.Code = string(p.Code)
	return f, s.updateFiling(ctx, tx, f, f.Case.State)
}

// filedOn is the day on which a filing was last submitted: from then on the
// district knew of a change of manager.
func filedOn(ctx context.Context, tx *db.Tx, f Filing) (on day.Date, err error) {
	steps, err := casework.History(ctx, tx, f.Case)
	for _, x := range steps {
		if x.Act == actFile {
			on = day.FromTime(x.At)
		}
	}
	return on, err
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
