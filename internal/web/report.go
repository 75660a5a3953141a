package web

import (
	"github.com/a-h/templ"

	"juli/internal/resident"
)

// Opinions are what residents said of the answer to their report, for those who
// handle it; nothing where nobody said anything yet.
func Opinions(list []resident.Voice) templ.Component {
	if len(list) == 0 {
		return templ.NopComponent
	}
	t := Table{Caption: "居民评价", Cols: []Col{{Name: "评价日期"}, {Name: "已解决"}, {Name: "满意"}, {Name: "意见"}}}
	for _, v := range list {
		said := v.Said
		if said == "" {
			said = "—"
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{D(v.RatedOn), T(v.Solved.Title()), T(v.Satisfied.Title()), T(said)}})
	}
	return Section(Box{Title: "居民评价"}, TableView(t))
}
