package bureau

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/web"
)

func followTable(l *web.List, list []listing.Follow) web.Table {
	t := web.Table{
		Caption: "黑榜后续措施", List: l, None: web.Nothing{Text: "没有后续措施。", Act: web.Link{Text: "查看红黑榜", Href: "/bureau/lists"}},
		Cols: []web.Col{{Name: "措施"}, {Name: "对象"}, {Name: "原因"}, {Name: "状态"}, {Name: "交办日期"}, {Name: "办结日期"}, {Name: "结果"}},
	}
	for _, f := range list {
		tone := web.Plain
		if f.State == listing.FollowOpen {
			tone = web.Warn
		}
		t.Rows = append(t.Rows, web.Row{Off: f.State == listing.FollowVoid, Cells: []web.Cell{
			web.L(f.Title, "/bureau/list-followups/"+f.ID.String()), web.L(f.Name, "/bureau/list-entries/"+f.Entry.String()), web.T(f.Why),
			web.Tagged(listing.FollowMachine.StateTitle(f.State), tone), web.D(f.OpenedOn), dayOrDash(f.DoneOn), web.T(f.Result),
		}})
	}
	return t
}

func (d *Desk) listFollows(w http.ResponseWriter, r *http.Request) error {
	var states []web.Option
	for _, s := range listing.FollowMachine.States {
		states = append(states, web.Option{Value: s.Name, Text: s.Title})
	}
	l, err := web.ReadList(r, web.ListSpec{Filters: []web.Filter{{Name: "state", Label: "状态", Chips: true, Options: states}}})
	if err != nil {
		return err
	}
	var t web.Table
	err = d.DB.Read(r.Context(), func(tx *db.Tx) error {
		rows, err := web.Paged(l, func(after string, limit int) ([]listing.Follow, string, error) {
			last, err := db.ParseID(after)
			if err != nil {
				last = 0
			}
			part, err := d.Listing.Follows(r.Context(), tx, web.Actor(r), l.Get("state"), last, limit+1)
			if err != nil || len(part) <= limit {
				return part, "", err
			}
			return part[:limit], part[limit-1].ID.String(), nil
		})
		t = followTable(l, rows)
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "黑榜后续措施", t)
	}
	return web.Show(w, r, http.StatusOK, page(web.Page{Title: "黑榜后续措施", Desk: Key, Lead: "连续或多次列入黑榜的，由区县约谈或指导业主大会", Crumbs: []web.Link{{Text: "红黑榜", Href: "/bureau/lists"}}}, card(web.Box{}, web.TableView(t))))
}

// followView is a follow-up with its case.
type followView struct {
	f     listing.Follow
	c     casework.Case
	steps []casework.Step
	may   bool
	body  func(string) string
	waits string
}

func (d *Desk) readFollow(ctx context.Context, who authz.Actor, id db.ID) (v followView, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if v.f, err = d.Listing.Follow(ctx, tx, who, id); err != nil {
			return err
		}
		if v.c, err = casework.Find(ctx, tx, listing.FollowMachine, id); err != nil {
			return err
		}
		if v.steps, err = casework.History(ctx, tx, v.c); err != nil {
			return err
		}
		v.may = len(casework.AllowedBy(who, v.c, v.steps)) > 0
		v.waits, _ = casework.Waits(v.c.Due, tx.Today(), v.c.Assumed)
		var keys []string
		if err := nameSteps(ctx, tx, v.steps); err != nil {
			return err
		}
		for _, s := range v.steps {
			keys = append(keys, s.Body)
		}
		v.body, err = bodyNames(ctx, tx, keys...)
		return err
	})
	return v, err
}

var followFields = []web.Field{
	{Name: "version", Kind: web.Carried, Max: 20},
	{Name: "note", Label: "办理结果", Kind: web.Long, Required: true, Max: 2000, Hint: "何时、与谁、结论和企业的承诺"},
}

func followPage(v followView, f *web.Form) templ.Component {
	facts := []web.Fact{
		{Name: "对象", Text: v.f.Name, Href: "/bureau/list-entries/" + v.f.Entry.String()},
		{Name: "原因", Text: v.f.Why, Wide: true},
		{Name: "状态", Text: listing.FollowMachine.StateTitle(v.f.State)},
		{Name: "交办日期", Text: v.f.OpenedOn.String()},
	}
	if v.c.Due != 0 {
		facts = append(facts, web.Fact{Name: "办理期限", Text: v.c.Due.String() + "（" + v.waits + "）"})
	}
	if v.f.Result != "" {
		facts = append(facts, web.Fact{Name: "办理结果", Text: v.f.Result, Wide: true})
	}
	left := 12
	var side []templ.Component
	if f != nil {
		left = 8
		side = append(side, card(web.Box{Title: "办理", ID: "act", Cols: 4}, ask(f, web.FormBox{Action: "/bureau/list-followups/" + v.f.ID.String(), Submit: "填报办理结果"})))
	}
	return page(web.Page{Title: v.f.Title, Desk: Key, Lead: v.f.Name, Crumbs: []web.Link{{Text: "黑榜后续措施", Href: "/bureau/list-followups"}}},
		cols(append([]templ.Component{card(web.Box{Title: "后续措施", Cols: left}, web.Facts(facts))}, side...)...),
		card(web.Box{Title: "办理记录"}, web.Timeline(stepEvents(v.steps, v.body))))
}

func (d *Desk) listFollow(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.readFollow(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	var f *web.Form
	if v.may {
		f = web.NewForm(followFields...).Set("version", itoa(v.c.Version))
	}
	return web.Show(w, r, http.StatusOK, followPage(v, f))
}

func (d *Desk) doFollow(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	if _, err := d.readFollow(r.Context(), web.Actor(r), id); err != nil {
		return err
	}
	f, err := web.ReadForm(r, followFields...)
	if err != nil {
		return err
	}
	t := listing.Take{ID: id, Note: f.Str("note")}
	t.Version, _ = strconv.ParseInt(f.Str("version"), 10, 64)
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := d.Listing.FollowIn(ctx, tx, web.Actor(r), t)
		web.Say(r, "已填报办理结果。")
		return "/bureau/list-followups/" + id.String(), err
	}, later(func(ctx context.Context) (templ.Component, error) {
		v, err := d.readFollow(ctx, web.Actor(r), id)
		return followPage(v, f), err
	}))
}
