package money

import (
	"math"
	"strconv"
	"strings"

	"juli/internal/fault"
)

// A Fen is an amount of money in fen (0.01 yuan).
type Fen int64

// An Area is a floor area in hundredths of a square metre.
type Area int64

// Points are credit points or weights in ten-thousandths of a point.
type Points int64

// Yuan is one yuan, a square metre and a point in their units.
const (
	Yuan        Fen    = 100
	SquareMetre Area   = 100
	Point       Points = 10_000
)

// ParseFen reads an amount in yuan: an optional minus, digits without leading
// zeros or separators, and at most two decimals.
func ParseFen(s string) (Fen, error) {
	n, err := parse(s, 2, true, "金额", "1234.50")
	return Fen(n), err
}

// ParseArea reads an area in square metres with at most two decimals. An area
// is never negative.
func ParseArea(s string) (Area, error) {
	n, err := parse(s, 2, false, "面积", "89.75")
	return Area(n), err
}

// ParsePoints reads points with at most four decimals, possibly negative.
func ParsePoints(s string) (Points, error) {
	n, err := parse(s, 4, true, "分值", "2.5")
	return Points(n), err
}

// String returns the amount in plain yuan, such as "1234.50".
func (f Fen) String() string { return plain(int64(f), 2) }

// Format returns the amount with thousands separators, such as "1,234.50".
func (f Fen) Format() string { return group(f.String()) }

// String returns the area in plain square metres, such as "89.75".
func (a Area) String() string { return plain(int64(a), 2) }

// Format returns the area with thousands separators.
func (a Area) Format() string { return group(a.String()) }

// String returns the points without trailing zeros, such as "2.5" or "-10".
func (p Points) String() string {
	return strings.TrimSuffix(strings.TrimRight(plain(int64(p), 4), "0"), ".")
}

// Format returns the points with thousands separators.
func (p Points) Format() string { return group(p.String()) }

// Round rounds the points to a number of decimals from 0 to 4. Points too
// near the limit of the type to be rounded away from zero are left as they are.
func (p Points) Round(places int, mode Mode) Points {
	unit := int64(1)
	for range 4 - min(max(places, 0), 4) {
		unit *= 10
	}
	n, err := MulDiv(int64(p), 1, unit, mode)
	if err != nil || n > math.MaxInt64/unit || n < math.MinInt64/unit {
		return p
	}
	return Points(n * unit)
}

// parse reads a decimal of at most places decimals into its smallest unit.
func parse(s string, places int, signed bool, what, example string) (int64, error) {
	refuse := func() (int64, error) {
		return 0, fault.New(fault.Invalid, "money.format",
			"%s格式不对，应为数字，最多%d位小数，例如%s。", what, places, example)
	}
	digits, negative := strings.CutPrefix(s, "-")
	if negative && !signed {
		return 0, fault.New(fault.Invalid, "money.negative", "%s不能为负数。", what)
	}
	whole, frac, dotted := strings.Cut(digits, ".")
	if whole == "" || len(whole) > 1 && whole[0] == '0' || dotted && frac == "" || len(frac) > places {
		return refuse()
	}
	all := whole + frac + strings.Repeat("0", places-len(frac))
	for i := range len(all) {
		if all[i] < '0' || all[i] > '9' {
			return refuse()
		}
	}
	if negative {
		all = "-" + all
	}
	n, err := strconv.ParseInt(all, 10, 64)
	if err != nil {
		return 0, fault.New(fault.Invalid, "money.range", "%s超出可以记录的范围。", what)
	}
	return n, nil
}

// plain writes n units as a decimal with exactly places decimals.
func plain(n int64, places int) string {
	sign, u := "", uint64(n)
	if n < 0 {
		sign, u = "-", -uint64(n)
	}
	s := strconv.FormatUint(u, 10)
	if pad := places + 1 - len(s); pad > 0 {
		s = strings.Repeat("0", pad) + s
	}
	return sign + s[:len(s)-places] + "." + s[len(s)-places:]
}

// group puts a comma before each group of three digits of the whole part.
func group(s string) string {
	sign := ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		sign, s = "-", rest
	}
	whole, frac, dotted := strings.Cut(s, ".")
	var b strings.Builder
	b.Grow(len(s) + len(s)/3 + 1)
	b.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	if dotted {
		b.WriteByte('.')
		b.WriteString(frac)
	}
	return b.String()
}
