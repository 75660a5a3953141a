package city

import "testing"

// TestTheYearsDeedsServeJustThosePeople: 240 deeds, 69,000 people (2021 city report).
func TestTheYearsDeedsServeJustThosePeople(t *testing.T) {
	for n, want := range map[int]int64{deedsOfYear: 69_000, deedsOfSmall: 6_900} {
		sum := int64(0)
		for i, people := range dealPeople(n) {
			if people <= 0 {
				t.Errorf("deed %d of %d serves %d", i, n, people)
			}
			sum += people
		}
		if sum != want {
			t.Errorf("%d deeds serve %d, want %d", n, sum, want)
		}
	}
}
