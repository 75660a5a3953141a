package public

import (
	"net/http"
	"net/url"
	"strings"

	"juli/internal/authz"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/web"
)

// search finds enterprises, projects and what else the reader may see.
func (d *Desk) search(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	l, err := web.ReadList(r, web.ListSpec{Search: "名称、拼音首字母、代码、地址或文号"})
	if err != nil {
		return err
	}
	t := web.Table{Caption: "查询结果", List: l, Cols: []web.Col{{Name: "名称"}, {Name: "类别"}, {Name: "编码"}, {Name: "说明"}}}
	if l.Q == "" {
		t.None = web.Nothing{Text: "请输入要查的名称、拼音首字母、代码、地址或文号。", Act: web.Link{Text: "浏览全部企业", Href: "/enterprises"}}
		return web.Show(w, r, http.StatusOK, listPage(web.Page{Title: "查询"}, t))
	}
	var hits []registry.Hit
	var numbered []credit.Numbered
	err = d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if hits, err = registry.Search(ctx, tx, web.Actor(r), registry.Query{Text: l.Q, Limit: 50}); err != nil {
			return err
		}
		numbered, err = d.Records.ByNumber(ctx, tx, web.Actor(r), l.Q, 50)
		return err
	})
	if err != nil {
		return err
	}
	for _, n := range numbered {
		t.Rows = append(t.Rows, numberRow(web.Actor(r), n))
	}
	for _, h := range hits {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.L(h.Title, hitHref(h)), web.T(h.Kind.Title()), {Text: h.Code, Nowrap: true}, web.T(h.Detail)}})
	}
	web.Cut(l, hits, func(registry.Hit) []string { return nil })
	return web.Show(w, r, http.StatusOK, listPage(web.Page{Title: "查询：" + l.Q}, t))
}

// numberRow is a document that was found by its number; what is one's own opens at
// one's desk.
func numberRow(who authz.Actor, n credit.Numbered) web.Row {
	if n.Record == 0 {
		return web.Row{Cells: []web.Cell{web.L(n.Period+" 信用评价结果", "/league?"+url.Values{"period": {n.Period}}.Encode()), web.T("评价公告"), {Text: n.Number, Nowrap: true}, web.T("公布的评价结果")}}
	}
	href := recordHref(n.Record)
	switch {
	case n.Own && (who.Has(authz.Enterprise) || who.Has(authz.ProjectManager)):
		href = "/enterprise" + href
	case n.Own:
		href = "/bureau" + href
	}
	title := n.ItemTitle
	if title == "" {
		title = n.Item
	}
	return web.Row{Cells: []web.Cell{web.L(title, href), web.T("信用信息"), {Text: n.Number, Nowrap: true}, web.T(strings.TrimSpace(n.Enterprise + " " + n.Project))}}
}

func hitHref(h registry.Hit) string {
	switch h.Kind {
	case registry.DocEnterprise:
		return "/enterprises/" + h.Code
	case registry.DocProject:
		return "/projects/" + h.Code
	case registry.DocStaff:
		return "/enterprises/" + string(h.Enterprise)
	}
	return ""
}
