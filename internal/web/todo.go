package web

// TodoTable is a to-do list as a table, for its export.
func TodoTable(lines []Todo) Table {
	t := Table{Caption: "待办事项", Cols: []Col{{Name: "事项"}, {Name: "说明"}, {Name: "期限"}, {Name: "到期日"}}}
	for _, x := range lines {
		t.Rows = append(t.Rows, Row{Cells: []Cell{L(x.Title, x.Href), T(x.Detail), T(x.Due.Text), T(x.Due.Sub)}})
	}
	return t
}
