package main

import (
	"fmt"
	"io"
	"os"

	"juli/internal/app"
	"juli/internal/authz"
	"juli/internal/importing"
)

type importCmd struct {
	database
	output
	vault
	Kind   string `arg:"" enum:"enterprises,projects,staff,records,orders" help:"内容：enterprises 企业，projects 项目，staff 从业人员，records 历史信用信息，orders 12345工单。"`
	File   string `arg:"" type:"existingfile" help:"xlsx 或 csv（UTF-8 或 GB18030）文件。"`
	DryRun bool   `name:"dry-run" help:"只检查，不写入。"`
	Reason string `help:"导入说明，与每个变更一起保存。" default:"命令行导入"`
}

// Run takes a file over, all of it or nothing, and says of every row what is
// wrong; it fails if the file was refused.
func (c *importCmd) Run(e env) error {
	a, err := app.Open(e.ctx, c.config(c.database))
	if err != nil {
		return err
	}
	defer a.Close()
	f, err := openFile(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	out, err := c.take(e, a, f)
	if err != nil {
		return err
	}
	err = c.answer(e, out, func(w io.Writer) { printImport(w, out) })
	if err == nil && out.Report.Total > 0 {
		return errFailed
	}
	return err
}

func (c *importCmd) take(e env, a *app.App, f *os.File) (importing.Outcome, error) {
	info, err := f.Stat()
	if err != nil {
		return importing.Outcome{}, err
	}
	in := importing.File{Kind: importing.Kind(c.Kind), Content: f, Size: info.Size(), Reason: c.Reason}
	service := &importing.Service{DB: a.DB, Registry: a.Registry, Records: a.Records, Reports: a.Reports, Files: a.Files}
	if c.DryRun {
		return service.Check(e.ctx, authz.System("cli"), in, nil)
	}
	return service.Import(e.ctx, authz.System("cli"), in, nil)
}

// printImport is the report for people: every mistake with its row, column and rule.
func printImport(w io.Writer, out importing.Outcome) {
	for _, p := range out.Report.Problems {
		fmt.Fprintf(w, "%s（%s）\n", p, p.Rule)
	}
	if more := out.Report.Total - len(out.Report.Problems); more > 0 {
		fmt.Fprintf(w, "……另有 %d 处错误\n", more)
	}
	for _, p := range out.Warned {
		fmt.Fprintf(w, "提示：%s（%s）\n", p, p.Rule)
	}
	if out.Stopped {
		fmt.Fprintln(w, "错误太多，其余各行没有检查。")
	}
	counts := fmt.Sprintf("%s：共 %d 行，新增 %d，变更 %d，无变化 %d", out.Kind.Title(), out.Rows, out.New, out.Changed, out.Same)
	switch {
	case out.Report.Total > 0:
		fmt.Fprintf(w, "%s；%d 行有 %d 处错误，没有写入任何一行。\n", counts, out.Report.Bad, out.Report.Total)
	case out.Dry:
		fmt.Fprintf(w, "%s；检查通过，没有写入。\n", counts)
	default:
		fmt.Fprintf(w, "%s；已写入。\n", counts)
	}
}
