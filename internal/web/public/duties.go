package public

import (
	"net/http"

	"juli/internal/authz"
	"juli/internal/web"
)

// duties prints the duty matrix: who may do what, and how far.
func (d *Desk) duties(w http.ResponseWriter, r *http.Request) error {
	roles := authz.Roles()
	cols := []web.Col{{Name: "事项"}}
	for _, x := range roles {
		cols = append(cols, web.Col{Name: x.Title})
	}
	var tables []web.Table
	group := ""
	for _, row := range authz.Matrix() {
		if row.Group != group {
			group = row.Group
			tables = append(tables, web.Table{Caption: group, Cols: cols, Scroll: true})
		}
		cells := []web.Cell{{Text: row.Title, Sub: dutyMarks(row)}}
		for _, c := range row.Cells {
			text := c.Title()
			if c.How == authz.Never {
				text = "—"
			}
			cells = append(cells, web.T(text))
		}
		t := &tables[len(tables)-1]
		t.Rows = append(t.Rows, web.Row{Cells: cells})
	}
	return web.Show(w, r, http.StatusOK, dutiesPage(tables))
}

func dutyMarks(row authz.Row) string {
	s := ""
	for _, m := range []struct {
		on   bool
		text string
	}{{row.StepUp, "须再次验证身份"}, {row.FourEyes, "须由另一人办理"}, {row.Sensitive, "每次查看都留痕"}} {
		if m.on {
			if s != "" {
				s += " · "
			}
			s += m.text
		}
	}
	return s
}
