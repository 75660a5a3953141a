package campaign

import (
	"maps"
	"strings"
	"testing"

	"juli/internal/day"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/rulebook"
	"juli/rulebooks"
)

func harbin(t testing.TB) *Book {
	t.Helper()
	text, err := rulebooks.Files.ReadFile("inspection/harbin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// emergency.md §6: a hundred points in winter as in summer, the season from
// 15 October to 15 April.
func TestTheChecklistIsThatOfTheReference(t *testing.T) {
	b := harbin(t)
	want := map[string]money.Points{
		"服务窗口与公示": 10, "秩序维护": 12, "消防安全": 15, "电梯": 10, "环境卫生": 15, "绿化养护": 6, "共用部位": 10, "冬季专项": 12, "台账": 5, "人员": 5,
	}
	for on, season := range map[string]string{"2021-10-14": "夏季专项", "2021-10-15": "冬季专项", "2022-04-15": "冬季专项", "2022-04-16": "夏季专项"} {
		sum, got := money.Points(0), map[string]money.Points{}
		for _, it := range b.Checklist(day.MustParse(on), nil) {
			sum += it.Points
			got[it.Section] += it.Points
			if it.Mark != rulebook.Assumed {
				t.Errorf("%s is marked %s", it.Code, it.Mark)
			}
		}
		if sum != 100*money.Point || got[season] != 12*money.Point {
			t.Errorf("%s: %s points, %v", on, sum, got)
		}
		for title, points := range want {
			if title != "冬季专项" && got[title] != points*money.Point {
				t.Errorf("%s: %s has %s points", on, title, got[title])
			}
		}
	}
	terms := map[string]string{"now": "2021-09-29", "3d": "2021-10-08", "7d": "2021-10-08", "15d": "2021-10-14", "30d": "2021-10-29"}
	for code, due := range terms {
		d, ok := b.Deadline(code)
		if got := dueOf(day.DefaultCalendar(), d, day.MustParse("2021-09-29")); !ok || got.String() != due {
			t.Errorf("%s is due on %s, want %s", code, got, due)
		}
	}
	if some := b.Checklist(day.MustParse("2021-07-01"), []string{"fire-lane", "winter-snow"}); len(some) != 1 || some[0].Code != "fire-lane" {
		t.Errorf("an excerpt in summer: %v", some)
	}
}

func TestABookThatDoesNotAddUpIsRefused(t *testing.T) {
	text, err := rulebooks.Files.ReadFile("inspection/harbin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for change, why := range map[[2]string]string{
		{"points: 6, deadline: now, group: SAFETY, violation: S01, basis", "points: 7, deadline: now, group: SAFETY, violation: S01, basis"}: "合计 16 分，不是 15 分",
		{"points: 12\n    items:\n      - {code: winter", "points: 11\n    items:\n      - {code: winter"}:                                   "冬季检查表合计 99 分",
		{"code: fire-tools", "code: fire-lane"}:          "重复",
		{"deadline: 30d, group", "deadline: 31d, group"}: "没有“31d”这种整改期限",
		{"each: 2", "each: 1"}:                           "不是 2 到 4 之间的整数",
		{"pass: 80", "pass: 101"}:                        "0 到 100 之间",
		{`from: "10-15"`, `from: "15-10"`}:               "月日",
		{`weight: "1"`, `weight: "0"`}:                   "大于 0",
		{"[district_bureau, city_bureau]", "[owner]"}:    "不在允许的取值中",
	} {
		broken := strings.Replace(string(text), change[0], change[1], 1)
		if broken == string(text) {
			t.Fatalf("%q is not there", change[0])
		}
		if _, err := Parse([]byte(broken)); !fault.Is(err, "rulebook.invalid") || !strings.Contains(fault.From(err).Text, why) {
			t.Errorf("%s: %v, want %s", change[1], err, why)
		}
	}
}

// visit answers every item with good, but for those given.
func visit(list []Item, but map[string]Answer) map[string]Answer {
	out := map[string]Answer{}
	for _, it := range list {
		out[it.Code] = Answer{Item: it.Code, Verdict: Good}
	}
	maps.Copy(out, but)
	return out
}

func TestAScoreCountsOnlyWhatApplies(t *testing.T) {
	b := harbin(t)
	list := b.Checklist(day.MustParse("2021-07-01"), nil)
	bad := func(points bool) Answer {
		return Answer{Verdict: Bad, Facts: "三号楼", Deadline: "3d", Points: points}
	}
	na := Answer{Verdict: NotApplicable}
	for _, tt := range []struct {
		name  string
		but   map[string]Answer
		score string
		pass  bool
	}{
		{"all is well", nil, "100", true},
		{"six points short", map[string]Answer{"fire-lane": bad(false)}, "94", true},
		{"the same, to lead to points", map[string]Answer{"fire-lane": bad(true)}, "94", false},
		{"no lifts: 84 of 90", map[string]Answer{"fire-lane": bad(false), "lift-date": na, "lift-alarm": na}, "93.33", true},
		{"80 of 100 passes", map[string]Answer{"fire-lane": bad(false), "clean-rubbish": bad(false), "green-care": bad(false), "desk-phone": bad(false)}, "80", true},
		{"79 of 100 fails", map[string]Answer{"fire-lane": bad(false), "clean-rubbish": bad(false), "green-care": bad(false), "desk-price": bad(false)}, "79", false},
	} {
		got, err := ScoreOf(b, list, visit(list, tt.but))
		if err != nil || got.Score.String() != tt.score || got.Pass != tt.pass {
			t.Errorf("%s: %s %v, %v, want %s %v", tt.name, got.Score, got.Pass, err, tt.score, tt.pass)
		}
	}
	none := map[string]Answer{}
	for _, it := range list {
		none[it.Code] = na
	}
	if _, err := ScoreOf(b, list, none); !fault.Is(err, "campaign.nothing") {
		t.Errorf("nothing applies: %v", err)
	}
}

func TestARecordWithHolesIsRefusedByField(t *testing.T) {
	b := harbin(t)
	list := b.Checklist(day.MustParse("2021-07-01"), nil)
	if err := checkAnswers(b, list, visit(list, nil)); err != nil {
		t.Fatal(err)
	}
	err := checkAnswers(b, list, visit(list, map[string]Answer{"fire-lane": {Verdict: Bad}, "lift-date": {}, "green-care": {Verdict: Bad, Facts: strings.Repeat("长", factsMax+1), Deadline: "3d"}}))
	for _, field := range []string{"n-fire-lane", "t-fire-lane", "v-lift-date", "n-green-care"} {
		if fault.From(err).Fields[field] == "" {
			t.Errorf("%s is not refused: %v", field, err)
		}
	}
	if err := checkAnswers(b, list, visit(list, map[string]Answer{"winter-snow": {Verdict: Good}})); !fault.Is(err, "campaign.unknown-item") {
		t.Errorf("an item of the other season: %v", err)
	}
}

// supervision.md G1 and G8.
func TestRatesOfPublishedCampaigns(t *testing.T) {
	g1 := Tally{Planned: 2190 + 319 + 973, Inspected: 2190 + 319, Passed: 2190, Failed: 319}
	g8 := Tally{Planned: 640, Inspected: 640, Passed: 571, Failed: 69, Rectified: 52}
	for _, tt := range []struct {
		name   string
		rate   func() (int64, int64)
		tenths int64
	}{
		{"G1 passed of inspected", g1.PassRate, 873},
		{"G1 not inspected of all", g1.NotInspected, 279},
		{"G8 passed of inspected", g8.PassRate, 892},
		{"G8 rectified of failed", g8.RectifiedRate, 754},
		{"nothing yet", Tally{}.PassRate, 0},
	} {
		if got := Tenths(tt.rate()); got != tt.tenths {
			t.Errorf("%s: %d tenths, want %d", tt.name, got, tt.tenths)
		}
	}
}
