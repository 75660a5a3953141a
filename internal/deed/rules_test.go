package deed_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"juli/internal/day"
	"juli/internal/deed"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/rulebooks"
)

func book(t testing.TB) *deed.Book {
	t.Helper()
	text, err := rulebooks.Files.ReadFile("deed/harbin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := deed.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestG5IsThePeoplePerMatter is worked example G5: 240 matters, 69,000 people.
func TestG5IsThePeoplePerMatter(t *testing.T) {
	for _, tt := range []struct{ matters, people, tenths int64 }{
		{240, 69_000, 2875}, {0, 0, 0}, {3, 1, 3}, {3, 2, 7}, {2, 1, 5}, {20, 1, 1}, // 0.05 rounds half up
	} {
		if got := (deed.Totals{Matters: tt.matters, People: tt.people}).PerMatter(); got != tt.tenths {
			t.Errorf("%d people of %d matters: %d tenths, want %d", tt.people, tt.matters, got, tt.tenths)
		}
	}
}

func TestTheNextReportIsThisMonthsUntilItIsWritten(t *testing.T) {
	b := book(t)
	for _, tt := range []struct {
		today    string
		reported bool
		deadline string
		want     string
	}{
		{"2021-06-03", false, "2021-09-30", "2021-06-25"},
		{"2021-06-25", false, "2021-09-30", "2021-06-25"}, // the day itself is in time
		{"2021-06-26", false, "2021-09-30", "2021-07-25"},
		{"2021-06-03", true, "2021-09-30", "2021-07-25"},
		{"2021-12-28", true, "2022-09-30", "2022-01-25"},
		{"2021-06-03", false, "2021-06-20", "2021-06-20"}, // the promise ends first
		{"2021-07-03", false, "2021-06-20", "2021-06-20"}, // and stays late
	} {
		if got := b.Waits(day.MustParse(tt.today), day.MustParse(tt.deadline), tt.reported); got.String() != tt.want {
			t.Errorf("on %s, reported %v, until %s: %s, want %s", tt.today, tt.reported, tt.deadline, got, tt.want)
		}
	}
}

func TestEnoughOfThoseServedHaveToConfirm(t *testing.T) {
	b := book(t)
	for _, tt := range []struct {
		name   string
		a      deed.Answers
		people int64
		rule   string
	}{
		{"three of three", deed.Answers{Answered: 3, Solved: 3}, 200, ""},
		{"two are too few", deed.Answers{Answered: 2, Solved: 2}, 200, "deed.calls"},
		{"two are all of two", deed.Answers{Answered: 2, Solved: 2}, 2, ""},
		{"four of five are 80 percent", deed.Answers{Answered: 5, Solved: 4}, 200, ""},
		{"three of four are not", deed.Answers{Answered: 4, Solved: 3}, 200, "deed.unsolved"},
		{"nobody at all", deed.Answers{}, 200, "deed.calls"},
		{"who said no and was not reached again still says no", deed.Answers{Answered: 3, Solved: 3, Standing: 1}, 200, "deed.unsolved"},
		{"one such voice beside four others is within the fifth", deed.Answers{Answered: 4, Solved: 4, Standing: 1}, 200, ""},
	} {
		if err := b.CheckVerify(tt.a, tt.people); tt.rule == "" && err != nil || tt.rule != "" && !fault.Is(err, tt.rule) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.rule)
		}
	}
}

func TestNobodyIsAddedToAListThatSaysNo(t *testing.T) {
	b := book(t)
	for _, tt := range []struct {
		name   string
		a      deed.Answers
		more   int64
		people int64
		rule   string
	}{
		{"an empty list", deed.Answers{}, 3, 200, ""},
		{"a list that says yes", deed.Answers{Named: 3, Answered: 3, Solved: 3}, 2, 200, ""},
		{"a list that says no", deed.Answers{Named: 3, Answered: 1}, 1, 200, "deed.frozen"},
		{"one that says no may reach the least number", deed.Answers{Named: 2, Answered: 1}, 1, 200, ""},
		{"and not more", deed.Answers{Named: 2, Answered: 1}, 2, 200, "deed.frozen"},
		{"a no of the end before is none of this list yet", deed.Answers{Named: 3, Standing: 3}, 1, 200, ""},
		{"nobody", deed.Answers{}, 0, 200, "deed.names"},
		{"more than are served", deed.Answers{Named: 3}, 2, 4, "deed.names"},
		{"more than thirty", deed.Answers{Named: 30}, 1, 200, "deed.names"},
	} {
		if err := b.CheckNames(tt.a, tt.more, tt.people); tt.rule == "" && err != nil || tt.rule != "" && !fault.Is(err, tt.rule) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.rule)
		}
	}
}

func TestAnEndSaysWhenEachMilestoneWasReached(t *testing.T) {
	d := day.MustParse
	open := []deed.Milestone{{Seq: 1, Title: "订货"}, {Seq: 2, Title: "安装"}}
	for _, tt := range []struct {
		first, second day.Date
		fields        []string
	}{
		{d("2021-06-20"), d("2021-07-30"), nil},
		{0, d("2021-07-30"), []string{"reached-1"}},
		{0, 0, []string{"reached-1", "reached-2"}},
		{d("2021-05-31"), d("2021-07-31"), []string{"reached-1", "reached-2"}}, // before the deed, and tomorrow
	} {
		r := deed.Result{Reached: []deed.Reached{{Seq: 1, On: tt.first}, {Seq: 2, On: tt.second}}}
		var got []string
		if err := r.CheckReached(open, d("2021-06-01"), d("2021-07-30")); err != nil {
			got = slices.Sorted(maps.Keys(fault.From(err).Fields))
		}
		if !slices.Equal(got, tt.fields) {
			t.Errorf("reached %s and %s: %v refused, want %v", tt.first, tt.second, got, tt.fields)
		}
	}
}

func TestWhatWasDoneLateStaysLate(t *testing.T) {
	end := day.MustParse("2021-12-20")
	for _, tt := range []struct {
		done day.Date
		want string
	}{{0, ""}, {end, ""}, {end - 30, ""}, {end + 12, "逾期 12 天完成"}} {
		x := deed.Deed{State: deed.Closed, Deadline: end, DoneOn: tt.done}
		if got := x.OverdueWords(); got != tt.want {
			t.Errorf("promised for %s, done on %s: %q, want %q", end, tt.done, got, tt.want)
		}
	}
}

func TestAResultSaysWhomItServesAndHowTheyWereCounted(t *testing.T) {
	b := book(t)
	good := deed.Result{Text: "换好", People: 5, How: "register", Households: 2, Spent: money.Yuan}
	for _, tt := range []struct {
		field         string
		change        func(*deed.Result)
		before, after int64
		same          bool
	}{
		{"", func(*deed.Result) {}, 1, 1, false},
		{"after", func(*deed.Result) {}, 2, 1, true},
		{"people", func(r *deed.Result) { r.People, r.Households = 0, 0 }, 1, 1, false},
		{"how", func(r *deed.Result) { r.How = "" }, 1, 1, false},
		{"how", func(r *deed.Result) { r.How = "guess" }, 1, 1, false},
		{"households", func(r *deed.Result) { r.Households = 6 }, 1, 1, false},
		{"spent", func(r *deed.Result) { r.Spent = -1 }, 1, 1, false},
		{"result", func(r *deed.Result) { r.Text = " " }, 1, 1, false},
		{"result", func(r *deed.Result) { r.Text = "联系王先生13912345678" }, 1, 1, false},
		{"before", func(*deed.Result) {}, 0, 1, false},
		{"after", func(*deed.Result) {}, 1, 0, false},
	} {
		r := good
		tt.change(&r)
		err := b.CheckResult(r, deed.Proofs{Before: tt.before, After: tt.after, Same: tt.same})
		if tt.field == "" && err != nil || tt.field != "" && (err == nil || len(fault.From(err).Fields) != 1 || fault.From(err).Fields[tt.field] == "") {
			t.Errorf("%+v with %d and %d pictures: %v, want %q refused", r, tt.before, tt.after, err, tt.field)
		}
	}
}

func TestMilestonesAreLinesWithTheirDay(t *testing.T) {
	got, err := deed.ParseMilestones("2021-06-30 订货\n\n 2021-07-20　安装 验收 ")
	if err != nil || len(got) != 2 || got[1].Title != "安装 验收" || got[1].Due.String() != "2021-07-20" || got[1].Seq != 2 {
		t.Errorf("milestones = %+v, %v", got, err)
	}
	for _, bad := range []string{"订货 2021-06-30", "2021-06-31 订货", "2021-06-30"} {
		if _, err := deed.ParseMilestones(bad); !fault.Is(err, "deed.milestones") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestALinkIsOneOrderOrOneCase(t *testing.T) {
	for _, tt := range []struct{ order, c, want, rule string }{
		{"hrb-2021001", "", "12345:HRB-2021001", ""},
		{"", "0ABC123", "case:0ABC123", ""},
		{"", "", "", ""},
		{"HRB2021", "0ABC123", "", "deed.link"},
		{"工单", "", "", "deed.link"},
		{"", "x", "", "deed.link"},
	} {
		got, err := deed.Link(tt.order, tt.c)
		if got != tt.want || tt.rule == "" && err != nil || tt.rule != "" && !fault.Is(err, tt.rule) {
			t.Errorf("Link(%q, %q) = %q, %v", tt.order, tt.c, got, err)
		}
	}
}

// TestABrokenRulebookIsRefused breaks the shipped one in each of its parts.
func TestABrokenRulebookIsRefused(t *testing.T) {
	text, err := rulebooks.Files.ReadFile("deed/harbin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range [][2]string{
		{"accept: {value: 5wd", "accept: {value: soon"},
		{"report_day: {value: 25", "report_day: {value: 31"},
		{"calls_min: {value: 3", "calls_min: {value: 0"},
		{"solved_percent: {value: 80", "solved_percent: {value: 101"},
		{"{code: heat, title: 供热保障}", "{code: repair, title: 供热保障}"},
		{"before_min:", "before_most:"},
		{"  plan: {value: 5wd", "  plan: {value: 0wd"},
		{"  close: {", "  shut: {"},
	} {
		broken := strings.Replace(string(text), tt[0], tt[1], 1)
		if broken == string(text) {
			t.Fatalf("the rulebook does not say %q", tt[0])
		}
		if _, err := deed.Parse([]byte(broken)); !fault.Is(err, "rulebook.invalid") {
			t.Errorf("with %q: %v", tt[1], err)
		}
	}
}
