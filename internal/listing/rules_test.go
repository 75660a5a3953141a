package listing

import (
	"slices"
	"strings"
	"testing"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/money"
	"juli/rulebooks"
)

func shipped(t testing.TB, edits ...string) *Book {
	t.Helper()
	text, err := rulebooks.Files.ReadFile("listing/harbin-2021.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Parse([]byte(strings.NewReplacer(edits...).Replace(string(text))))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func on(s string) day.Date { return day.MustParse(s) }

// Worked example G4 and its neighbours.
func TestARedOrCleanBatchEndsARow(t *testing.T) {
	window, today := day.MustTerm("12m"), on("2021-12-31")
	row := func(sides Side, at ...Side) (out []Showing) {
		for i, a := range at {
			out = append(out, Showing{On: on("2021-05-01").AddMonths(i), Sides: sides, At: a})
		}
		return out
	}
	for _, tt := range []struct {
		name                  string
		showings              []Showing
		consecutive, inWindow int
	}{
		{"G4: black in batch 3, red in 4, black in 5", row(Both, Black, Red, Black), 1, 2},
		{"clean in between", row(Both, Black, "", Black), 1, 2},
		{"twice in a row", row(Both, "", Black, Black), 2, 2},
		{"clean at the end", row(Both, Black, Black, ""), 0, 2},
		{"a batch of red lists only says nothing", []Showing{{on("2021-05-01"), Both, Black}, {on("2021-06-01"), Red, ""}, {on("2021-07-01"), Both, Black}}, 2, 2},
		{"praise in a batch of red lists only ends it", []Showing{{on("2021-05-01"), Both, Black}, {on("2021-06-01"), Red, Red}, {on("2021-07-01"), Both, Black}}, 1, 2},
		{"the last day of the window is within it", []Showing{{on("2020-12-31"), Both, Black}}, 1, 1},
		{"the day before is not", []Showing{{on("2020-12-30"), Both, Black}}, 1, 0},
		{"what comes later is not seen", []Showing{{on("2022-01-01"), Both, Black}}, 0, 0},
	} {
		if c := Count(tt.showings, today, window, day.DefaultCalendar()); c.Consecutive != tt.consecutive || c.InWindow != tt.inWindow {
			t.Errorf("%s: %+v, want %d in a row, %d in the window", tt.name, c, tt.consecutive, tt.inWindow)
		}
	}
}

// The rules of 2012 and 2014 are parameters.
func TestTheThresholdsOfFollowUpsAreParameters(t *testing.T) {
	codes := func(b *Book, c Counters) (out []string) {
		for _, f := range b.Reached(c) {
			out = append(out, f.Code)
		}
		return out
	}
	b := shipped(t)
	if got := codes(b, Counters{Consecutive: 1, InWindow: 2}); !slices.Equal(got, []string{"F1"}) {
		t.Errorf("two exposures call for %v, want the summons", got)
	}
	if got := codes(b, Counters{Consecutive: 2, InWindow: 2}); !slices.Equal(got, []string{"F1", "F2"}) {
		t.Errorf("two in a row call for %v", got)
	}
	if got := codes(shipped(t, "counter: consecutive_black, at: 2", "counter: consecutive_black, at: 3"), Counters{Consecutive: 2, InWindow: 2}); !slices.Equal(got, []string{"F1"}) {
		t.Errorf("under a rule of three they call for %v", got)
	}
}

func TestTriggersFireOnTheirConditionsAlone(t *testing.T) {
	b := shipped(t)
	fired := func(e Evidence, theme string) (out []string) {
		for _, x := range b.Triggers {
			if x.Fires(&e, theme) {
				out = append(out, x.Code)
			}
		}
		return out
	}
	for _, tt := range []struct {
		name, theme string
		e           Evidence
		want        string
	}{
		{"the best grade", "DAILY", Evidence{Kind: OfEnterprise, Grades: []string{"AAA"}}, "R1"},
		{"the worst grade", "DAILY", Evidence{Kind: OfEnterprise, Grades: []string{"C", "AAA"}}, "B1"},
		{"no result yet", "DAILY", Evidence{Kind: OfEnterprise}, ""},
		{"a project has no enterprise's trigger", "DAILY", Evidence{Kind: OfProject, Grades: []string{"AAA"}}, ""},
		{"among the first 3 %", "DAILY", Evidence{Kind: OfProject, Scored: true, Rank: 3, Ranked: 100}, "R2"},
		{"just outside", "DAILY", Evidence{Kind: OfProject, Scored: true, Rank: 4, Ranked: 100}, ""},
		{"good information and no bad", "DAILY", Evidence{Kind: OfProject, Classes: map[string]int64{"good": 1}}, "R3"},
		{"good and bad", "DAILY", Evidence{Kind: OfProject, Classes: map[string]int64{"good": 1, "bad": 1}}, ""},
		{"two bad ones", "DAILY", Evidence{Kind: OfProject, Classes: map[string]int64{"bad": 2}}, "B2"},
		{"two cases", "DAILY", Evidence{Kind: OfProject, Done: Done{CasesFound: 2}}, "B3"},
		{"inspected at 95", "DAILY", Evidence{Kind: OfProject, Inspections: 1, InspectionScore: 95 * money.Point}, "R4"},
		{"inspected just below 60", "DAILY", Evidence{Kind: OfProject, Inspections: 1, InspectionScore: 60*money.Point - 1}, "B4"},
		{"a score without an inspection is none", "DAILY", Evidence{Kind: OfProject, InspectionScore: 10 * money.Point}, ""},
		{"snow in a batch of snow", "SNOW", Evidence{Kind: OfProject, Items: map[string]int64{"HRB-N11": 1}}, "B5"},
		{"snow in a batch of floods", "FLOOD", Evidence{Kind: OfProject, Items: map[string]int64{"HRB-N11": 1}}, ""},
	} {
		if got := strings.Join(fired(tt.e, tt.theme), " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTheScoreIsTheSumOfItsLines(t *testing.T) {
	b := shipped(t)
	for _, tt := range []struct {
		name string
		e    Evidence
		want string
	}{
		{"nothing known", Evidence{}, "100"},
		{"one case, open, and a bad record", Evidence{Done: Done{CasesFound: 1, CasesOpen: 1}, Classes: map[string]int64{"bad": 1}}, "80"},
		{"a line takes no more than its cap", Evidence{Done: Done{CasesFound: 9}}, "60"},
		{"praise ends at the top", Evidence{Classes: map[string]int64{"good": 9}}, "120"},
		{"an inspection of 71.5", Evidence{Inspections: 2, InspectionScore: 71*money.Point + money.Point/2}, "85.75"},
	} {
		got, lines := b.Sheet.Score(&tt.e)
		sum := b.Sheet.Base
		for _, l := range lines {
			sum += l.Points
		}
		if got.String() != tt.want || min(max(sum, b.Sheet.Min), b.Sheet.Max) != got {
			t.Errorf("%s: %s (lines %s), want %s", tt.name, got, sum, tt.want)
		}
	}
}

func TestADistrictOutOfProportionIsNamed(t *testing.T) {
	w := shipped(t).Warn
	got := w.Weigh(map[code.Division]int64{"230102": 6, "230103": 2, "230104": 2}, map[code.Division]int64{"230102": 100, "230103": 200, "230104": 200, "230108": 50})
	want := []Balance{{"230102", 6, 100, true}, {"230103", 2, 200, false}, {"230104", 2, 200, false}, {"230108", 0, 50, false}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if w.Weigh(map[code.Division]int64{"230102": 2}, map[code.Division]int64{"230102": 1, "230103": 99})[0].Warn {
		t.Error("two entries are no pattern")
	}
}

func TestSmallNumbersAreNamed(t *testing.T) {
	w := shipped(t).Warn
	if got := w.Small(OfProject, 99, 1, 1); len(got) != 2 {
		t.Errorf("%v", got)
	}
	if got := w.Small(OfEnterprise, 100, 2, 2); !slices.Equal(got, []string{"在管项目少"}) {
		t.Errorf("%v", got)
	}
	if got := w.Small(OfProject, 100, 2, 1); got != nil {
		t.Errorf("%v", got)
	}
}

func TestABrokenRulebookIsRefused(t *testing.T) {
	text, err := rulebooks.Files.ReadFile("listing/harbin-2021.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, edit := range [][2]string{
		{"side: RED, subject: enterprise, grades: [AAA], cycles: 1", "side: RED, subject: enterprise, grades: [AAA]"},
		{"themes: [SNOW]", "themes: [RAIN]"},
		{"rank: top, percent: 3", "rank: top"},
		{"cases: 2, title", "title"},
		{"reply: 5wd", "reply: 0wd"},
		{"max: 120", "max: 0"},
		{"of: cases_open", "of: moods"},
		{"balance: 1.5", "balances: 1.5"},
	} {
		broken := strings.Replace(string(text), edit[0], edit[1], 1)
		if broken == string(text) {
			t.Fatalf("the rulebook does not hold %q", edit[0])
		}
		if _, err := Parse([]byte(broken)); err == nil {
			t.Errorf("%q is taken", edit[1])
		}
	}
}

func TestPublicWordsHoldNoNumbersOfPersons(t *testing.T) {
	for text, ok := range map[string]bool{
		"已于 2021-03-02 整改完成，共 12 处。": true, "请致电 13812345678": false, "证件 230103198001011234": false, "电话0451-87654321": false, "写信到 a.b@c.cn": false, "": false,
	} {
		if (public(text) == nil) != ok {
			t.Errorf("%q: %v", text, public(text))
		}
	}
}

// TestAnEntryShowsTheSumOfItsOwnScore: from the numbers kept with an entry comes
// the score that was kept with it.
func TestAnEntryShowsTheSumOfItsOwnScore(t *testing.T) {
	b := shipped(t)
	x := Evidence{Done: Done{CasesFound: 2, CasesOpen: 1}, Inspections: 1, InspectionScore: 80 * money.Point, Classes: map[string]int64{"bad": 1, "good": 2}}
	score, _ := b.Sheet.Score(&x)
	sum := b.Sheet.Base
	for _, l := range b.Sum(Entry{CasesFound: 2, CasesOpen: 1, Inspections: 1, InspectionScore: 80 * money.Point, Bad: 1, Good: 2}) {
		sum += l.Points
	}
	if sum != score || score.String() != "70" {
		t.Errorf("the lines give %s, the score is %s", sum, score)
	}
}

// TestEqualScoresAtTheBorderStandOrFallTogether: by place the first few percent
// take all who share a place within them, the last few only who lie in them whole.
func TestEqualScoresAtTheBorderStandOrFallTogether(t *testing.T) {
	top, bottom := Trigger{Rank: "top", Percent: 3}, Trigger{Rank: "bottom", Percent: 3}
	if !top.ranked(&Evidence{Scored: true, Rank: 2, Ranked: 100}) || bottom.ranked(&Evidence{Scored: true, Rank: 96, Ranked: 100}) {
		t.Error("a tie was cut in two")
	}
	b := &Book{Triggers: []Trigger{top, bottom}}
	b.Triggers[0].Code, b.Triggers[1].Code = "R2", "B9"
	if !strings.Contains(b.Ties("R2"), "全部算入") || !strings.Contains(b.Ties("B9"), "全部不算入") || b.Ties("R1") != "" {
		t.Errorf("%q, %q", b.Ties("R2"), b.Ties("B9"))
	}
}
