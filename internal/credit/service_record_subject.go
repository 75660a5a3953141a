package credit

import (
	"context"
	"slices"
	"strings"

	"juli/internal/blob"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

// locate finds enterprise, project and place of a proposal.
func (s *Records) locate(ctx context.Context, reg *register, p Proposal) (Filed, error) {
	f := Filed{Proposal: p}
	f.Summary, f.Honour = strings.TrimSpace(p.Summary), strings.TrimSpace(p.Honour)
	if p.Project != "" {
		row, err := reg.project(ctx, p.Project)
		if err != nil {
			return f, err
		}
		f.ProjectID, f.Division = row.id, row.division
		held, err := reg.holder(ctx, p.Project, p.Event)
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
	row, err := reg.enterprise(ctx, f.Enterprise)
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
	subjects, err := s.subjects(ctx, lookUp(tx), it, f)
	if err != nil {
		return err
	}
	for _, subject := range subjects {
		f.Subjects = append(f.Subjects, EntrySubject{Entry: tx.NewID(), Subject: subject})
	}
	if err := parentFits(ctx, tx, b, it, f); err != nil {
		return err
	}
	f.Files, err = knownFiles(ctx, tx, f.Files)
	return err
}

// parentFits refuses a record that hangs on another enterprise's, or on one that
// the item has nothing to do with.
func parentFits(ctx context.Context, tx *db.Tx, b *Book, it *Item, f *Filed) error {
	if f.Parent == 0 {
		return nil
	}
	refuse := func(text string) error {
		return fault.New(fault.Invalid, "credit.parent", "所依据的记录不合适。").With("parent", text)
	}
	parent, ok, err := filedByID(ctx, tx, f.Parent)
	switch {
	case err != nil:
		return err
	case !ok || parent.EnterpriseID != f.EnterpriseID:
		return refuse("没有找到这家企业的这条信用信息，请核对编号。")
	case slices.Contains(it.Orders, parent.Item):
		return nil
	case slices.ContainsFunc(it.Voids, func(c int16) bool { return b.Classes[c].Code == parent.Class }):
		return nil
	}
	return refuse("这条信用信息不是该事项可以依据的记录。")
}

// subjects are whom the event scores (PC-24).
func (s *Records) subjects(ctx context.Context, reg *register, it *Item, f *Filed) ([]Subject, error) {
	refuse := func(field, text string) ([]Subject, error) {
		return nil, fault.New(fault.Invalid, "credit.subject", "计分对象与项目不符。").With(field, text)
	}
	if len(f.Projects) > subjectsMax-1 {
		return refuse("projects", "一次事件涉及的项目过多。")
	}
	manager := false
	if f.Person != 0 {
		isManager, ok, err := reg.serves(ctx, f.Person, f.Enterprise)
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
			other, err := s.heldProject(ctx, reg, c, f)
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
func (s *Records) heldProject(ctx context.Context, reg *register, c code.ProjectCode, f *Filed) (db.ID, error) {
	row, err := reg.project(ctx, c)
	if err != nil {
		return 0, err
	}
	held, err := reg.holder(ctx, c, f.Event)
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
