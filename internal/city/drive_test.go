package city

import (
	"testing"
	"time"

	"juli/internal/day"
)

func TestTheDemoCityShowsTheTimeOfDayOfBeijing(t *testing.T) {
	on := day.MustParse("2021-12-31")
	for _, c := range []struct{ now, want string }{
		{"2026-11-27T02:30:00Z", "2021-12-31T10:30:00+08:00"},
		{"2026-11-27T10:30:00+08:00", "2021-12-31T10:30:00+08:00"},
		{"2026-11-26T16:00:00Z", "2021-12-31T00:00:00+08:00"},
		{"2026-11-26T10:59:59-05:00", "2021-12-31T23:59:59+08:00"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := sameTimeOn(on, now).In(day.Shanghai).Format(time.RFC3339); got != c.want {
			t.Errorf("at %s the city shows %s, want %s", c.now, got, c.want)
		}
	}
}
