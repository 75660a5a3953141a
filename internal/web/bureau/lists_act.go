package bureau

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/web"
)

var deskBatchActs = []string{listing.ActScore, listing.ActBack, listing.ActSend, listing.ActApprove, listing.ActAbandon}

func batchFields(v batchView) []web.Field {
	which := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true}
	var acts []casework.Act
	if v.b.State == listing.Collecting && len(v.may) > 0 {
		acts = append(acts, casework.Act{}) // wants no words
		which.Options = append(which.Options, web.Option{Value: "collect", Text: "重新查找候选", Hint: "按规则再查一遍，已选定的不变"})
	}
	for _, name := range deskBatchActs {
		if v.allows(name) {
			a, _ := listing.BatchMachine.Act(name)
			which.Options, acts = append(which.Options, web.Option{Value: name, Text: a.Title}), append(acts, a)
		}
	}
	if len(which.Options) == 0 {
		return nil
	}
	note := noteField("说明", acts)
	note.Max = 1000
	return []web.Field{{Name: "version", Kind: web.Carried, Max: 20}, which, note}
}

func batchForm(v batchView) *web.Form {
	fields := batchFields(v)
	if fields == nil {
		return nil
	}
	return web.NewForm(fields...).Set("version", itoa(v.c.Version))
}

func issueFields(v batchView) []web.Field {
	fields := []web.Field{
		{Name: "version", Kind: web.Carried, Max: 20},
		{Name: "decision", Label: "决定", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "publish", Text: "同意公布", Hint: "取得文号，立即对外公布，企业会收到通知"}, {Value: "return", Text: "不同意公布", Hint: "须写明理由"}}},
	}
	if n := len(v.replies); n > 0 {
		fields = append(fields, web.Field{Name: "seen", Label: "我已逐条看过将公开的 " + strconv.Itoa(n) + " 条申辩，没有需要隐去的个人信息", Kind: web.Check, When: "同意公布时必选"})
	}
	return append(fields, web.Field{Name: "note", Label: "理由", Kind: web.Long, Max: 1000, When: "不同意公布时必填"})
}

func issueForm(v batchView) *web.Form {
	if !v.allows(listing.ActPublish) {
		return nil
	}
	return web.NewForm(issueFields(v)...).Set("version", itoa(v.c.Version)).Apart("publish")
}

// actOnBatch takes the chosen act on a batch.
func (d *Desk) actOnBatch(w http.ResponseWriter, r *http.Request) error {
	return d.onBatch(w, r, batchFields, func(v batchView, f *web.Form) templ.Component {
		return d.batchPage(v, web.Actor(r), batchForms{act: f})
	},
		func(ctx context.Context, tx *db.Tx, t listing.Take, f *web.Form) (err error) {
			who, s := web.Actor(r), d.Listing
			switch f.Str("act") {
			case "collect":
				_, err = s.CollectIn(ctx, tx, who, t.ID)
			case listing.ActScore:
				_, err = s.ScoreIn(ctx, tx, who, t)
			case listing.ActBack:
				_, err = s.BackIn(ctx, tx, who, t)
			case listing.ActSend:
				_, err = s.SendIn(ctx, tx, who, t)
			case listing.ActApprove:
				_, err = s.ApproveIn(ctx, tx, who, t)
			default:
				_, err = s.AbandonIn(ctx, tx, who, t)
			}
			return err
		})
}

// publishBatch is the second person's decision.
func (d *Desk) publishBatch(w http.ResponseWriter, r *http.Request) error {
	return d.onBatch(w, r, issueFields, func(v batchView, f *web.Form) templ.Component {
		return d.batchPage(v, web.Actor(r), batchForms{publish: f})
	},
		func(ctx context.Context, tx *db.Tx, t listing.Take, f *web.Form) (err error) {
			if f.Str("decision") != "publish" {
				_, err = d.Listing.ReturnIn(ctx, tx, web.Actor(r), t)
				return err
			}
			if d.Published != nil {
				tx.OnCommit(d.Published)
			}
			t.Seen = f.Str("seen") != ""
			_, err = d.Listing.PublishIn(ctx, tx, web.Actor(r), t)
			return err
		})
}

func (d *Desk) onBatch(w http.ResponseWriter, r *http.Request, fields func(batchView) []web.Field, draw func(batchView, *web.Form) templ.Component, do func(context.Context, *db.Tx, listing.Take, *web.Form) error) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.readBatch(r, id)
	if err != nil {
		return err
	}
	list := fields(v)
	if list == nil { // moved meanwhile: the service says what is the matter
		list = []web.Field{{Name: "version", Kind: web.Carried}, {Name: "act", Kind: web.Carried}, {Name: "note", Kind: web.Carried, Max: 1000}}
	}
	f, err := web.ReadForm(r, list...)
	if err != nil {
		return err
	}
	t := listing.Take{ID: id, Note: f.Str("note")}
	t.Version, _ = strconv.ParseInt(f.Str("version"), 10, 64)
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已办理。")
		return "/bureau/lists/" + id.String(), do(ctx, tx, t, f)
	}, later(func(context.Context) (templ.Component, error) {
		v, err := d.readBatch(r, id)
		return draw(v, f), err
	}))
}
