package bureau

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/web"
)

func entrySpec(districts []web.Option) web.ListSpec {
	var states []web.Option
	for _, s := range listing.EntryMachine.States {
		states = append(states, web.Option{Value: s.Name, Text: s.Title})
	}
	return web.ListSpec{
		Sorts: []string{"-score", "-listed"}, Search: "名称",
		Filters: []web.Filter{
			{Name: "side", Label: "榜别", Chips: true, Options: sideOptions}, {Name: "state", Label: "状态", Options: states}, {Name: "district", Label: "区县", Options: districts},
		},
	}
}

var sideOptions = []web.Option{{Value: string(listing.Red), Text: "红榜"}, {Value: string(listing.Black), Text: "黑榜"}}

// readBatch reads a batch with its entries as the address asks for them.
func (d *Desk) readBatch(r *http.Request, id db.ID) (v batchView, err error) {
	ctx, who := r.Context(), web.Actor(r)
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if v.b, err = d.Listing.Batch(ctx, tx, who, id); err != nil {
			return err
		}
		if v.book, err = d.Listing.Books.ByDigest(ctx, tx, v.b.Book); err != nil {
			return err
		}
		if v.c, err = casework.Find(ctx, tx, listing.BatchMachine, id); err != nil {
			return err
		}
		if v.steps, err = casework.History(ctx, tx, v.c); err != nil {
			return err
		}
		v.may, v.words = casework.AllowedBy(who, v.c, v.steps), ""
		late, err := listing.Silent(ctx, tx, id)
		if err != nil {
			return err
		}
		if !late {
			v.may = without(v.may, listing.ActAbandonLate)
		}
		v.second = otherPerson(who, v.c, v.steps)
		var keys []string
		if err := nameSteps(ctx, tx, v.steps); err != nil {
			return err
		}
		for _, s := range v.steps {
			keys = append(keys, s.Body)
		}
		if v.body, err = bodyNames(ctx, tx, keys...); err != nil {
			return err
		}
		if v.allows(listing.ActPublish) {
			if v.replies, err = d.Listing.Replies(ctx, tx, who, id); err != nil {
				return err
			}
		}
		districts, err := districtOptions(ctx, tx)
		if err != nil {
			return err
		}
		spec := entrySpec(districts)
		if r.Method != http.MethodPost {
			if v.list, err = web.ReadList(r, spec); err != nil {
				return err
			}
		}
		return d.batchContent(ctx, tx, who, &v)
	})
	return v, err
}

// batchContent reads what the batch holds: its entries, their denominators and
// the balance of the districts.
func (d *Desk) batchContent(ctx context.Context, tx *db.Tx, who authz.Actor, v *batchView) error {
	q := listing.Query{Batch: v.b.ID, Sort: "score", Desc: true, Limit: 51}
	if v.list != nil {
		q.Side, q.State, q.District, q.Text = listing.Side(v.list.Get("side")), v.list.Get("state"), code.Division(v.list.Get("district")), v.list.Q
		q.Sort, q.Desc, q.After, q.Limit = v.list.Sort, v.list.Desc, v.list.After(), v.list.Limit()
	}
	rows, err := d.Listing.Entries(ctx, tx, who, q)
	if err != nil {
		return err
	}
	if v.list != nil {
		rows = web.Cut(v.list, rows, func(e listing.Entry) []string { return listing.CursorOf(e, v.list.Sort) })
	}
	if v.entries, err = d.entryTable(ctx, tx, v.book, rows); err != nil {
		return err
	}
	v.entries.List = v.list
	all, err := d.Listing.Entries(ctx, tx, who, listing.Query{Batch: v.b.ID, Sort: "score", Limit: 500})
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.State == listing.Dropped {
			continue
		}
		if e.Side == listing.Red {
			v.red++
		} else {
			v.black++
		}
		v.homes += e.Homes
		if len(v.book.Warn.Small(e.Kind, e.Homes, e.Inspections, e.Projects)) > 0 {
			v.small++
		}
	}
	if v.candidates, err = listing.CandidatesOf(ctx, tx, v.b.ID, ""); err != nil {
		return err
	}
	for _, s := range []listing.Side{listing.Red, listing.Black} {
		if err := d.addBalance(ctx, tx, v, s); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) listBatch(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.readBatch(r, id)
	if err != nil {
		return err
	}
	if v.list.Format != "" {
		return web.Export(w, r, v.list, "红黑榜条目", v.entries)
	}
	return web.Show(w, r, http.StatusOK, d.batchPage(v, web.Actor(r), batchForms{act: batchForm(v), publish: issueForm(v)}))
}

// batchForms are the forms of a batch's page; nil: not now, or empty.
type batchForms struct{ act, publish, withhold, uncover *web.Form }

func (d *Desk) batchPage(v batchView, who authz.Actor, forms batchForms) templ.Component {
	f, publish := forms.act, forms.publish
	var acts []web.Link
	if v.b.State == listing.Collecting {
		if authz.May(who, authz.ListPropose, d.cityPlace()) {
			v.entries.None.Act = web.Link{Text: "从候选中选定", Href: v.at() + "/candidates"}
			acts = append(acts, web.Link{Text: "候选 " + web.Count(v.candidates) + " 个", Href: v.at() + "/candidates", Main: true})
		}
		if authz.Can(who, authz.ListNominate) {
			acts = append(acts, web.Link{Text: "提名", Href: v.at() + "/nominate"})
		}
	}
	if v.b.Public() {
		acts = append(acts, web.Link{Text: "公开页", Href: "/lists/" + v.b.ID.String()})
	}
	parts := []templ.Component{v.second}
	if v.book.Banner != "" {
		parts = append(parts, web.Assumed(v.book.Banner))
	}
	parts = append(parts, web.Steps("办理进度", batchSteps(v.b.State)), web.Figures("这一批", []web.Figure{
		{Label: "红榜", Value: web.Count(v.red), Unit: "条", Href: v.at() + "?side=RED"},
		{Label: "黑榜", Value: web.Count(v.black), Unit: "条", Href: v.at() + "?side=BLACK"},
		{Label: "涉及户数", Value: web.Count(v.homes), Unit: "户", Href: v.at()},
		{Label: "期内检查", Value: web.Count(v.b.Inspections), Unit: "次", Of: "检查项目 " + web.Count(v.b.Inspected) + " 个"},
		{Label: "样本偏小", Value: web.Count(v.small), Unit: "条", Of: "户数、检查次数或项目数低于规则界限"},
	}))
	parts = append(parts, v.replyCard(forms))
	left := 12
	var side []templ.Component
	if publish != nil {
		side = append(side, card(web.Box{Title: "公布", ID: "publish", Cols: 4}, para("您是第二人。提交时需要再次输入动态码。"), ask(publish, web.FormBox{Action: v.at() + "/publish", Submit: "提交决定"})))
		left = 8
	} else if f != nil {
		side = append(side, card(web.Box{Title: "办理", ID: "act", Cols: 4}, ask(f, web.FormBox{Action: v.at(), Submit: "提交"})))
		left = 8
	}
	parts = append(parts, cols(append([]templ.Component{card(web.Box{Title: "批次", Cols: left}, web.Facts(batchFacts(v)))}, side...)...),
		card(web.Box{Title: "条目", ID: "entries"}, web.TableView(v.entries)))
	if len(v.balance) > 0 {
		parts = append(parts, cols(v.balance...))
	}
	parts = append(parts, card(web.Box{Title: "办理记录"}, web.Timeline(stepEvents(v.steps, v.body))))
	return page(web.Page{
		Title: v.b.Title, Desk: Key, Lead: v.b.From.String() + " 至 " + v.b.To.String(), Tags: []web.Mark{{Text: v.b.StateTitle(), Tone: batchTone(v.b.State)}},
		Crumbs: []web.Link{{Text: "红黑榜", Href: "/bureau/lists"}}, Acts: acts,
	}, parts...)
}
