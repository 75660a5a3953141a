package public

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/web"
)

var addFields = []web.Field{
	{Name: "secret", Kind: web.Carried, Required: true, Max: 40},
	{Name: "added", Label: "补充的情况", Kind: web.Long, Required: true, Max: 500, Hint: "例如：又坏了一处、时间有变化。请不要写与此无关的个人信息"},
}

func addForm(secret string) *web.Form {
	return web.NewForm(addFields...).Set("secret", secret).Apart("add")
}

// addSent takes what a resident adds to a report before it is answered.
func (d *Desk) addSent(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, addFields...)
	if err != nil {
		return err
	}
	f.Apart("add")
	secret := f.Str("secret")
	v, err := d.followView(r.Context(), secret)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "补充已收到，已告知承办单位。")
		return "/report/follow/" + secret, d.Reports.AddIn(ctx, tx, web.Actor(r), secret, f.Str("added"))
	}, func() templ.Component { return followPage(v, ratingForm(v, secret), f) })
}

// followPhoto sends a photo to who follows its report.
func (d *Desk) followPhoto(w http.ResponseWriter, r *http.Request) error {
	id, err := db.ParseID(r.PathValue("photo"))
	if err != nil {
		return fault.New(fault.NotFound, "page.none", "没有这张照片。")
	}
	w.Header().Set("Referrer-Policy", "no-referrer") // the address is the key
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, _ authz.Actor) (db.ID, error) {
		return d.Reports.FollowedPhotoIn(ctx, tx, r.PathValue("secret"), id)
	})
}

// followPictures are the photos of one side that the resident may see.
func followPictures(v followView, side string) []templ.Component {
	var list []web.Picture
	for _, p := range v.Photos {
		if p.Side == side && p.State == "ready" {
			list = append(list, web.Picture{Href: "/report/follow/" + v.secret + "/photos/" + p.ID.String(), Text: photoName(p.Photo), Alt: web.PhotoSeen(p.Photo)})
		}
	}
	if list == nil {
		return nil
	}
	return []templ.Component{web.Pictures(list)}
}

// officeFact names the body that answers; an enterprise leads to its public page. The
// telephone of an enterprise in the register is not public.
func officeFact(ctx context.Context, tx *db.Tx, x *resident.Report) (web.Fact, error) {
	f := web.Fact{Name: "承办单位", Text: x.Office.Title()}
	h, ok := casework.HolderAt(x.Office, x.Place())
	if !ok {
		return f, nil
	}
	at := authz.Scope{Division: h.Division, Enterprise: h.Enterprise, Project: h.Project}
	name, err := registry.ScopeNames(ctx, tx, []authz.Scope{at})
	if err != nil {
		return f, err
	}
	f.Text = registry.BodyName(x.Office, name(at))
	if h.Enterprise != "" {
		f.Text, f.Href = name(at), "/enterprises/"+string(h.Enterprise)
	}
	return f, nil
}

func placeText(building int64, spot string) string {
	switch {
	case spot == "":
		return buildingText(building)
	case building == 0:
		return spot
	}
	return buildingText(building) + "，" + spot
}
