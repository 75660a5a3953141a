package bureau

import (
	"context"
	"net/http"

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
		{Value: "enterprises", Text: "企业"}, {Value: "projects", Text: "项目"}, {Value: "staff", Text: "从业人员"}, {Value: "records", Text: "历史信用信息"},
	}},
	{Name: "file", Label: "文件", Kind: web.File, Required: true, Accept: ".xlsx,.csv", Hint: "xlsx 或 csv（UTF-8、GB18030），不超过 20 MB、10 万行；先下载模板填写"},
	{Name: "mode", Label: "怎样处理", Kind: web.Radio, Required: true, Options: []web.Option{
		{Value: "check", Text: "先检查", Hint: "逐行检查并给出问题，不写入"}, {Value: "import", Text: "检查并导入", Hint: "全部无误才写入；有一处错误就一行也不写"},
	}},
	{Name: "reason", Label: "导入说明", Max: 200, Hint: "与每个变更一起保存"},
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
		id, err := d.Importing.EnqueueIn(ctx, tx, who, importing.Request{
			Kind: importing.Kind(f.Str("kind")), File: files[0].ID, Dry: f.Str("mode") == "check", Reason: f.Str("reason"), Second: who.Second,
		})
		return "/bureau/import/" + id.String(), err
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
	if run.State != job.Done && run.State != job.Failed {
		w.Header().Set("Refresh", "2")
	}
	return web.Show(w, r, http.StatusOK, importRunPage(run, importJob(run), importProblems(run.Outcome)))
}

func (d *Desk) importAnnotated(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	web.Attachment(w, "导入问题.xlsx", sheet.XLSX.MediaType())
	return d.Importing.Annotated(r.Context(), w, web.Actor(r), id)
}

func importJob(run importing.Run) web.Job {
	j := web.Job{ID: run.ID.String(), Title: run.Request.Kind.Title(), Done: run.Done, Of: run.Total, Unit: "行", State: "running", Href: "/bureau/import/" + run.ID.String(), Detail: run.Note}
	switch run.State {
	case job.Failed:
		j.State, j.Detail = "failed", run.Problem
	case job.Done:
		j.State = "done"
	case job.Queued:
		j.State = "waiting"
	}
	return j
}

func importProblems(out importing.Outcome) web.Table {
	t := web.Table{
		Caption: "要改正的问题", Cols: []web.Col{{Name: "行", Num: true}, {Name: "列"}, {Name: "问题"}, {Name: "规则"}},
		None: web.Nothing{Text: "没有发现问题。", Act: web.Link{Text: "再导入一个文件", Href: "/bureau/import"}},
	}
	for _, p := range out.Report.Problems {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.N(int64(p.Row), ""), web.T(p.Column + " " + p.Title), web.T(p.Text), web.T(p.Rule)}})
	}
	return t
}

// importWords sums an import up in one sentence.
func importWords(out importing.Outcome) string {
	s := "共 " + web.Count(out.Rows) + " 行：新增 " + web.Count(out.New) + "，变更 " + web.Count(out.Changed) + "，无变化 " + web.Count(out.Same) + "。"
	switch {
	case out.Report.Total > 0:
		return s + "有 " + web.Count(int64(out.Report.Total)) + " 处错误，没有写入任何一行。"
	case out.Dry:
		return s + "检查通过，没有写入；确认后可以选“检查并导入”。"
	}
	return s + "已全部写入。"
}
