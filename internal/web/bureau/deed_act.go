package bureau

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/web"
)

var (
	versionField = web.Field{Name: "version", Kind: web.Carried, Max: 20}
	actField     = web.Field{Name: "act", Kind: web.Carried, Max: 20}
)

// again is the page with a refused form in its place.
func (d *Desk) deedAgain(r *http.Request, id db.ID, act string, f *web.Form) func() templ.Component {
	return later(func(ctx context.Context) (templ.Component, error) {
		v, err := d.deedView(ctx, web.Actor(r), id)
		if err != nil {
			return nil, err
		}
		v.forms[act] = f.Apart(act)
		return deedPage(v), nil
	})
}

// actOnDeed takes the act that the form names.
func (d *Desk) actOnDeed(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.deedView(ctx, who, id)
	if err != nil {
		return err
	}
	var fields []web.Field
	act := web.Posted(r, "act")
	for _, f := range v.deedForms() {
		if f.act == act && v.x.May(act) {
			fields = append([]web.Field{versionField, actField}, f.fields...)
		}
	}
	if fields == nil {
		return goneAct()
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	files := map[string]web.Uploads{}
	for _, fd := range fields {
		if fd.Kind == web.Files {
			ups, err := web.Receive(r, d.Files, f, fd.Name)
			if err != nil {
				return err
			}
			defer ups.Close()
			files[fd.Name] = ups
		}
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		kept, err := keepDeedFiles(ctx, tx, files)
		if err != nil {
			return "", err
		}
		m, _ := deed.Machine.Act(act)
		web.Say(r, "已办理：“"+m.Title+"”。")
		return v.at(), d.takeDeed(ctx, tx, who, takeOf(f, id), f, act, kept)
	}, d.deedAgain(r, id, act, f))
}

func takeOf(f *web.Form, id db.ID) deed.Take {
	t := deed.Take{Deed: id}
	t.Version, _ = strconv.ParseInt(f.Str("version"), 10, 64)
	for _, fd := range f.Fields {
		if fd.Name == "note" {
			t.Note = f.Str("note")
		}
	}
	return t
}

var moments = map[string]string{"before": deed.Before, "after": deed.After, "files": deed.Other}

func keepDeedFiles(ctx context.Context, tx *db.Tx, files map[string]web.Uploads) (out []deed.FileRef, err error) {
	for _, name := range []string{"before", "after", "files"} {
		kept, err := files[name].Keep(ctx, tx)
		if err != nil {
			return nil, err
		}
		for _, f := range kept {
			out = append(out, deed.FileRef{ID: f.ID, Moment: moments[name]})
		}
	}
	return out, nil
}

func (d *Desk) takeDeed(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take, f *web.Form, act string, files []deed.FileRef) error {
	switch act {
	case deed.ActAccept:
		a := deed.Acceptance{Lead: authz.Role(f.Str("lead")), Helping: f.Str("helping"), Leader: f.Str("leader")}
		for _, fd := range f.Fields {
			if fd.Name == "programme" {
				a.Programme = f.ID("programme")
			}
		}
		return d.Deeds.AcceptIn(ctx, tx, who, t, a)
	case deed.ActDecline:
		return d.Deeds.DeclineIn(ctx, tx, who, t)
	case deed.ActPlan:
		milestones, err := deed.ParseMilestones(f.Str("milestones"))
		if err != nil {
			return err
		}
		return d.Deeds.PlanIn(ctx, tx, who, t, deed.Plan{Promise: f.Str("promise"), Starts: f.Date("starts"), Deadline: f.Date("deadline"), Milestones: milestones})
	case deed.ActBegin:
		return d.Deeds.BeginIn(ctx, tx, who, t)
	case deed.ActReport:
		return d.Deeds.ReportIn(ctx, tx, who, t, deed.Report{Percent: f.Int("percent"), Text: f.Str("text"), Reached: reachedOf(f)})
	case deed.ActFile:
		return d.Deeds.AddFilesIn(ctx, tx, who, t, files)
	case deed.ActDone:
		return d.Deeds.DoneIn(ctx, tx, who, t, deed.Result{Text: f.Str("result"), People: f.Int("people"), How: f.Str("how"), Households: f.Int("households"), Spent: f.Fen("spent"), Reached: endedOf(f)}, files)
	case deed.ActSuspend:
		return d.Deeds.SuspendIn(ctx, tx, who, t)
	case deed.ActResume:
		var until day.Date
		for _, fd := range f.Fields {
			if fd.Name == "until" {
				until = f.Date("until")
			}
		}
		return d.Deeds.ResumeIn(ctx, tx, who, t, until)
	case deed.ActVerify:
		return d.Deeds.VerifyIn(ctx, tx, who, t)
	case deed.ActRedo:
		return d.Deeds.RedoIn(ctx, tx, who, t)
	case deed.ActClose:
		return d.Deeds.CloseIn(ctx, tx, who, t)
	}
	return goneAct()
}

func reachedOf(f *web.Form) (out []int64) {
	for _, fd := range f.Fields {
		if fd.Name != "reached" {
			continue
		}
		for _, v := range f.All("reached") {
			n, _ := strconv.ParseInt(v, 10, 64) // one of the options
			out = append(out, n)
		}
	}
	return out
}

// endedOf are the days on which a result says that milestones were reached.
func endedOf(f *web.Form) (out []deed.Reached) {
	for _, fd := range f.Fields {
		if text, ok := strings.CutPrefix(fd.Name, "reached-"); ok && f.Str(fd.Name) != "" {
			seq, _ := strconv.ParseInt(text, 10, 64) // a field of ours
			out = append(out, deed.Reached{Seq: seq, On: f.Date(fd.Name)})
		}
	}
	return out
}

// signDeed is a leader's decision about a suspension.
func (d *Desk) signDeed(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, signFields()...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已签批。")
		return deedsAt + "/" + id.String(), d.Deeds.SignIn(ctx, tx, web.Actor(r), takeOf(f, id), f.Str("agree") == "yes")
	}, d.deedAgain(r, id, deed.ActSign, f))
}

// publishDeed says what the public sees of a deed.
func (d *Desk) publishDeed(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.deedView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	fields := v.publishFields()
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		var released []db.ID
		if len(fields) > 2 {
			for _, s := range f.All("released") {
				one, err := db.ParseID(s)
				if err != nil {
					return "", err
				}
				released = append(released, one)
			}
		}
		web.Say(r, "已保存公开设置。")
		tx.OnCommit(d.published)
		return v.at(), d.Deeds.PublishIn(ctx, tx, web.Actor(r), takeOf(f, id), f.Bool("open"), released)
	}, d.deedAgain(r, id, deed.ActPublish, f))
}

// published drops the public pages that are kept drawn.
func (d *Desk) published() {
	if d.Published != nil {
		d.Published()
	}
}
