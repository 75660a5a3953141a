package importing

import (
	"context"
	"reflect"
	"slices"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/sheet"
)

// Orders are 12345 orders. They come in and are not handed out again as a file:
// the list of reports is exported instead.
const Orders Kind = "orders"

// orderColumns are those of a hotline's list. Their keys are the fields of
// resident's refusals.
var orderColumns = []sheet.Column{
	{Key: "order_no", Title: "工单编号", Aliases: []string{"工单号", "单号"}, Kind: sheet.Key, Required: true, Max: 64, Example: "GD2021120100077"},
	{Key: "class", Title: "诉求类型", Aliases: []string{"类型", "工单类型"}, Kind: sheet.Enum, Options: []sheet.Option{
		{Code: "CONSULT", Title: "咨询"}, {Code: "HELP", Title: "求助"}, {Code: "COMPLAINT", Title: "投诉"}, {Code: "REPORT", Title: "举报"}, {Code: "SUGGEST", Title: "建议"}, {Code: "PRAISE", Title: "表扬"},
	}, Hint: "不填为求助", Example: "投诉"},
	{Key: "topic", Title: "问题类别", Aliases: []string{"类别代码"}, Kind: sheet.Key, Max: 40, Hint: "诉求办理规则中的类别代码；不填按内容识别"},
	{Key: "project", Title: "项目编码", Aliases: []string{"小区编码"}, Kind: sheet.Key, Hint: "不知道时填写小区名称和区划代码"},
	{Key: "estate", Title: "小区名称", Aliases: []string{"小区", "项目名称"}, Max: 100, Example: "花园小区"},
	{Key: "district", Title: "区划代码", Aliases: []string{"区县代码"}, Kind: sheet.Division, Example: "230103"},
	{Key: "building", Title: "楼栋号", Aliases: []string{"楼号"}, Kind: sheet.Int, Hint: "几号楼；与楼栋无关可以不填"},
	{Key: "spot", Title: "具体位置", Aliases: []string{"位置"}, Max: 100},
	{Key: "body", Title: "诉求内容", Aliases: []string{"内容", "工单内容"}, Required: true, Max: 2_000, Example: "示例：单元门关不上"},
	{Key: "phone", Title: "诉求人手机号", Aliases: []string{"联系电话", "手机号", "来电号码"}, Kind: sheet.Key, Hint: "加密保存，用于告知进展"},
	{Key: "received", Title: "受理日期", Aliases: []string{"受理时间", "来电日期"}, Kind: sheet.Date, Hint: "不填为今天", Example: "2021-12-01"},
}

// orders takes a file of 12345 orders over, in the caller's transaction. An
// order that is here already stays as it is.
func (s *Service) orders(ctx context.Context, tx *db.Tx, who authz.Actor, p *pass) error {
	seen := map[string]resident.Submission{}
	for r, err := range p.rows(ctx) {
		if err != nil {
			return err
		}
		if p.tell != nil && p.out.Rows%progressEvery == 0 {
			p.tell(p.out.Rows)
		}
		if len(r.Problems) > 0 {
			continue
		}
		known, err := s.order(ctx, tx, who, r, seen, p.dry)
		switch f := fault.From(err); {
		case err == nil && known:
			p.out.Same++
		case err == nil:
			p.out.New++
		case f.Kind == fault.Invalid || f.Kind == fault.NotFound || f.Kind == fault.Conflict:
			p.hearOrder(r.Number, f)
		default:
			return err
		}
	}
	return nil
}

// order judges one row, and stores it unless the run is dry.
func (s *Service) order(ctx context.Context, tx *db.Tx, who authz.Actor, r *sheet.Row, seen map[string]resident.Submission, dry bool) (known bool, err error) {
	in := resident.Submission{
		Channel: resident.Hotline, SourceRef: r.Text("order_no"), Class: r.Text("class"), Topic: r.Text("topic"), Building: r.Cell("building").N,
		Spot: r.Text("spot"), Body: r.Text("body"), Phone: r.Text("phone"), Received: r.Date("received"),
	}
	if in.Project, err = s.orderPlace(ctx, tx, r); err != nil {
		return false, err
	}
	place, err := s.Registry.Project(ctx, tx, in.Project)
	if err != nil {
		return false, fault.New(fault.Invalid, "resident.project", "没有找到这个小区。").With("project", "没有登记这个项目。")
	}
	if err := authz.Require(who, authz.ReportImport, authz.Place{Division: place.Division, Enterprise: place.Enterprise, Project: string(place.Code)}); err != nil {
		return false, fault.New(fault.Invalid, "resident.project", "小区不在本区域。").With("project", "不在本区域，不能导入。")
	}
	if known, err := s.Reports.KnownOrder(ctx, tx, in); err != nil || known != nil {
		return known != nil, err
	}
	if before, twice := seen[in.SourceRef]; twice { // of a dry run: nothing was stored
		if !reflect.DeepEqual(before, in) {
			err = fault.New(fault.Conflict, "resident.order-other", "文件中另一行用了同一个工单编号。").With("order_no", "文件中另一行用了同一个编号，内容不同。")
		}
		return true, err
	}
	seen[in.SourceRef] = in
	if err := s.Reports.CheckOrder(ctx, tx, in); err != nil {
		return false, err
	}
	if err := s.Reports.CheckIn(ctx, tx, in); err != nil || dry {
		return false, err
	}
	_, known, err = s.Reports.TakeOrderIn(ctx, tx, who, in)
	return known, err
}

func (s *Service) orderPlace(ctx context.Context, tx *db.Tx, r *sheet.Row) (code.ProjectCode, error) {
	if c := r.Text("project"); c != "" {
		p, err := code.ParseProjectCode(c)
		if err != nil {
			err = fault.New(fault.Invalid, "resident.project", "项目编码不正确。").With("project", fault.From(err).Text)
		}
		return p, err
	}
	c, ok, err := resident.ProjectNamed(ctx, tx, r.Text("estate"), code.Division(r.Text("district")))
	if err == nil && !ok {
		err = fault.New(fault.Invalid, "resident.place", "没有找到唯一的小区。").With("estate", "没有这个小区，或有重名；请填写项目编码，或区划代码。")
	}
	return c, err
}

// hearOrder tells what is wrong with a row, field by field where it is known.
func (p *pass) hearOrder(line int, f *fault.Error) {
	if len(f.Fields) == 0 {
		p.refuse(sheet.Problem{Row: line, Rule: f.Rule, Text: f.Text})
	}
	for key, text := range f.Fields {
		at := slices.IndexFunc(p.schema.Columns, func(c sheet.Column) bool { return c.Key == key })
		if at < 0 {
			p.refuse(sheet.Problem{Row: line, Rule: f.Rule, Text: text})
			continue
		}
		p.hear(registry.Problem{Line: line, Column: key, Title: p.schema.Columns[at].Title, Rule: f.Rule, Text: text})
	}
}
