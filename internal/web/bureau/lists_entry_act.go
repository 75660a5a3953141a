package bureau

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/web"
)

// What may be said of a reply; both are [listing.ActWeigh].
const (
	adoptReply  = "adopt"
	refuseReply = "refuse"
)

var deskEntryActs = []string{listing.ActConfirm, listing.ActReject, listing.ActDrop, listing.ActDropLate, listing.ActGrantRepair, listing.ActDenyRepair, listing.ActAskCorrect}

func entryFields(v listView) []web.Field {
	which := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true}
	for _, name := range deskEntryActs {
		if i := slices.IndexFunc(v.may, func(a casework.Act) bool { return a.Name == name }); i >= 0 {
			o := web.Option{Value: name, Text: v.may[i].Title}
			if v.may[i].NeedsNote || name == listing.ActGrantRepair {
				o.Hint = "须写明理由"
			}
			which.Options = append(which.Options, o)
		}
	}
	if v.replied() && v.b.State != listing.Approved && slices.ContainsFunc(v.may, func(a casework.Act) bool { return a.Name == listing.ActWeigh }) {
		which.Options = append([]web.Option{
			{Value: adoptReply, Text: "采纳申辩，公布时写明", Hint: "仍然列入；理由与申辩一并公开"},
			{Value: refuseReply, Text: "不采纳申辩", Hint: "须写明理由，与申辩一并公开"},
		}, which.Options...)
	}
	if len(which.Options) == 0 {
		return nil
	}
	text := web.Field{Name: "text", Label: "理由", Kind: web.Long, Max: 2000, Required: true, Hint: "对申辩的处理、移出和更正的决定会公开"}
	if slices.ContainsFunc(which.Options, func(o web.Option) bool { return o.Value == listing.ActConfirm }) {
		text.Required, text.When = false, "确认属实以外必填"
	}
	return []web.Field{{Name: "version", Kind: web.Carried, Max: 20}, which, text}
}

var correctFields = []web.Field{
	{Name: "version", Kind: web.Carried, Max: 20},
	{Name: "decision", Label: "决定", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "annul", Text: "更正撤销", Hint: "条目保留并标明撤销，不再计数"}, {Value: "keep", Text: "维持列入"}}},
	{Name: "text", Label: "理由", Kind: web.Long, Required: true, Max: 2000, Hint: "会公开"},
}

func entryForms(v listView) (act, correct *web.Form) {
	if fields := entryFields(v); fields != nil {
		act = web.NewForm(fields...).Set("version", itoa(v.c.Version))
	}
	if slices.ContainsFunc(v.may, func(a casework.Act) bool { return a.Name == listing.ActCorrect }) {
		correct = web.NewForm(correctFields...).Set("version", itoa(v.c.Version)).Apart("correct")
	}
	return act, correct
}

// onEntry answers an act on an entry.
func (d *Desk) onEntry(w http.ResponseWriter, r *http.Request, fields func(listView) []web.Field, draw func(listView, *web.Form) templ.Component, do func(context.Context, *db.Tx, listing.Take, *web.Form) error) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.readEntry(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	list := fields(v)
	if list == nil {
		list = []web.Field{{Name: "version", Kind: web.Carried}, {Name: "act", Kind: web.Carried}, {Name: "text", Kind: web.Carried, Max: 2000}}
	}
	f, err := web.ReadForm(r, list...)
	if err != nil {
		return err
	}
	t := listing.Take{ID: id, Note: f.Str("text")}
	t.Version, _ = strconv.ParseInt(f.Str("version"), 10, 64)
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		if d.Published != nil && v.e.ListedOn != 0 {
			tx.OnCommit(d.Published)
		}
		web.Say(r, "已办理。")
		return "/bureau/list-entries/" + id.String(), do(ctx, tx, t, f)
	}, later(func(ctx context.Context) (templ.Component, error) {
		v, err := d.readEntry(ctx, web.Actor(r), id)
		return draw(v, f), err
	}))
}

func (d *Desk) actOnEntry(w http.ResponseWriter, r *http.Request) error {
	return d.onEntry(w, r, entryFields, func(v listView, f *web.Form) templ.Component { return listEntryPage(v, f, nil) },
		func(ctx context.Context, tx *db.Tx, t listing.Take, f *web.Form) (err error) {
			who, s := web.Actor(r), d.Listing
			switch f.Str("act") {
			case listing.ActConfirm, listing.ActReject:
				_, err = s.ReviewIn(ctx, tx, who, t, f.Str("act") == listing.ActConfirm)
			case listing.ActGrantRepair, listing.ActDenyRepair:
				_, err = s.DecideRepairIn(ctx, tx, who, t, f.Str("act") == listing.ActGrantRepair)
			case adoptReply, refuseReply:
				err = s.WeighIn(ctx, tx, who, t, f.Str("act") == adoptReply)
			case listing.ActAskCorrect:
				_, err = s.AskCorrectIn(ctx, tx, who, t)
			default:
				_, err = s.DropIn(ctx, tx, who, t)
			}
			return err
		})
}

func (d *Desk) correctEntry(w http.ResponseWriter, r *http.Request) error {
	return d.onEntry(w, r, func(listView) []web.Field { return correctFields }, func(v listView, f *web.Form) templ.Component { return listEntryPage(v, nil, f) },
		func(ctx context.Context, tx *db.Tx, t listing.Take, f *web.Form) error {
			_, err := d.Listing.CorrectIn(ctx, tx, web.Actor(r), t, f.Str("decision") == "annul")
			return err
		})
}

// listFile sends a file of an entry to who may read it.
func (d *Desk) listFile(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	file, err := pathID(r, "file")
	if err != nil {
		return err
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error) {
		return d.Listing.FileIn(ctx, tx, who, id, file)
	})
}
