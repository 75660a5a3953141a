package enterprise

import (
	"juli/internal/blob"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/web"
)

func (x *declaring) fields() []web.Field {
	it := x.Item
	onProject := it.For(credit.Project) && !it.For(credit.Enterprise) && !it.For(credit.Branch) || !x.Firm.Whole
	var fields []web.Field
	if len(it.Levels) > 0 {
		f := web.Field{Name: "level", Label: "级别", Kind: web.Select, Required: true}
		for _, l := range it.Levels {
			f.Options = append(f.Options, web.Option{Value: l.Code, Text: orElse(l.Title, l.Code)})
		}
		fields = append(fields, f)
	}
	fields = append(fields, web.Field{Name: "project", Label: "小区项目", Kind: web.Select, Required: onProject, Options: x.Projects, Hint: "事情发生在哪个项目；与项目无关的不选"})
	if it.For(credit.Project) && x.Firm.Whole && len(x.Projects) > 1 {
		fields = append(fields, web.Field{Name: "projects", Label: "同时涉及的其他项目", Kind: web.Checks, Options: x.Projects, Hint: "同一件事涉及几个小区时才选"})
	}
	if may, must := it.Hangs(); may {
		fields = append(fields, web.Field{Name: "parent", Label: "所依据的信用信息编号", Required: must, Max: 13, Hint: "13 位，在那条信用信息的页面上"})
	}
	if len(x.People) > 0 {
		fields = append(fields, web.Field{Name: "person", Label: "人员", Kind: web.Select, Options: x.People})
	}
	fields = append(fields,
		web.Field{Name: "event", Label: "发生日期", Kind: web.Date, Required: true},
		web.Field{Name: "summary", Label: "事实", Kind: web.Long, Required: true, Max: 2000, Hint: "什么时间、什么事、谁认定的"},
	)
	if len(it.Bands) > 0 || len(it.Levels) == 0 {
		fields = append(fields, web.Field{Name: "value", Label: "数量或计量值", Kind: web.PointsIn, Unit: "（按规则计量）", Required: len(it.Bands) > 0, Hint: "按次计分的不填"})
	}
	proof := web.Field{Name: "document_type", Label: "证明文件种类", Kind: web.Select, Group: "证明"}
	for _, e := range x.Book.Evidence {
		if it.Proof == 0 || it.Proof&(1<<x.Book.EvidenceNo(e.Code)) != 0 {
			proof.Options = append(proof.Options, web.Option{Value: e.Code, Text: e.Title})
		}
	}
	if len(proof.Options) > 0 {
		proof.Required = it.Proof != 0
		fields = append(fields, proof)
	}
	return append(fields,
		web.Field{Name: "document_number", Label: "文号", Max: 200},
		web.Field{Name: "document_issuer", Label: "制发机关", Max: 200},
		web.Field{Name: "document_date", Label: "文件日期", Kind: web.Date},
		web.Field{Name: "document_expires", Label: "文件写明的失效日期", Kind: web.Date},
		web.Field{Name: "honour", Label: "荣誉名称", Max: 200, Hint: "同一荣誉只计一次"},
		web.Field{Name: "files", Label: "证明材料", Kind: web.Files, Accept: blob.Accept, Hint: "最多 10 个文件，每个不超过 20 MB"},
		web.Field{Name: "known", Label: "已核对相似信息，确属另一件事", Kind: web.Check},
		web.Field{Name: "do", Label: "保存方式", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "submit", Text: "提交审核"}, {Value: "draft", Text: "先存草稿"}}},
		web.Field{Name: "version", Kind: web.Carried, Max: 20},
	)
}

// form is filled with what a draft holds.
func (x *declaring) form() *web.Form {
	f := web.NewForm(x.fields()...).Set("do", "submit").Set("version", versionText(x.Version))
	p := x.Saved
	known := map[string]string{
		"level": p.Level, "project": string(p.Project), "person": p.Person.String(), "event": p.Event.String(), "summary": p.Summary,
		"document_type": p.Document.Type, "document_number": p.Document.Number, "document_issuer": p.Document.Issuer,
		"document_date": p.Document.Date.String(), "document_expires": p.Document.Expires.String(), "honour": p.Honour,
	}
	if p.Parent != 0 {
		known["parent"] = p.Parent.String()
	}
	if p.Value != 0 {
		known["value"] = p.Value.String()
	}
	for _, fd := range f.Fields {
		if v := known[fd.Name]; v != "" {
			f.Set(fd.Name, v)
		}
		if fd.Name == "projects" {
			var others []string
			for _, c := range p.Projects {
				others = append(others, string(c))
			}
			f.Set("projects", others...)
		}
	}
	if len(x.Projects) == 1 && !x.Firm.Whole {
		f.Set("project", x.Projects[0].Value)
	}
	return f
}

// proposal is what the form says; fields that the item does not have are empty.
func (x *declaring) proposal(f *web.Form, refs []credit.FileRef) credit.Proposal {
	has := map[string]bool{}
	for _, fd := range f.Fields {
		has[fd.Name] = true
	}
	text := func(name string) string {
		if !has[name] {
			return ""
		}
		return f.Str(name)
	}
	p := credit.Proposal{
		Item: x.Item.Code, Level: text("level"), Enterprise: x.Firm.USCC, Project: code.ProjectCode(text("project")),
		Event: f.Date("event"), Summary: f.Str("summary"), Honour: f.Str("honour"), Known: f.Bool("known"),
		Document: credit.Document{
			Type: text("document_type"), Number: f.Str("document_number"), Issuer: f.Str("document_issuer"),
			Date: f.Date("document_date"), Expires: f.Date("document_expires"),
		},
		Files: append(append([]credit.FileRef(nil), x.Saved.Files...), refs...),
	}
	if !x.Firm.Whole {
		p.Enterprise = "" // whoever held the project on the day
	}
	if has["projects"] {
		for _, c := range f.All("projects") {
			if c := code.ProjectCode(c); c != p.Project {
				p.Projects = append(p.Projects, c)
			}
		}
	}
	if has["parent"] {
		p.Parent = f.ID("parent")
	}
	if has["person"] {
		p.Person = f.ID("person")
	}
	if has["value"] {
		p.Value = f.Points("value")
	}
	return p
}
