package importing

import (
	"context"
	"reflect"
	"slices"
	"strings"

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
	{Key: "topic", Title: "问题类别", Aliases: []string{"类别代码"}, Kind: sheet.Key, Max: 40, Hint: "诉求办理规则中的类别名称或代码；不填按内容识别"},
	{Key: "project", Title: "项目编码", Aliases: []string{"小区编码"}, Kind: sheet.Key, Hint: "不知道时填写小区名称和区划代码"},
	{Key: "estate", Title: "小区名称", Aliases: []string{"小区", "项目名称"}, Max: 100, Example: "花园小区"},
	{Key: "district", Title: "区划代码", Aliases: []string{"区县代码"}, Kind: sheet.Division, Example: "230103"},
	{Key: "building", Title: "楼栋号", Aliases: []string{"楼号"}, Kind: sheet.Int, Hint: "几号楼；与楼栋无关可以不填"},
	{Key: "spot", Title: "具体位置", Aliases: []string{"位置"}, Max: 100},
	{Key: "body", Title: "诉求内容", Aliases: []string{"内容", "工单内容"}, Required: true, Max: 2_000, Example: "示例：单元门关不上"},
	{Key: "phone", Title: "诉求人手机号", Aliases: []string{"联系电话", "手机号", "来电号码"}, Kind: sheet.Key, Hint: "加密保存，用于告知进展"},
	{Key: "received", Title: "受理日期", Aliases: []string{"受理时间", "来电日期"}, Kind: sheet.Date, Hint: "不填为今天", Example: "2021-12-01"},
}

// An Order is a 12345 order that is here, with the report that was made of it.
type Order struct {
	Ref    string `json:"ref"`
	Report db.ID  `json:"report"`
	Number string `json:"number"`
	Known  bool   `json:"known,omitempty"` // it was here before
}

// OrdersMax bounds the orders that an outcome names.
const OrdersMax = 100

// orderSchema is that of orders with the topics of the rulebook in force to choose from.
func (s *Service) orderSchema(ctx context.Context, tx *db.Tx) (*sheet.Schema, error) {
	plain := Orders.Schema()
	book, err := s.Reports.Books.InForce(ctx, tx, tx.Today())
	if f := fault.From(err); err != nil && f.Kind == fault.NotFound {
		return plain, nil
	}
	if err != nil {
		return nil, err
	}
	columns := slices.Clone(plain.Columns)
	for i := range columns {
		if columns[i].Key != "topic" {
			continue
		}
		columns[i].Kind, columns[i].Hint = sheet.Enum, "不填按内容识别"
		for _, t := range book.Topics {
			columns[i].Options = append(columns[i].Options, sheet.Option{Code: t.Code, Title: t.Title})
		}
	}
	return sheet.New(plain.Name, columns, plain.Notes...), nil
}

// orders takes a file of 12345 orders over, in the caller's transaction. An
// order that is here already stays as it is.
func (s *Service) orders(ctx context.Context, tx *db.Tx, who authz.Actor, p *pass) error {
	book, err := s.Reports.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return err
	}
	seen := map[string]resident.Submission{}
	for r, err := range p.rows(ctx) {
		if err != nil {
			return err
		}
		if p.tell != nil && p.out.Rows%progressEvery == 0 {
			p.tell(p.out.Rows)
		}
		x := ordering{Service: s, tx: tx, who: who, p: p, r: r, book: book}
		if err := x.judge(ctx); err != nil {
			return err
		}
		if x.known == nil && len(x.wrong)+len(r.Problems) == 0 {
			if err := x.take(ctx, seen); err != nil {
				return err
			}
		}
		x.tell()
	}
	return nil
}

// An ordering is one row on its way.
type ordering struct {
	*Service
	tx    *db.Tx
	who   authz.Actor
	p     *pass
	r     *sheet.Row
	book  *resident.Book
	in    resident.Submission
	known *resident.Report // the report that was made of the order before
	same  bool             // as a row before
	took  Order
	wrong []*fault.Error
}

// note keeps what is wrong with a row, and gives back what is wrong with us.
func (x *ordering) note(err error) error {
	if err == nil {
		return nil
	}
	switch f := fault.From(err); f.Kind {
	case fault.Invalid, fault.NotFound, fault.Conflict:
		x.wrong = append(x.wrong, f)
		return nil
	}
	return err
}

func (x *ordering) bad(keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return x.p.refused[cell{x.r.Number, key}] })
}

// judge says everything that is wrong with a row at once, whatever else is.
func (x *ordering) judge(ctx context.Context) error {
	r := x.r
	x.in = resident.Submission{
		Channel: resident.Hotline, SourceRef: r.Text("order_no"), Class: r.Text("class"), Topic: r.Text("topic"), Building: r.Cell("building").N,
		Spot: r.Text("spot"), Body: r.Text("body"), Phone: r.Text("phone"), Received: r.Date("received"),
	}
	if topic := x.in.Topic; topic != "" {
		t, ok := x.book.TopicNamed(topic)
		if !ok {
			x.wrong = append(x.wrong, fault.New(fault.Invalid, "resident.topic", "没有这个类别。").With("topic", "没有这个类别，可填："+topicTitles(x.book)+"；不填按内容识别。"))
		}
		x.in.Topic = t.Code
	}
	placed := !x.bad("project", "estate", "district")
	if placed {
		before := len(x.wrong)
		if err := x.note(x.place(ctx)); err != nil {
			return err
		}
		placed = len(x.wrong) == before
	}
	if !x.bad("order_no") && placed {
		known, err := x.Reports.KnownOrder(ctx, x.tx, x.in)
		if x.known = known; known != nil {
			return nil
		}
		if err := x.note(err); err != nil {
			return err
		}
	}
	rest := x.in
	before := len(x.wrong)
	if err := x.note(x.Reports.CheckOrder(ctx, x.tx, x.in)); err != nil {
		return err
	}
	if len(x.wrong) > before {
		rest.Received = 0 // said already
	}
	if placed {
		return x.note(x.Reports.CheckIn(ctx, x.tx, rest))
	}
	return x.note(x.Reports.CheckApart(ctx, x.tx, rest))
}

func topicTitles(b *resident.Book) string {
	var list []string
	for _, t := range b.Topics {
		list = append(list, t.Title)
	}
	return strings.Join(list, "、")
}

func (x *ordering) place(ctx context.Context) (err error) {
	if x.in.Project, err = x.orderPlace(ctx, x.tx, x.r); err != nil {
		return err
	}
	place, err := x.Registry.Project(ctx, x.tx, x.in.Project)
	if err != nil {
		return fault.New(fault.Invalid, "resident.project", "没有找到这个小区。").With("project", "没有登记这个项目。")
	}
	if err := authz.Require(x.who, authz.ReportImport, authz.Place{Division: place.Division, Enterprise: place.Enterprise, Project: string(place.Code)}); err != nil {
		return fault.New(fault.Invalid, "resident.project", "小区不在本区域。").With("project", "不在本区域，不能导入。")
	}
	return nil
}

// take stores the order, unless the run is dry.
func (x *ordering) take(ctx context.Context, seen map[string]resident.Submission) error {
	if before, twice := seen[x.in.SourceRef]; twice { // of a dry run: nothing was stored
		x.same = true
		if !reflect.DeepEqual(before, x.in) {
			return x.note(fault.New(fault.Conflict, "resident.order-other", "文件中另一行用了同一个工单编号。").With("order_no", "文件中另一行用了同一个编号，内容不同。"))
		}
		return nil
	}
	seen[x.in.SourceRef] = x.in
	if x.p.dry {
		return nil
	}
	out, known, err := x.Reports.TakeOrderIn(ctx, x.tx, x.who, x.in)
	x.same, x.took = known, Order{Ref: x.in.SourceRef, Report: out.Report, Number: out.Number, Known: known}
	return x.note(err)
}

// tell counts the row, or says what is wrong with it.
func (x *ordering) tell() {
	for _, f := range x.wrong {
		x.p.hearOrder(x.r.Number, f)
	}
	if x.known != nil {
		x.same, x.took = true, Order{Ref: x.in.SourceRef, Report: x.known.ID, Number: x.known.Number, Known: true}
	}
	switch out := &x.p.out; {
	case len(x.wrong)+len(x.r.Problems) > 0:
		return
	case x.same:
		out.Same++
	default:
		out.New++
	}
	if x.took.Report != 0 && len(x.p.out.Orders) < OrdersMax {
		x.p.out.Orders = append(x.p.out.Orders, x.took)
	}
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
