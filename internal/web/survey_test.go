package web

import (
	"strings"
	"testing"

	"juli/internal/survey"
	"juli/rulebooks"
)

// A share is never shown without its numerator, denominator and interval; a result
// of few answers says so and does not tell on those who gave them.
func TestASurveyResultSaysWhatItRestsOn(t *testing.T) {
	text, err := rulebooks.Files.ReadFile("survey/harbin-2020.yaml")
	if err != nil {
		t.Fatal(err)
	}
	book, err := survey.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	shown := func(answers int, renovated bool) string {
		var list []string
		for i := range answers {
			list = append(list, []string{"544444", "455555", "433333", "211111"}[i%4])
		}
		r := survey.Result{Book: book, Survey: survey.Survey{Homes: 100, Needed: 50, Drawn: 80, Renovated: renovated, Tally: book.Count(list)}}
		var b strings.Builder
		if err := SurveyResult(r).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, tt := range []struct {
		answers    int
		renovated  bool
		says, mute []string
	}{
		{60, false, []string{"45 / 60 户满意", "95% 置信区间 62.7%–84.3%", "60 / 80 户抽中", "很不满意（户）", "Wilson"}, []string{"答卷太少", "样本不足", "解聘"}},
		{40, false, []string{"样本不足", "30 / 40 户满意", "很不满意（户）"}, []string{"答卷太少"}},
		{20, false, []string{"答卷太少", "15 / 20 户满意", "不逐题公布"}, []string{"很不满意（户）"}},
		{40, true, []string{"40 / 100 户", "没有达到总户数的一半"}, []string{"可以提议召开"}},
		{60, true, []string{"60 / 100 户", "没有低于可以提议解聘的比例"}, []string{"可以提议召开"}},
	} {
		page := shown(tt.answers, tt.renovated)
		for _, want := range tt.says {
			if !strings.Contains(page, want) {
				t.Errorf("%d answers: the page does not say %q", tt.answers, want)
			}
		}
		for _, no := range tt.mute {
			if strings.Contains(page, no) {
				t.Errorf("%d answers: the page says %q", tt.answers, no)
			}
		}
	}
}
