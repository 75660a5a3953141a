package bureau

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/resident"
	"juli/internal/web"
)

// unmerge is the one word for all the ways back out of a merger.
const unmerge = "unmerge"

// reportActs lists what the actor may do, each once.
func reportActs(v reportView) []web.Option {
	var out []web.Option
	for _, a := range v.may {
		o := web.Option{Value: a.Name, Text: a.Title}
		switch {
		case a.NeedsNote:
			o.Hint = "须写明理由"
		case a.Name == resident.ActPass:
			o.Hint = "居民随后可以评价"
		case a.Name == resident.ActDispatch:
			o.Hint = "不选单位则按规则派单"
		}
		switch {
		case a.Name == resident.ActAnswer && !v.answer, a.Name == resident.ActMerge && len(v.alike) == 0:
			continue
		case strings.HasPrefix(a.Name, unmerge):
			o = web.Option{Value: unmerge, Text: "拆分", Hint: "回到合并前的状态和期限"}
			if slices.ContainsFunc(out, func(x web.Option) bool { return x.Value == unmerge }) {
				continue
			}
		}
		out = append(out, o)
	}
	return out
}

// reportFields ask what the allowed acts want.
func reportFields(v reportView) []web.Field {
	acts := reportActs(v)
	if len(acts) == 0 {
		return nil
	}
	has := func(name string) bool {
		return slices.ContainsFunc(acts, func(o web.Option) bool { return o.Value == name })
	}
	fields := []web.Field{{Name: "version", Kind: web.Carried, Max: 20}, {Name: "act", Label: "操作", Kind: web.Radio, Required: true, Options: acts}}
	if has(resident.ActDispatch) {
		f := web.Field{Name: "office", Label: "派给", Kind: web.Select}
		for _, role := range v.offices {
			f.Options = append(f.Options, web.Option{Value: string(role), Text: role.Title()})
		}
		fields = append(fields, f)
	}
	if has(resident.ActAnswer) {
		fields = append(fields, web.Field{Name: "answer", Label: "答复", Kind: web.Long, When: "答复时必填", Max: 2000},
			web.Field{Name: "photos", Label: "处理后照片", Kind: web.Files, Accept: ".jpg,.jpeg,.png,.webp", Hint: "最多 6 张"})
	}
	if has(resident.ActPass) {
		fields = append(fields, web.Field{Name: "seen", Label: "已到现场，确认问题解决", Kind: web.Check})
	}
	if has(resident.ActTopic) {
		f := web.Field{Name: "topic", Label: "更正为", Kind: web.Select, When: "更正类别时必填", Hint: "承办单位、审核单位和期限按规则随类别改变；没有换单位的，不因更正多得时间"}
		for _, x := range v.book.Topics {
			if x.Code != v.r.Topic {
				f.Options = append(f.Options, web.Option{Value: x.Code, Text: x.Title})
			}
		}
		fields = append(fields, f)
	}
	if has(resident.ActMerge) {
		f := web.Field{Name: "into", Label: "并入", Kind: web.Select, When: "合并时必填", Hint: "类别不同的，须写明为什么是同一件事"}
		for _, x := range v.alike {
			f.Options = append(f.Options, web.Option{Value: x.ID.String(), Text: mergeWords(v.book, x)})
		}
		fields = append(fields, f)
	}
	return append(fields, web.Field{Name: "note", Label: "意见或理由", Kind: web.Long, Max: 1000})
}

// mergeWords tell a report by its kind, place, day and first words.
func mergeWords(b *resident.Book, x resident.Report) string {
	text := join(x.Number, b.TopicTitle(x.Topic), buildingWords(x.Building), x.ReceivedOn.String(), x.StateTitle())
	if x.Body != "" {
		text += "：" + short(x.Body, 20)
	}
	return text
}

func reportForm(v reportView) *web.Form {
	fields := reportFields(v)
	if fields == nil {
		return nil
	}
	f := web.NewForm(fields...).Set("version", itoa(v.r.Case.Version))
	if opts := fields[1].Options; len(opts) == 1 {
		f.Set("act", opts[0].Value)
	}
	return f
}

// actOnReport takes the chosen act.
func (d *Desk) actOnReport(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.reportView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	fields := reportFields(v)
	if fields == nil { // somebody was quicker: the service says what is the matter
		fields = []web.Field{
			{Name: "version", Kind: web.Carried},
			{Name: "act", Kind: web.Carried},
			{Name: "office", Kind: web.Carried},
			{Name: "answer", Kind: web.Carried, Max: 2000},
			{Name: "photos", Kind: web.Files, Accept: blob.Accept},
			{Name: "seen", Kind: web.Carried},
			{Name: "into", Kind: web.Carried},
			{Name: "topic", Kind: web.Carried},
			{Name: "note", Kind: web.Carried, Max: 1000},
		}
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	has := func(name string) bool {
		return slices.ContainsFunc(fields, func(fd web.Field) bool { return fd.Name == name })
	}
	var up web.Uploads
	if has("photos") {
		if up, err = web.Park(r, d.Files, f, "photos", 6); err != nil {
			return err
		}
		defer up.Close()
	}
	text := func(name string) string {
		if has(name) {
			return f.Str(name)
		}
		return ""
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		var files []db.ID
		kept, err := up.Keep(ctx, tx)
		if err != nil {
			return "", err
		}
		for _, k := range kept {
			files = append(files, k.ID)
		}
		web.Say(r, "已办理。")
		return "/bureau/reports/" + id.String(), d.takeReport(ctx, tx, web.Actor(r), resident.Take{Report: id, Version: f.Int("version"), Note: f.Str("note")}, text, files)
	}, later(func(ctx context.Context) (templ.Component, error) {
		v, err := d.reportView(ctx, web.Actor(r), id)
		if err != nil {
			return nil, err
		}
		all := formsOf(v)
		all.act = f
		return reportPage(v, all), nil
	}))
}

func (d *Desk) takeReport(ctx context.Context, tx *db.Tx, who authz.Actor, t resident.Take, text func(string) string, files []db.ID) error {
	switch text("act") {
	case resident.ActSign:
		return d.Reports.SignIn(ctx, tx, who, t)
	case resident.ActDispatch:
		return d.Reports.DispatchIn(ctx, tx, who, t, authz.Role(text("office")))
	case resident.ActRefuse:
		return d.Reports.RefuseIn(ctx, tx, who, t)
	case resident.ActReturn:
		return d.Reports.ReturnIn(ctx, tx, who, t)
	case resident.ActAnswer:
		return d.Reports.AnswerIn(ctx, tx, who, t, text("answer"), files)
	case resident.ActReviewBack:
		return d.Reports.ReviewBackIn(ctx, tx, who, t)
	case resident.ActPass:
		return d.Reports.PassIn(ctx, tx, who, t, text("seen") == "1")
	case resident.ActExtend:
		return d.Reports.ExtendIn(ctx, tx, who, t)
	case resident.ActCase:
		return d.Reports.CaseIn(ctx, tx, who, t)
	case resident.ActGiveTime:
		return d.Reports.GiveTimeIn(ctx, tx, who, t)
	case resident.ActTopic:
		return d.Reports.CorrectIn(ctx, tx, who, t, text("topic"))
	case resident.ActMerge:
		into, err := db.ParseID(text("into"))
		if err != nil {
			into = t.Report // refused with the reason at the field
		}
		return d.Reports.MergeIn(ctx, tx, who, t, into)
	}
	return d.Reports.UnmergeIn(ctx, tx, who, t)
}
