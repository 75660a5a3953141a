package public

import (
	"net/http"

	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/web"
)

// search finds enterprises, projects and what else the reader may see.
func (d *Desk) search(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	l, err := web.ReadList(r, web.ListSpec{Search: "名称、拼音首字母、代码或地址"})
	if err != nil {
		return err
	}
	t := web.Table{Caption: "查询结果", List: l, Cols: []web.Col{{Name: "名称"}, {Name: "类别"}, {Name: "编码"}, {Name: "说明"}}}
	if l.Q == "" {
		t.None = web.Nothing{Text: "请输入要查的名称、拼音首字母、代码或地址。", Act: web.Link{Text: "浏览全部企业", Href: "/enterprises"}}
		return web.Show(w, r, http.StatusOK, listPage(web.Page{Title: "查询"}, t))
	}
	var hits []registry.Hit
	err = d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		hits, err = registry.Search(ctx, tx, web.Actor(r), registry.Query{Text: l.Q, Limit: 50})
		return err
	})
	if err != nil {
		return err
	}
	for _, h := range hits {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.L(h.Title, hitHref(h)), web.T(h.Kind.Title()), {Text: h.Code, Nowrap: true}, web.T(h.Detail)}})
	}
	web.Cut(l, hits, func(registry.Hit) []string { return nil })
	return web.Show(w, r, http.StatusOK, listPage(web.Page{Title: "查询：" + l.Q}, t))
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
