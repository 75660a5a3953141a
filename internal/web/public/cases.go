package public

import (
	"net/http"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/feed"
	"juli/internal/supervision"
	"juli/internal/web"
)

var caseList = web.ListSpec{Filters: []web.Filter{
	{Name: "enterprise", Label: "企业代码", Like: web.LikeCode},
	{Name: "project", Label: "项目编码", Like: web.LikeCode},
	{Name: "from", Label: "查实自", Date: true},
	{Name: "to", Label: "查实到", Date: true},
	{Name: "late", Label: "期限", Chips: true, Options: []web.Option{{Value: "1", Text: "曾逾期"}}},
}}

// cases lists verified cases for everybody: what was wrong, where, by when it had
// to be mended, and whether somebody confirmed that it is. Who reported it and
// what was written stay inside.
func (d *Desk) cases(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	l, err := web.ReadList(r, caseList)
	if err != nil {
		return err
	}
	found, err := l.Period("from", "to")
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "整改案件", List: l, None: web.Nothing{Text: "没有查实的问题。", Act: web.Link{Text: "查看项目", Href: "/projects"}},
		Cols: []web.Col{{Name: "问题"}, {Name: "项目"}, {Name: "企业"}, {Name: "查实日期"}, {Name: "整改期限"}, {Name: "状态"}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := web.Paged(l, func(after string, limit int) ([]supervision.Case, string, error) {
			last, err := db.ParseID(after)
			if err != nil {
				last = 0
			}
			part, err := d.Cases.Public(ctx, tx, supervision.Query{
				Enterprise: code.USCC(l.Get("enterprise")), Project: code.ProjectCode(l.Get("project")), Late: l.Get("late") == "1", From: found[0], To: found[1], After: last, Limit: limit + 1,
			})
			if err != nil || len(part) <= limit {
				return part, "", err
			}
			return part[:limit], part[limit-1].ID.String(), nil
		})
		t.Rows = nil
		for i := range rows {
			c := &rows[i]
			deadline := web.T("—")
			if c.Deadline != 0 {
				deadline = web.D(c.Deadline)
			}
			state := web.T(c.StateTitle())
			if c.Late && c.ClosedOn == 0 {
				state = web.Tagged(c.StateTitle(), web.Bad)
			}
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				{Text: c.ViolationTitle, Sub: c.No, Href: "/cases/" + c.ID.String()}, web.L(c.ProjectName, "/projects/"+string(c.Project)), web.L(c.EnterpriseName, "/enterprises/"+string(c.Enterprise)), web.D(c.Verified), deadline, state,
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "整改案件", t)
	}
	return web.Show(w, r, http.StatusOK, web.Whole(subscribe(web.Page{
		Title: "整改案件", Lead: "主管部门查实的物业服务问题。结案写明由谁确认：复查合格，或居民确认已解决",
	}, feed.Scope{Kinds: []feed.Kind{feed.Cases}, Project: code.ProjectCode(l.Get("project"))}, "整改案件"), web.Section(web.Box{}, web.TableView(t))))
}
