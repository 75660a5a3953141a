package resident

import (
	"fmt"
	"os"
	"testing"

	"juli/internal/authz"
)

func shipped(t *testing.T) *Book {
	t.Helper()
	text, err := os.ReadFile("../../rulebooks/resident/harbin-2021.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheExamplesOfTheShippedBookHold(t *testing.T) {
	results := RunExamples(shipped(t))
	if len(results) != 2 {
		t.Fatalf("%d examples, want L7 and L8", len(results))
	}
	for _, r := range results {
		if !r.OK {
			t.Errorf("%s: got %s, want %s", r.ID, r.Got, r.Expected)
		}
	}
}

func TestTheHotlineOfFiveDistrictsClosedWhatWasPublished(t *testing.T) {
	for _, tt := range []struct { // G2 of the reference
		district         string
		received, closed int64
		want             string
	}{{"道里", 312, 272, "87"}, {"道外", 317, 258, "81"}, {"南岗", 420, 310, "74"}, {"香坊", 409, 340, "83"}, {"松北", 111, 98, "88"}} {
		if got := (Share{tt.closed, tt.received}).Percent(0); got != tt.want {
			t.Errorf("%s: %s%%, want %s%%", tt.district, got, tt.want)
		}
	}
}

func TestARateOfNothingIsNoRate(t *testing.T) {
	w := Weights{2000, 4000, 4000}
	r := Rates{Received: 10, InTime: 9}
	if r.Response().Percent(1) != "90.0" || r.Solution().Known() || r.Solution().Percent(1) != "" || r.Composite(w) != "" {
		t.Errorf("response %q, solution %q, composite %q", r.Response().Percent(1), r.Solution().Percent(1), r.Composite(w))
	}
	r = Rates{Received: 500, InTime: 492, Called: 480, Solved: 402, Satisfied: 421}
	if got := r.Composite(w); got != "88.3" { // 0.2×98.4 + 0.4×83.75 + 0.4×87.708
		t.Errorf("composite = %s", got)
	}
}

func TestANumberFindsMistypedAndSwappedDigits(t *testing.T) {
	n := Number(2026, 123)
	if !ValidNumber(n) || n[:12] != "2026-000123-" {
		t.Fatalf("number %q", n)
	}
	wrong, swapped := 0, 0
	for i := range len(n) {
		if n[i] == '-' {
			continue
		}
		for d := byte('0'); d <= '9'; d++ {
			if d != n[i] && ValidNumber(n[:i]+string(d)+n[i+1:]) {
				wrong++
			}
		}
		if i+1 < len(n) && n[i+1] != '-' && n[i] != n[i+1] && ValidNumber(n[:i]+string(n[i+1])+string(n[i])+n[i+2:]) {
			swapped++
		}
	}
	if wrong != 0 || swapped != 0 || ValidNumber("2026-000123") || ValidNumber("") {
		t.Errorf("%d mistyped and %d swapped numbers pass", wrong, swapped)
	}
}

func TestTheBookRoutesByTopicAndPlace(t *testing.T) {
	b := shipped(t)
	for _, tt := range []struct {
		class, topic string
		managed      bool
		to, review   authz.Role
		direct       bool
		term         string
	}{
		{"HELP", "door", true, authz.Enterprise, authz.Community, true, "5wd"},
		{"COMPLAINT", "clean", true, authz.Enterprise, authz.Community, true, "13wd"},
		{"CONSULT", "fees", true, authz.Enterprise, authz.Subdistrict, false, "3wd"},
		{"COMPLAINT", "clean", false, authz.Community, authz.Subdistrict, false, "13wd"},
		{"HELP", "heat", true, authz.DistrictBureau, authz.Subdistrict, false, "3wd"},
		{"HELP", "committee", false, authz.Committee, authz.Subdistrict, true, "3wd"},
	} {
		r := b.RouteOf(tt.class, tt.topic, tt.managed)
		got := fmt.Sprintln(r.To, r.Review, r.Direct, b.AnswerTerm(r, tt.class))
		if want := fmt.Sprintln(tt.to, tt.review, tt.direct, tt.term); got != want {
			t.Errorf("%s %s managed %v: %s, want %s", tt.class, tt.topic, tt.managed, got, want)
		}
	}
	if b.guess("单元门坏了三天") != "door" || b.guess("没有线索的话") != "other" {
		t.Error("a topic was not recognised by its words")
	}
}
