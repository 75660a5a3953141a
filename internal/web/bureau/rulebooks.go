package bureau

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/rulebook"
	"juli/internal/web"
)

var uploadFields = []web.Field{{Name: "file", Label: "规则文件", Kind: web.File, Required: true, Accept: ".yaml,.yml", Hint: "YAML，写法见 docs/rulebooks.md；上传后为草案"}}

func bookTone(s rulebook.State) web.Tone {
	switch s {
	case rulebook.Adopted:
		return web.Good
	case rulebook.Comment:
		return web.Warn
	}
	return web.Plain
}

// rulebooks lists every version, and takes new ones in.
func (d *Desk) rulebooks(w http.ResponseWriter, r *http.Request) error {
	c, err := d.rulebooksPage(r, web.NewForm(uploadFields...), nil)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, c)
}

func (d *Desk) rulebooksPage(r *http.Request, f *web.Form, problems rulebook.Problems) (templ.Component, error) {
	ctx, who := r.Context(), web.Actor(r)
	t := web.Table{Caption: "规则版本", Cols: []web.Col{{Name: "规则"}, {Name: "版本"}, {Name: "状态"}, {Name: "施行"}, {Name: "截止"}, {Name: "上传"}}, None: web.Nothing{Text: "还没有规则。"}}
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		if err := authz.RequireAny(who, authz.RulebookRead); err != nil {
			return err
		}
		list, err := rulebook.List(ctx, tx, rulebook.Filter{}, 0, 200)
		t.Rows = nil
		for _, v := range list {
			by := clock(v.UploadedAt)
			if v.UploadedBy == 0 {
				by = "随程序提供"
			}
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Text: v.Title, Sub: v.Code, Href: "/bureau/rulebooks/" + v.ID.String()}, web.T(v.Version), web.Tagged(v.State.String(), bookTone(v.State)), web.D(v.From), web.D(v.To), web.T(by)}})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var parts []templ.Component
	if len(problems) > 0 {
		parts = append(parts, card(web.Box{Title: "规则文件需要修改的地方", ID: "problems"}, web.TableView(problemTable(problems))))
	}
	if authz.Can(who, authz.RulebookUpload) {
		parts = append(parts, card(web.Box{Title: "上传规则草案", ID: "upload"}, ask(f, web.FormBox{Action: "/bureau/rulebooks", Submit: "检查并上传"})))
	}
	return page(web.Page{Title: "评价规则", Desk: Key, Lead: "草案 → 公开征求意见 → 由另一人批准施行"}, append(parts, card(web.Box{Title: "全部版本"}, web.TableView(t)))...), nil
}

func problemTable(problems rulebook.Problems) web.Table {
	t := web.Table{Caption: "问题", Cols: []web.Col{{Name: "行"}, {Name: "位置"}, {Name: "问题"}}}
	for i, p := range problems {
		if i == 100 {
			break
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Text: "第 " + itoa(int64(p.Line)) + " 行", Nowrap: true}, web.T(p.Path), web.T(p.Text)}})
	}
	return t
}

// uploadRulebook checks a file and keeps it as a draft; its problems are shown by line.
func (d *Desk) uploadRulebook(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, uploadFields...)
	if err != nil {
		return err
	}
	text, err := uploadedText(f, "file")
	if err != nil && !f.Take(err) {
		return err
	}
	var problems rulebook.Problems
	again := later(func(context.Context) (templ.Component, error) { return d.rulebooksPage(r, f, problems) })
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		v, err := d.Rulebooks.UploadIn(ctx, tx, web.Actor(r), text)
		if problems = rulebook.ProblemsOf(err); len(problems) > 0 {
			return "", fault.New(fault.Invalid, "rulebook.invalid", "规则文件有 %d 处问题，没有保存。", len(problems)).With("file", "请按下面列出的行修改后重新上传。")
		}
		web.Say(r, "已存为草案："+v.Title+" "+v.Version)
		return "/bureau/rulebooks/" + v.ID.String(), err
	}, again)
}

// bookView is all that a version's page shows.
type bookView struct {
	v       rulebook.Version
	others  []rulebook.Version // of the same code, to compare with
	remarks []rulebook.Remark
	change  *bookChange // nil: the version is no draft any more
}

func (d *Desk) bookView(ctx context.Context, id db.ID) (x bookView, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if x.v, err = rulebook.Find(ctx, tx, id); err != nil {
			return err
		}
		if x.change, err = d.bookChange(ctx, tx, x.v, d.City); err != nil {
			return err
		}
		list, err := rulebook.List(ctx, tx, rulebook.Filter{Kind: x.v.Kind}, 0, 200)
		if err != nil {
			return err
		}
		x.others = nil
		for _, o := range list {
			if o.ID != id {
				x.others = append(x.others, o)
			}
		}
		x.remarks, err = rulebook.Remarks(ctx, tx, id, 0, 200)
		return err
	})
	return x, err
}

// commented says whether nothing is left to be commented on a version.
func commented(v rulebook.Version, today day.Date) bool {
	return v.State == rulebook.Draft || v.State == rulebook.Comment && v.CommentTo < today
}

// bookFields ask for the next step of a version: opening comment or adoption.
func bookFields(who authz.Actor, v rulebook.Version, today day.Date) []web.Field {
	f := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true}
	if v.State == rulebook.Draft && authz.Can(who, authz.RulebookOpenComment) {
		f.Options = append(f.Options, web.Option{Value: "comment", Text: "公开征求意见", Hint: "须填写截止日期"})
	}
	if commented(v, today) && rulebook.MayAdopt(who, v) {
		f.Options = append(f.Options, web.Option{Value: "adopt", Text: "批准施行", Hint: "上传人不能批准；需要再次输入动态码"})
	}
	if len(f.Options) == 0 {
		return nil
	}
	fields := []web.Field{f}
	if f.Options[0].Value == "comment" {
		fields = append(fields, web.Field{Name: "until", Label: "征求意见截止日期", Kind: web.Date, Required: len(f.Options) == 1, When: "公开征求意见时必填"})
	}
	return fields
}

func (d *Desk) rulebook(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	x, err := d.bookView(r.Context(), id)
	if err != nil {
		return err
	}
	var f *web.Form
	if fields := bookFields(web.Actor(r), x.v, web.Today(r)); fields != nil {
		f = web.NewForm(fields...)
	}
	return web.Show(w, r, http.StatusOK, d.bookPage(web.Actor(r), x, f, web.Today(r)))
}

func (d *Desk) bookPage(who authz.Actor, x bookView, f *web.Form, today day.Date) templ.Component {
	v := x.v
	to := v.To.String()
	if v.To == 0 {
		to = "长期"
	}
	facts := []web.Fact{{Name: "代码和版本", Text: v.Name()}, {Name: "施行", Text: v.From.String() + " 至 " + to}, {Name: "上传", Text: clock(v.UploadedAt)}, {Name: "批准", Text: clock(v.AdoptedAt)}}
	if v.CommentTo != 0 {
		facts = append(facts, web.Fact{Name: "征求意见", Text: v.CommentFrom.String() + " 至 " + v.CommentTo.String()})
	}
	facts = append(facts, web.Fact{Name: "文件摘要（SHA-256）", Text: v.Digest, Wide: true})
	left := 12
	var side []templ.Component
	if f != nil {
		left = 8
		side = append(side, card(web.Box{Title: "办理", ID: "act", Cols: 4}, ask(f, web.FormBox{Action: "/bureau/rulebooks/" + v.ID.String(), Submit: "提交"})))
	} else if v.State == rulebook.Comment && v.CommentTo >= today {
		left = 8
		side = append(side, card(web.Box{Title: "正在征求意见", Cols: 4}, para("意见收到 "+v.CommentTo.String()+" 为止，之后由上传人以外的人批准施行。")))
	}
	diff := web.Table{Caption: "与其他版本比较", Cols: []web.Col{{Name: "版本"}, {Name: "状态"}, {Name: "施行"}, {Name: "比较"}}, None: web.Nothing{Text: "没有其他版本。"}}
	for _, o := range x.others {
		if o.Code == v.Code || o.City == v.City {
			diff.Rows = append(diff.Rows, web.Row{Cells: []web.Cell{web.L(o.Title+" "+o.Version, "/bureau/rulebooks/"+o.ID.String()), web.Tagged(o.State.String(), bookTone(o.State)), web.D(o.From), web.L("看差别", "/bureau/rulebooks/"+v.ID.String()+"/compare?with="+o.ID.String())}})
		}
	}
	remarks := web.Table{Caption: "收到的意见", Cols: []web.Col{{Name: "时间"}, {Name: "针对"}, {Name: "意见"}}, None: web.Nothing{Text: "没有收到意见。"}}
	for _, m := range x.remarks {
		at := m.Path
		if at == "" {
			at = "整体"
		}
		remarks.Rows = append(remarks.Rows, web.Row{Cells: []web.Cell{{Text: clock(m.At), Nowrap: true}, web.T(at), web.T(m.Body)}})
	}
	p := web.Page{Title: v.Title, Desk: Key, Tags: []web.Mark{{Text: v.State.String(), Tone: bookTone(v.State)}}, Lead: "版本 " + v.Version, Crumbs: []web.Link{{Text: "评价规则", Href: "/bureau/rulebooks"}}, Acts: []web.Link{{Text: "全文", Href: "/rulebooks/" + v.Digest}}}
	if authz.May(who, authz.CreditSimulate, d.cityPlace()) && v.Kind == "credit" {
		p.Acts = append(p.Acts, web.Link{Text: "模拟", Href: "/bureau/simulate?version=" + v.ID.String()})
	}
	return page(p,
		ownDraft(who, v),
		cols(append([]templ.Component{card(web.Box{Title: "基本信息", Cols: left}, web.Facts(facts))}, side...)...),
		x.change.card(v),
		card(web.Box{Title: "与其他版本比较"}, web.TableView(diff)), card(web.Box{Title: "收到的意见"}, web.TableView(remarks)),
	)
}

// moveRulebook opens a draft to comment, or adopts it.
func (d *Desk) moveRulebook(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	who := web.Actor(r)
	x, err := d.bookView(r.Context(), id)
	if err != nil {
		return err
	}
	fields := bookFields(who, x.v, web.Today(r))
	if fields == nil { // the service says why not
		fields = []web.Field{{Name: "act", Kind: web.Carried}, {Name: "until", Kind: web.Carried}}
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		to := "/bureau/rulebooks/" + id.String()
		if f.Str("act") == "comment" {
			if f.Str("until") == "" {
				return "", fault.New(fault.Invalid, "rulebook.comment-until", "请填写征求意见截止日期。").With("until", "公开征求意见须填写截止日期。")
			}
			_, err := d.Rulebooks.OpenCommentIn(ctx, tx, web.Actor(r), id, f.Date("until"))
			web.Say(r, "已公开征求意见。")
			return to, err
		}
		v, err := d.Rulebooks.AdoptIn(ctx, tx, web.Actor(r), id)
		web.Say(r, "已批准，自 "+v.From.String()+" 起施行。")
		return to, err
	}, func() templ.Component { return d.bookPage(who, x, f, web.Today(r)) })
}

// compareRulebooks shows two versions difference by difference.
func (d *Desk) compareRulebooks(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	l, err := web.ReadList(r, web.ListSpec{Filters: []web.Filter{{Name: "with", Label: "比较的版本", Like: web.LikeID}, {Name: "part", Label: "部分"}}})
	if err != nil {
		return err
	}
	with, err := db.ParseID(l.Get("with"))
	if err != nil {
		return err
	}
	var a, b rulebook.Version
	var diffs []rulebook.Difference
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if b, err = rulebook.Find(ctx, tx, id); err != nil {
			return err
		}
		if a, err = rulebook.Find(ctx, tx, with); err != nil {
			return err
		}
		old, err := d.Rulebooks.Document(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		fresh, err := d.Rulebooks.Document(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		diffs = d.Rulebooks.Kinds.Compare(old, fresh)
		return nil
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, page(
		web.Page{Title: "比较两个版本", Desk: Key, Lead: "原来：" + a.Name() + " · 现在：" + b.Name() + " · " + web.Count(int64(len(diffs))) + " 处差别", Crumbs: []web.Link{{Text: "评价规则", Href: "/bureau/rulebooks"}, {Text: b.Version, Href: "/bureau/rulebooks/" + id.String()}}},
		card(web.Box{}, web.TableView(differenceTable(diffs, diffsMax))),
	))
}

// diffsMax is how many differences a page shows; the count is of all.
const diffsMax = 500
