package resident

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

func TestRatingsOfTooFewAreWithheld(t *testing.T) {
	for _, tt := range []struct {
		name   string
		called []int64
		want   []string
	}{
		{"enough of all", []int64{5, 9, 30}, nil},
		{"none are none", []int64{0, 0, 9}, nil},
		{"one small and the next smallest", []int64{4, 30, 9}, []string{"0", "2"}},
		{"two small that are enough together", []int64{4, 1, 9}, []string{"0", "1"}},
		{"two small that are not", []int64{1, 1, 9, 8}, []string{"0", "1", "3"}},
		{"a small one alone", []int64{3, 0}, []string{"0"}},
	} {
		var rows []RateRow
		for i, n := range tt.called {
			rows = append(rows, RateRow{strconv.Itoa(i), Rates{Called: n}})
		}
		if got := slices.Sorted(maps.Keys(withhold(rows, 5))); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// PI-3, the differencing test: of ten thousand tables none gives a small group away,
// neither itself nor as what the total has above what is shown.
func TestNoTotalGivesASmallGroupAway(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	hidden := 0
	for range 10_000 {
		small := int64(5 + r.IntN(6))
		var rows []RateRow
		var total int64
		for i := range 1 + r.IntN(8) {
			n := int64(r.IntN(4)) * int64(r.IntN(12))
			rows, total = append(rows, RateRow{strconv.Itoa(i), Rates{Called: n}}), total+n
		}
		out := withhold(rows, small)
		rest, groups := total, 0
		for _, x := range rows {
			if out[x.Key] {
				groups++
				continue
			}
			if x.Called > 0 && x.Called < small {
				t.Fatalf("%+v shows %s", rows, x.Key)
			}
			rest -= x.Called
		}
		if groups > 0 {
			hidden++
		}
		if shown := !tooFew(total, small); shown && groups > 0 && rest < small {
			t.Fatalf("%+v: the total leaves %d of %d groups", rows, rest, groups)
		}
	}
	if hidden < 1000 {
		t.Errorf("only %d tables had to hide something", hidden)
	}
}
