package enterprise

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
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
			if !b.Rewards(it) {
				continue
			}
			points := web.T(orElse(it.Effect(), "按规则"))
			if it.Effect() == "" && it.Points != 0 {
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
