package listing

import (
	"testing"

	"juli/internal/day"
	"juli/internal/db"
)

// TestNoDayIsLeftOutOfTheLists: the program's next batch begins with the first day that
// no batch has judged, whatever somebody opened and left, and not before its turn.
func TestNoDayIsLeftOutOfTheLists(t *testing.T) {
	b := shipped(t)
	batch := func(from, to, state string, sides Side, theme string) Batch {
		return Batch{From: on(from), To: on(to), State: state, Sides: sides, Theme: theme}
	}
	first := batch("2021-06-02", "2021-08-02", Published, Both, "DAILY")
	program := batch("2021-08-03", "2021-10-02", Collecting, Both, "DAILY")
	program.Automatic = true
	ended := program
	ended.State = Abandoned
	for _, tt := range []struct {
		name  string
		today string
		all   []Batch
		from  string
		to    string
	}{
		{"before the first", "2021-10-03", nil, "", ""},
		{"the last day of the interval", "2021-10-02", []Batch{first}, "", ""},
		{"the day after", "2021-10-03", []Batch{first}, "2021-08-03", "2021-10-02"},
		{"the first counts while it runs", "2021-10-03", []Batch{batch("2021-06-02", "2021-08-02", Collecting, Both, "DAILY")}, "2021-08-03", "2021-10-02"},
		{"one of red lists, for one day, is left collecting", "2021-10-03", []Batch{first, batch("2021-10-02", "2021-10-02", Collecting, Red, "DAILY")}, "2021-08-03", "2021-10-02"},
		{"the same of both lists", "2021-10-03", []Batch{first, batch("2021-10-02", "2021-10-02", Collecting, Both, "DAILY")}, "2021-08-03", "2021-10-02"},
		{"the whole time is left collecting", "2021-10-03", []Batch{first, batch("2021-08-03", "2021-10-02", Collecting, Both, "DAILY")}, "2021-08-03", "2021-10-02"},
		{"one day was published, the days before it not", "2021-10-03", []Batch{first, batch("2021-10-02", "2021-10-02", Published, Both, "DAILY")}, "2021-08-03", "2021-10-02"},
		{"red lists were published", "2021-10-03", []Batch{first, batch("2021-08-03", "2021-10-02", Published, Red, "DAILY")}, "2021-08-03", "2021-10-02"},
		{"people judged the time themselves", "2021-10-03", []Batch{first, batch("2021-07-20", "2021-09-20", Replying, Both, "FLOOD")}, "", ""},
		{"the program's own is collecting", "2021-10-03", []Batch{first, program}, "", ""},
		{"the program's own was ended: its days come with the next", "2021-10-03", []Batch{first, ended}, "", ""},
		{"an interval later", "2021-12-03", []Batch{first, ended}, "2021-08-03", "2021-12-02"},
	} {
		for i := range tt.all {
			tt.all[i].ID = db.ID(i + 1)
		}
		from, to := b.Due(tt.all, on(tt.today), day.DefaultCalendar())
		text := func(d day.Date) string {
			if d == 0 {
				return ""
			}
			return d.String()
		}
		if text(from) != tt.from || text(to) != tt.to {
			t.Errorf("%s: from %s to %s, want %s to %s", tt.name, text(from), text(to), tt.from, tt.to)
		}
	}
}
