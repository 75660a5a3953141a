package public

import (
	"context"
	"io"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/rulebook"
	"juli/internal/web"
)

var commentFields = []web.Field{
	{Name: "path", Label: "针对哪一条", Max: 200, Hint: "例如 HRB-N04，或“等级”；不写就是对整份规则的意见"},
	{Name: "body", Label: "意见", Kind: web.Long, Required: true, Max: 2000, Hint: "写明怎样改、为什么"},
}

// commentOf is the part of a rulebook's page on which a draft is commented.
type commentOf struct {
	Open  bool
	Until string
	Form  *web.Form // nil: the reader may not comment, or has not signed in
	To    string
}

// commenting tells whether the version may be commented on now, and by whom.
func commenting(who authz.Actor, tx *db.Tx, v rulebook.Version, f *web.Form) commentOf {
	c := commentOf{Open: v.State == rulebook.Comment && tx.Today() <= v.CommentTo, To: "/rulebooks/" + v.Digest + "/comments"}
	if !c.Open {
		return c
	}
	c.Until = v.CommentTo.Chinese()
	if authz.RequireAny(who, authz.RulebookComment) == nil {
		if c.Form = f; f == nil {
			c.Form = web.NewForm(commentFields...)
		}
	}
	return c
}

// comment takes a comment on a draft that is out for public comment.
func (d *Desk) comment(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, commentFields...)
	if err != nil {
		return err
	}
	digest := r.PathValue("digest")
	again := func() templ.Component {
		return templ.ComponentFunc(func(ctx context.Context, out io.Writer) error {
			var v ruleView
			err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
				v, err = d.ruleViewOf(ctx, tx, digest)
				v.Comment = commenting(web.Actor(r), tx, v.Version, f)
				return err
			})
			if err != nil {
				return err
			}
			return rulebookPage(v).Render(ctx, out)
		})
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		v, err := rulebook.ByDigest(ctx, tx, digest)
		if err != nil {
			return "", err
		}
		if _, err := d.Rulebooks.AddCommentIn(ctx, tx, web.Actor(r), v.ID, f.Str("path"), f.Str("body")); err != nil {
			return "", err
		}
		web.Say(r, "意见已收到，征求意见结束后由起草部门研究。")
		return "/rulebooks/" + digest, nil
	}, again)
}
