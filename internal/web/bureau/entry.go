package bureau

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/web"
)

const (
	evidenceTypes = ".pdf,.jpg,.jpeg,.png,.webp,.docx,.xlsx"
	thenPropose   = "propose"
	thenDraft     = "draft"
)

// An entry is the form of one record: its item, the book and what is known already.
type entry struct {
	book  *credit.Book
	item  *credit.Item
	staff []registry.Staff // of the enterprise, where the item scores a person
	take  credit.Take      // of the draft, zero for a new one
	past  credit.Proposal  // the draft as it is kept

	likes  []credit.Likeness // what the draft looks like
	hidden int               // likenesses that the writer does not see
}

// fields are the questions that the item asks.
func (e entry) fields() []web.Field {
	it := e.item
	who, where := "没有填项目编码时必填", ""
	if it.For(credit.Project) && !it.For(credit.Enterprise) && !it.For(credit.Branch) {
		who, where = "", "提出时必填"
	}
	all := []web.Field{
		{Name: "item", Kind: web.Carried, Max: 40},
		{Name: "version", Kind: web.Carried, Max: 20},
		{Name: "enterprise", Label: "企业的统一社会信用代码", Max: 18, Hint: "填项目编码时可以不填企业", When: who, Group: "对象"},
		{Name: "project", Label: "项目编码", Max: 16, Hint: "16 位，在项目页面上", When: where},
	}
	if it.For(credit.Project) {
		all = append(all, web.Field{Name: "projects", Label: "同时涉及的其他项目编码", Max: 4000, Hint: "同一事件涉及同一企业的几个小区时填写，用空格或逗号隔开"})
	}
	if len(e.staff) > 0 {
		f := web.Field{Name: "person", Label: "责任人员", Kind: web.Select, Required: it.Personal()}
		for _, s := range e.staff {
			f.Options = append(f.Options, web.Option{Value: s.Person.String(), Text: s.Name + "（" + s.Post.Title() + "）"})
		}
		all = append(all, f)
	}
	all = append(all, web.Field{Name: "event", Label: "发生日期", Kind: web.Date, Required: true, Group: "事实"})
	if len(it.Levels) > 0 {
		f := web.Field{Name: "level", Label: "级别", Kind: web.Radio, Required: true}
		for _, l := range it.Levels {
			f.Options = append(f.Options, web.Option{Value: l.Code, Text: l.Title, Hint: web.ScoreText(l.Points, true) + " 分"})
		}
		all = append(all, f)
	}
	if it.Measured() {
		all = append(all, web.Field{Name: "value", Label: "计量值", Kind: web.PointsIn, Unit: " ", Required: true, Hint: "按评分项目规定的单位填写，例如次数、户数或比例"})
	}
	if may, must := it.Hangs(); may {
		all = append(all, web.Field{Name: "parent", Label: "所依据的记录编号", Required: must, Max: 13, Hint: "13 位，在那条信用信息的页面上" + parentHint(it)})
	}
	all = append(all, web.Field{Name: "summary", Label: "事实经过", Kind: web.Long, Required: true})
	if it.DedupName != "" {
		all = append(all, web.Field{Name: "honour", Label: "荣誉或事项名称", Hint: "同一荣誉只计一次"})
	}
	all = append(all,
		web.Field{Name: "due", Label: "整改期限", Kind: web.Date, Hint: "文件要求整改的，填写最后一天"},
		web.Field{Name: "document_type", Label: "证明文件种类", Kind: web.Select, Options: e.evidence(), Group: "证据", Hint: "提出时须与事项相符"},
		web.Field{Name: "document_number", Label: "文号"}, web.Field{Name: "document_issuer", Label: "制发机关"},
		web.Field{Name: "document_date", Label: "文件日期", Kind: web.Date}, web.Field{Name: "document_expires", Label: "文件写明的失效日期", Kind: web.Date},
		web.Field{Name: "files", Label: "证明材料", Kind: web.Files, Accept: evidenceTypes, Hint: "PDF、图片或 Office 文件，每个不超过 20 MB；没有文号时必须上传"},
	)
	if e.take.Record != 0 {
		all = append(all, knownField)
	}
	return append(all,
		web.Field{Name: "then", Label: "接下来", Kind: web.Radio, Required: true, Group: "提交", Options: []web.Option{{Value: thenPropose, Text: "提出，交审核或认定"}, {Value: thenDraft, Text: "存为草稿"}}},
	)
}

// parentHint says which records an item may hang on.
func parentHint(it *credit.Item) string {
	if len(it.Orders) > 0 {
		return "；可选事项：" + strings.Join(it.Orders, "、")
	}
	return "；指明后，那条以虚假材料取得的信息作废"
}

func (e entry) evidence() []web.Option {
	var out []web.Option
	for _, n := range e.book.Evidence {
		if e.item.Proof == 0 || e.item.Proof&(1<<e.book.EvidenceNo(n.Code)) != 0 {
			out = append(out, web.Option{Value: n.Code, Text: n.Title})
		}
	}
	return out
}

// form shows the entry with what the draft holds.
func (e entry) form() *web.Form {
	f := web.NewForm(e.fields()...).Set("item", e.item.Code).Set("then", thenPropose)
	if e.take.Record == 0 {
		if only := e.evidence(); len(only) == 1 {
			f.Set("document_type", only[0].Value)
		}
		return f
	}
	p := e.past
	set := func(name, value string) {
		for _, fd := range f.Fields {
			if fd.Name == name {
				f.Set(name, value)
			}
		}
	}
	set("version", itoa(e.take.Version))
	for name, v := range map[string]string{
		"enterprise": string(p.Enterprise), "project": string(p.Project), "person": p.Person.String(), "event": p.Event.String(), "level": p.Level,
		"parent": p.Parent.String(), "summary": p.Summary, "honour": p.Honour, "due": p.Due.String(),
		"document_type": p.Document.Type, "document_number": p.Document.Number, "document_issuer": p.Document.Issuer,
		"document_date": p.Document.Date.String(), "document_expires": p.Document.Expires.String(),
	} {
		set(name, v)
	}
	if p.Value != 0 {
		set("value", p.Value.String())
	}
	var others []string
	for _, c := range p.Projects {
		others = append(others, string(c))
	}
	set("projects", strings.Join(others, " "))
	return f
}

// newRecord asks for the item first, then for what the item wants to know.
func (d *Desk) newRecord(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, web.ListSpec{Filters: []web.Filter{{Name: "item", Label: "评价项目", Like: web.LikeCode}, {Name: "enterprise", Label: "企业代码", Like: web.LikeCode}, {Name: "project", Label: "项目编码", Like: web.LikeCode}}})
	if err != nil {
		return err
	}
	var shown templ.Component
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		items, err := d.Records.Proposable(ctx, tx, who)
		if err != nil {
			return err
		}
		book, err := d.Books.InForce(ctx, tx, tx.Today())
		if err != nil {
			return err
		}
		for _, it := range items {
			if it.Code == l.Get("item") {
				e := entry{book: book, item: it}
				if err := d.staffOf(ctx, tx, r, &e, code.USCC(l.Get("enterprise"))); err != nil {
					return err
				}
				shown = entryPage(e, e.form().Set("enterprise", l.Get("enterprise")).Set("project", l.Get("project")))
				return nil
			}
		}
		shown = itemsPage(book, items, l)
		return nil
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, shown)
}

// staffOf fills in who of an enterprise can answer for a record.
func (d *Desk) staffOf(ctx context.Context, tx *db.Tx, r *http.Request, e *entry, uscc code.USCC) (err error) {
	if uscc == "" || !e.item.For(credit.Manager) && !e.item.For(credit.Staff) {
		return nil
	}
	e.staff, err = d.Registry.StaffOfEnterprise(ctx, tx, web.Actor(r), uscc, tx.Today())
	if fault.From(err) != nil && fault.From(err).Kind == fault.NotFound {
		err = nil
	}
	return err
}

func itemsPage(b *credit.Book, items []*credit.Item, l *web.List) templ.Component {
	var cards []templ.Component
	for no, c := range b.Classes {
		t := web.Table{Caption: c.Title, Cols: []web.Col{{Name: "代码"}, {Name: "事项"}, {Name: "分值（分）", Num: true}, {Name: "依据"}}}
		for _, it := range items {
			if int(it.Class) == no {
				href := with("/bureau/records/new", "item", it.Code, "enterprise", l.Get("enterprise"), "project", l.Get("project"))
				t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Text: it.Code, Nowrap: true}, web.L(it.Title, href), itemPoints(it), web.T(it.Basis)}})
			}
		}
		if len(t.Rows) > 0 {
			cards = append(cards, card(web.Box{Title: c.Title}, web.TableView(t)))
		}
	}
	if len(cards) == 0 {
		cards = append(cards, card(web.Box{}, web.Empty(web.Nothing{Text: "按现行评价规则，您所在的单位没有可以提出的信用信息。", Act: web.Link{Text: "查看评价规则", Href: "/rulebooks/" + b.Digest}})))
	}
	if b.Banner != "" {
		cards = append([]templ.Component{web.Assumed(b.Banner)}, cards...)
	}
	return page(web.Page{Title: "录入信用信息", Desk: Key, Lead: "先选择事项 · " + b.Title + " " + b.Version, Crumbs: []web.Link{{Text: "信用信息", Href: "/bureau/records"}}}, cards...)
}

func itemPoints(it *credit.Item) web.Cell {
	if words := it.Effect(); words != "" {
		return web.T(words)
	}
	low, high := it.Points, it.Points
	if len(it.Levels) > 0 {
		low, high = it.Levels[0].Points, it.Levels[0].Points
	}
	for _, l := range it.Levels {
		low, high = min(low, l.Points), max(high, l.Points)
	}
	if it.Discretionary() {
		low, high = it.Min, it.Max
	}
	if low == high {
		return web.P(low, true)
	}
	return web.T(web.ScoreText(low, true) + " 至 " + web.ScoreText(high, true))
}

func entryPage(e entry, f *web.Form) templ.Component {
	action, title, back := "/bureau/records/new", "录入："+e.item.Title, "/bureau/records/new"
	if e.take.Record != 0 {
		title, back = "修改草稿："+e.item.Title, "/bureau/records/"+e.take.Record.String()
		action = back + "/edit"
	}
	parts := []templ.Component{card(web.Box{}, ask(f, web.FormBox{Action: action, Submit: "保存", Cancel: back}))}
	if e.item.Personal() && len(e.staff) == 0 {
		parts = append([]templ.Component{note(web.Info, "", "这一事项计到责任人员。先填写企业并存为草稿，再修改草稿选择人员。")}, parts...)
	}
	parts = append(alike(e.likes, e.hidden), parts...)
	if len(e.past.Files) > 0 {
		parts = append(parts, quiet("草稿中已有 "+itoa(int64(len(e.past.Files)))+" 份证明材料，新上传的会添加在后面。"))
	}
	return page(web.Page{Title: title, Desk: Key, Narrow: true, Lead: join(e.item.Code, e.item.Basis), Crumbs: []web.Link{{Text: "信用信息", Href: "/bureau/records"}, {Text: "选择事项", Href: "/bureau/records/new"}}}, parts...)
}
