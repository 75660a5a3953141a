package enterprise

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/web"
)

// A plea is one thing that the subject may say about a record.
type plea struct {
	slug, act     string
	title, submit string
	label, hint   string // of the text
	optional      bool   // the text may be left out
	danger        bool
	said          string
	do            func(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take, p credit.Plain) error
}

// pleas are all of them, in the order of the buttons.
func (d *Desk) pleas() []plea {
	return []plea{
		{slug: "object", act: credit.ActObject, title: "提出异议", submit: "提交异议", label: "异议的事实和理由", hint: "写明哪里不对、正确的情况是什么、有什么证明", said: "异议已提交，复核期限内会收到决定书。", do: d.Records.ObjectIn},
		{slug: "answer", act: credit.ActAnswer, title: "答复告知", submit: "提交答复", label: "答复内容", hint: "答复不是异议：对认定没有意见、只说明情况或整改计划时使用", said: "答复已提交。", do: d.Records.AnswerIn},
		{slug: "mend", act: credit.ActReportMend, title: "报告整改完成", submit: "提交整改报告", label: "整改情况", hint: "写明整改了什么、何时完成；须上传整改后的照片或材料", said: "整改报告已提交，由区县住建局确认。", do: d.Records.ReportMendIn},
		{slug: "repair", act: credit.ActApplyRepair, title: "申请信用修复", submit: "提交申请", label: "整改情况和申请理由", hint: "写明整改了什么、何时完成", said: "修复申请已提交。", do: d.Records.ApplyRepairIn},
		{
			slug: "withdraw", act: credit.ActWithdraw, title: "撤回", submit: "撤回这条信息", label: "撤回原因", optional: true, danger: true, said: "已撤回。",
			do: func(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take, p credit.Plain) error {
				t.Note = p.Text
				return d.Records.WithdrawIn(ctx, tx, who, t)
			},
		},
	}
}

// fields are the questions of the plea: for an objection also the grounds that
// the rulebook knows (PC-47).
func (p plea) fields(v *view) []web.Field {
	var fields []web.Field
	if grounds := v.Book.Objection.Grounds; p.act == credit.ActObject && len(grounds) > 0 {
		f := web.Field{Name: "ground", Label: "异议理由", Kind: web.Radio, Required: true, Hint: "评价规则只受理下列理由"}
		for _, g := range grounds {
			f.Options = append(f.Options, web.Option{Value: g.Code, Text: g.Title})
		}
		fields = append(fields, f)
	}
	fields = append(fields, web.Field{Name: "text", Label: p.label, Kind: web.Long, Required: !p.optional, Max: 4000, Hint: p.hint})
	if !p.optional {
		fields = append(fields, web.Field{Name: "files", Label: "证明材料", Kind: web.Files, Accept: blob.Accept, Hint: "最多 10 个文件，每个不超过 20 MB：PDF、图片、Word、Excel"})
	}
	return append(fields, web.Field{Name: "version", Kind: web.Carried, Required: true, Max: 20})
}

func (p plea) page(v *view, f *web.Form) templ.Component {
	pg := page(p.title)
	pg.Narrow = true
	pg.Lead = orElse(v.ItemTitle, v.Item) + " · " + v.StateTitle
	pg.Crumbs = []web.Link{{Text: "信用信息", Href: "/enterprise/records"}, {Text: orElse(v.ItemTitle, v.Item), Href: v.href("")}}
	if !v.may(p.act) {
		why := "这条信息目前不能办理“" + p.title + "”。"
		switch {
		case p.act == credit.ActObject && len(v.MayObject.Reasons) > 0:
			why = strings.Join(v.MayObject.Reasons, "")
		case p.act == credit.ActApplyRepair && len(v.MayRepair.Reasons) > 0:
			why = strings.Join(v.MayRepair.Reasons, "")
		}
		return web.Whole(pg, web.Notice(web.Warn, "不能"+p.title, why), web.Buttons([]web.Link{{Text: "返回这条信息", Href: v.href("")}}))
	}
	var parts []templ.Component
	if p.act == credit.ActObject && v.MayObject.Due != 0 {
		due := web.DueOf(v.MayObject.Due, v.Today)
		parts = append(parts, web.Notice(web.Info, "异议期限", "请在 "+v.MayObject.Due.String()+" 前提出（"+due.Text+"）。"))
	}
	parts = append(parts, web.Section(web.Box{}, web.FormView(f, web.FormBox{Submit: p.submit, Cancel: v.href(""), Danger: p.danger})))
	return web.Whole(pg, parts...)
}

func (d *Desk) plea(slug string) plea {
	all := d.pleas()
	return all[slices.IndexFunc(all, func(p plea) bool { return p.slug == slug })]
}

func (d *Desk) pleaPage(slug string) web.Handler {
	p := d.plea(slug)
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := d.viewOf(r)
		if err != nil {
			return err
		}
		f := web.NewForm(p.fields(&v)...).Set("version", versionText(v.Version))
		return web.Show(w, r, http.StatusOK, p.page(&v, f))
	}
}

func (d *Desk) viewOf(r *http.Request) (v view, err error) {
	id, err := pathID(r, "id")
	if err != nil {
		return v, err
	}
	err = d.DB.Read(r.Context(), func(tx *db.Tx) (err error) { v, err = d.load(r.Context(), tx, web.Actor(r), id); return err })
	return v, err
}

func (d *Desk) pleaSent(slug string) web.Handler {
	p := d.plea(slug)
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := d.viewOf(r)
		if err != nil {
			return err
		}
		f, err := web.ReadForm(r, p.fields(&v)...)
		if err != nil {
			return err
		}
		var up web.Uploads
		if !p.optional {
			up, err = web.Receive(r, d.Files, f, "files")
			if err != nil {
				return err
			}
			defer up.Close()
		}
		return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
			refs, err := refsOf(ctx, tx, up)
			if err != nil {
				return "", err
			}
			said := credit.Plain{Text: f.Str("text"), Files: refs}
			if p.act == credit.ActObject && len(v.Book.Objection.Grounds) > 0 {
				said.Ground = f.Str("ground")
			}
			web.Say(r, p.said)
			return v.href(""), p.do(ctx, tx, web.Actor(r), credit.Take{Record: v.ID, Version: f.Int("version")}, said)
		}, func() templ.Component { return p.page(&v, f) })
	}
}

func refsOf(ctx context.Context, tx *db.Tx, up web.Uploads) ([]credit.FileRef, error) {
	kept, err := up.Keep(ctx, tx)
	if err != nil {
		return nil, err
	}
	var refs []credit.FileRef
	for _, k := range kept {
		refs = append(refs, credit.FileRef{ID: k.ID, SHA256: k.SHA256, Name: k.Name})
	}
	return refs, nil
}
