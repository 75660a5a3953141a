package bureau

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/supervision"
	"juli/internal/web"
)

// caseView is a case with what its page says around it.
type caseView struct {
	d     supervision.Dossier
	book  *supervision.Book
	body  func(string) string
	today string
}

func (d *Desk) caseView(ctx context.Context, who authz.Actor, id db.ID) (v caseView, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if v.d, err = d.Cases.CaseFor(ctx, tx, who, id); err != nil {
			return err
		}
		if v.book, err = d.Cases.Books.ByDigest(ctx, tx, v.d.Book); err != nil {
			return err
		}
		v.today = tx.Today().String()
		if err := nameSteps(ctx, tx, v.d.Steps); err != nil {
			return err
		}
		v.body, err = stepBodies(ctx, tx, v.d.Steps)
		return err
	})
	return v, err
}

// stepBodies words the bodies that took the steps of a case.
func stepBodies(ctx context.Context, tx *db.Tx, steps []casework.Step) (func(string) string, error) {
	var scopes []authz.Scope
	for _, s := range steps {
		h := casework.ParseHolder(s.Body)
		scopes = append(scopes, authz.Scope{Division: h.Division, Enterprise: h.Enterprise, Project: h.Project})
	}
	name, err := registry.BodyNames(ctx, tx, scopes)
	return func(key string) string {
		h := casework.ParseHolder(key)
		if h.Role == "" {
			return "系统"
		}
		return name(h.Role, authz.Scope{Division: h.Division, Enterprise: h.Enterprise, Project: h.Project})
	}, err
}

func (d *Desk) oneCase(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.caseView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, casePage(v, caseForm(v), measureForm(v)))
}

func casePage(v caseView, act, measure *web.Form) templ.Component {
	c := &v.d
	title := c.ViolationTitle
	if title == "" {
		title = "待核实问题"
	}
	p := web.Page{
		Title: title, Desk: Key, Lead: join(c.No, c.ProjectName, c.EnterpriseName), Crumbs: []web.Link{{Text: "整改案件", Href: "/bureau/cases"}},
		Tags: []web.Mark{{Text: c.StateTitle(), Tone: caseTone(&c.Case)}},
	}
	parts := []templ.Component{caseWarnings(v), web.SideBySide(
		web.Section(web.Box{Title: "案情", Cols: 8}, web.Facts(caseFacts(v)), text(c.Facts)),
		web.Section(web.Box{Title: "办理", Cols: 4}, caseActs(v, act)),
	)}
	if len(c.Proofs) > 0 {
		parts = append(parts, card(web.Box{Title: "照片和材料"}, web.Proofs(caseProofs(c, "/bureau/cases/"))))
	}
	parts = append(parts, card(web.Box{Title: "处置措施", ID: "measures"}, web.TableView(measureTable(c)), possibles(v, measure)))
	if len(c.Sources) > 0 {
		parts = append(parts, card(web.Box{Title: "来源 " + itoa(int64(len(c.Sources))) + " 次"}, web.TableView(sourceTable(c))))
	}
	if len(c.Merged) > 0 {
		parts = append(parts, card(web.Box{Title: "并入的案件 " + itoa(int64(len(c.Merged))) + " 件"}, web.TableView(casesTable("并入的案件", c.Merged))))
	}
	if len(c.Alike) > 0 {
		parts = append(parts, card(web.Box{Title: "可能是同一问题的案件"}, quiet(alikeLead(c)), web.TableView(casesTable("相近的案件", c.Alike))))
	}
	parts = append(parts, card(web.Box{Title: "办理经过"}, web.Timeline(caseHistory(v))))
	return page(p, parts...)
}

func caseWarnings(v caseView) templ.Component {
	c := &v.d
	switch {
	case c.State == supervision.Merged:
		return web.Words(web.Notice(web.Info, "已并入其他案件", "这件案件的来源和材料已并入 "+c.IntoNo+"；如不是同一问题，可以拆分恢复。"),
			web.Buttons([]web.Link{{Text: "查看并入的案件 " + c.IntoNo, Href: "/bureau/cases/" + c.Into.String()}}))
	case c.State == supervision.Ended:
		return web.Notice(web.Warn, "已终止", "问题没有确认整改。")
	case c.Verified == 0 && c.State != supervision.NotFound:
		return web.Notice(web.Info, "尚未查实", "两人核实以前不告知企业，也不采取措施。")
	}
	return templ.NopComponent
}

func caseFacts(v caseView) []web.Fact {
	c := &v.d
	facts := []web.Fact{
		{Name: "项目", Text: c.ProjectName, Href: "/bureau/projects/" + string(c.Project)},
		{Name: "企业", Text: c.EnterpriseName, Href: "/bureau/enterprises/" + string(c.Enterprise)},
		{Name: "来源", Text: c.Channel.Title()},
		{Name: "具体位置", Text: orDash(c.Spot)},
		{Name: "发现日期", Text: c.FoundOn.String()},
	}
	if c.Rule.Code != "" {
		mark := v.book.MarkOf(c.Rule.Path).Mark
		facts = append(facts, web.Fact{Name: "依据", Text: c.Rule.Basis + "（" + mark.String() + "）", Wide: true})
	}
	if c.Verified != 0 {
		facts = append(facts, web.Fact{Name: "查实日期", Text: c.Verified.String()})
		reply := "期限 " + c.ReplyDue.String() + "（含当日）"
		if c.Replied != 0 {
			reply = "企业已于 " + c.Replied.String() + " 答复"
		}
		facts = append(facts, web.Fact{Name: "陈述申辩", Text: reply})
	}
	if c.OrderNo != "" {
		facts = append(facts, web.Fact{Name: "整改通知", Text: c.OrderNo + "，" + c.OrderedOn.String()}, web.Fact{Name: "整改期限", Text: c.Deadline.String()})
	}
	if c.Wished != 0 {
		facts = append(facts, web.Fact{Name: "拟定整改期限", Text: c.Wished.String() + "，由另一人决定"})
	}
	if c.HandedTo != "" {
		facts = append(facts, web.Fact{Name: "移送部门", Text: join(c.HandedTo, c.HandedDocument)})
	}
	if c.State == supervision.Asking && c.AskedUntil != 0 {
		facts = append(facts, web.Fact{Name: "申请延期", Text: "企业申请延至 " + c.AskedUntil.String() + "，最迟可延至 " + c.ExtendTo.String()})
	}
	if c.Reopened > 0 {
		facts = append(facts, web.Fact{Name: "重新打开", Text: itoa(c.Reopened) + " 次"})
	}
	if c.ClosedOn != 0 {
		facts = append(facts, web.Fact{Name: "结案日期", Text: c.ClosedOn.String()})
	}
	return facts
}

func orDash(s string) string {
	if strings.TrimSpace(s) == "" {
		return "—"
	}
	return s
}

func caseActs(v caseView, f *web.Form) templ.Component {
	c := &v.d
	head := quiet("现在：" + c.StateTitle())
	for _, b := range c.Barred {
		head = web.Words(head, web.Notice(web.Info, "须由另一人办理", b.String()))
	}
	if c.Flow.Due != 0 {
		head = web.Words(head, quiet("本步期限 "+c.Flow.Due.String()+"，"+c.Words))
	}
	if f == nil {
		who := "这一步不由您办理。"
		if c.Flow.Holder.Role != "" {
			who = "由" + c.Flow.Holder.Role.Title() + "办理。"
		}
		return web.Words(head, quiet(who))
	}
	if c.Flow.Holder.Role != "" {
		head = web.Words(head, quiet("这一步由"+c.Flow.Holder.Role.Title()+"办理。"))
	}
	return web.Words(head, web.FormView(f, web.FormBox{Submit: "办理"}))
}

func caseProofs(c *supervision.Dossier, at string) []web.Proof {
	var list []web.Proof
	for _, p := range c.Proofs {
		list = append(list, web.Proof{Name: p.Name, Href: at + c.ID.String() + "/files/" + p.File.String(), Kind: p.PurposeTitle(), When: join(clock(p.At), p.Spot), SHA256: p.SHA256})
	}
	return list
}

func sourceTable(c *supervision.Dossier) web.Table {
	t := web.Table{Caption: "来源", Cols: []web.Col{{Name: "来源"}, {Name: "编号"}, {Name: "日期"}, {Name: "位置"}, {Name: "内容"}}}
	for _, s := range c.Sources {
		ref := sourceCell(s.Ref)
		if s.Case != c.ID {
			ref = web.Cell{Text: orDash(s.Ref), Sub: "由并入的案件带来", Href: "/bureau/cases/" + s.Case.String()}
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(s.Channel.Title()), ref, web.D(s.FoundOn), web.T(orDash(s.Spot)), web.T(s.Facts)}})
	}
	return t
}

// sourceCell leads to what a case came from, where that has a page here.
func sourceCell(ref string) web.Cell {
	kind, id, _ := strings.Cut(ref, ":")
	switch kind {
	case "resident_report":
		return web.L("查看诉求", "/bureau/reports/"+id)
	case "inspection":
		return web.L("查看检查", "/bureau/inspections/"+id)
	}
	return web.T(orDash(ref))
}

// alikeLead says by what the list was chosen.
func alikeLead(c *supervision.Dossier) string {
	by := "同一项目、发现日期相近，违规事项相同或尚未核定。"
	if c.Violation == "" {
		by = "本案的违规事项尚未核定，下列是同一项目、发现日期相近的全部案件。"
	}
	return by + "是否同一问题由您判断；并入后可以拆分恢复，内容不会丢失。"
}

// violationWords name what a case is about, as far as it is known.
func violationWords(c *supervision.Case) string {
	if c.ViolationTitle == "" {
		return "违规事项尚未核定"
	}
	return c.ViolationTitle
}

// alikeWords tell a case from others where it is chosen.
func alikeWords(c *supervision.Case) string {
	return join(c.No, violationWords(c), c.Spot, c.FoundOn.String()+" 发现", c.StateTitle())
}

const excerptMax = 40 // characters

func excerpt(s string) string {
	if r := []rune(s); len(r) > excerptMax {
		return string(r[:excerptMax]) + "…"
	}
	return s
}

func casesTable(caption string, list []supervision.Case) web.Table {
	t := web.Table{Caption: caption, Cols: []web.Col{{Name: "违规事项"}, {Name: "案件"}, {Name: "位置"}, {Name: "反映内容"}, {Name: "发现日期"}, {Name: "状态"}}}
	for i := range list {
		c := &list[i]
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			web.T(violationWords(c)), {Text: c.No, Href: "/bureau/cases/" + c.ID.String()}, web.T(orDash(c.Spot)), web.T(excerpt(c.Facts)), web.D(c.FoundOn), web.Tagged(c.StateTitle(), caseTone(c)),
		}})
	}
	return t
}

func caseHistory(v caseView) []web.Event {
	var out []web.Event
	for _, s := range v.d.Steps {
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

// caseFile hands out one file of a case and writes it down.
func (d *Desk) caseFile(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	file, err := pathID(r, "file")
	if err != nil {
		return err
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error) {
		c, err := d.Cases.CaseFor(ctx, tx, who, id)
		if err != nil {
			return 0, err
		}
		if !slices.ContainsFunc(c.Proofs, func(p supervision.Proof) bool { return p.File == file }) {
			return 0, fault.New(fault.NotFound, "supervision.no-file", "没有找到这份材料。")
		}
		if err := authz.Require(who, authz.FileRead, c.Place()); err != nil {
			return 0, err
		}
		return file, audit.Append(ctx, tx, who, "supervision.file-read", c.Object(), map[string]any{"file": file})
	})
}
