package money

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"juli/internal/fault"
)

// A Mode says how a number between two units is rounded. Negative numbers are
// rounded like their absolute value, so that a refund mirrors its payment.
type Mode int

// The modes. Bills round HalfUp, once, at the level the price rule names.
const (
	HalfUp   Mode = iota // 四舍五入: a half goes away from zero
	HalfEven             // 四舍六入五成双 (GB/T 8170): a half goes to the even neighbour
	Down                 // 舍去: towards zero
	Up                   // 进一: away from zero
)

// MulDiv returns a×b÷c, computed in 128 bits and rounded once.
func MulDiv(a, b, c int64, mode Mode) (int64, error) {
	if c == 0 {
		return 0, fault.New(fault.Invalid, "money.zero-divisor", "除数不能为零。")
	}
	negative := (a < 0) != (b < 0) != (c < 0)
	d := abs(c)
	hi, lo := bits.Mul64(abs(a), abs(b))
	if hi >= d {
		return 0, tooLarge()
	}
	q, r := bits.Div64(hi, lo, d)
	if roundsUp(mode, q, r, d) {
		if q == math.MaxUint64 {
			return 0, tooLarge()
		}
		q++
	}
	switch {
	case q <= math.MaxInt64 && negative:
		return -int64(q), nil
	case q <= math.MaxInt64:
		return int64(q), nil
	case negative && q == 1<<63:
		return math.MinInt64, nil
	}
	return 0, tooLarge()
}

// roundsUp tells whether quotient q with remainder r of divisor d goes one up.
func roundsUp(mode Mode, q, r, d uint64) bool {
	if r == 0 {
		return false
	}
	half := cmp.Compare(r, d-r) // r against d/2, without overflow
	switch mode {
	case Down:
		return false
	case Up:
		return true
	case HalfEven:
		return half > 0 || half == 0 && q%2 == 1
	default:
		return half >= 0
	}
}

// Split shares total out in proportion to the weights by the largest remainder:
// the shares always add up to total, none is further than one unit from its
// exact value, and a weight of zero gets nothing. Shares follow the weights, not
// their order: equal remainders go to the larger weight; only among equal
// weights does the earlier one get the odd unit, so callers list theirs by id.
//
// It returns nil when there is nobody to share: no positive weight, a negative
// one, or weights whose sum is out of range.
func Split(total int64, weights []int64) []int64 {
	var sum int64
	for _, w := range weights {
		if w < 0 || w > math.MaxInt64-sum {
			return nil
		}
		sum += w
	}
	if sum == 0 {
		return nil
	}
	whole := abs(total)
	shares := make([]int64, len(weights))
	rests := make([]uint64, len(weights))
	left := whole
	for i, w := range weights {
		hi, lo := bits.Mul64(whole, uint64(w))
		q, r := bits.Div64(hi, lo, uint64(sum)) // w ≤ sum, so q ≤ whole
		shares[i], rests[i] = int64(q), r
		left -= q
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(rests[b], rests[a]), cmp.Compare(weights[b], weights[a]))
	})
	for _, i := range order[:left] {
		shares[i]++
	}
	if total < 0 {
		for i := range shares {
			shares[i] = -shares[i]
		}
	}
	return shares
}

func abs(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func tooLarge() error {
	return fault.New(fault.Invalid, "money.range", "计算结果超出可以记录的范围。")
}
