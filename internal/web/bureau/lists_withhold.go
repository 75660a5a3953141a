package bureau

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/web"
)

// replyCard shows who publishes every reply as everybody will read it, and lets
// them withhold what is personal in it.
func (v batchView) replyCard(forms batchForms) templ.Component {
	if !v.allows(listing.ActPublish) {
		return templ.NopComponent
	}
	head := web.Box{Title: "将公开的申辩", ID: "replies", Tags: []web.Mark{{Text: web.Count(int64(len(v.replies))) + " 条"}}}
	if len(v.replies) == 0 {
		return card(head, quiet("没有企业提出申辩。"))
	}
	parts := []templ.Component{para("以下文字会原样与条目一并公开，请逐条看过。系统在提交时已拒收含电话、证件号码、银行账号或邮箱的申辩，没有改动过文字；姓名、住址、车牌、健康和家庭情况须由您找出。隐去的文字，企业在自己的页面仍看得到。")}
	parts = append(parts, web.TableView(replyTable(v.replies)))
	withhold, uncover := forms.withhold, forms.uncover
	if withhold == nil {
		withhold = web.NewForm(withholdFields(v)...).Apart("withhold").Set("version", itoa(v.c.Version))
	}
	parts = append(parts, web.Folded("隐去个人信息", ask(withhold, web.FormBox{Action: v.at() + "/withhold", Submit: "隐去", ID: "withhold-form"})))
	if fields := uncoverFields(v); fields != nil {
		if uncover == nil {
			uncover = web.NewForm(fields...).Apart("uncover").Set("version", itoa(v.c.Version))
		}
		parts = append(parts, web.Folded("恢复原文", ask(uncover, web.FormBox{Action: v.at() + "/uncover", Submit: "恢复公开原文", ID: "uncover-form"})))
	}
	return card(head, parts...)
}

// replyTable is what everybody will read, and what the filter says of it today.
func replyTable(replies []listing.Reply) web.Table {
	t := web.Table{Caption: "将公开的申辩", Cols: []web.Col{{Name: "条目"}, {Name: "公开后的文字"}, {Name: "已隐去（字）", Num: true}, {Name: "自动筛查"}}}
	for _, r := range replies {
		entry := web.L(r.Entry.Name, "/bureau/list-entries/"+r.Entry.ID.String())
		entry.Sub, entry.Nowrap = r.Entry.Side.Title(), true
		filter := web.T("没有号码")
		if r.Suspect() {
			filter = web.Tagged("疑似个人信息，隐去以前不能公布", web.Bad)
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{entry, web.T(r.Word.Public()), web.N(int64(r.Word.Hidden()), ""), filter}})
	}
	return t
}

func replyOptions(v batchView, hidden bool) (out []web.Option) {
	for _, r := range v.replies {
		if !hidden || r.Word.Hidden() > 0 {
			out = append(out, web.Option{Value: r.Word.ID.String(), Text: r.Entry.Side.Title() + " · " + r.Entry.Name})
		}
	}
	return out
}

func withholdFields(v batchView) []web.Field {
	why := web.Field{Name: "why", Label: "涉及哪一类个人信息", Kind: web.Radio, Required: true}
	for _, w := range listing.Whys {
		why.Options = append(why.Options, web.Option{Value: w.Code, Text: w.Title})
	}
	return []web.Field{
		{Name: "version", Kind: web.Carried, Max: 20},
		{Name: "word", Label: "哪一条申辩", Kind: web.Select, Required: true, Options: replyOptions(v, false)},
		{Name: "passage", Label: "要隐去的文字", Required: true, Max: 200, Auto: "off", Hint: "照原文抄写；只隐去个人信息本身，不隐去企业的理由。公开页注明隐去的字数和类别"},
		why,
	}
}

func uncoverFields(v batchView) []web.Field {
	options := replyOptions(v, true)
	if len(options) == 0 {
		return nil
	}
	return []web.Field{{Name: "version", Kind: web.Carried, Max: 20}, {Name: "word", Label: "哪一条申辩", Kind: web.Select, Required: true, Options: options}}
}

func (d *Desk) withholdReply(w http.ResponseWriter, r *http.Request) error {
	return d.onReply(w, r, withholdFields, func(f *web.Form) batchForms { return batchForms{withhold: f} }, func(ctx context.Context, tx *db.Tx, t listing.Take, f *web.Form) error {
		web.Say(r, "已隐去。公开页注明隐去的字数和类别。")
		return d.Listing.WithholdIn(ctx, tx, web.Actor(r), t, listing.Withholding{Word: f.ID("word"), Passage: f.Str("passage"), Why: f.Str("why")})
	})
}

func (d *Desk) uncoverReply(w http.ResponseWriter, r *http.Request) error {
	return d.onReply(w, r, uncoverFields, func(f *web.Form) batchForms { return batchForms{uncover: f} }, func(ctx context.Context, tx *db.Tx, t listing.Take, f *web.Form) error {
		web.Say(r, "已恢复，公开页将显示原文。")
		return d.Listing.UncoverIn(ctx, tx, web.Actor(r), t, f.ID("word"))
	})
}

func (d *Desk) onReply(w http.ResponseWriter, r *http.Request, fields func(batchView) []web.Field, put func(*web.Form) batchForms, do func(context.Context, *db.Tx, listing.Take, *web.Form) error) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.readBatch(r, id)
	if err != nil {
		return err
	}
	list := fields(v)
	if list == nil || len(v.replies) == 0 { // moved meanwhile: the service says what is the matter
		list = []web.Field{{Name: "version", Kind: web.Carried}, {Name: "word", Kind: web.Carried}, {Name: "passage", Kind: web.Carried, Max: 200}, {Name: "why", Kind: web.Carried}}
	}
	f, err := web.ReadForm(r, list...)
	if err != nil {
		return err
	}
	t := listing.Take{ID: id}
	t.Version, _ = strconv.ParseInt(f.Str("version"), 10, 64)
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		return v.at() + "#replies", do(ctx, tx, t, f)
	}, later(func(context.Context) (templ.Component, error) {
		v, err := d.readBatch(r, id)
		forms := put(f)
		forms.publish = issueForm(v)
		return d.batchPage(v, web.Actor(r), forms), err
	}))
}
