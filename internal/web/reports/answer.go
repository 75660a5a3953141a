package reports

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/resident"
	"juli/internal/web"
)

const photosMax = 6

// Answer takes an answer, or gives the report back.
func (d *Desk) Answer(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	who := web.Actor(r)
	v, err := d.view(r.Context(), who, id)
	if err != nil {
		return err
	}
	all := v
	all.back = true // sent again: the service or the form's key answers
	f, err := web.ReadForm(r, fields(all)...)
	if err != nil {
		return err
	}
	up, err := web.Park(r, d.Files, f, "photos", photosMax)
	if err != nil {
		return err
	}
	defer up.Close()
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		t := resident.Take{Report: id, Version: f.Int("version")}
		if f.Str("act") == resident.ActReturn {
			t.Note = f.Str("note")
			web.Say(r, "已退回，由签收单位另行派单。")
			return d.at(id), d.Reports.ReturnIn(ctx, tx, who, t)
		}
		kept, err := up.Keep(ctx, tx)
		if err != nil {
			return "", err
		}
		var ids []db.ID
		for _, k := range kept {
			ids = append(ids, k.ID)
		}
		web.Say(r, "答复已提交。")
		return d.at(id), d.Reports.AnswerIn(ctx, tx, who, t, f.Str("answer"), ids)
	}, func() templ.Component {
		if v.answer { // shown again as it was offered
			f.Fields = fields(v)
		}
		return d.reportPage(v, f)
	})
}

func answerForm(v view) *web.Form {
	return web.NewForm(fields(v)...).Set("version", strconv.FormatInt(v.r.Case.Version, 10)).Set("act", resident.ActAnswer)
}

func fields(v view) []web.Field {
	acts := web.Field{Name: "act", Kind: web.Carried, Max: 20} // answering is all there is
	answer := web.Field{Name: "answer", Label: "答复", Kind: web.Long, Required: true, Max: 2000, Hint: "做了什么、什么时候做完、没有做到的怎样安排"}
	if v.back {
		answer.Required, answer.When = false, "答复时必填"
		acts = web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true, Options: []web.Option{
			{Value: resident.ActAnswer, Text: "答复"}, {Value: resident.ActReturn, Text: "退回", Hint: "不是本单位的职责，只能退回一次，须写明理由"},
		}}
	}
	out := []web.Field{
		{Name: "version", Kind: web.Carried, Max: 20},
		acts,
		answer,
		{Name: "photos", Label: "处理后照片", Kind: web.Files, Accept: ".jpg,.jpeg,.png,.webp", Hint: "最多 6 张"},
	}
	if v.back {
		out = append(out, web.Field{Name: "note", Label: "退回理由", Kind: web.Long, When: "退回时必填", Max: 1000})
	}
	return out
}

// Photo is a picture of a report, as its residents or its office sent it.
func (d *Desk) Photo(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	photo, err := pathID(r, "photo")
	if err != nil {
		return err
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error) {
		if _, err := d.found(ctx, tx, who, id); err != nil {
			return 0, err
		}
		return d.Reports.PhotoIn(ctx, tx, who, id, photo)
	})
}
