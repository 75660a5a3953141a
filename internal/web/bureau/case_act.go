package bureau

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/supervision"
	"juli/internal/web"
)

// caseDeskActs are the acts that officials take by the form of a case's page.
var caseDeskActs = []string{
	supervision.ActVerify, supervision.ActConfirm, supervision.ActDismiss, supervision.ActMerge, supervision.ActUnmerge, supervision.ActOrder, supervision.ActLonger, supervision.ActGrantLonger,
	supervision.ActAskHand, supervision.ActHand, supervision.ActAskEnd, supervision.ActEnd, supervision.ActKeep,
	supervision.ActGrant, supervision.ActDeny, supervision.ActPass, supervision.ActFail, supervision.ActCall, supervision.ActReopen,
}

// caseActFields ask what the allowed acts want to know; nil where there are none.
func caseActFields(v caseView) []web.Field {
	which := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true}
	has := map[string]bool{}
	var acts []casework.Act
	for _, name := range caseDeskActs {
		i := slices.IndexFunc(v.d.Allowed, func(a casework.Act) bool { return a.Name == name })
		if i < 0 || name == supervision.ActMerge && len(v.d.Alike) == 0 {
			continue
		}
		which.Options, has[name] = append(which.Options, web.Option{Value: name, Text: v.d.Allowed[i].Title}), true
		acts = append(acts, v.d.Allowed[i])
	}
	if len(which.Options) == 0 {
		return nil
	}
	fields := []web.Field{{Name: "version", Kind: web.Carried, Max: 20}, which}
	if has[supervision.ActVerify] {
		f := web.Field{Name: "violation", Label: "违规事项", Kind: web.Select, When: "核实属实时必填"}
		for _, x := range v.book.Violations {
			f.Options = append(f.Options, web.Option{Value: x.Code, Text: x.Title})
		}
		fields = append(fields, f)
	}
	if has[supervision.ActMerge] {
		f := web.Field{Name: "into", Label: "并入案件", Kind: web.Select, When: "合并时必填"}
		for i := range v.d.Alike {
			f.Options = append(f.Options, web.Option{Value: v.d.Alike[i].ID.String(), Text: alikeWords(&v.d.Alike[i])})
		}
		fields = append(fields, f)
	}
	if has[supervision.ActOrder] || has[supervision.ActLonger] {
		fields = append(fields,
			web.Field{Name: "class", Label: "整改方式", Kind: web.Select, Options: namedOptions(supervision.Classes), When: "责令整改时必填"},
			web.Field{Name: "deadline", Label: "整改期限", Kind: web.Date, When: "提出较长的整改期限时必填", Hint: "责令整改时不填，按规则规定的期限；更长的期限由另一人决定"})
	}
	fields = append(fields, receiverFields(v, has)...)
	if has[supervision.ActGrant] {
		fields = append(fields, web.Field{Name: "until", Label: "延至", Kind: web.Date, When: "同意延期时填写", Hint: extensionHint(&v.d)})
	}
	if has[supervision.ActVerify] || has[supervision.ActPass] {
		fields = append(fields,
			web.Field{Name: "files", Label: "现场照片", Kind: web.Files, Accept: evidenceTypes},
			web.Field{Name: "spot", Label: "拍摄位置"})
	}
	return append(fields, noteField("情况或理由", acts))
}

// receiverFields ask who takes a case over, and by which paper.
func receiverFields(v caseView, has map[string]bool) []web.Field {
	if !has[supervision.ActAskHand] && !has[supervision.ActHand] {
		return nil
	}
	to := web.Field{Name: "to", Label: "移送给哪个部门", When: "移送时必填", Hint: "例如：市场监管局、城管局"}
	if v.d.HandedTo != "" {
		to.When, to.Hint = "", "不填就是提出时写的“"+v.d.HandedTo+"”"
	}
	document := web.Field{Name: "document", Label: "对方受理文书的文号"}
	if v.d.Verified == 0 {
		document.Hint = "对方还没有出具的，可以不填"
	} else {
		document.When = "移送时必填"
	}
	if !has[supervision.ActHand] {
		return []web.Field{to}
	}
	return []web.Field{to, document}
}

// extensionHint says between which days an extension lies.
func extensionHint(c *supervision.Dossier) string {
	asked := "不填延至最迟日期"
	if c.AskedUntil != 0 {
		asked = "企业申请延至 " + c.AskedUntil.String()
	}
	return asked + "；原期限 " + c.Deadline.String() + "，最迟 " + c.ExtendTo.String()
}

// noteField asks for words as the offered acts want them: always, never, or with
// the acts that it names.
func noteField(label string, acts []casework.Act) web.Field {
	f := web.Field{Name: "note", Label: label, Kind: web.Long, Required: true}
	var need []string
	for _, a := range acts {
		if a.NeedsNote {
			need = append(need, "“"+a.Title+"”")
		} else {
			f.Required = false
		}
	}
	if !f.Required && len(need) > 0 {
		f.When = strings.Join(need, "") + "时必填"
	}
	return f
}

func caseForm(v caseView) *web.Form {
	fields := caseActFields(v)
	if fields == nil {
		return nil
	}
	f := web.NewForm(fields...).Set("version", itoa(v.d.Flow.Version))
	for _, fd := range fields {
		switch fd.Name {
		case "violation":
			f.Set("violation", v.d.Violation)
		case "until":
			f.Set("until", v.d.AskedUntil.String())
		case "class":
			f.Set("class", "deadline")
		case "act":
			if len(fd.Options) == 1 {
				f.Set("act", fd.Options[0].Value)
			}
		}
	}
	return f
}

// actOnCase takes the chosen act.
func (d *Desk) actOnCase(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.caseView(ctx, who, id)
	if err != nil {
		return err
	}
	fields := caseActFields(v)
	if fields == nil { // sent again: the service or the form's key answers
		all := v
		all.d.Allowed, all.d.Alike = supervision.CaseMachine.Acts, []supervision.Case{v.d.Case}
		fields = caseActFields(all)
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	var up web.Uploads
	if slices.ContainsFunc(fields, func(x web.Field) bool { return x.Name == "files" }) {
		if up, err = web.Receive(r, d.Files, f, "files"); err != nil {
			return err
		}
		defer up.Close()
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		t := supervision.Take{ID: id, Note: f.Str("note")}
		t.Version, _ = strconv.ParseInt(f.Str("version"), 10, 64)
		if t.Files, err = idsOf(ctx, tx, up); err != nil {
			return "", err
		}
		if err := d.takeCase(ctx, tx, r, f, t); err != nil {
			return "", err
		}
		m, _ := supervision.CaseMachine.Act(f.Str("act"))
		web.Say(r, "已办理：“"+m.Title+"”。")
		return "/bureau/cases/" + id.String(), nil
	}, later(func(ctx context.Context) (templ.Component, error) {
		v, err := d.caseView(ctx, who, id)
		return casePage(v, f, measureForm(v)), err
	}))
}

func has(f *web.Form, name string) bool {
	return slices.ContainsFunc(f.Fields, func(x web.Field) bool { return x.Name == name })
}

func (d *Desk) takeCase(ctx context.Context, tx *db.Tx, r *http.Request, f *web.Form, t supervision.Take) error {
	who, s := web.Actor(r), d.Cases
	if has(f, "spot") {
		t.Spot = f.Str("spot")
	}
	switch f.Str("act") {
	case supervision.ActVerify:
		return s.VerifyIn(ctx, tx, who, t, supervision.Finding{Violation: f.Str("violation")})
	case supervision.ActConfirm:
		return s.ConfirmIn(ctx, tx, who, t)
	case supervision.ActDismiss:
		return s.DismissIn(ctx, tx, who, t)
	case supervision.ActMerge:
		return s.MergeIn(ctx, tx, who, t, f.ID("into"))
	case supervision.ActUnmerge:
		return s.UnmergeIn(ctx, tx, who, t)
	case supervision.ActOrder:
		return s.OrderIn(ctx, tx, who, t, supervision.Order{Class: f.Str("class"), Deadline: f.Date("deadline")})
	case supervision.ActLonger:
		return s.AskLongerIn(ctx, tx, who, t, supervision.Order{Class: f.Str("class"), Deadline: f.Date("deadline")})
	case supervision.ActGrantLonger:
		return s.GrantLongerIn(ctx, tx, who, t)
	case supervision.ActAskHand:
		return s.AskHandIn(ctx, tx, who, t, supervision.Receiver{To: f.Str("to")})
	case supervision.ActHand:
		return s.HandIn(ctx, tx, who, t, supervision.Receiver{To: f.Str("to"), Document: f.Str("document")})
	case supervision.ActGrant:
		t.Until = f.Date("until")
		return s.GrantIn(ctx, tx, who, t)
	case supervision.ActDeny:
		return s.DenyIn(ctx, tx, who, t)
	case supervision.ActPass:
		return s.PassIn(ctx, tx, who, t)
	case supervision.ActFail:
		return s.FailIn(ctx, tx, who, t)
	case supervision.ActCall:
		return s.CallIn(ctx, tx, who, t)
	case supervision.ActReopen:
		return s.ReopenIn(ctx, tx, who, t)
	case supervision.ActAskEnd:
		return s.AskEndIn(ctx, tx, who, t)
	case supervision.ActEnd:
		return s.EndIn(ctx, tx, who, t)
	case supervision.ActKeep:
		return s.KeepIn(ctx, tx, who, t)
	}
	return fault.New(fault.Invalid, "casework.act", "没有这项操作。")
}
