package bureau

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/web"
)

var purposes = map[string]string{"evidence": "证明材料", "answer": "答复材料", "objection": "异议材料", "repair": "修复材料", "rectify": "整改材料", "annul": "撤销依据"}

func proofs(x credit.Dossier) templ.Component {
	if len(x.Files) == 0 {
		return web.Empty(web.Nothing{Text: "没有上传材料，以文件文号为据。"})
	}
	list := make([]web.Proof, len(x.Files))
	for i, f := range x.Files {
		list[i] = web.Proof{Name: f.Name, Href: "/bureau/records/" + x.ID.String() + "/files/" + f.ID.String(), Kind: purposes[f.Purpose], When: clock(f.At), SHA256: f.SHA256}
	}
	return web.Proofs(list)
}

// history is what was done, newest first, by which body.
func history(v recordView) []web.Event {
	var out []web.Event
	steps := append(slices.Clone(v.d.Steps), v.d.AnnulSteps...)
	slices.SortStableFunc(steps, func(a, b casework.Step) int { return a.At.Compare(b.At) })
	for _, s := range steps {
		by := "系统"
		if s.System == "" {
			by = doer(v.body, s)
		}
		detail := s.Note
		if s.Due != 0 {
			detail = join(detail, "下一步期限 "+s.Due.String())
		}
		out = append(out, web.Event{When: clock(s.At), Title: s.ActTitle, Who: by, Detail: detail})
	}
	slices.Reverse(out)
	return out
}

func mendTone(state string) web.Tone {
	switch state {
	case credit.MendOwed, credit.MendReported:
		return web.Warn
	case credit.MendDone:
		return web.Good
	}
	return web.Plain
}

// mendSteps are what the subject reported as mended and what was said to it, newest first.
func mendSteps(v recordView) []web.Event {
	var out []web.Event
	for _, s := range slices.Backward(v.d.MendSteps) {
		by := "系统"
		if s.System == "" {
			by = doer(v.body, s)
		}
		detail := s.Note
		if s.Due != 0 {
			detail = join(detail, "期限 "+s.Due.String())
		}
		out = append(out, web.Event{When: clock(s.At), Title: s.ActTitle, Who: by, Detail: detail})
	}
	return out
}

// pleas are objections and applications with their decisions.
func pleas(v recordView) []web.Event {
	var out []web.Event
	for _, p := range v.d.Pleas {
		title := "提出异议"
		if p.Repair {
			title = "申请修复"
		}
		for _, g := range v.book.Objection.Grounds {
			if g.Code == p.Ground {
				title += "：" + g.Title
			}
		}
		out = append(out, web.Event{When: clock(p.At), Title: title, Detail: p.Text})
		if p.Decided {
			word, tone := "不予支持", web.Plain
			if p.Granted {
				word, tone = "予以支持", web.Good
			}
			out = append(out, web.Event{When: clock(p.On), Title: word + " " + p.Number, Detail: p.Reason, Tone: tone})
		}
	}
	slices.Reverse(out)
	return out
}

// letters are the documents sent about the record, with proof of delivery.
func letters(x credit.Dossier) web.Table {
	t := web.Table{Caption: "文书", Cols: []web.Col{{Name: "文书"}, {Name: "文号"}, {Name: "发出"}, {Name: "首次查阅"}}}
	for _, m := range x.Messages {
		opened := web.Tagged("未查阅", web.Warn)
		if !m.OpenedAt.IsZero() {
			opened = web.Cell{Text: clock(m.OpenedAt), Nowrap: true}
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(m.Message.Title), {Text: m.Message.Number, Nowrap: true}, {Text: clock(m.SentAt), Nowrap: true}, opened}})
	}
	return t
}

// recordFile hands out one file of a record to who may read it, and writes it
// down. The browser shows nothing of it in our name.
func (d *Desk) recordFile(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	file, err := pathID(r, "file")
	if err != nil {
		return err
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error) {
		x, err := d.Records.Record(ctx, tx, who, id)
		if err != nil {
			return 0, err
		}
		if !slices.ContainsFunc(x.Files, func(f credit.FileRow) bool { return f.ID == file }) {
			return 0, fault.New(fault.NotFound, "credit.no-file", "没有找到这份材料。")
		}
		if err := authz.Require(who, authz.FileRead, x.Place()); err != nil {
			return 0, err
		}
		return file, audit.Append(ctx, tx, who, "credit.file-read", x.Object(), map[string]any{"file": file})
	})
}
