package web

import (
	"github.com/a-h/templ"

	"juli/internal/listing"
)

// ListScoreName is what the score of a list is called, so that nobody takes it for
// the score of the credit evaluation.
const ListScoreName = "列榜评分"

// ListScore is an entry's score with its sum, line by line, behind a word; and
// what becomes of equal scores where the entry came by its place.
func ListScore(b *listing.Book, e listing.Entry) templ.Component {
	t := Table{Caption: ListScoreName + "怎样得出", Cols: []Col{{Name: "项目"}, {Name: "每件、每条或每分（分）", Num: true}, {Name: "数量", Num: true}, {Name: "加减（分）", Num: true}}}
	t.Rows = append(t.Rows, Row{Cells: []Cell{T("基础分"), T(""), T(""), P(b.Sheet.Base, false)}})
	sum := b.Sheet.Base
	for _, x := range b.Sum(e) {
		title := x.Line.Title
		if x.Line.Cap > 0 {
			title += "，最多 " + ScoreText(x.Line.Cap, false) + " 分"
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{T(title), P(x.Line.Points, true), T(x.Count.String()), P(x.Points, true)}})
		sum += x.Points
	}
	total := "合计"
	if sum != e.Score {
		total = "合计（在 " + ScoreText(b.Sheet.Min, false) + " 分到 " + ScoreText(b.Sheet.Max, false) + " 分之间）"
	}
	t.Rows = append(t.Rows, Row{Cells: []Cell{T(total), T(""), T(""), P(e.Score, false)}})
	parts := []templ.Component{Quiet("只用于红黑榜排序，与信用评价得分无关；评分样表的数值为假定。"), TableView(t)}
	if ties := b.Ties(e.Rule); ties != "" {
		parts = append(parts, Quiet(ties+"。"))
	}
	return Words(inline(ScoreText(e.Score, false)+" 分"), Folded("怎样得出", parts...))
}

// Weighed says what the authority made of an enterprise's reply.
func Weighed(w listing.Weighing, said bool) templ.Component {
	if !said {
		return Quiet("没有写明对申辩的处理。")
	}
	return Words(Quiet("对申辩的处理"), Para(w.Title()+"。"+w.Reason))
}

// FoundIn narrows a list of cases to those that were found in a batch's period.
func FoundIn(b listing.Batch) string { return "&from=" + b.From.String() + "&to=" + b.To.String() }
