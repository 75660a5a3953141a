package bureau

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/importing"
	"juli/internal/job"
	"juli/internal/sheet"
	"juli/internal/web"
)

var importFields = []web.Field{
	{Name: "kind", Label: "内容", Kind: web.Radio, Required: true, Options: []web.Option{
		{Value: "enterprises", Text: "企业"}, {Value: "projects", Text: "项目"}, {Value: "staff", Text: "从业人员"}, {Value: "records", Text: "历史信用信息"}, {Value: "deeds", Text: "往年实事"}, {Value: "orders", Text: "12345工单"},
	}},
	{Name: "file", Label: "文件", Kind: web.File, Required: true, Accept: ".xlsx,.csv", Hint: "xlsx 或 csv（UTF-8、GB18030），不超过 20 MB、10 万行；先下载模板填写"},
	importMode,
	{Name: "reason", Label: "导入说明", Max: 200, Hint: "与每个变更一起保存"},
}

var importMode = web.Field{
	Name: "mode", Label: "怎样处理", Kind: web.Radio, Required: true,
	Options: []web.Option{
		{Value: "check", Text: "先检查", Hint: "逐行检查并给出问题，不写入"}, {Value: "import", Text: "检查并导入", Hint: "全部无误才写入；有一处错误就一行也不写"},
	},
}

func (d *Desk) importPage(w http.ResponseWriter, r *http.Request) error {
	if err := authz.RequireAny(web.Actor(r), authz.RegistryImport); err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, importFormPage(web.NewForm(importFields...).Set("mode", "check")))
}

// importTemplate is an empty file with an example and how to fill it.
func (d *Desk) importTemplate(w http.ResponseWriter, r *http.Request) error {
	kind, err := importing.ParseKind(r.PathValue("kind"))
	if err != nil {
		return err
	}
	if err := authz.RequireAny(web.Actor(r), kind.Act()); err != nil {
		return err
	}
	web.Attachment(w, kind.Title()+"导入模板.xlsx", sheet.XLSX.MediaType())
	return d.Importing.Template(r.Context(), w, kind, sheet.XLSX)
}

// exportFile is what the desk looks after in the columns in which it can be
// imported again, e.g. /bureau/exports/projects.xlsx; personal data is masked.
func (d *Desk) exportFile(w http.ResponseWriter, r *http.Request) error {
	name, ending, _ := strings.Cut(r.PathValue("file"), ".")
	kind, err := importing.ParseKind(name)
	if err != nil {
		return err
	}
	format, known := map[string]sheet.Format{"xlsx": sheet.XLSX, "csv": sheet.CSV}[ending]
	if !known {
		return fault.New(fault.NotFound, "importing.format", "只能导出 xlsx 或 csv。")
	}
	act, event := authz.RegistryExport, "registry.exported"
	switch kind {
	case importing.Records:
		act, event = authz.CreditExport, "credit.exported"
	case importing.Deeds:
		act, event = authz.DeedExport, "deed.exported"
	}
	who := web.Actor(r)
	if err := authz.RequireAny(who, act); err != nil {
		return err
	}
	var file bytes.Buffer // whole before it is sent: half a register must not look like one
	n, err := d.Importing.Export(r.Context(), who, &file, kind, area(who), format, false)
	if err != nil {
		return err
	}
	if err := d.noteExport(r.Context(), who, act, event, string(kind), n); err != nil {
		return err
	}
	web.Attachment(w, kind.Title()+"."+ending, format.MediaType())
	_, err = file.WriteTo(w)
	return err
}

func (d *Desk) importSent(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, importFields...)
	if err != nil {
		return err
	}
	ups, err := web.Receive(r, d.Files, f, "file")
	if err != nil {
		return err
	}
	defer ups.Close()
	who := web.Actor(r)
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		files, err := ups.Keep(ctx, tx)
		if err != nil {
			return "", err
		}
		if len(files) != 1 {
			return "", fault.New(fault.Invalid, "importing.file", "请选择一个文件。").With("file", "请选择一个文件。")
		}
		request := importing.Request{
			Kind: importing.Kind(f.Str("kind")), File: files[0].ID, Dry: f.Str("mode") == "check", Reason: f.Str("reason"), Second: who.Second,
		}
		in, err := d.Importing.InspectIn(ctx, tx, who, request)
		if err != nil {
			return "", err
		}
		to := ""
		if len(in.Unknown)+len(in.Missing) > 0 { // first a person says which column is which
			to, request.Dry = "/columns?mode="+f.Str("mode"), true
		}
		id, err := d.Importing.EnqueueIn(ctx, tx, who, request)
		return importAddress(id) + to, err
	}, func() templ.Component { return importFormPage(f) })
}

// importRun shows how far an import is and what was wrong, row by row.
func (d *Desk) importRun(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	var run importing.Run
	err = d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		run, err = d.Importing.Run(r.Context(), tx, web.Actor(r), id)
		return err
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, importRunPage(run, secondForm(run)))
}

// importChecked imports the file that was checked, as it was read then.
func (d *Desk) importChecked(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		next, err := d.Importing.TakeIn(ctx, tx, web.Actor(r), id)
		return importAddress(next), err
	}, func() templ.Component { return importFormPage(f) })
}

func (d *Desk) importAnnotated(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	web.Attachment(w, "导入问题.xlsx", sheet.XLSX.MediaType())
	return d.Importing.Annotated(r.Context(), w, web.Actor(r), id)
}

func importAddress(id db.ID) string { return "/bureau/import/" + id.String() }

func importJob(run importing.Run) web.Job {
	j := web.Job{ID: run.ID.String(), Title: run.Request.Kind.Title(), Done: run.Done, Of: max(run.Total, run.Done), Unit: "行", State: "running", Href: importAddress(run.ID), Detail: run.Note}
	if run.State == job.Queued {
		j.State = "waiting"
	}
	return j
}

// importProblems says row by row and column by column what is wrong.
func importProblems(caption string, problems []sheet.Problem) web.Table {
	t := web.Table{Caption: caption, Cols: []web.Col{{Name: "行", Num: true}, {Name: "列"}, {Name: "问题"}, {Name: "规则"}}}
	for _, p := range problems {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.N(int64(p.Row), ""), web.T(p.Column + " " + p.Title), web.T(p.Text), web.T(ruleTitle(p.Rule))}})
	}
	return t
}

// importWords sums an import up in one sentence.
func importWords(run importing.Run) string {
	out := run.Outcome
	s := "共 " + web.Count(out.Rows) + " 行：新增 " + web.Count(out.New) + "，变更 " + web.Count(out.Changed) + "，无变化 " + web.Count(out.Same) + "。"
	switch {
	case out.Stopped:
		return "错误太多，只检查了前 " + web.Count(out.Rows) + " 行，没有写入任何一行。"
	case out.Report.Total > 0:
		return "共 " + web.Count(out.Rows) + " 行，" + web.Count(int64(out.Report.Bad)) + " 行有错误，共 " + web.Count(int64(out.Report.Total)) + " 处，没有写入任何一行。"
	case out.Dry && run.Second.Case.ID != 0:
		return s + "检查通过，还没有写入；须由本单位另一人复核同意。"
	case out.New+out.Changed == 0:
		return s + "与已有内容完全相同，没有需要写入的内容。"
	case out.Dry:
		return s + "检查通过，没有写入。"
	}
	return s + "已写入新增和变更的 " + web.Count(out.New+out.Changed) + " 行。"
}

func importFormPage(f *web.Form) templ.Component {
	var templates, exports []web.Link
	for _, kind := range importing.Kinds {
		exports = append(exports, web.Link{Text: kind.Title(), Href: "/bureau/exports/" + string(kind) + ".xlsx"})
		templates = append(templates, web.Link{Text: kind.Title(), Href: "/bureau/import-templates/" + string(kind)})
	}
	templates = append(templates, web.Link{Text: importing.Orders.Title(), Href: "/bureau/import-templates/" + string(importing.Orders)})
	return web.Whole(
		web.Page{Title: "批量导入和导出", Desk: Key, Crumbs: []web.Link{{Text: "登记", Href: "/bureau/filings"}}, Narrow: true},
		web.Section(web.Box{Title: "下载模板"}, web.Buttons(templates)),
		web.Section(web.Box{Title: "导出现有登记"}, web.Para("列与模板相同，改好后可以直接导入；个人信息带 *，导入时保留原有内容。"), web.Buttons(exports)),
		web.Section(web.Box{Title: "上传"}, web.FormView(f, web.FormBox{Submit: "开始", Cancel: "/bureau/filings"})),
	)
}

func importRunPage(run importing.Run, f *web.Form) templ.Component {
	out, to := run.Outcome, importAddress(run.ID)
	var parts []templ.Component
	switch run.State {
	case job.Done:
		parts = append(parts, web.Para(importWords(run)))
	case job.Failed:
		parts = append(parts, web.Notice(web.Bad, "没有导入", run.Problem))
	default:
		parts = append(parts, web.Progress(importJob(run)))
	}
	if run.Clean() {
		parts = append(parts, web.FormView(web.NewForm(), web.FormBox{Action: to, Submit: "导入这个文件"}))
	}
	if run.State == job.Done || run.State == job.Failed {
		parts = append(parts, web.Buttons([]web.Link{{Text: "重新对应列", Href: to + "/columns"}, {Text: "再导入一个文件", Href: "/bureau/import"}}))
	}
	all := []templ.Component{web.Section(web.Box{}, parts...)}
	if run.Second.Case.ID != 0 {
		all = append(all, secondSection(run, f))
	}
	all = append(all, importOrders(run))
	if out.Report.Total > 0 {
		all = append(all, web.Section(web.Box{Title: "要改正的问题", More: web.Link{Text: "下载标出问题的原文件", Href: to + "/annotated"}}, web.TableView(importProblems("要改正的问题", out.Report.Problems))))
	}
	if out.Warnings > 0 {
		all = append(all, web.Section(web.Box{Title: "请留意，不妨碍导入"}, web.TableView(importProblems("请留意", out.Warned))))
	}
	return web.Whole(web.Page{Title: "导入" + run.Request.Kind.Title(), Desk: Key, Crumbs: []web.Link{{Text: "批量导入", Href: "/bureau/import"}}}, all...)
}
