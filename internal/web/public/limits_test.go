package public

import (
	"strings"
	"testing"

	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/money"
	"juli/internal/rulebook"
	"juli/internal/web"
)

// explained is a result with a class over its cap and two projects of different size.
func explained() why {
	pt := func(n int64) money.Points { return money.Points(n) * money.Point }
	return why{
		Book: &credit.Book{
			Document: &rulebook.Document{},
			Classes:  []credit.Class{{Code: "basic", Title: "基础信息"}, {Code: "good", Title: "良好信息", Bounds: credit.Bounds{Max: pt(20), HasMax: true}}},
			Compose:  credit.Compose{Method: "area", Moved: "cutoff"},
		},
		Projects: map[db.ID]named{8: {"一号小区", "/projects/1"}, 9: {"二号小区", "/projects/2"}},
		Outcome: credit.Outcome{
			Scored: true, Sums: []credit.ClassSum{{Class: "basic"}, {Class: "good", Raw: pt(78), Capped: pt(20)}},
			Parts: []credit.Part{{Project: 8, Score: pt(100), Weight: 3_000_00}, {Project: 9, Score: pt(80), Weight: 1_000_00}},
			Lines: []credit.Line{
				{Kind: credit.ProjectsLine, Points: pt(95), Item: credit.NoItem, Class: -1},
				{Kind: credit.CapLine, Points: pt(-58), Item: credit.NoItem, Class: 1},
			},
		},
	}
}

func words(t *testing.T, table web.Table) string {
	t.Helper()
	var b strings.Builder
	for _, r := range append(table.Rows, web.Row{Cells: table.Total}) {
		for _, c := range r.Cells {
			b.WriteString(c.Text + "·" + c.Sub + "|")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestALineThatCapsAClassSaysWhichAndByHowMuch(t *testing.T) {
	if got := words(t, explained().table()); !strings.Contains(got, "良好信息合计 78.00 分，上限 20.00 分，超出部分不计") {
		t.Errorf("lines:\n%s", got)
	}
}

func TestTheCompositeScoreShowsEachProjectsShare(t *testing.T) {
	got := words(t, explained().composite())
	for _, want := range []string{"一号小区·|100.00·|3,000.00·|75.0%·|75.00·|", "二号小区·|80.00·|1,000.00·|25.0%·|20.00·|", "项目综合分·|95.00·|"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	y := explained()
	y.Outcome.Parts = []credit.Part{{Project: 8, Score: 100 * money.Point, Weight: 1}, {Project: 9, Score: 80 * money.Point, Weight: 1}}
	if got := words(t, y.composite()); strings.Contains(got, "%") {
		t.Errorf("projects without an area have shares:\n%s", got)
	}
}
