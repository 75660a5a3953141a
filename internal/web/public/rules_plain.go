package public

import (
	"context"
	"slices"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/web"
)

// plainRule shows a rulebook whose kind has no tables of its own: its basis, what
// is marked apart, and the text as it is in force.
func (d *Desk) plainRule(ctx context.Context, tx *db.Tx, v *ruleView) error {
	doc, err := d.Rulebooks.Document(ctx, tx, v.Version.ID)
	if err != nil {
		return err
	}
	names, err := registry.DivisionNames(ctx, tx, slices.Values([]code.Division{v.Version.City}))
	if err != nil {
		return err
	}
	v.Plain, v.Text, v.Banner = true, string(doc.Text), doc.Root().Get("banner").Text()
	v.Page = web.Page{
		Title: v.Version.Title, Lead: "版本 " + v.Version.Version + " · " + v.Version.From.String() + " 起施行", Tags: []web.Mark{{Text: v.Version.State.String(), Tone: stateTone(v.Version)}},
		Crumbs: []web.Link{{Text: "规则", Href: "/rulebooks"}},
	}
	v.Facts = []web.Fact{
		{Name: "适用地区", Text: names[v.Version.City]}, {Name: "截止日期", Text: endOf(v.Version)}, {Name: "整体可信程度", Text: doc.Mark.String()}, {Name: "文件摘要（SHA-256）", Text: v.Version.Digest, Wide: true},
	}
	v.Basis = web.Table{Caption: "依据", Cols: []web.Col{{Name: "文件"}, {Name: "文号"}, {Name: "制定机关"}, {Name: "条款"}}, None: web.Nothing{Text: "没有写明依据。"}}
	for _, b := range doc.Basis {
		v.Basis.Rows = append(v.Basis.Rows, web.Row{Cells: []web.Cell{web.T(b.Title), web.T(b.Number), web.T(b.Issuer), web.T(b.Article)}})
	}
	v.Marks = web.Table{Caption: "单独标注的值", Cols: []web.Col{{Name: "位置"}, {Name: "标注"}, {Name: "来源"}, {Name: "说明"}}, None: web.Nothing{Text: "没有单独标注的值，全部按整体可信程度。"}}
	for _, m := range doc.Marks {
		if m.Path != "" {
			v.Marks.Rows = append(v.Marks.Rows, web.Row{Cells: []web.Cell{{Text: m.Path, Sub: "第 " + web.Count(int64(m.Line)) + " 行"}, web.T(m.Mark.String()), web.T(doc.Sources[m.Source]), web.T(m.Note)}})
		}
	}
	return nil
}
