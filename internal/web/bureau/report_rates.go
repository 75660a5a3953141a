package bureau

import (
	"net/http"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/resident"
	"juli/internal/web"
	"juli/internal/web/public"
)

var rateGroups = []web.Option{{Value: resident.ByStreet, Text: "按街道"}, {Value: resident.ByEnterprise, Text: "按企业"}}

// reportRates are the rates of response, solution and satisfaction in the actor's
// area, each count a link to the rows; there is no rank.
func (d *Desk) reportRates(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var l *web.List
	var v public.RatesView
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		if err := authz.RequireAny(who, authz.ReportRead); err != nil {
			return err
		}
		places, err := d.placeOptions(ctx, tx, r)
		if err != nil {
			return err
		}
		if l, err = web.ReadList(r, web.ListSpec{Filters: []web.Filter{
			{Name: "by", Label: "分组", Options: rateGroups, Any: "按区县"},
			{Name: "district", Label: "区县", Options: places},
			public.QuarterFilter(tx.Today()),
		}}); err != nil {
			return err
		}
		own := area(who)
		if at := code.Division(l.Get("district")); at != "" && !own.Contains(at) {
			return l.Unknown("district")
		}
		v, err = public.RatesOf(ctx, tx, d.Reports, l, d.City, own, "/bureau/reports")
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "诉求办理三率", v.Table)
	}
	return web.Show(w, r, http.StatusOK, public.RatesPage(web.Page{Desk: Key, Crumbs: []web.Link{{Text: "居民诉求", Href: "/bureau/reports"}}}, v))
}
