package day

import (
	"sync"
	"time"

	"github.com/6tail/lunar-go/HolidayUtil"
	"github.com/6tail/lunar-go/calendar"
)

// A Calendar knows which days are worked. It doesn't change after it was made
// and may be shared.
type Calendar struct {
	worked map[Date]bool // days that differ from the week: true worked, false free
	known  map[int]bool  // years with a decree
}

// A Year is one year's holiday decree of the State Council (节假日安排的通知): the
// weekdays that are free and the weekend days that are worked instead. Free days
// may reach into the neighbouring years.
type Year struct {
	Year   int
	Free   []Date
	Worked []Date
}

// The years that the library's table of decrees holds completely, and how far
// ahead the statutory days are worked out.
const (
	firstDecree = 2002
	lookAhead   = 2100
)

// DefaultCalendar returns the calendar of the decrees known to the library.
var DefaultCalendar = sync.OnceValue(func() *Calendar { return NewCalendar() })

// NewCalendar returns a calendar of the library's decrees and the given ones. A
// given year replaces the library's.
func NewCalendar(years ...Year) *Calendar {
	c := &Calendar{worked: map[Date]bool{}, known: map[int]bool{}}
	c.addLibrary()
	for _, y := range years {
		for d := range c.worked {
			if d.Year() == y.Year {
				delete(c.worked, d)
			}
		}
	}
	for _, y := range years {
		c.known[y.Year] = true
		for _, d := range y.Free {
			c.worked[d] = false
		}
		for _, d := range y.Worked {
			c.worked[d] = true
		}
	}
	return c
}

// addLibrary fills in the library's decrees, and the statutory days of the
// years after the last of them.
func (c *Calendar) addLibrary() {
	year := firstDecree - 1
	for ; ; year++ {
		list := HolidayUtil.GetHolidaysByYear(year)
		if list.Len() == 0 {
			break
		}
		c.known[year] = year >= firstDecree
		for e := list.Front(); e != nil; e = e.Next() {
			h := e.Value.(*HolidayUtil.Holiday)
			c.worked[MustParse(h.GetDay())] = h.IsWork()
		}
	}
	for ; year < lookAhead; year++ {
		for _, d := range statutory(year) {
			c.worked[d] = false
		}
	}
}

// statutory returns the thirteen free days of a year by the Regulations on
// Public Holidays (全国年节及纪念日放假办法 art. 2, as of 2025-01-01), wherever in
// the week they fall.
func statutory(year int) []Date {
	lunar := func(month, dayOfMonth int) Date {
		s := calendar.NewLunarFromYmd(year, month, dayOfMonth).GetSolar()
		return Of(s.GetYear(), time.Month(s.GetMonth()), s.GetDay())
	}
	spring := lunar(1, 1)
	q := calendar.NewLunarFromYmd(year, 1, 1).GetJieQiTable()["清明"]
	return []Date{
		Of(year, 1, 1),
		spring.AddDays(-1), spring, spring.AddDays(1), spring.AddDays(2),
		Of(q.GetYear(), time.Month(q.GetMonth()), q.GetDay()),
		Of(year, 5, 1), Of(year, 5, 2),
		lunar(5, 5), lunar(8, 15),
		Of(year, 10, 1), Of(year, 10, 2), Of(year, 10, 3),
	}
}

// Known tells whether the year's decree is in the calendar.
func (c *Calendar) Known(year int) bool { return c.known[year] }

// IsWorkday tells whether d is worked.
func (c *Calendar) IsWorkday(d Date) bool {
	if worked, special := c.worked[d]; special {
		return worked
	}
	w := d.Weekday()
	return d != 0 && w != time.Saturday && w != time.Sunday
}

// AddWorkdays returns the n-th working day after d, or before it when n is
// negative; d itself isn't counted. assumed tells that a year without a decree
// was counted through.
func (c *Calendar) AddWorkdays(d Date, n int) (due Date, assumed bool) {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 && d != 0 {
		d = d.AddDays(step)
		assumed = assumed || !c.Known(d.Year())
		if c.IsWorkday(d) {
			n--
		}
	}
	return d, assumed
}

// Workdays counts the working days after from up to and including to: the days
// that a clerk had. It is negative when to lies before from.
func (c *Calendar) Workdays(from, to Date) int {
	if to < from {
		return -c.Workdays(to, from)
	}
	n := 0
	for d := from + 1; d <= to; d++ {
		if c.IsWorkday(d) {
			n++
		}
	}
	return n
}

// NextWorkday returns d if it is worked, or else the first working day after it
// (Civil Code art. 203).
func (c *Calendar) NextWorkday(d Date) (next Date, assumed bool) {
	assumed = d != 0 && !c.Known(d.Year())
	if d == 0 || c.IsWorkday(d) {
		return d, assumed
	}
	next, later := c.AddWorkdays(d, 1)
	return next, assumed || later
}
