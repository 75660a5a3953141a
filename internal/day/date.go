package day

import (
	"database/sql/driver"
	"fmt"
	"time"

	"juli/internal/fault"
)

// Shanghai is the zone of every civil date. China has had one zone without
// summer time since 1992, so it needs no zone file.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// A Date is a civil date between the years 1 and 9999. Dates compare with < and
// subtract to a number of days. The zero Date is none.
type Date int32

// origin is the day before 0001-01-01, in days since 1970.
const origin = -719163

// Of returns a date; like [time.Date] it carries 31 April over to 1 May. Years
// outside 1 to 9999 give none.
func Of(y int, m time.Month, d int) Date {
	return fromUnix(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix())
}

// FromTime returns the date on which an instant falls in China.
func FromTime(t time.Time) Date {
	if t.IsZero() {
		return 0
	}
	y, m, d := t.In(Shanghai).Date()
	return Of(y, m, d)
}

// Parse reads a date written 2026-07-01. The empty text is refused; forms that
// let a date be left out ask before.
func Parse(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return 0, fault.New(fault.Invalid, "day.format", "日期不对，应写成2026-07-01这样的格式，并且确有这一天。")
	}
	return fromUnix(t.Unix()), nil
}

// MustParse is Parse for dates written in the program; it panics on a bad one.
func MustParse(s string) Date {
	d, err := Parse(s)
	if err != nil {
		panic(fmt.Sprintf("day: %q is no date", s))
	}
	return d
}

// fromUnix returns the date of a count of seconds that falls on a UTC midnight.
func fromUnix(seconds int64) Date {
	const first, last = 1, 3652059 // 0001-01-01 and 9999-12-31
	if n := seconds/86400 - origin; n >= first && n <= last {
		return Date(n)
	}
	return 0
}

// utc is the date's midnight in UTC, for calendar arithmetic.
func (d Date) utc() time.Time { return time.Unix((int64(d)+origin)*86400, 0).UTC() }

// IsZero tells that d is no date.
func (d Date) IsZero() bool { return d == 0 }

// String writes 2026-07-01, or nothing for none.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.utc().Format(time.DateOnly)
}

// Chinese writes 2026年7月1日, or nothing for none.
func (d Date) Chinese() string {
	if d == 0 {
		return ""
	}
	return d.utc().Format("2006年1月2日")
}

// Time is the instant at which the day begins in China. None gives the zero time.
func (d Date) Time() time.Time {
	if d == 0 {
		return time.Time{}
	}
	y, m, n := d.utc().Date()
	return time.Date(y, m, n, 0, 0, 0, 0, Shanghai)
}

// Year is the date's year.
func (d Date) Year() int { return d.utc().Year() }

// Month is the date's month.
func (d Date) Month() time.Month { return d.utc().Month() }

// Day is the date's day of the month.
func (d Date) Day() int { return d.utc().Day() }

// Weekday is the date's day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// AddDays returns the date n days later. None stays none.
func (d Date) AddDays(n int) Date {
	if d == 0 {
		return 0
	}
	return fromUnix(d.utc().AddDate(0, 0, n).Unix())
}

// AddMonths returns the same day n months later, or that month's last day where
// it has no such day (Civil Code art. 202).
func (d Date) AddMonths(n int) Date {
	if d == 0 {
		return 0
	}
	y, m, dd := d.utc().Date()
	last := time.Date(y, m+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC)
	return Of(last.Year(), last.Month(), min(dd, last.Day()))
}

// AddYears is AddMonths by whole years: 29 February becomes 28 February.
func (d Date) AddYears(n int) Date { return d.AddMonths(12 * n) }

// FirstOfMonth is the first day of the date's month.
func (d Date) FirstOfMonth() Date {
	if d == 0 {
		return 0
	}
	return Of(d.Year(), d.Month(), 1)
}

// LastOfMonth is the last day of the date's month.
func (d Date) LastOfMonth() Date {
	if d == 0 {
		return 0
	}
	return Of(d.Year(), d.Month()+1, 0)
}

// Value stores the date as text, none as NULL.
func (d Date) Value() (driver.Value, error) {
	if d == 0 {
		return nil, nil
	}
	return d.String(), nil
}

// Scan reads what Value stored.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = 0
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	}
	return fmt.Errorf("day: cannot read a date from %T", src)
}

// MarshalText writes 2026-07-01, none as empty text; JSON and YAML use it.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	parsed, err := Parse(string(b))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
