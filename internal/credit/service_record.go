package credit

import (
	"context"
	"slices"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// Records leads credit information from the proposal to its end (PC-44 … PC-49).
// Who takes which step, and in how many days, is in the rulebook that was in
// force when the record was opened.
type Records struct {
	DB       *db.DB
	Calendar *day.Calendar // nil: the library's

	// Books gives the rulebook in force on a day.
	Books func(ctx context.Context, tx *db.Tx, on day.Date) (*Book, error)
}

// robot takes the steps that follow by themselves.
var robot = authz.System("credit")

func (s *Records) calendar() *day.Calendar {
	if s.Calendar == nil {
		return day.DefaultCalendar()
	}
	return s.Calendar
}

// Propose is ProposeIn in a transaction of its own.
func (s *Records) Propose(ctx context.Context, who authz.Actor, p Proposal) (id db.ID, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		id, err = s.ProposeIn(ctx, tx, who, p)
		return err
	})
	return id, err
}

// ProposeIn hands in one event with its evidence. What looks like a record that
// is there already is Conflict "credit.duplicate", until the proposal says that
// the likeness is known; the same item for the same subject by the same proof is
// refused altogether.
func (s *Records) ProposeIn(ctx context.Context, tx *db.Tx, who authz.Actor, p Proposal) (db.ID, error) {
	return s.propose(ctx, tx, who, Take{}, p)
}

// ProposeDraftIn hands in a draft as it was saved.
func (s *Records) ProposeDraftIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	p, err := s.DraftIn(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	_, err = s.propose(ctx, tx, who, t, p)
	return err
}

// propose files a proposal; t names the draft that it grew from.
func (s *Records) propose(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, p Proposal) (db.ID, error) {
	f, err := s.locate(ctx, tx, p)
	if err != nil {
		return 0, err
	}
	if err := authz.Require(who, authz.CreditPropose, f.Place()); err != nil {
		return 0, err
	}
	b, err := s.Books(ctx, tx, tx.Today())
	if err != nil {
		return 0, err
	}
	system := who.SystemName() != ""
	if err := b.check(&f.Proposal, tx.Today(), system); err != nil {
		return 0, err
	}
	proc, err := procedureOf(b, &f)
	if err != nil {
		return 0, err
	}
	if f.Body, err = proposer(who, f.Place(), proc); err != nil {
		return 0, err
	}
	if err := s.complete(ctx, tx, b, &f); err != nil {
		return 0, err
	}
	if f.ID = t.Record; f.ID == 0 {
		f.ID = tx.NewID()
	}
	f.Book, f.Opened, f.Account, f.At, f.Source = b.Digest, tx.Today(), who.Account, tx.Now, "person"
	if system {
		f.Source = "system"
	}
	if err := s.refuseDuplicate(ctx, tx, &f); err != nil {
		return 0, err
	}
	return f.ID, s.hand(ctx, tx, who, t, b, proc, &f)
}

// hand stores the filed record and gives it to the body that checks it, or that
// identifies it when the procedure knows no check.
func (s *Records) hand(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, b *Book, proc Procedure, f *Filed) error {
	act, name := ActPropose, StepCheck
	step, ok := proc.Step(StepCheck)
	if !ok {
		act, name = ActSubmit, StepIdentify
		step, _ = proc.Step(StepIdentify)
	}
	way, err := s.way(act, name, step, f.Place())
	if err != nil {
		return err
	}
	way.Title = b.Item(b.ItemNo(f.Item)).Title
	var c casework.Case
	if t.Record == 0 {
		c, err = casework.Open(ctx, tx, who, RecordMachine, casework.Opening{ID: f.ID, Object: f.Object(), Title: way.Title, Place: f.Place(), Way: way})
	} else {
		place := f.Place()
		way.Place = &place
		c, err = casework.Do(ctx, tx, who, RecordMachine, casework.Move{Case: t.Record, Version: t.Version, Way: way})
	}
	if err != nil {
		return err
	}
	if err := dropDraft(ctx, tx, f.ID); err != nil {
		return err
	}
	if err := insertFiled(ctx, tx, f); err != nil {
		return err
	}
	cond := Condition{Version: c.Version, State: c.State, Due: f.Due, At: tx.Now}
	if err := saveCondition(ctx, tx, f, cond); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "credit.proposed", f.Object(), audit.Change{
		Act: authz.CreditPropose, At: f.Place(), After: f.Proposal, Detail: map[string]any{"item": f.Item, "enterprise": f.Enterprise, "project": f.Project},
	})
}

// way is the next step as the procedure has it.
func (s *Records) way(act, name string, step ProcedureStep, at authz.Place) (casework.Way, error) {
	w := casework.Way{Act: act, Term: &step.Term, Calendar: s.Calendar}
	h, ok := holderOf(step.Roles, at)
	if !ok && len(step.Roles) == 0 {
		h, ok = casework.HolderAt(authz.DistrictBureau, at)
	}
	if !ok {
		title := name
		if i := slices.IndexFunc(ProcedureSteps, func(n Named) bool { return n.Code == name }); i >= 0 {
			title = ProcedureSteps[i].Title
		}
		return w, fault.New(fault.Conflict, "credit.no-holder", "规则规定的“%s”单位在该区域不存在，请联系市住建局。", title)
	}
	w.Holder = &h
	return w, nil
}

func procedureOf(b *Book, f *Filed) (Procedure, error) {
	no := b.ItemNo(f.Item)
	it := b.Item(no)
	if it == nil {
		return Procedure{}, fault.New(fault.Conflict, "credit.no-item", "评价规则中没有项目%s。", f.Item)
	}
	proc, ok := b.ProcedureOf(no, it.LevelNo(f.Level))
	if !ok {
		return Procedure{}, fault.New(fault.Conflict, "credit.no-procedure", "评价规则没有规定这类信息的办理程序。")
	}
	return proc, nil
}

// proposer is the body for which the actor proposes, by the procedure's roles.
func proposer(who authz.Actor, at authz.Place, proc Procedure) (string, error) {
	if who.SystemName() != "" {
		return SystemRole, nil
	}
	step, _ := proc.Step(StepPropose)
	body, ok := bodyAs(who, authz.CreditPropose, at, step.Roles)
	if !ok {
		return "", fault.New(fault.Forbidden, "credit.not-proposer", "按现行评价规则，这个项目的信息不由您所在的单位提出。")
	}
	return body.Key(), nil
}

// locate finds enterprise, project and place of a proposal.
func (s *Records) locate(ctx context.Context, tx *db.Tx, p Proposal) (Filed, error) {
	f := Filed{Proposal: p}
	f.Summary, f.Honour = strings.TrimSpace(p.Summary), strings.TrimSpace(p.Honour)
	if p.Project != "" {
		row, err := projectRowOf(ctx, tx, p.Project)
		if err != nil {
			return f, err
		}
		f.ProjectID, f.Division = row.id, row.division
		held, err := holderOn(ctx, tx, p.Project, p.Event)
		if err != nil {
			return f, err
		}
		switch {
		case f.Enterprise == "":
			f.Enterprise = held
		case held != "" && held != f.Enterprise:
			return f, fault.New(fault.Invalid, "credit.not-holder", "发生时该项目不由这家企业服务。").With("project", "发生时该项目由其他企业服务，请核对项目和发生日期。")
		}
	}
	if f.Enterprise == "" {
		return f, fault.New(fault.Invalid, "credit.no-subject", "请选择企业或项目。").With("enterprise", "请选择企业，或填写发生时有企业服务的项目。")
	}
	row, err := enterpriseRowOf(ctx, tx, f.Enterprise)
	if err != nil {
		return f, err
	}
	f.EnterpriseID = row.id
	if f.Division == "" {
		f.Division = row.division
	}
	return f, nil
}

// complete finds class, subjects and files.
func (s *Records) complete(ctx context.Context, tx *db.Tx, b *Book, f *Filed) error {
	it := b.Item(b.ItemNo(f.Item))
	f.Class = b.Classes[it.Class].Code
	subjects, err := s.subjects(ctx, tx, it, f)
	if err != nil {
		return err
	}
	for _, subject := range subjects {
		f.Subjects = append(f.Subjects, EntrySubject{Entry: tx.NewID(), Subject: subject})
	}
	f.Files, err = knownFiles(ctx, tx, f.Files)
	return err
}

// subjects are whom the event scores (PC-24).
func (s *Records) subjects(ctx context.Context, tx *db.Tx, it *Item, f *Filed) ([]Subject, error) {
	refuse := func(field, text string) ([]Subject, error) {
		return nil, fault.New(fault.Invalid, "credit.subject", "计分对象与项目不符。").With(field, text)
	}
	if len(f.Projects) > subjectsMax-1 {
		return refuse("projects", "一次事件涉及的项目过多。")
	}
	manager := false
	if f.Person != 0 {
		isManager, ok, err := personServes(ctx, tx, f.Person, f.Enterprise)
		if err != nil {
			return nil, err
		}
		if !ok {
			return refuse("person", "该人员不在这家企业任职。")
		}
		manager = isManager
	}
	switch {
	case it.For(Project) && f.ProjectID != 0:
		all := []Subject{{Project, f.ProjectID}}
		for _, c := range f.Projects {
			other, err := s.heldProject(ctx, tx, c, f)
			if err != nil {
				return nil, err
			}
			if subject := (Subject{Project, other}); !slices.Contains(all, subject) {
				all = append(all, subject)
			}
		}
		return all, nil
	case len(f.Projects) > 0:
		return refuse("projects", "该项目不按小区项目计分，不能选择多个。")
	case it.For(Enterprise) || it.For(Branch):
		return []Subject{{Enterprise, f.EnterpriseID}}, nil
	case it.For(Project):
		return refuse("project", "请选择发生的小区项目。")
	case f.Person == 0:
		return refuse("person", "请选择责任人员。")
	case it.For(Manager) && manager:
		return []Subject{{Manager, f.Person}}, nil
	case it.For(Staff):
		return []Subject{{Staff, f.Person}}, nil
	}
	return refuse("person", "该人员不是项目负责人。")
}

// heldProject is a further project, managed by the same enterprise on the day.
func (s *Records) heldProject(ctx context.Context, tx *db.Tx, c code.ProjectCode, f *Filed) (db.ID, error) {
	row, err := projectRowOf(ctx, tx, c)
	if err != nil {
		return 0, err
	}
	held, err := holderOn(ctx, tx, c, f.Event)
	if err == nil && held != f.Enterprise {
		err = fault.New(fault.Invalid, "credit.not-holder", "发生时项目%s不由这家企业服务。", row.name).With("projects", "请只选择同一企业当时服务的项目。")
	}
	return row.id, err
}

// knownFiles fills in digests; a file serves one record only, so that nobody
// reaches another's by naming its id.
func knownFiles(ctx context.Context, tx *db.Tx, files []FileRef) ([]FileRef, error) {
	if len(files) == 0 {
		return nil, nil
	}
	bad := fault.New(fault.Invalid, "credit.file", "材料没有上传成功或已用于其他信息，请重新上传。").With("files", "请重新上传。")
	if len(files) > filesMax {
		return nil, bad
	}
	var ids []db.ID
	for _, file := range files {
		ids = append(ids, file.ID)
	}
	found, err := blob.Files(ctx, tx, ids...)
	if err != nil {
		return nil, err
	}
	used, err := filesUsed(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	var out []FileRef
	for _, id := range ids {
		file, ok := found[id]
		if !ok || used {
			return nil, bad
		}
		out = append(out, FileRef{ID: id, SHA256: file.SHA256, Name: file.Name})
	}
	return out, nil
}

// Likenesses shows the records that a proposal may repeat, those that the actor may see.
func (s *Records) Likenesses(ctx context.Context, tx *db.Tx, who authz.Actor, p Proposal) ([]Likeness, error) {
	f, err := s.locate(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	if err := authz.Require(who, authz.CreditPropose, f.Place()); err != nil {
		return nil, err
	}
	if f.Files, err = knownFiles(ctx, tx, p.Files); err != nil {
		return nil, err
	}
	all, err := likenessesOf(ctx, tx, &f.Proposal, f.EnterpriseID, 0)
	return slices.DeleteFunc(all, func(l Likeness) bool { return !sees(who, l.place, l.State, l.body) }), err
}

// refuseDuplicate holds the enterprise and the document, so that two at once
// don't pass, and looks for the same proof.
func (s *Records) refuseDuplicate(ctx context.Context, tx *db.Tx, f *Filed) error {
	if err := tx.Lock(ctx, "enterprise", f.Enterprise); err != nil {
		return err
	}
	if f.Document.Number != "" {
		if err := tx.Lock(ctx, "document", f.Document.Number+"|"+f.Document.Issuer); err != nil {
			return err
		}
	}
	alike, err := likenessesOf(ctx, tx, &f.Proposal, f.EnterpriseID, f.ID)
	if err != nil || len(alike) == 0 {
		return err
	}
	var subjects []Subject
	for _, e := range f.Subjects {
		subjects = append(subjects, e.Subject)
	}
	for _, l := range alike {
		if l.Item != f.Item {
			continue
		}
		same, err := sameSubjects(ctx, tx, l.Record, subjects)
		if err != nil {
			return err
		}
		if same {
			return fault.New(fault.Conflict, "credit.same", "%s的同一项目信息已经录入（编号%s，%s），不能重复录入。", l.Title(), l.Record, RecordMachine.StateTitle(l.State))
		}
	}
	if f.Known {
		return nil
	}
	l := alike[0]
	return fault.New(fault.Conflict, "credit.duplicate", "已有相似信息（%s，编号%s，%s）。请核对，如确属另一件事，请勾选确认后再提交。", l.Title(), l.Record, RecordMachine.StateTitle(l.State))
}
