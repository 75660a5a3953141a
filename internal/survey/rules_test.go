package survey

import (
	"slices"
	"strings"
	"testing"

	"juli/internal/money"
	"juli/rulebooks"
)

func shipped(t testing.TB) *Book {
	t.Helper()
	text, err := rulebooks.Files.ReadFile("survey/harbin-2020.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The sizes are those of the usual formula: z = 1.96, e = 0.1, so n₀ = 96.04.
func TestTheSampleFollowsFromHomesMarginAndConfidence(t *testing.T) {
	b := shipped(t)
	for _, tt := range []struct {
		homes, needed, drawn int64
		renovated            bool
		drawnRenovated       int64
	}{
		{homes: 1, needed: 1, drawn: 1, drawnRenovated: 1},
		{homes: 12, needed: 11, drawn: 12, drawnRenovated: 12}, // 10.76
		{homes: 300, needed: 73, drawn: 146, drawnRenovated: 300},
		{homes: 800, needed: 86, drawn: 172, drawnRenovated: 800},
		{homes: 100_000, needed: 96, drawn: 192, drawnRenovated: 100_000},
	} {
		if n := b.Needed(tt.homes); n != tt.needed {
			t.Errorf("%d homes: %d needed, want %d", tt.homes, n, tt.needed)
		}
		if n := b.Drawn(tt.homes, false); n != tt.drawn {
			t.Errorf("%d homes: %d drawn, want %d", tt.homes, n, tt.drawn)
		}
		if n := b.Drawn(tt.homes, true); n != tt.drawnRenovated {
			t.Errorf("%d homes of a renovated estate: %d drawn, want %d", tt.homes, n, tt.drawnRenovated)
		}
	}
}

// The first draw was done with sha256sum: for i in $(seq 10); do printf a:$i | sha256sum; done | sort.
func TestTheDrawIsTheSeedsAndNobodyElses(t *testing.T) {
	got := Draw("a", 10, 3)
	if !slices.Equal(got, []int64{1, 7, 8}) {
		t.Errorf("draw = %v, want 1 7 8", got)
	}
	seen := map[int64]int{}
	for seed := range 4000 {
		for _, h := range Draw(count(int64(seed)), 20, 5) {
			seen[h]++
		}
	}
	for h := int64(1); h <= 20; h++ { // 1,000 each, give or take four standard deviations
		if seen[h] < 890 || seen[h] > 1110 {
			t.Errorf("home %d was drawn %d times of 4000, want about 1000", h, seen[h])
		}
	}
	if DrawDigest(got) != "de7db569f7fdee96b312884b5555ec9c73de293b3ba4b363c7336ffc1108bc20" { // printf '1\n7\n8\n' | sha256sum
		t.Errorf("digest = %s", DrawDigest(got))
	}
	if all := Draw("x", 4, 9); len(all) != 4 || all[0] != 1 || all[3] != 4 {
		t.Errorf("more than there are: %v", all)
	}
}

// The bounds were computed with Wilson's formula in 40 decimal digits.
func TestTheIntervalIsWilsonsRoundedOutwards(t *testing.T) {
	z := money.Points(19_600)
	for _, tt := range []struct{ k, n, low, high int64 }{
		{0, 0, 0, 1_000_000},
		{0, 10, 0, 277_541},
		{10, 10, 722_459, 1_000_000},
		{5, 10, 236_589, 763_411},
		{240, 412, 534_357, 629_167},
		{90, 100, 825_632, 944_772},
	} {
		low, high := Interval(tt.k, tt.n, z)
		if int64(low) != tt.low || int64(high) != tt.high {
			t.Errorf("%d of %d: %d–%d, want %d–%d", tt.k, tt.n, low, high, tt.low, tt.high)
		}
	}
	for n := int64(1); n <= 60; n++ { // it holds the share, and is the other way round for the others
		for k := int64(0); k <= n; k++ {
			low, high := Interval(k, n, z)
			l, h := Interval(n-k, n, z)
			if share := Share(k, n); low > share || high < share || low != 100*money.Point-h || high != 100*money.Point-l {
				t.Errorf("%d of %d = %s: %s–%s against %s–%s", k, n, share, low, high, l, h)
			}
		}
	}
}

func TestAnswersAreCountedAsTheRulebookSays(t *testing.T) {
	b := shipped(t)
	all := b.Count([]string{"555555", "444444", "333333", "000000", "215043"})
	if all.Answered != 5 || all.Rated != 4 || all.Satisfied != 2 {
		t.Errorf("answered %d, rated %d, satisfied %d", all.Answered, all.Rated, all.Satisfied)
	}
	// overall (100+80+60+30)/4=67.5, clean (100+80+60+0)/4=60, order (100+80+60+100)/4=85,
	// repair (100+80+60)/3=80, manner (100+80+60+80)/4=80, open (100+80+60+60)/4=75:
	// 27 + 9 + 12.75 + 12 + 8 + 3.75
	if all.Score != 72.5*10_000 {
		t.Errorf("score = %s, want 72.5", all.Score)
	}
	if none := b.Count([]string{"000000"}); none.Score != 0 || none.Rated != 0 || none.Answered != 1 {
		t.Errorf("nobody has an opinion: %+v", none)
	}
	if s := Share(2, 3); s != 666_700 {
		t.Errorf("2 of 3 = %s, want 66.67", s)
	}
}

// lifecycle.md R01 and rows 24 and 25: 412 of 800 homes, 240 satisfied.
func TestTheGuidanceForRenovatedEstates(t *testing.T) {
	b := shipped(t)
	for _, tt := range []struct {
		name                       string
		homes, answered, satisfied int64
		covered, may               bool
	}{
		{"R01", 800, 412, 240, true, true},
		{"49.9 percent are not enough", 1000, 499, 100, false, false},
		{"half is enough", 1000, 500, 299, true, true},
		{"exactly 60 percent do not trigger", 1000, 500, 300, true, false},
	} {
		covered, may := b.Dismissal(tt.homes, Tally{Answered: tt.answered, Satisfied: tt.satisfied})
		if covered != tt.covered || may != tt.may {
			t.Errorf("%s: covered %v, may %v", tt.name, covered, may)
		}
	}
	if Share(240, 412) != 582_500 || Share(412, 800) != 515_000 {
		t.Errorf("R01: %s and %s, want 58.25 and 51.5", Share(240, 412), Share(412, 800))
	}
}

func TestHowManyPaperAnswersAreReadAgain(t *testing.T) {
	b := shipped(t)
	for _, tt := range []struct{ paper, done, different, want int64 }{
		{0, 0, 0, 0}, {3, 0, 0, 3}, {40, 0, 0, 5}, {91, 0, 0, 10}, {91, 10, 0, 10}, {91, 10, 1, 91}, {400, 40, 2, 40}, {400, 40, 3, 400},
	} {
		if n := b.ToCheck(tt.paper, tt.done, tt.different); n != tt.want {
			t.Errorf("%d papers, %d read, %d different: %d, want %d", tt.paper, tt.done, tt.different, n, tt.want)
		}
	}
}

func TestARulebookOfSurveysIsChecked(t *testing.T) {
	good, err := rulebooks.Files.ReadFile("survey/harbin-2020.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"weights that make no whole": {"weight: 0.4}", "weight: 0.5}"},
		"choices out of order":       {"points: 80}", "points: 100}"},
		"a choice twice":             {`code: "4"`, `code: "5"`},
		"a margin of nothing":        {"margin: 0.1", "margin: 0"},
		"a share above one":          {"share: 0.1", "share: 1.1"},
		"everybody is satisfied":     {"satisfied: 2", "satisfied: 6"},
		"a quantile of nothing":      {"value: 1.96", "value: 0.5"},
		"an unknown key":             {"days: 30", "days: 30\nfoo: 1"},
	} {
		text := strings.Replace(string(good), change[0], change[1], 1)
		if text == string(good) {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestMoreThanAFifthThatDiffersIsDoubtful(t *testing.T) {
	b := shipped(t)
	for _, tt := range []struct {
		r    Reread
		want bool
	}{{Reread{}, false}, {Reread{Checked: 5, Differed: 1}, false}, {Reread{Checked: 9, Differed: 2}, true}, {Reread{Checked: 7, Differed: 7}, true}} {
		if got := b.Doubtful(tt.r); got != tt.want {
			t.Errorf("%+v: doubtful %v, want %v", tt.r, got, tt.want)
		}
	}
}
