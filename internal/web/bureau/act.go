package bureau

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/web"
)

// deskActs are the acts on a record that officials take by the form of its page.
var deskActs = []string{
	credit.ActPropose, credit.ActCheck, credit.ActIdentify, credit.ActNotify, credit.ActDismiss, credit.ActUphold, credit.ActGrantRepair, credit.ActRefuseRepair,
	credit.ActRectify, credit.ActReturnMend, credit.ActRefuseCheck, credit.ActRefuse, credit.ActWithdraw, credit.ActAskAnnul, credit.ActAgreeAnnul, credit.ActRefuseAnnul,
}

// knownField asks to confirm that what looks alike was looked at.
var knownField = web.Field{Name: "known", Label: "已核对相似信息，确属另一件事", Kind: web.Check}

// actFields ask what the allowed acts want to know.
func actFields(v recordView) []web.Field {
	which := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true}
	has := map[string]bool{}
	var acts []casework.Act
	for _, name := range deskActs {
		i := slices.IndexFunc(v.d.Allowed, func(a casework.Act) bool { return a.Name == name })
		if i >= 0 {
			a := v.d.Allowed[i]
			which.Options, acts = append(which.Options, web.Option{Value: a.Name, Text: a.Title}), append(acts, a)
			has[name] = true
		}
	}
	if len(which.Options) == 0 {
		return nil
	}
	fields := []web.Field{{Name: "version", Kind: web.Carried, Max: 20}, which}
	if has[credit.ActPropose] && len(v.likes)+v.hidden > 0 {
		fields = append(fields, knownField)
	}
	if has[credit.ActIdentify] && v.item != nil && v.item.Discretionary() {
		fields = append(fields, web.Field{Name: "points", Label: "裁量分值", Kind: web.PointsIn, Hint: "认定时填写，" + v.item.Min.String() + " 至 " + v.item.Max.String() + " 分"})
	}
	if has[credit.ActRectify] {
		fields = append(fields, web.Field{Name: "on", Label: "整改完成日期", Kind: web.Date, Hint: "确认整改时填写"})
	}
	if has[credit.ActRectify] || has[credit.ActAskAnnul] {
		fields = append(fields, web.Field{Name: "files", Label: "材料", Kind: web.Files, Accept: evidenceTypes, Hint: "确认整改或提请撤销时必须上传：整改的佐证，或撤销的依据"})
	}
	return append(fields, noteField("意见或理由", acts))
}

// actForm is the page's form, nil where the actor may do nothing.
func actForm(v recordView) *web.Form {
	fields := actFields(v)
	if fields == nil {
		return nil
	}
	f := web.NewForm(fields...).Set("version", itoa(v.d.Case.Version))
	if opts := fields[1].Options; len(opts) == 1 {
		f.Set("act", opts[0].Value)
	}
	return f
}

// actOnRecord takes the chosen act.
func (d *Desk) actOnRecord(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.recordView(ctx, who, id)
	if err != nil {
		return err
	}
	fields := actFields(v)
	if fields == nil {
		return fault.New(fault.Conflict, "casework.stale", "这件事项已有变动，现在没有您可以办理的操作。请返回查看最新内容。")
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	a := acting{form: f, take: credit.Take{Record: id, Note: f.Str("note")}}
	a.take.Version, _ = strconv.ParseInt(f.Str("version"), 10, 64)
	for _, fd := range fields {
		switch fd.Name {
		case "points":
			a.points = credit.Discretion{Points: f.Points("points"), Reason: f.Str("note")}
		case "known":
			a.known = f.Bool("known")
		}
	}
	again := later(func(ctx context.Context) (templ.Component, error) {
		v, err := d.recordView(ctx, who, id)
		return recordPage(v, f), err
	})
	if slices.ContainsFunc(fields, func(fd web.Field) bool { return fd.Name == "files" }) {
		ups, done, err := d.receive(ctx, who, f.FileList("files"))
		defer done()
		if err != nil && !f.Take(err) {
			return err
		}
		a.keep = func(ctx context.Context, tx *db.Tx) ([]credit.FileRef, error) { return keep(ctx, tx, ups) }
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		if err := d.act(ctx, tx, r, a); err != nil {
			return "", err
		}
		var m casework.Act
		for _, machine := range []*casework.Machine{credit.RecordMachine, credit.AnnulMachine, credit.MendMachine} {
			if one, ok := machine.Act(f.Str("act")); ok {
				m = one
				break
			}
		}
		web.Say(r, "已办理：“"+m.Title+"”。")
		return "/bureau/records/" + id.String(), nil
	}, again)
}

// An acting is what was chosen and typed.
type acting struct {
	form   *web.Form
	take   credit.Take
	points credit.Discretion
	known  bool
	keep   func(ctx context.Context, tx *db.Tx) ([]credit.FileRef, error)
}

func (d *Desk) act(ctx context.Context, tx *db.Tx, r *http.Request, a acting) error {
	who, t := web.Actor(r), a.take
	var files []credit.FileRef
	if a.keep != nil {
		var err error
		if files, err = a.keep(ctx, tx); err != nil {
			return err
		}
	}
	switch a.form.Str("act") {
	case credit.ActPropose:
		return d.proposeDraft(ctx, tx, r, a)
	case credit.ActWithdraw:
		return d.Records.WithdrawIn(ctx, tx, who, t)
	case credit.ActCheck:
		return d.Records.CheckIn(ctx, tx, who, t)
	case credit.ActRefuseCheck, credit.ActRefuse:
		return d.Records.RefuseIn(ctx, tx, who, t)
	case credit.ActIdentify:
		return d.Records.IdentifyIn(ctx, tx, who, t, a.points)
	case credit.ActNotify:
		return d.Records.NotifyIn(ctx, tx, who, t)
	case credit.ActUphold, credit.ActDismiss:
		return d.Records.DecideObjectionIn(ctx, tx, who, t, a.form.Str("act") == credit.ActUphold)
	case credit.ActGrantRepair, credit.ActRefuseRepair:
		return d.Records.DecideRepairIn(ctx, tx, who, t, a.form.Str("act") == credit.ActGrantRepair)
	case credit.ActRectify:
		return d.Records.RectifyIn(ctx, tx, who, t, a.form.Date("on"), files)
	case credit.ActAskAnnul:
		return d.Records.AskAnnulIn(ctx, tx, who, t, files)
	case credit.ActAgreeAnnul, credit.ActRefuseAnnul:
		return d.Records.DecideAnnulIn(ctx, tx, who, t, a.form.Str("act") == credit.ActAgreeAnnul)
	case credit.ActReturnMend:
		return d.Records.ReturnMendIn(ctx, tx, who, t)
	}
	return fault.New(fault.Invalid, "casework.act", "没有这项操作。")
}

// proposeDraft hands a draft in; that its likeness is known is noted with it.
func (d *Desk) proposeDraft(ctx context.Context, tx *db.Tx, r *http.Request, a acting) error {
	who, t := web.Actor(r), a.take
	if a.known {
		p, err := d.Records.DraftIn(ctx, tx, who, t.Record)
		if err != nil {
			return err
		}
		p.Known = true
		if _, err := d.Records.SaveDraftIn(ctx, tx, who, t, p); err != nil {
			return err
		}
		t.Version++
	}
	return repeated(d.Records.ProposeDraftIn(ctx, tx, who, t), "act")
}

// repeated turns the refusal of what was recorded before into one of the form, so
// that nothing typed is lost; at is the field that tells of a plain repetition.
func repeated(err error, at string) error {
	switch {
	case fault.Is(err, "credit.duplicate"):
		return fault.New(fault.Invalid, "credit.duplicate", "%s", fault.From(err).Text).With("known", "请先核对相似信息并勾选确认。")
	case fault.Is(err, "credit.same"):
		return fault.New(fault.Invalid, "credit.same", "这条信息已经录入。").With(at, fault.From(err).Text)
	}
	return err
}
