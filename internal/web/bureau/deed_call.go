package bureau

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/web"
)

func nameFields(b *deed.Book) []web.Field {
	return []web.Field{versionField, {Name: "names", Label: "回访对象", Kind: web.Long, Required: true, Hint: "每行一人：姓名 电话。加密保存，销号 " + b.KeepNames.Chinese() + "后删除"}}
}

// called is the part of the page about those served.
func (v deedView) called() []templ.Component {
	x := v.x
	if x.State != deed.Done && x.Answers.Named == 0 {
		return nil
	}
	a := x.Answers
	t := web.Table{Caption: "回访名单", Cols: []web.Col{{Name: "受益群众"}, {Name: "电话"}, {Name: "方式"}, {Name: "是否解决"}, {Name: "是否满意"}}, None: web.Nothing{Text: "还没有登记回访对象。"}}
	for _, s := range x.Served {
		row := []web.Cell{web.T(s.Name), web.T(s.Phone), web.T(map[string]string{"call": "电话回访", "code": "凭码确认"}[s.Way]), web.T(""), web.T("")}
		if s.Answer != nil {
			row[3], row[4] = yesNo(s.Answer.Solved, "已解决", "未解决"), yesNo(s.Answer.Satisfied, "满意", "不满意")
		}
		t.Rows = append(t.Rows, web.Row{Cells: row})
	}
	head := web.Box{Title: "受益群众的确认", Tags: []web.Mark{{Text: "已回访 " + web.Ratio(a.Answered, a.Named) + " 人"}}}
	if a.Answered > 0 {
		head.Tags = append(head.Tags, web.Mark{Text: "解决 " + web.Ratio(a.Solved, a.Answered)}, web.Mark{Text: "满意 " + web.Ratio(a.Satisfied, a.Answered)})
	}
	parts := []templ.Component{web.TableView(t), quiet("通过须至少 " + web.Count(min(x.Book.CallsMin, max(x.People, 1))) + " 人答复，其中 " + web.Count(x.Book.Solved) + "% 确认已解决。承办人不能回访自己办理的实事，也不能打开回访单。")}
	if x.State == deed.Done && authz.Can(v.reader, authz.DeedSheet) && x.May(deed.ActCall) && len(x.Served) > 0 {
		parts = append(parts, web.Buttons([]web.Link{{Text: "回访单和确认码", Href: v.at() + "/sheet"}}))
	}
	if x.May(deed.ActCall) && v.waiting() {
		parts = append(parts, ask(v.callForm(), web.FormBox{Action: v.at() + "/calls", Submit: "记录回访"}))
	}
	if x.May(deed.ActName) {
		parts = append(parts, web.Folded("登记回访对象", ask(v.nameForm(), web.FormBox{Action: v.at() + "/names", Submit: "登记回访对象"})))
	}
	return []templ.Component{card(head, parts...)}
}

func yesNo(yes bool, good, bad string) web.Cell {
	if yes {
		return web.Tagged(good, web.Good)
	}
	return web.Tagged(bad, web.Bad)
}

func (v deedView) waiting() bool { return v.x.Answers.Answered < v.x.Answers.Named }

func (v deedView) nameForm() *web.Form {
	if f := v.forms[deed.ActName]; f != nil {
		return f
	}
	return web.NewForm(nameFields(v.x.Book)...).Set("version", itoa(v.x.Deed.Version)).Apart("name")
}

func (v deedView) callFields() []web.Field {
	var open []web.Option
	for _, s := range v.x.Served {
		if s.Answer == nil {
			open = append(open, web.Option{Value: s.ID.String(), Text: s.Name + " " + s.Phone})
		}
	}
	return []web.Field{
		versionField,
		{Name: "served", Label: "回访了谁", Kind: web.Select, Required: true, Options: open},
		{Name: "solved", Label: "问题是否解决", Kind: web.Radio, Required: true, Options: solvedOptions},
		{Name: "satisfied", Label: "是否满意", Kind: web.Radio, Required: true, Options: satisfiedOptions},
	}
}

var (
	solvedOptions    = []web.Option{{Value: "yes", Text: "已解决"}, {Value: "no", Text: "没有解决"}}
	satisfiedOptions = []web.Option{{Value: "yes", Text: "满意"}, {Value: "no", Text: "不满意"}}
)

func (v deedView) callForm() *web.Form {
	if f := v.forms[deed.ActCall]; f != nil {
		return f
	}
	return web.NewForm(v.callFields()...).Set("version", itoa(v.x.Deed.Version)).Apart("call")
}

// nameServed puts people on the call-back list.
func (d *Desk) nameServed(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	l, err := d.readLedger(r.Context())
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, nameFields(l.book)...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已登记回访对象。")
		return deedsAt + "/" + id.String(), d.Deeds.NameIn(ctx, tx, web.Actor(r), takeOf(f, id), namedOf(f.Str("names")))
	}, d.deedAgain(r, id, deed.ActName, f))
}

func namedOf(text string) (out []deed.Named) {
	for _, line := range lines(text) {
		words := strings.Fields(strings.NewReplacer("　", " ", ",", " ", "，", " ", "\t", " ").Replace(line))
		one := deed.Named{}
		if len(words) > 0 {
			one.Name = strings.Join(words[:max(len(words)-1, 1)], " ")
		}
		if len(words) > 1 {
			one.Phone = words[len(words)-1]
		}
		out = append(out, one)
	}
	return out
}

// callServed notes what one of them said.
func (d *Desk) callServed(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.deedView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, v.callFields()...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已记录回访。")
		return v.at(), d.Deeds.CallIn(ctx, tx, web.Actor(r), takeOf(f, id), f.ID("served"), deed.Answer{Solved: f.Str("solved") == "yes", Satisfied: f.Str("satisfied") == "yes"})
	}, d.deedAgain(r, id, deed.ActCall, f))
}

// deedSheet is the call-back sheet, to be printed: whom to call, and the code that
// each is given. Reading it is an event.
func (d *Desk) deedSheet(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	var x deed.Deed
	var slips []deed.Slip
	if err := d.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		x, slips, err = d.Deeds.SheetIn(r.Context(), tx, web.Actor(r), id)
		return err
	}); err != nil {
		return err
	}
	t := web.Table{Caption: "回访名单", Plain: true, Cols: []web.Col{{Name: "姓名"}, {Name: "电话"}, {Name: "确认码"}, {Name: "是否解决"}, {Name: "是否满意"}}, None: web.Nothing{Text: "还没有登记回访对象。"}}
	for _, s := range slips {
		row := []web.Cell{web.T(s.Name), web.T(s.Phone), {Text: s.Code, Nowrap: true}, web.T("□ 是　□ 否"), web.T("□ 是　□ 否")}
		if s.Answer != nil {
			row[2], row[3], row[4] = web.T("已答复"), yesNo(s.Answer.Solved, "已解决", "未解决"), yesNo(s.Answer.Satisfied, "满意", "不满意")
		}
		t.Rows = append(t.Rows, web.Row{Cells: row})
	}
	doc := web.Document{
		Issuer: d.CityName + "为群众办实事", Number: x.Number, Title: "回访单",
		Text: []string{"实事：" + x.Title + "。", "办理结果：" + x.Result, "确认码交给本人，可在 " + web.Address(r, "/deeds/confirm") + " 自行确认，每个码用一次；也可以由未参与办理的工作人员电话回访后登记。"},
		Body: web.TableView(t), Sign: "回访人：", Date: web.Today(r).Chinese(),
	}
	return web.Show(w, r, http.StatusOK, page(web.Page{Title: "回访单", Desk: Key, Headed: true, Crumbs: []web.Link{{Text: "实事台账", Href: deedsAt}, {Text: x.Title, Href: deedsAt + "/" + id.String()}}}, web.Paper(doc)))
}
