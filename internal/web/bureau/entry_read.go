package bureau

import (
	"context"
	"strings"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/web"
)

// proposal reads the form; what can't be read is noted at its field.
func (e entry) proposal(f *web.Form) credit.Proposal {
	has := map[string]bool{}
	for _, fd := range f.Fields {
		has[fd.Name] = true
	}
	p := credit.Proposal{
		Item: e.item.Code, Enterprise: f.USCC("enterprise"), Event: f.Date("event"), Summary: f.Str("summary"), Due: f.Date("due"),
		Document: credit.Document{
			Type: f.Str("document_type"), Number: f.Str("document_number"), Issuer: f.Str("document_issuer"), Date: f.Date("document_date"), Expires: f.Date("document_expires"),
		},
		Files: e.past.Files,
	}
	if v := f.Str("project"); v != "" {
		c, err := code.ParseProjectCode(v)
		if err != nil {
			f.Refuse("project", fault.From(err).Text)
		}
		p.Project = c
	}
	if has["projects"] {
		p.Projects = projectCodes(f, "projects")
	}
	if has["person"] {
		p.Person = f.ID("person")
	}
	if has["level"] {
		p.Level = f.Str("level")
	}
	if has["value"] {
		p.Value = f.Points("value")
	}
	if has["parent"] {
		p.Parent = f.ID("parent")
	}
	if has["honour"] {
		p.Honour = f.Str("honour")
	}
	if has["known"] {
		p.Known = f.Bool("known")
	}
	return p
}

// projectCodes reads several codes from one field.
func projectCodes(f *web.Form, name string) (out []code.ProjectCode) {
	for _, v := range strings.FieldsFunc(f.Str(name), func(c rune) bool { return strings.ContainsRune(" ,，、;；", c) }) {
		c, err := code.ParseProjectCode(v)
		if err != nil {
			f.Refuse(name, v+"："+fault.From(err).Text)
		}
		out = append(out, c)
	}
	return out
}

// inArea refuses, at its field, an enterprise or a project that is not in the
// actor's area. What is nowhere and what is elsewhere is said in the same words.
func inArea(ctx context.Context, tx *db.Tx, who authz.Actor, p credit.Proposal) error {
	found := func(at authz.Place, err error) (bool, error) {
		if e := fault.From(err); e != nil && e.Kind == fault.NotFound {
			return false, nil
		}
		return err == nil && authz.May(who, authz.CreditPropose, at), err
	}
	refused := fault.New(fault.Invalid, "credit.not-here", "没有找到所填的对象。")
	for i, c := range append([]code.ProjectCode{p.Project}, p.Projects...) {
		if c == "" {
			continue
		}
		at, err := registry.PlaceOfProject(ctx, tx, c)
		ok, err := found(at, err)
		if err != nil {
			return err
		}
		if field := []string{"project", "projects"}[min(i, 1)]; !ok {
			return refused.With(field, "您的辖区内没有项目 "+string(c)+"，请核对项目编码。")
		}
	}
	if p.Enterprise == "" {
		return nil
	}
	at, err := registry.PlaceOfEnterprise(ctx, tx, p.Enterprise)
	if err == nil && p.Project != "" {
		return nil // the project says where it was
	}
	ok, err := found(at, err)
	if err == nil && !ok {
		err = refused.With("enterprise", "您的辖区内没有代码为 "+string(p.Enterprise)+" 的企业，请核对；事情发生在小区的，请填写项目编码。")
	}
	return err
}
