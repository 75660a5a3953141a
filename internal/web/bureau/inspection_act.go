package bureau

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/campaign"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/web"
)

// pageActs are the acts that the inspection's own page takes; the visit has a
// page of its own.
var pageActs = []string{campaign.ActConfirm, campaign.ActReturn, campaign.ActRecheck, campaign.ActAgain, campaign.ActRecuse}

func (v inspectionView) allows(act string) bool {
	return slices.ContainsFunc(v.may, func(a casework.Act) bool { return a.Name == act })
}

func (v inspectionView) fields() []web.Field {
	which := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true}
	words := map[string][2]string{
		campaign.ActConfirm: {"确认", "确认后检查结果生效；要计分的问题逐条立案，其余责令整改"}, campaign.ActReturn: {"退回重查", "须写明理由"}, campaign.ActRecheck: {"复查通过", ""},
		campaign.ActAgain: {"复查未通过", "须写明还有什么没有改好"}, campaign.ActRecuse: {"申请回避", "须写明理由；接替的人按同一种子抽取"},
	}
	for _, name := range pageActs {
		if v.allows(name) {
			which.Options = append(which.Options, web.Option{Value: name, Text: words[name][0], Hint: words[name][1]})
		}
	}
	if len(which.Options) == 0 {
		return nil
	}
	return []web.Field{{Name: "version", Kind: web.Carried, Max: 20}, which, {Name: "note", Label: "意见或理由", Kind: web.Long, Max: 1000}}
}

func (d *Desk) actOnInspection(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.inspectionView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	fields := v.fields()
	if !offered(fields, web.Posted(r, "act")) { // decided meanwhile: the service says what is the matter
		fields = []web.Field{{Name: "version", Kind: web.Carried}, {Name: "act", Kind: web.Carried}, {Name: "note", Kind: web.Carried, Max: 1000}}
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(f.Str("version"), 10, 64)
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		to, who, s := "/bureau/inspections/"+id.String(), web.Actor(r), d.Campaigns
		switch f.Str("act") {
		case campaign.ActConfirm:
			web.Say(r, "已确认。")
			return to, s.ConfirmIn(ctx, tx, who, id, version)
		case campaign.ActReturn:
			web.Say(r, "已退回。")
			return to, s.ReturnIn(ctx, tx, who, id, version, f.Str("note"))
		case campaign.ActRecuse:
			web.Say(r, "已回避，接替的人已抽出。")
			return to, s.RecuseIn(ctx, tx, who, id, version, f.Str("note"))
		case campaign.ActRecheck, campaign.ActAgain:
			web.Say(r, "复查结果已记录。")
			return to, s.RecheckIn(ctx, tx, who, id, version, f.Str("act") == campaign.ActRecheck, f.Str("note"))
		}
		return "", noAct()
	}, func() templ.Component { return inspectionPage(v, f, v.photoForm()) })
}

// photoForm asks for photos of what was found, as long as one of the inspectors
// may add some.
func (v inspectionView) photoForm() *web.Form {
	if !v.mine || len(v.found) == 0 || v.x.Case.Closed || v.x.State == campaign.Assigned {
		return nil
	}
	return web.NewForm(v.photoFields()...).Apart("photo")
}

func (v inspectionView) photoFields() []web.Field {
	item := web.Field{Name: "item", Label: "问题", Kind: web.Select, Required: true}
	for _, f := range v.found {
		it, _ := v.b.Item(f.Item)
		item.Options = append(item.Options, web.Option{Value: f.Item, Text: it.Title})
	}
	return []web.Field{item, {Name: "photos", Label: "照片", Kind: web.Files, Required: true, Accept: ".jpg,.jpeg,.png", Hint: "每张不超过 20 MB"}}
}

func (d *Desk) addPhotos(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.inspectionView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, v.photoFields()...)
	if err != nil {
		return err
	}
	f.Apart("photo")
	up, err := web.Receive(r, d.Files, f, "photos")
	if err != nil {
		return err
	}
	defer up.Close()
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		kept, err := up.Keep(ctx, tx)
		if err != nil {
			return "", err
		}
		ids := make([]db.ID, len(kept))
		for i, k := range kept {
			ids[i] = k.ID
		}
		web.Say(r, "照片已保存。")
		return "/bureau/inspections/" + id.String(), d.Campaigns.PhotosIn(ctx, tx, web.Actor(r), id, f.Str("item"), ids, false)
	}, func() templ.Component { return inspectionPage(v, nil, f) })
}

// inspectionFile hands out a photo to who may read it, and writes it down.
func (d *Desk) inspectionFile(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	file, err := pathID(r, "file")
	if err != nil {
		return err
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error) {
		x, err := d.Campaigns.Inspection(ctx, tx, who, id)
		if err != nil {
			return 0, err
		}
		found, err := campaign.Findings(ctx, tx, x)
		if err != nil {
			return 0, err
		}
		for _, f := range found {
			if slices.ContainsFunc(f.Photos, func(p campaign.Photo) bool { return p.File == file }) {
				return file, audit.Append(ctx, tx, who, "file.read", "inspection:"+id.String(), map[string]any{"file": file})
			}
		}
		return 0, fault.New(fault.NotFound, "campaign.no-photo", "没有找到这张照片。")
	})
}
