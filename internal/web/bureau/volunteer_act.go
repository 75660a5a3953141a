package bureau

import (
	"context"
	"net/http"
	"path"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/volunteer"
	"juli/internal/web"
)

// carried are all fields that a form of the call's page may have had.
func (v callView) carried() []web.Field {
	fields := []web.Field{{Name: "version", Kind: web.Carried}, {Name: "act", Kind: web.Carried}, {Name: "volunteer", Kind: web.Carried}}
	for _, p := range v.people {
		fields = append(fields, web.Field{Name: "m-" + p.ID.String(), Kind: web.Carried})
	}
	return append(fields, web.Field{Name: "note", Kind: web.Carried, Max: 1000})
}

// callMove answers a form of the call's page.
func (d *Desk) callMove(w http.ResponseWriter, r *http.Request, form func(callView) *web.Form, said string, do func(context.Context, *db.Tx, authz.Actor, db.ID, *web.Form) error) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.callView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	fields := v.carried()
	if f := form(v); f != nil { // else it was moved meanwhile: the service says what is the matter
		fields = f.Fields
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, said)
		tx.OnCommit(d.Published)
		to := "/bureau/volunteer-calls/" + id.String()
		if kindOfForm(r) == "act" && f.Str("act") == volunteer.ActPrint {
			to += "/slip"
		}
		return to, do(ctx, tx, web.Actor(r), id, f)
	}, later(func(ctx context.Context) (templ.Component, error) {
		v, err := d.callView(ctx, web.Actor(r), id)
		if err != nil {
			return nil, err
		}
		forms := map[string]*web.Form{"act": callForm(v), "hours": hoursForm(v, web.Today(r)), "sign": signForm(v, web.Today(r))}
		forms[kindOfForm(r)] = f
		return callPage(v, forms["act"], forms["hours"], forms["sign"]), nil
	}))
}

// kindOfForm tells by its address which form of the call's page came.
func kindOfForm(r *http.Request) string {
	switch path.Base(r.URL.Path) {
	case "people":
		return "sign"
	case "hours":
		return "hours"
	}
	return "act"
}

func (d *Desk) callAct(w http.ResponseWriter, r *http.Request) error {
	return d.callMove(w, r, callForm, "已办理。", func(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, f *web.Form) error {
		t := volunteer.Take{ID: id, Version: f.Int("version"), Note: f.Str("note")}
		switch f.Str("act") {
		case volunteer.ActConfirm:
			return d.Volunteers.ConfirmIn(ctx, tx, who, t)
		case volunteer.ActPrint:
			return d.Volunteers.PrintIn(ctx, tx, who, t)
		case volunteer.ActReturn:
			return d.Volunteers.ReturnIn(ctx, tx, who, t)
		case volunteer.ActCancel:
			return d.Volunteers.CancelIn(ctx, tx, who, t)
		}
		return fault.New(fault.Invalid, "casework.act", "没有这项操作。")
	})
}

func (d *Desk) callSign(w http.ResponseWriter, r *http.Request) error {
	return d.callMove(w, r, func(v callView) *web.Form { return signForm(v, web.Today(r)) }, "已报名。", func(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, f *web.Form) error {
		return d.Volunteers.SignIn(ctx, tx, who, id, f.ID("volunteer"))
	})
}

func (d *Desk) callHold(w http.ResponseWriter, r *http.Request) error {
	return d.callMove(w, r, func(v callView) *web.Form { return hoursForm(v, web.Today(r)) }, "已登记，等待确认。", func(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, f *web.Form) error {
		minutes := map[db.ID]int64{}
		for _, fd := range f.Fields {
			name, is := strings.CutPrefix(fd.Name, "m-")
			if !is {
				continue
			}
			v, err := db.ParseID(name)
			if err != nil {
				return err
			}
			minutes[v] = f.Int(fd.Name)
		}
		return d.Volunteers.HoldIn(ctx, tx, who, volunteer.Take{ID: id, Version: f.Int("version")}, minutes)
	})
}

// callSlip shows the code with which who is served confirms the hours.
func (d *Desk) callSlip(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	var c volunteer.Call
	var slip string
	err = d.DB.Write(r.Context(), func(tx *db.Tx) (err error) { // seeing the code is an event
		c, slip, err = d.Volunteers.SlipIn(r.Context(), tx, web.Actor(r), id)
		return err
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, page(web.Page{Title: "服务对象确认单", Desk: Key, Narrow: true, Crumbs: []web.Link{{Text: "志愿服务", Href: "/bureau/volunteer-calls"}, {Text: c.Title, Href: "/bureau/volunteer-calls/" + id.String()}}},
		card(web.Box{}, para("交给接受服务的人，不要留下确认码。服务结束、社区登记时长后，由他（她）在下面的网址输入确认码确认。打印确认单的人不能登记时长。"), web.Slip(c.Title, web.Address(r, "/volunteers/served"), slip, c.On.String()+" · "+c.Place))))
}
