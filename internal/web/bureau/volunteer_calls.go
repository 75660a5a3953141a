package bureau

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/volunteer"
	"juli/internal/web"
)

var callSpec = web.ListSpec{Filters: []web.Filter{{Name: "state", Label: "状态", Chips: true, Options: web.CallStates}}}

// calls lists the calls of the actor's area, the latest day first.
func (d *Desk) calls(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, callSpec)
	if err != nil {
		return err
	}
	var t web.Table
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		at := area(who)
		if at.Level() <= code.City {
			at = ""
		}
		t, err = web.CallTable(ctx, tx, l, volunteer.CallQuery{Division: at, State: l.Get("state"), Desc: true}, "/bureau/volunteer-calls/")
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "志愿服务招募", t)
	}
	p := web.Page{Title: "志愿服务", Desk: Key, Lead: "招募、到场登记，时长由另一人或服务对象确认", Acts: []web.Link{{Text: "志愿者名册", Href: "/bureau/volunteers"}}}
	if authz.Can(who, authz.VolunteerCall) {
		p.Acts = append(p.Acts, web.Link{Text: "发布招募", Href: "/bureau/volunteer-calls/new", Main: true})
	}
	return web.Show(w, r, http.StatusOK, page(p, card(web.Box{}, web.TableView(t))))
}

func (d *Desk) callFields(ctx context.Context, who authz.Actor) (fields []web.Field, b *volunteer.Book, err error) {
	if err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		b, err = d.Volunteers.Books.InForce(ctx, tx, tx.Today())
		return err
	}); err != nil {
		return nil, nil, err
	}
	at, err := d.communityField(ctx, who)
	return []web.Field{
		at,
		{Name: "title", Label: "做什么", Required: true, Max: 60, Hint: "一句话，例如“清扫三号楼楼道积雪”"},
		{Name: "task", Label: "具体内容", Kind: web.Long, Required: true, Max: 1000},
		{Name: "place", Label: "集合地点", Required: true, Max: 100},
		{Name: "on", Label: "日期", Kind: web.Date, Required: true, Hint: "今天或以后 " + itoa(int64(b.AheadDays)) + " 天内"},
		{Name: "at", Label: "几点开始", Max: 5, Hint: "写成 09:00；不填为全天"},
		{Name: "minutes", Label: "每人大约多久", Kind: web.Number, Required: true, Unit: "分钟", Hint: "最多 " + itoa(b.DayMinutes) + " 分钟"},
		{Name: "places", Label: "需要多少人", Kind: web.Number, Required: true, Unit: "人"},
	}, b, err
}

func callNewPage(f *web.Form, b *volunteer.Book) templ.Component {
	return page(web.Page{Title: "发布招募", Desk: Key, Narrow: true, Lead: "发布后公开可见，请不要写服务对象的姓名、电话和门牌", Crumbs: []web.Link{{Text: "志愿服务", Href: "/bureau/volunteer-calls"}}},
		callAssumed(b), card(web.Box{}, ask(f, web.FormBox{Submit: "发布", Cancel: "/bureau/volunteer-calls"})))
}

func (d *Desk) callNew(w http.ResponseWriter, r *http.Request) error {
	fields, b, err := d.callFields(r.Context(), web.Actor(r))
	if err != nil {
		return err
	}
	f := web.NewForm(fields...).Set("minutes", "120").Set("places", "10")
	if o := fields[0].Options; len(o) == 1 {
		f.Set("division", o[0].Value)
	}
	return web.Show(w, r, http.StatusOK, callNewPage(f, b))
}

func (d *Desk) callAdd(w http.ResponseWriter, r *http.Request) error {
	fields, b, err := d.callFields(r.Context(), web.Actor(r))
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	c := volunteer.Call{Division: f.Division("division"), Title: f.Str("title"), Task: f.Str("task"), Place: f.Str("place"), On: f.Date("on"), At: f.Str("at"), Minutes: f.Int("minutes"), Places: f.Int("places")}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		id, err := d.Volunteers.PublishIn(ctx, tx, web.Actor(r), c)
		tx.OnCommit(d.Published)
		web.Say(r, "已发布。")
		return "/bureau/volunteer-calls/" + id.String(), err
	}, func() templ.Component { return callNewPage(f, b) })
}
