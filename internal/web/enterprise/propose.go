package enterprise

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/web"
)

// A declaring is the form for one item, for one actor, on one day.
type declaring struct {
	Item     *credit.Item
	Book     *credit.Book
	Firm     party
	Projects []web.Option
	People   []web.Option
	Draft    db.ID
	Version  int64
	Saved    credit.Proposal
}

// proposePage chooses the item first, then asks what that item needs.
func (d *Desk) proposePage(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	item := r.URL.Query().Get("item")
	if item == "" {
		return d.chooseItem(w, r)
	}
	var x declaring
	if err := d.DB.Read(ctx, func(tx *db.Tx) (err error) { x, err = d.declaring(ctx, tx, who, item); return err }); err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, x.page(x.form()))
}

func (d *Desk) chooseItem(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	t := web.Table{
		Caption: "可以申报的评价项目", Cols: []web.Col{{Name: "评价项目"}, {Name: "类别"}, {Name: "分值（分）", Num: true}, {Name: "依据"}},
		None: web.Nothing{Text: "按现行评价规则，没有由企业申报的项目。", Act: web.Link{Text: "查看评价规则", Href: "/rulebooks"}},
	}
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		b, err := d.Books.InForce(ctx, tx, tx.Today())
		if err != nil {
			return err
		}
		items, err := d.Records.Proposable(ctx, tx, who)
		for _, it := range items {
			points := web.T("按规则")
			if it.Points != 0 {
				points = web.P(it.Points, true)
			}
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				{Text: it.Title, Sub: it.Code, Href: "/enterprise/records/new?item=" + it.Code}, web.T(b.Classes[it.Class].Title), points, web.T(it.Basis),
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	p := page("申报良好信息")
	p.Lead = "先选评价项目，再填写事实、上传证明材料"
	p.Crumbs = []web.Link{{Text: "信用信息", Href: "/enterprise/records"}}
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}

// declaring reads what the form for an item offers.
func (d *Desk) declaring(ctx context.Context, tx *db.Tx, who authz.Actor, item string) (x declaring, err error) {
	if x.Book, err = d.Books.InForce(ctx, tx, tx.Today()); err != nil {
		return x, err
	}
	if x.Item = x.Book.Item(x.Book.ItemNo(item)); x.Item == nil {
		return x, fault.New(fault.NotFound, "credit.no-item", "现行评价规则中没有这个项目。")
	}
	if x.Firm, err = d.party(ctx, tx, who); err != nil {
		return x, err
	}
	if x.Projects, err = x.Firm.projects(ctx, tx); err != nil {
		return x, err
	}
	if !x.Item.For(credit.Manager) && !x.Item.For(credit.Staff) || !x.Firm.Whole {
		return x, nil
	}
	people, err := d.Registry.StaffOfEnterprise(ctx, tx, who, x.Firm.USCC, tx.Today())
	for _, s := range people {
		x.People = append(x.People, web.Option{Value: s.Person.String(), Text: s.Name + "（" + s.Post.Title() + "）"})
	}
	return x, err
}

func (x *declaring) fields() []web.Field {
	it := x.Item
	onProject := it.For(credit.Project) && !it.For(credit.Enterprise) && !it.For(credit.Branch) || !x.Firm.Whole
	var fields []web.Field
	if len(it.Levels) > 0 {
		f := web.Field{Name: "level", Label: "级别", Kind: web.Select, Required: true}
		for _, l := range it.Levels {
			f.Options = append(f.Options, web.Option{Value: l.Code, Text: orElse(l.Title, l.Code)})
		}
		fields = append(fields, f)
	}
	fields = append(fields, web.Field{Name: "project", Label: "小区项目", Kind: web.Select, Required: onProject, Options: x.Projects, Hint: "事情发生在哪个项目；与项目无关的不选"})
	if len(x.People) > 0 {
		fields = append(fields, web.Field{Name: "person", Label: "人员", Kind: web.Select, Options: x.People})
	}
	fields = append(fields,
		web.Field{Name: "event", Label: "发生日期", Kind: web.Date, Required: true},
		web.Field{Name: "summary", Label: "事实", Kind: web.Long, Required: true, Max: 2000, Hint: "什么时间、什么事、谁认定的"},
	)
	if len(it.Bands) > 0 || len(it.Levels) == 0 {
		fields = append(fields, web.Field{Name: "value", Label: "数量或计量值", Kind: web.PointsIn, Unit: "（按规则计量）", Required: len(it.Bands) > 0, Hint: "按次计分的不填"})
	}
	proof := web.Field{Name: "document_type", Label: "证明文件种类", Kind: web.Select, Group: "证明"}
	for _, e := range x.Book.Evidence {
		if it.Proof == 0 || it.Proof&(1<<x.Book.EvidenceNo(e.Code)) != 0 {
			proof.Options = append(proof.Options, web.Option{Value: e.Code, Text: e.Title})
		}
	}
	if len(proof.Options) > 0 {
		proof.Required = it.Proof != 0
		fields = append(fields, proof)
	}
	return append(fields,
		web.Field{Name: "document_number", Label: "文号", Max: 200},
		web.Field{Name: "document_issuer", Label: "制发机关", Max: 200},
		web.Field{Name: "document_date", Label: "文件日期", Kind: web.Date},
		web.Field{Name: "document_expires", Label: "文件写明的失效日期", Kind: web.Date},
		web.Field{Name: "honour", Label: "荣誉名称", Max: 200, Hint: "同一荣誉只计一次"},
		web.Field{Name: "files", Label: "证明材料", Kind: web.Files, Accept: blob.Accept, Hint: "最多 10 个文件，每个不超过 20 MB"},
		web.Field{Name: "known", Label: "已核对相似信息，确属另一件事", Kind: web.Check},
		web.Field{Name: "do", Label: "保存方式", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "submit", Text: "提交审核"}, {Value: "draft", Text: "先存草稿"}}},
		web.Field{Name: "version", Kind: web.Carried, Max: 20},
	)
}

// form is filled with what a draft holds.
func (x *declaring) form() *web.Form {
	f := web.NewForm(x.fields()...).Set("do", "submit").Set("version", versionText(x.Version))
	p := x.Saved
	known := map[string]string{
		"level": p.Level, "project": string(p.Project), "person": p.Person.String(), "event": p.Event.String(), "summary": p.Summary,
		"document_type": p.Document.Type, "document_number": p.Document.Number, "document_issuer": p.Document.Issuer,
		"document_date": p.Document.Date.String(), "document_expires": p.Document.Expires.String(), "honour": p.Honour,
	}
	if p.Value != 0 {
		known["value"] = p.Value.String()
	}
	for _, fd := range f.Fields {
		if v := known[fd.Name]; v != "" {
			f.Set(fd.Name, v)
		}
	}
	if len(x.Projects) == 1 && !x.Firm.Whole {
		f.Set("project", x.Projects[0].Value)
	}
	return f
}

// proposal is what the form says; fields that the item does not have are empty.
func (x *declaring) proposal(f *web.Form, refs []credit.FileRef) credit.Proposal {
	has := map[string]bool{}
	for _, fd := range f.Fields {
		has[fd.Name] = true
	}
	text := func(name string) string {
		if !has[name] {
			return ""
		}
		return f.Str(name)
	}
	p := credit.Proposal{
		Item: x.Item.Code, Level: text("level"), Enterprise: x.Firm.USCC, Project: code.ProjectCode(text("project")),
		Event: f.Date("event"), Summary: f.Str("summary"), Honour: f.Str("honour"), Known: f.Bool("known"),
		Document: credit.Document{
			Type: text("document_type"), Number: f.Str("document_number"), Issuer: f.Str("document_issuer"),
			Date: f.Date("document_date"), Expires: f.Date("document_expires"),
		},
		Files: append(append([]credit.FileRef(nil), x.Saved.Files...), refs...),
	}
	if !x.Firm.Whole {
		p.Enterprise = "" // whoever held the project on the day
	}
	if has["person"] {
		p.Person = f.ID("person")
	}
	if has["value"] {
		p.Value = f.Points("value")
	}
	return p
}

func (x *declaring) page(f *web.Form) templ.Component {
	p := page("申报：" + x.Item.Title)
	p.Narrow = true
	p.Lead = "评价项目 " + x.Item.Code + " · " + x.Book.Classes[x.Item.Class].Title
	p.Crumbs = []web.Link{{Text: "信用信息", Href: "/enterprise/records"}}
	var parts []templ.Component
	if x.Book.Banner != "" {
		parts = append(parts, web.Assumed(x.Book.Banner))
	}
	if n := len(x.Saved.Files); n > 0 {
		parts = append(parts, web.Notice(web.Info, "", "草稿里已有 "+strconv.Itoa(n)+" 个文件，新上传的会加在后面。"))
	}
	cancel := "/enterprise/records"
	parts = append(parts, web.Section(web.Box{}, web.FormView(f, web.FormBox{Submit: "保存", Cancel: cancel})))
	if x.Draft != 0 {
		parts = append(parts, web.Buttons([]web.Link{{Text: "撤回这份草稿", Href: "/enterprise/records/" + x.Draft.String() + "/withdraw"}}))
	}
	return web.Whole(p, parts...)
}

func (d *Desk) propose(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var x declaring
	err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		x, err = d.declaring(ctx, tx, who, r.URL.Query().Get("item"))
		return err
	})
	if err != nil {
		return err
	}
	return d.declare(w, r, &x)
}

// declare answers the form: a new draft or proposal, or a draft changed.
func (d *Desk) declare(w http.ResponseWriter, r *http.Request, x *declaring) error {
	f, err := web.ReadForm(r, x.fields()...)
	if err != nil {
		return err
	}
	up, err := web.Receive(r, d.Files, f, "files")
	if err != nil {
		return err
	}
	defer up.Close()
	x.proposal(f, nil) // notes what can't be read
	again := func() templ.Component { return x.page(f) }
	err = web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		refs, err := refsOf(ctx, tx, up)
		if err != nil {
			return "", err
		}
		id, err := d.keep(ctx, tx, web.Actor(r), x, x.proposal(f, refs), credit.Take{Record: x.Draft, Version: f.Int("version")}, f.Str("do") == "submit")
		if f.Str("do") == "submit" {
			web.Say(r, "已提交，等待审核。")
		} else {
			web.Say(r, "草稿已保存。")
		}
		return "/enterprise/records/" + id.String(), err
	}, again)
	if !fault.Is(err, "credit.duplicate") && !fault.Is(err, "credit.same") {
		return err
	}
	f.Refuse("known", fault.From(err).Text)
	return web.Show(w, r, http.StatusUnprocessableEntity, again())
}

func (d *Desk) keep(ctx context.Context, tx *db.Tx, who authz.Actor, x *declaring, p credit.Proposal, t credit.Take, submit bool) (db.ID, error) {
	if x.Draft == 0 && submit {
		return d.Records.ProposeIn(ctx, tx, who, p)
	}
	id, err := d.Records.SaveDraftIn(ctx, tx, who, t, p)
	if err != nil || !submit {
		return id, err
	}
	t.Version++ // saving was one step
	return id, d.Records.ProposeDraftIn(ctx, tx, who, t)
}

func (d *Desk) editing(r *http.Request) (x declaring, err error) {
	ctx, who := r.Context(), web.Actor(r)
	id, err := pathID(r, "id")
	if err != nil {
		return x, err
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := d.Records.DraftIn(ctx, tx, who, id)
		if err != nil {
			return err
		}
		v, err := d.Records.Record(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if x, err = d.declaring(ctx, tx, who, p.Item); err != nil {
			return err
		}
		x.Draft, x.Version, x.Saved = id, v.Version, p
		return nil
	})
	return x, err
}

func (d *Desk) editPage(w http.ResponseWriter, r *http.Request) error {
	x, err := d.editing(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, x.page(x.form()))
}

func (d *Desk) edit(w http.ResponseWriter, r *http.Request) error {
	x, err := d.editing(r)
	if err != nil {
		return err
	}
	return d.declare(w, r, &x)
}

func versionText(n int64) string { return strconv.FormatInt(n, 10) }

// options makes choices of a closed list, by their titles, which is how the
// register's forms hold them.
func options(list []registry.Choice) []web.Option {
	var out []web.Option
	for _, c := range list {
		out = append(out, web.Option{Value: c.Title, Text: c.Title})
	}
	return out
}
