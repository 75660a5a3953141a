package day_test

import (
	"encoding/json"
	"testing"
	"time"

	"juli/internal/day"
	"juli/internal/fault"
)

func d(s string) day.Date { return day.MustParse(s) }

func TestDates(t *testing.T) {
	if got := day.Of(2026, 7, 1); got.String() != "2026-07-01" || got.Chinese() != "2026年7月1日" {
		t.Errorf("Of = %v, %s", got, got.Chinese())
	}
	if got := d("0001-01-01"); got != 1 {
		t.Errorf("the first day is number %d", int(got))
	}
	if got := d("9999-12-31").AddDays(1); got != 0 {
		t.Errorf("the day after the last is %v", got)
	}
	if d("2026-03-01")-d("2026-02-28") != 1 || d("2026-03-01") < d("2026-02-28") {
		t.Error("dates don't subtract or compare")
	}
	if got := d("2026-02-10"); got.FirstOfMonth() != d("2026-02-01") || got.LastOfMonth() != d("2026-02-28") {
		t.Errorf("month of %v: %v to %v", got, got.FirstOfMonth(), got.LastOfMonth())
	}
	for _, s := range []string{"", "2026-7-1", "2026-02-29", "2026-13-01", "20260701", "2026-07-01 ", "0000-01-01", "２０２６-07-01"} {
		if got, err := day.Parse(s); !fault.Is(err, "day.format") {
			t.Errorf("Parse(%q) = %v, %v", s, got, err)
		}
	}
}

// A day begins at midnight in China, wherever the server stands.
func TestDayOfAnInstant(t *testing.T) {
	at := time.Date(2026, 6, 30, 16, 0, 0, 0, time.UTC)
	if got := day.FromTime(at); got != d("2026-07-01") {
		t.Errorf("16:00 UTC is %v", got)
	}
	if got := day.FromTime(at.Add(-time.Millisecond)); got != d("2026-06-30") {
		t.Errorf("a moment before is %v", got)
	}
	if got := d("2026-07-01").Time(); !got.Equal(at) {
		t.Errorf("the day begins at %v", got.UTC())
	}
	var none day.Date
	if !none.Time().IsZero() || day.FromTime(time.Time{}) != 0 || none.AddDays(3) != 0 || none.AddMonths(1) != 0 || none.LastOfMonth() != 0 {
		t.Error("none doesn't stay none")
	}
}

// Civil Code art. 202: the same day, or the month's last.
func TestMonthsClamp(t *testing.T) {
	for _, tt := range []struct {
		from   string
		months int
		want   string
	}{
		{"2026-01-31", 1, "2026-02-28"},
		{"2024-01-31", 1, "2024-02-29"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2026-08-31", 6, "2027-02-28"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-12-15", 1, "2027-01-15"},
		{"2026-01-15", -13, "2024-12-15"},
	} {
		if got := d(tt.from).AddMonths(tt.months); got != d(tt.want) {
			t.Errorf("%s + %d months = %v, want %s", tt.from, tt.months, got, tt.want)
		}
	}
}

func TestStoredForms(t *testing.T) {
	type form struct {
		At   day.Date          `json:"at"`
		None day.Date          `json:"none"`
		Term day.Term          `json:"term"`
		By   map[day.Date]bool `json:"by"`
	}
	const text = `{"at":"2026-07-01","none":"","term":"10wd","by":{"2026-07-02":true}}`
	in := form{At: d("2026-07-01"), Term: day.MustTerm("10wd"), By: map[day.Date]bool{d("2026-07-02"): true}}
	b, err := json.Marshal(in)
	if err != nil || string(b) != text {
		t.Errorf("Marshal = %s, %v", b, err)
	}
	var out form
	if err := json.Unmarshal(b, &out); err != nil || out.At != in.At || out.None != 0 || out.Term != in.Term {
		t.Errorf("Unmarshal = %+v, %v", out, err)
	}
	for _, date := range []day.Date{0, in.At} {
		v, err := date.Value()
		var back day.Date
		if err != nil || back.Scan(v) != nil || back != date {
			t.Errorf("stored %v as %v, read %v, %v", date, v, back, err)
		}
	}
	var back day.Date
	if back.Scan(42) == nil || back.Scan("soon") == nil || back.Scan([]byte("2026-07-01")) != nil || back != in.At {
		t.Error("Scan takes what it shouldn't, or not what it should")
	}
}

func TestWorkdays(t *testing.T) {
	c := day.DefaultCalendar()
	for _, tt := range []struct {
		day  string
		want bool
		why  string
	}{
		{"2021-06-01", true, "a Tuesday"},
		{"2021-06-05", false, "a Saturday"},
		{"2021-02-11", false, "Spring Festival eve"},
		{"2021-02-20", true, "a Saturday worked for the Spring Festival"},
		{"2021-10-07", false, "National Day week"},
		{"2026-10-01", false, "National Day"},
		{"2026-10-10", true, "a Saturday worked for National Day"},
		{"2027-01-01", false, "New Year, by statute"},
		{"2027-02-05", false, "Spring Festival eve, by statute"},
		{"2027-02-08", false, "third day of the new year, by statute"},
		{"2027-04-05", false, "Qingming, by statute"},
		{"2027-06-09", false, "Dragon Boat, by statute"},
		{"2027-09-15", false, "Mid-Autumn, by statute"},
		{"2027-03-01", true, "a Monday"},
	} {
		if got := c.IsWorkday(d(tt.day)); got != tt.want {
			t.Errorf("IsWorkday(%s) = %v: %s", tt.day, got, tt.why)
		}
	}
	if c.IsWorkday(0) {
		t.Error("no day is worked")
	}
	for year, want := range map[int]bool{2001: false, 2002: true, 2021: true, 2026: true, 2027: false} {
		if c.Known(year) != want {
			t.Errorf("Known(%d) = %v", year, !want)
		}
	}
	if got := c.Workdays(d("2021-09-30"), d("2021-10-11")); got != 3 {
		t.Errorf("three days are worked around National Day 2021 (8, 9 and 11 October), not %d", got)
	}
	if got := c.Workdays(d("2021-10-11"), d("2021-09-30")); got != -3 {
		t.Errorf("backwards it is %d", got)
	}
}

func TestDue(t *testing.T) {
	c := day.DefaultCalendar()
	for _, tt := range []struct {
		start, term, want string
		assumed           bool
		why               string
	}{
		{"2021-06-01", "7d", "2021-06-08", false, "art. 201: the first day isn't counted"},
		{"2021-06-01", "4d", "2021-06-07", false, "art. 203: Saturday moves to Monday"},
		{"2021-09-24", "7d", "2021-10-08", false, "art. 203: past the whole holiday"},
		{"2021-09-11", "7d", "2021-09-18", false, "a worked Saturday doesn't move"},
		{"2021-06-01", "10wd", "2021-06-16", false, "Dragon Boat day is not counted"},
		{"2021-09-30", "2wd", "2021-10-09", false, "a worked Saturday counts"},
		{"2020-12-31", "2m", "2021-03-01", false, "art. 202, then art. 203 past a Sunday"},
		{"2020-02-29", "1y", "2021-03-01", false, "art. 202, then past a Sunday"},
		{"2026-12-25", "10wd", "2027-01-11", true, "into a year without a decree"},
		{"2026-12-01", "7d", "2026-12-08", false, "inside the last decree"},
		{"2026-12-26", "7d", "2027-01-04", true, "moved within an unknown year"},
		{"2026-12-01", "1m", "2027-01-04", true, "New Year by statute"},
		{"2026-12-20", "36h", "2026-12-22", false, "the days that the hours begin"},
		{"2021-06-02", "0d", "2021-06-02", false, "at once"},
	} {
		due, assumed := c.Due(d(tt.start), day.MustTerm(tt.term))
		if due != d(tt.want) || assumed != tt.assumed {
			t.Errorf("%s + %s = %v, assumed %v, want %s, %v: %s", tt.start, tt.term, due, assumed, tt.want, tt.assumed, tt.why)
		}
	}
	if end, _ := c.End(d("2021-06-01"), day.MustTerm("4d")); end != d("2021-06-05") {
		t.Errorf("art. 204: an agreed term ends on %v", end)
	}
	if before, _ := c.AddWorkdays(d("2021-10-08"), -1); before != d("2021-09-30") {
		t.Errorf("the working day before is %v", before)
	}
}

// Art. 201 and 203: hours run from the hour, days to the end of the last one.
func TestUntil(t *testing.T) {
	c := day.DefaultCalendar()
	start := time.Date(2021, 10, 1, 9, 30, 0, 0, day.Shanghai)
	if end, _ := c.Until(start, day.MustTerm("24h")); !end.Equal(start.Add(24 * time.Hour)) {
		t.Errorf("24 hours end at %v", end)
	}
	if end, _ := c.Until(start, day.MustTerm("3d")); !end.Equal(d("2021-10-09").Time()) {
		t.Errorf("three days end at %v", end)
	}
}

// A decree that appears later replaces what was assumed.
func TestDecreesAreData(t *testing.T) {
	c := day.NewCalendar(day.Year{Year: 2027, Free: []day.Date{d("2027-01-01"), d("2027-02-09")}, Worked: []day.Date{d("2027-01-09")}})
	if !c.Known(2027) || c.IsWorkday(d("2027-02-09")) || !c.IsWorkday(d("2027-01-09")) {
		t.Error("the decree isn't followed")
	}
	if !c.IsWorkday(d("2027-02-08")) {
		t.Error("an assumed holiday survives the decree")
	}
	if due, assumed := c.Due(d("2026-12-25"), day.MustTerm("10wd")); due != d("2027-01-09") || assumed {
		t.Errorf("due %v, assumed %v", due, assumed)
	}
	if day.DefaultCalendar().Known(2027) {
		t.Error("calendars share their days")
	}
}

func TestTermsThatAreRefused(t *testing.T) {
	for _, s := range []string{"", "d", "10", "-1d", "01d", "1.5d", "10 wd", "99999d", "3x"} {
		if got, err := day.ParseTerm(s); !fault.Is(err, "day.term") {
			t.Errorf("ParseTerm(%q) = %v, %v", s, got, err)
		}
	}
	if got := day.MustTerm("10wd").Chinese(); got != "10个工作日" {
		t.Errorf("Chinese = %s", got)
	}
}

// FuzzParse checks that a date that is read is written back as it was.
func FuzzParse(f *testing.F) {
	f.Add("2026-07-01")
	f.Add("0001-01-01")
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := day.Parse(s); err == nil && got.String() != s {
			t.Errorf("%q is written back as %q", s, got)
		}
	})
}

// FuzzDue checks the calendar's promises for any start: a due day is worked,
// never before its start, and a longer term is never due earlier.
func FuzzDue(f *testing.F) {
	f.Add(int32(737942), uint16(10), uint8(1))
	f.Fuzz(func(t *testing.T, start int32, n uint16, unit uint8) {
		from := day.Date(start)
		if from < d("1990-01-01") || from > d("2090-01-01") {
			return
		}
		c := day.DefaultCalendar()
		term := day.Term{N: int(n % 500), Unit: day.Unit(unit % 2)}
		due, _ := c.Due(from, term)
		if due < from || term.N > 0 && !c.IsWorkday(due) {
			t.Errorf("%v + %v = %v", from, term, due)
		}
		term.N++
		if later, _ := c.Due(from, term); later < due {
			t.Errorf("%v + %v = %v, earlier than %v", from, term, later, due)
		}
	})
}
