package bureau

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/web"
)

// manyRows is how many records one approval of many takes.
const manyRows = 100

// manyActs are the acts on many records, with the state each is taken in.
var manyActs = []struct{ act, state, title string }{
	{credit.ActCheck, credit.RecordProposed, "审核通过"},
	{credit.ActIdentify, credit.RecordChecked, "认定"},
	{credit.ActNotify, credit.RecordIdentified, "告知"},
	{credit.ActRefuse, credit.RecordChecked, "不予认定"},
}

// A manyResult is what became of one record of many.
type manyResult struct {
	ID    db.ID
	Title string
	Error string // "" for done
}

func manySpec() web.ListSpec {
	f := web.Filter{Name: "act", Label: "操作", Chips: true}
	for _, a := range manyActs {
		f.Options = append(f.Options, web.Option{Value: a.act, Text: a.title})
	}
	return web.ListSpec{Filters: []web.Filter{f}}
}

func manyFields(rows []web.Option) []web.Field {
	return []web.Field{
		{Name: "act", Kind: web.Carried},
		{Name: "rows", Label: "信用信息", Kind: web.Checks, Required: true, Options: rows, Hint: "逐条办理，互不影响；每一条都会给出结果"},
		{Name: "note", Label: "意见", Kind: web.Long, Hint: "不予认定须写明理由"},
	}
}

// many shows the records that wait for one act of the actor's body.
func (d *Desk) many(w http.ResponseWriter, r *http.Request) error {
	l, err := web.ReadList(r, manySpec())
	if err != nil {
		return err
	}
	act := l.Get("act")
	if act == "" {
		act = manyActs[0].act
	}
	var rows []web.Option
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) { rows, err = d.manyOptions(r, tx, act); return err }); err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, manyPage(web.NewForm(manyFields(rows)...).Set("act", act), act))
}

func (d *Desk) manyOptions(r *http.Request, tx *db.Tx, act string) ([]web.Option, error) {
	who := web.Actor(r)
	state := ""
	for _, a := range manyActs {
		if a.act == act {
			state = a.state
		}
	}
	list, _, err := d.Records.List(r.Context(), tx, who, credit.RecordQuery{States: []string{state}, Sort: "due", Limit: manyRows})
	if err != nil {
		return nil, err
	}
	bodies := casework.Bodies(who)
	var rows []web.Option
	for _, x := range list {
		if slices.Contains(bodies, x.Holder) {
			rows = append(rows, web.Option{
				Value: x.ID.String() + "." + strconv.FormatInt(x.Version, 10), Text: titleOf(x),
				Hint: join(x.EnterpriseName, x.ProjectName, x.Event.String(), x.Document.Number, web.DueOf(x.Deadline, tx.Today()).Text),
			})
		}
	}
	return rows, nil
}

func manyPage(f *web.Form, act string) templ.Component {
	var chips []web.Chip
	title := ""
	for _, a := range manyActs {
		chips = append(chips, web.Chip{Text: a.title, Href: "/bureau/records/many?act=" + a.act, On: a.act == act})
		if a.act == act {
			title = a.title
		}
	}
	var body templ.Component
	if len(f.Fields[1].Options) == 0 {
		body = web.Empty(web.Nothing{Text: "没有等待您" + title + "的信用信息。", Act: web.Link{Text: "返回待办", Href: Home}})
	} else {
		body = ask(f, web.FormBox{Action: "/bureau/records/many", Submit: title, Cancel: "/bureau/records", Danger: act == credit.ActRefuse})
	}
	return page(
		web.Page{Title: "批量办理", Desk: Key, Lead: "按期限排列，每次最多 " + strconv.Itoa(manyRows) + " 条；有裁量分值的须逐条认定", Crumbs: []web.Link{{Text: "信用信息", Href: "/bureau/records"}}},
		card(web.Box{Title: "选择信用信息", Chips: chips}, body),
	)
}

// decideMany takes one act on all chosen records and shows what became of each.
func (d *Desk) decideMany(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, manyFields(nil)...)
	if err != nil {
		return err
	}
	again := later(func(ctx context.Context) (templ.Component, error) {
		err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
			f.Fields[1].Options, err = d.manyOptions(r, tx, f.Str("act"))
			return err
		})
		return manyPage(f, f.Str("act")), err
	})
	takes := takesOf(f)
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, again())
	}
	results, err := web.Once(r, d.DB, func(ctx context.Context, tx *db.Tx) ([]manyResult, error) {
		done, err := d.Records.ManyIn(ctx, tx, web.Actor(r), f.Str("act"), takes)
		if err != nil {
			return nil, err
		}
		out := make([]manyResult, len(done))
		for i, x := range done {
			out[i] = manyResult{ID: x.ID}
			if x.Err != nil {
				out[i].Error = x.Err.Text
			}
			if x.Err == nil || x.Err.Kind != fault.NotFound {
				c, err := casework.Find(ctx, tx, credit.RecordMachine, x.ID)
				if err != nil {
					return nil, err
				}
				out[i].Title = c.Title
			}
		}
		return out, nil
	})
	if err != nil {
		if f.Take(err) {
			return web.Show(w, r, http.StatusUnprocessableEntity, again())
		}
		return err
	}
	return web.Show(w, r, http.StatusOK, resultPage(f.Str("act"), results))
}

// takesOf reads "id.version" of each chosen row.
func takesOf(f *web.Form) []credit.Take {
	var takes []credit.Take
	for _, v := range f.All("rows") {
		id, version, _ := strings.Cut(v, ".")
		record, err := db.ParseID(id)
		n, err2 := strconv.ParseInt(version, 10, 64)
		if err != nil || err2 != nil || len(takes) >= manyRows {
			f.Refuse("rows", "请从列出的信用信息中选择，每次最多 "+strconv.Itoa(manyRows)+" 条。")
			return nil
		}
		takes = append(takes, credit.Take{Record: record, Version: n, Note: f.Str("note")})
	}
	return takes
}

func resultPage(act string, results []manyResult) templ.Component {
	t := web.Table{Caption: "办理结果", Cols: []web.Col{{Name: "信用信息"}, {Name: "结果"}, {Name: "原因"}}, None: web.Nothing{Text: "没有办理任何一条。"}}
	done := int64(0)
	for _, x := range results {
		title, word, tone := x.Title, "已办理", web.Good
		if x.Error != "" {
			word, tone = "未办理", web.Bad
		} else {
			done++
		}
		if title == "" {
			title = "编号 " + x.ID.String()
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.L(title, "/bureau/records/"+x.ID.String()), web.Tagged(word, tone), web.T(x.Error)}})
	}
	return page(
		web.Page{Title: "办理结果", Desk: Key, Lead: "共 " + web.Count(int64(len(results))) + " 条，已办理 " + web.Count(done) + " 条", Crumbs: []web.Link{{Text: "信用信息", Href: "/bureau/records"}, {Text: "批量办理", Href: "/bureau/records/many?act=" + act}}},
		card(web.Box{}, web.TableView(t), web.Buttons([]web.Link{{Text: "继续办理", Href: "/bureau/records/many?act=" + act}, {Text: "返回待办", Href: Home}})),
	)
}
