package supervision

import (
	"os"
	"strings"
	"testing"

	"juli/internal/day"
)

func harbin(t *testing.T) *Book {
	t.Helper()
	text, err := os.ReadFile("../../rulebooks/supervision/harbin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhichMeasureMayBeTakenWhen(t *testing.T) {
	b, on := harbin(t), day.MustParse("2021-06-10")
	found := func(violation string) Case {
		return Case{ID: 1, Violation: violation, State: Ordered, Verified: on.AddDays(-9), ReplyDue: on.AddDays(-1), FoundOn: on.AddDays(-10), Body: "district_bureau@230103"}
	}
	waits := found("Q03")
	waits.ReplyDue = on // its last day is still the enterprise's
	replied := waits
	replied.Replied = on.AddDays(-2)
	unverified := found("Q03")
	unverified.Verified = 0
	merged := found("Q03")
	merged.State = Merged
	street := found("S02")
	street.Body = "community@230103001003"
	taken := func(kind string, of Case) Measure {
		return Measure{Kind: kind, Case: of.ID, State: MeasureDone, Decided: on.AddDays(-1), Done: on.AddDays(-1)}
	}
	elsewhere := taken(Deduct, Case{ID: 2})
	refused := taken(Deduct, found("Q03"))
	refused.State = MeasureRefused
	before := taken(Deduct, Case{ID: 2})
	before.Done = on.AddDays(-11) // the day before this fault was found
	for _, tt := range []struct {
		name     string
		c        Case
		kind     string
		taken    []Measure
		repeated int
		want     bool
	}{
		{"points after the term for a reply", found("Q03"), Deduct, nil, 1, true},
		{"not on its last day", waits, Deduct, nil, 1, false},
		{"at once when the enterprise replied", replied, Deduct, nil, 1, true},
		{"nothing before the fault is verified", unverified, Deduct, nil, 1, false},
		{"nothing on a merged case", merged, Deduct, nil, 1, false},
		{"one fact costs points once", found("Q03"), Deduct, []Measure{elsewhere}, 1, false},
		{"what ended before is another fact", found("Q03"), Deduct, []Measure{before}, 1, true},
		{"the same measure twice", found("Q03"), Deduct, []Measure{taken(Deduct, found("Q03"))}, 1, false},
		{"a refused one may be proposed again", found("Q03"), Deduct, []Measure{refused}, 1, true},
		{"one rung after the other", found("Q03"), Summons, nil, 1, false},
		{"the next rung", found("Q03"), Summons, []Measure{taken(Deduct, found("Q03"))}, 1, true},
		{"not two rungs at once", found("Q03"), Circular, []Measure{taken(Deduct, found("Q03"))}, 1, false},
		{"no higher than the severity", found("Q02"), Circular, []Measure{taken(Deduct, found("Q02")), taken(Summons, found("Q02"))}, 1, false},
		{"a rung more for the third time", found("Q02"), Circular, []Measure{taken(Deduct, Case{ID: 2}), taken(Summons, found("Q02"))}, 4, true},
		{"danger may climb at once", found("S01"), Summons, nil, 1, true},
		{"no referral of an ordinary fault", found("Q03"), Referral, []Measure{taken(Penalty, found("Q03"))}, 1, false},
		{"no referral before a penalty", found("H01"), Referral, nil, 1, false},
		{"a penalty for another case is none", found("H01"), Referral, []Measure{taken(Penalty, Case{ID: 2})}, 1, false},
		{"a referral of the gravest once it is to be punished", found("H01"), Referral, []Measure{taken(Penalty, found("H01"))}, 1, true},
		{"no points by a body without an item", street, Deduct, nil, 1, false},
	} {
		c := tt.c
		ok, why := b.May(tt.kind, Standing{Case: &c, Taken: tt.taken, Repeated: tt.repeated}, on)
		if ok != tt.want || ok == (why != "") {
			t.Errorf("%s: %v %q, want %v", tt.name, ok, why, tt.want)
		}
	}
}

func TestTheRulebookIsComplete(t *testing.T) {
	b := harbin(t)
	if len(b.Groups) != 10 || len(b.ExitCodes) != 9 || len(b.Ladder) != 5 {
		t.Errorf("%d groups, %d grounds of exit, %d rungs", len(b.Groups), len(b.ExitCodes), len(b.Ladder))
	}
	for _, g := range b.Groups {
		n := 0
		for _, v := range b.Violations {
			if v.Group == g.Code {
				n++
			}
		}
		if n == 0 {
			t.Errorf("no violation in %s", g.Title)
		}
	}
	if got := b.Terms.Reply.String(); got != "5wd" {
		t.Errorf("reply within %s", got)
	}
}

func TestAClosedCaseMayBeReopenedUntilTheLastDay(t *testing.T) {
	b, on := harbin(t), day.MustParse("2021-03-01")
	c := &Case{State: Closed, ClosedOn: on}
	last := after(on, b.Terms.Reopen)
	if !b.reopenable(c, last) || b.reopenable(c, last.AddDays(1)) {
		t.Errorf("last day %s: %v, the day after: %v", last, b.reopenable(c, last), b.reopenable(c, last.AddDays(1)))
	}
}

// The window in which a fault counts as found again is the rulebook's, and the
// refusal names it.
func TestTheWindowOfRepetitionIsTheRulebooks(t *testing.T) {
	text, err := os.ReadFile("../../rulebooks/supervision/harbin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	today := day.MustParse("2021-06-01")
	for _, tt := range []struct{ window, since, words string }{
		{"12m", "2020-06-01", "12个月内查实1次"},
		{"2y", "2019-06-01", "2年内查实1次"},
		{"90d", "2021-03-03", "90日内查实1次"},
		{"30wd", "", ""},
		{"24h", "", ""},
		{"0m", "", ""},
	} {
		own := strings.Replace(string(text), "window: 12m", "window: "+tt.window, 1)
		b, err := Parse([]byte(own))
		if tt.since == "" {
			if err == nil {
				t.Errorf("%s is taken", tt.window)
			}
			continue
		}
		if err != nil || b.since(today) != day.MustParse(tt.since) {
			t.Errorf("%s before %s begins on %s, %v", tt.window, today, b.since(today), err)
			continue
		}
		c := Case{ID: 1, Violation: "Q02", State: Ordered, Verified: today.AddDays(-9), ReplyDue: today.AddDays(-1), FoundOn: today.AddDays(-10), Body: "district_bureau@230103"}
		_, why := b.May(Circular, Standing{Case: &c, Taken: []Measure{{Kind: Summons, Case: 1, State: MeasureDone, Decided: today.AddDays(-1), Done: today.AddDays(-1)}}, Repeated: 1}, today)
		if !strings.Contains(why, tt.words) {
			t.Errorf("%s: %q does not say %q", tt.window, why, tt.words)
		}
	}
}
