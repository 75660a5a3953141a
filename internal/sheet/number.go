package sheet

import (
	"strconv"
	"strings"

	"juli/internal/day"
)

// exactDigits is how many digits of a number Excel keeps and shows.
const exactDigits = 15

// storedNumber makes a plain decimal of the text of a numeric cell. Files store
// binary numbers with 17 digits and exponents ("1.0999999999999999E-2" is what
// the user typed as 0.011); the text is rounded to the 15 digits that Excel
// shows, digit by digit. lost tells that a whole number had more digits than
// that, so that its last ones are gone, as with an 18-digit code typed as a number.
func storedNumber(s string) (plain string, lost, ok bool) {
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(s[i+1:])
		if err != nil || n < -400 || n > 400 {
			return "", false, false
		}
		mantissa, exponent = s[:i], n
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, frac, _ := strings.Cut(mantissa, ".")
	digits := whole + frac
	if digits == "" || len(digits) > 400 || strings.Trim(digits, "0123456789") != "" {
		return "", false, false
	}
	point := len(whole) + exponent // digits before the decimal point
	kept := strings.TrimLeft(digits, "0")
	point -= len(digits) - len(kept)
	kept, carried := roundDigits(kept)
	point += carried
	kept = strings.TrimRight(kept, "0")
	if kept == "" {
		return "0", false, true
	}
	switch {
	case point > 30 || point < -30:
		return "", false, false
	case point <= 0:
		plain = "0." + strings.Repeat("0", -point) + kept
	case point >= len(kept):
		plain = kept + strings.Repeat("0", point-len(kept))
	default:
		plain = kept[:point] + "." + kept[point:]
	}
	if negative {
		plain = "-" + plain
	}
	return plain, point > exactDigits, true
}

// roundDigits rounds a run of digits half up to exactDigits; carried is 1 when
// that made it a digit longer.
func roundDigits(digits string) (kept string, carried int) {
	if len(digits) <= exactDigits {
		return digits, 0
	}
	b := []byte(digits[:exactDigits])
	if digits[exactDigits] < '5' {
		return string(b), 0
	}
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] != '9' {
			b[i]++
			return string(b), 0
		}
		b[i] = '0'
	}
	return "1" + string(b), 1
}

// Days between which a date can lie.
var (
	dateMin = day.Of(1850, 1, 1)
	dateMax = day.Of(2199, 12, 31)
)

// serialDate is the day of a date serial (ECMA-376 §18.17.4.1): days since the
// eve of 1900, in which Excel counts a 29 February 1900 that never was, or since
// 1 January 1904. A serial with a time of day isn't a day.
func serialDate(plain string, epoch1904 bool) (day.Date, bool) {
	n, err := strconv.Atoi(plain)
	if err != nil || n < 1 || n > 2_958_465 {
		return 0, false
	}
	var d day.Date
	switch {
	case epoch1904:
		d = day.Of(1904, 1, 1).AddDays(n)
	case n < 60:
		d = day.Of(1899, 12, 31).AddDays(n)
	case n == 60:
		return 0, false
	default:
		d = day.Of(1899, 12, 30).AddDays(n)
	}
	return d, d >= dateMin && d <= dateMax
}

// dateSerial is the serial of a day, or false for days that Excel cannot show.
func dateSerial(d day.Date) (int64, bool) {
	first := day.Of(1900, 3, 1)
	if d < first {
		return 0, false
	}
	return int64(d) - int64(first) + 61, true
}

// typedDate reads a date as people write it: 2021-06-01, 2021/6/1, 2021.6.1,
// 2021年6月1日, 20210601, with an empty time of day at most.
func typedDate(s string) (day.Date, bool) {
	if head, clock, ok := cutClock(s); ok {
		if strings.Trim(clock, "0:.") != "" {
			return 0, false
		}
		s = head
	}
	if len(s) == 8 && strings.Trim(s, "0123456789") == "" {
		s = s[:4] + "-" + s[4:6] + "-" + s[6:]
	}
	s = strings.TrimSuffix(s, "日")
	s = strings.NewReplacer("年", "-", "月", "-", "/", "-", ".", "-").Replace(s)
	parts := strings.Split(s, "-")
	if len(parts) != 3 || len(parts[0]) != 4 {
		return 0, false
	}
	for i := 1; i < 3; i++ {
		switch len(parts[i]) {
		case 1:
			parts[i] = "0" + parts[i]
		case 2:
		default:
			return 0, false
		}
	}
	d, err := day.Parse(strings.Join(parts, "-"))
	return d, err == nil && d >= dateMin && d <= dateMax
}

// cutClock separates a time of day, as in "2021-06-01 00:00:00" and "…T00:00:00Z".
func cutClock(s string) (head, clock string, ok bool) {
	i := strings.IndexAny(s, " T")
	if i < 0 || !strings.Contains(s[i:], ":") {
		return s, "", false
	}
	return s[:i], strings.TrimSuffix(strings.TrimSpace(s[i+1:]), "Z"), true
}
