package money_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"juli/internal/fault"
	"juli/internal/money"
)

// MON-1, INP-10: amounts are read exactly or not at all.
func TestParse(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want money.Fen
		rule string
	}{
		{"0", 0, ""},
		{"1234.5", 123450, ""},
		{"1234.50", 123450, ""},
		{"-0.01", -1, ""},
		{"92233720368547758.07", math.MaxInt64, ""},
		{"-92233720368547758.08", math.MinInt64, ""},
		{"92233720368547758.08", 0, "money.range"},
		{"", 0, "money.format"},
		{"-", 0, "money.format"},
		{".5", 0, "money.format"},
		{"5.", 0, "money.format"},
		{"01", 0, "money.format"},
		{"1.234", 0, "money.format"},
		{"1e9", 0, "money.format"},
		{"NaN", 0, "money.format"},
		{"+1", 0, "money.format"},
		{"1,234", 0, "money.format"},
		{"１２", 0, "money.format"},
		{" 1", 0, "money.format"},
		{"0x10", 0, "money.format"},
		{"1_0", 0, "money.format"},
		{"--1", 0, "money.format"},
		{"1.-1", 0, "money.format"},
	} {
		got, err := money.ParseFen(tt.in)
		if tt.rule == "" && (err != nil || got != tt.want) {
			t.Errorf("ParseFen(%q) = %d, %v, want %d", tt.in, got, err, tt.want)
		}
		if tt.rule != "" && !fault.Is(err, tt.rule) {
			t.Errorf("ParseFen(%q) = %d, %v, want rule %s", tt.in, got, err, tt.rule)
		}
	}
	if _, err := money.ParseArea("-1"); !fault.Is(err, "money.negative") {
		t.Errorf("a negative area: %v", err)
	}
	if got, err := money.ParsePoints("-2.0625"); got != -20625 || err != nil {
		t.Errorf("ParsePoints = %d, %v", got, err)
	}
}

func TestWrittenForms(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{money.Fen(123450).String(), "1234.50"},
		{money.Fen(123450).Format(), "1,234.50"},
		{money.Fen(-5).String(), "-0.05"},
		{money.Fen(-123456789).Format(), "-1,234,567.89"},
		{money.Fen(99999).Format(), "999.99"},
		{money.Fen(math.MinInt64).String(), "-92233720368547758.08"},
		{money.Area(8975).String(), "89.75"},
		{money.Points(25000).String(), "2.5"},
		{money.Points(-100000).String(), "-10"},
		{money.Points(0).String(), "0"},
		{money.Points(12_345_678_0000).Format(), "12,345,678"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestRounding(t *testing.T) {
	for _, tt := range []struct {
		a, b, c                    int64
		halfUp, halfEven, down, up int64
	}{
		{25, 1, 10, 3, 2, 2, 3},
		{35, 1, 10, 4, 4, 3, 4},
		{-25, 1, 10, -3, -2, -2, -3},
		{24, 1, 10, 2, 2, 2, 3},
		{26, 1, -10, -3, -3, -2, -3},
		{20, 1, 10, 2, 2, 2, 2},
		{math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64},
		{math.MinInt64, 1, 1, math.MinInt64, math.MinInt64, math.MinInt64, math.MinInt64},
	} {
		for mode, want := range map[money.Mode]int64{
			money.HalfUp: tt.halfUp, money.HalfEven: tt.halfEven, money.Down: tt.down, money.Up: tt.up,
		} {
			if got, err := money.MulDiv(tt.a, tt.b, tt.c, mode); got != want || err != nil {
				t.Errorf("%d×%d÷%d in mode %d = %d, %v, want %d", tt.a, tt.b, tt.c, mode, got, err, want)
			}
		}
	}
	if _, err := money.MulDiv(1, 1, 0, money.Down); !fault.Is(err, "money.zero-divisor") {
		t.Errorf("division by zero: %v", err)
	}
	for _, n := range [][3]int64{{math.MinInt64, -1, 1}, {math.MaxInt64, 2, 1}, {math.MaxInt64, math.MaxInt64, 1}} {
		if _, err := money.MulDiv(n[0], n[1], n[2], money.HalfUp); !fault.Is(err, "money.range") {
			t.Errorf("overflow of %v: %v", n, err)
		}
	}
	if got := money.Points(12345).Round(2, money.HalfUp); got != 12300 {
		t.Errorf("1.2345 to two places = %v", got)
	}
	if got := money.Points(-12350).Round(1, money.HalfUp); got != -12000 {
		t.Errorf("-1.2350 to one place = %v", got)
	}
	if got := money.Points(5000).Round(0, money.HalfUp); got != money.Point {
		t.Errorf("0.5 to whole points = %v", got)
	}
}

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		name    string
		total   int64
		weights []int64
		want    []int64
	}{
		{"thirds", 100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		{"the largest remainder first", 10, []int64{6, 5, 2}, []int64{5, 4, 1}},
		{"a zero weight gets nothing", 7, []int64{0, 1, 0}, []int64{0, 7, 0}},
		{"a refund mirrors its payment", -100, []int64{1, 1, 1}, []int64{-34, -33, -33}},
		{"nobody", 100, []int64{0, 0}, nil},
		{"a negative weight", 100, []int64{1, -1}, nil},
		{"the largest total", math.MaxInt64, []int64{1, 1}, []int64{math.MaxInt64/2 + 1, math.MaxInt64 / 2}},
		{"the smallest total", math.MinInt64, []int64{1}, []int64{math.MinInt64}},
		{"weights out of range", 1, []int64{math.MaxInt64, 1}, nil},
	} {
		if got := money.Split(tt.total, tt.weights); !slices.Equal(got, tt.want) {
			t.Errorf("%s: Split = %v, want %v", tt.name, got, tt.want)
		}
	}
}

// MON-2: the shares do not depend on the order in which owners are listed.
func TestSplitIgnoresOrder(t *testing.T) {
	weights := []int64{8975, 12040, 6033, 8975, 4410, 12040, 0, 9999}
	byWeight := func(ws []int64) map[int64][]int64 {
		m := map[int64][]int64{}
		for i, share := range money.Split(1_234_567, ws) {
			m[ws[i]] = append(m[ws[i]], share)
		}
		for _, shares := range m {
			slices.Sort(shares)
		}
		return m
	}
	want := byWeight(weights)
	for i := range weights {
		turned := slices.Concat(weights[i:], weights[:i])
		slices.Reverse(turned)
		for w, shares := range byWeight(turned) {
			if !slices.Equal(shares, want[w]) {
				t.Errorf("turned by %d: weight %d gets %v, want %v", i, w, shares, want[w])
			}
		}
	}
}

// FuzzSplit checks the one promise an auditor cares about: not a fen is lost.
func FuzzSplit(f *testing.F) {
	f.Add(int64(100), int64(1), int64(1), int64(1))
	f.Add(int64(-7), int64(0), int64(3), int64(1<<60))
	f.Fuzz(func(t *testing.T, total, a, b, c int64) {
		weights := []int64{a, b, c}
		shares := money.Split(total, weights)
		if shares == nil {
			return
		}
		sum, exact, all := new(big.Int), new(big.Int), new(big.Int)
		for _, w := range weights {
			all.Add(all, big.NewInt(w))
		}
		for i, share := range shares {
			sum.Add(sum, big.NewInt(share))
			exact.Mul(big.NewInt(total), big.NewInt(weights[i]))
			off := new(big.Int).Mul(big.NewInt(share), all)
			if off.Sub(off, exact).CmpAbs(all) >= 0 {
				t.Errorf("share %d of %v is a unit or more away from exact", i, shares)
			}
		}
		if sum.Cmp(big.NewInt(total)) != 0 {
			t.Errorf("Split(%d, %v) adds up to %v", total, weights, sum)
		}
	})
}

// FuzzMulDiv compares with big.Int.
func FuzzMulDiv(f *testing.F) {
	f.Add(int64(25), int64(1), int64(10), uint8(1))
	f.Fuzz(func(t *testing.T, a, b, c int64, m uint8) {
		mode := money.Mode(m % 4)
		got, err := money.MulDiv(a, b, c, mode)
		if c == 0 {
			if err == nil {
				t.Error("division by zero passes")
			}
			return
		}
		product := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
		q, r := new(big.Int).QuoRem(product, big.NewInt(c), new(big.Int))
		step := int64(product.Sign() * big.NewInt(c).Sign())
		half := new(big.Int).Lsh(r, 1).CmpAbs(big.NewInt(c))
		up := mode == money.Up && r.Sign() != 0 ||
			mode == money.HalfUp && half >= 0 ||
			mode == money.HalfEven && (half > 0 || half == 0 && q.Bit(0) == 1)
		if up {
			q.Add(q, big.NewInt(step))
		}
		if q.IsInt64() != (err == nil) || err == nil && got != q.Int64() {
			t.Errorf("%d×%d÷%d in mode %d = %d, %v, want %v", a, b, c, mode, got, err, q)
		}
	})
}

// FuzzParse checks that what is read is written back, and nothing panics.
func FuzzParse(f *testing.F) {
	f.Add("1234.50")
	f.Add("-0.01")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := money.ParseFen(s)
		if err != nil {
			return
		}
		again, err := money.ParseFen(n.String())
		if err != nil || again != n {
			t.Errorf("%q read as %d, written as %q, read again as %d, %v", s, n, n, again, err)
		}
		n.Format()
	})
}
