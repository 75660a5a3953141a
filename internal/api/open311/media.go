package open311

import (
	"context"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/resident"
	"juli/internal/web"
)

const mediaPath = "v2/media/"

// ownPhoto is where a client reads the first photo back that it sent with a
// request of its own; the address alone opens nothing, the key does.
func ownPhoto(ctx context.Context, tx *db.Tx, q question, r resident.Report) (string, error) {
	photos, err := resident.PhotosOf(ctx, tx, r.ID)
	for _, p := range photos {
		if p.Side == "report" && p.File != 0 {
			return web.Address(q.r, prefix+mediaPath+r.Number+"/"+p.ID.String()), nil
		}
	}
	return "", err
}

// media sends a photo to the client that sent it.
func (a *API) media(q question, number string) error {
	return web.SendFile(q.w, q.r, a.DB, a.Files, func(ctx context.Context, tx *db.Tx, _ authz.Actor) (db.ID, error) {
		c, err := a.client(ctx, tx, q.r.URL.Query().Get("api_key"))
		if err != nil {
			return 0, err
		}
		photo, err := db.ParseID(q.id)
		if err != nil {
			return 0, err
		}
		r, err := resident.ByNumber(ctx, tx, number)
		if err != nil {
			return 0, absent(err)
		}
		return a.Reports.PhotoBroughtIn(ctx, tx, a.system(q), c, r.ID, photo)
	})
}

// system acts for the client of a request.
func (a *API) system(q question) authz.Actor {
	who := authz.System("open311")
	who.Request, who.Addr = web.Actor(q.r).Request, web.Actor(q.r).Addr
	return who
}
