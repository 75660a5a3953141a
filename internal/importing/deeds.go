package importing

import (
	"context"
	"iter"
	"strings"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/sheet"
)

// deedColumns are those of past deeds. Their keys are the fields of the ledger's
// refusals.
var deedColumns = []sheet.Column{
	{Key: "serial", Title: "序号", Aliases: []string{"编号", "台账序号"}, Kind: sheet.Key, Required: true, Hint: "在原台账中的序号，同一区县不重复", Example: "2020-001"},
	{Key: "title", Title: "事项名称", Aliases: []string{"实事名称", "事项", "标题"}, Required: true, Hint: "可能公开，不写个人信息", Example: "示例：更换老旧单元门"},
	{Key: "category", Title: "类别", Aliases: []string{"事项类别"}, Required: true, Hint: "台账规则中的类别名称或代码", Example: "房屋和设施维修"},
	{Key: "source", Title: "来源", Aliases: []string{"事项来源"}, Required: true, Hint: "台账规则中的来源名称或代码", Example: "群众反映"},
	{Key: "source_ref", Title: "来源说明"},
	{Key: "order", Title: "12345工单号", Aliases: []string{"工单号", "热线工单"}, Kind: sheet.Key, Hint: "同一工单只计一次"},
	{Key: "division", Title: "区划代码", Aliases: []string{"所属社区", "所在区划"}, Kind: sheet.Division, Hint: "区县、街道或社区；填写了项目编码时可以不填", Example: "230103001003"},
	{Key: "project", Title: "项目编码", Aliases: []string{"小区编码"}, Kind: sheet.Key},
	{Key: "detail", Title: "诉求内容", Aliases: []string{"具体诉求"}, Max: 2_000},
	{Key: "promise", Title: "办理措施", Aliases: []string{"措施", "承诺"}, Max: 2_000},
	{Key: "lead", Title: "牵头单位", Aliases: []string{"责任单位"}, Hint: "市住建局、区县住建局、街道办事处或社区居委会；其他按区县住建局登记", Example: "区县住建局"},
	{Key: "helping", Title: "配合单位"},
	{Key: "leader", Title: "责任领导"},
	{Key: "entered", Title: "登记日期", Aliases: []string{"收集日期"}, Kind: sheet.Date, Required: true, Example: "2020-03-01"},
	{Key: "starts", Title: "开始日期", Kind: sheet.Date},
	{Key: "deadline", Title: "完成期限", Aliases: []string{"期限"}, Kind: sheet.Date},
	{Key: "done", Title: "办结日期", Kind: sheet.Date, Required: true, Example: "2020-05-20"},
	{Key: "closed", Title: "销号日期", Kind: sheet.Date, Required: true, Example: "2020-05-28"},
	{Key: "result", Title: "办理结果", Aliases: []string{"成效"}, Required: true, Max: 2_000, Example: "示例：更换单元门 24 樘"},
	{Key: "people", Title: "受益人数（人）", Aliases: []string{"惠及人数"}, Kind: sheet.Int, Required: true, Example: "480"},
	{Key: "how", Title: "统计口径", Aliases: []string{"人数统计方法"}, Required: true, Hint: "台账规则中的口径名称或代码", Example: "按户籍或住户登记人数"},
	{Key: "households", Title: "受益户数（户）", Kind: sheet.Int, Example: "160"},
	{Key: "spent", Title: "投入资金（元）", Aliases: []string{"资金"}, Kind: sheet.Fen, Example: "36000.00"},
}

// deeds takes over past deeds through the ledger's own gate.
func (s *Service) deeds(ctx context.Context, tx *db.Tx, who authz.Actor, p *pass) error {
	rows := func(yield func(deed.Past, error) bool) {
		for r, err := range p.rows(ctx) {
			if err != nil {
				yield(deed.Past{}, err)
				return
			}
			if p.tell != nil && p.out.Rows%progressEvery == 0 {
				p.tell(p.out.Rows)
			}
			x := pastDeed(r)
			for _, problem := range r.Problems {
				x.Wrong = append(x.Wrong, problem.Key)
			}
			if !yield(x, nil) {
				return
			}
		}
	}
	var err error
	p.out.New, p.out.Same, err = s.Ledger.ImportIn(ctx, tx, who, rows, p.dry, func(said deed.Refusal) {
		c, known := p.schema.Column(said.Field)
		if !known {
			p.refuse(sheet.Problem{Row: said.Line, Rule: said.Rule, Text: said.Text})
			return
		}
		p.hear(registry.Problem{Line: said.Line, Column: said.Field, Title: c.Title, Rule: said.Rule, Text: said.Text})
	})
	return err
}

func pastDeed(r *sheet.Row) deed.Past {
	return deed.Past{
		Line: r.Number, Serial: strings.ToUpper(r.Text("serial")),
		Draft: deed.Draft{
			Title: r.Text("title"), Category: r.Text("category"), Source: r.Text("source"), SourceRef: r.Text("source_ref"), Order: r.Text("order"),
			Division: r.Text("division"), Project: r.Text("project"), Detail: r.Text("detail"),
		},
		Lead: r.Text("lead"), Helping: r.Text("helping"), Leader: r.Text("leader"), Promise: r.Text("promise"),
		Entered: r.Date("entered"), Starts: r.Date("starts"), Deadline: r.Date("deadline"), DoneOn: r.Date("done"), ClosedOn: r.Date("closed"),
		Result: deed.Result{Text: r.Text("result"), People: r.Int("people"), How: r.Text("how"), Households: r.Int("households"), Spent: r.Fen("spent")},
	}
}

// deedStep is how many deeds are read at once for a file.
const deedStep = 500

// exportedDeeds are the closed deeds of a division, by entry.
func (s *Service) exportedDeeds(ctx context.Context, tx *db.Tx, who authz.Actor, division code.Division) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		if err := authz.RequireAny(who, authz.DeedExport); err != nil {
			yield(nil, err)
			return
		}
		book, err := s.Ledger.Books.InForce(ctx, tx, tx.Today())
		if fault.From(err) != nil {
			yield(nil, err)
			return
		}
		q := deed.Query{District: division, State: deed.Closed, Limit: deedStep}
		for {
			list, err := deed.List(ctx, tx, who, q)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, d := range list {
				if !yield(deedRow(book, d), nil) {
					return
				}
			}
			if len(list) < deedStep {
				return
			}
			q.After = list[len(list)-1].Key(q.Sort)
		}
	}
}

func deedRow(b *deed.Book, d deed.Deed) []any {
	order := strings.TrimPrefix(d.Link, "12345:")
	if order == d.Link {
		order = ""
	}
	return []any{
		d.Number, d.Title, deed.Title(b.Categories, d.Category), deed.Title(b.Sources, d.Source), d.SourceRef, order, string(d.Division), string(d.Project), d.Detail,
		d.Promise, d.Lead.Role.Title(), d.Helping, d.Leader, d.CollectedOn, d.Starts, d.Deadline, d.DoneOn, d.ClosedOn, d.Result, d.People, deed.Title(b.Hows, d.How),
		optional(d.Households), optional(d.Spent),
	}
}
